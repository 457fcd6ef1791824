//! Another process keeps a database locked: whoever reads goes on, whoever writes waits for a while that has an end, and
//! nobody is told of what is not on disk.

use std::io::Read as _;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::support::{Answers, Central, Editor, Held, Profile, Workspace, both, synced_shop};

fn start(workspace: &Workspace, arguments: &[&str]) -> Child {
    let mut command = workspace.command(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")
}

/// Its exit code and all it said.
fn end(mut child: Child) -> (i32, String) {
    let mut said = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut said).expect("text");
    child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
    (child.wait().expect("it ends").code().unwrap_or(-1), said)
}

fn close(central: &Central, title: &str) {
    let number = central.finding(title)["id"].clone();
    central.control("change", &json!({ "close": number }));
}

/// The time that is promised.
#[test]
fn a_cache_that_is_locked_for_half_a_minute_is_waited_for() {
    let (workspace, central) = synced_shop();
    let mut held = Held::start(&workspace.database(), 30);
    close(&central, "Shell");
    let sync = start(&workspace, &["sync"]);
    let (code, said) = end(sync);
    assert!(!held.is_held(), "it waited: {said}");
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains("warning"), "{said}");
    let (_, out, _) = workspace.run(&["list"]);
    assert!(out.contains("1 open finding"), "what was read is there: {out}");
}

#[test]
fn an_editor_answers_while_what_it_read_waits_for_the_lock() {
    let (workspace, central) = synced_shop();
    let mut held = Held::start(&workspace.database(), 0);
    // Also one that starts only now.
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "both", both);
    close(&central, "Shell");
    editor.command("aspm.sync", Value::Null).expect("accepted");
    editor.wait("the server being asked", |_| {
        let log = central.control("log", &Value::Null).to_string();
        log.contains("-last_status_update").then_some(())
    });
    for _ in 0..20 {
        assert!(editor.hover_text("app.py", "eval(x)").contains("Eval"));
        editor.insert("app.py", 0, "# typed\n");
        editor.wait_shown("app.py", "both, further down", both);
    }
    let said = json!({ "ids": shown[1].ids, "status": "false_positive", "reason": "Only numbers." });
    editor.command("aspm.triage", said).expect("queued");
    editor.wait_said("pending until the source confirms");
    let (_, out, _) = workspace.run(&["outbox", "list"]);
    assert!(out.contains("false positive"), "it is in the outbox before anybody is told: {out}");
    assert!(held.is_held(), "all of that while it was locked");
    drop(held);
    editor.wait_shown("app.py", "none is left", <[_]>::is_empty);
    editor.wait_ready();
    assert_eq!(central.said("Eval", "Only numbers."), 1);
}

#[test]
fn an_editor_may_be_left_while_it_waits() {
    let (workspace, central) = synced_shop();
    let mut held = Held::start(&workspace.database(), 0);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "both", both);
    close(&central, "Shell");
    editor.command("aspm.sync", Value::Null).expect("accepted");
    editor.wait("the server being asked", |_| {
        let log = central.control("log", &Value::Null).to_string();
        log.contains("-last_status_update").then_some(())
    });
    // What it is busy with is not over.
    editor.answers = Answers::Refused;
    editor.leave();
    assert!(held.is_held());
    drop(held);
    assert_eq!(workspace.run(&["sync"]).0, 0);
    let (_, out, _) = workspace.run(&["list"]);
    assert!(out.contains("1 open finding"), "{out}");
}

#[test]
fn triage_needs_no_cache_to_be_kept_and_sent() {
    let (workspace, central) = synced_shop();
    let ids = [workspace.id_of("B605"), workspace.id_of("B307")];
    let mut held = Held::start(&workspace.database(), 0);
    let said = ["--status", "false_positive", "--reason", "Only numbers."];
    let (code, out, err) = workspace.run(&[&["triage", &ids[0], &ids[1]][..], &said].concat());
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("Queued") && out.contains("confirmed all 2"), "{out}{err}");
    assert!(held.is_held(), "it did not wait for the lock's end");
    for title in ["Shell", "Eval"] {
        assert_eq!((central.finding(title)["false_p"].clone(), central.said(title, "Only numbers.")), (json!(true), 1));
    }
    drop(held);
    assert_eq!(workspace.run(&["sync"]).0, 0);
    let (_, out, _) = workspace.run(&["list"]);
    assert!(out.contains("No open findings"), "{out}");
}

/// Nothing says "Queued" before it can be, and nothing else waits along.
#[test]
fn an_outbox_that_is_locked_is_waited_for_before_anything_is_promised() {
    let (workspace, central) = synced_shop();
    let ids = [workspace.id_of("B605"), workspace.id_of("B307")];
    let note = |id: &str, reason: &str| workspace.run(&["triage", id, "--status", "note", "--reason", reason]);
    assert_eq!(note(&ids[0], "The first.").0, 0);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "both", both);
    let mut held = Held::start(&workspace.data().join("outbox.db"), 12);
    let waiting = start(&workspace, &["triage", &ids[1], "--status", "note", "--reason", "The second."]);
    let said = json!({ "ids": [ids[0]], "status": "note", "reason": "The third." });
    let asked = editor.ask("workspace/executeCommand", json!({ "command": "aspm.triage", "arguments": [said] }));
    // The editor is not to be felt meanwhile, and findings are there for who looks or begins now.
    for _ in 0..10 {
        assert!(editor.hover_text("app.py", "eval(x)").contains("Eval"));
        editor.insert("app.py", 0, "# typed\n");
        editor.wait_shown("app.py", "both, further down", both);
    }
    let (code, out, err) = workspace.run(&["list"]);
    assert!(code == 0 && out.contains("2 open findings"), "{out}{err}");
    let mut late = Editor::start(&workspace, Profile::push());
    late.open("app.py");
    late.wait_shown("app.py", "both", both);
    assert!(!editor.is_answered(asked) && held.is_held(), "all of that while it was locked");
    let (code, said) = end(waiting);
    assert!(!held.is_held(), "it waited: {said}");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Queued"), "{said}");
    editor.answer(asked).expect("queued");
    editor.wait_said("pending until the source confirms");
    late.leave();
    editor.wait("all three", |_| {
        let all = [("Shell", "The first."), ("Eval", "The second."), ("Shell", "The third.")];
        all.iter().all(|(title, reason)| central.said(title, reason) == 1).then_some(())
    });
}
