#!/usr/bin/env python3
"""Findings about packages, measured: typing in a large lock file and in its manifest.

  packages.py [--binary target/release/aspm-lsp] [--packages 3000] [--findings 50] [--edits 200]

A project whose package-lock.json has about 30,000 lines, with findings on packages that others bring. Both files are
open. Prints the time from an edit to verified diagnostics of the manifest, how long a hover asked right behind an edit
waits, and memory. Fails unless every finding stands on the manifest at the end, as at the beginning.
"""
import argparse, json, os, pathlib, random, statistics, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from client import Client


def lock(count, chance):
    direct = [f"p{number}" for number in range(0, count, 40)]
    packages = {"": {"name": "shop", "version": "1.0.0", "dependencies": {name: "^1.0.0" for name in direct}}}
    for number in range(count):
        needs = [f"p{other}" for other in {number + 1, number + chance.randrange(1, 30)} if other < count]
        packages[f"node_modules/p{number}"] = {
            "version": f"1.{number % 50}.{number % 7}",
            "resolved": f"https://registry.example/p{number}/-/p{number}.tgz",
            "integrity": "sha512-" + "a" * 88,
            "license": "MIT",
            "dependencies": {name: "^1.0.0" for name in sorted(needs)},
        }
    text = json.dumps({"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": packages}, indent=2)
    return text + "\n", direct, packages


def result(number, packages):
    version = packages[f"node_modules/p{number}"]["version"]
    text = f"Package: p{number}\nInstalled Version: {version}\nVulnerability CVE-2026-{10000 + number}\nFixed Version: 9.0.0"
    place = {"physicalLocation": {"artifactLocation": {"uri": "package-lock.json"}, "region": {"startLine": 1}}}
    return {"ruleId": f"CVE-2026-{10000 + number}", "level": "error", "message": {"text": text}, "locations": [place]}


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--binary", default="target/release/aspm-lsp")
    options.add_argument("--packages", type=int, default=3000)
    options.add_argument("--findings", type=int, default=50)
    options.add_argument("--edits", type=int, default=200)
    options = options.parse_args()
    chance = random.Random(7)
    text, direct, packages = lock(options.packages, chance)
    manifest = json.dumps({"name": "shop", "dependencies": {name: "^1.0.0" for name in direct}}, indent=2) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "shop"
        root.mkdir()
        (root / "package-lock.json").write_text(text)
        (root / "package.json").write_text(manifest)
        git = ["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@x.example"]
        subprocess.run([*git, "init", "-q"], check=True)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", "x"], check=True)
        numbers = chance.sample(range(1, options.packages), options.findings)
        tags = {"properties": {"tags": ["vulnerability"]}}
        run = {
            "tool": {"driver": {"name": "Trivy", "rules": [{"id": f"CVE-2026-{10000 + n}", **tags} for n in numbers]}},
            "results": [result(number, packages) for number in numbers],
        }
        (root / ".aspm").mkdir()
        (root / ".aspm/scan.sarif").write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
        env = {**os.environ, "HOME": folder, "ASPM_CACHE_DIR": f"{folder}/cache", "ASPM_DATA_DIR": f"{folder}/data"}
        env["ASPM_CONFIG"] = f"{folder}/config.toml"
        client = Client([str(pathlib.Path(options.binary).resolve()), "--stdio"], root, env=env)
        client.open("package.json", manifest)
        client.open("package-lock.json", text)
        _, shown = client.wait("package.json", 1, nonempty=True)
        begun = len(shown)
        lines, edited = text.count("\n"), []
        hovers = []
        for number in range(options.edits):
            # One blank more or less in the lock file, then the same in the manifest.
            line = chance.randrange(10, lines - 10)
            at = time.perf_counter()
            client.change("package-lock.json", number + 2, line, 0, 0, " ")
            place = {"textDocument": {"uri": client.uri("package.json")}, "position": {"line": 0, "character": 0}}
            hovers.append(client.request("textDocument/hover", place)[0])
            client.change("package.json", number + 2, 1, 0, 0, " ")
            now, shown = client.wait("package.json", number + 2)
            edited.append((now - at) * 1e3)
        memory = client.memory()
        client.close()
    at = lambda values, share: sorted(values)[min(len(values) - 1, int(len(values) * share))]
    print(f"package-lock.json: {lines} lines, {len(text) >> 10} KB; {options.findings} findings, {begun} diagnostics")
    print(f"edit of both to verified diagnostics: p50 {statistics.median(edited):.1f} ms, p95 {at(edited, 0.95):.1f} ms")
    print(f"hover right behind an edit: p50 {statistics.median(hovers):.1f} ms, p95 {at(hovers, 0.95):.1f} ms")
    print(f"resident memory: {memory:.0f} MB")
    if begun != len(shown) or begun == 0:
        sys.exit(f"{begun} diagnostics at first, {len(shown)} at the end")


main()
