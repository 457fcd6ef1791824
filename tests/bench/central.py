"""The stand-in platform for benchmarks: many findings, pages prepared beforehand, its own share measured."""

import http.client
import json
import os
import pathlib
import subprocess
import time

import workspace

TOKEN = "89abcdef0123456789abcdef0123456789abcdef"
STAND_IN = pathlib.Path(__file__).resolve().parents[1] / "support/defectdojo"
TICKS = os.sysconf("SC_CLK_TCK")


class Central:
    """With one product of `count` findings; `findings` are among them, the others are of files that are nowhere."""

    def __init__(self, base, count, commit, findings=()):
        tests = [{"commit_hash": commit, "branch_tag": "main", "findings": list(findings), "generate": count - len(findings)}]
        main = {"name": "main", "repository": "https://git.example/acme/shop", "tests": tests}
        seed = base / f"seed-{count}.json"
        # The import was an hour ago: what is younger than five minutes is read again by every client.
        seed.write_text(json.dumps({"age_seconds": 3600, "products": [{"name": "shop", "engagements": [main]}]}))
        self.count = count
        self.process = subprocess.Popen(
            ["python3", str(STAND_IN), "--seed", str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.url = self.process.stdout.readline().strip()
        self.walk()
        self.bare = self.walk()
        self.control("log")

    def ask(self, connection, method, path, body=None):
        connection.request(method, path, body, {"Authorization": f"Token {TOKEN}"})
        return connection.getresponse().read()

    def connect(self):
        return http.client.HTTPConnection(self.url.removeprefix("http://"))

    def walk(self):
        """Reads every page as a client of ours would and throws it away; seconds. The first time they are written."""
        connection, begun = self.connect(), time.perf_counter()
        for offset in range(0, self.count, 199):
            query = f"test__engagement__product=1&related_fields=true&o=id&limit=200&offset={offset}"
            self.ask(connection, "GET", f"/api/v2/findings/?{query}")
        for order in ("-last_status_update,id", "-last_reviewed,id"):
            query = f"test__engagement__product=1&related_fields=true&o={order}&limit=10&offset=0"
            self.ask(connection, "GET", f"/api/v2/findings/?{query}")
        return time.perf_counter() - begun

    def control(self, name, body=None):
        return json.loads(self.ask(self.connect(), "POST", f"/_control/{name}", json.dumps(body)))

    def cpu(self):
        """Processor seconds so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


def bind(root, base, central):
    """A repository at `root` that is the product's; the environment in which it may be asked."""
    workspace.git(root, "remote", "add", "origin", "git@git.example:acme/shop.git")
    (root / "aspm.toml").write_text(f'[[source]]\nname = "central"\nkind = "defectdojo"\nurl = "{central.url}"\n')
    config = base / f"config-{central.count}.toml"
    config.write_text(f'[[server]]\nurl = "{central.url}"\nauth = {{ env = "BENCH_TOKEN" }}\n')
    return {**os.environ, "HOME": str(base), "ASPM_CONFIG": str(config), "BENCH_TOKEN": TOKEN,
            "ASPM_DATA_DIR": str(base / "data")}
