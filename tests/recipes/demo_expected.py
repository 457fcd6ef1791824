"""Holds expected.json, the human's judgement of where each finding is now, against the facts.

Usage: demo_expected.py ASSETS SCANNED FINAL FINAL_SCANS FIXED

- every result of the committed SARIF is judged exactly once, and nothing else is;
- each named line really holds the text that the judgement quotes;
- exact and moved keep the tokens of the finding's region, edited changes them;
- a second scan of the final tree reports every finding that is still there at the judged line, and
  none of those that are gone, with the same suppressions and the judged steps of data flow;
- where a tool's fix is judged, the tool itself made that line of it in FIXED, a copy of the final tree.
"""

import collections
import json
import pathlib
import re
import sys

LOGS = ("bandit.sarif", "eslint-security.sarif", "semgrep.sarif")


def read(path):
    """JSON from a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def results(folder):
    """Counts (log, rule, path, line) and keeps the region, suppression and flow lines of each."""
    found = collections.Counter()
    details = {}
    for log in LOGS:
        for run in read(folder / log)["runs"]:
            for result in run["results"]:
                where = result["locations"][0]["physicalLocation"]
                region = where["region"]
                key = (log, result["ruleId"], where["artifactLocation"]["uri"], region["startLine"])
                found[key] += 1
                details[key] = (region, bool(result.get("suppressions")), flow_lines(result))
    return found, details


def flow_lines(result):
    """The line of each step of a result's first data flow."""
    for flow in result.get("codeFlows", []):
        steps = flow["threadFlows"][0]["locations"]
        return [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps]
    return None


def lines(root, path):
    """A file's lines."""
    return (root / path).read_text(encoding="utf-8").splitlines()


def line(root, place):
    """One line of a file, or None behind its end."""
    return dict(enumerate(lines(root, place["path"]), start=1)).get(place["line"])


def tokens(root, path, start, end):
    """Words and signs of some lines; white space and a comma before a closing bracket do not count."""
    text = "\n".join(lines(root, path)[start - 1 : end])
    text = re.sub(r"\s*#\s*nosec.*", "", text)
    found = re.findall(r"\w+|[^\w\s]", text)
    return [sign for sign, after in zip(found, found[1:] + [""]) if not (sign == "," and after in ")]}")]


def is_silent(item):
    """The code stands and the tool would say nothing: a comment hides it, or it was fixed in place, which only the rule
    can know: without a scan the honest answer is "edited"."""
    return item["suppressed"] == "since" or item.get("fixed_in_place", False)


def judge(item, details, rescan, roots):
    """The complaints about one judged finding."""
    scanned_root, final_root, fixed_root = roots
    was, now = item["scanned"], item["now"]
    key = (item["scan"].removeprefix("scans/"), item["rule"], was["path"], was["line"])
    name = " ".join(map(str, key))
    if key not in details:
        return [f"{name}: no such result"]
    wrong = []
    region, suppressed, flow = details[key]
    if flow != was.get("flow_lines"):
        wrong.append(f"{name}: flows through lines {flow}, judged {was.get('flow_lines')}")
    if line(scanned_root, was) != was["text"]:
        wrong.append(f"{name}: the scanned line is not what is quoted")
    if suppressed != (item["suppressed"] == "at_scan"):
        wrong.append(f"{name}: suppressed {suppressed}, judged {item['suppressed']}")
    reported, again = rescan
    if item["state"] == "gone":
        if now is not None:
            wrong.append(f"{name}: gone has no place")
        return wrong
    if line(final_root, now) != now["text"]:
        wrong.append(f"{name}: the final line is not what is quoted")
    here = (key[0], item["rule"], now["path"], now["line"])
    if is_silent(item):
        end = now["end_line"]
        if here in reported:
            wrong.append(f"{name}: the tool still reports what is said to be suppressed or fixed")
    elif here not in reported:
        return [*wrong, f"{name}: a scan of the final tree does not report it at {now['path']}:{now['line']}"]
    else:
        end_region, still_suppressed, flow = again[here]
        end = end_region.get("endLine", now["line"])
        if end != now["end_line"]:
            wrong.append(f"{name}: ends at line {end}, judged {now['end_line']}")
        if still_suppressed != suppressed:
            wrong.append(f"{name}: suppressed {suppressed} at the scan, {still_suppressed} now")
        if flow != now.get("flow_lines"):
            wrong.append(f"{name}: now flows through lines {flow}, judged {now.get('flow_lines')}")
    if "fixed_text" in item and line(fixed_root, now) != item["fixed_text"]:
        wrong.append(f"{name}: the tool's own fix makes another line of it")
    same = tokens(scanned_root, was["path"], was["line"], region.get("endLine", was["line"])) == tokens(
        final_root, now["path"], now["line"], end
    )
    if same == (item["state"] == "edited"):
        wrong.append(f"{name}: {item['state']}, but the tokens are {'the same' if same else 'others'}")
    unmoved = (was["path"], was["line"]) == (now["path"], now["line"])
    if item["state"] != "edited" and unmoved != (item["state"] == "exact"):
        wrong.append(f"{name}: {item['state']}, but the place is {'the same' if unmoved else 'another'}")
    return wrong


def main():
    """Prints the tally, or every complaint."""
    assets, scanned_root, final_root, final_scans, fixed_root = map(pathlib.Path, sys.argv[1:])
    expected = read(assets / "expected.json")
    history = read(assets / "history.json")
    found, details = results(assets / "scans")
    rescan = results(final_scans)
    wrong = []
    if expected["commit"] != next(step["id"] for step in history["commits"] if step["scanned"]):
        wrong.append("expected.json is about another commit")
    judged = collections.Counter()
    for item in expected["findings"]:
        was = item["scanned"]
        judged[(item["scan"].removeprefix("scans/"), item["rule"], was["path"], was["line"])] += 1
        wrong += judge(item, details, rescan, (scanned_root, final_root, fixed_root))
    wrong += [f"not judged: {key}" for key in (found - judged)]
    wrong += [f"judged too often: {key}" for key in (judged - found)]
    alive = sum(item["state"] != "gone" and not is_silent(item) for item in expected["findings"])
    if alive != rescan[0].total():
        wrong.append(f"{alive} findings are judged to be there, a scan of the final tree has {rescan[0].total()}")
    if wrong:
        sys.exit("\n".join(wrong))
    tally = collections.Counter(item["state"] for item in expected["findings"])
    print(f"{judged.total()} findings: " + ", ".join(f"{count} {state}" for state, count in sorted(tally.items())))


if __name__ == "__main__":
    main()
