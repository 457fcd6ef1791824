//! Waiting for things to become so, with a deadline and never by sleeping; and what is shown now.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::editor::{Editor, Shown};
use super::process::deadline;

/// After so long without a message the condition is looked at again: some are about files or pulled diagnostics.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

impl Editor {
    /// Reads messages until `look` finds what it looks for.
    pub(crate) fn wait<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let deadline = deadline();
        loop {
            while let Some(frame) = self.process.arrived() {
                self.take(frame);
            }
            if let Some(found) = look(self) {
                return found;
            }
            let now = Instant::now();
            assert!(now < deadline, "waited in vain for {what}{}", self.state());
            let Some(frame) = self.process.next(deadline.min(now + LOOK_AGAIN)) else { continue };
            if self.take(frame).is_none() {
                return look(self).unwrap_or_else(|| panic!("the server ended before {what}{}", self.state()));
            }
        }
    }

    fn state(&self) -> String {
        let published: Vec<String> = self
            .published
            .iter()
            .map(|(path, published)| format!("{} v{:?}: {:?}", path.display(), published.version, published.texts))
            .collect();
        format!(
            "\nfull sync {}, client: {}\nlast status: {}\npublished: {published:#?}\nsaid: {:?}\nstandard error:\n{}",
            self.profile.full_sync,
            self.profile.capabilities,
            self.statuses.last().unwrap_or(&Value::Null),
            self.said,
            self.process.errors()
        )
    }

    pub(super) fn path_of(&self, path: &str) -> PathBuf {
        match path.strip_prefix("file:") {
            Some(_) => url::Url::parse(path).expect("a URI").to_file_path().expect("a file"),
            None => self.roots[0].join(path),
        }
    }

    /// What is shown on a file: pulled where the client pulls and has it open, else what was pushed last.
    pub(crate) fn shown(&mut self, path: &str) -> Vec<Shown> {
        let uri = self.uri(path);
        let is_pulled = self.profile.pulls() && self.documents.contains_key(&uri);
        let (diagnostics, texts) = if is_pulled {
            let report = self.pull(path, None);
            let diagnostics = report["items"].as_array().expect("a full report").clone();
            let texts = self.texts_under(&uri, self.documents[&uri].version, &diagnostics);
            (diagnostics, texts)
        } else {
            let published = self.published.get(&self.path_of(path));
            published.map(|published| (published.diagnostics.clone(), published.texts.clone())).unwrap_or_default()
        };
        let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        diagnostics
            .into_iter()
            .zip(texts)
            .map(|(raw, text)| Shown {
                text,
                severity: raw["severity"].as_u64().expect("a severity"),
                message: words(&raw["message"]),
                source: words(&raw["source"]),
                code: words(&raw["code"]),
                ids: raw["data"]["ids"].as_array().expect("ids").iter().map(words).collect(),
                raw,
            })
            .collect()
    }

    /// Whether what is known of a file is about its newest version.
    pub(crate) fn is_current(&self, path: &str) -> bool {
        let uri = self.uri(path);
        let Some(document) = self.documents.get(&uri) else { return true };
        let version = self.published.get(&self.path_of(path)).and_then(|published| published.version);
        self.profile.pulls() || version == Some(document.version)
    }

    /// Waits until what is shown on the newest version of the file is as wanted.
    pub(crate) fn wait_shown(&mut self, path: &str, what: &str, wanted: impl Fn(&[Shown]) -> bool) -> Vec<Shown> {
        let what = format!("{what} on {path}");
        self.wait(&what, |editor| {
            if !editor.is_current(path) {
                return None;
            }
            let shown = editor.shown(path);
            wanted(&shown).then_some(shown)
        })
    }

    /// Waits until exactly these texts are squiggled on the newest version of the file, in this order.
    pub(crate) fn wait_texts(&mut self, path: &str, texts: &[&str]) -> Vec<Shown> {
        self.wait_shown(path, &format!("exactly {texts:?}"), |shown| {
            shown.iter().map(|shown| shown.text.as_str()).eq(texts.iter().copied())
        })
    }

    /// Waits for a status.
    pub(crate) fn wait_status(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait(&format!("the status {what}"), |editor| {
            editor.statuses.last().filter(|status| wanted(status)).cloned()
        })
    }

    /// Waits until everything is read and placed and nothing is wrong.
    pub(crate) fn wait_ready(&mut self) -> Value {
        self.wait_status("ready", |status| status["state"] == "ready" && status["counts"]["pending"] == 0)
    }

    /// Waits until everything is read and placed, be something wrong or not.
    pub(crate) fn wait_loaded(&mut self) -> Value {
        self.wait_status("not loading", |status| status["state"] != "loading" && status["counts"]["pending"] == 0)
    }

    /// Waits for a status that is degraded in words that contain all of `words`.
    pub(crate) fn wait_problem(&mut self, words: &[&str]) -> Value {
        self.wait_status(&format!("degraded because of {words:?}"), |status| {
            let all = status.to_string();
            status["state"] == "degraded" && words.iter().all(|word| all.contains(word))
        })
    }

    pub(crate) fn statuses(&self) -> &[Value] {
        &self.statuses
    }

    /// Waits for a message to the user and takes it.
    pub(crate) fn wait_said(&mut self, words: &str) -> String {
        self.wait(&format!("a message with {words:?}"), |editor| {
            let at = editor.said.iter().position(|said| said.contains(words))?;
            Some(editor.said.remove(at))
        })
    }

    /// Takes a message to the user that is there already.
    pub(crate) fn take_said(&mut self, words: &str) -> Option<String> {
        let at = self.said.iter().position(|said| said.contains(words))?;
        Some(self.said.remove(at))
    }

    /// Waits for a request of the server and takes its parameters.
    pub(crate) fn wait_asked(&mut self, method: &str) -> Value {
        self.wait(&format!("the server's request {method}"), |editor| {
            let at = editor.asked.iter().position(|(asked, _)| asked == method)?;
            Some(editor.asked.remove(at).1)
        })
    }

    /// Waits until the server has dealt with everything sent so far.
    pub(crate) fn settle(&mut self) {
        // Any request will do: it is answered after what was sent before it was taken in.
        let outcome = self.try_request("workspace/executeCommand", serde_json::json!({ "command": "no.such.command" }));
        assert!(outcome.is_err(), "{outcome:?}");
    }
}
