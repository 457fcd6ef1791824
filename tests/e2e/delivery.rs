//! How diagnostics reach the client: pushed or pulled, never both for one document.

use serde_json::{Value, json};

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n";

fn shop() -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP), ("lib/tools.py", APP)]);
    let log = Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")).with(result(
        "B307",
        "lib/tools.py",
        APP,
        "eval(x)",
    ));
    workspace.log("scan", &log);
    workspace
}

#[test]
fn a_client_that_cannot_pull_is_pushed_open_and_closed_files() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    assert!(editor.server["capabilities"].get("diagnosticProvider").is_none());
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.wait_texts("lib/tools.py", &["eval(x)"]);
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[test]
fn a_client_that_pulls_is_pushed_closed_files_only() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::pull());
    assert_eq!(editor.server["capabilities"]["diagnosticProvider"]["interFileDependencies"], true);
    assert_eq!(editor.server["capabilities"]["diagnosticProvider"]["workspaceDiagnostics"], true);
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.wait_texts("lib/tools.py", &["eval(x)"]);
    editor.open("app.py");
    // What was pushed is taken back; the harness sees to it at the end, too.
    editor.wait("an empty publish", |editor| (!editor.has_both()).then_some(()));
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.close("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[test]
fn what_was_pushed_is_taken_back_whenever_the_document_is_opened() {
    let workspace = shop();
    for _ in 0..12 {
        let mut editor = Editor::start(&workspace, Profile::pull());
        editor.open("lib/tools.py");
        editor.open("app.py");
        editor.wait_texts("app.py", &["eval(x)"]);
        editor.wait_texts("lib/tools.py", &["eval(x)"]);
        editor.wait("an empty publish", |editor| (!editor.has_both()).then_some(()));
    }
}

#[test]
fn a_client_that_pulls_but_cannot_be_told_to_pull_again_is_pushed() {
    let workspace = shop();
    let profile = Profile::pull().with("/workspace/diagnostics/refreshSupport", json!(false));
    let mut editor = Editor::start(&workspace, profile);
    assert!(editor.server["capabilities"].get("diagnosticProvider").is_none());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[test]
fn an_unchanged_report_is_only_named() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    let first = editor.pull("app.py", None);
    assert_eq!(first["kind"], "full", "{first}");
    let id = first["resultId"].as_str().expect("an id").to_owned();
    let second = editor.pull("app.py", Some(&id));
    assert_eq!(second, json!({ "kind": "unchanged", "resultId": id }));
    editor.insert("app.py", 0, "\n");
    let third = editor.pull("app.py", Some(&id));
    assert_eq!(third["kind"], "full", "{third}");
    assert_ne!(third["resultId"], json!(id));
    editor.replace("app.py", 0..1, "");
    let fourth = editor.pull("app.py", Some(&id));
    assert_eq!(fourth["kind"], "unchanged", "{fourth}");
}

#[test]
fn a_document_that_is_not_open_has_an_empty_report() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.wait_ready();
    let report = editor.pull("app.py", None);
    assert_eq!(report["kind"], "full");
    assert_eq!(report["items"], json!([]));
}

#[test]
fn a_log_that_changes_makes_the_client_pull_again() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.open("app.py");
    editor.wait_ready();
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.settle();
    editor.asked.clear();
    workspace.log("scan", &Log::new("Bandit").with(result("B101", "app.py", APP, "def run(x):")));
    editor.wait_asked("workspace/diagnostic/refresh");
    editor.wait_texts("app.py", &["def run(x):"]);
}

#[test]
fn diagnostics_carry_rule_tool_severity_and_ids() {
    let workspace = Workspace::introducing(&[("app.py", APP)]);
    let log = Log::new("Bandit")
        .with(result("E1", "app.py", APP, "eval(x)").level("error").help())
        .with(result("W1", "app.py", APP, "def run(x):").level("warning"))
        .with(result("N1", "app.py", APP, "return").level("note"));
    workspace.log("scan", &log);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "three findings", |shown| shown.len() == 3);
    let of = |rule: &str| shown.iter().find(|shown| shown.code == rule).unwrap_or_else(|| panic!("no {rule}"));
    assert_eq!((of("E1").severity, of("W1").severity, of("N1").severity), (1, 2, 3));
    for shown in &shown {
        assert_eq!(shown.source, "Bandit");
        assert_eq!(shown.ids.len(), 1);
        assert!(shown.ids[0].starts_with("sarif:"), "{:?}", shown.ids);
        assert!(shown.message.contains("was found here"), "{}", shown.message);
    }
    assert_eq!(of("E1").raw["codeDescription"]["href"], "https://rules.example/E1");
    assert_eq!(of("W1").raw.get("codeDescription"), None::<&Value>);
}

#[test]
fn a_client_without_the_extras_gets_none_of_them() {
    let workspace = Workspace::new(&[("app.py", APP), ("twins.py", APP)]);
    let twin = result("B999", "twins.py", APP, "eval(x)").cwe(95).help();
    workspace
        .log("a", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)").help()).with(twin))
        .log("b", &Log::new("Semgrep").with(result("eval-use", "twins.py", APP, "eval(x)").cwe(95)));
    // The harness checks each diagnostic against what the client can take.
    let mut editor = Editor::start(&workspace, Profile::plain());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.open("twins.py");
    editor.wait_texts("twins.py", &["eval(x)"]);
    editor.insert("app.py", APP.trim_end().len(), "  # nosec B307");
    editor.wait_shown("app.py", "a suppressed finding", |shown| shown.len() == 1 && shown[0].severity == 4);
}

#[test]
fn ids_are_the_same_in_every_session() {
    let workspace = shop();
    let ids = |profile: Profile| {
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        editor.wait_texts("app.py", &["eval(x)"])[0].ids.clone()
    };
    let first = ids(Profile::push());
    assert_eq!(ids(Profile::pull()), first);
    workspace.write("app.py", format!("# moved\n{APP}"));
    assert_eq!(ids(Profile::plain()), first);
}
