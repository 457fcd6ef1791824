//! `aspm/login`: an editor hands over its user's token, findings come, and nobody else gets it or causes a request.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Central, Editor, Profile, TOKEN, Workspace};

const APP: &str = "def calc(x):\n    return eval(x)\n";

/// A repository whose server the user has not named yet.
fn setting() -> (Workspace, Central) {
    // With everything logged that can be.
    let workspace = Workspace::new(&[("app.py", APP)]).with_env("ASPM_LOG", "trace");
    let head = workspace.git(&["rev-parse", "HEAD"]);
    let eval = json!([{ "title": "Eval", "file_path": "app.py", "line": 2, "severity": "Medium", "cwe": 95,
        "vuln_id_from_tool": "B307", "description": "Use of eval" }]);
    let central = Central::start(&head, &eval);
    central.bind(&workspace);
    workspace.user_config("");
    (workspace, central)
}

fn log(central: &Central) -> Vec<Value> {
    central.control("log", &Value::Null).as_array().expect("a log").clone()
}

fn config(workspace: &Workspace) -> String {
    std::fs::read_to_string(workspace.home().join("config/aspm/config.toml")).expect("there")
}

/// Names and texts of what is kept as a credential.
fn credentials(workspace: &Workspace) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(workspace.beside("data/credentials")) else { return Vec::new() };
    entries.map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("text")).collect()
}

#[track_caller]
fn nothing_kept(workspace: &Workspace) {
    assert_eq!(credentials(workspace), Vec::<String>::new());
    assert_eq!(config(workspace), "");
}

fn message(error: &Value) -> &str {
    error["message"].as_str().expect("a message")
}

/// A server of somebody else, and all that it hears.
fn eavesdropper() -> (String, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let heard = Arc::new(Mutex::new(String::new()));
    let writer = heard.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut bytes = [0; 8192];
            let read = stream.read(&mut bytes).unwrap_or(0);
            let said = String::from_utf8_lossy(&bytes[..read]);
            writer.lock().expect("no panic").extend(["connected: ", &*said]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        }
    });
    (url, heard)
}

#[test]
fn an_editor_signs_its_user_in_and_the_findings_come() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_problem(&["central", "is not a server you allow"]);
    assert_eq!(log(&central).len(), 0, "a repository alone causes no request");
    let answer = editor.request("aspm/login", json!({ "url": central.url, "token": TOKEN, "store": "file" }));
    assert_eq!(answer, json!({ "version": 1, "origin": central.url, "account": "dev", "store": "file" }));
    editor.wait_shown("app.py", "the finding", |shown| shown.len() == 1 && shown[0].code == "B307");
    assert_eq!(credentials(&workspace), [format!("{TOKEN}\n")]);
    assert!(config(&workspace).contains(&format!("url = \"{}\"\nauth = {{ file = true }}", central.url)));
    assert!(!editor.process.errors().contains(TOKEN), "the log holds the token");
    assert!(editor.process.errors().contains("TRACE"), "everything was logged");
}

#[test]
fn another_token_counts_at_once() {
    let (workspace, central) = setting();
    let other = "0123456789abcdef0123456789abcdef01234567";
    let findings =
        json!([{ "title": "Eval", "file_path": "app.py", "line": 2, "severity": "Low", "description": "x" }]);
    let engagement = json!({ "name": "main", "repository": "https://git.example/acme/shop",
        "tests": [{ "type": "Bandit Scan", "findings": findings }] });
    central.control(
        "reset",
        &json!({
            "users": [{ "username": "dev", "token": TOKEN }, { "username": "admin", "token": other, "is_staff": true }],
            "products": [{ "name": "shop", "authorized": ["admin"], "engagements": [engagement] }]
        }),
    );
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.request("aspm/login", json!({ "url": central.url, "token": TOKEN, "store": "file" }));
    editor.wait_problem(&["no product that this account may see"]);
    // The configuration stays as it is: only the token is another.
    let before = config(&workspace);
    let answer = editor.request("aspm/login", json!({ "url": central.url, "token": other }));
    assert_eq!((&answer["account"], &answer["store"]), (&json!("admin"), &json!("file")));
    assert_eq!(config(&workspace), before);
    editor.wait_shown("app.py", "the finding", |shown| shown.len() == 1);
}

#[test]
fn what_the_server_does_not_accept_is_not_kept() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    let wrong = "f00d".repeat(10);
    let error = editor.try_request("aspm/login", json!({ "url": central.url, "token": wrong, "store": "file" }));
    let error = error.expect_err("a wrong token");
    assert_eq!(error["code"], -32602);
    assert!(message(&error).contains("does not accept this token"), "{error}");
    nothing_kept(&workspace);
    central.control("faults", &json!([{ "match": "", "times": 0, "do": "cut_before" }]));
    let error = editor.try_request("aspm/login", json!({ "url": central.url, "token": TOKEN, "store": "file" }));
    let error = error.expect_err("no server");
    assert_eq!(error["code"], -32803, "{error}");
    nothing_kept(&workspace);
    let errors = editor.process.errors();
    assert!(!errors.contains(TOKEN) && !errors.contains(&wrong) && !error.to_string().contains(TOKEN));
}

#[test]
fn a_redirect_to_somebody_else_does_not_get_the_token() {
    let (workspace, central) = setting();
    let (url, heard) = eavesdropper();
    central.control("faults", &json!([{ "match": "", "times": 0, "do": "redirect", "to": format!("{url}/steal") }]));
    let mut editor = Editor::start(&workspace, Profile::push());
    let error = editor.try_request("aspm/login", json!({ "url": central.url, "token": TOKEN, "store": "file" }));
    assert!(message(&error.expect_err("refused")).contains("which is not a server you allow"));
    assert_eq!(*heard.lock().expect("no panic"), "");
    nothing_kept(&workspace);
}

#[test]
fn a_redirect_to_another_server_that_the_user_knows_does_not_get_the_token_either() {
    let (workspace, central) = setting();
    let (url, heard) = eavesdropper();
    workspace.user_config(&format!("[[server]]\nurl = \"{url}\"\n"));
    central.control("faults", &json!([{ "match": "", "times": 0, "do": "redirect", "to": format!("{url}/steal") }]));
    let mut editor = Editor::start(&workspace, Profile::push());
    let error = editor.try_request("aspm/login", json!({ "url": central.url, "token": TOKEN, "store": "file" }));
    assert!(error.is_err());
    let heard = heard.lock().expect("no panic").clone();
    assert!(!heard.contains(TOKEN) && !heard.to_lowercase().contains("authorization"), "{heard}");
    assert_eq!(credentials(&workspace), Vec::<String>::new());
}

#[test]
fn settings_and_the_repository_can_neither_name_a_server_nor_get_the_token() {
    let (workspace, central) = setting();
    let (url, heard) = eavesdropper();
    workspace.write(
        "aspm.toml",
        format!(
            "[[source]]\nname = \"central\"\nkind = \"defectdojo\"\nurl = \"{}\"\n\n\
             [[source]]\nname = \"bad\"\nkind = \"defectdojo\"\nurl = \"{url}\"\n\n\
             [[source]]\nname = \"log\"\nkind = \"sarif\"\nurl = \"{url}/a.sarif\"\n\n[policy]\nbundle = \"{url}/b.tar.gz\"\n",
            central.url
        ),
    );
    let options = json!({ "aspm": { "server": [{ "url": url, "auth": "none" }], "url": url, "servers": [url], "proxy": url,
        "ca": "/etc/passwd", "login": { "url": url } } });
    let mut editor = Editor::start(&workspace, Profile::push().options(options.clone()));
    editor.open("app.py");
    editor.request("aspm/login", json!({ "url": central.url, "token": TOKEN, "store": "file" }));
    editor.wait_shown("app.py", "the finding of the server that was named", |shown| shown.len() == 1);
    editor.notify("workspace/didChangeConfiguration", json!({ "settings": options }));
    editor.command("aspm.sync", json!({})).expect("accepted");
    editor.wait_problem(&["is not a server you allow"]);
    editor.settle();
    assert_eq!(*heard.lock().expect("no panic"), "", "nobody else was contacted");
    assert!(!config(&workspace).contains(&url));
}

#[test]
fn a_url_that_says_more_than_a_server_is_refused_before_anything_is_asked() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push());
    let host = central.url.trim_start_matches("http://");
    for (url, more, words) in [
        (format!("http://dev:pw@{host}"), json!({}), ""),
        (format!("{}/?next=x", central.url), json!({}), "must have no ? part"),
        ("http://dojo.example.com".to_owned(), json!({}), "plain http"),
        ("file:///etc/passwd".to_owned(), json!({}), ""),
        ("dojo".to_owned(), json!({}), ""),
        (central.url.clone(), json!({ "command": ["id"] }), "and nothing else"),
        (central.url.clone(), json!({ "proxy": "http://127.0.0.1:1" }), "and nothing else"),
        (central.url.clone(), json!({ "store": "cloud" }), "`store` is"),
        (central.url.clone(), json!({ "token": 7 }), "needs `token`"),
    ] {
        let mut params = json!({ "url": url, "token": TOKEN, "store": "file" });
        params.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let error = editor.try_request("aspm/login", params).expect_err(&url);
        assert_eq!(error["code"], -32602, "{url}: {error}");
        assert!(message(&error).contains(words) && !message(&error).contains(TOKEN), "{url}: {error}");
    }
    assert_eq!(log(&central).len(), 0);
    nothing_kept(&workspace);
    assert!(!editor.process.errors().contains(TOKEN));
}

#[test]
fn a_workspace_that_is_not_trusted_asks_nothing_over_the_network() {
    let (workspace, central) = setting();
    let mut editor = Editor::start(&workspace, Profile::push().options(json!({ "workspaceTrusted": false })));
    let error = editor.try_request("aspm/login", json!({ "url": central.url, "token": TOKEN, "store": "file" }));
    assert!(message(&error.expect_err("refused")).contains("this workspace is not trusted"));
    nothing_kept(&workspace);
    editor.leave();
    central.bind_user(&workspace, "");
    let mut editor = Editor::start(&workspace, Profile::push().options(json!({ "workspaceTrusted": false })));
    editor.wait_loaded();
    editor.command("aspm.sync", json!({})).expect("accepted");
    editor.settle();
    assert_eq!(log(&central).len(), 0, "no request came");
}

#[test]
fn a_sign_in_that_is_cancelled_leaves_nothing() {
    let (workspace, central) = setting();
    central.control("faults", &json!([{ "match": "user_profile", "times": 0, "do": "drip", "seconds": 0.2 }]));
    let mut editor = Editor::start(&workspace, Profile::push());
    let id = editor.ask("aspm/login", json!({ "url": central.url, "token": TOKEN, "store": "file" }));
    editor.wait("the server is asked", |_| (!log(&central).is_empty()).then_some(()));
    editor.notify("$/cancelRequest", json!({ "id": id }));
    let error = editor.answer(id).expect_err("cancelled");
    assert_eq!(error["code"], -32800, "{error}");
    editor.settle();
    nothing_kept(&workspace);
}
