"""A small LSP client over stdio for measuring."""

import json
import os
import pathlib
import queue
import subprocess
import threading
import time


class Client:
    def __init__(self, command, root, env=None, options=None):
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=root, env=env
        )
        self.root, self.next, self.answers = root, 0, {}
        self.diagnostics, self.news = {}, threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        capabilities = {
            "general": {"positionEncodings": ["utf-16"]},
            "textDocument": {
                "hover": {"contentFormat": ["markdown"]},
                "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
                "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
            },
        }
        uri = root.resolve().as_uri()
        params = {
            "processId": os.getpid(), "rootUri": uri, "capabilities": capabilities,
            "workspaceFolders": [{"uri": uri, "name": "bench"}], "initializationOptions": options or {},
        }
        self.request("initialize", params)
        self.initialized = time.perf_counter() - self.started
        self.notify("initialized", {})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def read(self):
        stream = self.process.stdout
        while True:
            length = None
            while (line := stream.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if length is None:
                return
            message = json.loads(stream.read(length))
            now = time.perf_counter()
            if "method" in message and "id" in message:
                asked = message.get("params") or {}
                result = [None] * len(asked.get("items", [])) if message["method"] == "workspace/configuration" else None
                self.send({"id": message["id"], "result": result})
            elif message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                with self.news:
                    # Of one version the first set with findings counts.
                    known = self.diagnostics.get((params["uri"], params.get("version")))
                    if not (known and known[1]):
                        self.diagnostics[params["uri"], params.get("version")] = (now, params["diagnostics"])
                    self.news.notify_all()
            elif "id" in message:
                self.answers[message["id"]].put((now, message))

    def request(self, method, params):
        self.next += 1
        self.answers[self.next] = queue.Queue()
        begun = time.perf_counter()
        self.send({"id": self.next, "method": method, "params": params})
        now, message = self.answers[self.next].get(timeout=60)
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        return (now - begun) * 1e3, message["result"]

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def uri(self, path):
        return (pathlib.Path(self.root).resolve() / path).as_uri()

    def open(self, path, text):
        document = {"uri": self.uri(path), "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, path, version, line, start, end, text):
        span = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        document = {"uri": self.uri(path), "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"range": span, "text": text}]})

    def wait(self, path, version, nonempty=False, timeout=60):
        """The moment and the diagnostics of that version of a document."""
        key = (self.uri(path), version)
        with self.news:
            done = self.news.wait_for(lambda: key in self.diagnostics and (self.diagnostics[key][1] or not nonempty), timeout)
            if not done:
                raise TimeoutError(f"no diagnostics of {path}, version {version}")
            return self.diagnostics[key]

    def memory(self, what="VmRSS"):
        """Resident megabytes now."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(what)) / 1024

    def peak(self):
        """Most resident megabytes so far."""
        return self.memory("VmHWM")

    def close(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.wait(10)
