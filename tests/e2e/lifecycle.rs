//! How a session begins and ends.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Answers, Editor, Frame, Log, Place, Profile, Workspace, deadline, result};

const APP: &str = "def run(x):\n    return eval(x)\n";

fn shop() -> Workspace {
    let workspace = Workspace::new(&[("app.py", APP)]);
    workspace.log("scan", &Log::new("Bandit").with(result("B307", "app.py", APP, "eval(x)")));
    workspace
}

#[test]
fn after_shutdown_exit_ends_it_with_code_0() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_ready();
    editor.leave();
}

#[test]
fn exit_without_shutdown_ends_it_with_code_1() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.expect_code(1);
    editor.notify("exit", Value::Null);
    editor.leave();
}

#[test]
fn the_end_of_standard_input_ends_it() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.expect_code(1);
    editor.process.close_stdin();
    editor.leave();
}

#[test]
fn the_end_of_standard_input_before_the_greeting_ends_it() {
    let workspace = shop();
    let mut editor = Editor::silent(&workspace, Profile::push());
    editor.expect_code(1);
    editor.process.close_stdin();
    editor.leave();
}

#[test]
fn the_end_of_standard_input_after_shutdown_is_a_clean_end() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.request("shutdown", Value::Null);
    editor.process.close_stdin();
    editor.leave();
}

#[cfg(unix)]
#[test]
fn the_death_of_the_clients_process_ends_it() {
    let workspace = shop();
    let mut client = Command::new("sleep").arg("600").stdout(Stdio::null()).spawn().expect("sleep runs");
    let mut editor = Editor::start(&workspace, Profile::push().process(Some(client.id())));
    editor.wait_ready();
    editor.expect_code(1);
    client.kill().expect("killed");
    editor.leave();
    client.wait().expect("reaped");
}

#[test]
fn a_client_process_that_was_never_visible_does_not_end_it() {
    let workspace = shop();
    // In a container the editor's process id means nothing.
    let mut editor = Editor::start(&workspace, Profile::push().process(Some(i32::MAX as u32)));
    editor.wait_ready();
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[test]
fn a_client_need_not_name_its_process() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::plain().process(None));
    editor.wait_ready();
}

#[test]
fn exit_is_heeded_while_requests_hang() {
    let workspace = shop();
    let mut editor = Editor::silent(&workspace, Profile::pull());
    // Nothing the server asks is answered, and hundreds of its answers are under way.
    editor.greet(std::slice::from_ref(&workspace.root), Answers::Never);
    editor.open("app.py");
    editor.expect_code(1);
    for _ in 0..300 {
        let uri = workspace.uri("app.py");
        editor.ask("textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }));
    }
    editor.notify("exit", Value::Null);
    editor.leave();
}

#[test]
fn before_the_greeting_requests_are_refused_and_notifications_ignored() {
    let workspace = shop();
    let mut editor = Editor::silent(&workspace, Profile::push());
    let document = json!({ "uri": workspace.uri("app.py"), "languageId": "python", "version": 1, "text": APP });
    editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
    let asked =
        json!({ "textDocument": { "uri": workspace.uri("app.py") }, "position": { "line": 0, "character": 0 } });
    let error = editor.try_request("textDocument/hover", asked).expect_err("refused");
    assert_eq!(error["code"], -32002, "{error}");
    editor.greet(std::slice::from_ref(&workspace.root), Answers::AtOnce);
    editor.wait_ready();
    assert_eq!(editor.hover_at("app.py", Place { line: 1, character: 12 }), Value::Null);
}

#[test]
fn after_shutdown_requests_are_refused() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
    editor.request("shutdown", Value::Null);
    let uri = workspace.uri("app.py");
    let error = editor.try_request("textDocument/codeLens", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(error.expect_err("refused")["code"], -32600);
    editor.notify("exit", Value::Null);
    editor.leave();
}

#[test]
fn a_second_greeting_is_refused() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    let error = editor.try_request("initialize", json!({ "processId": null, "rootUri": null, "capabilities": {} }));
    assert_eq!(error.expect_err("refused")["code"], -32600);
    editor.wait_ready();
}

#[test]
fn the_server_names_itself_and_what_it_can_do() {
    let workspace = shop();
    let editor = Editor::start(&workspace, Profile::push());
    assert_eq!(editor.server["serverInfo"]["name"], "aspm-lsp");
    assert_eq!(editor.server["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
    let can = &editor.server["capabilities"];
    assert_eq!(can["textDocumentSync"]["openClose"], true);
    assert_eq!(can["textDocumentSync"]["change"], 2);
    assert_eq!(can["hoverProvider"], true);
    assert!(can["codeLensProvider"].is_object());
    assert_eq!(can["codeActionProvider"]["codeActionKinds"], json!(["quickfix", "source.fixAll.aspm"]));
    let commands = json!([
        "aspm.open",
        "aspm.copyMarkdown",
        "aspm.edit",
        "aspm.sync",
        "aspm.finding",
        "aspm.findings",
        "aspm.flow",
        "aspm.gate",
        "aspm.status",
        "aspm.suppress",
        "aspm.triage"
    ]);
    assert_eq!(can["executeCommandProvider"]["commands"], commands);
    assert_eq!(can["workspace"]["workspaceFolders"]["supported"], true);
}

#[test]
fn a_session_without_a_folder_is_quiet_and_ready() {
    let workspace = Workspace::bare();
    let mut editor = Editor::start_in(&workspace, Profile::push(), &[]);
    editor.open_with(&workspace.uri("loose.py"), APP);
    let status = editor.wait_ready();
    assert_eq!(status["sources"], json!([]));
}

#[test]
fn a_client_with_only_a_root_uri_is_served() {
    let workspace = shop();
    let mut editor = Editor::silent(&workspace, Profile::plain());
    editor.request("initialize", json!({ "processId": null, "rootUri": workspace.root_uri(), "capabilities": {} }));
    editor.notify("initialized", json!({}));
    editor.open("app.py");
    editor.wait_texts("app.py", &["eval(x)"]);
}

#[test]
fn nothing_but_lsp_is_on_standard_output_and_nothing_follows_the_end() {
    let workspace = shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.wait_ready();
    editor.request("shutdown", Value::Null);
    editor.notify("exit", Value::Null);
    let last = loop {
        match editor.process.next(deadline()) {
            Some(Frame::Message(_)) => {}
            other => break other,
        }
    };
    assert!(matches!(last, Some(Frame::End)), "{last:?}");
    editor.leave();
}
