//! The server's text is the editor's text, and the findings follow it.

use crate::support::{Editor, Encoding, Log, Profile, Workspace, result};

/// Two findings between text that every encoding counts differently, and line endings of every kind.
const MIXED: &str = "# caf\u{e9} \u{1F600}\u{1F600} start\r\n\
    def first(x):\r\n    y = '\u{1F600}\u{e9}'; return eval(x) # \u{1F4A5}\r\n\
    # old Mac\r# \u{1F600} still old Mac\r\
    def second(cmd):\n    z = '\u{4e2d}\u{1F680}'; import os; os.system(cmd)\n\
    # end \u{1F600}\n";

fn mixed() -> Workspace {
    let workspace = Workspace::new(&[("app.py", MIXED)]);
    let log = Log::new("Bandit").with(result("B307", "app.py", MIXED, "eval(x)")).with(result(
        "B605",
        "app.py",
        MIXED,
        "os.system(cmd)",
    ));
    workspace.log("scan", &log);
    workspace
}

fn clients() -> Vec<(&'static str, Profile, Encoding)> {
    vec![
        ("push", Profile::push(), Encoding::Utf16),
        ("pull", Profile::pull(), Encoding::Utf8),
        ("utf-32", Profile::utf32(), Encoding::Utf32),
        ("plain", Profile::plain(), Encoding::Utf16),
        ("full texts", Profile::push().full_sync(), Encoding::Utf16),
    ]
}

const BOTH: [&str; 2] = ["eval(x)", "os.system(cmd)"];

#[test]
fn every_encoding_and_line_ending_is_counted_right() {
    let workspace = mixed();
    for (name, profile, encoding) in clients() {
        let mut editor = Editor::start(&workspace, profile);
        assert_eq!(editor.encoding, encoding, "{name}");
        editor.open("app.py");
        editor.wait_texts("app.py", &BOTH);
        editor.edit("app.py", "# caf\u{e9} \u{1F600}\u{1F600} start\r\n", "# \u{1F680}\r# \u{e9}\n\n");
        editor.edit("app.py", "'\u{1F600}\u{e9}'", "'\u{e9}\u{1F600}\u{1F600}\u{4e2d}'");
        editor.edit("app.py", "# old Mac\r", "# old\r\r\n# Mac \u{1F600}\r");
        editor.edit("app.py", "'\u{4e2d}\u{1F680}'", "''");
        let shown = editor.wait_texts("app.py", &BOTH);
        assert_eq!(shown.len(), 2, "{name}");
    }
}

#[test]
fn a_line_inserted_above_moves_findings_down() {
    let workspace = mixed();
    for (name, profile, _) in clients() {
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        let before = editor.wait_texts("app.py", &BOTH);
        editor.insert("app.py", 0, "import os\n\n");
        let after = editor.wait_texts("app.py", &BOTH);
        let line = |shown: &crate::support::Shown| shown.raw["range"]["start"]["line"].as_u64().expect("a line");
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(line(after), line(before) + 2, "{name}");
            assert_eq!(after.severity, before.severity, "{name}");
            assert_eq!(after.ids, before.ids, "{name}");
        }
    }
}

#[test]
fn changes_of_one_notification_are_each_read_against_the_text_after_those_before() {
    let workspace = mixed();
    for (name, profile, _) in clients() {
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        editor.wait_texts("app.py", &BOTH);
        editor.edit_all(
            "app.py",
            &[
                ("def first", "# one\u{1F600}\n# two\ndef first"),
                ("# two\n", ""),
                ("def second", "\r\n\r\ndef second"),
                ("# one\u{1F600}\n", "# \u{e9}ins \u{1F600} zwei\r\n# drei\r"),
                ("# old Mac\r", ""),
            ],
        );
        let shown = editor.wait_texts("app.py", &BOTH);
        assert_eq!(shown.len(), 2, "{name}");
    }
}

#[test]
fn deleted_code_takes_its_finding_away_and_undo_brings_it_back() {
    let workspace = mixed();
    for (_, profile, _) in clients() {
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        let before = editor.wait_texts("app.py", &BOTH);
        let all = editor.document("app.py").text.clone();
        editor.edit("app.py", "return eval(x)", "return 1");
        editor.wait_texts("app.py", &["os.system(cmd)"]);
        editor.edit("app.py", "return 1", "return eval(x)");
        assert_eq!(editor.document("app.py").text, all);
        let after = editor.wait_texts("app.py", &BOTH);
        assert_eq!(after[0].ids, before[0].ids);
        assert_eq!(after[0].message, before[0].message);
    }
}

#[test]
fn code_edited_inside_a_finding_is_still_shown_as_edited() {
    const QUERY: &str = "def find(db, name):\n    return db.execute('SELECT * FROM users WHERE name = ' + name)\n";
    let workspace = Workspace::new(&[("db.py", QUERY)]);
    let flagged = "db.execute('SELECT * FROM users WHERE name = ' + name)";
    workspace.log("scan", &Log::new("Bandit").with(result("B608", "db.py", QUERY, flagged)));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("db.py");
    let before = editor.wait_texts("db.py", &[flagged]);
    editor.edit("db.py", "WHERE name = ", "WHERE active AND name = ");
    let shown = editor.wait_shown("db.py", "the finding labelled as edited", |shown| {
        shown.len() == 1 && shown[0].message.contains("edited since the scan: verify")
    });
    assert!(shown[0].text.contains("WHERE active AND name = "), "{:?}", shown[0].text);
    assert_eq!(shown[0].ids, before[0].ids);
    editor.edit("db.py", "WHERE active AND name = ", "WHERE name = ");
    editor.wait_shown("db.py", "the finding as it was", |shown| {
        shown.len() == 1 && shown[0].text == flagged && shown[0].message == before[0].message
    });
}

#[test]
fn half_typed_code_elsewhere_in_the_file_takes_nothing_away() {
    let workspace = mixed();
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.open("app.py");
    editor.wait_texts("app.py", &BOTH);
    let mut at = editor.document("app.py").find("def second").start;
    for piece in ["d", "ef ", "half(a, ", "b = {", "'\u{1F600}"] {
        editor.insert("app.py", at, piece);
        at += piece.len();
        editor.wait_texts("app.py", &BOTH);
    }
    editor.insert("app.py", at, "': 1}):\n    pass\n\n");
    editor.wait_texts("app.py", &BOTH);
}

#[test]
fn edits_before_the_findings_are_loaded_count() {
    let workspace = mixed();
    for (_, profile, _) in clients() {
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        editor.insert("app.py", 0, "# early\n");
        editor.edit("app.py", "def first", "# earlier\ndef first");
        editor.edit("app.py", "os.system(cmd)", "pass");
        editor.wait_texts("app.py", &["eval(x)"]);
    }
}

#[test]
fn a_document_that_differs_from_its_file_from_the_start_is_placed_by_its_own_text() {
    let workspace = mixed();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open_with("app.py", &format!("# restored after a crash \u{1F600}\n\n{MIXED}"));
    editor.wait_texts("app.py", &BOTH);
}

#[test]
fn a_closed_document_counts_as_it_is_on_disk_again() {
    let workspace = mixed();
    for profile in [Profile::push(), Profile::pull()] {
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        editor.wait_texts("app.py", &BOTH);
        editor.edit("app.py", "return eval(x)", "return 1");
        editor.wait_texts("app.py", &["os.system(cmd)"]);
        editor.close("app.py");
        editor.wait_texts("app.py", &BOTH);
        editor.open("app.py");
        editor.wait_texts("app.py", &BOTH);
        editor.insert("app.py", 0, "\n");
        editor.wait_texts("app.py", &BOTH);
    }
}

#[test]
fn documents_that_are_no_file_or_lie_outside_show_nothing() {
    let workspace = mixed();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_ready();
    std::fs::write(workspace.beside("app.py"), MIXED).expect("written");
    let outside = url::Url::from_file_path(workspace.beside("app.py")).expect("absolute").to_string();
    for uri in ["untitled:Untitled-1", "git:/app.py?ref=HEAD", "vscode-notebook-cell:/app.py#c1", &outside] {
        editor.open_with(uri, MIXED);
        editor.edit(uri, "def first", "def changed");
        assert!(editor.hover(uri, "eval(x)").is_null(), "{uri}");
        assert_eq!(editor.lenses(uri), None, "{uri}");
    }
}

#[test]
fn a_random_history_of_edits_ends_with_both_findings_in_place() {
    let workspace = mixed();
    for (name, profile, _) in clients() {
        let mut editor = Editor::start(&workspace, profile);
        editor.open("app.py");
        editor.wait_texts("app.py", &BOTH);
        // A fixed sequence (a linear congruential generator), so that a failure can be looked at again.
        let mut seed: usize = 20_260_101;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let pieces = ["x", "\u{e9}", "\u{1F600}", "\r\n", "\n", "\r", "# \u{4e2d}\n", ""];
        for _ in 0..150 {
            // In the comment lines before, between and behind: the flagged code itself stays.
            let document = editor.document("app.py");
            let comments: Vec<std::ops::Range<usize>> =
                document.lines().filter(|line| document.text[line.clone()].starts_with('#')).collect();
            if comments.is_empty() {
                editor.insert("app.py", 0, "# again\n");
                continue;
            }
            let line = comments[next(comments.len())].clone();
            let floor = |at: usize| document.text.floor_char_boundary(at);
            let start = floor(line.start + 1 + next(line.len()));
            let end = floor(start + next(line.end + 1 - start));
            let piece = pieces[next(pieces.len())];
            // A line that ends in a comment sign stays a comment; what comes behind a break needs one.
            let piece = if piece.ends_with(['\r', '\n']) { format!("{piece}# ") } else { piece.to_owned() };
            editor.replace("app.py", start..end.max(start), &piece);
        }
        let shown = editor.wait_texts("app.py", &BOTH);
        assert!(shown.iter().all(|shown| shown.severity == 3), "{name}: {shown:?}");
    }
}
