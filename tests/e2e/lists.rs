//! `aspm/findings` and `aspm/finding`: what panels show, of files that are open and of those that are not.

use serde_json::{Value, json};

use crate::support::{Editor, Log, Profile, Workspace, about_file, result};

const APP: &str = "import os\n\ndef sh(c):\n    return os.system(c)\n\ndef ev(c):\n    return eval(c)\n";
const WEB: &str = "import flask\n\ndef term():\n    return flask.request.args[\"q\"]\n";

/// A branch introduces all of it, and was scanned.
fn workspace() -> Workspace {
    let workspace = Workspace::new(&[("CODEOWNERS", "*.py @shop/core\nlib/ @shop/web\n")]);
    workspace.git(&["switch", "--quiet", "--create", "feature"]);
    workspace.write("app.py", APP).write("lib/web.py", WEB);
    let commit = workspace.commit("feature");
    workspace.log(
        "bandit",
        &Log::new("Bandit")
            .with(result("B605", "app.py", APP, "os.system(c)").level("error"))
            .with(result("B307", "app.py", APP, "eval(c)").level("note"))
            .with(
                result("W001", "lib/web.py", WEB, "flask.request.args[\"q\"]")
                    .level("warning")
                    .step(("app.py", APP), "def sh(c):", "comes in")
                    .step(("lib/web.py", WEB), "flask.request.args[\"q\"]", "goes out"),
            )
            .with(about_file("W002", "lib/gone.py").level("warning"))
            .of_commit(&commit),
    );
    workspace
}

fn ready() -> (Workspace, Editor) {
    let workspace = workspace();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_loaded();
    (workspace, editor)
}

fn rules(page: &Value) -> Vec<&str> {
    page["findings"].as_array().expect("findings").iter().filter_map(|found| found["rule"].as_str()).collect()
}

#[test]
fn all_open_findings_come_with_the_highest_risk_first_and_no_file_has_to_be_open() {
    let (workspace, mut editor) = ready();
    let page = editor.request("aspm/findings", json!({}));
    assert_eq!((&page["version"], &page["total"]), (&json!(1), &json!(4)), "{page}");
    assert_eq!(rules(&page), ["B605", "W001", "B307", "W002"], "what is on no code comes last: {page}");
    let first = &page["findings"][0];
    assert_eq!(first["uri"], json!(workspace.uri("app.py")));
    assert_eq!(first["placement"]["range"]["start"], json!({ "line": 3, "character": 11 }), "{first}");
    assert_eq!(first["verdict"]["action"], "block", "{first}");
    assert!(page["findings"][3].get("uri").is_none(), "{page}");
    assert!(page.get("next").is_none(), "{page}");
}

#[test]
fn a_list_comes_in_pages_that_fit_together() {
    let (_workspace, mut editor) = ready();
    let first = editor.request("aspm/findings", json!({ "limit": 3 }));
    assert_eq!((rules(&first).len(), &first["next"], &first["total"]), (3, &json!(3), &json!(4)), "{first}");
    let second = editor.request("aspm/findings", json!({ "limit": 3, "offset": 3 }));
    assert_eq!(rules(&second), ["W002"], "{second}");
    assert_eq!(first["result_id"], second["result_id"]);
    let beyond = editor.request("aspm/findings", json!({ "offset": 99 }));
    assert_eq!(rules(&beyond), [""; 0], "{beyond}");
}

#[test]
fn an_edit_that_moves_a_finding_changes_the_result_id() {
    let (_workspace, mut editor) = ready();
    let before = editor.request("aspm/findings", json!({}));
    editor.open("app.py");
    editor.edit("app.py", "import os\n", "import os\n\n\n");
    let moved = editor.request("aspm/findings", json!({ "rules": ["B605"] }));
    assert_eq!(moved["findings"][0]["placement"]["range"]["start"]["line"], 5, "{moved}");
    let after = editor.request("aspm/findings", json!({}));
    assert_ne!(before["result_id"], after["result_id"]);
}

#[test]
fn filters_narrow_and_say_how_many_are_left() {
    let (workspace, mut editor) = ready();
    for (query, wanted) in [
        (json!({ "uri": workspace.uri("lib") }), vec!["W001", "W002"]),
        (json!({ "uri": workspace.uri("app.py") }), vec!["B605", "B307"]),
        (json!({ "actions": ["block"] }), vec!["B605"]),
        (json!({ "minimum_severity": "medium" }), vec!["B605", "W001", "W002"]),
        (json!({ "states": ["unplaced", "gone"] }), vec!["W002"]),
        (json!({ "tools": ["Semgrep"] }), vec![]),
        (json!({ "text": "b30" }), vec!["B307"]),
        (json!({ "status": "decided" }), vec![]),
        (json!({ "sort": "place", "status": "all" }), vec!["B605", "B307", "W002", "W001"]),
        (json!({ "changes": ["introduced"], "kinds": ["code"], "rules": ["B307", "W001"] }), vec!["W001", "B307"]),
    ] {
        let page = editor.request("aspm/findings", query.clone());
        assert_eq!(rules(&page), wanted, "{query}: {page}");
        assert_eq!(page["total"], wanted.len(), "{query}");
    }
}

#[test]
fn groups_are_counted_over_all_pages_and_the_worst_comes_first() {
    let (_workspace, mut editor) = ready();
    let page = editor.request("aspm/findings", json!({ "group_by": "file", "limit": 1 }));
    let groups = page["groups"].as_array().expect("groups");
    let told: Vec<(&str, u64, u64)> = groups
        .iter()
        .map(|group| {
            let number = |name: &str| group[name].as_u64().expect("a number");
            (group["key"].as_str().expect("a key"), number("count"), number("block"))
        })
        .collect();
    assert_eq!(told, [("app.py", 2, 1), ("lib/web.py", 1, 0), ("lib/gone.py", 1, 0)], "{page}");
    assert_eq!(page["findings"][0]["group"], "app.py", "{page}");
    let by_rule = editor.request("aspm/findings", json!({ "group_by": "rule" }));
    assert_eq!(by_rule["groups"][0]["key"], "Bandit: B605", "{by_rule}");
}

#[test]
fn owners_come_from_codeowners() {
    let (_workspace, mut editor) = ready();
    let page = editor.request("aspm/findings", json!({ "owners": ["@shop/web"], "group_by": "owner" }));
    assert_eq!(rules(&page)[0], "W001", "{page}");
    assert_eq!(page["groups"][0]["key"], "@shop/web", "{page}");
}

#[test]
fn what_is_asked_wrongly_is_refused_in_words() {
    let (_workspace, mut editor) = ready();
    for query in [
        json!({ "sort": "luck" }),
        json!({ "limt": 3 }),
        json!({ "uri": "https://example.com/a" }),
        json!({ "offset": -1 }),
        json!([]),
    ] {
        let error = editor.try_request("aspm/findings", query.clone()).expect_err("an error");
        assert_eq!(error["code"], -32602, "{query}: {error}");
        assert!(error["message"].as_str().is_some_and(|words| words.contains("aspm/findings")), "{query}: {error}");
    }
    for query in [json!({}), json!({ "id": 3 }), json!({ "id": "sarif:none" }), json!({ "id": "a\nb" })] {
        let error = editor.try_request("aspm/finding", query.clone()).expect_err("an error");
        assert_eq!(error["code"], -32602, "{query}: {error}");
    }
}

#[test]
fn a_finding_comes_whole_with_its_flow_where_it_is_now_while_no_file_is_open() {
    let workspace = workspace();
    workspace.write("app.py", format!("# above\n# above\n{APP}"));
    workspace.commit("comments");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_loaded();
    let page = editor.request("aspm/findings", json!({ "rules": ["W001"] }));
    let id = page["findings"][0]["id"].clone();
    let detail = editor.request("aspm/finding", json!({ "id": id }));
    assert_eq!(detail["finding"]["rule"], "W001", "{detail}");
    let flow = detail["flow"].as_array().expect("a flow");
    assert_eq!(flow.len(), 2, "{detail}");
    assert_eq!((&flow[0]["message"], &flow[0]["scanned"]["line"]), (&json!("comes in"), &json!(3)));
    assert_eq!(flow[0]["uri"], json!(workspace.uri("app.py")));
    assert_eq!(flow[0]["placement"]["range"]["start"]["line"], 4, "{detail}");
    assert_eq!(flow[0]["placement"]["state"], "moved", "{detail}");
    assert!(detail["markdown"].as_str().is_some_and(|page| page.contains("app.py:5")), "{detail}");
}

#[test]
fn the_page_of_a_finding_opens_while_no_file_is_open() {
    let (_workspace, mut editor) = ready();
    for rule in ["W001", "W002"] {
        let page = editor.request("aspm/findings", json!({ "rules": [rule] }));
        let opened = editor.command("aspm.open", json!({ "id": page["findings"][0]["id"] })).expect("a page");
        assert!(opened["markdown"].as_str().is_some_and(|words| words.contains(rule)), "{opened}");
    }
}

#[test]
fn editors_without_own_requests_ask_by_commands() {
    let (_workspace, mut editor) = ready();
    let asked = editor.request("aspm/findings", json!({ "rules": ["B605"] }));
    let commanded = editor.command("aspm.findings", json!({ "rules": ["B605"] })).expect("a list");
    assert_eq!(asked, commanded);
    let id = asked["findings"][0]["id"].clone();
    let detail = editor.request("aspm/finding", json!({ "id": id }));
    assert_eq!(editor.command("aspm.finding", json!({ "id": id })).expect("a finding"), detail);
    let status = editor.wait_loaded();
    assert_eq!(editor.command("aspm.status", Value::Null).expect("a status"), status);
}
