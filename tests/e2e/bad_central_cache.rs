//! The cache of a central platform is damaged: it is set aside with a word, read again, and no triage is lost with it.

use std::path::Path;

use serde_json::Value;

use crate::support::{Central, Editor, Profile, Workspace, both, synced_shop};

type Damage = (&'static str, fn(&Path));

/// What may happen to a file, by name; the last turns bits where only reading rows meets them.
const DAMAGES: [Damage; 6] = [
    ("cut off", |path| truncate(path, 5_000)),
    ("emptied", |path| truncate(path, 0)),
    ("overwritten with zeros", |path| std::fs::write(path, [0; 40_000]).expect("written")),
    ("another program's", |path| {
        std::fs::remove_file(path).expect("removed");
        sqlite(path, "CREATE TABLE bookmarks (address TEXT)");
    }),
    ("of other tables", |path| {
        sqlite(path, "DROP TABLE packed");
    }),
    ("turned bits in the middle", |path| {
        let mut bytes = std::fs::read(path).expect("readable");
        assert!(bytes.len() > 20_000, "the middle is behind the header's page");
        bytes.iter_mut().skip(4_096).step_by(97).for_each(|byte| *byte ^= 0x5a);
        std::fs::write(path, bytes).expect("written");
    }),
];

fn truncate(path: &Path, length: u64) {
    std::fs::OpenOptions::new().write(true).open(path).expect("there").set_len(length).expect("cut");
}

fn sqlite(path: &Path, sql: &str) {
    let code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()";
    let done = std::process::Command::new("python3").args(["-c", code]).arg(path).arg(sql).status();
    assert!(done.is_ok_and(|done| done.success()), "{sql}");
}

/// All that was written is in the file itself; then it is damaged.
fn damage(workspace: &Workspace, how: fn(&Path)) -> std::path::PathBuf {
    let path = workspace.database();
    sqlite(&path, "PRAGMA wal_checkpoint(TRUNCATE)");
    how(&path);
    for companion in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{companion}", path.display()));
    }
    path
}

fn queue(workspace: &Workspace) {
    let id = workspace.id_of("B307");
    let (code, out, err) = workspace.run(&["triage", &id, "--status", "note", "--reason", "Looked at.", "--queue"]);
    assert_eq!(code, 0, "{out}{err}");
}

/// Nothing that was read is lost for good, nothing that was queued is lost at all.
fn is_whole(workspace: &Workspace, central: &Central, how: &str) {
    let (code, out, err) = workspace.run(&["list"]);
    assert!(code == 0 && out.contains("2 open findings: 2 exact"), "{how}: {code} {out}{err}");
    assert_eq!(central.said("Eval", "Looked at."), 1, "{how}: what was queued arrived, once");
    let (_, out, _) = workspace.run(&["outbox", "list"]);
    assert!(out.contains("Nothing waits"), "{how}: {out}");
}

#[test]
fn the_next_sync_says_so_and_reads_everything_again() {
    for (how, damaging) in DAMAGES {
        let (workspace, central) = synced_shop();
        queue(&workspace);
        let path = damage(&workspace, damaging);
        let (code, out, err) = workspace.run(&["sync"]);
        assert_eq!(code, 0, "{how}: {out}{err}");
        assert!(out.contains("2 findings"), "{how}: {out}{err}");
        if how != "emptied" {
            assert!(err.contains("cache was damaged") && err.contains("set aside as"), "{how}: {err}");
            assert!(Path::new(&format!("{}.corrupt-1", path.display())).exists(), "{how}: it is kept to be looked at");
        }
        is_whole(&workspace, &central, how);
    }
}

#[test]
fn without_a_network_no_data_is_not_told_as_no_findings() {
    for (how, damaging) in DAMAGES {
        let (workspace, central) = synced_shop();
        queue(&workspace);
        damage(&workspace, damaging);
        let (code, out, err) = workspace.run(&["list"]);
        assert_eq!(code, 3, "{how}: {out}{err}");
        assert!(!out.contains("0 open"), "{how}: {out}");
        assert!(how == "emptied" || err.contains("cache was damaged"), "{how}: {err}");
        let (code, out, err) = workspace.run(&["sync"]);
        assert_eq!(code, 0, "{how}: {out}{err}");
        is_whole(&workspace, &central, how);
    }
}

#[test]
fn an_editor_has_its_findings_again_without_being_asked() {
    for (how, damaging) in DAMAGES {
        let (workspace, central) = synced_shop();
        queue(&workspace);
        damage(&workspace, damaging);
        let mut editor = Editor::start(&workspace, Profile::push());
        editor.open("app.py");
        editor.wait_shown("app.py", how, both);
        if how != "emptied" {
            editor.wait_problem(&["cache was damaged", "set aside as"]);
        }
        editor.wait("what was queued", |_| (central.said("Eval", "Looked at.") == 1).then_some(()));
        editor.leave();
        is_whole(&workspace, &central, how);
    }
}

#[test]
fn damage_that_an_editor_meets_while_it_is_open_is_mended_too() {
    let (workspace, central) = synced_shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "both", both);
    editor.wait_ready();
    damage(&workspace, DAMAGES[5].1);
    let id = central.finding("Shell")["id"].clone();
    central.control("change", &serde_json::json!({ "close": id }));
    editor.command("aspm.sync", Value::Null).expect("accepted");
    editor.wait_shown("app.py", "one", |shown| shown.len() == 1 && shown[0].code == "B307");
}

#[test]
fn a_folder_in_the_place_of_the_cache_costs_a_message_and_no_findings() {
    let (workspace, _central) = synced_shop();
    let path = damage(&workspace, |path| {
        std::fs::remove_file(path).expect("removed");
        std::fs::create_dir(path).expect("created");
    });
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "both", both);
    editor.wait_problem(&["in memory", "not a plain file"]);
    editor.leave();
    assert!(path.is_dir(), "what is not ours is left alone");
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 1, "nothing of it is kept: {out}{err}");
    assert!(out.contains("2 findings") && err.contains("not a plain file"), "{out}{err}");
}
