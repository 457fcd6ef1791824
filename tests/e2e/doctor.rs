//! `doctor` about servers: what is wrong on each layer is told apart, with what to do, and nothing secret is told.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::{Central, Sealed, TOKEN, Workspace};

const APP: &str = "def calc(x):\n    return eval(x)\n";

fn setting() -> (Workspace, Central) {
    let workspace = Workspace::new(&[("app.py", APP)]);
    let head = workspace.git(&["rev-parse", "HEAD"]);
    let eval = json!([{ "title": "Eval", "file_path": "app.py", "line": 2, "severity": "Medium", "cwe": 95,
        "vuln_id_from_tool": "B307", "description": "Use of eval" }]);
    let central = Central::start(&head, &eval);
    central.bind(&workspace);
    (workspace, central)
}

/// What `doctor` says, without anything secret in it.
#[track_caller]
fn doctor(workspace: &Workspace, code: i32) -> String {
    doctor_with(workspace, code, &[])
}

#[track_caller]
fn doctor_with(workspace: &Workspace, code: i32, env: &[(&str, &str)]) -> String {
    let (found, out, err) = workspace.run_with(&["doctor"], env);
    assert_eq!(found, code, "{out}{err}");
    assert!(!out.contains(TOKEN) && !err.contains(TOKEN), "{out}{err}");
    out
}

#[track_caller]
fn says(text: &str, words: &[&str]) {
    for words in words {
        assert!(text.contains(words), "no {words:?} in:\n{text}");
    }
}

fn source(workspace: &Workspace, url: &str) {
    workspace.write("aspm.toml", format!("[[source]]\nname = \"central\"\nkind = \"defectdojo\"\nurl = \"{url}\"\n"));
}

fn lines(central: &Central) -> Vec<String> {
    let log = central.control("log", &Value::Null);
    let lines = log.as_array().expect("a log").iter();
    lines.map(|entry| entry["line"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_server_in_order_is_told_from_its_entry_to_its_engagements() {
    let (workspace, _central) = setting();
    assert_eq!(workspace.run(&["sync"]).0, 0);
    says(
        &doctor(&workspace, 0),
        &[
            "server: listed in your config.toml, its token is what the command `cat` prints",
            "way: no proxy",
            "account: signed in as dev",
            "clock: as the server's",
            "reads: product \"shop\", whose engagement \"main\" names this repository (git.example/acme/shop); its one \
             engagement: main",
            "outbox: nothing waits",
            "1 as they are",
            "No problems.",
        ],
    );
}

#[test]
fn a_server_that_only_the_repository_names_is_not_asked() {
    let (workspace, central) = setting();
    workspace.user_config("");
    let text = doctor(&workspace, 1);
    says(
        &text,
        &[
            "server: not one that you allow, so nothing was asked of it",
            &format!("do: if you know that server and it should be asked: aspm-lsp login {}", central.url),
            "central was never read",
        ],
    );
    assert_eq!(lines(&central), [""; 0], "no request came");
}

#[test]
fn a_token_that_is_wrong_is_told_from_one_that_may_not() {
    let (workspace, central) = setting();
    assert_eq!(workspace.run(&["sync"]).0, 0);
    std::fs::write(workspace.beside("token"), "f00d".repeat(10)).expect("written");
    says(&doctor(&workspace, 0), &["account: the token is not accepted", "it is wrong, expired", "API v2 Key"]);
    std::fs::write(workspace.beside("token"), TOKEN).expect("written");
    let denied = json!({ "detail": "You do not have permission to perform this action." }).to_string();
    let fault =
        json!({ "match": "user_profile", "do": "status", "status": 403, "type": "application/json", "body": denied });
    central.control("faults", &json!([fault]));
    says(
        &doctor(&workspace, 0),
        &[
            "account: the token is good, its account may not read",
            "ask an administrator of",
            "a new token does not help",
        ],
    );
    workspace.user_config(&format!("[[server]]\nurl = {:?}\n", central.url));
    let text = doctor(&workspace, 0);
    says(
        &text,
        &["without a credential", "wants a token, and none is configured", "do: aspm-lsp login http://127.0.0.1"],
    );
}

#[test]
fn a_repository_that_no_product_names_is_told_with_the_products_there_are() {
    let (workspace, _central) = setting();
    workspace.git(&["remote", "set-url", "origin", "git@git.example:acme/elsewhere.git"]);
    let text = doctor(&workspace, 1);
    says(
        &text,
        &[
            "account: signed in as dev",
            "none of the products that dev may see names this repository (git.example/acme/elsewhere). It may see: shop.",
            "do: `aspm-lsp init` shows them and writes your choice into aspm.toml",
        ],
    );
}

#[test]
fn a_clock_that_is_wrong_is_told() {
    let (workspace, central) = setting();
    assert_eq!(workspace.run(&["sync"]).0, 0);
    central.control("change", &json!({ "date_skew": 10_800 }));
    says(
        &doctor(&workspace, 0),
        &["clock: this computer's is", "hours behind the server's", "do: set this computer's clock by the network"],
    );
}

#[test]
fn without_a_network_the_cause_is_told_and_what_is_known_still_counts() {
    let (workspace, central) = setting();
    assert_eq!(workspace.run(&["sync"]).0, 0);
    drop(central);
    let text = doctor(&workspace, 0);
    says(&text, &["central: 1 finding", "answer: not reachable", "the connection was refused", "do: work goes on"]);
}

#[test]
fn a_name_that_nobody_knows_and_a_proxy_that_is_down_are_told_apart() {
    let (workspace, _central) = setting();
    source(&workspace, "https://dojo.invalid");
    workspace.user_config("[[server]]\nurl = \"https://dojo.invalid\"\n");
    says(
        &doctor(&workspace, 1),
        &["the name could not be looked up", "not reachable", "the name dojo.invalid could not be looked up"],
    );
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let proxy = format!("http://user:hunter2@{closed}");
    let text = doctor_with(&workspace, 1, &[("HTTPS_PROXY", &proxy)]);
    says(&text, &[&format!("way: through the proxy http://{closed}"), "refused the connection", "HTTPS_PROXY"]);
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn traffic_that_is_looked_into_is_told_by_who_issued_the_certificate() {
    let (workspace, _central) = setting();
    let sealed = Sealed::start("Acme Interception CA");
    source(&workspace, &sealed.url);
    let token = workspace.beside("token");
    let auth = format!("{{ command = [\"cat\", {:?}] }}", token.display().to_string());
    workspace.user_config(&format!("[[server]]\nurl = {:?}\nauth = {auth}\n", sealed.url));
    let text = doctor(&workspace, 1);
    says(
        &text,
        &[
            "certificate: issued by \"Acme Interception CA\", valid until",
            "does not trust the certificate that came",
            "It is issued by \"Acme Interception CA\".",
            "ca = \"/path/to/ca.pem\"",
        ],
    );
    assert_eq!(sealed.received(), 0, "nothing was sent to it");
}

#[test]
fn triage_that_waits_is_told() {
    let (workspace, _central) = setting();
    assert_eq!(workspace.run(&["sync"]).0, 0);
    let (_, list, _) = workspace.run(&["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let id = list["findings"][0]["id"].as_str().expect("an id").to_owned();
    let triage = ["triage", &id, "--status", "false_positive", "--reason", "Only numbers reach it.", "--queue"];
    assert_eq!(workspace.run(&triage).0, 0);
    says(&doctor(&workspace, 0), &["outbox: 1 triage to be sent", "do: `aspm-lsp sync` sends what waits"]);
}

#[test]
fn a_configuration_with_mistakes_asks_nobody() {
    let (workspace, central) = setting();
    workspace.user_config("[[server]]\nurl = 7\n");
    let text = doctor(&workspace, 1);
    says(&text, &["server: not asked, your configuration has mistakes", "do: correct "]);
    assert_eq!(lines(&central), [""; 0]);
}
