//! Several folders, coming and going.

use serde_json::{Value, json};

use crate::support::{Answers, Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n";

fn shop() -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    workspace
}

fn change(added: &[&Workspace], removed: &[&Workspace]) -> Value {
    let folders = |list: &[&Workspace]| -> Vec<Value> {
        list.iter().map(|workspace| json!({ "uri": workspace.root_uri(), "name": "a folder" })).collect()
    };
    json!({ "event": { "added": folders(added), "removed": folders(removed) } })
}

#[test]
fn each_folder_has_its_own_sources_and_files() {
    let (one, two) = (shop(), shop());
    let mut editor = Editor::start_in(&one, Profile::push(), &[&one, &two]);
    let status = editor.wait_ready();
    assert_eq!(status["sources"].as_array().map(Vec::len), Some(2), "{status}");
    assert_eq!(status["counts"]["placed"], 2);
    let names: Vec<String> = status["sources"]
        .as_array()
        .expect("sources")
        .iter()
        .map(|source| source["name"].as_str().expect("a name").to_owned())
        .collect();
    assert!(names.iter().all(|name| name.contains("the shop")), "whose they are: {names:?}");
    let second = two.uri("app.py");
    editor.open_with(&second, &format!("# changed\n{APP}"));
    editor.wait_texts(&second, &["eval(x)"]);
    editor.edit(&second, "return eval(x)", "return 1");
    editor.wait_texts(&second, &[]);
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[test]
fn an_added_folder_is_read_and_a_removed_ones_findings_go() {
    for profile in [Profile::push(), Profile::pull()] {
        let (one, two) = (shop(), shop());
        let mut editor = Editor::start(&one, profile);
        editor.wait_ready();
        editor.notify("workspace/didChangeWorkspaceFolders", change(&[&two], &[]));
        let second = two.uri("app.py");
        editor.wait_texts(&second, &["eval(x)"]);
        let status = editor.wait_status("of both", |status| status["counts"]["placed"] == 2);
        assert_eq!(status["sources"].as_array().map(Vec::len), Some(2));
        editor.notify("workspace/didChangeWorkspaceFolders", change(&[], &[&two]));
        editor.wait_status("of one", |status| status["counts"]["placed"] == 1);
        editor.wait_texts(&second, &[]);
        editor.wait_texts("app.py", &["eval(x)"]);
    }
}

#[test]
fn findings_of_an_open_document_go_with_its_folder_and_come_back_with_it() {
    for profile in [Profile::push(), Profile::pull()] {
        let (one, two) = (shop(), shop());
        let mut editor = Editor::start_in(&one, profile, &[&one, &two]);
        let second = two.uri("app.py");
        editor.open_with(&second, APP);
        editor.wait_texts(&second, &["eval(x)"]);
        editor.notify("workspace/didChangeWorkspaceFolders", change(&[], &[&two]));
        editor.wait_texts(&second, &[]);
        editor.notify("workspace/didChangeWorkspaceFolders", change(&[&two], &[]));
        editor.wait_texts(&second, &["eval(x)"]);
    }
}

#[test]
fn the_logs_of_an_added_folder_are_watched_too() {
    let (one, two) = (shop(), shop());
    let mut editor = Editor::start(&one, Profile::pull());
    editor.wait_ready();
    editor.notify("workspace/didChangeWorkspaceFolders", change(&[&two], &[]));
    let second = two.uri("app.py");
    editor.wait_texts(&second, &["eval(x)"]);
    two.log("scan", &Log::new("Bandit").with(result("B101", "app.py", APP, "def run(x):")));
    editor.wait_texts(&second, &["def run(x):"]);
}

#[test]
fn of_nested_folders_the_inner_one_has_the_file() {
    let workspace = shop();
    workspace.write("inner/app.py", APP);
    let log = Log::new("Semgrep").with(result("no-eval", "app.py", APP, "def run(x):"));
    workspace.write("inner/.aspm/scan.sarif", log.to_string());
    let mut editor = Editor::silent(&workspace, Profile::push());
    editor.greet(&[workspace.root.clone(), workspace.path("inner")], Answers::AtOnce);
    editor.open("inner/app.py");
    editor.wait_texts("inner/app.py", &["def run(x):"]);
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[test]
fn a_folder_named_twice_or_with_a_slash_is_one() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_ready();
    editor.notify("workspace/didChangeWorkspaceFolders", change(&[&workspace, &workspace], &[]));
    let slashed = json!({ "uri": format!("{}/", workspace.root_uri()), "name": "again" });
    editor.notify("workspace/didChangeWorkspaceFolders", json!({ "event": { "added": [slashed], "removed": [] } }));
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    let status = editor.wait_ready();
    assert_eq!(status["sources"].as_array().map(Vec::len), Some(1), "{status}");
}

#[test]
fn a_folder_that_is_no_file_or_does_not_exist_is_passed_by() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_ready();
    let odd = json!([
        { "uri": "vscode-remote://ssh/home/shop", "name": "remote" },
        { "uri": workspace.uri("not-there"), "name": "gone" }
    ]);
    editor.notify("workspace/didChangeWorkspaceFolders", json!({ "event": { "added": odd, "removed": [] } }));
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.wait_loaded();
}
