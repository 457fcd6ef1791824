//! Several servers of one user on one workspace share a cache and get along.

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n\ndef sh(c):\n    return os.system(c)\n";

fn log(with_second: bool) -> Log {
    let log = Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)"));
    if with_second { log.with(result("B605", "app.py", APP, "os.system(c)")) } else { log }
}

#[test]
fn both_show_the_findings_and_both_follow_the_log() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &log(false));
    let mut one = Editor::start(&workspace, Profile::push());
    let mut two = Editor::start(&workspace, Profile::pull());
    for editor in [&mut one, &mut two] {
        editor.open("app.py");
        editor.wait_texts("app.py", &["eval(x)"]);
    }
    for with_second in [true, false, true] {
        workspace.log("scan", &log(with_second));
        one.tell_disk(&[(".aspm/scan.sarif", 2)]);
        let texts: &[&str] = if with_second { &["eval(x)", "os.system(c)"] } else { &["eval(x)"] };
        one.wait_texts("app.py", texts);
        two.wait_texts("app.py", texts);
    }
    one.edit("app.py", "return eval(x)", "return 1");
    one.wait_texts("app.py", &["os.system(c)"]);
    two.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
}

#[test]
fn many_that_start_at_once_on_an_empty_cache_all_get_the_findings() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &log(true));
    let mut editors: Vec<Editor> = (0..6).map(|_| Editor::start(&workspace, Profile::push())).collect();
    for editor in &mut editors {
        editor.open("app.py");
    }
    for editor in &mut editors {
        editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
        editor.wait_ready();
    }
}

#[test]
fn one_that_is_killed_while_reading_costs_the_others_nothing() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut large = log(true);
    for number in 0..5_000 {
        large = large.with(result("B307", "app.py", APP, "eval(x)").message(&format!("number {number}")));
    }
    for round in 0..4 {
        workspace.log("scan", &large.clone().with(result("R", "app.py", APP, "def run").message(&format!("{round}"))));
        let mut killed = Editor::start(&workspace, Profile::push());
        killed.settle();
        killed.kill();
    }
    workspace.log("scan", &log(true));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)", "os.system(c)"]);
    editor.wait_ready();
}
