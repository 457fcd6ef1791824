//! Disks that are full and folders that may not be written: findings are shown all the same, what cannot be kept is said,
//! and nothing is promised that is not on disk. Skipped, with a word, where the tests may not mount.

use serde_json::{Value, json};

use crate::support::{Central, Disk, Editor, Log, Profile, Workspace, both, result, shop};

/// The shop with its cache, or with its outbox and credentials, on a disk of its own, synchronised.
fn on_a_disk(variable: &'static str) -> Option<(Workspace, Central, Disk)> {
    let (workspace, central) = shop();
    let disk = Disk::mount(&workspace, "disk", 1024)?;
    let folder = disk.path().join("folder");
    let workspace = if variable == "cache" {
        workspace.with_cache(&folder)
    } else {
        workspace.with_env(variable, &folder.display().to_string())
    };
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    Some((workspace, central, disk))
}

/// So many more, of files that are nowhere, that they need room.
fn grow(central: &Central) {
    let code = "x = 1\n".repeat(300);
    for number in 0..60 {
        let description = format!("**Code:**\n```\n{number}{code}\n```");
        central.control(
            "change",
            &json!({ "create": { "test": 1, "title": format!("More {number}"), "line": number + 1,
            "file_path": format!("more{number}.py"), "severity": "Low", "vuln_id_from_tool": format!("M{number}"),
            "description": description } }),
        );
    }
}

fn close(central: &Central, title: &str) {
    let number = central.finding(title)["id"].clone();
    central.control("change", &json!({ "close": number }));
}

#[test]
fn with_a_full_disk_sync_says_so_and_what_was_read_before_stays() {
    let Some((workspace, central, disk)) = on_a_disk("cache") else { return };
    grow(&central);
    disk.fill(8);
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 1, "nothing of it is kept: {out}{err}");
    assert!(out.contains("62 findings"), "but it was read: {out}{err}");
    assert!(err.contains("No room left") && err.contains("free some disk space"), "{err}");
    let (code, out, err) = workspace.run(&["list"]);
    assert!(code == 0 && out.contains("2 open findings: 2 exact"), "{out}{err}");
    disk.empty();
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("62 findings") && !err.contains("room"), "{out}{err}");
}

#[test]
fn with_a_full_disk_an_editor_shows_what_the_platform_has_now() {
    let Some((workspace, central, disk)) = on_a_disk("cache") else { return };
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "both", both);
    editor.wait_ready();
    disk.fill(8);
    grow(&central);
    close(&central, "Shell");
    editor.command("aspm.sync", Value::Null).expect("accepted");
    editor.wait_shown("app.py", "one", |shown| shown.len() == 1 && shown[0].code == "B307");
    editor.wait_problem(&["No room left", "in memory for this session"]);
    // Again, from what it holds in memory.
    close(&central, "Eval");
    editor.command("aspm.sync", Value::Null).expect("accepted");
    editor.wait_shown("app.py", "none", <[_]>::is_empty);
    disk.empty();
    editor.command("aspm.sync", Value::Null).expect("accepted");
    editor.wait_ready();
    editor.leave();
    let (_, out, _) = workspace.run(&["list"]);
    assert!(out.contains("62 findings") || out.contains("60 open findings"), "it is on disk again: {out}");
}

#[test]
fn triage_that_finds_no_room_is_refused_and_what_waited_stays() {
    let Some((workspace, central, disk)) = on_a_disk("ASPM_DATA_DIR") else { return };
    let id = workspace.id_of("B307");
    let says = |reason: &str| workspace.run(&["triage", &id, "--status", "note", "--reason", reason, "--queue"]);
    assert_eq!(says("The first.").0, 0);
    disk.fill(0);
    let long = "A long reason. ".repeat(2_000);
    let (code, out, err) = says(&long);
    assert_eq!(code, 1, "{out}{err}");
    assert!(!out.contains("Queued") && err.contains("room left"), "{out}{err}");
    close(&central, "Shell");
    let (_, out, err) = workspace.run(&["sync"]);
    let (_, listed, _) = workspace.run(&["list"]);
    assert!(listed.contains("1 open finding"), "findings are read: {listed}{out}{err}");
    disk.empty();
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!((central.said("Eval", "The first."), central.said("Eval", "A long")), (1, 0));
}

#[test]
fn an_editor_refuses_triage_that_finds_no_room() {
    let Some((workspace, central, disk)) = on_a_disk("ASPM_DATA_DIR") else { return };
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "both", both);
    editor.wait_ready();
    disk.fill(0);
    let said = json!({ "ids": shown[1].ids, "status": "false_positive", "reason": "Only numbers." });
    let refused = editor.command("aspm.triage", said).expect_err("there is no room");
    assert!(refused.to_string().contains("No room left") || refused.to_string().contains("No space left"), "{refused}");
    editor.wait("the refusal", |editor| editor.take_said("space").or_else(|| editor.take_said("room")));
    assert_eq!(central.finding("Eval")["false_p"], false);
    editor.wait_shown("app.py", "both, and none pending", |shown| {
        both(shown) && shown.iter().all(|one| !one.message.contains("pending"))
    });
}

#[test]
fn a_form_that_finds_no_room_is_an_error_and_nothing_is_said_of_the_finding() {
    let Some((workspace, central, disk)) = on_a_disk("cache") else { return };
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "both", both);
    editor.wait_ready();
    disk.fill(0);
    let asked = editor.command("aspm.triage", json!({ "ids": shown[1].ids, "status": "close" }));
    let refused = asked.expect_err("the form cannot be written");
    assert!(refused.to_string().contains("form"), "{refused}");
    assert_eq!(central.finding("Eval")["is_mitigated"], false);
    assert!(workspace.run(&["outbox", "list"]).1.contains("Nothing waits"));
    disk.empty();
    editor.take_said("form");
    let asked = editor.command("aspm.triage", json!({ "ids": shown[1].ids, "status": "close" })).expect("a form");
    let path = asked["path"].as_str().expect("a path").to_owned();
    let form = std::fs::read_to_string(path).expect("readable");
    assert!(form.ends_with("\nreason:\n"), "{form:?}");
}

#[test]
fn a_credential_that_finds_no_room_leaves_the_one_before() {
    let Some((workspace, central, disk)) = on_a_disk("ASPM_DATA_DIR") else { return };
    let login = |workspace: &Workspace| {
        let mut command = workspace.command(&["login", &central.url, "--token-stdin", "--store", "file"]);
        command.stdin(std::fs::File::open(workspace.beside("token")).expect("there"));
        let output = command.output().expect("it runs");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
    };
    workspace.user_config("");
    disk.fill(0);
    let (code, said) = login(&workspace);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("credential") || said.contains("token"), "{said}");
    assert!(!said.contains(crate::support::TOKEN), "{said}");
    assert_ne!(workspace.run(&["sync"]).0, 0, "nobody is signed in by half");
    disk.empty();
    let (code, said) = login(&workspace);
    assert_eq!(code, 0, "{said}");
    disk.fill(0);
    let (code, said) = login(&workspace);
    assert_eq!(code, 2, "{said}");
    disk.empty();
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "the one before works: {out}{err}");
}

/// Home, cache and data: nothing of them may be written, not even by root.
#[test]
fn with_a_read_only_home_findings_of_a_log_and_of_the_platform_are_shown() {
    let (workspace, central) = shop();
    let Some(disk) = Disk::mount(&workspace, "disk", 512) else { return };
    let home = disk.path().display().to_string();
    let workspace = workspace
        .with_env("HOME", &home)
        .with_env("XDG_CACHE_HOME", &format!("{home}/cache"))
        .with_env("XDG_DATA_HOME", &format!("{home}/data"))
        .with_env("ASPM_DATA_DIR", &format!("{home}/data/aspm"))
        .with_cache(&disk.path().join("cache/aspm"));
    disk.forbid_writing();
    let text = workspace.read("app.py");
    workspace.log("scan", &Log::new("Bandit").with(result("B102", "app.py", &text, "import os")));
    let named = workspace.read("aspm.toml");
    workspace.write("aspm.toml", format!("{named}\n[[source]]\nname = \"ci\"\nkind = \"sarif\"\npath = \".aspm\"\n"));
    let (code, out, err) = workspace.run(&["list"]);
    assert!(out.contains("B102") && out.contains("1 open finding"), "{code} {out}{err}");
    assert!(err.contains("in memory for this session only"), "{err}");
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("central: 2 findings") && err.contains("in memory"), "{out}{err}");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "all three", |shown| shown.len() == 3);
    editor.wait_problem(&["in memory for this session only"]);
    let central_one = shown.iter().find(|one| one.code == "B307").expect("there");
    let said = json!({ "ids": central_one.ids, "status": "false_positive", "reason": "Only numbers." });
    let refused = editor.command("aspm.triage", said).expect_err("it cannot be kept");
    assert!(refused.to_string().contains("cannot be queued"), "{refused}");
    editor.wait_said("cannot be queued");
    assert_eq!(central.finding("Eval")["false_p"], false);
    editor.leave();
    disk.allow_writing();
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn a_disk_that_turns_read_only_keeps_no_editor_from_reading() {
    let Some((workspace, central, disk)) = on_a_disk("cache") else { return };
    disk.forbid_writing();
    let (code, out, err) = workspace.run(&["list"]);
    assert!(out.contains("2 open findings"), "what is there can be read: {code} {out}{err}");
    assert!(err.contains("in memory for this session only"), "{err}");
    close(&central, "Shell");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "one", |shown| shown.len() == 1 && shown[0].code == "B307");
    editor.wait_problem(&["in memory"]);
}

#[test]
fn an_outbox_that_may_not_be_written_refuses_triage_and_shows_what_waits() {
    let Some((workspace, central, disk)) = on_a_disk("ASPM_DATA_DIR") else { return };
    let id = workspace.id_of("B307");
    let queue = ["triage", &id, "--status", "note", "--reason", "Looked at.", "--queue"];
    assert_eq!(workspace.run(&queue).0, 0);
    disk.forbid_writing();
    let (code, out, err) = workspace.run(&["triage", &id, "--status", "close", "--reason", "Done."]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(!out.contains("Queued"), "{out}");
    let (_, out, err) = workspace.run(&["outbox", "list"]);
    assert!(!out.contains("Nothing waits"), "{out}{err}");
    close(&central, "Shell");
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(workspace.run(&["list"]).1.contains("1 open finding"), "{out}{err}");
    disk.allow_writing();
    assert_eq!(workspace.run(&["sync"]).0, 0);
    assert_eq!(central.said("Eval", "Looked at."), 1);
}
