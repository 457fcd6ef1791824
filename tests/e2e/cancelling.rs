//! `$/cancelRequest` under load: every request is answered exactly once, and the server stays quick.

use serde_json::{Value, json};

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n";

fn shop() -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)").help()));
    workspace
}

const CANCELLED: i64 = -32800;

#[test]
fn of_hundreds_of_cancelled_requests_each_is_answered_once() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    let uri = workspace.uri("app.py");
    let document = json!({ "uri": uri });
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 1, "character": 5 } });
    let mut ids = Vec::new();
    for round in 0..600 {
        // An edit in between makes pulls wait for verification, so that some are really interrupted.
        if round % 10 == 0 {
            editor.insert("app.py", 0, "# more\n");
        }
        let id = match round % 4 {
            0 => editor.ask(
                "textDocument/hover",
                json!({ "textDocument": document, "position": { "line": 1, "character": 12 } }),
            ),
            1 => editor.ask(
                "textDocument/codeAction",
                json!({ "textDocument": document, "range": range, "context": { "diagnostics": [] } }),
            ),
            2 => editor.ask("textDocument/codeLens", json!({ "textDocument": document })),
            _ => editor.ask("textDocument/diagnostic", json!({ "textDocument": document })),
        };
        editor.notify("$/cancelRequest", json!({ "id": id }));
        ids.push(id);
    }
    for id in ids {
        if let Err(error) = editor.answer(id) {
            assert_eq!(error["code"], CANCELLED, "{error}");
        }
    }
    // The harness fails on a second answer to any of them.
    assert!(editor.hover_text("app.py", "eval(x)").contains("B307"));
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[test]
fn a_pull_that_waits_for_slow_work_can_be_cancelled() {
    let workspace = shop();
    // A log that takes a while to read keeps the findings unknown and pulls waiting.
    let mut log = Log::new("Slow");
    for number in 0..20_000 {
        log = log.with(result("S1", "app.py", APP, "eval(x)").message(&format!("number {number}")));
    }
    workspace.log("slow", &log);
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.open("app.py");
    let params = json!({ "textDocument": { "uri": workspace.uri("app.py") } });
    let ids: Vec<i64> = (0..20).map(|_| editor.ask("textDocument/diagnostic", params.clone())).collect();
    for id in &ids {
        editor.notify("$/cancelRequest", json!({ "id": id }));
    }
    let answers: Vec<Result<Value, Value>> = ids.into_iter().map(|id| editor.answer(id)).collect();
    let cancelled = answers.iter().filter(|answer| answer.as_ref().is_err_and(|e| e["code"] == CANCELLED)).count();
    assert!(cancelled > 0, "not one of 20 waiting requests was cancelled: {answers:?}");
}

#[test]
fn cancelling_what_is_unknown_or_long_answered_changes_nothing() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.hover("app.py", "eval(x)");
    for id in [json!(1), json!(2), json!(999_999), json!("no such id"), Value::Null] {
        editor.notify("$/cancelRequest", json!({ "id": id }));
    }
    assert!(editor.hover_text("app.py", "eval(x)").contains("B307"));
}
