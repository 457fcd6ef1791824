//! Source files and configurations that are not what they should be.

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n";

fn log() -> Log {
    Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")).with(result("B307", "odd.py", APP, "eval(x)"))
}

#[test]
fn a_file_that_is_not_utf8_is_placed_on_disk_and_in_the_editor() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut latin1 = b"# caf\xe9\n".to_vec();
    latin1.extend_from_slice(APP.as_bytes());
    workspace.write("odd.py", latin1).log("scan", &log());
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_texts("odd.py", &["eval(x)"]);
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.open_with("odd.py", &format!("# caf\u{e9}\n{APP}"));
    editor.wait_texts("odd.py", &["eval(x)"]);
    editor.wait_ready();
}

#[test]
fn a_binary_file_holds_nothing_up() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.write("odd.py", (0..=255u8).cycle().take(50_000).collect::<Vec<u8>>()).log("scan", &log());
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_loaded();
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.insert("app.py", 0, "\n");
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[cfg(unix)]
#[test]
fn a_source_file_that_is_a_pipe_or_a_device_is_never_waited_for() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let pipe = std::process::Command::new("mkfifo").arg(workspace.path("odd.py")).status();
    assert!(pipe.is_ok_and(|status| status.success()), "mkfifo works");
    workspace.log("scan", &log());
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.wait_loaded();
}

#[test]
fn a_document_of_odd_characters_is_placed() {
    let odd = "\u{feff}# \u{0}\u{1}\u{7f}\u{85}\u{2028}\u{2029}\u{200f}e\u{301}\u{10FFFF}\n";
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    for profile in [Profile::push(), Profile::pull(), Profile::utf32()] {
        let mut editor = Editor::start(&workspace, profile);
        editor.open_with("app.py", &format!("{odd}{APP}"));
        editor.wait_texts("app.py", &["eval(x)"]);
        editor.edit("app.py", "e\u{301}", "\u{2028}\u{1F468}\u{200d}\u{1F469}");
        editor.edit("app.py", "    return", "\t\u{a0}\u{feff}return");
        editor.edit("app.py", "\t\u{a0}\u{feff}return", "    return");
        editor.wait_texts("app.py", &["eval(x)"]);
    }
}

#[test]
fn an_empty_document_and_one_of_a_single_line_without_end_are_fine() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open_with("app.py", "");
    editor.wait_texts("app.py", &[]);
    editor.insert("app.py", 0, APP.trim_end());
    editor.wait_texts("app.py", &["eval(x)"]);
    let end = editor.document("app.py").text.len();
    editor.replace("app.py", 0..end, "");
    editor.wait_texts("app.py", &[]);
    editor.insert("app.py", 0, "x");
    editor.replace("app.py", 0..1, APP);
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[test]
fn a_configuration_that_is_broken_in_any_way_is_told_and_the_default_holds() {
    for (toml, words) in [
        ("[[source]", "aspm.toml"),
        ("[[source]]\nkind = \"sarif\"\npath = \"../outside\"\n", "source.path"),
        ("[[source]]\nkind = \"sarif\"\npath = \"/etc\"\n", "source.path"),
        ("[[source]]\nkind = \"telepathy\"\npath = \"x\"\n", "telepathy"),
        ("[applicaton]\nname = \"shop\"\n", "applicaton"),
        ("[[source]]\nkind = \"sarif\"\npath = \"a\"\n[[source]]\nkind = \"sarif\"\npath = \"b\"\n", "two sources"),
    ] {
        let workspace = Workspace::new(&[("app.py", APP)]);
        workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
        workspace.write("aspm.toml", toml);
        let mut editor = Editor::start(&workspace, Profile::push());
        editor.open("app.py");
        editor.wait_problem(&["aspm.toml", words]);
        editor.wait_texts("app.py", &["eval(x)"]);
    }
}

#[test]
fn a_damaged_repository_costs_history_only() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    workspace.write(".git/HEAD", "garbage\n");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.insert("app.py", 0, "\n");
    editor.wait_texts("app.py", &["eval(x)"]);
}
