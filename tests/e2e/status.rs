//! `aspm/status`: how much is known, and what is wrong.

use serde_json::json;

use crate::support::{Editor, Log, Profile, Workspace, about_file, result};

const APP: &str = "def run(x):\n    return eval(x)\n\ndef sh(c):\n    return os.system(c)\n";

#[test]
fn it_goes_from_loading_to_ready_and_counts() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let head = workspace.git(&["rev-parse", "HEAD"]);
    let log = Log::new("Bandit")
        .of_commit(&head)
        .with(result("B307", "app.py", APP, "eval(x)"))
        .with(result("B605", "app.py", APP, "os.system(c)"))
        .with(about_file("C1", "never-there.py"));
    workspace.log("scan", &log);
    let mut editor = Editor::start(&workspace, Profile::push());
    let status = editor.wait_ready();
    let counts = json!({ "open": 3, "pending": 0, "placed": 2, "uncertain": 0, "gone": 0, "unplaced": 1,
        "block": 0, "warn": 0 });
    assert_eq!(status["counts"], counts);
    let source = &status["sources"][0];
    assert_eq!(source["name"], "sarif");
    assert_eq!(source["kind"], "sarif");
    assert_eq!(source["state"], "ready");
    assert_eq!(source["findings"], 3);
    assert_eq!(source["scan_commit"], json!(head));
    assert!(source["synced_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{source}");
    // Nothing was ready before it was loaded.
    let is_empty = |status: &&serde_json::Value| status["sources"] == json!([]) || status["counts"]["open"] == 0;
    let early = editor.statuses().iter().filter(is_empty).all(|status| status["state"] == "loading");
    assert!(early, "{:#?}", editor.statuses());
}

#[test]
fn a_fix_is_counted_as_gone_and_undone_as_placed() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.edit("app.py", "return eval(x)", "return 1");
    editor.wait_status("with the fix", |status| status["counts"]["gone"] == 1 && status["counts"]["placed"] == 0);
    editor.edit("app.py", "return 1", "return eval(x)");
    editor.wait_status("without the fix", |status| status["counts"]["gone"] == 0 && status["counts"]["placed"] == 1);
}

#[test]
fn no_data_is_not_no_findings() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut editor = Editor::start(&workspace, Profile::push());
    let status = editor.wait_loaded();
    assert_eq!(status["state"], "not_configured", "{status}");
    assert_eq!(status["sources"][0]["state"], "no_data", "{status}");
    let problem = status["sources"][0]["problems"][0].as_str().expect("a problem in words").to_owned();
    assert!(problem.contains(".aspm"), "says where it looked: {problem}");
    // A log without results is data: nothing was found.
    workspace.log("scan", &Log::new("Bandit"));
    editor.tell_disk(&[(".aspm/scan.sarif", 1)]);
    let status = editor.wait_ready();
    assert_eq!(status["sources"][0]["state"], "ready", "{status}");
    assert_eq!(status["counts"]["open"], 0);
}

#[test]
fn a_configured_source_without_data_is_a_problem() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.write("aspm.toml", "[[source]]\nname = \"ci\"\nkind = \"sarif\"\npath = \"reports/*.sarif\"\n");
    let mut editor = Editor::start(&workspace, Profile::push());
    let status = editor.wait_problem(&["reports/*.sarif"]);
    assert_eq!(status["sources"][0]["name"], "ci");
    assert_eq!(status["sources"][0]["state"], "no_data", "{status}");
}

#[test]
fn a_log_that_is_only_partly_readable_is_partial_and_says_what_is_missing() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("good", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    workspace.write(".aspm/bad.sarif", "this is no JSON");
    let mut editor = Editor::start(&workspace, Profile::push());
    let status = editor.wait_problem(&["bad.sarif"]);
    assert_eq!(status["sources"][0]["state"], "partial", "{status}");
    editor.wait_texts("app.py", &["eval(x)"]);
    workspace.remove(".aspm/bad.sarif");
    editor.tell_disk(&[(".aspm/bad.sarif", 3)]);
    editor.wait_ready();
}

#[test]
fn an_accepted_finding_only_informs_and_is_not_counted_as_open() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut log = Log::new("Bandit")
        .with(result("B307", "app.py", APP, "eval(x)"))
        .with(result("B605", "app.py", APP, "os.system(c)"))
        .json();
    log["runs"][0]["results"][0]["suppressions"] = json!([{ "kind": "external", "status": "accepted" }]);
    workspace.write(".aspm/scan.sarif", log.to_string());
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
    assert!(shown.iter().all(|shown| shown.severity == 3), "{shown:?}");
    let status = editor.wait_ready();
    assert_eq!(status["counts"]["open"], 1, "{status}");
    assert_eq!(status["sources"][0]["findings"], 2, "{status}");
}

#[test]
fn reading_a_source_is_shown_as_progress_from_begin_to_end() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_ready();
    editor.wait_asked("window/workDoneProgress/create");
    let kinds = editor.wait("the end of progress", |editor| {
        let kinds: Vec<String> =
            editor.progress.iter().filter_map(|value| Some(value["kind"].as_str()?.to_owned())).collect();
        (kinds.last()? == "end").then_some(kinds)
    });
    assert_eq!(kinds[0], "begin");
    let title = editor.progress[0]["title"].as_str().expect("a title").to_owned();
    assert!(title.contains("sarif"), "{title}");
}

#[test]
fn a_client_without_progress_is_told_of_none() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    // The harness fails on progress that was not agreed on.
    let mut editor = Editor::start(&workspace, Profile::plain());
    editor.wait_ready();
    assert!(editor.progress.is_empty());
}
