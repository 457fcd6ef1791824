//! What servers and networks do, as a developer meets it: it is said in words, what was read before stays, nothing is
//! taken for complete that is not, triage arrives once, and nobody waits who types.

use serde_json::{Value, json};

use crate::support::{Central, Editor, Profile, Sealed, TOKEN, both, synced_shop};

fn detail(words: &str) -> Value {
    json!({ "do": "status", "status": 403, "type": "application/json", "body": json!({ "detail": words }).to_string() })
}

/// What goes wrong with every request for findings, and what is said of it.
fn faults() -> Vec<(Value, &'static str)> {
    let status = |status: u16| json!({ "do": "status", "status": status, "body": "<h1>No</h1>" });
    vec![
        (json!({ "do": "cut_before" }), "broke off"),
        (json!({ "do": "cut_after" }), "broke off"),
        (json!({ "do": "cut_body" }), "broke off"),
        (status(500), "answered 500"),
        (status(502), "answered 502"),
        (json!({ "do": "status", "status": 503, "headers": { "Retry-After": "3600" } }), "answered 503"),
        (json!({ "do": "status", "status": 429, "headers": { "Retry-After": "3600" } }), "fewer requests"),
        (status(413), "too large"),
        (status(414), "too large"),
        (detail("Invalid token."), "does not know the API token"),
        (detail("You do not have permission to perform this action."), "permission"),
        (json!({ "do": "truncate" }), "could not be understood"),
        (json!({ "do": "garbage", "body": "<html>Please sign in</html>" }), "a web page came"),
        (json!({ "do": "wrong_types", "fields": ["count"] }), "without a count"),
        (json!({ "do": "wrong_types", "fields": ["results"] }), ""),
        (json!({ "do": "huge" }), "larger than"),
        (json!({ "do": "redirect", "to": "https://elsewhere.example/api/v2/findings/" }), "not a server you allow"),
    ]
}

fn close(central: &Central, title: &str) {
    let number = central.finding(title)["id"].clone();
    central.control("change", &json!({ "close": number }));
}

/// All cases at once: most of their time they wait.
fn each<T: Send + Sync>(cases: &[T], test: impl Fn(&T) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| test(case));
        }
    });
}

#[test]
fn a_fault_is_told_what_was_read_stays_and_the_next_sync_is_whole() {
    each(&faults(), |(fault, words)| {
        let (workspace, central) = synced_shop();
        close(&central, "Shell");
        let mut fault = fault.clone();
        (fault["match"], fault["times"]) = (json!("/findings/"), json!(0));
        central.control("faults", &json!([fault]));
        for arguments in [&["sync"][..], &["sync", "--full"]] {
            let (code, out, err) = workspace.run(arguments);
            assert_eq!(code, 1, "{fault} {out}{err}");
            let said = err.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(!said.is_empty() && said.contains(words), "{fault}: {said}");
            assert!(!said.contains(TOKEN) && !said.contains("panicked"), "{fault}: {said}");
            assert!(out.contains("2 findings"), "{fault}: what was there stays: {out}");
        }
        let (_, out, _) = workspace.run(&["list"]);
        assert!(out.contains("2 open findings"), "{fault}: {out}");
        central.control("calm", &Value::Null);
        let (code, out, err) = workspace.run(&["sync"]);
        assert_eq!(code, 0, "{fault}: {out}{err}");
        assert!(workspace.run(&["list"]).1.contains("1 open finding"), "{fault}");
    });
}

#[test]
fn a_first_reading_that_fails_is_no_data_and_not_no_findings() {
    each(&faults(), |(fault, words)| {
        let (workspace, central) = synced_shop();
        let fresh = workspace.beside("fresh").display().to_string();
        let mut fault = fault.clone();
        (fault["match"], fault["times"]) = (json!("/findings/"), json!(0));
        central.control("faults", &json!([fault]));
        let (code, out, err) = workspace.run_with(&["sync"], &[("ASPM_CACHE_DIR", &fresh)]);
        assert_eq!(code, 3, "{fault} {out}{err}");
        assert!(out.contains("no data") && !out.contains("0 findings"), "{fault}: {out}");
        let said = err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!said.is_empty() && said.contains(words), "{fault}: {said}");
    });
}

#[test]
fn triage_arrives_once_whatever_happened_on_the_way() {
    let cases = [
        json!({ "do": "cut_before" }),
        json!({ "do": "cut_after" }),
        json!({ "do": "cut_body" }),
        json!({ "do": "status", "status": 500, "body": "<h1>No</h1>" }),
        json!({ "do": "status", "status": 429, "headers": { "Retry-After": "3600" } }),
        json!({ "do": "status", "status": 413 }),
        json!({ "do": "truncate" }),
        json!({ "do": "garbage", "body": "<html>Please sign in</html>" }),
        json!({ "do": "redirect", "to": "https://elsewhere.example/" }),
    ];
    each(&cases, |fault| {
        // The first request that writes, or the one after it.
        for skip in [0, 1] {
            let (workspace, central) = synced_shop();
            let id = workspace.id_of("B307");
            let mut fault = fault.clone();
            (fault["match"], fault["times"], fault["skip"]) = (json!("^(PATCH|POST)"), json!(0), json!(skip));
            central.control("faults", &json!([fault]));
            let said = ["--status", "false_positive", "--reason", "Only numbers."];
            let (code, out, err) = workspace.run(&[&["triage", &id][..], &said].concat());
            assert!(matches!(code, 0 | 1 | 4) && out.contains("Queued"), "{fault}: {code} {out}{err}");
            central.control("calm", &Value::Null);
            let listed = workspace.run(&["outbox", "list"]).1;
            if let Some((name, _)) = listed.split_once(": false positive for ") {
                let (code, out, err) = workspace.run(&["outbox", "retry", name]);
                assert_eq!(code, 0, "{fault}: {out}{err}");
            }
            let there = central.finding("Eval");
            assert_eq!((&there["false_p"], &there["active"]), (&json!(true), &json!(false)), "{fault}: {there:#}");
            assert_eq!(central.said("Eval", "Only numbers."), 1, "{fault}: {there:#}");
            assert!(workspace.run(&["outbox", "list"]).1.contains("Nothing waits"), "{fault}");
        }
    });
}

#[test]
fn an_answer_that_drips_is_not_felt_in_the_editor_and_holds_nobody_up_who_leaves() {
    let (workspace, central) = synced_shop();
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    editor.wait_shown("app.py", "both", both);
    editor.wait_ready();
    close(&central, "Shell");
    central.control("log", &Value::Null);
    // Some kilobytes: minutes.
    central.control("faults", &json!([{ "match": "/findings/", "times": 0, "do": "drip", "seconds": 0.05 }]));
    editor.command("aspm.sync", Value::Null).expect("accepted");
    editor.wait("the server being asked", |_| {
        central.control("log", &Value::Null).to_string().contains("/findings/").then_some(())
    });
    for _ in 0..20 {
        assert!(editor.hover_text("app.py", "eval(x)").contains("Eval"));
        editor.insert("app.py", 0, "# typed\n");
        editor.wait_shown("app.py", "both, further down", both);
    }
    editor.answers = crate::support::Answers::Refused;
    editor.leave();
}

#[test]
fn an_answer_that_comes_slowly_but_comes_is_read() {
    let (workspace, central) = synced_shop();
    close(&central, "Shell");
    central.control("faults", &json!([{ "match": "/findings/", "times": 0, "do": "drip", "seconds": 0.0002 }]));
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(workspace.run(&["list"]).1.contains("1 open finding"));
}

#[test]
fn values_of_other_types_in_a_finding_cost_that_value_and_not_the_finding() {
    let (workspace, central) = synced_shop();
    let fields = ["cwe", "tags", "description", "title", "severity", "notes", "epss_score", "sla_expiration_date"];
    central.control("faults", &json!([{ "match": "/findings/", "times": 0, "do": "wrong_types", "fields": fields }]));
    let (code, out, err) = workspace.run(&["sync", "--full"]);
    assert_eq!(code, 0, "{out}{err}");
    let (_, out, _) = workspace.run(&["list"]);
    assert!(out.contains("2 open findings: 2 exact"), "{out}");
}

#[test]
fn a_finding_of_megabytes_is_shown_within_bounds() {
    let (workspace, central) = synced_shop();
    let number = central.finding("Eval")["id"].clone();
    let long = "word ".repeat(800_000);
    let title = "T".repeat(500);
    central.control("change", &json!({ "touch": number, "fields": { "title": title, "description": long, "mitigation": long, "impact": long } }));
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 0, "{out}{err}");
    let mut editor = Editor::start(&workspace, Profile::push());
    editor.open("app.py");
    let shown = editor.wait_shown("app.py", "both", both);
    assert!(shown[1].raw.to_string().len() < 100_000, "{} bytes", shown[1].raw.to_string().len());
    let hover = editor.hover_text("app.py", "eval(x)");
    assert!(!hover.is_empty() && hover.len() < 200_000, "{} bytes", hover.len());
    let (code, out, _) = workspace.run(&["show", &shown[1].ids[0]]);
    assert!(code == 0 && out.len() < 1_000_000, "{} bytes", out.len());
}

#[test]
fn a_server_whose_clock_is_wrong_hides_no_change() {
    for skew in [-86_400, 86_400] {
        let (workspace, central) = synced_shop();
        central.control("change", &json!({ "date_skew": skew }));
        assert_eq!(workspace.run(&["sync", "--full"]).0, 0);
        close(&central, "Shell");
        let (code, out, err) = workspace.run(&["sync"]);
        assert_eq!(code, 0, "{skew}: {out}{err}");
        assert!(workspace.run(&["list"]).1.contains("1 open finding"), "{skew}");
        // And once it is right again.
        central.control("change", &json!({ "date_skew": 0 }));
        close(&central, "Eval");
        assert_eq!(workspace.run(&["sync"]).0, 0);
        assert!(workspace.run(&["list"]).1.contains("No open findings"), "{skew}");
    }
}

#[test]
fn a_certificate_that_expired_is_told_and_nothing_is_sent() {
    let (workspace, _central) = synced_shop();
    let authority = workspace.beside("authority.pem");
    let sealed = Sealed::expired(&authority);
    workspace
        .write("aspm.toml", format!("[[source]]\nname = \"central\"\nkind = \"defectdojo\"\nurl = {:?}\n", sealed.url));
    let token = workspace.beside("token").display().to_string();
    let ca = authority.display().to_string();
    workspace.user_config(&format!(
        "[[server]]\nurl = {:?}\nca = {ca:?}\nauth = {{ command = [\"cat\", {token:?}] }}\n",
        sealed.url
    ));
    let (code, out, err) = workspace.run(&["sync"]);
    assert_eq!(code, 3, "nothing of that server was ever read: {out}{err}");
    let said = err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("certificate") && said.contains("expired"), "{said}");
    assert_eq!(sealed.received(), 0, "no token went there");
    let (_, out, _) = workspace.run(&["doctor"]);
    assert!(out.contains("expired"), "{out}");
}
