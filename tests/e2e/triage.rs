//! What a developer says of findings: every verb, under policy, one by one and many at once, from terminal and editor.

use serde_json::{Value, json};

use crate::support::{Central, Editor, Log, Profile, Workspace, result};

const APP: &str = "import os\n\ndef sh(c):\n    return os.system(c)\n\ndef calc(x):\n    return eval(x)\n\n\
                   def again(c):\n    return os.system('x' + c)\n";
const OTHER: &str = "import os\n\nos.system(name)\n";

fn findings() -> Value {
    let shell = |title: &str, path: &str, line: u32| {
        json!({ "title": title, "file_path": path, "line": line, "severity": "High", "cwe": 78,
                "vuln_id_from_tool": "B605", "description": format!("{title}: starting a process with a shell") })
    };
    json!([
        shell("Shell", "app.py", 4),
        { "title": "Eval", "file_path": "app.py", "line": 7, "severity": "Medium", "cwe": 95, "vuln_id_from_tool": "B307",
          "description": "Use of eval" },
        shell("Shell again", "app.py", 10),
        shell("Shell elsewhere", "other.py", 3),
    ])
}

fn setting() -> (Workspace, Central) {
    let workspace = Workspace::new(&[("app.py", APP), ("other.py", OTHER)]);
    let head = workspace.git(&["rev-parse", "HEAD"]);
    let central = Central::start(&head, &findings());
    central.bind(&workspace);
    assert_eq!(workspace.run(&["sync"]).0, 0);
    (workspace, central)
}

/// The organisation's policy, from now on, with these settings of triage.
fn policy(workspace: &Workspace, central: &Central, triage: &Value) {
    let folder = workspace.beside("policy/aspm");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("data.json"), json!({ "settings": { "triage": triage } }).to_string()).expect("written");
    central
        .bind_with(workspace, &format!("[policy]\nbundle = {:?}\n", workspace.beside("policy").display().to_string()));
}

fn offline(central: &Central) {
    central.control("faults", &json!([{ "match": "", "times": 0, "do": "cut_before" }]));
}

/// The finding's id, by where it was scanned.
fn id_of(workspace: &Workspace, path: &str, line: u32) -> String {
    let (code, out, err) = workspace.run(&["list", "--status", "all", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let list: Value = serde_json::from_str(&out).expect("JSON");
    let all = list["findings"].as_array().expect("findings");
    let is_it = |finding: &&Value| finding["scanned"]["path"] == path && finding["scanned"]["line"] == line;
    let found = all.iter().find(is_it).unwrap_or_else(|| panic!("no {path}:{line} in {out}"));
    found["id"].as_str().expect("an id").to_owned()
}

fn notes(finding: &Value) -> Vec<&str> {
    finding["notes"].as_array().expect("notes").iter().filter_map(|note| note["entry"].as_str()).collect()
}

#[test]
fn every_verb_reaches_the_platform_from_the_terminal() {
    let (workspace, central) = setting();
    let id = id_of(&workspace, "app.py", 7);
    let says = |arguments: &[&str]| {
        let (code, out, err) = workspace.run(&[&["triage", &id], arguments].concat());
        assert_eq!(code, 0, "{arguments:?}: {out}{err}");
        assert!(out.contains("The source has confirmed it."), "{out}");
        central.finding("Eval")
    };
    let there = says(&["--status", "verify"]);
    assert_eq!(there["verified"], true, "{there:#}");
    let there = says(&["--status", "note", "--reason", "Ask the payment team."]);
    assert_eq!(notes(&there).iter().filter(|note| note.starts_with("Ask the payment team.")).count(), 1);
    let there = says(&["--tag", "payment", "--tag", "needs review"]);
    assert_eq!(there["tags"], json!(["payment", "needs review"]));
    let there = says(&["--untag", "payment"]);
    assert_eq!(there["tags"], json!(["needs review"]));
    let there = says(&["--status", "accept", "--until", "2199-01-31", "--reason", "Planned."]);
    assert_eq!(there["risk_accepted"], true, "{there:#}");
    let acceptances = central.control("acceptances", &Value::Null).to_string();
    assert!(acceptances.contains("2199-01-31") && acceptances.contains("Planned."), "{acceptances}");
    let there = says(&["--status", "reopen", "--reason", "Not planned any more."]);
    assert_eq!((&there["active"], &there["risk_accepted"]), (&json!(true), &json!(false)), "{there:#}");
    let there = says(&["--status", "out_of_scope", "--reason", "Not ours."]);
    assert_eq!((&there["active"], &there["out_of_scope"]), (&json!(false), &json!(true)), "{there:#}");
    let there = says(&["--status", "reopen", "--reason", "Ours."]);
    assert_eq!(there["active"], true, "{there:#}");
    let there = says(&["--status", "close", "--reason", "Gone."]);
    assert_eq!((&there["active"], &there["is_mitigated"]), (&json!(false), &json!(true)), "{there:#}");
    let words = notes(&there).join("\n");
    for reason in ["Not planned any more.", "Not ours.", "Ours.", "Gone."] {
        assert_eq!(words.matches(&format!("{reason}\n\n[aspm-lsp ")).count(), 1, "{reason}: {words}");
    }
}

#[test]
fn policy_has_the_same_word_in_terminal_and_editor_and_nothing_is_sent() {
    let (workspace, central) = setting();
    policy(&workspace, &central, &json!({ "until_days": 90, "forbidden": ["close", "false_positive:high"] }));
    let (eval, shell) = (id_of(&workspace, "app.py", 7), id_of(&workspace, "app.py", 4));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "all", |shown| shown.len() == 3);
    editor.wait_ready();
    central.control("log", &Value::Null);
    for (id, status, reason, until, words) in [
        (&eval, "close", "Fixed.", None, "Policy does not allow closing a finding as fixed. [triage-forbidden]"),
        (&eval, "accept", "Later.", Some("2199-01-01"), "Policy allows accepting a risk for at most 90 days: until "),
        (&eval, "accept", "Later.", None, "Policy demands a last day for accepting a risk: say until when."),
        (&eval, "false_positive", " ", None, "Policy demands a reason for marking a finding as false positive."),
        (
            &shell,
            "false_positive",
            "No.",
            None,
            "Policy does not allow marking a finding as false positive where the severity is high.",
        ),
    ] {
        let mut arguments = vec!["triage", id, "--status", status, "--reason", reason];
        let mut argument = json!({ "ids": [id], "status": status, "reason": reason });
        if let Some(until) = until {
            arguments.extend(["--until", until]);
            argument["until"] = json!(until);
        }
        let (code, out, err) = workspace.run(&arguments);
        assert_eq!((code, out.as_str()), (1, ""), "{err}");
        let said = err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words) && said.contains("Nothing was written down or sent."), "{said}");
        let refused = editor.command("aspm.triage", argument).expect_err("policy refuses");
        assert!(refused["message"].as_str().is_some_and(|message| message.contains(words)), "{refused}");
        editor.wait_said(words);
    }
    assert!(workspace.run(&["outbox", "list"]).1.contains("Nothing waits"));
    let log = central.control("log", &Value::Null);
    let writes = log.as_array().expect("a log").iter().filter(|request| request["method"] != "GET").count();
    assert_eq!(writes, 0, "{log:#}");
}

#[test]
fn what_waited_is_not_sent_once_policy_forbids_it_and_is_when_it_allows_it_again() {
    let (workspace, central) = setting();
    let id = id_of(&workspace, "app.py", 7);
    offline(&central);
    let close = ["triage", &id, "--status", "close", "--reason", "Fixed."];
    assert_eq!(workspace.run(&close).0, 4);
    policy(&workspace, &central, &json!({ "forbidden": ["close"] }));
    central.control("calm", &Value::Null);
    let name = workspace.run(&["outbox", "list"]).1.split(':').next().expect("a name").trim().to_owned();
    let (code, out, err) = workspace.run(&["outbox", "retry", &name]);
    assert_eq!(code, 1, "{out}{err}");
    let words =
        "not sent, policy does not allow it: Policy does not allow closing a finding as fixed. [triage-forbidden]";
    let unwrapped = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(unwrapped.contains(words), "{out}");
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains(&name), "it is kept and told: {out}");
    assert_eq!(central.finding("Eval")["active"], true, "nothing was sent");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "told on the diagnostic", |shown| {
        shown.iter().any(|shown| shown.message.contains("closed: not allowed by policy"))
    });
    editor.leave();
    policy(&workspace, &central, &json!({}));
    let (code, out, err) = workspace.run(&["outbox", "retry", &name]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(central.finding("Eval")["is_mitigated"], true);
}

#[test]
fn a_policy_that_cannot_rule_lets_nothing_through() {
    let (workspace, central) = setting();
    let id = id_of(&workspace, "app.py", 7);
    std::fs::create_dir_all(workspace.beside("policy")).expect("a folder");
    std::fs::write(workspace.beside("policy/p.rego"), "package aspm\n\ntriage := {\"allow\": 1}\n").expect("written");
    central
        .bind_with(&workspace, &format!("[policy]\nbundle = {:?}\n", workspace.beside("policy").display().to_string()));
    let (code, out, err) = workspace.run(&["triage", &id, "--status", "close", "--reason", "Fixed."]);
    assert_eq!((code, out.as_str()), (3, ""), "{err}");
    assert!(err.contains("allow must be true or false"), "{err}");
    assert!(workspace.run(&["outbox", "list"]).1.contains("Nothing waits"));
}

#[test]
fn many_findings_have_one_reason_and_an_entry_each() {
    let (workspace, central) = setting();
    let by_rule =
        ["triage", "--rule", "b605", "--file", "app.py", "--status", "false_positive", "--reason", "Fixed words."];
    let (code, out, err) = workspace.run(&by_rule);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("2 findings, false positive: 2 queued for central."), "{out}");
    assert!(out.contains("The source has confirmed all 2."), "{out}");
    for (title, is_said) in [("Shell", true), ("Shell again", true), ("Shell elsewhere", false), ("Eval", false)] {
        let there = central.finding(title);
        assert_eq!(there["false_p"], is_said, "{title}");
        assert_eq!(notes(&there).len(), usize::from(is_said), "{title}");
    }
    let (code, _, err) = workspace.run(&by_rule);
    assert_eq!(code, 2, "no open one is left: {err}");
    assert!(err.contains("no open finding of rule b605 there"), "{err}");
    let (code, out, err) = workspace.run(&["triage", "--rule", "B605", "--status", "reopen", "--reason", "Not so."]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(central.finding("Shell again")["active"], true);
}

#[test]
fn of_many_either_all_are_queued_or_none() {
    let (workspace, central) = setting();
    policy(&workspace, &central, &json!({ "forbidden": ["false_positive:medium"] }));
    let (code, out, err) =
        workspace.run(&["triage", "--file", "app.py", "--status", "false_positive", "--reason", "All of it."]);
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(workspace.run(&["outbox", "list"]).1.contains("Nothing waits"), "not even those that policy allows");
    assert_eq!(central.finding("Shell")["false_p"], false);
}

#[test]
fn the_exit_code_says_whether_it_is_confirmed_queued_or_refused() {
    let (workspace, central) = setting();
    let id = id_of(&workspace, "app.py", 7);
    let close = ["triage", &id, "--status", "close", "--reason", "Fixed."];
    let refusal = json!([{ "match": "POST .*close", "times": 1, "do": "status", "status": 400,
        "body": "{\"message\": \"Closing is for leads.\"}", "type": "application/json" }]);
    central.control("faults", &refusal);
    let (code, out, _) = workspace.run(&close);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("refused by the source: Closing is for leads."), "{out}");
    // Once more is not a second one.
    let (code, out, _) = workspace.run(&close);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("Already queued for central"), "{out}");
    let name = workspace.run(&["outbox", "list"]).1.split(':').next().expect("a name").trim().to_owned();
    let (code, out, _) = workspace.run(&["outbox", "discard", &name]);
    assert_eq!(code, 0);
    assert!(out.contains("closed") && out.contains("central was told nothing"), "{out}");

    let (code, out, _) = workspace.run(&[&close[..], &["--queue"]].concat());
    assert_eq!(code, 0, "queued as asked: {out}");
    assert_eq!(central.finding("Eval")["active"], true);
    offline(&central);
    let (code, out, _) = workspace.run(&close);
    assert_eq!(code, 4, "{out}");
    assert!(out.contains("Already queued for central") && out.contains("It is queued"), "{out}");
    assert_eq!(workspace.run(&["outbox", "list"]).1.matches("closed for").count(), 1);
    central.control("calm", &Value::Null);
    let name = workspace.run(&["outbox", "list"]).1.split(':').next().expect("a name").trim().to_owned();
    assert_eq!(workspace.run(&["outbox", "retry", &name]).0, 0);
    let (code, out, _) = workspace.run(&close);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("Already so at central"), "{out}");
    assert_eq!(notes(&central.finding("Eval")).len(), 1);
}

#[test]
fn an_exception_is_written_once_and_changed_in_place() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    let (_, out, _) = workspace.run(&["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&out).expect("JSON");
    let id = list["findings"][0]["id"].as_str().expect("an id").to_owned();
    let accept = |until: &'static str| {
        workspace.run(&["triage", &id, "--status", "accept", "--until", until, "--reason", "Planned."])
    };
    let (code, out, err) = accept("2199-01-31");
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("added b307-app-"), "{out}");
    let first = workspace.read(".aspm/exceptions.yaml");
    let (code, out, err) = accept("2199-01-31");
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("already says so, as b307-app-"), "{out}");
    assert_eq!(workspace.read(".aspm/exceptions.yaml"), first);
    let (code, out, err) = accept("2199-03-31");
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("changed b307-app-"), "{out}");
    assert_eq!(workspace.read(".aspm/exceptions.yaml"), first.replace("2199-01-31", "2199-03-31"));
    let (code, _, err) = workspace.run(&["triage", &id, "--status", "close", "--reason", "Gone."]);
    assert_eq!(code, 2);
    assert!(err.contains("takes no triage"), "{err}");
}

#[test]
fn a_cleared_cache_does_not_let_policy_be_passed_by() {
    let (workspace, central) = setting();
    let id = id_of(&workspace, "app.py", 7);
    let close = ["triage", &id, "--status", "close", "--reason", "Fixed.", "--queue"];
    assert_eq!(workspace.run(&close).0, 0);
    policy(&workspace, &central, &json!({ "forbidden": ["close:medium"] }));
    std::fs::remove_dir_all(workspace.cache()).expect("removed");
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("policy does not allow it"), "{out}");
    assert_eq!(central.finding("Eval")["active"], true);
}

/// The action whose title is or begins with this, once it is offered.
fn action(editor: &mut Editor, needle: &str, title: &str) -> Value {
    editor.wait(&format!("the action {title}"), |editor| {
        let actions = editor.actions("app.py", needle, None);
        actions.into_iter().find(|action| action["title"].as_str().is_some_and(|known| known.starts_with(title)))
    })
}

fn carry_out(editor: &mut Editor, action: &Value) -> Value {
    let command = action["command"]["command"].as_str().expect("a command");
    let argument = action["command"]["arguments"][0].clone();
    editor.command(command, argument).unwrap_or_else(|error| panic!("{action}: {error}"))
}

fn opened(workspace: &Workspace, profile: Profile) -> Editor {
    let mut editor = Editor::start(workspace, profile);
    editor.open("app.py");
    editor.wait_shown("app.py", "all three", |shown| shown.len() == 3);
    editor
}

/// Waits until the platform has it.
fn wait_central(editor: &mut Editor, central: &Central, title: &str, wanted: impl Fn(&Value) -> bool) {
    editor.wait(&format!("{title} as wanted"), |_| wanted(&central.finding(title)).then_some(()));
}

#[test]
fn every_verb_reaches_the_platform_from_code_actions() {
    let (workspace, central) = setting();
    let mut editor = opened(&workspace, Profile::push().with("/experimental/aspm/input", json!(true)));
    let says = |editor: &mut Editor, needle: &str, title: &str, input: Value| {
        let action = action(editor, needle, title);
        editor.input = input;
        carry_out(editor, &action);
        editor.wait_said("Queued for central: ");
    };
    says(&mut editor, "eval(x)", "Verify B307: it is real", Value::Null);
    wait_central(&mut editor, &central, "Eval", |there| there["verified"] == true);
    says(&mut editor, "eval(x)", "Add a note to B307", json!({ "reason": "Ask the payment team." }));
    wait_central(&mut editor, &central, "Eval", |there| notes(there).iter().any(|note| note.starts_with("Ask the")));
    says(&mut editor, "eval(x)", "Add a tag to B307", json!({ "tags": "payment, needs review" }));
    wait_central(&mut editor, &central, "Eval", |there| there["tags"] == json!(["payment", "needs review"]));
    says(
        &mut editor,
        "eval(x)",
        "Triage B307",
        json!({ "status": "accept", "until": "2199-01-31", "reason": "Planned." }),
    );
    wait_central(&mut editor, &central, "Eval", |there| there["risk_accepted"] == true);
    editor.wait_shown("app.py", "an accepted one", |shown| {
        shown.len() == 3 && shown.iter().all(|shown| !shown.message.contains("pending"))
    });
    says(&mut editor, "eval(x)", "Reopen B307", json!({ "reason": "Not planned any more." }));
    wait_central(&mut editor, &central, "Eval", |there| there["active"] == true && there["risk_accepted"] == false);
    says(&mut editor, "os.system('x'", "Mark B605 as false positive: not production code", Value::Null);
    wait_central(&mut editor, &central, "Shell again", |there| there["false_p"] == true);
    editor.wait_shown("app.py", "two", |shown| shown.len() == 2);
    says(&mut editor, "os.system(c)", "Close B605 as fixed", json!({ "reason": "Fixed with a list." }));
    wait_central(&mut editor, &central, "Shell", |there| there["is_mitigated"] == true);
    editor.wait_shown("app.py", "one", |shown| shown.len() == 1);
    let asked: Vec<Value> =
        editor.asked.iter().filter(|(method, _)| method == "aspm/input").map(|(_, it)| it.clone()).collect();
    assert_eq!(asked.len(), 5, "{asked:#?}");
    assert!(asked[0]["title"].as_str().is_some_and(|title| title.contains("Add a note") && title.contains("app.py")));
    assert_eq!(asked[2]["fields"][0]["name"], "status", "{:#}", asked[2]);
}

#[test]
fn all_of_a_rule_in_a_file_are_asked_about_once_and_pending_until_the_platform_is_back() {
    let (workspace, central) = setting();
    let mut editor = opened(&workspace, Profile::pull().with("/experimental/aspm/input", json!(true)));
    offline(&central);
    let action = action(&mut editor, "os.system(c)", "Triage all 2 findings of B605 in this file");
    editor.input = json!({ "status": "false_positive", "reason": "Fixed words." });
    carry_out(&mut editor, &action);
    editor.wait_said("2 findings, false positive: 2 queued for central.");
    editor.wait_shown("app.py", "two that wait", |shown| {
        shown.iter().filter(|shown| shown.code == "B605" && shown.message.contains("false positive: pending")).count()
            == 2
    });
    assert_eq!(workspace.run(&["outbox", "list"]).1.matches("false positive for").count(), 2);
    editor.leave();
    central.control("calm", &Value::Null);
    // One may have been tried and rest for a while, the other be due at once and go with it.
    for _ in 0..2 {
        let waiting = workspace.run(&["outbox", "list"]).1;
        if let Some((name, _)) = waiting.split_once(": false positive for ") {
            let (code, out, err) = workspace.run(&["outbox", "retry", name]);
            assert_eq!(code, 0, "{out}{err}");
        }
    }
    assert_eq!(central.finding("Shell")["false_p"], true);
    assert_eq!(central.finding("Shell again")["false_p"], true);
    assert_eq!(central.finding("Shell elsewhere")["false_p"], false, "another file");
}

#[test]
fn without_a_way_to_ask_a_file_is_filled_in_like_a_commit_message() {
    let (workspace, central) = setting();
    let mut editor = opened(&workspace, Profile::push());
    let close = action(&mut editor, "eval(x)", "Close B307 as fixed");
    let answer = carry_out(&mut editor, &close);
    let path = std::path::PathBuf::from(answer["path"].as_str().expect("a path"));
    let asked = editor.wait_asked("window/showDocument");
    assert_eq!(url::Url::parse(asked["uri"].as_str().expect("a URI")).expect("a URI").to_file_path(), Ok(path.clone()));
    let text = std::fs::read_to_string(&path).expect("the form");
    assert!(text.starts_with("# Close: it is fixed \u{2014} ") && text.ends_with("\nreason:\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    std::fs::write(&path, text.replace("reason:", "reason: Removed with\nthe old calculator.")).expect("saved");
    wait_central(&mut editor, &central, "Eval", |there| there["is_mitigated"] == true);
    assert!(notes(&central.finding("Eval"))[0].starts_with("Removed with\nthe old calculator."));
    editor.wait_said("Queued for central: closed.");
    editor.wait("the form is gone", |_| (!path.exists()).then_some(()));

    // What policy refuses stays open for another try; without a reason it is cancelled.
    let triage = action(&mut editor, "os.system(c)", "Triage B605");
    let answer = carry_out(&mut editor, &triage);
    let path = std::path::PathBuf::from(answer["path"].as_str().expect("a path"));
    let text = std::fs::read_to_string(&path).expect("the form");
    let filled = text.replace("status:", "status: accept").replace("reason:", "reason: Later.");
    let until = filled.lines().find(|line| line.starts_with("until:")).expect("a day").to_owned();
    std::fs::write(&path, filled.replace(&until, "until: 2020-01-01")).expect("saved");
    editor.wait_said("Its last day, 2020-01-01, has passed");
    assert!(path.exists());
    std::fs::write(&path, filled.replace("reason: Later.", "reason:")).expect("saved");
    editor.wait_said("Cancelled");
    editor.wait("the form is gone", |_| (!path.exists()).then_some(()));
    assert_eq!(central.finding("Shell")["risk_accepted"], false);
}

#[test]
fn a_finding_of_a_log_is_asked_about_only_what_a_file_can_say() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    let mut editor = Editor::start(&workspace, Profile::push().with("/experimental/aspm/input", json!(true)));
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    let titles: Vec<String> = editor
        .actions("app.py", "eval(x)", None)
        .iter()
        .filter_map(|action| action["title"].as_str().map(str::to_owned))
        .collect();
    assert!(titles.iter().all(|title| !title.contains("note") && !title.contains("Close")), "{titles:?}");
    editor.input = json!({ "status": "out_of_scope", "reason": "Another team's.", "until": "2199-01-01" });
    let triage = action(&mut editor, "eval(x)", "Triage B307");
    carry_out(&mut editor, &triage);
    editor.wait_said("Requested in .aspm/exceptions.yaml.");
    let text = workspace.read(".aspm/exceptions.yaml");
    assert!(text.contains("status: out_of_scope") && text.contains("Another team's."), "{text}");
    assert!(!text.contains("expires"), "a day is asked of accepted risks alone: {text}");
    let asked = editor.asked.iter().find(|(method, _)| method == "aspm/input").expect("asked").1.clone();
    let choices = asked["fields"][0]["choices"].as_array().expect("choices").len();
    assert_eq!(choices, 3, "{asked:#}");
}
