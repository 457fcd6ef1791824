//! What the binary says of itself, and what it says to whoever types something else.

use crate::sandbox::{Sandbox, assert_scrubbed};

#[test]
fn help_names_every_command_and_the_version_is_the_packages() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(&["--help"]);
    assert_eq!(help.code, 0);
    assert_scrubbed!("help", sandbox, &help.out);
    let list = sandbox.run(&["list", "--help"]);
    assert_scrubbed!("help_list", sandbox, &list.out);
    assert_eq!(sandbox.run(&["--version"]).out, format!("aspm-lsp {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn schemas_are_json_and_an_unknown_name_lists_the_names() {
    let sandbox = Sandbox::new();
    for name in ["aspm.toml", "settings", "list", "status"] {
        let ran = sandbox.run(&["schema", name]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let schema: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert!(schema["properties"].is_object(), "{name}");
    }
    let unknown = sandbox.run(&["schema", "lists"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert_eq!(unknown.err, "error: there is no schema \"lists\"; there are aspm.toml, settings, list, status\n");
}

#[test]
fn bad_usage_exits_with_2_and_says_what_is_wrong() {
    let sandbox = Sandbox::new();
    for (args, words) in [
        (&["frobnicate"][..], "unrecognized subcommand"),
        (&["list", "--status", "opened"], "invalid value 'opened'"),
        (&["show"], "<ID>"),
        (&["--stdio", "list"], "--stdio is the language server"),
        (&["--clientProcessId=1"], "--stdio"),
        (&["list", "--root", "nowhere"], "there is no such folder"),
        (&["list", "/"], "is not below"),
    ] {
        let ran = sandbox.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{args:?}: {}", ran.err);
    }
}

#[test]
fn the_server_answers_an_editor_and_leaves_cleanly_after_goodbye() {
    let sandbox = Sandbox::new();
    let message = |body: &str| format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let input = [
        r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}"#,
        r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#,
        r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#,
        r#"{"jsonrpc":"2.0","method":"exit"}"#,
    ];
    let ran = sandbox.feed(&["--stdio"], &input.map(message).concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("\"name\":\"aspm-lsp\""), "{}", ran.out);
}

#[test]
fn without_arguments_and_without_a_terminal_it_is_the_server_and_leaves_at_the_end_of_input() {
    let sandbox = Sandbox::new();
    for args in [&[][..], &["--stdio"], &["--stdio", "--clientProcessId=1"]] {
        let ran = sandbox.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{args:?}: {}", ran.err);
    }
}
