#!/usr/bin/env python3
"""The repository that the clients open: tests/clients/shop.py FOLDER (which must not exist).

It was scanned at its first commit and has two more lines now. `read` has a finding with a fix, `run` one without.
"""

import json
import os
import pathlib
import subprocess
import sys

SCANNED = '''import subprocess
import yaml


def read(stream):
    return yaml.load(stream)


def run(name):
    return subprocess.call("ls " + name, shell=True)
'''
NOW = '"""A shop with names like \U0001F600."""\n\n' + SCANNED
FIX = "yaml.safe_load(stream)"


def place(text, needle):
    before = text[: text.index(needle)]
    line, column = before.count("\n") + 1, len(before.rsplit("\n", 1)[-1]) + 1
    return {"startLine": line, "startColumn": column, "endLine": line, "endColumn": column + len(needle)}


def result(rule, message, needle):
    region = {**place(SCANNED, needle), "snippet": {"text": needle}}
    location = {"physicalLocation": {"artifactLocation": {"uri": "app.py"}, "region": region}}
    return {"ruleId": rule, "level": "error", "message": {"text": message}, "locations": [location]}


def make(root):
    root = pathlib.Path(root)
    (root / ".aspm").mkdir(parents=True)

    def git(*args):
        who = ["-c", "user.name=Tester", "-c", "user.email=tester@example.invalid", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", "-C", root, *who, *args], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(text, words):
        (root / "app.py").write_text(text)
        git("add", "app.py")
        git("commit", "--quiet", "--message", words)
        return git("rev-parse", "HEAD")

    git("init", "--quiet", "--initial-branch=main")
    scanned = commit(SCANNED, "First version")
    commit(NOW, "Say what it is")
    load = result("B506", "Use of unsafe yaml load.", "yaml.load(stream)")
    replacement = {"deletedRegion": place(SCANNED, "yaml.load(stream)"), "insertedContent": {"text": FIX}}
    change = {"artifactLocation": {"uri": "app.py"}, "replacements": [replacement]}
    load["fixes"] = [{"description": {"text": "Load safely"}, "artifactChanges": [change]}]
    shell = result("B602", "subprocess call with shell=True.", 'subprocess.call("ls " + name, shell=True)')
    rules = [{"id": rule, "helpUri": f"https://bandit.example/{rule}.html",
              "properties": {"tags": ["security", f"external/cwe/cwe-{cwe}"], "security-severity": "8.1"}}
             for rule, cwe in (("B506", 20), ("B602", 78))]
    run = {
        "tool": {"driver": {"name": "Bandit", "version": "1.7.9", "rules": rules}},
        "invocations": [{"executionSuccessful": True, "endTimeUtc": "2026-01-05T08:00:00Z"}],
        "versionControlProvenance": [{"repositoryUri": "https://example.com/shop", "revisionId": scanned, "branch": "main"}],
        "results": [load, shell],
    }
    (root / ".aspm/bandit.sarif").write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    return root


def environment(base):
    """Folders of its own, and nothing of whoever runs the tests."""
    base = pathlib.Path(base)
    names = {"HOME": "home", "ASPM_CACHE_DIR": "cache", "ASPM_DATA_DIR": "data", "XDG_CONFIG_HOME": "config",
             "XDG_CACHE_HOME": "xdg-cache", "XDG_DATA_HOME": "xdg-data", "XDG_STATE_HOME": "state"}
    for name in names.values():
        (base / name).mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return {**kept, **{name: str(base / folder) for name, folder in names.items()}}


if __name__ == "__main__":
    make(sys.argv[1])
