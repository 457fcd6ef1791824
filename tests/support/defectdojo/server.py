"""HTTP: one thread a connection, one lock for the world, and the faults that tests asked for.

What is below `/_control/` is no part of the API: POST `faults`, `change`, `changes`, `reset`; GET `log`, `findings`.
"""

import json
import threading
import time
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import api
import faults
import world

LONGEST_LINE = 8190
HEADERS = {
    "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin", "Vary": "Cookie",
}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, seed, row_seconds):
        super().__init__(("127.0.0.1", port), Handler)
        self.seed, self.row_seconds = seed, row_seconds
        self.lock = threading.Lock()
        self.reset(seed)

    def reset(self, seed):
        self.world, self.faults, self.log = world.World(seed), faults.Faults(), []

    def handle_error(self, request, client_address):
        """A client that goes away is nothing to report."""


def start(port, seed, row_seconds=0.0):
    server = Server(port, seed, row_seconds)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, *_):
        pass

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else b""
        if self.path.startswith("/_control/"):
            return self.control(raw)
        if len(self.requestline) > LONGEST_LINE:
            return self.say(414, "<html><h1>Request-URI Too Large</h1></html>", "text/html")
        server = self.server
        line = f"{self.command} {self.path}"
        with server.lock:
            applied = server.faults.of(line)
            entry = {"line": line, "authorized": "Authorization" in self.headers, "status": 0, "bytes": 0,
                     "body": raw.decode("utf-8", "replace")}
            server.log.append(entry)
            for fault in applied:
                if fault["do"] == "change":
                    for what in fault["changes"]:
                        faults.change(server.world, what)
            early = next((f for f in applied if f["do"] in ("cut_before", "status", "redirect", "garbage", "huge", "drip")), None)
            if early is None or early["do"] == "drip":
                base = f"http://{self.headers.get('Host')}"
                status, text, rows = api.answer(server.world, base, self.command, self.path, self.headers, raw)
                entry["status"], entry["bytes"] = status, len(text or "")
                # Whoever does not wait must not hold the lock: the answer is as of now.
                date = server.world.clock() + server.world.date_skew
        for fault in applied:
            if fault["do"] == "delay":
                time.sleep(fault["seconds"])
        if early and early["do"] != "drip":
            return self.fail(early)
        if server.row_seconds and rows:
            time.sleep(server.row_seconds * rows)
        late = next((f for f in applied if f["do"] in ("cut_after", "cut_body", "truncate", "wrong_types", "drip")), None)
        return self.send_answer(status, text, date, late)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = handle_any

    def fail(self, fault):
        kind = fault["do"]
        if kind == "cut_before":
            return self.cut()
        if kind == "status":
            return self.say(fault["status"], fault.get("body", ""), fault.get("type", "text/html"), fault.get("headers", {}))
        if kind == "redirect":
            return self.say(302, "", "text/html", {"Location": fault["to"]})
        if kind == "garbage":
            return self.say(200, fault["body"], fault.get("type", "application/json"))
        # A page without an end.
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        piece = b'{"count": 1, "results": [' + b" " * (1 << 16)
        try:
            while True:
                self.wfile.write(piece)
        except OSError:
            self.close_connection = True

    def send_answer(self, status, text, date, fault):
        if text is None:
            return self.say(status, "<html><h1>Not Found</h1></html>", "text/html")
        kind = fault["do"] if fault else None
        if kind == "cut_after":
            return self.cut()
        if kind == "truncate":
            text = text[:len(text) // 2]
        if kind == "wrong_types":
            text = wrong(text, fault)
        data = text.encode()
        self.send_response_only(status)
        self.send_header("Server", "gunicorn")
        self.send_header("Date", format_datetime(date, usegmt=True))
        if status != 204:
            self.send_header("Content-Type", "application/json")
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if kind == "cut_body":
            self.wfile.write(data[:len(data) // 2])
            self.wfile.flush()
            return self.cut()
        if kind == "drip":
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(fault.get("seconds", 0.05))
            return None
        if self.command != "HEAD":
            self.wfile.write(data)
        return None

    def cut(self):
        self.close_connection = True
        self.connection.close()

    def say(self, status, text, kind, headers=None):
        data = text.encode()
        self.send_response_only(status)
        self.send_header("Server", "gunicorn")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def control(self, raw):
        server, what = self.server, self.path.removeprefix("/_control/")
        try:
            with server.lock:
                body = json.loads(raw) if raw else None
                if what == "faults":
                    for fault in body:
                        server.faults.add(fault)
                    answer = len(server.faults.waiting)
                elif what == "calm":
                    server.faults = faults.Faults()
                    answer = None
                elif what == "change":
                    answer = faults.change(server.world, body)
                elif what == "changes":
                    answer = [faults.change(server.world, one) for one in body]
                elif what == "reset":
                    server.reset(body or server.seed)
                    answer = None
                elif what == "log":
                    answer, server.log = server.log, []
                elif what == "findings":
                    answer = [{k: v for k, v in f.items() if not k.startswith("_")} for f in server.world.findings.values()]
                elif what == "acceptances":
                    answer = list(server.world.acceptances.values())
                else:
                    return self.say(404, json.dumps({"detail": f"no control {what!r}"}), "application/json")
        except Exception as error:  # A test that asks nonsense is to be told so.
            return self.say(400, json.dumps({"detail": f"{type(error).__name__}: {error}"}), "application/json")
        return self.say(200, json.dumps(answer), "application/json")


def wrong(text, fault):
    """The same JSON with every value under `fields` (or all) of another type."""
    names = fault.get("fields")

    def turn(value):
        if isinstance(value, dict):
            return {k: other(v) if names is None or k in names else turn(v) for k, v in value.items()}
        if isinstance(value, list):
            return [turn(item) for item in value]
        return value

    def other(value):
        return {"unexpected": [value]} if not isinstance(value, dict) else [value]

    return json.dumps(turn(json.loads(text)))
