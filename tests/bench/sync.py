#!/usr/bin/env python3
"""Synchronising with a central platform: time, processor time, memory, requests; and typing while it goes on.

  tests/bench/sync.py [--binary target/release/aspm-lsp] [--findings 20000] [--many 200000] [--edits 200] [--readings 6]
      [--runs 3]

The platform is tests/support/defectdojo on this machine with every page written beforehand. Reading the same pages and
throwing them away is measured beside: that is what of the time is the server's and the wire's.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import threading
import time

import run as typing
import workspace
from central import Central, bind
from client import Client

FILE = "app/big.py"


def repository(base):
    """One file of 12,000 lines; where its 200 flagged calls are."""
    root = base / "repository"
    root.mkdir()
    text, flagged = workspace.python_file(12_000, 200)
    (root / "app").mkdir()
    (root / FILE).write_text(text)
    workspace.git(root, "init", "-q", "-b", "main")
    workspace.git(root, "add", "-A")
    workspace.git(root, "commit", "-q", "-m", "scanned")
    findings = [{"title": "Use of a dangerous call.", "file_path": FILE, "line": line, "severity": "Medium", "cwe": 78,
                 "vuln_id_from_tool": "flagged:B602", "description": f"**Line number:** `{line}`\n**Code:**\n```\n    {call}\n```"}
                for line, call in flagged]
    return root, text, findings, workspace.git(root, "rev-parse", "HEAD")


def sync(binary, root, env):
    """One `aspm-lsp sync`: wall seconds, processor seconds, peak resident megabytes."""
    begun = time.perf_counter()
    process = subprocess.Popen([binary, "sync"], cwd=root, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - begun
    assert os.waitstatus_to_exitcode(status) == 0, said
    return took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def first_readings(binary, root, env, base, central, runs):
    """Everything, into an empty cache."""
    took, used, memory, theirs = [], [], [], []
    for attempt in range(runs):
        before = central.cpu()
        cold = {**env, "ASPM_CACHE_DIR": str(base / f"cache-{central.count}-{attempt}")}
        one = sync(binary, root, cold)
        took.append(one[0]), used.append(one[1]), memory.append(one[2]), theirs.append(central.cpu() - before)
        log = central.control("log")
    rows = {"wall s (median)": statistics.median(took), "our processor s (median)": statistics.median(used),
            "the same pages read and thrown away, wall s": central.bare,
            "the stand-in's processor s": statistics.median(theirs), "peak memory MB": max(memory),
            "requests": len(log), "MB": sum(entry["bytes"] for entry in log) / 1e6}
    return rows, cold


def again(binary, root, env, central):
    """Nothing changed, then one finding."""
    rows = {}
    for what in ("nothing changed", "one closed"):
        if what != "nothing changed":
            central.control("change", {"close": 7})
        central.control("log")
        took, used, _ = sync(binary, root, env)
        log = central.control("log")
        rows |= {f"{what}: wall ms": took * 1e3, f"{what}: our processor ms": used * 1e3, f"{what}: requests": len(log),
                 f"{what}: kB": sum(entry["bytes"] for entry in log) / 1e3}
        for entry in log[:12]:
            rows[f"  {what[:3]} {entry['line'].removeprefix('GET /api/v2/')}"] = entry["bytes"] / 1e3
    return rows


def typing_meanwhile(binary, root, env, base, central, text, count):
    """Characters typed into a file with 200 findings while nothing is read, and while everything is read over and over."""
    env = {**env, "ASPM_CACHE_DIR": str(base / "cache-typing")}
    client = Client([binary, "--stdio"], root, env)
    client.open(FILE, text)
    client.wait(FILE, 1, nonempty=True, timeout=300)
    time.sleep(2)
    gone = iter(range(5_000, central.count))
    took, pages, version = {"quiet": [], "syncing": []}, {"quiet": 0, "syncing": 0}, 1
    for state in ("quiet", "syncing") * 3:
        stop = threading.Event()

        def read_all(stop=stop):
            # A count that is not the expected one has everything read again.
            while not stop.is_set():
                central.control("change", {"delete": next(gone)})
                client.request("workspace/executeCommand", {"command": "aspm.sync", "arguments": []})
                stop.wait(0.5)

        central.control("log")
        reader = threading.Thread(target=read_all)
        if state == "syncing":
            reader.start()
            while not any("o=id" in entry["line"] for entry in central.control("log")):
                time.sleep(0.02)
        version, times = typing.edits(client, FILE, text, count // 3, first=version)
        took[state] += times
        pages[state] += sum("o=id" in entry["line"] for entry in central.control("log"))
        stop.set()
        if reader.ident:
            reader.join()
            until_quiet(central)
    memory = client.peak()
    client.close()
    rows = {}
    for state, times in took.items():
        rows |= {f"{state}: p50 ms": typing.p(times, 0.5), f"{state}: p95 ms": typing.p(times, 0.95),
                 f"{state}: pages read meanwhile": pages[state]}
    rows["ratio of p50, of p95"] = "{:.2f}, {:.2f}".format(
        *(typing.p(took["syncing"], q) / typing.p(took["quiet"], q) for q in (0.5, 0.95)))
    rows["server's peak memory MB"] = memory
    return rows


def reading_over_and_over(binary, root, env, base, central, text, readings):
    """Resident and peak memory of one server that reads everything again and again."""
    client = Client([binary, "--stdio"], root, {**env, "ASPM_CACHE_DIR": str(base / "cache-again")})
    client.open(FILE, text)
    client.wait(FILE, 1, nonempty=True, timeout=300)
    until_quiet(central)
    rows = {"after its first reading: resident, peak MB": memory_of(client)}
    for number in range(1, readings + 1):
        # A count that is not the expected one has everything read again.
        central.control("change", {"delete": central.count - 100 - number})
        client.request("workspace/executeCommand", {"command": "aspm.sync", "arguments": []})
        while not any("o=id" in entry["line"] for entry in central.control("log")):
            time.sleep(0.05)
        until_quiet(central)
        rows[f"after {number} more"] = memory_of(client)
    client.close()
    return rows


def memory_of(client):
    return f"{client.memory():.0f}, {client.peak():.0f}"


def until_quiet(central, seconds=2):
    """Nobody has asked for so long."""
    since = time.perf_counter()
    while time.perf_counter() - since < seconds:
        if central.control("log"):
            since = time.perf_counter()
        time.sleep(0.2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--binary", default=str(here / "target/release/aspm-lsp"))
    parser.add_argument("--findings", type=int, default=20_000)
    parser.add_argument("--many", type=int, default=200_000, help="0: left out")
    parser.add_argument("--edits", type=int, default=300, help="0: left out")
    parser.add_argument("--readings", type=int, default=6, help="0: left out")
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    binary = str(pathlib.Path(args.binary).resolve())
    with tempfile.TemporaryDirectory(prefix="aspm-bench-", ignore_cleanup_errors=True) as folder:
        base = pathlib.Path(folder)
        root, text, findings, commit = repository(base)
        for count, runs in ((args.findings, args.runs), (args.many, 1)):
            if not count:
                continue
            central = Central(base, count, commit, findings)
            env = bind(root, base, central)
            rows, warm = first_readings(binary, root, env, base, central, runs)
            table(f"{count:,} findings, an empty cache", rows)
            table(f"{count:,} findings, read again", again(binary, root, warm, central))
            if count == args.findings and args.edits:
                rows = typing_meanwhile(binary, root, env, base, central, text, args.edits)
                table(f"typing, 12,000 lines with 200 of {count:,} findings", rows)
            if count == args.findings and args.readings:
                rows = reading_over_and_over(binary, root, env, base, central, text, args.readings)
                table(f"{count:,} findings, read over and over by one server", rows)
            central.stop()
            workspace.git(root, "remote", "remove", "origin")


def table(title, rows):
    print(f"\n{title}")
    for name, value in rows.items():
        print(f"  {name:102} {value:10.1f}" if isinstance(value, float) else f"  {name:102} {value:>10}", flush=True)


if __name__ == "__main__":
    main()
