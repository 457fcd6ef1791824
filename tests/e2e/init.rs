//! `init` with a server at hand: which product holds this repository is found out or asked once, and `aspm.toml` says so.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Central, TOKEN, Workspace, binary};

/// A repository, and a server with the product `shop` that names it, `billing` and `tools`.
fn setting() -> (Workspace, Central) {
    let workspace = Workspace::new(&[("app.py", "eval(x)\n")]);
    let head = workspace.git(&["rev-parse", "HEAD"]);
    let central = Central::start(&head, &json!([]));
    let product = |name: &str, repository: &str| {
        let finding =
            json!({ "title": "Eval", "file_path": "app.py", "line": 1, "severity": "Low", "description": "x" });
        let test = json!({ "type": "Bandit Scan", "findings": [finding] });
        let engagements = json!([{ "name": "main", "repository": repository, "tests": [test] }]);
        json!({ "name": name, "engagements": engagements })
    };
    let products = json!([
        product("billing", "https://git.example/acme/billing"),
        product("shop", "https://git.example/acme/shop"),
        product("tools", ""),
    ]);
    let users = json!([{ "username": "dev", "token": TOKEN }, { "username": "admin", "token": "a", "is_staff": true }]);
    central.control("reset", &json!({ "users": users, "products": products }));
    central.bind(&workspace);
    workspace.remove("aspm.toml");
    (workspace, central)
}

fn source(central: &Central, product: &str) -> String {
    format!(
        "[[source]]\nname = \"central\"\nkind = \"defectdojo\"\nurl = \"{}\"\nproduct = \"{product}\"\n",
        central.url
    )
}

fn lines(central: &Central) -> usize {
    central.control("log", &Value::Null).as_array().expect("a log").len()
}

#[test]
fn the_one_product_that_names_this_repository_is_taken_and_can_be_read() {
    let (workspace, central) = setting();
    let (code, out, err) = workspace.run(&["init", "--yes"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(
        out.contains("source \"central\" reads the product \"shop\"") && out.contains("Next: aspm-lsp sync"),
        "{out}"
    );
    assert!(workspace.read("aspm.toml").ends_with(&source(&central, "shop")), "{}", workspace.read("aspm.toml"));
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    let (code, out, _) = workspace.run(&["init", "--yes"]);
    assert!(code == 0 && out.contains("says so already"), "{out}");
}

#[test]
fn without_a_terminal_nothing_is_chosen_for_anybody() {
    let (workspace, _central) = setting();
    let (code, out, err) = workspace.run(&["init"]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(
        err.contains("One product names this repository (git.example/acme/shop):\n  shop (1 engagement, names"),
        "{err}"
    );
    assert!(err.contains("aspm-lsp init --yes; another: aspm-lsp init --product NAME"), "{err}");
    workspace.git(&["remote", "set-url", "origin", "https://git.example/acme/new"]);
    for args in [&["init"][..], &["init", "--yes"]] {
        let (code, _, err) = workspace.run(args);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("No product names this repository (git.example/acme/new)"), "{err}");
        assert!(err.contains("billing") && err.contains("Say which: aspm-lsp init --product NAME"), "{err}");
    }
    assert!(!workspace.path("aspm.toml").exists());
}

#[test]
fn what_is_in_the_file_stays_where_it_is() {
    let (workspace, central) = setting();
    let before = "# ours\n[application]\nname = \"till\" # by marketing\n\n[policy]\nbundle = \"rules/\"\n";
    workspace.write("aspm.toml", before);
    assert_eq!(workspace.run(&["init", "--product", "billing"]).0, 0);
    let first = format!("{before}\n{}", source(&central, "billing"));
    assert_eq!(workspace.read("aspm.toml"), first);
    assert_eq!(workspace.run(&["init", "--product", "tools", "--engagement", "main"]).0, 0);
    let second = first.replace("\"billing\"", "\"tools\"") + "engagement = \"main\"\n";
    assert_eq!(workspace.read("aspm.toml"), second);
}

#[test]
fn logs_that_were_read_are_read_on() {
    let (workspace, _central) = setting();
    workspace.write(".aspm/scan.sarif", "{}");
    let (code, out, err) = workspace.run(&["init", "--yes"]);
    assert!(code == 0 && out.contains("The logs below .aspm/ are read on"), "{out}{err}");
    assert!(workspace.read("aspm.toml").ends_with("\n[[source]]\nkind = \"sarif\"\npath = \".aspm\"\n"));
}

#[test]
fn a_name_that_is_not_there_is_told_with_those_that_are_and_nothing_is_written() {
    let (workspace, _central) = setting();
    for (args, words) in [
        (&["init", "--product", "shopp"][..], "it may see: billing, shop, tools"),
        (&["init", "--product", "shop", "--engagement", "e9"], "has no engagement \"e9\"; it has: main"),
        (&["init", "--engagement", "main"], "--product <NAME>"),
        (&["init", "--offline", "--yes"], "cannot be used with"),
    ] {
        let (code, out, err) = workspace.run(args);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(words), "{err}");
    }
    assert!(!workspace.path("aspm.toml").exists());
}

#[test]
fn neither_an_option_nor_the_repository_causes_a_request_to_a_server_the_user_has_not_named() {
    let (workspace, central) = setting();
    workspace.user_config("");
    lines(&central);
    let (code, _, err) = workspace.run(&["init", "--server", &central.url]);
    assert_eq!(code, 2);
    assert!(err.contains(&format!("run `aspm-lsp login {}` first", central.url)), "{err}");
    workspace.write("aspm.toml", source(&central, "shop"));
    for args in [&["init"][..], &["init", "--yes"], &["init", "--product", "shop"]] {
        let (code, out, err) = workspace.run(args);
        assert_eq!(code, 2, "{out}{err}");
        assert!(err.contains("aspm-lsp login URL"), "{err}");
    }
    assert_eq!(lines(&central), 0, "no request came");
    workspace.remove("aspm.toml");
    let (code, out, _) = workspace.run(&["init"]);
    assert!(code == 0 && out.contains("To read findings of a server: aspm-lsp login URL"), "{out}");
}

#[test]
fn a_server_that_is_down_is_told_and_a_starter_file_needs_none() {
    let (workspace, central) = setting();
    drop(central);
    let (code, out, err) = workspace.run(&["init", "--yes"]);
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(err.contains("the connection was refused") && err.contains("aspm-lsp init --offline"), "{err}");
    assert!(!workspace.path("aspm.toml").exists());
    assert_eq!(workspace.run(&["init", "--offline"]).0, 0);
    assert!(workspace.read("aspm.toml").starts_with("# What this code is"));
}

#[cfg(unix)]
#[test]
fn a_link_is_not_written_through() {
    let (workspace, _central) = setting();
    let target = workspace.beside("precious");
    std::fs::write(&target, "").expect("written");
    std::os::unix::fs::symlink(&target, workspace.path("aspm.toml")).expect("linked");
    let (code, _, err) = workspace.run(&["init", "--yes"]);
    assert!(code == 2 && err.contains("is no plain file"), "{err}");
    assert_eq!(std::fs::read_to_string(&target).expect("there"), "");
}

/// Types `argv[1]` into a terminal of its own after the question, then prints the exit code and what was shown.
const TYPIST: &str = r#"
import os, pty, subprocess, sys
ours, theirs = pty.openpty()
child = subprocess.Popen(sys.argv[2:], stdin=theirs, stdout=theirs, stderr=theirs)
shown = b""
while not shown.endswith(b"? "):
    shown += os.read(ours, 1)
os.write(ours, sys.argv[1].encode() + b"\n")
code = child.wait()
os.close(theirs)
try:
    while piece := os.read(ours, 4096):
        shown += piece
except OSError:
    pass
print(code)
print(shown.decode())
"#;

#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal_one_is_asked_once() {
    for (typed, code, product) in
        [("", 0, Some("shop")), ("2", 0, Some("billing")), ("9", 2, None), ("0", 2, None), ("no", 2, None)]
    {
        let (workspace, central) = setting();
        let mut command = Command::new("python3");
        workspace.isolate(&mut command);
        let output =
            command.args(["-c", TYPIST, typed]).arg(binary()).arg("init").current_dir(&workspace.root).output();
        let shown = String::from_utf8(output.expect("python3 runs").stdout).expect("text");
        assert!(shown.starts_with(&format!("{code}\n")), "{typed}: {shown}");
        assert!(
            shown.contains("  1. shop (1 engagement, names this repository)\r\n  2. billing (1 engagement)"),
            "{shown}"
        );
        assert!(shown.contains("[1]? "), "{shown}");
        if let Some(product) = product {
            assert!(workspace.read("aspm.toml").ends_with(&source(&central, product)), "{shown}");
        } else {
            assert!(shown.contains("nothing was chosen, so nothing was written"), "{shown}");
            assert!(!workspace.path("aspm.toml").exists());
        }
    }
}
