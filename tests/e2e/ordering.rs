//! Messages take effect in the order they came, however many there are.

use serde_json::json;

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "# top\ndef run(x):\n    return eval(x)\n";

fn shop() -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    workspace
}

#[test]
fn each_of_400_hovers_between_edits_answers_for_its_version() {
    let workspace = shop();
    for profile in [Profile::push(), Profile::pull()] {
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        editor.wait_texts("app.py", &["eval(x)"]);
        let mut asked = Vec::new();
        for round in 0..400 {
            match round % 4 {
                0 => editor.insert("app.py", 0, "# more\n\n"),
                1 => editor.insert("app.py", 0, "# and\n# more\n# lines\n"),
                2 => editor.replace("app.py", 0.."# and\n".len(), ""),
                _ => editor.edit("app.py", "return ", "y = 1; return "),
            }
            let document = editor.document("app.py").clone();
            let place = document.place(document.find("eval(x)").start + 1);
            let position = place.to_json();
            let params = json!({ "textDocument": { "uri": document.uri }, "position": position });
            asked.push((editor.ask("textDocument/hover", params), document));
            if round % 4 == 3 {
                editor.edit("app.py", "y = 1; return ", "return ");
            }
        }
        for (number, (id, document)) in asked.into_iter().enumerate() {
            let hover = editor.answer(id).expect("answered");
            assert!(
                hover.is_object(),
                "no hover {number} of version {}: {:?}",
                document.version,
                document.text.lines().last()
            );
            let covered = document.covered(&hover["range"]);
            assert_eq!(covered.as_deref(), Ok("eval(x)"), "hover {number} of version {}: {hover}", document.version);
        }
        editor.wait_texts("app.py", &["eval(x)"]);
    }
}

#[test]
fn a_pull_right_behind_an_edit_is_about_the_edited_text() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    let mut asked = Vec::new();
    for _ in 0..40 {
        editor.insert("app.py", 0, "# one more line\n");
        let document = editor.document("app.py").clone();
        let params = json!({ "textDocument": { "uri": document.uri } });
        asked.push((editor.ask("textDocument/diagnostic", params), document));
        // Only a pull without a later edit behind it has to be about its own version.
        let (id, document) = asked.pop().expect("just pushed");
        let report = editor.answer(id).expect("answered");
        let covered = document.covered(&report["items"][0]["range"]);
        assert_eq!(covered.as_deref(), Ok("eval(x)"), "{report}");
    }
}

#[test]
fn a_document_that_is_closed_and_opened_in_one_breath_has_its_findings_published_anew() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    for _ in 0..20 {
        // As on `:edit` in Neovim. The harness forgets what was shown, as a client may.
        editor.close("app.py");
        editor.open("app.py");
        editor.wait_texts("app.py", &["eval(x)"]);
    }
}

#[test]
fn open_edit_and_close_in_one_breath_leave_nothing_behind() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    for _ in 0..50 {
        editor.open("app.py");
        editor.edit("app.py", "return eval(x)", "return 1");
        editor.close("app.py");
    }
    editor.open("app.py");
    editor.insert("app.py", 0, "\n");
    editor.wait_texts("app.py", &["eval(x)"]);
}
