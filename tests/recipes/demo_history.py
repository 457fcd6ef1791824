"""Builds the demo's repository from its embedded history, byte for byte.

Usage: demo_history.py ASSETS TARGET [--until-scan | --worktree] [--record]

Only plain git objects are made: files of mode 100644, one author and committer, times in UTC,
messages as they stand in history.json. So every tool that writes the same history gets the same
ids, and the ids in history.json are checked (or, with --record, written).
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys


def git(target, *arguments, **extra):
    """Runs git without anybody's configuration and returns what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, **extra}
    return subprocess.run(
        ["git", "-C", str(target), *arguments], check=True, capture_output=True, text=True, env=environment
    ).stdout.strip()


def apply(change, assets, target):
    """Writes and removes the files of one step."""
    for path in change["removed"]:
        (target / path).unlink()
    for path, asset in change["files"].items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((assets / asset).read_bytes())


def commit(step, history, target):
    """Commits the whole tree as `step` says and returns the new id."""
    author = history["author"]
    when = f"{step['time_unix']} {history['utc_offset']}"
    who = {}
    for role in ("AUTHOR", "COMMITTER"):
        who |= {f"GIT_{role}_NAME": author["name"], f"GIT_{role}_EMAIL": author["email"], f"GIT_{role}_DATE": when}
    git(target, "add", "--all", "--force")
    git(target, "commit", "--quiet", "--cleanup=verbatim", "--no-gpg-sign", "--message", step["message"], **who)
    modes = {line.split()[0] for line in git(target, "ls-tree", "-r", "HEAD").splitlines()}
    if modes != {history["file_mode"]}:
        sys.exit(f"files have modes {modes}, history.json says {history['file_mode']}")
    return git(target, "rev-parse", "HEAD")


def main():
    """Builds, checks or records."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("assets", type=pathlib.Path)
    arguments.add_argument("target", type=pathlib.Path)
    arguments.add_argument("--until-scan", action="store_true", help="stop at the scanned commit")
    arguments.add_argument("--worktree", action="store_true", help="add the uncommitted change at the end")
    arguments.add_argument("--record", action="store_true", help="write the ids into history.json")
    given = arguments.parse_args()

    manifest = given.assets / "history.json"
    history = json.loads(manifest.read_text(encoding="utf-8"))
    given.target.mkdir(parents=True)
    git(given.target, "init", "--quiet", "--object-format=sha1", f"--initial-branch={history['branch']}")
    git(given.target, "config", "core.autocrlf", "false")
    git(given.target, "config", "core.fileMode", "false")
    for step in history["commits"]:
        apply(step, given.assets, given.target)
        made = commit(step, history, given.target)
        if given.record:
            step["id"] = made
        elif step["id"] != made:
            title = step["message"].splitlines()[0]
            sys.exit(f'"{title}" became {made}, history.json says {step["id"]}: record anew with --record')
        if step["scanned"] and given.until_scan:
            break
    if given.worktree:
        apply(history["worktree"], given.assets, given.target)
    if given.record:
        manifest.write_text(json.dumps(history, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
