//! An editor: what it sends, and what it knows from what it was sent.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Document, Encoding, Place, Process, Profile, Workspace, deadline};

/// How the editor treats requests of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    AtOnce,
    Never,
    Refused,
}

/// How far the session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    ShutDown,
    Over,
}

/// The last publish of a file.
#[derive(Debug, Clone)]
pub(super) struct Published {
    pub(super) version: Option<i32>,
    pub(super) diagnostics: Vec<Value>,
    /// Texts under the ranges, resolved when it came.
    pub(super) texts: Vec<String>,
}

/// One diagnostic as a developer sees it.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// The squiggled text.
    pub(crate) text: String,
    pub(crate) severity: u64,
    pub(crate) message: String,
    pub(crate) source: String,
    pub(crate) code: String,
    pub(crate) ids: Vec<String>,
    pub(crate) raw: Value,
}

/// A client with a server of its own.
pub(crate) struct Editor {
    pub(crate) process: Process,
    pub(crate) profile: Profile,
    pub(super) roots: Vec<PathBuf>,
    pub(crate) server: Value,
    pub(crate) encoding: Encoding,
    pub(crate) documents: BTreeMap<String, Document>,
    pub(super) history: HashMap<(String, i32), Document>,
    pub(super) published: BTreeMap<PathBuf, Published>,
    pub(super) statuses: Vec<Value>,
    pub(super) next_id: i64,
    pub(super) awaited: BTreeSet<i64>,
    pub(super) answered: HashMap<i64, Value>,
    pub(crate) asked: Vec<(String, Value)>,
    pub(super) said: Vec<String>,
    pub(crate) copied: Vec<String>,
    /// What the person fills in when asked.
    pub(crate) input: Value,
    pub(crate) progress: Vec<Value>,
    /// Partial results by the token that asked for them.
    pub(crate) parts: HashMap<String, Vec<Value>>,
    pub(super) open_progress: BTreeSet<String>,
    pub(crate) answers: Answers,
    pub(super) expected_code: Option<i32>,
    /// Whether the test sends what is no LSP: then answers without an id are in order.
    pub(crate) is_rude: bool,
    /// Whether the server has closed its standard output.
    pub(crate) is_stream_over: bool,
    stage: Stage,
}

#[expect(clippy::needless_pass_by_value, reason = "tests read better with the json! in its place")]
impl Editor {
    /// Starts a server for the workspace and greets it.
    pub(crate) fn start(workspace: &Workspace, profile: Profile) -> Self {
        Self::start_in(workspace, profile, &[workspace])
    }

    /// With several folders.
    pub(crate) fn start_in(workspace: &Workspace, profile: Profile, folders: &[&Workspace]) -> Self {
        let folders: Vec<PathBuf> = folders.iter().map(|folder| folder.root.clone()).collect();
        let mut editor = Self::silent(workspace, profile);
        editor.greet(&folders, Answers::AtOnce);
        editor
    }

    /// Starts a server and says nothing yet.
    pub(crate) fn silent(workspace: &Workspace, profile: Profile) -> Self {
        Self {
            process: Process::start(workspace),
            profile,
            roots: vec![workspace.root.clone()],
            server: Value::Null,
            encoding: Encoding::Utf16,
            documents: BTreeMap::new(),
            history: HashMap::new(),
            published: BTreeMap::new(),
            statuses: Vec::new(),
            next_id: 0,
            awaited: BTreeSet::new(),
            answered: HashMap::new(),
            asked: Vec::new(),
            said: Vec::new(),
            copied: Vec::new(),
            input: Value::Null,
            progress: Vec::new(),
            parts: HashMap::new(),
            open_progress: BTreeSet::new(),
            answers: Answers::AtOnce,
            expected_code: Some(0),
            is_rude: false,
            is_stream_over: false,
            stage: Stage::Open,
        }
    }

    pub(crate) fn greet(&mut self, folders: &[PathBuf], answers: Answers) {
        self.answers = answers;
        self.roots = folders.to_vec();
        let folders: Vec<Value> = folders
            .iter()
            .map(|path| json!({ "uri": super::workspace::uri_of(path), "name": path.file_name().and_then(|n| n.to_str()) }))
            .collect();
        let params = json!({
            "processId": self.profile.process_id,
            "rootUri": folders.first().map(|folder| folder["uri"].clone()),
            "workspaceFolders": folders,
            "capabilities": self.profile.capabilities,
            "initializationOptions": self.profile.options
        });
        let answer = self.request("initialize", params);
        self.encoding = Encoding::from_name(answer["capabilities"]["positionEncoding"].as_str().unwrap_or("utf-16"));
        self.server = answer;
        self.notify("initialized", json!({}));
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.process.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request; [`Self::answer`] waits for what comes back.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        if method == "shutdown" {
            self.stage = Stage::ShutDown;
        }
        let id = self.next_request();
        self.process.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The id of a request that the test sends itself.
    pub(crate) fn next_request(&mut self) -> i64 {
        self.next_id += 1;
        self.awaited.insert(self.next_id);
        self.next_id
    }

    pub(crate) fn is_answered(&self, id: i64) -> bool {
        self.answered.contains_key(&id)
    }

    /// Does not wait for an answer any more.
    pub(crate) fn forget(&mut self, id: i64) {
        self.awaited.remove(&id);
    }

    /// The answer to a request: its result or its error.
    pub(crate) fn answer(&mut self, id: i64) -> Result<Value, Value> {
        let answer = self.wait("an answer", |editor| editor.answered.remove(&id));
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["result"].clone()),
        }
    }

    pub(crate) fn try_request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        self.try_request(method, params).unwrap_or_else(|error| panic!("{method} was answered by the error {error}"))
    }

    /// A file of the first folder, or whatever URI it is already.
    pub(crate) fn uri(&self, path: &str) -> String {
        if path.contains(':') { path.to_owned() } else { super::workspace::uri_of(&self.roots[0].join(path)) }
    }

    /// Opens a file as it is on disk.
    pub(crate) fn open(&mut self, path: &str) {
        let text = std::fs::read_to_string(self.roots[0].join(path)).expect("a file to open");
        self.open_with(path, &text);
    }

    pub(crate) fn open_with(&mut self, path: &str, text: &str) {
        let uri = self.uri(path);
        let document = Document { uri: uri.clone(), version: 1, text: text.to_owned(), encoding: self.encoding };
        self.remember(document);
        let language = match path.rsplit('.').next() {
            Some("py") => "python",
            Some("js") => "javascript",
            _ => "plaintext",
        };
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(super) fn remember(&mut self, document: Document) {
        self.history.insert((document.uri.clone(), document.version), document.clone());
        self.documents.insert(document.uri.clone(), document);
    }

    /// Takes note of a version that the test sent itself.
    pub(crate) fn know(&mut self, path: &str, version: i32, text: &str) {
        let document = super::Document { version, text: text.to_owned(), ..self.document(path).clone() };
        self.remember(document);
    }

    pub(crate) fn close(&mut self, path: &str) {
        let uri = self.uri(path);
        self.documents.remove(&uri).expect("it was open");
        self.history.retain(|(other, _), _| *other != uri);
        self.published.remove(&self.roots[0].join(path));
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    pub(crate) fn document(&self, path: &str) -> &Document {
        self.documents.get(&self.uri(path)).unwrap_or_else(|| panic!("{path} is not open"))
    }

    /// Replaces `old`, which stands there once, by `new`.
    pub(crate) fn edit(&mut self, path: &str, old: &str, new: &str) {
        self.edit_all(path, &[(old, new)]);
    }

    /// Several changes in one notification, each against the text after those before it.
    pub(crate) fn edit_all(&mut self, path: &str, edits: &[(&str, &str)]) {
        let mut document = self.document(path).clone();
        let mut changes = Vec::new();
        for (old, new) in edits {
            let range = document.find(old);
            changes.push(json!({ "range": document.range(&range), "text": new }));
            document.text.replace_range(range, new);
        }
        self.change(document, changes);
    }

    pub(crate) fn insert(&mut self, path: &str, offset: usize, new: &str) {
        self.replace(path, offset..offset, new);
    }

    pub(crate) fn replace(&mut self, path: &str, bytes: std::ops::Range<usize>, new: &str) {
        let mut document = self.document(path).clone();
        let change = json!({ "range": document.range(&bytes), "text": new });
        document.text.replace_range(bytes, new);
        self.change(document, vec![change]);
    }

    /// Sends the changes that made `document` of the one held before.
    fn change(&mut self, mut document: Document, mut changes: Vec<Value>) {
        document.version += 1;
        if self.profile.full_sync {
            changes = vec![json!({ "text": document.text })];
        }
        let identifier = json!({ "uri": document.uri, "version": document.version });
        self.remember(document);
        self.notify("textDocument/didChange", json!({ "textDocument": identifier, "contentChanges": changes }));
    }

    /// Tells of changes on disk: 1 new, 2 changed, 3 gone.
    pub(crate) fn tell_disk(&mut self, changes: &[(&str, u8)]) {
        let changes: Vec<Value> =
            changes.iter().map(|(path, kind)| json!({ "uri": self.uri(path), "type": kind })).collect();
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    }

    fn at(&self, path: &str, needle: &str) -> Value {
        let document = self.document(path);
        let place = document.place(document.find(needle).start);
        json!({ "textDocument": { "uri": document.uri }, "position": place.to_json() })
    }

    pub(crate) fn hover_at(&mut self, path: &str, place: Place) -> Value {
        let uri = self.uri(path);
        self.request("textDocument/hover", json!({ "textDocument": { "uri": uri }, "position": place.to_json() }))
    }

    /// The hover at the start of `needle`.
    pub(crate) fn hover(&mut self, path: &str, needle: &str) -> Value {
        let at = self.at(path, needle);
        self.request("textDocument/hover", at)
    }

    /// The hover's words.
    pub(crate) fn hover_text(&mut self, path: &str, needle: &str) -> String {
        let hover = self.hover(path, needle);
        hover["contents"]["value"].as_str().unwrap_or_else(|| panic!("no hover on {needle:?}: {hover}")).to_owned()
    }

    /// Code actions on `needle`, asked with the diagnostics that are shown there.
    pub(crate) fn actions(&mut self, path: &str, needle: &str, only: Option<&[&str]>) -> Vec<Value> {
        let range = self.document(path).range(&self.document(path).find(needle));
        let shown = self.shown(path);
        let diagnostics: Vec<Value> =
            shown.into_iter().filter(|shown| shown.text.contains(needle)).map(|shown| shown.raw).collect();
        let mut context = json!({ "diagnostics": diagnostics });
        if let Some(only) = only {
            context["only"] = json!(only);
        }
        let uri = self.uri(path);
        let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": context });
        self.request("textDocument/codeAction", params).as_array().cloned().unwrap_or_default()
    }

    /// Applies a workspace edit that concerns open documents, as the client would; gives the last one's text.
    pub(crate) fn apply(&mut self, edit: &Value) -> String {
        let by_document: Vec<(String, Option<i64>, Vec<Value>)> = match edit["documentChanges"].as_array() {
            Some(changes) => changes
                .iter()
                .map(|change| {
                    let document = &change["textDocument"];
                    let uri = document["uri"].as_str().expect("a URI").to_owned();
                    (uri, document["version"].as_i64(), change["edits"].as_array().expect("edits").clone())
                })
                .collect(),
            None => edit["changes"]
                .as_object()
                .expect("changes")
                .iter()
                .map(|(uri, edits)| (uri.clone(), None, edits.as_array().expect("edits").clone()))
                .collect(),
        };
        let mut text = String::new();
        for (uri, version, edits) in by_document {
            let mut document = self.documents.get(&uri).expect("an edit of an open document").clone();
            if let Some(version) = version {
                assert_eq!(version, i64::from(document.version), "the edit is for another version");
            }
            document.apply(&edits);
            text.clone_from(&document.text);
            document.version -= 1;
            self.change(document.clone(), vec![json!({ "text": document.text })]);
        }
        text
    }

    pub(crate) fn lenses(&mut self, path: &str) -> Option<Vec<Value>> {
        let uri = self.uri(path);
        self.request("textDocument/codeLens", json!({ "textDocument": { "uri": uri } })).as_array().cloned()
    }

    pub(crate) fn command(&mut self, command: &str, argument: Value) -> Result<Value, Value> {
        self.try_request("workspace/executeCommand", json!({ "command": command, "arguments": [argument] }))
    }

    /// A pull of one document's diagnostics.
    pub(crate) fn pull(&mut self, path: &str, previous: Option<&str>) -> Value {
        let uri = self.uri(path);
        let mut params = json!({ "textDocument": { "uri": uri } });
        if let Some(previous) = previous {
            params["previousResultId"] = json!(previous);
        }
        self.request("textDocument/diagnostic", params)
    }

    /// Leaves politely and checks the end; dropping does the same.
    pub(crate) fn leave(mut self) {
        self.finish();
    }

    /// Ends the server the hard way.
    pub(crate) fn kill(mut self) {
        self.stage = Stage::Over;
        self.process.kill();
    }

    pub(crate) fn files_published(&self) -> Vec<PathBuf> {
        self.published.keys().cloned().collect()
    }

    /// Leaves in a way that ends with another exit code; the test does the leaving.
    pub(crate) fn expect_code(&mut self, code: i32) {
        self.expected_code = Some(code);
    }

    fn finish(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        if stage == Stage::Over {
            return;
        }
        if !self.process.has_ended() && self.expected_code == Some(0) {
            self.wait("an answer to every request", |editor| editor.awaited.is_empty().then_some(()));
            self.wait("what was pushed to be taken back", |editor| (!editor.has_both()).then_some(()));
            if self.answers == Answers::AtOnce {
                self.wait("an end of every progress", |editor| editor.open_progress.is_empty().then_some(()));
            }
            if stage == Stage::Open {
                self.request("shutdown", Value::Null);
                self.stage = Stage::Over;
            }
            self.notify("exit", Value::Null);
        }
        let status = self.process.wait();
        let errors = self.process.errors();
        let status = status.unwrap_or_else(|| panic!("the server did not end\n{errors}"));
        while let Some(frame) = self.process.next(deadline()) {
            if self.take(frame).is_none() {
                break;
            }
        }
        assert_eq!(status.code(), self.expected_code, "exit code\n{errors}");
        assert!(self.said.is_empty(), "messages that no test read: {:?}", self.said);
        for word in ["panicked", "awaited"] {
            assert!(!errors.contains(word), "the server's standard error:\n{errors}");
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.process.kill();
            let errors = self.process.errors();
            if !errors.is_empty() {
                // The test harness prints what a failed test wrote.
                let _ = std::io::Write::write_all(&mut std::io::stderr(), errors.as_bytes());
            }
        } else {
            self.finish();
        }
    }
}
