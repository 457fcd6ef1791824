//! What the binary says of itself, and what it says to whoever types something else.

use std::io::{BufRead, BufReader, Write as _};
use std::process::Stdio;

use serde_json::Value;

use crate::sandbox::{Sandbox, assert_scrubbed};

#[test]
fn help_names_every_command_and_the_version_is_the_packages() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(&["--help"]);
    assert_eq!(help.code, 0);
    assert_scrubbed!("help", sandbox, &help.out);
    let short = sandbox.run(&["-h"]).out;
    assert!(short.lines().all(|line| line.chars().count() <= 80), "{short}");
    let list = sandbox.run(&["list", "--help"]);
    assert_scrubbed!("help_list", sandbox, &list.out);
    assert_eq!(sandbox.run(&["--version"]).out, format!("aspm-lsp {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn schemas_are_json_and_an_unknown_name_lists_the_names() {
    let sandbox = Sandbox::new();
    let names = "aspm.toml, user, settings, list, status, check, query, findings, finding, locations, input, login";
    for name in names.split(", ") {
        let ran = sandbox.run(&["schema", name]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let schema: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert!(schema["properties"].is_object(), "{name}");
    }
    let unknown = sandbox.run(&["schema", "lists"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert_eq!(unknown.err, format!("error: there is no schema \"lists\"; there are {names}\n"));
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
    let mut child = sandbox.command(&sandbox.path(""), &["--stdio"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut say = |body: &str| write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    say(
        r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}"#,
    );
    let answer = answer_to(1, &mut output);
    assert_eq!(answer["result"]["serverInfo"]["name"], "aspm-lsp", "{answer}");
    say(r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#);
    say(r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#);
    assert_eq!(answer_to(2, &mut output)["result"], Value::Null);
    say(r#"{"jsonrpc":"2.0","method":"exit"}"#);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// Reads messages until the answer to request `id`.
fn answer_to(id: u64, output: &mut impl BufRead) -> Value {
    loop {
        let mut length = 0;
        loop {
            let mut header = String::new();
            assert!(output.read_line(&mut header).unwrap() > 0, "the server left without an answer to {id}");
            match header.trim().split_once(": ") {
                Some(("Content-Length", bytes)) => length = bytes.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        output.read_exact(&mut body).unwrap();
        let message: Value = serde_json::from_slice(&body).unwrap();
        if message["id"] == id && message.get("method").is_none() {
            return message;
        }
    }
}

#[test]
fn without_arguments_and_without_a_terminal_it_is_the_server_and_leaves_at_the_end_of_input() {
    let sandbox = Sandbox::new();
    for args in [&[][..], &["--stdio"], &["--stdio", "--clientProcessId=1"]] {
        let ran = sandbox.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{args:?}: {}", ran.err);
    }
}
