//! A client that never answers, or always refuses, gets everything that does not need its answer.

use serde_json::json;

use crate::support::{Answers, Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n\ndef sh(c):\n    return os.system(c)\n";

fn served(answers: Answers, profile: Profile) {
    let workspace = Workspace::new(&[("app.py", APP), ("other.py", APP)]);
    let one = Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)").help());
    workspace.log("scan", &one);
    let mut editor = Editor::silent(&workspace, profile);
    editor.greet(std::slice::from_ref(&workspace.root), answers);
    editor.wait_ready();
    editor.open("app.py");
    let shown = editor.wait_texts("app.py", &["eval(x)"]);
    let id = json!({ "id": shown[0].ids[0] });
    for _ in 0..30 {
        editor.insert("app.py", 0, "# more\n");
        editor.command("aspm.open", id.clone()).expect("opened");
    }
    editor.wait_texts("app.py", &["eval(x)"]);
    assert!(editor.hover_text("app.py", "eval(x)").contains("B307"));
    assert!(editor.lenses("app.py").is_some());
    assert!(!editor.actions("app.py", "eval(x)", None).is_empty());
    let two = one.with(result("B605", "other.py", APP, "os.system(c)"));
    workspace.log("scan", &two);
    editor.tell_disk(&[(".aspm/scan.sarif", 2)]);
    editor.wait_texts("other.py", &["os.system(c)"]);
    editor.command("aspm.sync", json!(null)).expect("read again");
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[test]
fn a_pushed_client_that_never_answers_is_served() {
    served(Answers::Never, Profile::push());
}

#[test]
fn a_pulling_client_that_never_answers_is_served() {
    served(Answers::Never, Profile::pull());
}

#[test]
fn a_client_that_refuses_everything_is_served() {
    served(Answers::Refused, Profile::push());
    served(Answers::Refused, Profile::pull());
}
