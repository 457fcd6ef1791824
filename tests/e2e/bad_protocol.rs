//! Messages that are no proper LSP: answered, passed by, or a clean end; never a hang.

use serde_json::{Value, json};

use crate::support::{Editor, Log, Place, Profile, Workspace, result};

const APP: &str = "def run(x):\n    return eval(x)\n";

fn opened(workspace: &Workspace) -> Editor {
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    let mut editor = Editor::start(workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor
}

#[test]
fn an_unknown_request_is_refused_and_an_unknown_notification_ignored() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut editor = opened(&workspace);
    for method in ["textDocument/definition", "aspm/unknown", "$/unknown", "", "textDocument/didOpen2"] {
        let error = editor.try_request(method, json!({})).expect_err("refused");
        assert_eq!(error["code"], -32601, "{method}: {error}");
        editor.notify(method, json!({}));
    }
    for method in ["$/setTrace", "$/unknown", "textDocument/didSave", "textDocument/willSave", "workspace/didX"] {
        editor.notify(method, json!({ "value": "verbose" }));
    }
    assert!(!editor.hover("app.py", "eval(x)").is_null());
}

#[test]
fn requests_with_wrong_parameters_are_refused_one_by_one() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut editor = opened(&workspace);
    for method in ["textDocument/hover", "textDocument/codeAction", "textDocument/codeLens", "workspace/executeCommand"]
    {
        for params in [Value::Null, json!([]), json!({}), json!([1, 2]), json!({ "textDocument": 7 })] {
            let error = editor.try_request(method, params.clone()).expect_err("refused");
            assert_eq!(error["code"], -32602, "{method} {params}: {error}");
        }
    }
    let uri = workspace.uri("app.py");
    for position in [json!({ "line": -1, "character": 0 }), json!({ "line": 0.5, "character": 0 }), json!("x")] {
        let params = json!({ "textDocument": { "uri": uri }, "position": position });
        let error = editor.try_request("textDocument/hover", params).expect_err("refused");
        assert_eq!(error["code"], -32602, "{error}");
    }
    assert!(!editor.hover("app.py", "eval(x)").is_null());
}

#[test]
fn notifications_with_wrong_parameters_change_nothing() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut editor = opened(&workspace);
    let uri = workspace.uri("app.py");
    for params in [
        Value::Null,
        json!({}),
        json!({ "textDocument": { "uri": uri } }),
        json!({ "textDocument": { "uri": uri, "version": 9 } }),
        json!({ "textDocument": { "uri": uri, "version": 9 }, "contentChanges": "x" }),
        json!({ "textDocument": { "uri": uri, "version": 9 }, "contentChanges": [{ "range": 1 }] }),
        json!({ "textDocument": { "uri": "not a uri", "version": 9 }, "contentChanges": [] }),
    ] {
        for method in ["textDocument/didChange", "textDocument/didOpen"] {
            editor.notify(method, params.clone());
        }
        for method in [
            "workspace/didChangeWatchedFiles",
            "workspace/didChangeWorkspaceFolders",
            "workspace/didChangeConfiguration",
        ] {
            editor.notify(method, params.clone());
        }
    }
    editor.insert("app.py", 0, "\n");
    editor.wait_texts("app.py", &["eval(x)"]);
    assert!(!editor.hover("app.py", "eval(x)").is_null());
}

#[test]
fn a_change_whose_range_cannot_be_read_is_not_taken_for_a_whole_text() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut editor = opened(&workspace);
    let uri = workspace.uri("app.py");
    let document = json!({ "uri": uri });
    for range in [json!(1), json!({ "start": { "line": -1, "character": 0 }, "end": { "line": 0, "character": 0 } })] {
        let identifier = json!({ "uri": uri, "version": 2 });
        let change = json!({ "range": range, "text": "lost" });
        editor.notify("textDocument/didChange", json!({ "textDocument": identifier, "contentChanges": [change] }));
        assert_eq!(
            editor.request("aspm/text", document.clone()),
            json!({ "version": 1, "document_version": 1, "text": APP })
        );
    }
}

#[test]
fn half_a_surrogate_pair_is_one_character_and_not_the_end() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut editor = opened(&workspace);
    let uri = workspace.uri("app.py");
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } });
    let change = json!({ "range": range, "text": "HALF" });
    let params = json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [change] });
    let body = json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": params }).to_string();
    let body = body.replace("HALF", "# \\ud83d\\n");
    editor.process.send_raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    editor.know("app.py", 2, &format!("# \u{fffd}\n{APP}"));
    editor.wait_texts("app.py", &["eval(x)"]);
    // What is typed behind it stands where the editor has it.
    editor.insert("app.py", "# \u{fffd}".len(), " half");
    let text = editor.document("app.py").text.clone();
    let held = editor.request("aspm/text", json!({ "uri": uri }));
    assert_eq!(held, json!({ "version": 1, "document_version": 3, "text": text }));
}

#[test]
fn a_whole_text_of_what_is_not_open_opens_it_and_what_comes_behind_counts() {
    let workspace = Workspace::new(&[("app.py", APP), ("other.py", APP)]);
    let mut editor = opened(&workspace);
    let uri = workspace.uri("other.py");
    let range = json!({ "start": { "line": 0, "character": 1 }, "end": { "line": 0, "character": 2 } });
    let changes = json!([{ "range": range, "text": "lost" }, { "text": "abc" }, { "range": range, "text": "-" }]);
    editor.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 4 }, "contentChanges": changes }),
    );
    let held = editor.request("aspm/text", json!({ "uri": uri }));
    assert_eq!(held, json!({ "version": 1, "document_version": 4, "text": "a-c" }));
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    assert!(editor.request("aspm/text", json!({ "uri": uri })).is_null());
}

#[test]
fn changes_and_closings_of_what_is_not_open_are_passed_by() {
    let workspace = Workspace::new(&[("app.py", APP), ("other.py", APP)]);
    let mut editor = opened(&workspace);
    let uri = workspace.uri("other.py");
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 3 } });
    let change = json!({ "range": range, "text": "x" });
    editor.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [change] }),
    );
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    assert!(editor.hover_at("other.py", Place { line: 1, character: 12 }).is_null());
    assert!(!editor.hover("app.py", "eval(x)").is_null());
}

#[test]
fn edits_beyond_the_text_are_cut_to_it() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut editor = opened(&workspace);
    let uri = workspace.uri("app.py");
    let far = json!({ "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 });
    let start = json!({ "line": 0, "character": 0 });
    // The whole text, as some clients say it; then an inverted range at the end.
    for (version, range, text) in [
        (2, json!({ "start": start, "end": far }), format!("# all new\n{APP}")),
        (3, json!({ "start": far, "end": far }), "# end\n".to_owned()),
    ] {
        let change = json!({ "range": range, "text": text });
        let identifier = json!({ "uri": uri, "version": version });
        editor.notify("textDocument/didChange", json!({ "textDocument": identifier, "contentChanges": [change] }));
        let now = if version == 2 { text } else { format!("# all new\n{APP}# end\n") };
        editor.know("app.py", version, &now);
        editor.wait_texts("app.py", &["eval(x)"]);
    }
}

#[test]
fn garbage_between_messages_is_survived_or_ends_it_cleanly() {
    // An empty message (`Content-Length: 0`) is left out: the transport takes up what follows it in one read only with the
    // next message, so nothing can be waited for.
    let bad: [&[u8]; 11] = [
        b"Content-Length: 5\r\n\r\nhello",
        b"Content-Length: 2\r\n\r\n{}",
        b"Content-Length: 2\r\n\r\n[]",
        b"Content-Length: 4\r\n\r\nnull",
        b"Content-Length: 3\r\n\r\n\xff\xfe\xfd",
        b"Content-Length: 40\r\n\r\n{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"hover\"}",
        b"Content-Length: x\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"X-Strange: header\r\n\r\n",
        b"complete nonsense\r\n\r\n",
        b"\r\n\r\n\r\n",
    ];
    for bytes in bad {
        let workspace = Workspace::new(&[("app.py", APP)]);
        let mut editor = opened(&workspace);
        editor.is_rude = true;
        editor.process.send_raw(bytes);
        survives_or_ends(editor, &String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_batch_or_a_message_of_wrong_shape_is_survived_or_ends_it_cleanly() {
    for message in [
        json!([{ "jsonrpc": "2.0", "id": 900, "method": "shutdown" }]),
        json!({ "jsonrpc": "2.0" }),
        json!({ "jsonrpc": "2.0", "id": 901 }),
        json!({ "jsonrpc": "2.0", "id": { "a": 1 }, "method": "textDocument/hover" }),
        json!({ "jsonrpc": "2.0", "id": 902, "result": 1, "error": { "code": 1, "message": "x" } }),
        json!({ "jsonrpc": "2.0", "id": 903, "result": "an answer to nothing" }),
        json!({ "jsonrpc": "2.0", "method": 7 }),
        json!({ "jsonrpc": "2.0", "id": 1.5, "method": "textDocument/hover" }),
    ] {
        let workspace = Workspace::new(&[("app.py", APP)]);
        let mut editor = opened(&workspace);
        editor.is_rude = true;
        editor.process.send(&message);
        survives_or_ends(editor, &message.to_string());
    }
}

/// The server answers on, or has ended by itself.
fn survives_or_ends(mut editor: Editor, what: &str) {
    let end = editor.document("app.py").text.len();
    let uri = editor.document("app.py").uri.clone();
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 1, "character": end } });
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] } });
    let id = editor.ask("textDocument/codeAction", params);
    // An editor always has something to say next.
    editor.notify("$/setTrace", json!({ "value": "off" }));
    let is_alive = editor.wait(&format!("an answer or an end after {what}"), |editor| {
        if editor.is_answered(id) { Some(true) } else { editor.is_stream_over.then_some(false) }
    });
    if !is_alive {
        editor.expect_code(1);
        editor.forget(id);
    }
}

#[test]
fn a_message_that_never_comes_whole_does_not_hold_the_process_when_the_client_leaves() {
    for start in ["Content-Length: 99999999999999\r\n\r\n{", "Content-Length: 4000\r\n\r\n{\"jsonrpc\"", "Content-Le"] {
        let workspace = Workspace::new(&[("app.py", APP)]);
        let mut editor = opened(&workspace);
        editor.is_rude = true;
        editor.process.send_raw(start.as_bytes());
        editor.expect_code(1);
        editor.process.close_stdin();
        editor.leave();
    }
}

#[test]
fn a_message_in_many_small_pieces_is_one_message() {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let mut editor = opened(&workspace);
    let position = json!({ "line": 1, "character": 12 });
    let id = editor.next_request();
    let hover = json!({
        "jsonrpc": "2.0", "id": id, "method": "textDocument/hover",
        "params": { "textDocument": { "uri": workspace.uri("app.py") }, "position": position }
    })
    .to_string();
    let whole = format!(
        "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: {}\r\n\r\n{hover}",
        hover.len()
    );
    for byte in whole.as_bytes() {
        editor.process.send_raw(&[*byte]);
    }
    assert!(!editor.answer(id).expect("answered").is_null());
}
