//! Findings follow the code through git: commits, renames, moves between files, checkouts.

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "import os\n\n\ndef greet(name):\n    print('hello ' + name)\n\n\n\
    def run_report(command):\n    checked = command.strip()\n    return os.system(checked)\n";
const FLAGGED: &str = "os.system(checked)";

/// A repository whose first commit was scanned.
fn scanned(files: &[(&str, &str)], path: &str, needle: &str) -> Workspace {
    let workspace = Workspace::new(files);
    let commit = workspace.git(&["rev-parse", "HEAD"]);
    let text = files.iter().find(|(name, _)| *name == path).expect("one of the files").1;
    workspace.log("scan", &Log::new("Bandit").of_commit(&commit).with(result("B605", path, text, needle)));
    workspace
}

#[test]
fn commits_after_the_scan_move_findings() {
    let workspace = scanned(&[("app.py", APP)], "app.py", FLAGGED);
    for number in 0..5 {
        let text = workspace.read("app.py");
        workspace.write("app.py", format!("# change {number}\n{text}"));
        workspace.commit("one more");
    }
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_texts("app.py", &[FLAGGED]);
    assert_eq!(shown[0].raw["range"]["start"]["line"], 14);
}

#[test]
fn findings_are_placed_by_the_scanned_commit_not_by_line_numbers() {
    // At the scanned line stands another call now; the flagged one moved below it.
    let workspace = scanned(&[("app.py", "import os\nos.system(a)\n")], "app.py", "os.system(a)");
    workspace.write("app.py", "import os\nos.system(b)\nos.system(a)\n");
    workspace.commit("another call above");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_texts("app.py", &["os.system(a)"]);
    assert_eq!(shown[0].raw["range"]["start"]["line"], 2);
}

#[test]
fn a_renamed_file_takes_its_findings_along() {
    let workspace = scanned(&[("app.py", APP), ("other.py", "x = 1\n")], "app.py", FLAGGED);
    workspace.git(&["mv", "app.py", "reports.py"]);
    workspace.commit("rename");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("reports.py");
    editor.wait_texts("reports.py", &[FLAGGED]);
    let words = editor.hover_text("reports.py", FLAGGED);
    assert!(words.contains("app.py"), "says where from: {words}");
}

#[test]
fn a_file_renamed_while_the_server_runs_takes_its_findings_along() {
    let workspace = scanned(&[("app.py", APP)], "app.py", FLAGGED);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_texts("app.py", &[FLAGGED]);
    workspace.git(&["mv", "app.py", "reports.py"]);
    editor.tell_disk(&[("app.py", 3), ("reports.py", 1)]);
    editor.wait_texts("reports.py", &[FLAGGED]);
    editor.wait_texts("app.py", &[]);
}

#[test]
fn a_function_moved_to_a_new_file_takes_its_finding_along() {
    let workspace = scanned(&[("app.py", APP)], "app.py", FLAGGED);
    let at = APP.find("def run_report").expect("there");
    workspace.write("app.py", &APP[..at]).write("reports.py", format!("import os\n\n\n{}", &APP[at..]));
    workspace.commit("split");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("reports.py");
    editor.wait_texts("reports.py", &[FLAGGED]);
    editor.insert("reports.py", 0, "# moved here\n");
    editor.wait_texts("reports.py", &[FLAGGED]);
    editor.wait_texts("app.py", &[]);
}

#[test]
fn a_function_moved_to_a_file_that_was_there_is_found_before_it_is_committed() {
    let other = "import os\n\n\ndef other():\n    return 3\n";
    let workspace = scanned(&[("app.py", APP), ("reports.py", other)], "app.py", FLAGGED);
    let at = APP.find("def run_report").expect("there");
    workspace.write("app.py", &APP[..at]).write("reports.py", format!("{other}\n\n{}", &APP[at..]));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("reports.py");
    editor.wait_texts("reports.py", &[FLAGGED]);
}

#[test]
fn code_cut_here_and_pasted_there_is_found_when_the_document_is_saved() {
    let other = "import os\n\n\ndef other():\n    return 3\n";
    let workspace = scanned(&[("app.py", APP), ("reports.py", other)], "app.py", FLAGGED);
    let at = APP.find("def run_report").expect("there");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.open("reports.py");
    editor.wait_texts("app.py", &[FLAGGED]);
    editor.replace("app.py", at..APP.len(), "");
    editor.wait_texts("app.py", &[]);
    editor.insert("reports.py", other.len(), &format!("\n\n{}", &APP[at..]));
    let uri = editor.uri("reports.py");
    editor.notify("textDocument/didSave", serde_json::json!({ "textDocument": { "uri": uri } }));
    editor.wait_texts("reports.py", &[FLAGGED]);
}

#[test]
fn a_deleted_file_takes_its_findings_away() {
    let workspace = scanned(&[("app.py", APP), ("other.py", "x = 1\n")], "app.py", FLAGGED);
    workspace.remove("app.py");
    workspace.commit("delete");
    let mut editor = Editor::start(&workspace, Profile::push());
    let status = editor.wait_ready();
    assert_eq!(status["counts"]["gone"], 1, "{status}");
    editor.wait_texts("app.py", &[]);
}

#[test]
fn a_checkout_of_another_branch_is_noticed() {
    // At the top, and in a folder that no watcher of the server's own looks into.
    for path in ["app.py", "services/api/app.py"] {
        let workspace = scanned(&[(path, APP)], path, FLAGGED);
        workspace.git(&["checkout", "--quiet", "-b", "fixed"]);
        workspace.write(path, APP.replace(FLAGGED, "None"));
        workspace.commit("fix");
        for profile in [Profile::pull(), Profile::push()] {
            workspace.git(&["checkout", "--quiet", "main"]);
            let is_told = profile.has("/workspace/didChangeWatchedFiles/dynamicRegistration");
            let mut editor = Editor::start(&workspace, profile);
            editor.wait_texts(path, &[FLAGGED]);
            editor.wait_ready();
            let branch = |editor: &mut Editor, name: &str| {
                workspace.git(&["checkout", "--quiet", name]);
                if is_told {
                    editor.tell_disk(&[(path, 2)]);
                }
            };
            branch(&mut editor, "fixed");
            editor.wait_texts(path, &[]);
            branch(&mut editor, "main");
            editor.wait_texts(path, &[FLAGGED]);
        }
    }
}

#[test]
fn a_scanned_commit_that_is_not_in_the_clone_leaves_the_evidence() {
    let workspace = Workspace::new(&[("app.py", &format!("# newer\n{APP}"))]);
    let elsewhere = "0123456789abcdef0123456789abcdef01234567";
    workspace.log("scan", &Log::new("Bandit").of_commit(elsewhere).with(result("B605", "app.py", APP, FLAGGED)));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &[FLAGGED]);
    let words = editor.hover_text("app.py", FLAGGED);
    assert!(words.contains("not in this clone"), "says what it could not use: {words}");
}

#[test]
fn a_folder_without_git_is_served_by_the_evidence() {
    let workspace = Workspace::bare();
    workspace.write("app.py", format!("# newer\n\n{APP}"));
    workspace.log("scan", &Log::new("Bandit").with(result("B605", "app.py", APP, FLAGGED)));
    for profile in [Profile::push(), Profile::pull(), Profile::plain()] {
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        editor.wait_texts("app.py", &[FLAGGED]);
        editor.insert("app.py", 0, "\n\n");
        editor.wait_texts("app.py", &[FLAGGED]);
        editor.edit("app.py", FLAGGED, "None");
        editor.wait_texts("app.py", &[]);
    }
}

#[test]
fn a_workspace_below_the_repositorys_root_is_served() {
    let workspace = Workspace::new(&[("services/api/app.py", APP)]);
    let commit = workspace.git(&["rev-parse", "HEAD"]);
    workspace.write("services/api/app.py", format!("# newer\n{APP}"));
    // The scanner ran at the repository's root, the editor is open on one service.
    let log = Log::new("Bandit").of_commit(&commit).with(result("B605", "services/api/app.py", APP, FLAGGED));
    workspace.write("services/api/.aspm/scan.sarif", log.to_string());
    let mut editor = Editor::silent(&workspace, Profile::push());
    editor.greet(&[workspace.path("services/api")], crate::support::Answers::AtOnce);
    editor.open("app.py");
    editor.wait_texts("app.py", &[FLAGGED]);
}

#[test]
fn a_linked_work_tree_is_served() {
    let workspace = scanned(&[("app.py", APP)], "app.py", FLAGGED);
    let tree = workspace.beside("second tree");
    workspace.git(&["worktree", "add", "--quiet", "-b", "second", tree.to_str().expect("UTF-8")]);
    std::fs::write(tree.join("app.py"), format!("# newer\n{APP}")).expect("written");
    std::fs::create_dir(tree.join(".aspm")).expect("created");
    std::fs::copy(workspace.path(".aspm/scan.sarif"), tree.join(".aspm/scan.sarif")).expect("copied");
    let mut editor = Editor::silent(&workspace, Profile::push());
    editor.greet(&[tree], crate::support::Answers::AtOnce);
    editor.open("app.py");
    editor.wait_texts("app.py", &[FLAGGED]);
}

#[test]
fn a_way_through_history_that_was_gone_once_is_remembered_when_its_texts_are_gone() {
    let call = |argument: &str| APP.replace(FLAGGED, &format!("os.system({argument})"));
    let workspace = scanned(&[("app.py", APP)], "app.py", FLAGGED);
    let mut between = Vec::new();
    for argument in ["checked + ' -v'", "flags(checked) + ' -v'", "flags(quoted(checked)) + ' -v'"] {
        workspace.write("app.py", call(argument));
        workspace.commit("one more");
        between.push(workspace.git(&["rev-parse", "HEAD:app.py"]));
    }
    between.pop();
    let placed = || {
        let (code, out, err) = workspace.run(&["list", "--format", "json"]);
        assert_eq!(code, 0, "{err}");
        let list: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        list["findings"][0]["placement"].clone()
    };
    let followed = placed();
    for blob in between {
        std::fs::remove_file(workspace.path(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).expect("loose");
    }
    assert_eq!(placed(), followed, "from the cache");
    std::fs::remove_dir_all(workspace.cache()).expect("removed");
    assert_ne!(placed(), followed, "without it the way cannot be gone any more");
}

#[test]
fn a_way_too_long_to_go_gives_the_same_with_and_without_a_cache() {
    // More bytes in all texts together than are compared.
    let tail = "# a line that nobody reads\n".repeat(3_000);
    let workspace = scanned(&[("app.py", &format!("{APP}{tail}"))], "app.py", FLAGGED);
    for number in 0..15 {
        workspace.write("app.py", format!("# change {number}\n{}", workspace.read("app.py")));
        workspace.commit("one more");
    }
    let placed = || workspace.run(&["list", "--format", "json"]).1;
    let first: serde_json::Value = serde_json::from_str(&placed()).expect("JSON");
    assert_eq!(first["findings"][0]["placement"]["state"], "moved", "{first}");
    let second: serde_json::Value = serde_json::from_str(&placed()).expect("JSON");
    assert_eq!(second["findings"], first["findings"]);
}
