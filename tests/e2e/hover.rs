//! `textDocument/hover`: what a developer reads.

use serde_json::{Value, json};

use crate::support::{Editor, Log, Place, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n";

fn shop() -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let finding = result("B307", "app.py", APP, "eval(x)").cwe(95).help().message("Use of eval is dangerous.");
    workspace.log("scan", &Log::new("Bandit").with(finding));
    workspace
}

fn opened(workspace: &Workspace, profile: Profile) -> Editor {
    let mut editor = Editor::start(workspace, profile);
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor
}

#[test]
fn markdown_is_sent_where_it_is_preferred_and_plain_text_elsewhere() {
    let workspace = shop();
    let plain_first = Profile::push().with("/textDocument/hover/contentFormat", json!(["plaintext", "markdown"]));
    for (profile, kind) in [
        (Profile::push(), "markdown"),
        (Profile::pull(), "markdown"),
        (Profile::utf32(), "plaintext"),
        (Profile::plain(), "plaintext"),
        (plain_first, "plaintext"),
    ] {
        let mut editor = opened(&workspace, profile);
        let hover = editor.hover("app.py", "eval(x)");
        assert_eq!(hover["contents"]["kind"], kind, "{hover}");
        let words = hover["contents"]["value"].as_str().expect("words");
        for word in ["B307", "Bandit", "Use of eval is dangerous.", "95"] {
            assert!(words.contains(word), "no {word} in {words}");
        }
        assert_eq!(words.contains("**"), kind == "markdown", "{words}");
        let covered = editor.document("app.py").covered(&hover["range"]);
        assert_eq!(covered.as_deref(), Ok("eval(x)"));
    }
}

#[test]
fn a_hover_is_there_from_the_first_to_behind_the_last_character_and_nowhere_else() {
    let workspace = shop();
    let mut editor = opened(&workspace, Profile::push());
    let is_there =
        |editor: &mut Editor, line, character| !editor.hover_at("app.py", Place { line, character }).is_null();
    let start = editor.document("app.py").place(editor.document("app.py").find("eval(x)").start);
    for (character, expected) in [(0, false), (1, true), (4, true), (8, true)] {
        let character = start.character + character - 1;
        assert_eq!(is_there(&mut editor, start.line, character), expected, "column {character}");
    }
    assert!(!is_there(&mut editor, 0, 3));
    // Past the text and past the line: what the protocol says of such positions, and no crash.
    assert!(!is_there(&mut editor, 4_000_000_000, 0));
    assert!(is_there(&mut editor, start.line, 4_000_000_000), "the line's end is the finding's end");
}

#[test]
fn a_hover_stays_while_a_new_log_is_read() {
    let workspace = shop();
    let mut editor = opened(&workspace, Profile::push());
    editor.wait_ready();
    for round in 0..12 {
        let kept = result("B307", "app.py", APP, "eval(x)").message(&format!("round {round}"));
        let mut log = Log::new("Bandit").with(kept);
        if round % 2 == 0 {
            log = log.with(result("X900", "app.py", APP, "def run(x):"));
        }
        workspace.log("scan", &log);
        editor.tell_disk(&[(".aspm/scan.sarif", 2)]);
        // Whatever is shown can be asked about, while and after it is replaced.
        editor.wait(&format!("the words of round {round}"), |editor| {
            let words = editor.hover_text("app.py", "eval(x)");
            words.contains(&format!("round {round}")).then_some(())
        });
    }
}

#[test]
fn a_hover_needs_an_open_document() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_ready();
    assert_eq!(editor.hover_at("app.py", Place { line: 1, character: 12 }), Value::Null);
}

#[test]
fn a_moved_finding_says_from_which_line() {
    let workspace = shop();
    let mut editor = opened(&workspace, Profile::push());
    editor.insert("app.py", 0, "# one\n# two\n# three\n");
    editor.wait_texts("app.py", &["eval(x)"]);
    let words = editor.hover_text("app.py", "eval(x)");
    assert!(words.contains("line 2"), "{words}");
}

#[test]
fn freshness_names_the_scanned_commit() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let head = workspace.git(&["rev-parse", "HEAD"]);
    workspace.log("scan", &Log::new("Bandit").of_commit(&head).with(result("B307", "app.py", APP, "eval(x)")));
    let mut editor = opened(&workspace, Profile::push());
    let words = editor.hover_text("app.py", "eval(x)");
    assert!(words.contains(&head[..7]), "no {} in {words}", &head[..7]);
}

#[test]
fn a_finding_about_the_whole_file_is_told_on_its_first_line() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let about = crate::support::about_file("LICENSE1", "app.py");
    workspace.log("scan", &Log::new("Licences").with(about));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "a finding of the file", |shown| shown.len() == 1);
    let first = editor.hover_at("app.py", Place { line: 0, character: 3 });
    assert!(first["contents"]["value"].as_str().is_some_and(|words| words.contains("LICENSE1")), "{first}");
    assert!(editor.hover_at("app.py", Place { line: 1, character: 3 }).is_null());
}

#[test]
fn what_a_log_says_cannot_run_load_or_hide_anything() {
    const EVIL: &str = "[click](command:workbench.action.terminal.new) ![](https://tracker.example/p.png) \
        <img src=x onerror=alert(1)> <script>alert(1)</script> [b](javascript:alert(1)) [d](data:text/html,x)";
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Evil").with(result("E1", "app.py", APP, "eval(x)").message(EVIL)));
    let mut editor = opened(&workspace, Profile::push());
    let words = editor.hover_text("app.py", "eval(x)");
    for bad in ["](command:", "](javascript:", "](data:", "![](http", "<img", "<script"] {
        assert!(!words.contains(bad), "{bad} in {words}");
    }
    assert!(words.contains("click"), "the words themselves stay: {words}");
}

#[test]
fn a_rules_page_is_linked_only_when_it_is_a_web_address() {
    for (address, is_linked) in [
        ("https://rules.example/B307", true),
        ("file:///etc/passwd", false),
        ("vscode://some.extension/run", false),
        ("command:workbench.action.terminal.new", false),
        ("javascript:alert(1)", false),
        ("\\\\server\\share\\run.exe", false),
        ("", false),
    ] {
        let workspace = Workspace::new(&[("app.py", APP)]);
        let mut log = Log::new("Evil").with(result("E1", "app.py", APP, "eval(x)").help()).json();
        log["runs"][0]["tool"]["driver"]["rules"][0]["helpUri"] = json!(address);
        workspace.write(".aspm/scan.sarif", log.to_string());
        let mut editor = Editor::start(&workspace, Profile::push());
        editor.open("app.py");
        let shown = editor.wait_texts("app.py", &["eval(x)"]);
        assert_eq!(shown[0].raw.get("codeDescription").is_some(), is_linked, "{address}");
        let words = editor.hover_text("app.py", "eval(x)");
        assert_eq!(!address.is_empty() && words.contains(&format!("]({address}")), is_linked, "{address}: {words}");
        editor.command("aspm.open", json!({ "id": shown[0].ids[0], "what": "help" })).expect("opened");
        let asked = editor.wait_asked("window/showDocument");
        // Without a page of its own the finding's page is opened instead.
        assert_eq!(asked["external"], json!(is_linked), "{asked}");
    }
}

#[test]
fn two_findings_at_one_place_are_both_told() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let log = Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")).with(result(
        "X900",
        "app.py",
        APP,
        "return eval(x)",
    ));
    workspace.log("scan", &log);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "both", |shown| shown.len() == 2);
    let hover = editor.hover_at("app.py", Place { line: 1, character: 13 });
    let words = hover["contents"]["value"].as_str().expect("words");
    assert!(words.contains("B307") && words.contains("X900"), "{words}");
    let covered = editor.document("app.py").covered(&hover["range"]);
    assert_eq!(covered.as_deref(), Ok("eval(x)"), "the innermost is marked");
}
