"""What the server holds: users, products, engagements, tests, findings, risk acceptances, and its clock."""

import copy
import hashlib
from datetime import datetime, timedelta, timezone

ADMIN_TOKEN = "0123456789abcdef0123456789abcdef01234567"
DEV_TOKEN = "89abcdef0123456789abcdef0123456789abcdef"

DEFAULT_SEED = {
    "users": [
        {"username": "admin", "token": ADMIN_TOKEN, "password": "admin-password", "is_staff": True},
        {"username": "dev", "token": DEV_TOKEN, "password": "dev-password"},
    ],
    "products": [],
}

SLA_DAYS = {"Critical": 7, "High": 30, "Medium": 90, "Low": 120}
NUMERICAL = {"Critical": "S0", "High": "S1", "Medium": "S2", "Low": "S3", "Info": "S4"}

# Every field of a finding in the order of the API, with what an import leaves there.
BLANK = {
    "id": None, "mitigated": None, "mitigated_by": None, "request_response": {"req_resp": []}, "accepted_risks": [],
    "push_to_jira": False, "found_by": [], "age": 0, "sla_days_remaining": None, "finding_meta": [],
    "related_fields": None, "jira_creation": None, "jira_change": None, "display_status": "", "finding_groups": [],
    "vulnerability_ids": [], "cwes": [], "reporter": 1, "endpoints": [], "created": None, "updated": None,
    "title": "", "date": None, "sla_start_date": None, "sla_expiration_date": None, "cwe": 0, "epss_score": None,
    "epss_percentile": None, "known_exploited": False, "ransomware_used": False, "kev_date": None, "cvssv3": None,
    "cvssv3_score": None, "cvssv4": None, "cvssv4_score": None, "url": None, "severity": "Medium", "description": "",
    "mitigation": None, "fix_available": None, "fix_version": None, "impact": None, "steps_to_reproduce": None,
    "severity_justification": None, "references": None, "active": True, "verified": False, "false_p": False,
    "duplicate": False, "out_of_scope": False, "risk_accepted": False, "under_review": False,
    "last_status_update": None, "under_defect_review": False, "is_mitigated": False, "thread_id": 0,
    "numerical_severity": "S2", "last_reviewed": None, "param": None, "payload": None, "hash_code": None, "line": None,
    "file_path": None, "component_name": None, "component_version": None, "static_finding": True,
    "dynamic_finding": False, "scanner_confidence": None, "unique_id_from_tool": None, "vuln_id_from_tool": None,
    "sast_source_object": None, "sast_sink_object": None, "sast_source_line": None, "sast_source_file_path": None,
    "nb_occurences": None, "publish_date": None, "service": None, "planned_remediation_date": None,
    "planned_remediation_version": None, "effort_for_fixing": None, "test": None, "duplicate_finding": None,
    "review_requested_by": None, "defect_review_requested_by": None, "last_reviewed_by": None,
    "sonarqube_issue": None, "reviewers": [], "notes": [], "files": [], "tags": [],
}


class World:
    """All state. Whoever reads or changes it holds the server's lock."""

    def __init__(self, seed):
        # What the seed holds came that long ago.
        self.offset = -timedelta(seconds=seed.get("age_seconds", 0))
        self.date_skew = timedelta()
        self.last = datetime.min.replace(tzinfo=timezone.utc)
        self.numbers = {}
        self.users, self.products, self.engagements, self.tests = {}, {}, {}, {}
        self.findings, self.acceptances = {}, {}
        self.rendered = {}
        # Lists in order, by who asks for what; forgotten at every change.
        self.lists = {}
        for user in seed.get("users") or DEFAULT_SEED["users"]:
            self.add_user(user)
        for product in seed.get("products", []):
            self.add_product(product)
        self.offset = timedelta()

    def number(self, kind):
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return self.numbers[kind]

    def clock(self):
        return datetime.now(timezone.utc) + self.offset

    def now(self):
        """A time that was never given out before, as the API writes it."""
        self.last = max(self.clock(), self.last + timedelta(microseconds=1))
        return self.last.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def add_user(self, seed):
        number = self.number("user")
        staff = bool(seed.get("is_staff"))
        self.users[number] = {
            "id": number, "username": seed["username"], "first_name": seed.get("first_name", seed["username"].title()),
            "last_name": seed.get("last_name", "User"), "email": seed["username"] + "@localhost",
            "date_joined": self.now(), "last_login": None, "is_active": seed.get("is_active", True),
            "is_staff": staff, "is_superuser": staff, "token_last_reset": None, "password_last_reset": None,
            "configuration_permissions": [], "_token": seed.get("token"), "_password": seed.get("password"),
        }
        return number

    def add_product(self, seed):
        number = self.number("product")
        names = seed.get("authorized", "all")
        self.products[number] = {
            "id": number, "business_criticality": None, "platform": None, "lifecycle": None, "origin": None,
            "product_meta": [], "created": self.now(), "name": seed["name"], "description": seed["name"],
            "prod_numeric_grade": None, "user_records": None, "revenue": None, "external_audience": False,
            "internet_accessible": False, "enable_product_tag_inheritance": False,
            "enable_simple_risk_acceptance": seed.get("simple_risk_acceptance", False),
            "enable_full_risk_acceptance": seed.get("full_risk_acceptance", True),
            "disable_sla_breach_notifications": False, "product_manager": None, "technical_contact": None,
            "team_manager": None, "prod_type": 1, "sla_configuration": 1,
            "authorized_users": [u["id"] for u in self.users.values() if names == "all" or u["username"] in names],
            "regulations": [], "tags": [],
        }
        for engagement in seed.get("engagements", []):
            self.add_engagement(number, engagement)
        return number

    def add_engagement(self, product, seed):
        number = self.number("engagement")
        now = self.now()
        self.engagements[number] = {
            "id": number, "created": now, "updated": now, "name": seed.get("name", "main"), "description": None,
            "version": None, "first_contacted": None, "target_start": now[:10], "target_end": now[:10],
            "reason": None, "active": True, "tracker": None, "test_strategy": None, "threat_model": True,
            "api_test": True, "pen_test": True, "check_list": True, "status": "In Progress",
            "progress": "threat_model", "tmodel_path": "none", "done_testing": False, "engagement_type": "CI/CD",
            "build_id": None, "commit_hash": None, "branch_tag": None,
            "source_code_management_uri": seed.get("repository"), "deduplication_on_engagement": False, "lead": 1,
            "requester": None, "preset": None, "report_type": None, "product": product, "cicd_scm_server": None,
            "cicd_build_server": None, "cicd_orchestration_engine": None, "notes": [], "files": [],
            "risk_acceptance": [], "tags": [],
        }
        for test in seed.get("tests", []):
            self.add_test(number, test)
        return number

    def add_test(self, engagement, seed):
        number = self.number("test")
        now = self.now()
        kind = seed.get("type", "Bandit Scan")
        self.tests[number] = {
            "id": number, "test_type_name": kind, "deduplication_algorithm": "hash_code",
            "hash_code_fields": ["file_path", "line", "vuln_id_from_tool"], "scan_type": kind, "title": None,
            "description": None, "target_start": now, "target_end": now, "percent_complete": 100, "updated": now,
            "created": now, "version": "", "build_id": "", "commit_hash": seed.get("commit_hash", ""),
            "branch_tag": seed.get("branch_tag", ""), "engagement": engagement, "lead": None, "test_type": 238,
            "environment": 1, "api_scan_configuration": None, "notes": [], "files": [], "tags": [],
            "finding_groups": [],
        }
        for finding in seed.get("findings", []):
            self.add_finding(number, finding)
        for index in range(seed.get("generate", 0)):
            self.add_finding(number, generated(index))
        return number

    def add_finding(self, test, seed):
        number = seed.get("id") or self.number("finding")
        self.numbers["finding"] = max(self.numbers.get("finding", 0), number)
        now = self.now()
        finding = blank()
        finding.update({
            "id": number, "test": test, "created": now, "updated": now, "date": now[:10], "last_status_update": now,
            "last_reviewed": self.tests[test]["target_end"], "last_reviewed_by": 1,
            "found_by": [self.tests[test]["test_type"]],
        })
        finding.update(seed)
        finding["hash_code"] = seed.get("hash_code") or hash_code(finding)
        self.findings[number] = finding
        self.set_sla(finding)
        self.changed(finding)
        return number

    def set_sla(self, finding):
        finding["numerical_severity"] = NUMERICAL[finding["severity"]]
        days = SLA_DAYS.get(finding["severity"])
        start = datetime.fromisoformat(finding["date"])
        if "sla_expiration_date" not in finding.get("_given", ()):
            finding["sla_expiration_date"] = (start + timedelta(days=days)).date().isoformat() if days else None
        finding["sla_days_remaining"] = days

    def changed(self, finding):
        """Forgets how the finding was last written; moves no time that the API orders by."""
        finding["display_status"] = display_status(finding)
        self.lists.clear()
        for variant in (False, True):
            self.rendered.pop((finding["id"], variant), None)

    def delete_finding(self, number):
        finding = self.findings.pop(number, None)
        self.lists.clear()
        if finding:
            self.changed(finding)
        for acceptance in self.acceptances.values():
            acceptance["accepted_findings"] = [n for n in acceptance["accepted_findings"] if n != number]
        return finding

    def product_of(self, finding):
        return self.products[self.engagements[self.tests[finding["test"]]["engagement"]]["product"]]

    def may_see(self, user, product):
        return user["is_superuser"] or user["id"] in product["authorized_users"]

    def reimport(self, number, rows, commit_hash=None, close_old=True):
        """What `/reimport-scan/` does: equal hashes stay or come back, new ones are new, missing ones are closed."""
        test = self.tests[number]
        now = self.now()
        test.update(target_end=now, updated=now)
        if commit_hash is not None:
            test["commit_hash"] = commit_hash
        old = {f["hash_code"]: f for f in self.findings.values() if f["test"] == number}
        result = {"created": [], "closed": [], "reactivated": [], "untouched": []}
        seen = set()
        for row in rows:
            code = row.get("hash_code") or hash_code(row)
            seen.add(code)
            known = old.get(code)
            if known is None:
                result["created"].append(self.add_finding(number, row))
            elif known["is_mitigated"] and not (known["false_p"] or known["out_of_scope"] or known["risk_accepted"]):
                known.update(is_mitigated=False, mitigated=None, mitigated_by=None, active=True,
                             last_status_update=self.now())
                self.changed(known)
                result["reactivated"].append(known["id"])
            else:
                result["untouched"].append(known["id"])
        for code, finding in old.items():
            if close_old and code not in seen and not finding["is_mitigated"]:
                when = self.now()
                finding.update(is_mitigated=True, mitigated=when, mitigated_by=1, active=False,
                               last_status_update=when, updated=when)
                self.changed(finding)
                result["closed"].append(finding["id"])
        return result


def blank():
    """A finding of its own: there may be hundreds of thousands, so only what can be changed is copied."""
    return {name: copy.deepcopy(value) if isinstance(value, (dict, list)) and value else
            type(value)() if isinstance(value, (dict, list)) else value for name, value in BLANK.items()}


def hash_code(finding):
    """Bandit's: the line is in it, so a shifted finding is another one."""
    parts = [finding.get("file_path"), finding.get("line"), finding.get("vuln_id_from_tool"), finding.get("title")]
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def display_status(finding):
    words = ["Active" if finding["active"] else "Inactive"]
    for flag, word in (
        ("verified", "Verified"), ("is_mitigated", "Mitigated"), ("false_p", "False Positive"),
        ("out_of_scope", "Out Of Scope"), ("duplicate", "Duplicate"), ("risk_accepted", "Risk Accepted"),
    ):
        if finding[flag]:
            words.append(word)
    return ", ".join(words)


def generated(index):
    """One of many findings that differ as real ones do."""
    line = 10 + index % 400
    return {
        "title": "Use of eval.", "vuln_id_from_tool": f"eval:B{300 + index % 60}", "line": line,
        "severity": ("Low", "Medium", "High", "Info", "Critical")[index % 5], "cwe": 95,
        "file_path": f"./services/svc{index % 97:02}/module{index // 400:03}.py", "scanner_confidence": 2,
        "description": f"**Test ID:** `B{300 + index % 60}`\n**Filename:** `x.py`\n**Line number:** `{line}`\n**Code:**\n"
                       f"```\n{line - 1} def handler_{index}(request):\n{line}     return eval(request.args['q{index}'])\n"
                       f"{line + 1} \n\n```",
        "references": "https://bandit.readthedocs.io/en/1.9.4/", "tags": ["ci", "sast"],
    }
