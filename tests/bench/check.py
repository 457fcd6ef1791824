#!/usr/bin/env python3
"""`check --staged` on five files with 20,000 cached findings, beside scanners of the same five files in one run.

  tests/bench/check.py [--binary target/release/aspm-lsp] [--ruff PATH] [--bandit PATH] [--semgrep PATH] [--runs 20]

A tool that is not given is left out. Scanners look for flaws and the gate judges those that are known, so the figures
are of what a developer waits for at a commit, not of the same work.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

FILES, FINDINGS_EACH, STAGED = 1000, 20, 5


def make(root):
    def git(*arguments):
        who = ["-c", "user.name=Bench", "-c", "user.email=bench@shop.example"]
        return subprocess.run(["git", *who, "-C", root, *arguments], check=True, capture_output=True, text=True).stdout

    git("init", "--quiet", "--initial-branch=main")
    (root / ".git/info/exclude").write_text(".aspm/\n")
    results, paths = [], []
    for number in range(FILES):
        path = root / f"pkg{number % 20}" / f"m{number}.py"
        path.parent.mkdir(exist_ok=True)
        functions = [f'def f{i}(x):\n    y = os.system("run {number} {i} %s" % x)\n    return y\n\n' for i in range(40)]
        path.write_text("import os\n" + "".join(functions))
        paths.append(path)
        for i in range(FINDINGS_EACH):
            region = {"startLine": 3 + i * 4, "startColumn": 9, "endColumn": 40}
            place = {"artifactLocation": {"uri": str(path.relative_to(root))}, "region": region}
            results.append({"ruleId": "B605", "level": "error", "message": {"text": "Starting a process with a shell"},
                            "locations": [{"physicalLocation": place}]})
    git("add", "--all")
    git("commit", "--quiet", "--message", "start")
    scanned = [{"repositoryUri": "https://git.example/shop", "revisionId": git("rev-parse", "HEAD").strip()}]
    run = {"tool": {"driver": {"name": "Bandit"}}, "versionControlProvenance": scanned, "results": results}
    (root / ".aspm").mkdir()
    (root / ".aspm/scan.sarif").write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    staged = paths[:STAGED]
    for path in staged:
        path.write_text(path.read_text().replace("import os\n", "import os\nimport sys\n\n", 1))
    git("add", "--all")
    return staged


def median(command, cwd, env, runs):
    took = []
    for _ in range(runs):
        begun = time.perf_counter()
        subprocess.run(command, cwd=cwd, env=env, capture_output=True, check=False)
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/aspm-lsp")
    for tool in ("ruff", "bandit", "semgrep"):
        parser.add_argument(f"--{tool}")
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    with tempfile.TemporaryDirectory(prefix="aspm-bench-") as folder:
        base = pathlib.Path(folder)
        root = base / "shop"
        root.mkdir()
        staged = [str(path) for path in make(root)]
        env = dict(os.environ, HOME=folder, ASPM_CACHE_DIR=str(base / "cache"), XDG_CONFIG_HOME=str(base / "config"))
        first = median([binary, "check", "--staged"], root, env, 1)
        print(f"first run, the log is read         ms {first:8.1f}")
        ours = median([binary, "check", "--staged"], root, env, options.runs)
        print(f"check --staged                     ms {ours:8.1f}")
        others = {
            "ruff": [options.ruff, "check", "--select", "S", "--no-cache", *staged],
            "bandit": [options.bandit, "--quiet", *staged],
            "semgrep": [options.semgrep, "scan", "--quiet", "--metrics=off", "--lang=python", "-e", "os.system(...)", *staged],
        }
        for name, command in others.items():
            if command[0]:
                theirs = median(command, root, env, 3 if name == "semgrep" else options.runs)
                print(f"{name:<34} ms {theirs:8.1f}   ours / theirs {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
