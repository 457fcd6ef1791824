//! The client's side of the pipe: what is still to be answered, what was published, and whether all of it may be so.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::{Value, json};

use super::chance::Chance;
use super::model;
use crate::support::{Encoding, Frame, Process, Workspace, deadline};

/// Refused because of the parameters, the state or a cancellation; never "internal error" (-32603).
const IN_ORDER: [i64; 7] = [-32600, -32601, -32602, -32800, -32801, -32802, -32803];
const NOT_INITIALIZED: i64 = -32002;

/// A request under way, and the text its document had when it was sent.
pub(super) struct Asked {
    method: String,
    uri: Option<String>,
    text: Option<Rc<str>>,
    version: i64,
}

/// A document as the client has it.
pub(super) struct Held {
    pub(super) version: i64,
    pub(super) text: Rc<str>,
}

pub(super) struct Client {
    pub(super) process: Process,
    pub(super) encoding: Encoding,
    pub(super) chance: Chance,
    pub(super) open: BTreeMap<String, Held>,
    pub(super) asked: BTreeMap<String, Asked>,
    /// What was answered to whom nobody waited for yet, too.
    pub(super) results: HashMap<String, Result<Value, Value>>,
    /// Every text that a version of a document ever was; versions come again.
    texts: HashMap<(String, i64), Vec<Rc<str>>>,
    /// Texts of files on disk, by URI.
    pub(super) disk: HashMap<String, Rc<str>>,
    pub(super) published: HashMap<String, (Option<i64>, Vec<Value>)>,
    /// Answers to the server that are given later.
    late: Vec<Value>,
    /// The last things done, for whoever reads a failure.
    pub(super) log: Vec<String>,
    next: i64,
    pub(super) compared: usize,
    pub(super) is_over: bool,
}

#[expect(clippy::needless_pass_by_value, reason = "moves read better with the json! in its place")]
impl Client {
    pub(super) fn start(workspace: &Workspace, chance: Chance) -> Self {
        Self {
            process: Process::start(workspace),
            encoding: Encoding::Utf16,
            chance,
            open: BTreeMap::new(),
            asked: BTreeMap::new(),
            results: HashMap::new(),
            texts: HashMap::new(),
            disk: HashMap::new(),
            published: HashMap::new(),
            late: Vec::new(),
            log: Vec::new(),
            next: 0,
            compared: 0,
            is_over: false,
        }
    }

    pub(super) fn note(&mut self, what: impl Into<String>) {
        let mut what = what.into();
        if let Some((cut, _)) = what.char_indices().nth(4_000) {
            what.truncate(cut);
        }
        self.log.push(what);
    }

    /// Sends, with halves of surrogate pairs as only JSON can have them.
    pub(super) fn send(&mut self, message: &Value) {
        let body = message.to_string().replace(model::HALF, "\\ud83d");
        self.note(body.clone());
        self.process.send_raw(framed(&body).as_bytes());
    }

    pub(super) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request under an id of any kind; gives the id as it is written.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> String {
        self.next += 1;
        let id = match self.chance.below(6) {
            0 => json!(format!("id \u{1F600} {}", self.next)),
            1 => json!(-self.next),
            _ => json!(self.next),
        };
        let uri = params["textDocument"]["uri"].as_str().or(params["uri"].as_str()).map(str::to_owned);
        let held = uri.as_ref().and_then(|uri| self.open.get(uri));
        let (text, version) = held.map_or((None, 0), |held| (Some(held.text.clone()), held.version));
        self.asked.insert(id.to_string(), Asked { method: method.to_owned(), uri, text, version });
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id.to_string()
    }

    /// The answer to a request: its result, or the code it was refused with.
    pub(super) fn answer(&mut self, id: &str) -> Result<Value, i64> {
        let answer = self.wait("an answer", |client| client.results.remove(id));
        answer.map_err(|error| error["code"].as_i64().unwrap_or_default())
    }

    pub(super) fn hold(&mut self, uri: &str, version: i64, text: &str) {
        let text: Rc<str> = text.into();
        self.texts.entry((uri.to_owned(), version)).or_default().push(text.clone());
        self.open.insert(uri.to_owned(), Held { version, text });
    }

    /// Takes in what has arrived.
    pub(super) fn take_arrived(&mut self) {
        while let Some(frame) = self.process.arrived() {
            self.take(frame);
        }
    }

    pub(super) fn wait<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let deadline = deadline();
        loop {
            self.take_arrived();
            if let Some(found) = look(self) {
                return found;
            }
            assert!(!self.is_over, "the server ended before {what}");
            let frame = self.process.next(deadline).unwrap_or_else(|| panic!("waited in vain for {what}"));
            self.take(frame);
        }
    }

    pub(super) fn take(&mut self, frame: Frame) {
        match frame {
            Frame::Message(message) => match (message["method"].as_str(), message.get("id")) {
                (Some(method), Some(id)) => self.on_request(method, id),
                (Some("textDocument/publishDiagnostics"), None) => self.on_publish(&message["params"]),
                (Some(_), None) => {}
                (None, _) => self.on_answer(&message),
            },
            Frame::Garbage(what) => panic!("standard output is not LSP: {what}"),
            Frame::End => self.is_over = true,
        }
    }

    fn on_request(&mut self, method: &str, id: &Value) {
        let answer = match self.chance.below(20) {
            0..2 => json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32603, "message": "not now" } }),
            2 => json!({ "jsonrpc": "2.0", "id": id, "result": { "of": ["a", "strange", "kind"] } }),
            _ if method == "window/showDocument" => {
                json!({ "jsonrpc": "2.0", "id": id, "result": { "success": true } })
            }
            _ => json!({ "jsonrpc": "2.0", "id": id, "result": null }),
        };
        if self.chance.one_in(4) { self.late.push(answer) } else { self.send(&answer) }
    }

    /// Gives answers that were held back.
    pub(super) fn answer_late(&mut self) {
        while let Some(answer) = self.late.pop() {
            self.send(&answer);
        }
    }

    fn on_answer(&mut self, message: &Value) {
        let id = message["id"].to_string();
        let asked = self.asked.remove(&id).unwrap_or_else(|| panic!("a second answer, or one to nothing: {message}"));
        let has = |name: &str| message.get(name).is_some();
        assert!(has("result") != has("error"), "neither result nor error, or both: {message}");
        if has("error") {
            let code = message["error"]["code"].as_i64().expect("a code");
            assert!(IN_ORDER.contains(&code) || code == NOT_INITIALIZED, "{}: {message}", asked.method);
            self.results.insert(id, Err(message["error"].clone()));
            return;
        }
        self.examine(&asked, &message["result"]);
        self.results.insert(id, Ok(message["result"].clone()));
    }

    /// Whether an answer is one about the text at the moment of the question.
    fn examine(&mut self, asked: &Asked, result: &Value) {
        if asked.method == "aspm/text" {
            let expected = asked
                .text
                .as_ref()
                .map(|text| json!({ "version": 1, "document_version": asked.version, "text": &**text }));
            let expected = expected.unwrap_or(Value::Null);
            assert!(*result == expected, "the server's text of {:?} is\n{result}\nand not\n{expected}", asked.uri);
            self.compared += 1;
            return;
        }
        if result.is_null() {
            return;
        }
        let text = asked.text.as_ref();
        // A pull is about the newest text by the time it is answered.
        if matches!(asked.method.as_str(), "textDocument/hover" | "textDocument/codeLens") {
            let text = text.unwrap_or_else(|| panic!("{} of a document that is not open: {result}", asked.method));
            let ranges = result.as_array().cloned().unwrap_or_else(|| vec![result.clone()]);
            for range in ranges.iter().filter_map(|it| it.get("range")) {
                assert!(model::covered(text, range, self.encoding).is_some(), "{range} is not in {text:?}: {result}");
            }
        }
        if asked.method == "textDocument/codeAction" {
            let text = text.unwrap_or_else(|| panic!("actions of a document that is not open: {result}"));
            for change in
                result.as_array().into_iter().flatten().filter_map(|it| it["edit"]["documentChanges"].as_array())
            {
                for change in change.iter().filter(|it| it["textDocument"]["uri"].as_str() == asked.uri.as_deref()) {
                    assert_eq!(change["textDocument"]["version"], asked.version, "{change}");
                    for edit in change["edits"].as_array().into_iter().flatten() {
                        let covered = model::covered(text, &edit["range"], self.encoding);
                        assert!(covered.is_some(), "{edit} is not in {text:?}");
                    }
                }
            }
        }
    }

    fn on_publish(&mut self, params: &Value) {
        let uri = params["uri"].as_str().expect("a URI").to_owned();
        let version = params.get("version").and_then(Value::as_i64);
        let diagnostics = params["diagnostics"].as_array().expect("diagnostics").clone();
        let on_disk = self.disk.get(&uri).cloned().into_iter().collect();
        let texts = match version {
            Some(version) => self.texts.get(&(uri.clone(), version)).cloned().unwrap_or_default(),
            None => on_disk,
        };
        let fits =
            |text: &Rc<str>| diagnostics.iter().all(|it| model::covered(text, &it["range"], self.encoding).is_some());
        assert!(
            diagnostics.is_empty() || texts.iter().any(fits),
            "published for {uri} version {version:?}: {diagnostics:?}, which fits none of {texts:?}"
        );
        self.published.insert(uri, (version, diagnostics));
    }
}

pub(super) fn framed(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}
