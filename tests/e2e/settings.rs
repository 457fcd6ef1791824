//! Settings: what is shown, and what a workspace that is not trusted may bring.

use serde_json::json;

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n\ndef sh(c):\n    return os.system(c)\n\nassert True\n";

fn shop() -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let log = Log::new("Bandit")
        .with(result("B307", "app.py", APP, "eval(x)").level("error"))
        .with(result("B605", "app.py", APP, "os.system(c)").level("warning"))
        .with(result("B101", "app.py", APP, "assert True").level("note"));
    workspace.log("scan", &log);
    workspace
}

const ALL: [&str; 3] = ["eval(x)", "os.system(c)", "assert True"];

#[test]
fn the_minimum_severity_hides_what_is_milder() {
    let workspace = shop();
    for profile in [Profile::push(), Profile::pull()] {
        for options in [json!({ "minimumSeverity": "medium" }), json!({ "aspm": { "minimumSeverity": "medium" } })] {
            let mut editor = Editor::start(&workspace, profile.clone().options(options));
            editor.open("app.py");
            editor.wait_texts("app.py", &ALL[..2]);
            editor.wait_ready();
            let set = |severity: &str| json!({ "settings": { "aspm": { "minimumSeverity": severity } } });
            editor.notify("workspace/didChangeConfiguration", set("high"));
            editor.wait_texts("app.py", &ALL[..1]);
            editor.notify("workspace/didChangeConfiguration", set("critical"));
            editor.wait_texts("app.py", &[]);
            editor.notify("workspace/didChangeConfiguration", set("info"));
            editor.wait_texts("app.py", &ALL);
        }
    }
}

#[test]
fn a_pulling_client_is_told_to_pull_again_when_settings_change() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.open("app.py");
    editor.wait_texts("app.py", &ALL);
    editor.wait_ready();
    editor.settle();
    editor.asked.clear();
    editor.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": { "aspm": { "minimumSeverity": "critical" } } }),
    );
    editor.wait_asked("workspace/diagnostic/refresh");
    editor.wait_texts("app.py", &[]);
}

#[test]
fn mistakes_in_settings_are_reported_and_the_rest_counts() {
    let workspace = shop();
    let options = json!({ "minimumSeverty": "high", "codeLens": "yes", "minimumSeverity": "medium" });
    let mut editor = Editor::start(&workspace, Profile::push().options(options));
    editor.open("app.py");
    editor.wait_texts("app.py", &ALL[..2]);
    let status = editor.wait_problem(&["minimumSeverty", "codeLens"]);
    assert!(status["messages"].to_string().contains("minimumSeverity"), "a suggestion: {status}");
    editor.notify("workspace/didChangeConfiguration", json!({ "settings": { "aspm": { "minimumSeverity": "info" } } }));
    editor.wait_ready();
    editor.wait_texts("app.py", &ALL);
}

#[test]
fn settings_of_others_and_empty_ones_change_nothing() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push().options(json!({ "minimumSeverity": "medium" })));
    editor.open("app.py");
    editor.wait_texts("app.py", &ALL[..2]);
    for settings in [json!(null), json!({}), json!({ "python": { "x": 1 } }), json!([]), json!({ "aspm": null })] {
        editor.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
    }
    editor.insert("app.py", 0, "\n");
    editor.wait_texts("app.py", &ALL[..2]);
    editor.wait_ready();
}

#[test]
fn an_untrusted_workspace_brings_nothing_from_its_aspm_folder() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push().options(json!({ "workspaceTrusted": false })));
    let status = editor.wait_problem(&["not trusted"]);
    assert_eq!(status["counts"]["open"], 0, "{status}");
    editor.open("app.py");
    editor.wait_texts("app.py", &[]);
    assert!(editor.hover("app.py", "eval(x)").is_null());
    editor.leave();
    // The same cache, trusted now.
    let mut editor = Editor::start(&workspace, Profile::push().options(json!({ "workspaceTrusted": true })));
    editor.open("app.py");
    editor.wait_texts("app.py", &ALL);
    editor.leave();
    // And not trusted any more: what is cached does not come back either.
    let mut editor = Editor::start(&workspace, Profile::push().options(json!({ "workspaceTrusted": false })));
    editor.wait_problem(&["not trusted"]);
    editor.open("app.py");
    editor.wait_texts("app.py", &[]);
}
