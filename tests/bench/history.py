#!/usr/bin/env python3
"""The first look at a file whose scan is many commits old: with an empty cache, and once its way is remembered.

  tests/bench/history.py [--server target/release/aspm-lsp] [--commits 2000] [--changes 100] [--lines 200] [--runs 7]

Running: the server has been up for a while when the document is opened. Starting: didOpen follows `initialized` at once.
"""

import argparse
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import tempfile
import time

import workspace
from client import Client

PATH = "app/big.py"


def grow(root, text, commits, changes, seed=1):
    """Adds `commits` commits, `changes` of which edit the file; gives its last text."""
    rng, lines, stream = random.Random(seed), text.split("\n"), []
    editing = set(rng.sample(range(commits), changes))
    for k in range(commits):
        if k in editing:
            row = rng.randrange(3, len(lines) - 1)
            if rng.random() < 0.5:
                lines.insert(row, f"    # note {k}" if lines[row].startswith("    ") else f"# note {k}")
            else:
                lines[row] += "  # seen"
            path, data = PATH, "\n".join(lines)
        else:
            path, data = f"other/file_{k % 200}.txt", f"{k}\n"
        data = data.encode()
        stream.append(
            b"commit refs/heads/main\ncommitter Bench <bench@example.com> %d +0000\ndata 4\nmore\n%s"
            b"M 100644 inline %s\ndata %d\n%s\n"
            % (int(time.time()) + k, b"from refs/heads/main^0\n" if k == 0 else b"", path.encode(), len(data), data)
        )
    subprocess.run(["git", "-C", str(root), "fast-import", "--quiet"], input=b"".join(stream), check=True)
    workspace.git(root, "reset", "-q", "--hard")
    return "\n".join(lines)


def look(server, root, env, text, pause):
    client = Client([server, "--stdio"], root, env)
    time.sleep(pause)
    begun = time.perf_counter()
    client.open(PATH, text)
    now, shown = client.wait(PATH, 1, nonempty=True)
    client.close()
    return (now - begun) * 1e3, shown


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--server", default=str(here / "target/release/aspm-lsp"))
    parser.add_argument("--commits", type=int, default=2_000)
    parser.add_argument("--changes", type=int, default=100, help="of the commits, those that edit the file")
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--findings", type=int, default=20)
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    server = str(pathlib.Path(args.server).resolve())
    with tempfile.TemporaryDirectory(prefix="aspm-bench-", ignore_cleanup_errors=True) as folder:
        base = pathlib.Path(folder)
        root = base / "repo"
        texts, _ = workspace.make(root, {PATH: (args.lines, args.findings)})
        text = grow(root, texts[PATH], args.commits, args.changes)
        cache = base / "cache"
        env = {**os.environ, "ASPM_CACHE_DIR": str(cache), "HOME": str(base)}
        took = {(how, kept): [] for how in ("running", "starting") for kept in ("empty cache", "remembered")}
        sets = []
        for _ in range(args.runs):
            for how, pause in (("running", 0.7), ("starting", 0.0)):
                shutil.rmtree(cache, ignore_errors=True)
                for kept in ("empty cache", "remembered"):
                    ms, shown = look(server, root, env, text, pause)
                    took[how, kept].append(ms)
                    sets.append(sorted((d["range"]["start"]["line"], d["message"]) for d in shown))
        assert all(one == sets[0] for one in sets), "an empty cache and a full one place differently"
        print(f"{args.changes} of {args.commits} commits edit the file; {len(sets[0])} findings shown, median of {args.runs}")
        for how in ("running", "starting"):
            cold, warm = (statistics.median(took[how, kept]) for kept in ("empty cache", "remembered"))
            print(f"  {how:9} empty cache {cold:6.1f} ms   remembered {warm:6.1f} ms   ratio {warm / cold:.2f}")


if __name__ == "__main__":
    main()
