//! What a client may do next: mostly edits, each told to the model, and everything that editors do wrong.

use serde_json::{Value, json};

use super::client::{Client, framed};
use super::model;

/// Texts that go in: line endings of all kinds and what only looks like one, characters of one to four bytes, marks that
/// join, what turns text round, nothing at all, zero bytes, and words that findings are about.
const PIECES: [&str; 34] = [
    "",
    "x",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\n\r",
    "\r\r\n",
    "\t",
    "\0",
    "é",
    "€",
    "\u{1F600}",
    "\u{1F468}\u{200D}\u{1F469}",
    "e\u{301}",
    "\u{2028}",
    "\u{85}",
    "\u{b}",
    "\u{c}",
    "\u{feff}",
    "\u{202e}abc",
    "\u{10FFFF}",
    "\u{e000}",
    "\\ud83d",
    "\\",
    "\"",
    "eval(x)",
    "    return eval(x)\n",
    "# nosec\n",
    "def f():\r\n\treturn 1\r\n",
    "'''",
    "{[(",
    "}\n",
    "/*",
];

const REQUESTS: [&str; 10] = [
    "textDocument/hover",
    "textDocument/codeAction",
    "textDocument/codeLens",
    "textDocument/diagnostic",
    "aspm/text",
    "workspace/executeCommand",
    "aspm/gate",
    "aspm/finding",
    "aspm/findings",
    "textDocument/definition",
];

/// Parameters that are none.
fn rubbish(client: &mut Client, uri: &str) -> Value {
    let version = client.chance.below(9);
    client.chance.pick(&[
        Value::Null, json!([]), json!({}), json!(7), json!("x"), json!([null, null]), json!({ "textDocument": 7 }),
        json!({ "textDocument": { "uri": uri } , "position": { "line": -1, "character": 0 } }),
        json!({ "textDocument": { "uri": uri }, "position": { "line": 4_294_967_296_u64, "character": 0.5 } }),
        json!({ "textDocument": { "uri": "not a uri", "version": version }, "contentChanges": [{ "text": "lost" }] }),
        json!({ "textDocument": { "uri": uri, "version": "9" }, "contentChanges": [{ "text": "lost" }] }),
        json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": { "text": "lost" } }),
        json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": [{ "range": 1, "text": "lost" }] }),
        json!({ "textDocument": { "uri": "", "languageId": "python", "version": version, "text": "lost" } }),
        json!({ "command": 7 }), json!({ "settings": "x" }), json!({ "changes": [7] }), json!({ "event": null }),
    ]).clone()
}

impl Client {
    /// A text of some pieces.
    fn words(&mut self, most: usize) -> String {
        (0..self.chance.below(most + 1)).map(|_| *self.chance.pick(&PIECES)).collect()
    }

    /// A position: inside, between, beyond.
    fn position(&mut self, lines: usize) -> Value {
        let line = match self.chance.below(12) {
            0 => 2_147_483_647,
            1 => lines + self.chance.below(3),
            _ => self.chance.below(lines + 1),
        };
        let character = match self.chance.below(12) {
            0 => 2_147_483_647,
            1..4 => 0,
            4 => self.chance.below(400),
            _ => self.chance.below(24),
        };
        json!({ "line": line, "character": character })
    }

    fn range(&mut self, text: &str) -> Value {
        let lines = text.split(['\n', '\r']).count();
        let start = self.position(lines);
        let end = match self.chance.below(4) {
            0 => start.clone(),
            // A short way on, in the same line or the next.
            1 | 2 => {
                let line = start["line"].as_u64().expect("a line") + self.chance.below(2) as u64;
                let character = start["character"].as_u64().expect("a column") + self.chance.below(6) as u64;
                json!({ "line": line.min(2_147_483_647), "character": character.min(2_147_483_647) })
            }
            _ => self.position(lines),
        };
        json!({ "start": start, "end": end })
    }

    /// A URI of `uris`, more often one that is open.
    fn uri(&mut self, uris: &[String]) -> String {
        let open: Vec<&String> = self.open.keys().collect();
        if open.is_empty() || self.chance.one_in(5) {
            return self.chance.pick(uris).clone();
        }
        let at = self.chance.below(open.len());
        open[at].clone()
    }

    /// The next version: mostly the next.
    fn version(&mut self, now: i64) -> i64 {
        let next = match self.chance.below(20) {
            0 => now - 1 - i64::try_from(self.chance.below(5)).expect("small"),
            1 => now,
            2 => *self.chance.pick(&[0, -7, i64::from(i32::MAX), i64::from(i32::MIN), 1]),
            _ => now + 1,
        };
        next.clamp(i64::from(i32::MIN), i64::from(i32::MAX))
    }

    pub(super) fn open_document(&mut self, uri: &str, text: &str) {
        let version = *self.chance.pick(&[0, 1, 1, 1, 7, -3]);
        let language = *self.chance.pick(&["python", "javascript", "plaintext", "", "no such language"]);
        self.notify(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": uri, "languageId": language, "version": version, "text": text } }),
        );
        self.hold(uri, version, &text.replace(model::HALF, "\u{fffd}"));
    }

    pub(super) fn close_document(&mut self, uri: &str) {
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
        self.open.remove(uri);
    }

    /// One change notification; of a document that is not open, too.
    fn edit(&mut self, uri: &str) {
        let held = self.open.get(uri).map(|held| (held.version, held.text.to_string()));
        let is_open = held.is_some();
        let (now, mut text) = held.unwrap_or_default();
        let version = self.version(now);
        let mut changes = Vec::new();
        let mut is_whole = false;
        let more = if self.chance.one_in(4) { self.chance.below(6) } else { 0 };
        for _ in 0..=more {
            let new = self.words(4);
            let change = match self.chance.below(30) {
                0 if text.len() < 50_000 => json!({ "text": self.words(60) }),
                1 => json!({ "text": text }),
                2 => json!({ "range": self.range(&text), "rangeLength": 3, "text": new }),
                _ => json!({ "range": self.range(&text), "text": new }),
            };
            is_whole |= change.get("range").is_none();
            // A part of what nobody has is of no use; from a whole text on there is something again.
            if is_open || is_whole {
                model::apply(&mut text, &change, self.encoding);
            }
            changes.push(change);
        }
        if self.chance.one_in(60) {
            changes.clear();
        }
        let is_held = is_open || (is_whole && !changes.is_empty());
        if changes.is_empty() {
            text = self.open.get(uri).map(|held| held.text.to_string()).unwrap_or_default();
        }
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": changes }),
        );
        if is_held {
            self.hold(uri, version, &text);
        }
    }

    /// As many edits as an editor cannot send, in one write.
    pub(super) fn burst(&mut self, uri: &str, count: usize) {
        let Some(held) = self.open.get(uri) else { return };
        let (mut version, mut text) = (held.version.max(0), held.text.to_string());
        let mut bytes = String::new();
        for _ in 0..count {
            version = (version + 1).min(i64::from(i32::MAX));
            let new = *self.chance.pick(&["x", "", "\n", "\u{1F600}", "eval(x)", "\r", "y = 1\n"]);
            let mut range = self.range(&text);
            if text.len() < 600 {
                range["end"] = range["start"].clone();
            }
            let change = json!({ "range": range, "text": new });
            model::apply(&mut text, &change, self.encoding);
            let params = json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": [change] });
            let message = json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": params });
            bytes.push_str(&framed(&message.to_string()));
            self.hold(uri, version, &text);
        }
        self.note(format!("{count} edits of {uri} at once"));
        self.process.send_raw(bytes.as_bytes());
    }

    /// One request, of whatever kind.
    pub(super) fn request(&mut self, uris: &[String]) -> String {
        let uri = self.uri(uris);
        let method = *self.chance.pick(&REQUESTS);
        if self.chance.one_in(12) {
            let params = rubbish(self, &uri);
            return self.ask(if method == "aspm/text" { "textDocument/hover" } else { method }, params);
        }
        let document = json!({ "uri": uri });
        let text = self.open.get(&uri).map(|held| held.text.to_string()).unwrap_or_default();
        let params = match method {
            "textDocument/hover" => {
                let lines = text.lines().count();
                json!({ "textDocument": document, "position": self.position(lines) })
            }
            "textDocument/codeAction" => {
                let diagnostics = self.published.get(&uri).map(|(_, shown)| shown.clone()).unwrap_or_default();
                let context = json!({ "diagnostics": diagnostics });
                json!({ "textDocument": document, "range": self.range(&text), "context": context })
            }
            "workspace/executeCommand" => {
                let argument = json!({ "id": "sarif:0123456789abcdef0123", "ids": [], "uri": uri, "status": "open" });
                let command = *self.chance.pick(&["aspm.open", "aspm.copyMarkdown", "aspm.triage", "no.such", ""]);
                json!({ "command": command, "arguments": [argument] })
            }
            "aspm/text" | "aspm/findings" => document,
            "aspm/finding" => json!({ "id": "sarif:0123" }),
            "textDocument/diagnostic" if self.chance.one_in(3) => {
                json!({ "textDocument": document, "previousResultId": "0123456789abcdef" })
            }
            _ => json!({ "textDocument": document }),
        };
        self.ask(method, params)
    }

    /// Takes requests back: one, one that is none, all.
    fn cancel(&mut self) {
        let under_way: Vec<String> = self.asked.keys().cloned().collect();
        let id = |id: &String| serde_json::from_str::<Value>(id).expect("it was one");
        if self.chance.one_in(6) {
            for it in &under_way {
                self.notify("$/cancelRequest", json!({ "id": id(it) }));
            }
        } else if under_way.is_empty() || self.chance.one_in(6) {
            let none = self.chance.pick(&[json!(999_999), json!("nobody"), Value::Null, json!({}), json!(1.5)]).clone();
            self.notify("$/cancelRequest", json!({ "id": none }));
        } else {
            let at = self.chance.below(under_way.len());
            for _ in 0..=self.chance.below(2) {
                self.notify("$/cancelRequest", json!({ "id": id(&under_way[at]) }));
            }
        }
    }

    /// Notifications that say nothing, or nothing that anybody knows.
    fn nonsense(&mut self, uris: &[String]) {
        let uri = self.uri(uris);
        let params = rubbish(self, &uri);
        let method = *self.chance.pick(&[
            "textDocument/didChange",
            "textDocument/didOpen",
            "textDocument/didClose",
            "textDocument/didSave",
            "workspace/didChangeConfiguration",
            "workspace/didChangeWatchedFiles",
            "workspace/didChangeWorkspaceFolders",
            "$/setTrace",
            "$/progress",
            "window/workDoneProgress/cancel",
            "textDocument/willSave",
            "aspm/none",
            "",
        ]);
        // This one would be about a document all right.
        let is_meant = method == "textDocument/didClose" && params["textDocument"]["uri"].is_string();
        if !is_meant {
            self.notify(method, params);
        }
    }

    /// What happens around the documents.
    fn around(&mut self, root: &str, uris: &[String]) {
        let uri = self.uri(uris);
        match self.chance.below(6) {
            0 => {
                let lens = self.chance.one_in(2);
                let settings = json!({ "aspm": { "codeLens": lens, "minimumSeverity": "low", "nobody": 1 } });
                self.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
            }
            1 => {
                let kind = 1 + self.chance.below(3);
                self.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": kind }] }));
            }
            2 => {
                let folder = json!([{ "uri": root, "name": "" }]);
                let event = json!({ "added": [], "removed": folder });
                self.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
                let event = json!({ "added": folder, "removed": [] });
                self.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
            }
            3 => self.send(&json!({ "jsonrpc": "2.0", "id": 424_242, "result": "an answer to nothing" })),
            4 => self.notify("initialized", json!({})),
            _ => self.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } })),
        }
    }

    /// One move.
    pub(super) fn step(&mut self, root: &str, uris: &[String]) {
        match self.chance.below(100) {
            0..50 => {
                let uri = self.uri(uris);
                self.edit(&uri);
            }
            50..75 => drop(self.request(uris)),
            75..83 => self.cancel(),
            83..88 => {
                let uri = self.chance.pick(uris).clone();
                let text = self.words(40);
                self.open_document(&uri, &text);
            }
            88..91 => {
                let uri = self.uri(uris);
                self.close_document(&uri);
            }
            91..96 => self.nonsense(uris),
            96..98 => self.around(root, uris),
            _ => self.answer_late(),
        }
        self.take_arrived();
    }
}
