"""Makes a scanner's SARIF the same on every machine, without touching what it found.

Usage: demo_sarif.py HISTORY_JSON SCANNED_FOLDER IN.sarif OUT.sarif

Absolute addresses of the scanned folder become relative, times become the scanned commit's, metrics
go, results are put in order of place, and each run says which commit it saw.
"""

import datetime
import json
import pathlib
import sys

REPOSITORY = "https://git.parcel-shop.example/parcel-shop.git"


def relative(value, base):
    """The same JSON with addresses under `base` made relative to it."""
    if isinstance(value, dict):
        return {key: relative(item, base) for key, item in value.items()}
    if isinstance(value, list):
        return [relative(item, base) for item in value]
    if isinstance(value, str) and value.startswith(base):
        return value.removeprefix(base)
    return value


def place(result):
    """What results are ordered by."""
    where = result["locations"][0]["physicalLocation"]
    region = where["region"]
    return where["artifactLocation"]["uri"], region["startLine"], region.get("startColumn", 0), result["ruleId"]


def settle(run, scanned):
    """Fixes one run to the scanned commit."""
    time = datetime.datetime.fromtimestamp(scanned["time_unix"], datetime.timezone.utc)
    for invocation in run.setdefault("invocations", [{"executionSuccessful": True}]):
        invocation["endTimeUtc"] = time.strftime("%Y-%m-%dT%H:%M:%SZ")
    run.get("properties", {}).pop("metrics", None)
    if run.get("properties") == {}:
        del run["properties"]
    run["versionControlProvenance"] = [
        {"repositoryUri": REPOSITORY, "revisionId": scanned["id"], "branch": "main"},
    ]
    run["results"].sort(key=place)


def main():
    """Reads, settles, writes; stops when a machine's path is left."""
    history_file, folder, source, target = map(pathlib.Path, sys.argv[1:])
    history = json.loads(history_file.read_text(encoding="utf-8"))
    scanned = next(step for step in history["commits"] if step["scanned"])
    base = folder.resolve().as_uri() + "/"
    log = relative(json.loads(source.read_text(encoding="utf-8")), base)
    for run in log["runs"]:
        settle(run, scanned)
    text = json.dumps(log, indent=1, ensure_ascii=False) + "\n"
    for leak in ("file://", str(folder.resolve())):
        if leak in text:
            sys.exit(f"{source}: still names {leak}")
    target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
