"""How the API writes things, and lists: filters, order, pages."""

import json
import re
from urllib.parse import urlencode

# Orders that the API knows; any other is refused.
ORDERS = set("""active component_name component_version created cwe date duplicate dynamic_finding false_p found_by id
is_mitigated last_reviewed last_status_update numerical_severity out_of_scope planned_remediation_date reviewers severity
sla_expiration_date static_finding title under_defect_review under_review verified""".split())
FLAGS = {"active", "verified", "false_p", "duplicate", "out_of_scope", "risk_accepted", "is_mitigated", "under_review"}
DEFAULT_LIMIT = 25


class BadFilter(Exception):
    """Status 400 with this body."""

    def __init__(self, body):
        super().__init__(body)
        self.body = body


def finding(world, finding, related):
    """The text of a finding, remembered until it changes."""
    key = (finding["id"], related)
    text = world.rendered.get(key)
    if text is None:
        body = {name: value for name, value in finding.items() if not name.startswith("_")}
        body["accepted_risks"] = [
            acceptance for acceptance in world.acceptances.values() if finding["id"] in acceptance["accepted_findings"]
        ]
        body["related_fields"] = related_fields(world, finding) if related else None
        body["tags"] = sorted(finding["tags"])
        text = world.rendered[key] = json.dumps(body)
    return text


def related_fields(world, finding):
    test = world.tests[finding["test"]]
    engagement = world.engagements[test["engagement"]]
    product = world.products[engagement["product"]]
    return {
        "test": {
            "id": test["id"], "title": None, "test_type": {"id": test["test_type"], "name": test["test_type_name"]},
            "engagement": {
                "id": engagement["id"], "name": engagement["name"], "description": None,
                "product": {
                    "id": product["id"], "name": product["name"],
                    "prod_type": {"id": 1, "name": "Research and Development"},
                },
                "target_start": engagement["target_start"], "target_end": engagement["target_end"],
                "branch_tag": engagement["branch_tag"], "engagement_type": "CI/CD", "build_id": None,
                "commit_hash": engagement["commit_hash"], "version": None, "created": engagement["created"],
                "updated": engagement["updated"],
            },
            "environment": {"id": 1, "name": "Development"}, "branch_tag": test["branch_tag"], "build_id": "",
            "commit_hash": test["commit_hash"], "version": "",
        },
        "jira": None,
    }


def positive(text, default, least=1):
    """Bad numbers fall back silently."""
    try:
        value = int(text)
    except (TypeError, ValueError):
        return default
    return value if value >= least else default


def page(base, path, query, rows, write, tail=', "prefetch": {}'):
    """One page of `rows`; `write` gives the text of one."""
    limit, offset = positive(query.get("limit"), DEFAULT_LIMIT), positive(query.get("offset"), 0, 0)
    part = [write(row) for row in rows[offset:offset + limit]]

    def link(to):
        if to is None or to >= len(rows) and to > offset:
            return None
        asked = {**query, "limit": limit}
        asked.pop("offset", None)
        if to > 0:
            asked["offset"] = to
        return f"{base}{path}?{urlencode(sorted(asked.items()))}"

    following = link(offset + limit)
    before = link(max(offset - limit, 0)) if offset > 0 else None
    head = json.dumps({"count": len(rows), "next": following, "previous": before})[:-1]
    return f'{head}, "results": [{", ".join(part)}]{tail}}}'


def numbers(text, name):
    if not re.fullmatch(r"\s*\d+(\s*,\s*\d+)*\s*", text):
        raise BadFilter({name: ["Enter a number."], "message": "{}", "pro": ["Pro"]})
    return {int(number) for number in text.split(",")}


def findings(world, user, query):
    """Findings that match, in order. A parameter that is not known changes nothing."""
    order = query.get("o") or "numerical_severity"
    # What is paged through in a unique order is put in order once; a server of today has an index for it.
    is_unique = bool({"id", "-id"} & set(order.split(",")))
    key = (user["id"], tuple(sorted((name, value) for name, value in query.items() if name not in ("limit", "offset"))))
    if is_unique and key in world.lists:
        return world.lists[key]
    rows = [f for f in world.findings.values() if world.may_see(user, world.product_of(f))]

    def engagement(f):
        return world.tests[f["test"]]["engagement"]

    readers = {
        "id": lambda f: f["id"], "test": lambda f: f["test"], "test__engagement": engagement,
        "test__engagement__product": lambda f: world.engagements[engagement(f)]["product"],
    }
    for name, text in query.items():
        if name in readers and text:
            wanted = numbers(text, name)
            rows = [f for f in rows if readers[name](f) in wanted]
        elif name in FLAGS and text.lower() in ("true", "false"):
            rows = [f for f in rows if f[name] == (text.lower() == "true")]
        elif name == "product_name" and text:
            rows = [f for f in rows if world.product_of(f)["name"] == text]
        elif name in ("file_path", "title", "vuln_id_from_tool", "component_name") and text:
            rows = [f for f in rows if text.lower() in (f[name] or "").lower()]
        elif name == "severity" and text:
            rows = [f for f in rows if f["severity"] == text]
    rows = ordered(rows, order, positive(query.get("offset"), 0, 0))
    if is_unique:
        world.lists[key] = rows
    return rows


def ordered(rows, order, offset):
    keys = [key for key in order.split(",") if key]
    if any(key.lstrip("-") not in ORDERS for key in keys):
        raise BadFilter({"o": ["Select a valid choice."], "message": "{}", "pro": ["Pro"]})
    # Equals come in another order each time, as a database may choose: what is not unique loses rows.
    rows = sorted(rows, key=lambda f: hash((f["id"] * 2654435761, offset))) if not {"id", "-id"} & set(keys) else list(rows)
    for key in reversed(keys):
        name, descending = key.lstrip("-"), key.startswith("-")
        # PostgreSQL counts nothing as larger than anything.
        rows.sort(key=lambda f: (f[name] is None, "" if f[name] is None else f[name])
                  if not isinstance(f[name], list) else (False, str(f[name])), reverse=descending)
    return rows
