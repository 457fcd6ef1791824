//! Sending what waits: nobody insists where the platform takes nothing, and whoever asks waits for no pause.

use serde_json::{Value, json};

use crate::support::{Central, Editor, Profile, Workspace};

const APP: &str = "def calc(x):\n    return eval(x)\n";

fn setting() -> (Workspace, Central) {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let head = workspace.git(&["rev-parse", "HEAD"]);
    let finding = |number: u32| {
        json!({ "title": format!("Weakness {number}"), "file_path": "app.py", "line": 2,
        "severity": "High", "cwe": 95, "vuln_id_from_tool": format!("B{number}"), "description": "Use of eval" })
    };
    let central = Central::start(&head, &json!((1..=4).map(finding).collect::<Vec<_>>()));
    central.bind(&workspace);
    assert_eq!(workspace.run(&["sync"]).0, 0);
    central.control("log", &Value::Null);
    (workspace, central)
}

fn queue(workspace: &Workspace) {
    let (_, out, _) = workspace.run(&["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&out).expect("JSON");
    let ids: Vec<String> = list["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| f["id"].as_str().expect("an id").into())
        .collect();
    assert_eq!(ids.len(), 4);
    let mut arguments = vec!["triage"];
    arguments.extend(ids.iter().map(String::as_str));
    arguments.extend(["--status", "verify", "--reason", "Looked at.", "--queue"]);
    let (code, out, err) = workspace.run(&arguments);
    assert_eq!(code, 0, "{out}{err}");
}

fn lines(central: &Central) -> Vec<String> {
    let log = central.control("log", &Value::Null);
    log.as_array().expect("a log").iter().map(|entry| entry["line"].as_str().expect("a line").to_owned()).collect()
}

fn verified(central: &Central) -> usize {
    let all = central.control("findings", &Value::Null);
    all.as_array().expect("findings").iter().filter(|finding| finding["verified"] == true).count()
}

#[test]
fn where_the_platform_takes_nothing_one_entry_finds_that_out_for_all() {
    let refused = json!({ "match": "", "times": 0, "do": "status", "status": 403, "type": "application/json",
        "body": "{\"detail\": \"Invalid token.\"}" });
    let (workspace, central) = setting();
    queue(&workspace);
    central.control("faults", &json!([refused]));
    let (code, _, err) = workspace.run(&["sync"]);
    assert_eq!(code, 1);
    assert!(err.contains("token") && err.contains("aspm-lsp login"), "{err}");
    let asked = lines(&central);
    assert_eq!(asked.len(), 1, "neither the other three nor a reading were tried: {asked:?}");
    central.control("calm", &Value::Null);
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(verified(&central), 4);
}

#[test]
fn a_finding_that_cannot_be_asked_for_keeps_no_other_from_being_sent() {
    let (workspace, central) = setting();
    queue(&workspace);
    let broken = json!({ "match": "findings/2/", "times": 0, "do": "garbage", "body": "[]" });
    central.control("faults", &json!([broken]));
    workspace.run(&["sync"]);
    assert_eq!(verified(&central), 3);
}

#[test]
fn a_sync_that_is_asked_for_waits_for_no_pause_of_the_outbox() {
    let (workspace, central) = setting();
    queue(&workspace);
    central.control(
        "faults",
        &json!([{ "match": "", "times": 0, "do": "status", "status": 503,
        "headers": { "Retry-After": "3000" } }]),
    );
    workspace.run(&["sync"]);
    assert!(workspace.run(&["outbox", "list"]).1.contains("again"));
    central.control("calm", &Value::Null);
    // The platform had asked for most of an hour.
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(verified(&central), 4);
}

#[test]
fn a_sync_that_is_asked_for_in_the_editor_ends_the_pause_of_one_that_waits() {
    let (workspace, central) = setting();
    // The reading at the start of the editor is told to come again in over a minute.
    central.control(
        "faults",
        &json!([{ "match": "", "times": 1, "do": "status", "status": 503,
        "headers": { "Retry-After": "75" } }]),
    );
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "what was read before", |shown| !shown.is_empty());
    let mut asked = Vec::new();
    while asked.is_empty() {
        asked = lines(&central);
        std::thread::yield_now();
    }
    let id = central.finding("Weakness 1")["id"].clone();
    central.control("change", &json!({ "touch": id, "fields": { "severity": "Low" } }));
    central.control("changes", &json!([{ "close": 1 }, { "close": 2 }, { "close": 3 }, { "close": 4 }]));
    editor.command("aspm.sync", json!({})).expect("accepted");
    editor.wait_shown("app.py", "none any more", <[_]>::is_empty);
}
