//! An outbox that cannot be used: kept and named, nobody is told that all is well, and findings are read all the same.

use std::path::PathBuf;

use serde_json::json;

use crate::support::{Central, Editor, Profile, Workspace, both, synced_shop};

/// With as many decisions in the outbox, and its file.
fn queued(count: usize) -> (Workspace, Central, PathBuf) {
    let (workspace, central) = synced_shop();
    let id = workspace.id_of("B307");
    for number in 0..count {
        let reason = format!("Reason {number}.");
        let (code, out, err) = workspace.run(&["triage", &id, "--status", "note", "--reason", &reason, "--queue"]);
        assert_eq!(code, 0, "{out}{err}");
    }
    let path = workspace.data().join("outbox.db");
    assert!(path.is_file());
    (workspace, central, path)
}

fn garble(path: &PathBuf, from: usize) -> Vec<u8> {
    let mut bytes = std::fs::read(path).expect("readable");
    bytes.iter_mut().skip(from).step_by(97).for_each(|byte| *byte ^= 0x5a);
    std::fs::write(path, &bytes).expect("written");
    for companion in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{companion}", path.display()));
    }
    bytes
}

#[test]
fn a_damaged_one_is_kept_named_and_never_called_empty() {
    let (workspace, _central, path) = queued(2);
    let bytes = garble(&path, 0);
    let kept = format!("{}.corrupt-1", path.display());
    let (code, out, err) = workspace.run(&["outbox", "list"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("outbox was damaged") && err.contains(&kept) && err.contains("Compare"), "{err}");
    assert!(!out.contains("every triage was confirmed"), "nobody knows that: {out}");
    assert_eq!(std::fs::read(&kept).expect("kept"), bytes, "as it was");
    // Who was not there when it was found hears of it too, until the file is gone.
    for _ in 0..2 {
        let (_, out, err) = workspace.run(&["outbox", "list"]);
        assert!(out.contains(&kept) && out.contains("Delete it once"), "{out}{err}");
    }
    std::fs::remove_file(&kept).expect("removed");
    let (_, out, _) = workspace.run(&["outbox", "list"]);
    assert!(out.contains("Nothing waits: every triage was confirmed") && !out.contains("corrupt"), "{out}");
}

#[test]
fn what_can_be_read_of_a_damaged_one_is_sent_once() {
    let (workspace, central, path) = queued(2);
    // The schema's page is gone, the records are whole.
    let mut bytes = std::fs::read(&path).expect("readable");
    bytes[100..600].fill(0x5a);
    std::fs::write(&path, bytes).expect("written");
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("outbox was damaged") && err.contains("2 unsent triage decisions were recovered"), "{err}");
    let (_, out, err) = workspace.run(&["outbox", "list"]);
    for number in 0..2 {
        let arrived = central.said("Eval", &format!("Reason {number}."));
        assert!(arrived == 1 || out.contains("held back"), "{number}: {arrived}: {out}{err}");
    }
}

#[test]
fn an_editor_says_that_it_was_damaged_and_shows_the_findings() {
    let (workspace, central, path) = queued(1);
    garble(&path, 0);
    let id = central.finding("Shell")["id"].clone();
    central.control("change", &json!({ "close": id }));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "what the platform has now", |shown| shown.len() == 1 && shown[0].code == "B307");
    editor.wait_problem(&["outbox was damaged", "outbox.db.corrupt-1"]);
}

/// Something that is no outbox lies where one should be.
fn obstruct(workspace: &Workspace, path: &PathBuf, is_whole_folder: bool) {
    if is_whole_folder {
        std::fs::rename(workspace.data(), workspace.beside("data-before")).expect("moved");
        std::fs::write(workspace.data(), "no folder").expect("written");
    } else {
        std::fs::rename(path, workspace.beside("outbox-before")).expect("moved");
        std::fs::create_dir(path).expect("created");
        for companion in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{companion}", path.display()));
        }
    }
}

#[test]
fn one_that_cannot_be_opened_refuses_triage_and_keeps_no_findings_from_being_read() {
    for is_whole_folder in [false, true] {
        let (workspace, central, path) = queued(1);
        obstruct(&workspace, &path, is_whole_folder);
        let number = central.finding("Shell")["id"].clone();
        central.control("change", &json!({ "close": number }));
        let (code, out, err) = workspace.run(&["sync"]);
        assert_eq!(code, 1, "not all is well: {out}{err}");
        assert!(err.contains("not sent") && err.contains("ASPM_DATA_DIR"), "{err}");
        let (_, out, _) = workspace.run(&["list"]);
        assert!(out.contains("1 open finding"), "findings are read: {out}");
        let (code, out, err) = workspace.run(&["outbox", "list"]);
        assert_eq!(code, 1, "{out}{err}");
        assert!(!out.contains("Nothing waits") && err.contains(&workspace.data().display().to_string()), "{out}{err}");
        let id = workspace.id_of("B307");
        let (code, out, err) = workspace.run(&["triage", &id, "--status", "close", "--reason", "Done."]);
        assert_eq!(code, 1, "{out}{err}");
        assert!(!out.contains("Queued"), "{out}");
        assert_eq!(central.finding("Eval")["is_mitigated"], false, "nothing is sent that is not kept");
        let (_, out, _) = workspace.run(&["doctor"]);
        assert!(out.contains("outbox: cannot be used"), "{out}");
    }
}

#[test]
fn an_editor_without_an_outbox_shows_findings_and_refuses_triage() {
    let (workspace, central, path) = queued(1);
    obstruct(&workspace, &path, false);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "both", both);
    editor.wait_problem(&["not sent", "not a plain file"]);
    let said = json!({ "ids": shown[1].ids, "status": "false_positive", "reason": "Only numbers." });
    let refused = editor.command("aspm.triage", said).expect_err("it cannot be kept");
    assert!(refused["message"].as_str().is_some_and(|words| words.contains("cannot be queued")), "{refused}");
    editor.wait_said("cannot be queued");
    assert_eq!(central.finding("Eval")["false_p"], false);
    // Put right while the editor is open, what waited is sent.
    std::fs::remove_dir(&path).expect("removed");
    std::fs::rename(workspace.beside("outbox-before"), &path).expect("moved back");
    editor.command("aspm.sync", json!({})).expect("accepted");
    editor.wait("what waited", |_| (central.said("Eval", "Reason 0.") == 1).then_some(()));
    editor.wait_ready();
}
