#!/usr/bin/env python3
"""Data flows, measured: what their steps add to typing and to opening a file.

  flows.py [--binary target/release/aspm-lsp] [--findings 50] [--steps 6] [--edits 200]

A repository of twelve files of 1,000 lines. One has the findings, each with a data flow that comes through the others.
The same edits are typed twice by the same client in one run: with the flows in the log, and without. Prints the times
from opening and from an edit to diagnostics, and their ratios. Fails unless every step stands on its line at the end.
"""
import argparse, json, os, pathlib, random, statistics, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from client import Client

LINES = 1_000
LIBRARIES = 11


def text(number):
    return "".join(f"def f{number}_{line}(value):\n    return run_{number}_{line}(value)\n" for line in range(LINES // 2))


def place(path, line):
    region = {"startLine": line, "startColumn": 5, "endColumn": 20}
    return {"physicalLocation": {"artifactLocation": {"uri": path}, "region": region}}


def log(options, head, with_flows):
    chance, results = random.Random(7), []
    for number in range(options.findings):
        sink = place("app.py", 2 + number * (LINES // options.findings // 2) * 2)
        result = {"ruleId": "sql", "level": "error", "message": {"text": f"runs {number}"}, "locations": [sink]}
        elsewhere = [(chance.randrange(LIBRARIES), 2 * chance.randrange(1, LINES // 2)) for _ in range(options.steps - 1)]
        steps = [place(f"lib{library}.py", line) for library, line in elsewhere] + [sink]
        if with_flows:
            result["codeFlows"] = [{"threadFlows": [{"locations": [{"location": step} for step in steps]}]}]
        results.append(result)
    origin = [{"repositoryUri": "https://git.example/shop", "revisionId": head}]
    run = {"tool": {"driver": {"name": "CodeQL"}}, "versionControlProvenance": origin, "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]})


def measure(options, with_flows):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "shop"
        (root / ".aspm").mkdir(parents=True)
        for number, name in enumerate(["app.py", *(f"lib{number}.py" for number in range(LIBRARIES))]):
            (root / name).write_text(text(number))
        git = ["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@x.example"]
        subprocess.run([*git, "init", "-q"], check=True)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", "x"], check=True)
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        (root / ".aspm" / "codeql.sarif").write_text(log(options, head, with_flows))
        env = {**os.environ, "HOME": folder, "ASPM_CACHE_DIR": f"{folder}/cache", "ASPM_DATA_DIR": f"{folder}/data"}
        env["ASPM_CONFIG"] = f"{folder}/config.toml"
        client = Client([str(pathlib.Path(options.binary).resolve()), "--stdio"], root, env=env)
        begun = time.perf_counter()
        client.open("app.py", text(0))
        now, shown = client.wait("app.py", 1, nonempty=True)
        opened, edited, chance = (now - begun) * 1e3, [], random.Random(9)
        for number in range(options.edits):
            begun = time.perf_counter()
            client.change("app.py", number + 2, chance.randrange(LINES) * 2 % LINES, 0, 0, "# typed\n")
            now, shown = client.wait("app.py", number + 2)
            edited.append((now - begun) * 1e3)
        client.close()
        steps = sum(len(one.get("relatedInformation", [])) for one in shown)
        wanted = options.findings * options.steps if with_flows else 0
        if steps != wanted or len(shown) != options.findings:
            sys.exit(f"{len(shown)} diagnostics with {steps} steps at the end; {options.findings} with {wanted} wanted")
        return opened, edited


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--binary", default="target/release/aspm-lsp")
    options.add_argument("--findings", type=int, default=50)
    options.add_argument("--steps", type=int, default=6)
    options.add_argument("--edits", type=int, default=200)
    options = options.parse_args()
    at = lambda values, share: sorted(values)[min(len(values) - 1, int(len(values) * share))]
    told = {}
    for name, with_flows in [("without flows", False), ("with flows", True)]:
        opened, edited = measure(options, with_flows)
        told[name] = (opened, statistics.median(edited), at(edited, 0.95))
        print("{}: opening {:.1f} ms; edit to diagnostics p50 {:.1f} ms, p95 {:.1f} ms".format(name, *told[name]))
    ratios = [flows / plain for flows, plain in zip(told["with flows"], told["without flows"])]
    print(f"{options.findings} findings, {options.steps} steps each: opening {ratios[0]:.2f}, p50 {ratios[1]:.2f}, p95 {ratios[2]:.2f}")


main()
