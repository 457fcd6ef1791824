//! Paths of results that lead elsewhere: nothing outside the workspace is opened or shown.

use crate::support::{Editor, Log, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n";

#[test]
fn paths_of_other_machines_and_spellings_are_mapped_onto_the_workspace() {
    for path in [
        "./lib/tools.py",
        ".//lib//tools.py",
        "lib/../lib/tools.py",
        "lib\\tools.py",
        "C:\\agent\\work\\1\\s\\lib\\tools.py",
        "file:///C:/agent/work/1/s/lib/tools.py",
        "/builds/group/shop/lib/tools.py",
        "file:///home/runner/work/shop/shop/lib/tools.py",
        "lib/to%6fls.py",
        "li%62%2Ftools.py",
    ] {
        let workspace = Workspace::new(&[("lib/tools.py", APP), ("app.py", "x = 1\n")]);
        workspace.log("scan", &Log::new("Bandit").with(result("B307", path, APP, "eval(x)")));
        let mut editor = Editor::start(&workspace, Profile::push());
        let status = editor.wait_loaded();
        assert_eq!(status["counts"]["placed"], 1, "{path}: {status}");
        editor.open("lib/tools.py");
        editor.wait_texts("lib/tools.py", &["eval(x)"]);
    }
}

#[test]
fn a_file_name_with_spaces_signs_and_other_scripts_is_found() {
    for (file, uri) in [
        ("my file.py", "my%20file.py"),
        ("my file.py", "my file.py"),
        ("na\u{ef}ve \u{1F600}.py", "na%C3%AFve%20%F0%9F%98%80.py"),
        ("100%.py", "100%25.py"),
        ("a+b&c=d.py", "a+b&c=d.py"),
        ("[slug].py", "%5Bslug%5D.py"),
        ("#hash.py", "%23hash.py"),
    ] {
        let workspace = Workspace::new(&[(file, APP)]);
        workspace.log("scan", &Log::new("Bandit").with(result("B307", uri, APP, "eval(x)")));
        let mut editor = Editor::start(&workspace, Profile::push());
        editor.open(file);
        editor.wait_texts(file, &["eval(x)"]);
    }
}

#[test]
fn nothing_outside_the_workspace_is_opened_or_shown() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    std::fs::write(workspace.beside("secret.py"), APP).expect("written");
    let outside = workspace.beside("secret.py");
    let mut log = Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)"));
    for path in [
        "../secret.py",
        "lib/../../secret.py",
        "..%2Fsecret.py",
        "%2e%2e/secret.py",
        "..\\secret.py",
        outside.to_str().expect("UTF-8"),
        &format!("file://{}", outside.display()),
        "/etc/passwd",
        "file:///etc/passwd",
        "//server/share/secret.py",
        "file://server/share/secret.py",
        "C:/Windows/win.ini",
        "https://shop.example/secret.py",
        "",
        ".",
        "/",
        "..",
        "\u{0}",
        "a\u{0}b.py",
    ] {
        log = log.with(result("OUT", path, APP, "eval(x)").message(path));
    }
    workspace.log("scan", &log);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    let status = editor.wait_loaded();
    assert_eq!(status["counts"]["placed"], 1, "{status}");
    for path in editor.files_published() {
        assert!(path.starts_with(&workspace.root), "published outside: {}", path.display());
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_workspace_is_not_followed() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    std::fs::create_dir(workspace.beside("outside")).expect("created");
    std::fs::write(workspace.beside("outside/secret.py"), APP).expect("written");
    std::os::unix::fs::symlink(workspace.beside("outside"), workspace.path("linked")).expect("linked");
    std::os::unix::fs::symlink(workspace.beside("outside/secret.py"), workspace.path("link.py")).expect("linked");
    let log = Log::new("Bandit")
        .with(result("B307", "app.py", APP, "eval(x)"))
        .with(result("B307", "linked/secret.py", APP, "eval(x)"))
        .with(result("B307", "link.py", APP, "eval(x)"));
    workspace.log("scan", &log);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    let status = editor.wait_loaded();
    assert_eq!(status["counts"]["placed"], 1, "{status}");
    for path in editor.files_published() {
        assert!(path == workspace.path("app.py"), "published through a link: {}", path.display());
    }
}

#[test]
fn a_path_that_fits_several_files_is_no_guess() {
    let workspace = Workspace::new(&[("a/tools.py", APP), ("b/tools.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "/build/tools.py", APP, "eval(x)")));
    let mut editor = Editor::start(&workspace, Profile::push());
    let status = editor.wait_loaded();
    assert_eq!(status["counts"]["placed"], 0, "{status}");
    assert_eq!(status["counts"]["uncertain"], 1, "{status}");
}

#[test]
fn a_prefix_rule_of_the_configuration_decides() {
    let workspace = Workspace::new(&[("a/tools.py", APP), ("b/tools.py", APP)]);
    workspace.write("aspm.toml", "[[path_map]]\nfrom = \"/build\"\nto = \"b\"\n");
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "/build/tools.py", APP, "eval(x)")));
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("b/tools.py");
    editor.wait_texts("b/tools.py", &["eval(x)"]);
}
