#!/usr/bin/env python3
"""A long day: one server, a million edits, and what it holds at the end.

  tests/bench/soak.py [--binary target/release/aspm-lsp] [--edits 1000000] [--files 20] [--seed 1]

The script over and over: open a file, edit it fifty times all over, ask for a hover and for code actions, close it; at
times another Git commit and another scan. The server is waited for every ten edits, so it does what
it does for somebody who types; nothing is measured in the first 20,000 edits, by which every file was seen.

Fails where memory or open files grew: by more than a tenth over the figure at the first mark.
"""

import argparse
import os
import pathlib
import random
import sys
import tempfile
import time

import workspace
from client import Client

ROUND = 50
"""Edits of one opening."""
STEP = 10
"""Edits between two waits."""
LINES, FINDINGS = 400, 12


def open_files(client):
    return len(os.listdir(f"/proc/{client.process.pid}/fd"))


def threads(client):
    return client.memory("Threads:") * 1024


class Typist:
    """Edits one file as somebody would: all over, putting in and taking out."""

    def __init__(self, client, path, text, chance):
        self.client, self.path, self.chance = client, path, chance
        self.lines = text.split("\n")
        self.version = 1
        client.open(path, text)

    def put(self, line, start, end, text):
        """Replaces columns of a line, as UTF-16 counts them."""
        self.version += 1
        self.client.change(self.path, self.version, line, start, end, text)
        old = self.lines[line].encode("utf-16-le")
        new = old[: start * 2].decode("utf-16-le") + text + old[end * 2 :].decode("utf-16-le")
        self.lines[line : line + 1] = new.split("\n")

    def edit(self):
        line = self.chance.randrange(len(self.lines))
        old = self.lines[line]
        end, kind = len(old.encode("utf-16-le")) // 2, self.chance.random()
        if kind < 0.15 and len(self.lines) < LINES + 40:
            self.put(line, 0, 0, "# a line more \U0001F600\n")
        elif old.startswith("# a line more") or end > 200:
            self.put(line, 0, end, "#")
        elif old.endswith("  # x"):
            self.put(line, end - 5, end, "")
        else:
            self.put(line, end, end, "  # x")

    def ask(self):
        document = {"textDocument": {"uri": self.client.uri(self.path)}}
        place = {"line": self.chance.randrange(len(self.lines)), "character": 6}
        self.client.request("textDocument/hover", {**document, "position": place})
        span = {"start": place, "end": place}
        self.client.request("textDocument/codeAction", {**document, "range": span, "context": {"diagnostics": []}})
        self.client.request("textDocument/codeLens", document)

    def check(self):
        """The server has the very same text."""
        answer = self.client.request("aspm/text", {"uri": self.client.uri(self.path)})[1]
        assert answer["text"] == "\n".join(self.lines), f"the texts of {self.path} parted"

    def close(self):
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.client.uri(self.path)}})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--binary", default=str(here / "target/release/aspm-lsp"))
    parser.add_argument("--edits", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    binary = str(pathlib.Path(args.binary).resolve())
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory(prefix="aspm-soak-", ignore_cleanup_errors=True) as folder:
        base = pathlib.Path(folder)
        root = base / "repository"
        files = {f"app/part_{number}.py": (LINES, FINDINGS) for number in range(args.files)}
        now, _ = workspace.make(root, files)
        env = {**os.environ, "HOME": str(base), "ASPM_CACHE_DIR": str(base / "cache"), "ASPM_DATA_DIR": str(base / "data"),
               "XDG_CONFIG_HOME": str(base / "config")}
        client = Client([binary, "--stdio"], root, env)
        done, begun, marks, next_mark, round_number = 0, time.perf_counter(), [], 20_000, 0
        step = max(1, args.edits // 10)
        print(f"{'edits':>10} {'resident MB':>12} {'peak MB':>9} {'open files':>11} {'threads':>8} {'edits a second':>15}")
        while done < args.edits:
            round_number += 1
            path = chance.choice(list(files))
            typist = Typist(client, path, now[path], chance)
            client.wait(path, 1)
            for number in range(1, ROUND + 1):
                typist.edit()
                if number % STEP == 0:
                    client.wait(path, typist.version)
                    typist.ask()
            typist.check()
            typist.close()
            # What was heard is not kept here either.
            with client.news:
                client.diagnostics.clear()
            client.answers.clear()
            done += ROUND
            if round_number % 200 == 0:
                # Somebody commits, a scan comes in: everything is read again.
                workspace.git(root, "commit", "-q", "--allow-empty", "-m", f"round {round_number}")
                for log in (root / ".aspm").glob("*.sarif"):
                    os.utime(log)
                client.request("workspace/executeCommand", {"command": "aspm.sync", "arguments": []})
            if done >= next_mark or done >= args.edits:
                rate = done / (time.perf_counter() - begun)
                mark = client.memory(), client.peak(), open_files(client), threads(client)
                marks.append(mark)
                print(f"{done:>10,} {mark[0]:>12.1f} {mark[1]:>9.1f} {mark[2]:>11} {mark[3]:>8.0f} {rate:>15.0f}", flush=True)
                next_mark = step * (done // step + 1)
        client.close()
        assert client.process.returncode == 0, client.process.returncode
    (first, _, first_files, _), (last, _, last_files, _) = marks[0], marks[-1]
    print(f"memory at the end to that at the first mark: {last / first:.2f}; open files {first_files} and {last_files}")
    if last > first * 1.1 or last_files > first_files + 2:
        sys.exit("it grew")


if __name__ == "__main__":
    main()
