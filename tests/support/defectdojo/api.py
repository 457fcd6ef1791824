"""The routes of the API: who asks, what for, and the answer."""

import json
import re
from urllib.parse import parse_qsl, urlsplit

import actions
import render
from actions import Refused

FINDING = re.compile(r"^/api/v2/findings/(\d+)/(?:([a-z_]+)/)?$")


def answer(world, base, method, target, headers, raw):
    """Status, body (text or None) and the row count for the time it takes."""
    parts = urlsplit(target)
    path, query = parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))
    try:
        if path == "/api/v2/api-token-auth/" and method == "POST":
            return 200, json.dumps(token(world, actions.read(raw))), 0
        if not path.startswith("/api/v2/"):
            return 404, None, 0
        user = who(world, headers)
        if method != "GET":
            world.lists.clear()
        return route(world, base, user, method, path, query, raw)
    except Refused as refused:
        return refused.status, json.dumps(refused.body), 0
    except render.BadFilter as bad:
        return 400, json.dumps(bad.body), 0


def token(world, body):
    for user in world.users.values():
        if user["username"] == body.get("username") and user["_password"] == body.get("password"):
            return {"token": user["_token"]}
    raise Refused(400, {"non_field_errors": ["Unable to log in with provided credentials."], "message": "{}", "pro": actions.PRO})


def who(world, headers):
    """Bad and missing tokens are 403, not 401; any scheme but `Token` counts as nothing."""
    scheme, _, secret = (headers.get("Authorization") or "").partition(" ")
    if scheme != "Token" or not secret:
        raise Refused(403, {"detail": "Authentication credentials were not provided."})
    for user in world.users.values():
        if user["_token"] == secret:
            if not user["is_active"]:
                raise Refused(403, {"detail": "User inactive or deleted."})
            return user
    raise Refused(403, {"detail": "Invalid token."})


def shown(user):
    return {name: value for name, value in user.items() if not name.startswith("_")}


def route(world, base, user, method, path, query, raw):
    if path == "/api/v2/user_profile/" and method == "GET":
        return 200, json.dumps({"user": shown(user), "user_contact_info": None}), 0
    if path == "/api/v2/findings/" and method == "GET":
        rows = render.findings(world, user, query)
        related = query.get("related_fields", "").lower() == "true"
        text = render.page(base, path, query, rows, lambda f: render.finding(world, f, related))
        return 200, text, render.positive(query.get("limit"), render.DEFAULT_LIMIT)
    match = FINDING.match(path)
    if match:
        return one(world, user, method, int(match[1]), match[2], query, raw)
    if path == "/api/v2/risk_acceptance/" and method == "POST":
        return 201, json.dumps(actions.accept_risk(world, user, actions.read(raw))), 0
    match = re.match(r"^/api/v2/risk_acceptance/(\d+)/$", path)
    if match and method == "DELETE" and int(match[1]) in world.acceptances:
        actions.delete_acceptance(world, int(match[1]))
        return 204, "", 0
    return lists(world, base, user, method, path, query)


def one(world, user, method, number, what, query, raw):
    finding = world.findings.get(number)
    if finding is None or not world.may_see(user, world.product_of(finding)):
        raise Refused(404, {"detail": "No Finding matches the given query."})
    if what is None and method == "GET":
        text = render.finding(world, finding, query.get("related_fields", "").lower() == "true")
        return 200, text[:-1] + ', "prefetch": {}}', 0
    if what is None and method == "PATCH":
        actions.patch(world, user, finding, actions.read(raw))
        body = json.loads(render.finding(world, finding, False))
        body.pop("push_to_jira")
        return 200, json.dumps(body), 0
    if what is None and method == "DELETE":
        world.delete_finding(number)
        return 204, "", 0
    if what == "notes" and method == "GET":
        return 200, json.dumps({"finding_id": number, "notes": finding["notes"]}), 0
    if what == "notes" and method == "POST":
        return 201, json.dumps(actions.note(world, user, finding, actions.read(raw))), 0
    if what == "tags" and method == "POST":
        return 200, json.dumps(actions.tag(world, finding, actions.read(raw))), 0
    if what == "tags" and method == "GET":
        return 200, json.dumps({"tags": finding["tags"]}), 0
    if what == "remove_tags" and method in ("PATCH", "PUT"):
        actions.remove_tags(world, finding, actions.read(raw))
        return 204, "", 0
    if what == "close" and method == "POST":
        return 200, json.dumps(actions.close(world, user, finding, actions.read(raw))), 0
    if what == "verify" and method == "POST":
        actions.verify(world, user, finding, actions.read(raw))
        return 200, render.finding(world, finding, False), 0
    raise Refused(405, {"detail": f'Method "{method}" not allowed.', "message": "{}", "pro": actions.PRO})


def lists(world, base, user, method, path, query):
    if method != "GET":
        raise Refused(405, {"detail": f'Method "{method}" not allowed.', "message": "{}", "pro": actions.PRO})
    mine = {number for number, product in world.products.items() if world.may_see(user, product)}
    engagements = [e for e in world.engagements.values() if e["product"] in mine]
    if path == "/api/v2/engagements/":
        if query.get("product"):
            engagements = [e for e in engagements if e["product"] in render.numbers(query["product"], "product")]
        rows = engagements
    elif path == "/api/v2/tests/":
        rows = [t for t in world.tests.values() if world.engagements[t["engagement"]]["product"] in mine]
        if query.get("engagement"):
            rows = [t for t in rows if t["engagement"] in render.numbers(query["engagement"], "engagement")]
    elif path == "/api/v2/products/":
        rows = [product(world, world.products[number]) for number in sorted(mine)]
        if query.get("name_exact"):
            rows = [row for row in rows if row["name"] == query["name_exact"]]
    elif path == "/api/v2/risk_acceptance/":
        rows = list(world.acceptances.values())
    else:
        match = re.match(r"^/api/v2/products/(\d+)/$", path)
        if match and int(match[1]) in mine:
            return 200, json.dumps({**product(world, world.products[int(match[1])]), "prefetch": {}}), 0
        raise Refused(404, {"detail": "Not found." if match is None else "No Product matches the given query."})
    # Engagements alone have nothing to prefetch.
    tail = {"tail": ""} if path == "/api/v2/engagements/" else {}
    return 200, render.page(base, path, query, rows, json.dumps, **tail), 0


def product(world, facts):
    """With the number of every finding, which is why nobody should ask for it."""
    found = [f["id"] for f in world.findings.values() if world.product_of(f) is facts]
    return {"id": facts["id"], "findings_count": len(found), "findings_list": found, **facts}
