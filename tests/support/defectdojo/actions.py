"""What requests change, with the checks and the words of the real server."""

import json

from world import NUMERICAL

PRO = ["Pro comes with support."]
FLAGS = {"active", "verified", "false_p", "duplicate", "out_of_scope", "risk_accepted", "under_review", "is_mitigated"}


class Refused(Exception):
    """A status and a body."""

    def __init__(self, status, body):
        super().__init__(body)
        self.status, self.body = status, body


def invalid(field, text):
    details = {field: [text]}
    shown = f"{{'{field}': [ErrorDetail(string={text!r}, code='invalid')]}}"
    return Refused(400, {**details, "message": shown, "pro": PRO})


def author(user):
    return {name: user[name] for name in ("id", "username", "first_name", "last_name")}


def add_note(world, finding, user, entry, private=False, history=False, touch=True):
    now = world.now()
    number = world.number("note")
    past = [{"id": world.number("history"), "current_editor": author(user), "note_type": None, "data": entry, "time": now}]
    note = {
        "id": number, "author": author(user), "editor": None, "history": past if history else [], "note_type": None,
        "entry": entry, "date": now, "private": private, "edited": False, "edit_time": now,
    }
    finding["notes"].insert(0, note)
    if touch:
        finding.update(last_reviewed=now, last_reviewed_by=user["id"])
    world.changed(finding)
    return note


def check(world, finding, after, body):
    """The server looks at the finding as it would be, and names one thing."""
    if after["duplicate"] and (after["active"] or after["verified"]):
        raise invalid("non_field_errors", "Duplicate findings cannot be verified or active")
    if after["false_p"] and after["verified"]:
        raise invalid("non_field_errors", "False positive findings cannot be verified.")
    if body.get("risk_accepted") and not finding["risk_accepted"]:
        if not world.product_of(finding)["enable_simple_risk_acceptance"]:
            raise invalid("non_field_errors",
                          "Simple risk acceptance is disabled for this product, use the UI to accept this finding.")
    if after["risk_accepted"] and after["active"]:
        raise invalid("non_field_errors", "Active findings cannot be risk accepted.")


def patch(world, user, finding, body):
    if not isinstance(body, dict):
        raise Refused(400, {"non_field_errors": ["Invalid data. Expected a dictionary."], "message": "{}", "pro": PRO})
    for name in FLAGS & set(body):
        if not isinstance(body[name], bool):
            raise invalid(name, "Must be a valid boolean.")
    if "severity" in body and body["severity"] not in NUMERICAL:
        raise invalid("severity", f"Severity must be one of the following: {list(reversed(NUMERICAL))}")
    after = {**finding, **{name: value for name, value in body.items() if name in finding}}
    if body.get("active") and not finding["active"]:
        # Taking up a finding again forgets why it was put aside.
        for name in ("false_p", "out_of_scope", "is_mitigated"):
            after[name] = body.get(name, False)
    check(world, finding, after, body)
    was_accepted = finding["risk_accepted"]
    is_status = any(after[name] != finding[name] for name in FLAGS)
    finding.update({name: after[name] for name in FLAGS})
    finding.update({name: value for name, value in body.items() if name in finding and name not in ("id", "tags", "notes")})
    now = world.now()
    if is_status:
        finding["last_status_update"] = now
        if finding["false_p"] or finding["out_of_scope"]:
            finding["is_mitigated"] = True
        if finding["is_mitigated"] and not finding["mitigated"]:
            finding.update(mitigated=now, mitigated_by=user["id"])
        if not finding["is_mitigated"]:
            finding.update(mitigated=None, mitigated_by=None)
        name = f'{user["first_name"]} {user["last_name"]} ({user["username"]}) ({user["id"]})'
        if finding["risk_accepted"] and not was_accepted:
            add_note(world, finding, user, f"{name} has risk accepted this finding", touch=False)
        if was_accepted and not finding["risk_accepted"]:
            for acceptance in world.acceptances.values():
                acceptance["accepted_findings"] = [n for n in acceptance["accepted_findings"] if n != finding["id"]]
            add_note(world, finding, user, f"{name} removed a risk exception from this finding", touch=False)
    if "tags" in body:
        finding["tags"] = list(body["tags"])
    if "severity" in body:
        world.set_sla(finding)
    finding["updated"] = world.now()
    world.changed(finding)


def close(world, user, finding, body):
    now = world.now()
    if body.get("note"):
        add_note(world, finding, user, body["note"])
    finding.update(
        is_mitigated=bool(body.get("is_mitigated", True)), mitigated=now, mitigated_by=user["id"], active=False,
        false_p=bool(body.get("false_p")), out_of_scope=bool(body.get("out_of_scope")),
        duplicate=bool(body.get("duplicate")), last_status_update=now, updated=now, last_reviewed=now,
        last_reviewed_by=user["id"],
    )
    world.changed(finding)
    names = ("is_mitigated", "mitigated", "false_p", "out_of_scope", "duplicate", "mitigated_by")
    return {**{name: finding[name] for name in names}, "note_type": None}


def verify(world, user, finding, body):
    after = {**finding, "verified": True}
    check(world, finding, after, {})
    if body.get("note"):
        add_note(world, finding, user, body["note"])
    now = world.now()
    finding.update(verified=True, last_status_update=now, updated=now, last_reviewed=now, last_reviewed_by=user["id"])
    world.changed(finding)


def note(world, user, finding, body):
    entry = body.get("entry")
    if not isinstance(entry, str) or not entry.strip():
        raise invalid("entry", "This field may not be blank." if entry == "" else "This field is required.")
    add_note(world, finding, user, entry, bool(body.get("private")), history=True)
    return {"author": author(user), "editor": None, "entry": entry, "private": bool(body.get("private")), "edit_time": None}


def tag(world, finding, body):
    tags = body.get("tags")
    if not isinstance(tags, list) or not all(isinstance(name, str) and name for name in tags):
        raise invalid("tags", "This field is required.")
    finding["tags"] += [name for name in tags if name not in finding["tags"]]
    world.changed(finding)
    return {"tags": finding["tags"]}


def remove_tags(world, finding, body):
    for name in body.get("tags", []):
        if name not in finding["tags"]:
            raise Refused(400, {"error": f"'{name}' is not a valid tag in list"})
        finding["tags"].remove(name)
    world.changed(finding)


def accept_risk(world, user, body):
    missing = [name for name in ("accepted_findings", "name", "owner") if not body.get(name)]
    if missing:
        raise invalid(missing[0], "This field is required.")
    if len(body["name"]) > 300:
        raise invalid("name", "Ensure this field has no more than 300 characters.")
    findings = [world.findings.get(number) for number in body["accepted_findings"]]
    for number, finding in zip(body["accepted_findings"], findings):
        if finding is None or not world.may_see(user, world.product_of(finding)):
            raise invalid("accepted_findings", f'Invalid pk "{number}" - object does not exist.')
        if not world.product_of(finding)["enable_full_risk_acceptance"]:
            raise Refused(403, {"detail": "You do not have permission to perform this action."})
    now = world.now()
    number = world.number("acceptance")
    acceptance = world.acceptances[number] = {
        "id": number, "path": "No proof has been supplied", "name": body["name"],
        "recommendation": body.get("recommendation", "F"), "recommendation_details": body.get("recommendation_details"),
        "decision": body.get("decision", "A"), "decision_details": body.get("decision_details"),
        "accepted_by": body.get("accepted_by"), "expiration_date": body.get("expiration_date"),
        "expiration_date_warned": None, "expiration_date_handled": None,
        "reactivate_expired": body.get("reactivate_expired", True),
        "restart_sla_expired": body.get("restart_sla_expired", False), "created": now, "updated": world.now(),
        "owner": body["owner"], "accepted_findings": list(body["accepted_findings"]), "notes": [],
    }
    who = f'{user["first_name"]} {user["last_name"]} ({user["username"]}) ({user["id"]})'
    for finding in findings:
        when = world.now()
        finding.update(risk_accepted=True, active=False, verified=False, last_status_update=when, updated=when)
        add_note(world, finding, user, f'{who} added this finding to the risk acceptance: "{body["name"]}" ()', touch=False)
    return acceptance


def delete_acceptance(world, number):
    acceptance = world.acceptances.pop(number)
    for number in acceptance["accepted_findings"]:
        finding = world.findings[number]
        finding.update(risk_accepted=False, active=True, last_status_update=world.now())
        world.changed(finding)


def read(raw):
    try:
        return json.loads(raw or b"{}")
    except ValueError as error:
        raise Refused(400, {"detail": f"JSON parse error - {error}", "message": "{}", "pro": PRO}) from None
