//! `workspace/diagnostic`: closed files for clients that ask for all of the workspace.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Editor, Log, Profile, Workspace, result};

const TEXT: &str = "def f(x):\n    return eval(x)\n";
const FILES: [&str; 3] = ["app.py", "lib/tools.py", "web.py"];

fn log(paths: &[&str]) -> Log {
    paths.iter().fold(Log::new("Bandit"), |log, path| log.with(result("B307", path, TEXT, "eval(x)")))
}

fn workspace() -> Workspace {
    let workspace = Workspace::new(&FILES.map(|path| (path, TEXT)));
    workspace.log("bandit", &log(&FILES));
    workspace
}

/// File, result id and number of diagnostics of each full report.
fn full(workspace: &Workspace, items: &Value) -> BTreeMap<String, (Option<String>, usize)> {
    let items = items.as_array().expect("items");
    let full = items.iter().filter(|item| item["kind"] == "full");
    full.map(|item| {
        let path = FILES.into_iter().find(|path| item["uri"] == json!(workspace.uri(path))).expect("a known file");
        let id = item["resultId"].as_str().map(str::to_owned);
        (path.to_owned(), (id, item["items"].as_array().expect("diagnostics").len()))
    })
    .collect()
}

fn names(reports: &BTreeMap<String, (Option<String>, usize)>) -> Vec<&str> {
    reports.keys().map(String::as_str).collect()
}

fn previous(workspace: &Workspace, reports: &BTreeMap<String, (Option<String>, usize)>) -> Value {
    let one = |(path, (id, _)): (&String, &(Option<String>, usize))| {
        Some(json!({ "uri": workspace.uri(path), "value": id.as_ref()? }))
    };
    reports.iter().filter_map(one).collect()
}

#[test]
fn all_closed_files_come_at_once_and_are_not_pushed_any_more() {
    let workspace = workspace();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.wait_texts("web.py", &["eval(x)"]);
    let report = editor.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    assert_eq!(names(&full(&workspace, &report["items"])), FILES, "{report}");
    editor.wait("what was pushed to be taken back", |editor| {
        FILES.iter().all(|path| editor.shown(path).is_empty()).then_some(())
    });
    // An open document is pulled by itself.
    editor.open("app.py");
    let report = editor.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    assert_eq!(names(&full(&workspace, &report["items"])), FILES[1..], "{report}");
}

#[test]
fn what_did_not_change_is_only_named_and_what_went_is_cleared() {
    let workspace = workspace();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.wait_ready();
    let first = editor.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let known = full(&workspace, &first["items"]);
    let second = editor.request("workspace/diagnostic", json!({ "previousResultIds": previous(&workspace, &known) }));
    let kinds: Vec<&Value> = second["items"].as_array().expect("items").iter().map(|item| &item["kind"]).collect();
    assert_eq!(kinds, ["unchanged"; 3], "{second}");
    workspace.log("bandit", &log(&FILES[..2]));
    editor.tell_disk(&[(".aspm/bandit.sarif", 2)]);
    editor.wait_asked("workspace/diagnostic/refresh");
    let third = editor.request("workspace/diagnostic", json!({ "previousResultIds": previous(&workspace, &known) }));
    let cleared = full(&workspace, &third["items"]);
    assert_eq!(cleared.get("web.py"), Some(&(None, 0)), "{third}");
}

#[test]
fn a_client_that_takes_parts_is_told_of_changes_while_its_request_is_open() {
    let workspace = workspace();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.wait_ready();
    let asked = stream(&mut editor, "one");
    let first = part(&mut editor, &workspace, "one", 0);
    assert_eq!(names(&first), FILES);
    workspace.write("web.py", format!("import os\n\n{TEXT}"));
    editor.tell_disk(&[("web.py", 2)]);
    let second = part(&mut editor, &workspace, "one", 1);
    assert_eq!(names(&second), ["web.py"], "only what changed");
    assert_ne!(first["web.py"].0, second["web.py"].0);
    editor.open("lib/tools.py");
    editor.close("lib/tools.py");
    assert_eq!(names(&part(&mut editor, &workspace, "one", 2)), ["lib/tools.py"], "told anew when it is closed");
    assert!(!editor.is_answered(asked));
    // A new question ends the old one.
    let again = stream(&mut editor, "two");
    assert_eq!(editor.answer(asked).expect("the end"), json!({ "items": [] }));
    assert_eq!(names(&part(&mut editor, &workspace, "two", 0)), FILES);
    editor.notify("$/cancelRequest", json!({ "id": again }));
    assert_eq!(editor.answer(again).expect_err("cancelled")["code"], -32800);
}

#[test]
fn goodbye_ends_a_request_that_is_held_open() {
    let workspace = workspace();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.wait_ready();
    let asked = stream(&mut editor, "one");
    part(&mut editor, &workspace, "one", 0);
    let goodbye = editor.ask("shutdown", Value::Null);
    assert_eq!(editor.answer(goodbye), Ok(Value::Null));
    assert_eq!(editor.answer(asked).expect("the end"), json!({ "items": [] }));
}

fn stream(editor: &mut Editor, token: &str) -> i64 {
    editor.parts.insert(token.to_owned(), Vec::new());
    editor.ask("workspace/diagnostic", json!({ "previousResultIds": [], "partialResultToken": token }))
}

/// A part that came for this token, once it is there.
fn part(
    editor: &mut Editor,
    workspace: &Workspace,
    token: &str,
    number: usize,
) -> BTreeMap<String, (Option<String>, usize)> {
    let part = editor.wait(&format!("part {number} for {token}"), |editor| {
        editor.parts.get(token).and_then(|parts| parts.get(number)).cloned()
    });
    full(workspace, &part["items"])
}
