//! Runs pulls over logs in a temporary folder.

use std::fs;
use std::path::Path;

use aspm_connectors::sarif::{Limits, SarifFiles};
use aspm_connectors::{Connector, Error, Outcome, Sink};
use finding::Finding;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Keeps what it is given.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) Vec<Finding>);

impl Sink for Kept {
    fn finding(&mut self, finding: Finding) -> Result<(), String> {
        self.0.push(finding);
        Ok(())
    }
}

pub(crate) fn pull_from(files: &SarifFiles, previous: Option<&str>) -> (Vec<Finding>, Result<Outcome, Error>) {
    let mut kept = Kept::default();
    let outcome = files.pull(previous, &mut kept, &|| false, &|_| {});
    (kept.0, outcome)
}

/// A pull of everything that `pattern` stands for below `root`.
pub(crate) fn pull(root: &Path, pattern: &str) -> (Vec<Finding>, Result<Outcome, Error>) {
    pull_within(root, pattern, Limits::default())
}

pub(crate) fn pull_within(root: &Path, pattern: &str, limits: Limits) -> (Vec<Finding>, Result<Outcome, Error>) {
    pull_from(&SarifFiles::new(root, "ci", pattern, limits).expect("a pattern"), None)
}

/// A pull of one log, `a.sarif`, with these bytes.
pub(crate) fn pull_bytes(bytes: &[u8]) -> (Vec<Finding>, Result<Outcome, Error>) {
    let root = folder(&[("a.sarif", bytes)]);
    pull(root.path(), "a.sarif")
}

pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let root = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        write(root.path(), name, bytes);
    }
    root
}

pub(crate) fn write(root: &Path, name: &str, bytes: &[u8]) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, bytes).expect("a file");
}

pub(crate) fn log(runs: &[Value]) -> String {
    json!({"version": "2.1.0", "runs": runs}).to_string()
}

pub(crate) fn run(results: &[Value]) -> Value {
    json!({"tool": {"driver": {"name": "Tool"}}, "results": results})
}

/// A result at a line of a file.
pub(crate) fn result(rule: &str, path: &str, line: u32) -> Value {
    json!({
        "ruleId": rule,
        "message": {"text": format!("{rule} at {path}")},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": line}}}],
    })
}

pub(crate) fn problems(outcome: &Outcome) -> Vec<String> {
    outcome.problems.iter().map(ToString::to_string).collect()
}
