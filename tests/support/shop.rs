//! A repository with two findings that a central platform knows.

use serde_json::{Value, json};

use super::{Central, Shown, Workspace};

const APP: &str = "import os\n\ndef sh(c):\n    return os.system(c)\n\ndef calc(x):\n    return eval(x)\n";

/// `B605` on line 4 ("Shell") and `B307` on line 7 ("Eval") of `app.py`; nothing was synchronised yet.
pub(crate) fn shop() -> (Workspace, Central) {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let head = workspace.git(&["rev-parse", "HEAD"]);
    let findings = json!([
        { "title": "Shell", "file_path": "app.py", "line": 4, "severity": "High", "cwe": 78, "vuln_id_from_tool": "B605",
          "description": "Starting a process with a shell" },
        { "title": "Eval", "file_path": "app.py", "line": 7, "severity": "Medium", "cwe": 95, "vuln_id_from_tool": "B307",
          "description": "Use of eval" }
    ]);
    let central = Central::start(&head, &findings);
    central.bind(&workspace);
    (workspace, central)
}

/// The same, synchronised.
pub(crate) fn synced_shop() -> (Workspace, Central) {
    let (workspace, central) = shop();
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    central.control("log", &Value::Null);
    (workspace, central)
}

/// Both are shown.
pub(crate) fn both(shown: &[Shown]) -> bool {
    shown.iter().map(|one| one.code.as_str()).eq(["B605", "B307"])
}

impl Workspace {
    /// The id of the one finding of a rule, as `list` has it.
    pub(crate) fn id_of(&self, rule: &str) -> String {
        let (code, out, err) = self.run(&["list", "--status", "all", "--format", "json"]);
        assert_eq!(code, 0, "{err}");
        let list: Value = serde_json::from_str(&out).expect("JSON");
        let all = list["findings"].as_array().expect("findings");
        let found = all.iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("no {rule} in {out}"));
        found["id"].as_str().expect("an id").to_owned()
    }
}

impl Central {
    /// What was said of a finding by a note that begins so.
    pub(crate) fn said(&self, title: &str, reason: &str) -> usize {
        let finding = self.finding(title);
        let notes = finding["notes"].as_array().cloned().unwrap_or_default();
        notes.iter().filter(|note| note["entry"].as_str().is_some_and(|entry| entry.starts_with(reason))).count()
    }
}
