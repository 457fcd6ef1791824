//! Code actions that change text: when their edit is made, when it is refused, all safe fixes at once, and suppression
//! comments in each tool's own words.

use serde_json::{Value, json};

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "import yaml\n\ndef load(text):\n    return yaml.load(text)\n";
const FLAGGED: &str = "yaml.load(text)";

fn resolving() -> Profile {
    Profile::push()
        .with("/textDocument/codeAction/resolveSupport", json!({ "properties": ["edit"] }))
        .with("/workspace/applyEdit", json!(true))
}

fn shop(applicability: &'static str) -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let finding = result("B506", "app.py", APP, FLAGGED).fix("yaml.safe_load(text)").applicability(applicability);
    workspace.log("scan", &Log::new("Bandit").with(finding));
    workspace
}

fn opened(workspace: &Workspace, profile: Profile, path: &str, flagged: &str) -> Editor {
    let mut editor = Editor::start(workspace, profile);
    editor.open(path);
    editor.wait_texts(path, &[flagged]);
    editor
}

fn titled<'a>(actions: &'a [Value], start: &str) -> &'a Value {
    let found = actions.iter().find(|action| action["title"].as_str().is_some_and(|title| title.starts_with(start)));
    found.unwrap_or_else(|| panic!("no action {start:?} in {actions:#?}"))
}

fn resolved(editor: &mut Editor, actions: &[Value], start: &str) -> Value {
    editor.request("codeAction/resolve", titled(actions, start).clone())
}

#[test]
fn a_client_that_resolves_gets_the_edit_when_it_asks_for_it() {
    let workspace = shop("safe");
    let mut editor = opened(&workspace, resolving(), "app.py", FLAGGED);
    assert_eq!(editor.server["capabilities"]["codeActionProvider"]["resolveProvider"], true);
    let actions = editor.actions("app.py", FLAGGED, None);
    assert!(actions.iter().all(|action| action.get("edit").is_none()), "{actions:#?}");
    // Where the code has moved meanwhile, so has the edit.
    editor.insert("app.py", 0, "# caf\u{e9} \u{1F600}\r\n");
    let action = resolved(&mut editor, &actions, "Bandit: ");
    assert_eq!(action["isPreferred"], true, "{action}");
    let fixed = editor.apply(&action["edit"]);
    assert_eq!(fixed, format!("# caf\u{e9} \u{1F600}\r\n{}", APP.replace("yaml.load", "yaml.safe_load")));
}

#[test]
fn an_edit_is_refused_in_words_where_the_text_does_not_fit_any_more() {
    let workspace = shop("safe");
    let mut editor = opened(&workspace, resolving(), "app.py", FLAGGED);
    let actions = editor.actions("app.py", FLAGGED, None);
    editor.edit("app.py", FLAGGED, "yaml.load(text, Loader=None)");
    let action = resolved(&mut editor, &actions, "Bandit: ");
    assert!(action.get("edit").is_none(), "{action}");
    let why = action["disabled"]["reason"].as_str().expect("a reason").to_owned();
    assert!(why.contains("changed since the scan"), "{why}");
    assert!(editor.wait_said("Nothing was changed").contains(&why));
}

#[test]
fn data_that_was_not_given_out_is_refused() {
    let workspace = shop("safe");
    let mut editor = opened(&workspace, resolving(), "app.py", FLAGGED);
    let action = json!({ "title": "x", "data": { "uri": 7 } });
    let error = editor.try_request("codeAction/resolve", action).expect_err("refused");
    assert_eq!(error["code"], -32602, "{error}");
}

#[test]
fn a_client_that_can_asks_before_a_fix_that_is_not_safe() {
    let workspace = shop("unsafe");
    let profile = resolving().with("/workspace/workspaceEdit/changeAnnotationSupport", json!({}));
    let mut editor = opened(&workspace, profile, "app.py", FLAGGED);
    let actions = editor.actions("app.py", FLAGGED, None);
    let action = resolved(&mut editor, &actions, "Bandit: ");
    assert!(action.get("isPreferred").is_none(), "{action}");
    let edit = &action["edit"]["documentChanges"][0]["edits"][0];
    let annotation = &action["edit"]["changeAnnotations"][edit["annotationId"].as_str().expect("an annotation")];
    assert_eq!(annotation["needsConfirmation"], true, "{action}");
}

#[test]
fn all_fixes_that_their_tools_call_safe_are_applied_at_once_and_no_other() {
    let text = "a = eval(x)\r\nb = '\u{1F600}', eval(y)\r\nc = eval(z)\r\n";
    let workspace = Workspace::new(&[("app.py", text)]);
    let finding = |needle: &str, fix: &str, words: &'static str| {
        result("B307", "app.py", text, needle).fix(fix).applicability(words)
    };
    let log = Log::new("Bandit")
        .with(finding("eval(x)", "literal_eval(x)", "MachineApplicable"))
        .with(finding("eval(y)", "literal_eval(y)", "safe"))
        .with(finding("eval(z)", "literal_eval(z)", "maybe-incorrect"));
    workspace.log("scan", &log);
    for profile in [resolving(), Profile::push()] {
        let is_lazy = profile.has("/textDocument/codeAction/resolveSupport");
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        editor.wait_texts("app.py", &["eval(x)", "eval(y)", "eval(z)"]);
        let actions = editor.actions("app.py", "eval(z)", Some(&["source.fixAll"]));
        assert_eq!(actions.len(), 1, "{actions:#?}");
        assert_eq!(actions[0]["kind"], "source.fixAll.aspm");
        let action = if is_lazy { resolved(&mut editor, &actions, "Apply all 2") } else { actions[0].clone() };
        let fixed = editor.apply(&action["edit"]);
        let wanted = text.replace("eval(x)", "literal_eval(x)").replace("eval(y)", "literal_eval(y)");
        assert_eq!(fixed, wanted);
    }
}

#[test]
fn a_client_without_literals_makes_the_change_by_a_command() {
    let workspace = shop("safe");
    let profile = Profile::plain().with("/workspace/applyEdit", json!(true));
    let mut editor = opened(&workspace, profile, "app.py", FLAGGED);
    let actions = editor.actions("app.py", FLAGGED, None);
    assert!(actions.iter().all(|action| action["command"].is_string()), "{actions:#?}");
    let fix = titled(&actions, "Bandit: ").clone();
    assert_eq!(fix["command"], "aspm.edit");
    editor.command("aspm.edit", fix["arguments"][0].clone()).expect("sent");
    let asked = editor.wait_asked("workspace/applyEdit");
    assert_eq!(editor.apply(&asked["edit"]), APP.replace("yaml.load", "yaml.safe_load"));
}

/// Tool, rule, path, text, what is flagged, and what stands in the text afterwards.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

#[test]
fn a_suppression_is_written_in_the_words_of_its_tool_and_language_and_is_heeded() {
    let cases: [Case; 5] = [
        ("Bandit", "B506", "app.py", APP, FLAGGED, "yaml.load(text)  # nosec B506 # The input is trusted"),
        (
            "Bandit",
            "B506",
            "merged.py",
            "import yaml\r\nx = '\u{1F600}', yaml.load(y)  # nosec B101\r\n",
            "yaml.load(y)",
            "# nosec B101, B506",
        ),
        (
            "ESLint",
            "no-eval",
            "app.js",
            "function run(x) {\r\n  return eval(x);\r\n}\r\n",
            "eval(x)",
            "// eslint-disable-next-line no-eval -- The input is trusted",
        ),
        (
            "ESLint",
            "react/no-danger",
            "view.jsx",
            "const View = ({ html }) => (\n  <section>\n    <p dangerouslySetInnerHTML={{ __html: html }} />\n  </section>\n);\n",
            "dangerouslySetInnerHTML={{ __html: html }}",
            "eslint-disable-next-line react/no-danger -- The input is trusted",
        ),
        (
            "Semgrep OSS",
            "run-as-root",
            "deploy.yaml",
            "spec:\n  securityContext:\n    runAsUser: 0\n",
            "runAsUser: 0",
            "# nosemgrep: run-as-root",
        ),
    ];
    for (tool, rule, path, text, flagged, wanted) in cases {
        let workspace = Workspace::new(&[(path, text)]);
        workspace.log("scan", &Log::new(tool).with(result(rule, path, text, flagged)));
        for profile in [resolving(), Profile::pull()] {
            let is_lazy = profile.has("/textDocument/codeAction/resolveSupport");
            let mut editor = opened(&workspace, profile, path, flagged);
            let actions = editor.actions(path, flagged, None);
            let start = "Suppress with ";
            let action = if is_lazy { resolved(&mut editor, &actions, start) } else { titled(&actions, start).clone() };
            let written = editor.apply(&action["edit"]);
            assert!(written.contains(wanted), "{path}: {written}");
            assert_eq!(written.contains("\r\n"), text.contains("\r\n"), "{written:?}");
            editor.wait_shown(path, "a suppressed finding", |shown| {
                shown.iter().all(|shown| shown.message.contains("suppressed by"))
            });
        }
    }
}

#[test]
fn a_reason_of_ones_own_is_asked_for_and_written_and_can_be_left_unsaid() {
    let workspace = shop("safe");
    let profile = resolving().with("/experimental/aspm/input", json!(true));
    let mut editor = opened(&workspace, profile, "app.py", FLAGGED);
    let actions = editor.actions("app.py", FLAGGED, None);
    let action = titled(&actions, "Suppress with # nosec B506\u{2026}").clone();
    let (name, argument) = (action["command"]["command"].clone(), action["command"]["arguments"][0].clone());
    assert_eq!(name, "aspm.suppress");
    // Cancelled.
    assert_eq!(editor.command("aspm.suppress", argument.clone()).expect("asked"), json!({ "asked": "input" }));
    let asked = editor.wait_asked("aspm/input");
    assert_eq!(asked["fields"][0]["name"], "reason", "{asked}");
    editor.settle();
    assert!(editor.asked.iter().all(|(method, _)| method != "workspace/applyEdit"), "{:?}", editor.asked);
    // Said.
    editor.input = json!({ "reason": "Only our own files\nare read here." });
    editor.command("aspm.suppress", argument).expect("asked");
    editor.wait_asked("aspm/input");
    let asked = editor.wait_asked("workspace/applyEdit");
    let written = editor.apply(&asked["edit"]);
    assert!(written.contains("  # nosec B506 # Only our own files are read here.\n"), "{written}");
}
