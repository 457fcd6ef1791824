//! What holds for every message of the server, whatever the test.

use serde_json::{Value, json};

use super::editor::{Answers, Editor, Published};
use super::process::Frame;

const SERVER_STATES: [&str; 4] = ["loading", "ready", "degraded", "not_configured"];
const SOURCE_STATES: [&str; 4] = ["loading", "ready", "partial", "no_data"];

impl Editor {
    /// Takes one frame in; `None` at the end of the stream.
    pub(super) fn take(&mut self, frame: Frame) -> Option<()> {
        match frame {
            Frame::Message(message) => {
                assert_eq!(message["jsonrpc"], "2.0", "{message}");
                match (message.get("method").and_then(Value::as_str), message.get("id")) {
                    (Some(method), Some(id)) => self.on_request(method, id, &message["params"]),
                    (Some(method), None) => self.on_notification(method, &message["params"]),
                    (None, _) => self.on_answer(&message),
                }
                Some(())
            }
            Frame::Garbage(what) => panic!("standard output is not LSP: {what}"),
            Frame::End => {
                self.is_stream_over = true;
                None
            }
        }
    }

    fn on_answer(&mut self, message: &Value) {
        let is_known = message["id"].as_i64().is_some_and(|id| self.awaited.contains(&id));
        if self.is_rude && message["error"].is_object() && !is_known {
            return;
        }
        let id = message["id"].as_i64().unwrap_or_else(|| panic!("an answer to nothing: {message}"));
        assert!(self.awaited.remove(&id), "a second answer to {id}, or one to nothing: {message}");
        let has = |name: &str| message.get(name).is_some();
        assert!(has("result") != has("error"), "neither result nor error, or both: {message}");
        self.answered.insert(id, message.clone());
    }

    fn on_request(&mut self, method: &str, id: &Value, params: &Value) {
        let allowed_by = match method {
            "client/registerCapability" => {
                for registration in params["registrations"].as_array().expect("registrations") {
                    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles", "{registration}");
                }
                "/workspace/didChangeWatchedFiles/dynamicRegistration"
            }
            "window/workDoneProgress/create" => "/window/workDoneProgress",
            "window/showDocument" => "/window/showDocument/support",
            "aspm/input" => "/experimental/aspm/input",
            "workspace/applyEdit" => "/workspace/applyEdit",
            "workspace/diagnostic/refresh" => "/workspace/diagnostics/refreshSupport",
            "workspace/codeLens/refresh" => "/workspace/codeLens/refreshSupport",
            other => panic!("a request that is not in the contract: {other} {params}"),
        };
        assert!(self.profile.has(allowed_by), "{method} was sent to a client without {allowed_by}");
        self.asked.push((method.to_owned(), params.clone()));
        let answer = match self.answers {
            Answers::Never => return,
            Answers::Refused => json!({ "code": -32603, "message": "the client will not" }),
            Answers::AtOnce if method == "window/showDocument" => json!({ "success": true }),
            Answers::AtOnce if method == "workspace/applyEdit" => json!({ "applied": true }),
            Answers::AtOnce if method == "aspm/input" => self.input.clone(),
            Answers::AtOnce => Value::Null,
        };
        let kind = if self.answers == Answers::Refused { "error" } else { "result" };
        self.process.send(&json!({ "jsonrpc": "2.0", "id": id, kind: answer }));
    }

    fn on_notification(&mut self, method: &str, params: &Value) {
        match method {
            "textDocument/publishDiagnostics" => self.on_publish(params),
            "aspm/status" => self.on_status(params),
            "$/progress" => self.on_progress(params),
            "aspm/copy" => {
                assert!(self.profile.has("/experimental/aspm/copy"), "aspm/copy was sent to a client without it");
                self.copied.push(params["text"].as_str().expect("text").to_owned());
            }
            "aspm/locations" => {
                assert!(self.profile.has("/experimental/aspm/locations"), "a list was sent to a client without them");
                self.asked.push((method.to_owned(), params.clone()));
            }
            "window/showMessage" => {
                let message = params["message"].as_str().expect("a message").to_owned();
                self.said.push(message);
            }
            other => panic!("a notification that is not in the contract: {other} {params}"),
        }
    }

    fn on_publish(&mut self, params: &Value) {
        let uri = params["uri"].as_str().expect("a URI").to_owned();
        let path = url::Url::parse(&uri).expect("a URI").to_file_path().expect("a file");
        let version = params["version"].as_i64().map(|version| i32::try_from(version).expect("a version"));
        let diagnostics = params["diagnostics"].as_array().expect("diagnostics").clone();
        let open = self.open_document(&path).cloned();
        if let Some(open) = &open {
            assert_eq!(uri, open.uri, "an open document is published under another URI than the client's");
            // Without a version it may have been under way when the document was opened; then it is taken back.
            assert!(
                !self.profile.pulls() || version.is_none(),
                "diagnostics of an open document were pushed to a client that pulls: {params}"
            );
        }
        if let (Some(version), Some(open)) = (version, &open) {
            assert!(version <= open.version, "a version of the future: {params}");
            let before = self.published.get(&path).and_then(|published| published.version);
            assert!(before.is_none_or(|before| before <= version), "versions go backwards: {before:?}, then {version}");
        }
        // A publish without a version may have been under way while the document was opened: it is of the disk.
        let texts = match version {
            Some(version) => self.texts_under(&uri, version, &diagnostics),
            None => self.texts_on_disk(&path, &diagnostics),
        };
        for diagnostic in &diagnostics {
            self.check_diagnostic(diagnostic);
        }
        if let Some(before) = self.published.get(&path) {
            let is_news = before.version != version || before.diagnostics != diagnostics;
            assert!(is_news, "the same diagnostics were published twice: {params}");
        }
        if open.is_none() || version.is_some() || self.profile.pulls() {
            self.published.insert(path, Published { version, diagnostics, texts });
        }
    }

    /// Whether a document of a client that pulls has pushed diagnostics as well.
    pub(crate) fn has_both(&self) -> bool {
        let pushed = self.published.iter().filter(|(_, published)| !published.diagnostics.is_empty());
        self.profile.pulls() && pushed.into_iter().any(|(path, _)| self.open_document(path).is_some())
    }

    fn open_document(&self, path: &std::path::Path) -> Option<&super::Document> {
        let files = self.documents.values().filter(|document| document.uri.starts_with("file:"));
        files.into_iter().find(|document| self.path_of(&document.uri) == path)
    }

    pub(super) fn texts_under(&self, uri: &str, version: i32, diagnostics: &[Value]) -> Vec<String> {
        // Closed and opened again: what was published for the version before is of no interest.
        let Some(document) = self.history.get(&(uri.to_owned(), version)) else {
            return vec![String::new(); diagnostics.len()];
        };
        let text = |diagnostic: &Value| {
            let covered = document.covered(&diagnostic["range"]);
            covered.unwrap_or_else(|why| panic!("version {version}: {why}: {diagnostic}"))
        };
        diagnostics.iter().map(text).collect()
    }

    fn texts_on_disk(&self, path: &std::path::Path, diagnostics: &[Value]) -> Vec<String> {
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
        let document = super::Document { uri: String::new(), version: 0, text, encoding: self.encoding };
        diagnostics.iter().map(|diagnostic| document.covered(&diagnostic["range"]).unwrap_or_default()).collect()
    }

    pub(super) fn check_diagnostic(&self, diagnostic: &Value) {
        let has = |name: &str| diagnostic.get(name).is_some();
        let may = |name: &str, capability: &str| {
            let pointer = format!("/textDocument/publishDiagnostics/{capability}");
            assert!(!has(name) || self.profile.has(&pointer), "{name} without {capability}: {diagnostic}");
        };
        may("relatedInformation", "relatedInformation");
        may("codeDescription", "codeDescriptionSupport");
        may("tags", "tagSupport");
        let message = diagnostic["message"].as_str().expect("a message");
        assert!(!message.is_empty() && !message.contains('\n'), "not one line: {message:?}");
        assert!(!diagnostic["source"].as_str().unwrap_or_default().is_empty(), "no source: {diagnostic}");
    }

    fn on_status(&mut self, status: &Value) {
        let number =
            |name: &str| status["counts"][name].as_u64().unwrap_or_else(|| panic!("no count {name}: {status}"));
        assert_eq!(status["version"], 1, "{status}");
        assert!(SERVER_STATES.contains(&status["state"].as_str().expect("a state")), "{status}");
        let parts = ["pending", "placed", "uncertain", "gone", "unplaced"].map(number).iter().sum::<u64>();
        assert_eq!(number("open"), parts, "the parts do not add up: {status}");
        for source in status["sources"].as_array().expect("sources") {
            assert!(SOURCE_STATES.contains(&source["state"].as_str().expect("a state")), "{status}");
            assert!(
                status["state"] != "ready" || source["state"] == "ready",
                "ready with a source that is not: {status}"
            );
        }
        let messages = status.get("messages").and_then(Value::as_array).map_or(0, Vec::len);
        assert!(status["state"] != "ready" || messages == 0, "ready, and something is wrong: {status}");
        assert!(self.statuses.last() != Some(status), "the same status twice: {status}");
        self.statuses.push(status.clone());
    }

    fn on_progress(&mut self, params: &Value) {
        if let Some(parts) = params["token"].as_str().and_then(|token| self.parts.get_mut(token)) {
            parts.push(params["value"].clone());
            return;
        }
        let token = params["token"].to_string();
        let created = self
            .asked
            .iter()
            .any(|(method, asked)| method == "window/workDoneProgress/create" && asked["token"] == params["token"]);
        assert!(created, "progress on a token that was never created: {params}");
        match params["value"]["kind"].as_str() {
            Some("begin") => assert!(self.open_progress.insert(token), "begun twice: {params}"),
            Some("report") => assert!(self.open_progress.contains(&token), "reported before it began: {params}"),
            Some("end") => assert!(self.open_progress.remove(&token), "ended before it began: {params}"),
            other => panic!("no such progress: {other:?}"),
        }
        self.progress.push(params["value"].clone());
    }
}
