//! Two accounts of one person at one server: each has the findings that it may see, and sends what it said itself.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Central, Editor, Profile, TOKEN, Workspace};

const APP: &str = "import os\n\ndef sh(c):\n    return os.system(c)\n\ndef calc(x):\n    return eval(x)\n";
const ANN: &str = "1111111111111111111111111111111111111111";

/// What `dev` may see of the repository is the `eval`, what `ann` may see the shell.
fn setting() -> (Workspace, Central) {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let head = workspace.git(&["rev-parse", "HEAD"]);
    let central = Central::start(&head, &json!([]));
    let product = |name: &str, user: &str, finding: Value| {
        json!({ "name": name, "authorized": [user], "engagements": [{
            "name": "main", "repository": "https://git.example/acme/shop",
            "tests": [{ "type": "Bandit Scan", "branch_tag": "main", "commit_hash": head, "findings": [finding] }]
        }] })
    };
    let eval = json!({ "title": "Eval", "file_path": "app.py", "line": 7, "severity": "Medium", "cwe": 95,
        "vuln_id_from_tool": "B307", "description": "Use of eval" });
    let shell = json!({ "title": "Shell", "file_path": "app.py", "line": 4, "severity": "High", "cwe": 78,
        "vuln_id_from_tool": "B605", "description": "Starting a process with a shell" });
    central.control(
        "reset",
        &json!({
            "users": [{ "username": "dev", "token": TOKEN, "password": "dev" },
                      { "username": "ann", "token": ANN, "password": "ann" }],
            "products": [product("shop-dev", "dev", eval), product("shop-ann", "ann", shell)]
        }),
    );
    central.bind(&workspace);
    workspace.user_config("");
    (workspace, central)
}

fn login(workspace: &Workspace, central: &Central, token: &str) {
    let mut command = workspace.command(&["login", &central.url, "--token-stdin", "--store", "file"]);
    let mut process =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    process.stdin.take().expect("piped").write_all(token.as_bytes()).expect("taken");
    let output = process.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn sync(workspace: &Workspace) {
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
}

fn listed(workspace: &Workspace) -> Vec<String> {
    let (_, out, err) = workspace.run(&["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let rules = list["findings"].as_array().expect("findings").iter();
    rules.map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect()
}

fn id_of(workspace: &Workspace) -> String {
    let (_, out, _) = workspace.run(&["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&out).expect("JSON");
    list["findings"][0]["id"].as_str().expect("an id").to_owned()
}

/// Requests since the last look whose line contains `what`.
fn requests(central: &Central, what: &str) -> usize {
    let log = central.control("log", &Value::Null);
    log.as_array().expect("a log").iter().filter(|line| line.to_string().contains(what)).count()
}

fn offline(central: &Central) {
    central.control("faults", &json!([{ "match": "", "times": 0, "do": "cut_before" }]));
}

#[test]
fn each_account_has_its_own_findings_and_finds_them_again_at_once() {
    let (workspace, central) = setting();
    login(&workspace, &central, TOKEN);
    sync(&workspace);
    assert_eq!(listed(&workspace), ["B307"]);

    login(&workspace, &central, ANN);
    assert_eq!(listed(&workspace), Vec::<String>::new(), "nothing of dev's, not for a moment");
    let (code, _, err) = workspace.run(&["list"]);
    assert_eq!(code, 3, "that is no data, and not no findings: {err}");
    sync(&workspace);
    assert_eq!(listed(&workspace), ["B605"]);

    login(&workspace, &central, TOKEN);
    central.control("log", &Value::Null);
    offline(&central);
    assert_eq!(listed(&workspace), ["B307"], "as it was read before, without asking anybody");
    let (code, out, _) = workspace.run(&["sync"]);
    assert_eq!(code, 1);
    assert!(out.contains("1 finding"), "{out}");
    assert_eq!(listed(&workspace), ["B307"]);
}

#[test]
fn whose_a_credential_is_is_asked_once() {
    let (workspace, central) = setting();
    // Not signed in here: the token comes from a command of the user's.
    central.bind_user(&workspace, "");
    sync(&workspace);
    assert_eq!(requests(&central, "user_profile"), 1);
    sync(&workspace);
    assert_eq!(requests(&central, "user_profile"), 0);
    offline(&central);
    assert_eq!(listed(&workspace), ["B307"]);
}

#[test]
fn a_variable_with_another_token_shows_nothing_of_the_first_ones_findings() {
    let (workspace, central) = setting();
    workspace.user_config(&format!("[[server]]\nurl = {:?}\nauth = {{ env = \"DOJO\" }}\n", central.url));
    let run = |token: &str, arguments: &[&str]| workspace.run_with(arguments, &[("DOJO", token)]);
    assert_eq!(run(TOKEN, &["sync"]).0, 0);
    assert!(run(TOKEN, &["list"]).1.contains("B307"));
    let (code, out, _) = run(ANN, &["list"]);
    assert!(code == 3 && !out.contains("B307"), "{out}");
    assert_eq!(run(ANN, &["sync"]).0, 0);
    assert!(run(ANN, &["list"]).1.contains("B605"));
    let (_, out, _) = run(TOKEN, &["list"]);
    assert!(out.contains("B307") && !out.contains("B605"), "{out}");
}

#[test]
fn an_editor_follows_when_somebody_else_signs_in_at_a_terminal() {
    let (workspace, central) = setting();
    login(&workspace, &central, TOKEN);
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "dev's", |shown| shown.len() == 1 && shown[0].code == "B307");
    login(&workspace, &central, ANN);
    editor.command("aspm.sync", Value::Null).expect("accepted");
    editor.wait_shown("app.py", "ann's", |shown| shown.len() == 1 && shown[0].code == "B605");
    let log = central.control("log", &Value::Null);
    assert!(!log.to_string().contains("\"status\":403"), "nobody's token was used for another: {log}");
}

#[test]
fn what_one_account_queued_is_not_sent_by_another_and_not_lost() {
    let (workspace, central) = setting();
    login(&workspace, &central, TOKEN);
    sync(&workspace);
    let id = id_of(&workspace);
    offline(&central);
    let triage = ["triage", &id, "--status", "false_positive", "--reason", "Only numbers reach it."];
    assert_eq!(workspace.run(&triage).0, 4, "queued");
    central.control("calm", &Value::Null);

    login(&workspace, &central, ANN);
    sync(&workspace);
    let (_, out, err) = workspace.run(&["outbox", "list"]);
    let said = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("waits for dev, who queued it, to be signed in again"), "{out}{err}");
    assert!(said.contains("sends it as ann"), "{out}");
    assert_eq!(central.finding("Eval")["false_p"], false, "ann did not say that");

    login(&workspace, &central, TOKEN);
    sync(&workspace);
    assert_eq!(central.finding("Eval")["false_p"], true);
    assert!(workspace.run(&["outbox", "list"]).1.contains("Nothing waits"));
}

#[test]
fn another_account_sends_it_as_its_own_when_it_says_so() {
    let (workspace, central) = setting();
    login(&workspace, &central, TOKEN);
    sync(&workspace);
    let id = id_of(&workspace);
    offline(&central);
    assert_eq!(workspace.run(&["triage", &id, "--status", "note", "--reason", "Looked at."]).0, 4, "queued");
    central.control("calm", &Value::Null);
    // From now on ann may see what dev sees.
    central.control("change", &json!({ "product": 1, "fields": { "authorized_users": [1, 2] } }));
    login(&workspace, &central, ANN);
    let waiting = workspace.run(&["outbox", "list"]).1;
    let name = waiting.split(':').next().expect("a name").trim().to_owned();
    let (code, out, err) = workspace.run(&["outbox", "retry", &name]);
    assert_eq!(code, 0, "{out}{err}");
    let note = central.finding("Eval")["notes"][0].clone();
    assert!(note["entry"].as_str().is_some_and(|entry| entry.starts_with("Looked at.")), "{note}");
    assert_eq!(note["author"]["username"], "ann", "{note}");
}

#[test]
fn a_cache_of_before_accounts_were_told_apart_is_not_shown_and_what_was_queued_then_is_sent() {
    let (workspace, central) = setting();
    login(&workspace, &central, TOKEN);
    sync(&workspace);
    let id = id_of(&workspace);
    offline(&central);
    assert_eq!(workspace.run(&["triage", &id, "--status", "note", "--reason", "Looked at."]).0, 4, "queued");
    // As an earlier version left it: nothing says whose anything is.
    let outbox = workspace.beside("data/outbox.db");
    let python = "import hashlib, json, sqlite3, sys\n\
        c = sqlite3.connect(sys.argv[1])\n\
        for n, body in c.execute('select number, body from entry').fetchall():\n\
        \x20   r = json.loads(body)\n\
        \x20   r['entry']['source']['account'] = ''\n\
        \x20   r['entry'].pop('by')\n\
        \x20   b = json.dumps(r).encode()\n\
        \x20   c.execute(\"update entry set account = '', body = ?, digest = ? where number = ?\",\n\
        \x20             (b, hashlib.sha256(b).digest(), n))\n\
        c.commit()\n";
    let done = std::process::Command::new("python3").args(["-c", python]).arg(&outbox).status().expect("python3 runs");
    assert!(done.success());
    std::fs::remove_dir_all(workspace.cache().join("accounts")).expect("there");
    let (_, out, _) = workspace.run(&["outbox", "list"]);
    assert!(out.contains("note for") && !out.contains("waits for"), "{out}");
    central.control("calm", &Value::Null);
    sync(&workspace);
    assert_eq!(central.finding("Eval")["notes"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed(&workspace), ["B307"]);
}
