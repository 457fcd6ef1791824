//! A finding that somebody opens is asked for at its source: the page and the squiggle are as it is there now.

use serde_json::{Value, json};

use crate::support::{Central, Editor, Profile, Shown, Workspace};

const APP: &str = "import os\n\ndef sh(c):\n    return os.system(c)\n\ndef calc(x):\n    return eval(x)\n";

/// Two findings at the platform, read once.
fn setting() -> (Workspace, Central) {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let head = workspace.git(&["rev-parse", "HEAD"]);
    let findings = json!([
        { "title": "Shell", "file_path": "app.py", "line": 4, "severity": "High", "cwe": 78, "vuln_id_from_tool": "B605",
          "description": "Starting a process with a shell" },
        { "title": "Eval", "file_path": "app.py", "line": 7, "severity": "Medium", "cwe": 95, "vuln_id_from_tool": "B307",
          "description": "Use of eval" }
    ]);
    let central = Central::start(&head, &findings);
    central.bind(&workspace);
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    central.control("log", &Value::Null);
    (workspace, central)
}

/// Both findings are shown, and the reading that every editor begins with is over.
fn both(editor: &mut Editor, central: &Central) -> Vec<Shown> {
    editor.open("app.py");
    editor.wait("the first reading", |_| {
        central.control("log", &Value::Null).to_string().contains("o=-last_reviewed").then_some(())
    });
    editor.wait_shown("app.py", "both", |shown| shown.len() == 2)
}

fn id(shown: &[Shown], rule: &str) -> String {
    shown.iter().find(|shown| shown.code == rule).expect("it is shown").ids[0].clone()
}

/// Opens a finding's page; its text and its file.
fn page(editor: &mut Editor, id: &str) -> (String, String) {
    let opened = editor.command("aspm.open", json!({ "id": id })).expect("a page");
    editor.wait_asked("window/showDocument");
    let text = |name: &str| opened[name].as_str().expect("a text").to_owned();
    (text("markdown"), text("path"))
}

fn change(central: &Central, title: &str, fields: &Value) {
    let number = central.finding(title)["id"].clone();
    // Nothing that a list of changes would show.
    central.control("change", &json!({ "set": number, "fields": fields }));
}

/// How often each finding was asked for by itself since the last look.
fn questions(central: &Central) -> usize {
    let log = central.control("log", &Value::Null);
    let is_one = |line: &&Value| {
        let line = line.to_string();
        line.contains("/api/v2/findings/") && !line.contains("findings/?")
    };
    log.as_array().expect("a log").iter().filter(is_one).count()
}

#[test]
fn what_changed_at_the_platform_is_on_the_page_and_the_diagnostic_follows() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    let shown = both(&mut editor, &central);
    let id = id(&shown, "B605");
    let (before, _) = page(&mut editor, &id);
    assert!(!before.contains("Changed at central"), "nothing changed: {before}");
    assert!(before.contains("read from the source just now"), "{before}");
    editor.leave();

    let mut editor = Editor::start(&workspace, Profile::push());
    both(&mut editor, &central);
    change(&central, "Shell", &json!({ "severity": "Low", "known_exploited": true }));
    let (after, path) = page(&mut editor, &id);
    assert!(after.contains("Changed at central since it was last read here."), "{after}");
    assert!(after.contains("Low") || after.contains("low"), "{after}");
    assert_eq!(std::fs::read_to_string(path).expect("written"), after);
    editor.wait_shown("app.py", "the verdict of now", |shown| {
        shown.iter().any(|shown| shown.code == "B605" && shown.message.contains("[Blocks"))
    });
    // It is kept for everybody, and the next reading goes on from where the last one ended.
    let (_, out, _) = workspace.run(&["show", &id, "--offline"]);
    assert!(out.contains("low"), "{out}");
    central.control("log", &Value::Null);
    assert_eq!(workspace.run(&["sync"]).0, 0);
    let log = central.control("log", &Value::Null).to_string();
    assert!(log.contains("last_status_update") && !log.contains("o=id"), "no reading of everything: {log}");
}

#[test]
fn what_was_closed_at_the_platform_says_so_and_goes() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::pull());
    let shown = both(&mut editor, &central);
    let number = central.finding("Eval")["id"].clone();
    central.control("change", &json!({ "close": number }));
    let (page, _) = page(&mut editor, &id(&shown, "B307"));
    assert!(page.contains("Closed at central since it was last read here: mitigated."), "{page}");
    editor.wait_shown("app.py", "one", |shown| shown.len() == 1 && shown[0].code == "B605");
}

#[test]
fn what_was_deleted_at_the_platform_says_so_and_goes() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    let shown = both(&mut editor, &central);
    let number = central.finding("Eval")["id"].clone();
    central.control("change", &json!({ "delete": number }));
    let (page, _) = page(&mut editor, &id(&shown, "B307"));
    assert!(page.contains("Not at central any more."), "{page}");
    assert!(page.contains("Use of eval"), "what it was can still be read: {page}");
    editor.wait_shown("app.py", "one", |shown| shown.len() == 1 && shown[0].code == "B605");
    let (_, out, _) = workspace.run(&["list"]);
    assert!(out.contains("1 open finding"), "{out}");
}

#[test]
fn a_page_of_something_in_between_deletes_nothing() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    let shown = both(&mut editor, &central);
    let answer = json!([{ "match": "", "times": 0, "do": "status", "status": 404, "type": "text/html",
        "body": "<html>no such site</html>" }]);
    central.control("faults", &answer);
    let (page, _) = page(&mut editor, &id(&shown, "B307"));
    assert!(page.contains("central could not be asked.") && !page.contains("any more"), "{page}");
    let (_, out, _) = workspace.run(&["list"]);
    assert!(out.contains("2 open findings"), "{out}");
}

#[test]
fn without_the_platform_the_page_is_shown_as_it_was_read_and_says_so() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    let shown = both(&mut editor, &central);
    editor.wait_ready();
    central.control("faults", &json!([{ "match": "", "times": 0, "do": "cut_before" }]));
    let (first, _) = page(&mut editor, &id(&shown, "B307"));
    assert!(first.contains("central could not be asked."), "{first}");
    assert!(first.contains("What is shown was read"), "{first}");
    // Who could not be asked for one is not asked for another at once.
    central.control("log", &Value::Null);
    let (second, _) = page(&mut editor, &id(&shown, "B605"));
    assert!(second.contains("central could not be asked."), "{second}");
    assert_eq!(questions(&central), 0);
}

#[test]
fn a_slow_answer_keeps_nobody_waiting_and_the_page_is_written_again() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    let shown = both(&mut editor, &central);
    editor.wait_ready();
    change(&central, "Eval", &json!({ "mitigation": "Use ast.literal_eval." }));
    central.control("faults", &json!([{ "match": "findings/\\d+/", "do": "delay", "seconds": 4 }]));
    let (page, path) = page(&mut editor, &id(&shown, "B307"));
    assert!(page.contains("central has not answered yet."), "{page}");
    assert!(!page.contains("Use ast.literal_eval."), "{page}");
    editor.wait("the page as it is there now", |_| {
        let text = std::fs::read_to_string(&path).expect("it stays");
        (text.contains("Use ast.literal_eval.") && text.contains("Changed at central")).then_some(())
    });
}

#[test]
fn a_burst_of_openings_asks_once_for_each_finding() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    let shown = both(&mut editor, &central);
    for _ in 0..5 {
        page(&mut editor, &id(&shown, "B307"));
        page(&mut editor, &id(&shown, "B605"));
    }
    assert_eq!(questions(&central), 2);
}

#[test]
fn a_workspace_that_is_not_trusted_sends_nothing() {
    let (workspace, central) = setting();
    let id = number_of(&workspace);
    let options = json!({ "workspaceTrusted": false });
    let mut editor = Editor::start(&workspace, Profile { options, ..Profile::push() });
    editor.open("app.py");
    editor.wait_problem(&["is not asked: this workspace is not trusted"]);
    let refused = editor.command("aspm.open", json!({ "id": id })).expect_err("nothing is shown of it");
    assert_eq!(refused["code"], -32602, "{refused}");
    assert_eq!(central.control("log", &Value::Null), json!([]));
}

#[test]
fn a_server_that_the_user_does_not_list_any_more_is_not_asked_for_a_finding() {
    let (workspace, central) = setting();
    workspace.user_config("");
    let (code, out, err) = workspace.run(&["show", &number_of(&workspace)]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("aspm-lsp login"), "{out}");
    assert_eq!(central.control("log", &Value::Null), json!([]));
}

/// The id of the `eval`.
fn number_of(workspace: &Workspace) -> String {
    let (_, out, err) = workspace.run(&["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let all = list["findings"].as_array().expect("findings").clone();
    let found = all.into_iter().find(|finding| finding["rule"] == "B307").expect("there");
    found["id"].as_str().expect("an id").to_owned()
}

#[test]
fn the_terminal_shows_it_as_it_is_there_now_and_offline_as_it_was_read() {
    let (workspace, central) = setting();
    let id = number_of(&workspace);
    change(&central, "Eval", &json!({ "mitigation": "Use ast.literal_eval." }));
    let (code, out, err) = workspace.run(&["show", &id, "--offline"]);
    assert_eq!(code, 0, "{err}");
    assert!(!out.contains("Use ast.literal_eval."), "{out}");
    assert_eq!(questions(&central), 0);
    let (code, out, err) = workspace.run(&["show", &id]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("Use ast.literal_eval.") && out.contains("Changed at central"), "{out}");
    let number = central.finding("Eval")["id"].clone();
    central.control("change", &json!({ "delete": number }));
    let (code, out, err) = workspace.run(&["show", &id]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("Not at central any more.") && out.contains("Use ast.literal_eval."), "{out}");
    let (code, _, err) = workspace.run(&["show", &id]);
    assert_eq!(code, 2, "it is gone here too: {err}");
}

#[test]
fn a_reading_under_way_goes_on_and_does_not_bring_back_what_was_before() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    let shown = both(&mut editor, &central);
    let read = editor.wait_ready()["sources"][0]["synced_at"].clone();
    let eval = central.finding("Eval")["id"].clone();
    // The reading has the rows of before in hand while the finding is opened.
    central.control("change", &json!({ "touch": eval, "fields": { "mitigation": "As the reading sees it." } }));
    central.control("faults", &json!([{ "match": "o=-last_reviewed", "do": "delay", "seconds": 2 }]));
    editor.command("aspm.sync", Value::Null).expect("accepted");
    let mut seen = Vec::new();
    editor.wait("the reading to be under way", |_| {
        let new = central.control("log", &Value::Null);
        seen.extend(new.as_array().expect("a log").iter().map(ToString::to_string));
        seen.iter().any(|line| line.contains("o=-last_status_update")).then_some(())
    });
    change(&central, "Eval", &json!({ "mitigation": "As it is now." }));
    let (_, path) = page(&mut editor, &id(&shown, "B307"));
    editor.wait("the page as it is there now", |_| {
        std::fs::read_to_string(&path).expect("it stays").contains("As it is now.").then_some(())
    });
    editor.wait("the words of now", |editor| {
        editor.hover_text("app.py", "eval(x)").contains("As it is now.").then_some(())
    });
    // Only a reading that came to its end has a watermark to count.
    editor.wait_status("read again", |status| status["sources"][0]["synced_at"] != read);
    central.control("log", &Value::Null);
    assert_eq!(workspace.run(&["sync"]).0, 0);
    let log = central.control("log", &Value::Null).to_string();
    assert!(!log.contains("o=id"), "its watermark counts: {log}");
    let (_, out, _) = workspace.run(&["show", &id(&shown, "B307"), "--offline"]);
    assert!(out.contains("As it is now."), "{out}");
}
