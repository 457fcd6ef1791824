//! Documents and workspaces far beyond the ordinary: slow at worst for themselves.

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n";

#[test]
fn a_document_of_50_mb_opens_changes_and_closes_while_others_are_served() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let line = "value = 'some data that a generator wrote into a file nobody reads'\n";
    let large = format!("{APP}{}", line.repeat((50 << 20) / line.len()));
    workspace.write("data.py", &large);
    let log = Log::new("Bandit")
        .with(result("B307", "app.py", APP, "eval(x)"))
        .with(result("B307", "data.py", APP, "eval(x)"));
    workspace.log("scan", &log);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.open_with("data.py", &large);
    for number in 0..3 {
        editor.insert("data.py", 0, "# more\n");
        editor.insert("app.py", 0, &format!("# {number}\n"));
        assert!(!editor.hover("app.py", "eval(x)").is_null());
    }
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.close("data.py");
    editor.wait_problem(&["data.py", "up to 8 MB"]);
    editor.insert("app.py", 0, "\n");
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[test]
fn a_single_line_of_megabytes_is_placed() {
    let head = "var a = 1;".repeat(100_000);
    let minified = format!("{head}var e=eval(location.hash);{head}");
    let workspace = Workspace::new(&[("app.js", &minified)]);
    workspace.log("scan", &Log::new("ESLint").with(result("no-eval", "app.js", &minified, "eval(location.hash)")));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.js");
    editor.wait_texts("app.js", &["eval(location.hash)"]);
    editor.insert("app.js", 0, "/* \u{1F600} */");
    editor.wait_texts("app.js", &["eval(location.hash)"]);
}

/// 20,000 files; set `ASPM_E2E_FILES` for more.
#[test]
fn a_workspace_of_very_many_files_is_served() {
    let many = std::env::var("ASPM_E2E_FILES").ok().and_then(|number| number.parse().ok()).unwrap_or(20_000);
    let workspace = Workspace::bare();
    for folder in 0..many / 200 {
        let path = workspace.path(&format!("packages/p{folder}/src"));
        std::fs::create_dir_all(&path).expect("created");
        for file in 0..200 {
            std::fs::write(path.join(format!("f{file}.py")), "x = 1\n").expect("written");
        }
    }
    workspace.write("packages/p7/src/app.py", APP);
    let mut log = Log::new("Bandit").with(result("B307", "/build/p7/src/app.py", APP, "eval(x)"));
    for folder in 0..50 {
        log = log.with(result("X1", &format!("packages/p{folder}/src/f1.py"), "x = 1\n", "x = 1"));
    }
    workspace.log("scan", &log);
    let mut editor = Editor::start(&workspace, Profile::pull());
    editor.open("packages/p7/src/app.py");
    editor.wait_texts("packages/p7/src/app.py", &["eval(x)"]);
    let status = editor.wait_ready();
    assert_eq!(status["counts"]["placed"], 51, "{status}");
    workspace.log("scan", &Log::new("Bandit").with(result("B101", "packages/p7/src/app.py", APP, "def run(x):")));
    editor.wait_texts("packages/p7/src/app.py", &["def run(x):"]);
}

#[test]
fn thousands_of_findings_in_one_file_are_shown_and_follow() {
    use std::fmt::Write;
    let mut text = String::new();
    for number in 0..2_000 {
        writeln!(text, "value{number} = eval(input{number})").expect("into a string");
    }
    let workspace = Workspace::new(&[("app.py", &text)]);
    let mut log = Log::new("Bandit");
    for number in 0..2_000 {
        log = log.with(result("B307", "app.py", &text, &format!("eval(input{number})")));
    }
    workspace.log("scan", &log);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "2,000 findings", |shown| shown.len() == 2_000);
    editor.insert("app.py", 0, "# one line\n");
    editor.edit("app.py", "value777 = eval(input777)\n", "");
    editor.wait_shown("app.py", "1,999 findings in their places", |shown| {
        let expected = (0..2_000).filter(|number| *number != 777).map(|number| format!("eval(input{number})"));
        shown.iter().map(|shown| shown.text.clone()).eq(expected)
    });
}
