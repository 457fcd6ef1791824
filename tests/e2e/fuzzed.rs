//! Whole sessions by chance, valid but nasty, against a reference that is too simple to be wrong.
//!
//! Each seed is one session with one server: its text of every document equals the client's whenever it is asked, every
//! place it names exists, every request is answered once, it still finds what it should at the end, and leaves properly.
//!
//! `ASPM_FUZZ_SEEDS` sessions are tried, from `ASPM_FUZZ_FIRST` on; a failure names its seed.

mod chance;
mod client;
mod model;
mod moves;

use serde_json::{Value, json};

use crate::support::{Encoding, Log, Workspace, result};
use chance::Chance;
use client::Client;

const SEEDS: u64 = 6;
/// Moves of a session.
const STEPS: usize = 400;

const APP: &str =
    "import os\n\n\ndef run(x):\n    return eval(x)\n\n\ndef list_all(path):\n    os.system('ls ' + path)\n";
const WEB: &str = "function show(x) {\r\n  document.body.innerHTML = x;\r\n}\r\n";

#[test]
fn sessions_by_chance_end_as_they_should() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let first = number("ASPM_FUZZ_FIRST").unwrap_or(1);
    let mut compared = 0;
    for seed in first..first + number("ASPM_FUZZ_SEEDS").unwrap_or(SEEDS) {
        compared += session(seed);
    }
    assert!(compared > 0, "no text was ever compared");
}

/// Tells the seed when a session fails.
struct Told {
    seed: u64,
    client: Client,
}

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let seed = self.seed;
            let path = std::env::temp_dir().join(format!("aspm-fuzz-{seed}.log"));
            let written = std::fs::write(&path, self.client.log.join("\n"));
            let errors = self.client.process.errors();
            let text = format!(
                "\nall it was sent: {} ({written:?})\nits standard error:\n{errors}\nonce more: ASPM_FUZZ_FIRST={seed} \
                 ASPM_FUZZ_SEEDS=1 cargo test --test e2e sessions_by_chance\n",
                path.display()
            );
            let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
        }
    }
}

fn shop() -> Workspace {
    let files =
        [("app.py", APP), ("web/ü 1.js", WEB), ("requirements.txt", "django==3.2.9\n"), ("notes.md", "# Notes\n")];
    let workspace = Workspace::new(&files);
    let log = Log::new("Bandit")
        .with(result("B307", "app.py", APP, "eval(x)").help())
        .with(result("B605", "app.py", APP, "os.system('ls ' + path)"))
        .with(result("xss", "web/ü 1.js", WEB, "innerHTML = x"));
    workspace.log("scan", &log);
    workspace
}

/// What the client says of itself.
fn capabilities(chance: &mut Chance) -> Value {
    let encodings = chance
        .pick(&[
            json!(["utf-8", "utf-16"]),
            json!(["utf-16"]),
            json!(["utf-32"]),
            json!([]),
            json!(["utf-32", "utf-16"]),
        ])
        .clone();
    let mut all = json!({
        "general": { "positionEncodings": encodings },
        "window": { "workDoneProgress": chance.one_in(2), "showDocument": { "support": chance.one_in(2) } },
        "workspace": {
            "didChangeWatchedFiles": { "dynamicRegistration": chance.one_in(2) },
            "codeLens": { "refreshSupport": chance.one_in(2) },
            "workspaceEdit": { "documentChanges": chance.one_in(2) }
        },
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true, "versionSupport": true },
            "hover": { "contentFormat": ["markdown"] },
            "codeAction": {
                "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix"] } },
                "disabledSupport": chance.one_in(2)
            }
        }
    });
    if chance.one_in(2) {
        all["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
        all["textDocument"]["diagnostic"] = json!({ "dynamicRegistration": true });
    }
    all
}

/// One session; how often texts were compared.
fn session(seed: u64) -> usize {
    let workspace = shop();
    let mut told = Told { seed, client: Client::start(&workspace, Chance::new(seed)) };
    let client = &mut told.client;
    let root = crate::support::uri_of(&workspace.root);
    let mut uris: Vec<String> =
        ["app.py", "web/ü 1.js", "requirements.txt", "notes.md", "not there.py", ".aspm/exceptions.yaml"]
            .iter()
            .map(|path| workspace.uri(path))
            .collect();
    for (path, text) in [("app.py", APP), ("web/ü 1.js", WEB), ("requirements.txt", "django==3.2.9\n")] {
        client.disk.insert(workspace.uri(path), text.into());
    }
    uris.extend(["untitled:Untitled-1", "git:/app.py?ref=HEAD", "file:///elsewhere/x.py"].map(str::to_owned));
    let pulls = begin(client, &root, &uris);
    if client.chance.one_in(8) {
        let long = "é x\u{1F600}".repeat(60_000);
        client.open_document(&uris[0], &format!("{long}\neval(x)\n{long}"));
        client.step(&root, &uris);
    }
    for _ in 0..STEPS {
        client.step(&root, &uris);
    }
    if client.chance.one_in(3) {
        client.open_document(&uris[0], APP);
        client.burst(&uris[0], 10_000);
    }
    compare(client, &uris);
    still_works(client, &uris[0], pulls);
    let compared = client.compared;
    leave(client);
    compared
}

/// From nothing to an open session; whether diagnostics are pulled.
fn begin(client: &mut Client, root: &str, uris: &[String]) -> bool {
    for _ in 0..client.chance.below(4) {
        let id = client.request(uris);
        // A method that there is not is none at any time.
        let code = client.answer(&id).expect_err("refused");
        assert!([-32002, -32601].contains(&code), "{code} before initialize");
        client.notify("textDocument/didOpen", json!({ "textDocument": { "uri": uris[0] } }));
    }
    if client.chance.one_in(4) {
        let bad = client.chance.pick(&[json!(null), json!([]), json!({}), json!({ "capabilities": 7 })]).clone();
        let id = client.ask("initialize", bad);
        assert_eq!(client.answer(&id), Err(-32602), "initialize without what it needs");
    }
    let capabilities = capabilities(&mut client.chance);
    let pulls = !capabilities["textDocument"]["diagnostic"].is_null();
    let folders = json!([{ "uri": root, "name": "shop" }]);
    let params = json!({
        "processId": std::process::id(), "rootUri": root, "workspaceFolders": folders, "capabilities": capabilities
    });
    let id = client.ask("initialize", params.clone());
    let server = client.answer(&id).expect("initialized");
    client.encoding = Encoding::from_name(server["capabilities"]["positionEncoding"].as_str().expect("an encoding"));
    client.notify("initialized", json!({}));
    if client.chance.one_in(4) {
        let id = client.ask("initialize", params);
        assert_eq!(client.answer(&id), Err(-32600), "a second initialize");
    }
    pulls
}

/// The text of every document, here and there.
fn compare(client: &mut Client, uris: &[String]) {
    client.answer_late();
    for uri in uris {
        // Whoever answers examines.
        let id = client.ask("aspm/text", json!({ "uri": uri }));
        client.answer(&id).expect("answered");
    }
    client.wait("an answer to every request", |client| client.asked.is_empty().then_some(()));
}

/// After all that the server still finds what it should, in a text with two more lines.
fn still_works(client: &mut Client, uri: &str, pulls: bool) {
    for other in client.open.keys().cloned().collect::<Vec<_>>() {
        client.close_document(&other);
    }
    let settings = json!({ "aspm": { "codeLens": true, "minimumSeverity": "info" } });
    client.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
    let text = format!("# one\n\u{1F600} = 'two'\n{APP}");
    client.open_document(uri, &text);
    let encoding = client.encoding;
    let is_right = |diagnostics: &[Value]| {
        let covered = diagnostics.iter().map(|it| model::covered(&text, &it["range"], encoding));
        covered.eq([Some("eval(x)"), Some("os.system('ls ' + path)")])
    };
    if pulls {
        let deadline = crate::support::deadline();
        loop {
            let id = client.ask("textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }));
            let report = client.answer(&id).expect("answered");
            if report["items"].as_array().is_some_and(|items| is_right(items)) {
                return;
            }
            assert!(std::time::Instant::now() < deadline, "at the end it shows {report}");
        }
    }
    let version = client.open[uri].version;
    client.wait("the right findings at the end", |client| {
        let (shown, diagnostics) = client.published.get(uri)?;
        (*shown == Some(version) && is_right(diagnostics)).then_some(())
    });
}

/// Leaves, in one of the ways there are.
fn leave(client: &mut Client) {
    client.answer_late();
    let is_polite = !client.chance.one_in(4);
    if is_polite {
        let id = client.ask("shutdown", Value::Null);
        assert_eq!(client.answer(&id), Ok(Value::Null));
        for _ in 0..client.chance.below(4) {
            let method = *client.chance.pick(&["textDocument/hover", "shutdown", "initialize", "aspm/gate"]);
            let id = client.ask(method, json!({}));
            assert_eq!(client.answer(&id), Err(-32600), "{method} after shutdown");
            client.notify("textDocument/didClose", json!({ "textDocument": { "uri": "file:///x" } }));
        }
    }
    if client.chance.one_in(3) {
        client.process.close_stdin();
    } else {
        client.notify("exit", Value::Null);
    }
    let status = client.process.wait().expect("it ends");
    while !client.is_over {
        let frame = client.process.next(crate::support::deadline()).expect("the end of its output");
        client.take(frame);
    }
    assert_eq!(status.code(), Some(i32::from(!is_polite)), "exit code");
    assert!(client.asked.is_empty(), "never answered: {:?}", client.asked.keys());
    let errors = client.process.errors();
    for word in ["panicked", "awaited", "lost track"] {
        assert!(!errors.contains(word), "on standard error: {errors}");
    }
}
