"""A stand-in for a DefectDojo 3.2.0 server: stateful, with its traps, and with faults on demand.

    python3 tests/support/defectdojo [--port 0] [--seed FILE] [--row-ms 0]

It prints its address as the first line and serves until its standard input ends or it is killed. See README.md.
"""

import argparse
import json
import os
import sys
import threading

# Nothing is to be left lying about in the repository.
sys.dont_write_bytecode = True

import server  # noqa: E402
import world  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description="A stand-in for a DefectDojo server.")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--seed", help="what the server holds, as JSON")
    parser.add_argument("--row-ms", type=float, default=0, help="time that a row of a list costs")
    parser.add_argument("--keep", action="store_true", help="serve on when standard input ends")
    options = parser.parse_args()
    seed = world.DEFAULT_SEED
    if options.seed:
        with open(options.seed, encoding="utf-8") as file:
            seed = json.load(file)
    running = server.start(options.port, seed, options.row_ms / 1000)
    print(f"http://127.0.0.1:{running.server_address[1]}", flush=True)
    if options.keep:
        threading.Event().wait()
    sys.stdin.buffer.read()
    # Answers that still drip must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
