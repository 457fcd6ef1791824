#!/usr/bin/env python3
"""The figures of docs/benchmarks.md, ours beside `ruff server` in one run.

  tests/bench/run.py [--server target/release/aspm-lsp] [--ruff PATH] [--findings 100000] [--edits 200] [--runs 5]
"""

import argparse
import os
import pathlib
import random
import shutil
import statistics
import tempfile
import time

import workspace
from client import Client


def p(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, round(q * (len(values) - 1)))]


def edits(client, path, text, count, seed=1, first=1):
    """Types and deletes single characters all over the file, whose version is `first`; the last version, and milliseconds
    to the diagnostics of each."""
    rng, lines, took = random.Random(seed), text.split("\n"), []
    version = first
    for k in range(count):
        row = rng.randrange(3, len(lines) - 1)
        while not lines[row].strip():
            row = rng.randrange(3, len(lines) - 1)
        column = len(lines[row])
        for new, start, end in ((" ", column, column), ("", column, column + 1)):
            version += 1
            begun = time.perf_counter()
            client.change(path, version, row, start, end, new)
            now, _ = client.wait(path, version)
            took.append((now - begun) * 1e3)
    return version, took


def key(diagnostics):
    return sorted((d["range"]["start"]["line"], d["range"]["start"]["character"], d["code"], d["message"]) for d in diagnostics)


def large_file(server, env, base, args):
    """12,000 lines, 200 findings, the scanned commit at hand."""
    root = base / "large"
    texts, _ = workspace.make(root, {"app/big.py": (12_000, 200)})
    text = texts["app/big.py"]
    opened, hovers, actions = [], [], []
    for run in range(args.runs):
        cold = {**env, "ASPM_CACHE_DIR": str(base / f"cold-{run}")}
        # The log is read once beforehand, so that opening is measured and not reading a log.
        warm = Client([server, "--stdio"], root, cold)
        warm.open("app/big.py", text)
        warm.wait("app/big.py", 1, nonempty=True)
        warm.close()
        client = Client([server, "--stdio"], root, cold)
        time.sleep(0.5)
        begun = time.perf_counter()
        client.open("app/big.py", text)
        now, first = client.wait("app/big.py", 1, nonempty=True)
        opened.append((now - begun) * 1e3)
        if run == 0:
            version, took = edits(client, "app/big.py", text, args.edits)
            # Not only fast: after a last real edit the set equals that of a server that never saw an edit.
            client.change("app/big.py", version + 1, 0, 0, 0, "# a line more\n")
            _, live = client.wait("app/big.py", version + 1)
            fresh = Client([server, "--stdio"], root, cold)
            fresh.open("app/big.py", "# a line more\n" + text)
            _, scratch = fresh.wait("app/big.py", 1, nonempty=True)
            fresh.close()
            assert key(live) == key(scratch), "live placement differs from one made from scratch"
            for d in live:
                at = {"textDocument": {"uri": client.uri("app/big.py")}, "position": d["range"]["start"]}
                hovers.append(client.request("textDocument/hover", at)[0])
                actions.append(client.request("textDocument/codeAction", {
                    "textDocument": at["textDocument"], "range": d["range"], "context": {"diagnostics": [d]}})[0])
        client.close()
    return {"findings shown": len(first), "open ms (median)": statistics.median(opened),
            "edit ms p50": p(took, 0.5), "edit ms p95": p(took, 0.95), "hover ms p95": p(hovers, 0.95),
            "code action ms p95": p(actions, 0.95)}


def ruff_edits(ruff, base, args):
    root = base / "ruff"
    texts, _ = workspace.make(root, {"app/big.py": (12_000, 200)})
    (root / "ruff.toml").write_text('lint.select = ["S"]\n')
    client = Client([ruff, "server"], root)
    time.sleep(0.5)
    begun = time.perf_counter()
    client.open("app/big.py", texts["app/big.py"])
    now, first = client.wait("app/big.py", 1)
    _, took = edits(client, "app/big.py", texts["app/big.py"], args.edits)
    client.close()
    return {"findings shown": len(first), "open ms": (now - begun) * 1e3, "edit ms p50": p(took, 0.5), "edit ms p95": p(took, 0.95)}


def many_findings(server, env, base, args):
    """Many cached findings over many files: start, first diagnostics, memory with 50 files open."""
    root = base / "many"
    each = 50
    files = {f"pkg{n % 40}/module_{n}.py": (1_000, each) for n in range(args.findings // each)}
    texts, count = workspace.make(root, files)
    paths = sorted(texts)
    begun = time.perf_counter()
    first = Client([server, "--stdio"], root, env)
    first.open(paths[0], texts[paths[0]])
    now, _ = first.wait(paths[0], 1, nonempty=True, timeout=600)
    reading = now - begun
    time.sleep(1)
    first.close()
    starts, inits = [], []
    for run in range(args.runs):
        client = Client([server, "--stdio"], root, env)
        inits.append(client.initialized * 1e3)
        client.open(paths[run], texts[paths[run]])
        now, shown = client.wait(paths[run], 1, nonempty=True)
        starts.append((now - client.started) * 1e3)
        assert len(shown) == each, len(shown)
        if run + 1 < args.runs:
            client.close()
    for path in paths[:50]:
        client.open(path, texts[path])
    for path in paths[args.runs:50]:
        client.wait(path, 1, nonempty=True)
    open_memory = client.memory()
    last, settled = 0.0, client.memory()
    while abs(settled - last) > 0.5:  # until closed files are placed too
        time.sleep(3)
        last, settled = settled, client.memory()
    client.close()
    return {"findings": count, "first reading of the log s": reading, "initialize ms (median)": statistics.median(inits),
            "start to first diagnostics ms (median)": statistics.median(starts),
            "memory MB, 50 files open": open_memory, "memory MB, every file placed": settled}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--server", default=str(here / "target/release/aspm-lsp"))
    parser.add_argument("--ruff", default=shutil.which("ruff"), help="to compare with; left out when there is none")
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    args.server = str(pathlib.Path(args.server).resolve())
    with tempfile.TemporaryDirectory(prefix="aspm-bench-", ignore_cleanup_errors=True) as folder:
        base = pathlib.Path(folder)
        env = {**os.environ, "ASPM_CACHE_DIR": str(base / "cache"), "HOME": str(base)}
        tables = {"12,000 lines, 200 findings": large_file(args.server, env, base, args)}
        if args.ruff:
            tables["ruff server, S rules, the same file and edits"] = ruff_edits(args.ruff, base, args)
        tables["many findings"] = many_findings(args.server, env, base, args)
        for title, rows in tables.items():
            print(f"\n{title}")
            for name, value in rows.items():
                print(f"  {name:42} {value:10.1f}" if isinstance(value, float) else f"  {name:42} {value:10}")
        if args.ruff:
            ours, theirs = (tables[t]["edit ms p95"] for t in list(tables)[:2])
            print(f"\nedit p95, ours / ruff: {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
