//! `textDocument/codeLens`: counts on the file and on its functions.

use serde_json::json;

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str =
    "import os\n\ndef run(x):\n    return eval(x)\n\ndef sh(c):\n    a = eval(c)\n    return os.system(c)\n";

fn shop() -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let log = Log::new("Bandit")
        .with(result("B307", "app.py", APP, "eval(x)"))
        .with(result("B307", "app.py", APP, "eval(c)"))
        .with(result("B605", "app.py", APP, "os.system(c)").level("warning"));
    workspace.log("scan", &log);
    workspace
}

fn titles(editor: &mut Editor) -> Vec<(u64, String)> {
    let lenses = editor.lenses("app.py").unwrap_or_default();
    lenses
        .iter()
        .map(|lens| {
            let line = lens["range"]["start"]["line"].as_u64().expect("a line");
            (line, lens["command"]["title"].as_str().expect("a title").to_owned())
        })
        .collect()
}

#[test]
fn counts_stand_on_the_file_and_on_each_function() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "three findings", |shown| shown.len() == 3);
    let expected = vec![
        (0, "3 security findings, worst high".to_owned()),
        (2, "1 security finding, worst high".to_owned()),
        (5, "2 security findings, worst high".to_owned()),
    ];
    editor.wait("the lenses", |editor| (titles(editor) == expected).then_some(()));
    let lenses = editor.lenses("app.py").expect("lenses");
    assert_eq!(lenses[0]["command"]["command"], "aspm.open");
    let worst = lenses[1]["command"]["arguments"][0]["id"].clone();
    assert_eq!(worst, json!(shown[0].ids[0]));
    // A click works.
    editor.command("aspm.open", lenses[1]["command"]["arguments"][0].clone()).expect("opened");
    editor.wait_asked("window/showDocument");
}

#[test]
fn lenses_follow_the_text() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.open("app.py");
    editor.wait_shown("app.py", "three findings", |shown| shown.len() == 3);
    editor.insert("app.py", 0, "# one\n# two\n");
    editor.edit("app.py", "    a = eval(c)\n", "");
    editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
    let expected = vec![
        (0, "2 security findings, worst high".to_owned()),
        (4, "1 security finding, worst high".to_owned()),
        (7, "1 security finding, worst medium".to_owned()),
    ];
    editor.wait("the lenses", |editor| (titles(editor) == expected).then_some(()));
}

#[test]
fn without_findings_or_with_the_setting_off_there_are_none() {
    let workspace = shop();
    workspace.write("clean.py", "x = 1\n");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("clean.py");
    editor.open("app.py");
    editor.wait_shown("app.py", "three findings", |shown| shown.len() == 3);
    assert_eq!(editor.lenses("clean.py"), None);
    editor.notify("workspace/didChangeConfiguration", json!({ "settings": { "aspm": { "codeLens": false } } }));
    assert_eq!(editor.lenses("app.py"), None);
    editor.notify("workspace/didChangeConfiguration", json!({ "settings": { "aspm": { "codeLens": true } } }));
    assert_eq!(editor.lenses("app.py").map(|lenses| lenses.len()), Some(3));
}

#[test]
fn the_client_is_told_to_ask_again_when_findings_change() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "three findings", |shown| shown.len() == 3);
    editor.wait_asked("workspace/codeLens/refresh");
    editor.settle();
    editor.asked.clear();
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    editor.tell_disk(&[(".aspm/scan.sarif", 2)]);
    editor.wait_asked("workspace/codeLens/refresh");
    editor.wait("one finding in the lens", |editor| {
        (titles(editor) == [(2, "1 security finding, worst high".to_owned())]).then_some(())
    });
}
