//! `textDocument/codeAction` and `workspace/executeCommand`: what a developer can do about a finding.

use serde_json::{Value, json};

use crate::support::{Editor, Log, Profile, Shown, Workspace, result};

const APP: &str = "import yaml\n\ndef load(text):\n    return yaml.load(text)\n";
const FLAGGED: &str = "yaml.load(text)";

fn shop() -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let finding = result("B506", "app.py", APP, FLAGGED).help().fix("yaml.safe_load(text)");
    workspace.log("scan", &Log::new("Bandit").with(finding));
    workspace
}

fn opened(workspace: &Workspace, profile: Profile) -> (Editor, Shown) {
    let mut editor = Editor::start(workspace, profile);
    editor.open("app.py");
    let shown = editor.wait_texts("app.py", &[FLAGGED]).remove(0);
    (editor, shown)
}

/// The tool's fix, not one of the actions that only show something.
fn is_fix(action: &Value) -> bool {
    let is_comment = action["title"].as_str().is_some_and(|title| title.starts_with("Suppress"));
    !is_comment && (action.get("edit").is_some() || action.get("disabled").is_some())
}

fn fix(actions: &[Value]) -> &Value {
    let mut fixes = actions.iter().filter(|action| is_fix(action));
    let fix = fixes.next().unwrap_or_else(|| panic!("no fix: {actions:?}"));
    assert!(fixes.next().is_none(), "more than one: {actions:?}");
    fix
}

#[test]
fn the_tools_fix_gives_the_right_text() {
    let workspace = shop();
    for profile in [Profile::push(), Profile::pull(), Profile::utf32()] {
        let (mut editor, _) = opened(&workspace, profile);
        let actions = editor.actions("app.py", FLAGGED, None);
        let fix = fix(&actions).clone();
        assert!(fix["title"].as_str().is_some_and(|title| title.contains("use the safe one")), "{fix}");
        assert_eq!(editor.apply(&fix["edit"]), APP.replace("yaml.load", "yaml.safe_load"));
        editor.wait_texts("app.py", &[]);
    }
}

#[test]
fn a_client_without_document_changes_gets_the_older_form_of_edit() {
    let workspace = shop();
    let profile = Profile::push().with("/workspace/workspaceEdit/documentChanges", json!(false));
    let (mut editor, _) = opened(&workspace, profile);
    let actions = editor.actions("app.py", FLAGGED, None);
    let fix = fix(&actions).clone();
    assert!(fix["edit"].get("documentChanges").is_none(), "{fix}");
    assert_eq!(editor.apply(&fix["edit"]), APP.replace("yaml.load", "yaml.safe_load"));
}

#[test]
fn the_fix_moves_with_the_finding() {
    let workspace = shop();
    let (mut editor, _) = opened(&workspace, Profile::push());
    editor.insert("app.py", 0, "# caf\u{e9} \u{1F600}\r\n\r\n");
    editor.wait_texts("app.py", &[FLAGGED]);
    let actions = editor.actions("app.py", FLAGGED, None);
    let fixed = editor.apply(&fix(&actions)["edit"]);
    assert_eq!(fixed, format!("# caf\u{e9} \u{1F600}\r\n\r\n{}", APP.replace("yaml.load", "yaml.safe_load")));
}

#[test]
fn the_fix_is_refused_in_words_when_the_code_changed() {
    let workspace = shop();
    let (mut editor, _) = opened(&workspace, Profile::push());
    editor.edit("app.py", FLAGGED, "yaml.load(text, Loader=None)");
    editor.wait_shown("app.py", "an edited finding", |shown| {
        shown.len() == 1 && shown[0].message.contains("edited since the scan")
    });
    let actions = editor.actions("app.py", "yaml.load", None);
    let fix = fix(&actions);
    assert!(fix.get("edit").is_none(), "{fix}");
    let why = fix["disabled"]["reason"].as_str().expect("a reason");
    assert!(why.contains("changed since the scan"), "{why}");
}

#[test]
fn a_refused_fix_is_left_out_where_the_client_cannot_show_it_disabled() {
    let workspace = shop();
    let (mut editor, _) = opened(&workspace, Profile::pull());
    editor.edit("app.py", FLAGGED, "yaml.load(text, Loader=None)");
    editor.wait_shown("app.py", "an edited finding", |shown| {
        shown.len() == 1 && shown[0].message.contains("edited since the scan")
    });
    let actions = editor.actions("app.py", "yaml.load", None);
    assert!(!actions.iter().any(is_fix), "{actions:?}");
    assert!(!actions.is_empty());
}

#[test]
fn a_fix_of_a_reindented_line_is_refused_or_right() {
    let workspace = shop();
    let (mut editor, _) = opened(&workspace, Profile::push());
    editor.edit("app.py", "    return yaml", "    if text:\n        return yaml");
    editor.wait_texts("app.py", &[FLAGGED]);
    let actions = editor.actions("app.py", FLAGGED, None);
    let fix = fix(&actions).clone();
    if fix.get("disabled").is_none() {
        let fixed = editor.apply(&fix["edit"]);
        assert!(fixed.contains("        return yaml.safe_load(text)\n"), "{fixed}");
    }
}

#[test]
fn only_what_was_asked_for_is_offered() {
    let workspace = shop();
    let (mut editor, _) = opened(&workspace, Profile::push());
    let all = editor.actions("app.py", FLAGGED, None);
    assert!(all.iter().all(|action| action["kind"] == "quickfix"), "{all:?}");
    assert_eq!(editor.actions("app.py", FLAGGED, Some(&["quickfix"])), all);
    assert_eq!(editor.actions("app.py", FLAGGED, Some(&["refactor", "quickfix"])), all);
    for other in ["refactor", "source.fixAll", "source.organizeImports"] {
        let actions = editor.actions("app.py", FLAGGED, Some(&[other]));
        assert!(actions.is_empty(), "{other}: {actions:?}");
    }
}

#[test]
fn actions_belong_to_their_diagnostic_and_are_nowhere_else() {
    let workspace = shop();
    let (mut editor, shown) = opened(&workspace, Profile::push());
    for action in editor.actions("app.py", FLAGGED, None) {
        assert_eq!(action["diagnostics"][0]["data"]["ids"], json!(shown.ids), "{action}");
    }
    assert!(editor.actions("app.py", "import yaml", None).is_empty());
}

#[test]
fn a_client_without_literals_gets_commands() {
    let workspace = shop();
    let (mut editor, _) = opened(&workspace, Profile::plain());
    let actions = editor.actions("app.py", FLAGGED, None);
    assert!(!actions.is_empty());
    for action in actions {
        assert!(action["command"].is_string() && action.get("edit").is_none(), "not a command: {action}");
    }
}

#[test]
fn opening_a_finding_shows_its_page() {
    let workspace = shop();
    let (mut editor, shown) = opened(&workspace, Profile::push());
    let actions = editor.actions("app.py", FLAGGED, None);
    let explain = actions
        .iter()
        .find(|action| action["title"].as_str().is_some_and(|title| title.starts_with("Explain")))
        .expect("an explanation");
    assert_eq!(explain["command"]["arguments"][0]["id"], json!(shown.ids[0]));
    let command = explain["command"]["command"].as_str().expect("a command").to_owned();
    editor.command(&command, explain["command"]["arguments"][0].clone()).expect("opened");
    let asked = editor.wait_asked("window/showDocument");
    assert_eq!(asked["external"], false, "{asked}");
    let uri = url::Url::parse(asked["uri"].as_str().expect("a URI")).expect("a URI");
    let path = uri.to_file_path().expect("a file");
    let page = std::fs::read_to_string(&path).expect("the page");
    assert!(page.contains("B506"), "{page}");
    assert!(path.starts_with(workspace.cache()), "{}", path.display());
    assert!(std::fs::metadata(&path).expect("there").permissions().readonly());
    // Once more: the page that is there is replaced.
    editor.command(&command, explain["command"]["arguments"][0].clone()).expect("opened again");
    editor.wait_asked("window/showDocument");
}

#[test]
fn opening_the_documentation_opens_the_rules_address_outside() {
    let workspace = shop();
    let (mut editor, shown) = opened(&workspace, Profile::push());
    editor.command("aspm.open", json!({ "id": shown.ids[0], "what": "help" })).expect("opened");
    let asked = editor.wait_asked("window/showDocument");
    assert_eq!(asked["uri"], "https://rules.example/B506");
    assert_eq!(asked["external"], true);
}

#[test]
fn a_client_that_cannot_show_documents_is_told_where_they_are() {
    let workspace = shop();
    let (mut editor, shown) = opened(&workspace, Profile::plain());
    let answer = editor.command("aspm.open", json!({ "id": shown.ids[0] })).expect("opened");
    assert!(answer["markdown"].as_str().is_some_and(|page| page.contains("B506")), "{answer}");
    let said = editor.wait_said("See ");
    assert!(said.contains("file:"), "{said}");
    editor.command("aspm.open", json!({ "id": shown.ids[0], "what": "help" })).expect("opened");
    editor.wait_said("https://rules.example/B506");
}

#[test]
fn copying_goes_to_the_clipboard_where_the_client_has_one_else_to_a_page() {
    let workspace = shop();
    let (mut editor, shown) = opened(&workspace, Profile::push().with("/experimental/aspm/copy", json!(true)));
    let answer = editor.command("aspm.copyMarkdown", json!({ "id": shown.ids[0] })).expect("copied");
    let copied = editor.wait("aspm/copy", |editor| editor.copied.pop());
    assert!(copied.contains("B506"), "{copied}");
    assert_eq!(answer["markdown"], json!(copied));
    let (mut editor, shown) = opened(&workspace, Profile::push());
    editor.command("aspm.copyMarkdown", json!({ "id": shown.ids[0] })).expect("copied");
    editor.wait_asked("window/showDocument");
}

#[test]
fn commands_that_make_no_sense_are_refused_in_words() {
    let workspace = shop();
    let (mut editor, _) = opened(&workspace, Profile::push());
    for (command, argument, words) in [
        ("aspm.nonsense", json!({}), "no command aspm.nonsense"),
        ("aspm.open", json!({}), "id of a finding"),
        ("aspm.open", Value::Null, "id of a finding"),
        ("aspm.open", json!(["x"]), "id of a finding"),
        ("aspm.open", json!({ "id": "sarif:ffffffffffffffffffff" }), "no finding has the id"),
        ("aspm.open", json!({ "id": "../../etc/passwd" }), "no finding has the id"),
        ("aspm.copyMarkdown", json!({ "id": 7 }), "id of a finding"),
    ] {
        let error = editor.command(command, argument).expect_err("refused");
        assert_eq!(error["code"], -32602, "{error}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(words)), "{error}");
    }
}

#[test]
fn synchronising_reads_the_logs_again() {
    let workspace = shop();
    // Nobody tells this client's server of changes on disk.
    let (mut editor, _) = opened(&workspace, Profile::push());
    workspace.log("scan", &Log::new("Bandit").with(result("B101", "app.py", APP, "import yaml")));
    editor.command("aspm.sync", Value::Null).expect("read again");
    editor.wait_texts("app.py", &["import yaml"]);
}
