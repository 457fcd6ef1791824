//! A central platform behind the editor and the command line: read over the network, kept for work without it.

use serde_json::{Value, json};

use crate::support::{Central, Editor, Profile, Workspace};

const APP: &str = "import os\n\ndef sh(c):\n    return os.system(c)\n\ndef calc(x):\n    return eval(x)\n";

fn findings() -> Value {
    json!([
        { "title": "Shell", "file_path": "app.py", "line": 4, "severity": "High", "cwe": 78, "vuln_id_from_tool": "B605",
          "description": "Starting a process with a shell" },
        { "title": "Eval", "file_path": "app.py", "line": 7, "severity": "Medium", "cwe": 95, "vuln_id_from_tool": "B307",
          "description": "Use of eval" }
    ])
}

fn setting() -> (Workspace, Central) {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let head = workspace.git(&["rev-parse", "HEAD"]);
    let central = Central::start(&head, &findings());
    central.bind(&workspace);
    (workspace, central)
}

#[test]
fn an_editor_shows_the_findings_of_the_platform_on_the_right_lines() {
    let (workspace, _central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "both", |shown| shown.len() == 2);
    assert!(shown.iter().any(|shown| shown.text.contains("os.system(c)")), "{shown:?}");
    let status = editor.wait_ready();
    assert_eq!(status["sources"][0]["kind"], "defectdojo");
    assert_eq!(status["sources"][0]["findings"], 2);
}

#[test]
fn without_a_network_what_was_read_before_is_there_and_says_how_old_it_is() {
    let (workspace, central) = setting();
    let (code, out, err) = workspace.run(&["list"]);
    assert_eq!(code, 3, "nothing was read yet: {out}{err}");
    assert!(err.contains("never synchronised") && err.contains("aspm-lsp sync"), "{err}");
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    drop(central);
    let (code, out, _) = workspace.run(&["list"]);
    assert_eq!(code, 0);
    assert!(out.contains("2 open findings: 2 exact"), "{out}");
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 1, "the server is gone: {out}{err}");
    assert!(err.contains("central"), "{err}");
    assert!(out.contains("2 findings"), "what is known stays: {out}");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "both", |shown| shown.len() == 2);
    editor.wait_problem(&["central"]);
}

#[test]
fn a_server_that_the_user_never_named_is_not_asked() {
    let (workspace, central) = setting();
    workspace.user_config("");
    let (code, _, err) = workspace.run(&["sync"]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("aspm-lsp login"), "{err}");
    let log = central.control("log", &Value::Null);
    assert_eq!(log.as_array().map(Vec::len), Some(0), "{log}");
}

#[test]
fn what_changes_on_the_platform_arrives_and_what_is_closed_there_goes() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "both", |shown| shown.len() == 2);
    let id = central.finding("Shell")["id"].clone();
    central.control("change", &json!({ "close": id }));
    editor.command("aspm.sync", json!({})).expect("accepted");
    let shown = editor.wait_shown("app.py", "one", |shown| shown.len() == 1);
    assert!(shown[0].code == "B307", "{shown:?}");
}

/// A start of the finding's id that `triage` takes.
fn id_of(workspace: &Workspace, rule: &str) -> String {
    let (code, out, err) = workspace.run(&["list", "--status", "all", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let list: Value = serde_json::from_str(&out).expect("JSON");
    let all = list["findings"].as_array().expect("findings");
    let found = all.iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("no {rule} in {out}"));
    found["id"].as_str().expect("an id").to_owned()
}

#[test]
fn triage_from_the_terminal_reaches_the_platform_once() {
    let (workspace, central) = setting();
    assert_eq!(workspace.run(&["sync"]).0, 0);
    let id = id_of(&workspace, "B307");
    let triage = ["triage", &id, "--status", "false_positive", "--reason", "Only numbers reach it."];
    let (code, out, err) = workspace.run(&triage);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("confirmed"), "{out}");
    let there = central.finding("Eval");
    assert_eq!((&there["false_p"], &there["active"]), (&json!(true), &json!(false)), "{there:#}");
    let notes = there["notes"].as_array().expect("notes");
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0]["entry"].as_str().is_some_and(|entry| entry.starts_with("Only numbers reach it.")), "{notes:?}");
    let (_, out, _) = workspace.run(&["outbox", "list"]);
    assert!(out.contains("Nothing waits"), "{out}");
    let (_, out, _) = workspace.run(&["list"]);
    assert!(out.contains("1 open finding"), "what was confirmed counts here at once: {out}");
}

#[test]
fn triage_without_a_network_is_kept_shown_and_sent_when_it_is_back() {
    let (workspace, central) = setting();
    assert_eq!(workspace.run(&["sync"]).0, 0);
    let id = id_of(&workspace, "B307");
    central.control("faults", &json!([{ "match": "", "times": 0, "do": "cut_before" }]));
    let (code, out, err) =
        workspace.run(&["triage", &id, "--status", "false_positive", "--reason", "Only numbers reach it."]);
    assert_eq!(code, 4, "it is queued, and nobody has confirmed it: {out}{err}");
    assert!(out.contains("Queued") && out.contains("waits to be sent"), "{out}");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let pending = |shown: &[crate::support::Shown]| shown.iter().any(|shown| shown.message.contains("pending"));
    editor.wait_shown("app.py", "a pending one", pending);
    editor.leave();
    central.control("calm", &Value::Null);
    let waiting = workspace.run(&["outbox", "list"]).1;
    let name = waiting.split(':').next().expect("a name").trim().to_owned();
    let (code, out, err) = workspace.run(&["outbox", "retry", &name]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(central.finding("Eval")["false_p"], true);
}

#[test]
fn triage_of_a_finding_that_changed_meanwhile_is_a_conflict_and_somebody_decides() {
    let (workspace, central) = setting();
    assert_eq!(workspace.run(&["sync"]).0, 0);
    let id = id_of(&workspace, "B307");
    let number = central.finding("Eval")["id"].clone();
    central.control("change", &json!({ "close": number }));
    let (_, out, err) =
        workspace.run(&["triage", &id, "--status", "false_positive", "--reason", "Only numbers reach it."]);
    assert!(out.contains("changed at the source"), "{out}{err}");
    assert_eq!(central.finding("Eval")["false_p"], false, "nothing was sent");
    let name = workspace.run(&["outbox", "list"]).1.split(':').next().expect("a name").trim().to_owned();
    let (code, out, err) = workspace.run(&["outbox", "retry", &name]);
    assert_eq!(code, 0, "decided again: {out}{err}");
    assert_eq!(central.finding("Eval")["false_p"], true);
}

#[test]
fn triage_in_the_editor_is_pending_until_the_platform_confirms_it() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "both", |shown| shown.len() == 2);
    let id = shown.iter().find(|shown| shown.code == "B307").expect("there").ids[0].clone();
    editor
        .command("aspm.triage", json!({ "ids": [id], "status": "false_positive", "reason": "Only numbers." }))
        .expect("queued");
    editor.wait_said("pending until the source confirms");
    // A false positive that the platform has is not shown any more.
    editor.wait_shown("app.py", "one", |shown| shown.len() == 1 && shown[0].code == "B605");
    assert_eq!(central.finding("Eval")["false_p"], true);
}

/// The factors of a verdict's risk, by name.
fn factors(workspace: &Workspace, rule: &str) -> Vec<String> {
    let (_, out, err) = workspace.run(&["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let all = list["findings"].as_array().expect("findings");
    let found = all.iter().find(|finding| finding["rule"] == rule).expect("there");
    let factors = found["verdict"]["factors"].as_array().expect("factors");
    factors.iter().map(|factor| format!("{} {}", factor["name"], factor["value"]).replace('"', "")).collect()
}

#[test]
fn what_the_platform_knows_of_the_application_weighs_unless_the_organisation_says_it() {
    let (workspace, central) = setting();
    let product = |fields: Value| central.control("change", &json!({ "product": 1, "fields": fields }));
    product(json!({ "business_criticality": "very high", "internet_accessible": true, "platform": "web" }));
    assert_eq!(workspace.run(&["sync"]).0, 0);
    assert_eq!(factors(&workspace, "B307"), ["severity medium", "exposure internet", "criticality critical"]);
    let id = id_of(&workspace, "B307");
    let (code, out, err) = workspace.run(&["policy", "explain", &id]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("+10  exposure: internet (source central)"), "{out}");
    assert!(out.contains("+10  criticality: critical (source central)"), "{out}");
    let (_, out, _) = workspace.run(&["policy", "show"]);
    assert!(out.contains("criticality critical (source central)"), "{out}");

    // The organisation's own data goes before it, value by value.
    let folder = workspace.beside("policy/aspm");
    std::fs::create_dir_all(&folder).expect("a folder");
    let data = json!({ "applications": { "git.example/acme/shop": { "criticality": "low" } } });
    std::fs::write(folder.join("data.json"), data.to_string()).expect("written");
    let bundle = workspace.beside("policy").display().to_string();
    central.bind_with(&workspace, &format!("[policy]\nbundle = {bundle:?}\n"));
    let (_, out, _) = workspace.run(&["policy", "explain", &id]);
    assert!(out.contains("criticality: low (policy data)") && out.contains("internet (source central)"), "{out}");
    central.bind(&workspace);

    // An editor that is open sees what changed there with the next reading of everything.
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "both", |shown| shown.len() == 2);
    assert!(editor.hover_text("app.py", "eval(x)").contains("critical"));
    product(json!({ "business_criticality": "low", "internet_accessible": false }));
    assert_eq!(workspace.run(&["sync", "--full"]).0, 0);
    // `aspm.toml` is not committed here: its source may raise a risk, not lower it.
    assert_eq!(factors(&workspace, "B307"), ["severity medium"]);
    editor.command("aspm.sync", Value::Null).expect("accepted");
    editor.wait("the other weight", |editor| {
        let text = editor.hover_text("app.py", "eval(x)");
        (!text.contains("criticality") && !text.contains("internet")).then_some(())
    });
}

#[test]
fn an_edited_configuration_does_not_make_the_application_matter_less() {
    let (workspace, central) = setting();
    central.control("change", &json!({ "product": 1, "fields": { "business_criticality": "very high" } }));
    workspace.git(&["add", "--force", "aspm.toml"]);
    workspace.git(&["commit", "--quiet", "--message", "configured"]);
    assert_eq!(workspace.run(&["sync"]).0, 0);
    workspace.git(&["switch", "--quiet", "--create", "feature"]);
    let named = workspace.read("aspm.toml");
    // A product of no weight, in place of ours; or none of its facts at all.
    workspace
        .write("aspm.toml", named.replace("kind = \"defectdojo\"", "kind = \"defectdojo\"\nengagement = \"main\""));
    assert_eq!(workspace.run(&["sync"]).0, 0);
    central.control("change", &json!({ "product": 1, "fields": { "business_criticality": "none" } }));
    assert_eq!(workspace.run(&["sync", "--full"]).0, 0);
    assert_eq!(factors(&workspace, "B307"), ["severity medium", "criticality critical"]);
    // And what weighs cannot be written there at all.
    workspace.write("aspm.toml", format!("[application]\ncriticality = \"low\"\n{named}"));
    let (code, _, err) = workspace.run(&["list"]);
    assert_eq!(code, 2);
    assert!(err.contains("criticality"), "{err}");
}

#[test]
fn a_finding_that_a_scan_closed_and_opened_again_is_told_as_the_pair_it_is() {
    let (workspace, central) = setting();
    assert_eq!(workspace.run(&["sync"]).0, 0);
    let id = id_of(&workspace, "B307");
    let mut rows = findings();
    rows[1]["line"] = json!(9);
    let done = central.control("change", &json!({ "reimport": 1, "rows": rows }));
    assert!(done.to_string().contains("created"), "{done}");
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    let said = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains(&format!("central: {id} is #3 there now and was #2, the same code at another line.")),
        "{out}"
    );
    let (_, out, err) = workspace.run(&["show", &id]);
    assert!(out.contains("#3 in central, before #2: the same code at another line"), "{out}{err}");
}
