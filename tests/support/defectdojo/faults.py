"""Faults on demand, and changes that happen in the middle of somebody's reading."""

import re

import actions

KINDS = {
    "cut_before", "cut_after", "cut_body", "status", "drip", "garbage", "truncate", "redirect", "wrong_types", "huge",
    "delay", "change",
}


class Faults:
    """What is to go wrong: each fault applies to requests `METHOD /path?query` that match, after `skip` of them, to
    `times` of them (0: for good)."""

    def __init__(self):
        self.waiting = []

    def add(self, fault):
        if fault.get("do") not in KINDS:
            raise ValueError(f"unknown fault {fault.get('do')!r}; known: {sorted(KINDS)}")
        re.compile(fault.get("match", ""))
        self.waiting.append({"match": "", "times": 1, "skip": 0, **fault, "used": 0, "passed": 0})

    def of(self, line):
        """The faults that apply to this request, in the order they were added."""
        found = []
        for fault in self.waiting:
            if not re.search(fault["match"], line):
                continue
            if fault["passed"] < fault["skip"]:
                fault["passed"] += 1
            elif not fault["times"] or fault["used"] < fault["times"]:
                fault["used"] += 1
                found.append(fault)
        return found


def change(world, what):
    """One change by somebody else: `{"create": {"test": 1, ...}}`, `{"patch": 3, "body": {...}}`, `{"set": 3, "fields":
    {...}}` (moves no time), `{"touch": 3, "fields": {...}}` (moves the status time), `{"delete": 3}`, `{"note": 3, "entry":
    "..."}`, `{"close": 3}`, `{"reimport": 1, "rows": [...]}`, `{"advance": seconds}`, `{"date_skew": seconds}`."""
    from datetime import timedelta

    world.lists.clear()
    user = world.users[what.get("as", 1)]
    if "create" in what:
        seed = dict(what["create"])
        return world.add_finding(seed.pop("test", 1), seed)
    if "reimport" in what:
        return world.reimport(what["reimport"], what["rows"], what.get("commit_hash"), what.get("close_old", True))
    if "advance" in what:
        world.offset += timedelta(seconds=what["advance"])
        return None
    if "date_skew" in what:
        world.date_skew = timedelta(seconds=what["date_skew"])
        return None
    if "product" in what:
        world.products[what["product"]].update(what["fields"])
        return None
    if "user" in what:
        world.users[what["user"]].update(what["fields"])
        return None
    name = next(name for name in ("patch", "set", "touch", "delete", "note", "close") if name in what)
    if name == "delete":
        return world.delete_finding(what["delete"]) is not None
    finding = world.findings[what[name]]
    if name == "patch":
        actions.patch(world, user, finding, what["body"])
    elif name == "set":
        finding.update(what["fields"])
    elif name == "touch":
        finding.update(what["fields"], last_status_update=world.now())
    elif name == "note":
        actions.note(world, user, finding, what)
    else:
        actions.close(world, user, finding, {"is_mitigated": True})
    world.changed(finding)
    return finding["id"]
