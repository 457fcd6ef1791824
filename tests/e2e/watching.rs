//! Changes on disk: told by the client where it watches, noticed by the server's own watcher elsewhere.

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n\ndef sh(c):\n    return os.system(c)\n";

fn one() -> Log {
    Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)"))
}

fn two() -> Log {
    one().with(result("B605", "app.py", APP, "os.system(c)"))
}

/// Clients that are to be told by the server's own watcher, and one that tells the server.
fn clients() -> [Profile; 3] {
    [Profile::push(), Profile::pull(), Profile::plain()]
}

fn tell(editor: &mut Editor, path: &str, kind: u8) {
    if editor.profile.has("/workspace/didChangeWatchedFiles/dynamicRegistration") {
        editor.tell_disk(&[(path, kind)]);
    }
}

#[test]
fn a_client_that_watches_is_asked_to_and_one_that_cannot_is_not() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut editor = Editor::start(&workspace, Profile::push());
    let asked = editor.wait_asked("client/registerCapability");
    let registration = &asked["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    assert_eq!(registration["registerOptions"]["watchers"][0]["globPattern"], "**/*");
    // The harness fails when a client without the capability is asked.
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.wait_loaded();
}

#[test]
fn a_log_that_appears_changes_and_disappears_is_followed() {
    for profile in clients() {
        let workspace = Workspace::new(&[("app.py", APP)]);
        let mut editor = Editor::start(&workspace, profile);
        editor.wait_status("without data", |status| status["sources"][0]["state"] == "no_data");
        editor.open("app.py");
        workspace.log("scan", &one());
        tell(&mut editor, ".aspm/scan.sarif", 1);
        editor.wait_texts("app.py", &["eval(x)"]);
        workspace.log("scan", &two());
        tell(&mut editor, ".aspm/scan.sarif", 2);
        editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
        workspace.remove(".aspm/scan.sarif");
        tell(&mut editor, ".aspm/scan.sarif", 3);
        editor.wait_status("without data", |status| status["sources"][0]["state"] == "no_data");
        editor.wait_texts("app.py", &[]);
    }
}

#[test]
fn a_log_in_a_new_folder_below_is_noticed() {
    for profile in clients() {
        let workspace = Workspace::new(&[("app.py", APP)]);
        workspace.log("scan", &one());
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        editor.wait_texts("app.py", &["eval(x)"]);
        let more = Log::new("Semgrep").with(result("os-system", "app.py", APP, "os.system(c)"));
        workspace.write(".aspm/nightly/deep/more.sarif", more.to_string());
        tell(&mut editor, ".aspm/nightly/deep/more.sarif", 1);
        editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
    }
}

#[test]
fn the_configuration_appears_breaks_is_fixed_and_disappears() {
    for profile in clients() {
        let workspace = Workspace::new(&[("app.py", APP)]);
        workspace.log("scan", &one());
        workspace.write("reports/ci.sarif", two().to_string());
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        editor.wait_texts("app.py", &["eval(x)"]);
        editor.wait_ready();
        let good = "[[source]]\nname = \"ci\"\nkind = \"sarif\"\npath = \"reports\"\n";
        workspace.write("aspm.toml", good);
        tell(&mut editor, "aspm.toml", 1);
        editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
        editor.wait_status("of the named source", |status| status["sources"][0]["name"] == "ci");
        editor.wait_ready();
        workspace.write("aspm.toml", good.replace("path", "pth"));
        tell(&mut editor, "aspm.toml", 2);
        editor.wait_problem(&["aspm.toml", "pth"]);
        workspace.write("aspm.toml", good);
        tell(&mut editor, "aspm.toml", 2);
        editor.wait_ready();
        editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
        workspace.remove("aspm.toml");
        tell(&mut editor, "aspm.toml", 3);
        editor.wait_status("of the default source", |status| status["sources"][0]["name"] == "sarif");
        editor.wait_texts("app.py", &["eval(x)"]);
    }
}

#[test]
fn logs_of_a_folder_named_later_are_watched() {
    for profile in clients() {
        let workspace = Workspace::new(&[("app.py", APP)]);
        workspace.write("reports/ci.sarif", one().to_string());
        let mut editor = Editor::start(&workspace, profile);
        editor.wait_status("without data", |status| status["sources"][0]["state"] == "no_data");
        editor.open("app.py");
        workspace.write("aspm.toml", "[[source]]\nkind = \"sarif\"\npath = \"reports\"\n");
        tell(&mut editor, "aspm.toml", 1);
        editor.wait_texts("app.py", &["eval(x)"]);
        workspace.write("reports/ci.sarif", two().to_string());
        tell(&mut editor, "reports/ci.sarif", 2);
        editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
    }
}

#[test]
fn a_closed_file_that_changes_on_disk_is_looked_at_again() {
    for profile in clients() {
        let workspace = Workspace::new(&[("app.py", APP)]);
        workspace.log("scan", &two());
        let mut editor = Editor::start(&workspace, profile);
        let first = editor.wait_ready();
        editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
        // Once a new log is noticed, the watcher is known to be at work.
        workspace.log("probe", &Log::new("Probe"));
        tell(&mut editor, ".aspm/probe.sarif", 1);
        editor.wait_status("of the second log", |status| {
            status["sources"][0]["synced_at"] != first["sources"][0]["synced_at"]
        });
        workspace.write("app.py", format!("# more\n{}", APP.replace("eval(x)", "1")));
        tell(&mut editor, "app.py", 2);
        editor.wait_texts("app.py", &["os.system(c)"]);
        workspace.remove("app.py");
        tell(&mut editor, "app.py", 3);
        editor.wait_texts("app.py", &[]);
        workspace.write("app.py", APP);
        tell(&mut editor, "app.py", 1);
        editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
    }
}

#[test]
fn an_open_document_counts_whatever_happens_to_its_file() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &two());
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
    workspace.write("app.py", "other = 'text'\n");
    editor.tell_disk(&[("app.py", 2)]);
    editor.insert("app.py", 0, "\n");
    editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
    editor.close("app.py");
    editor.wait_texts("app.py", &[]);
}

#[test]
fn a_log_half_written_is_read_whole_in_the_end() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &one());
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    // A scanner that writes in place: the server may look at any moment.
    let all = two().to_string();
    let path = workspace.path(".aspm/scan.sarif");
    for part in [all.len() / 3, all.len() / 2, all.len()] {
        std::fs::write(&path, &all.as_bytes()[..part]).expect("written");
        editor.settle();
    }
    editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
    editor.wait_ready();
}

#[test]
fn a_workspace_that_becomes_a_repository_is_served() {
    let workspace = Workspace::bare();
    workspace.write("app.py", APP);
    workspace.log("scan", &one());
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    workspace.git(&["init", "--quiet", "--initial-branch=main"]);
    workspace.commit("start");
    editor.tell_disk(&[(".git/HEAD", 1)]);
    editor.insert("app.py", 0, "\n");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.wait_ready();
}
