//! The log as code hosts and viewers read it. That it is valid is `schemas`' work.

use finding::{ExceptionOrigin, ExceptionState};
use serde_json::{Value, json};

use super::{reports, sarif};
use crate::cli::check::format::GateReport;

fn results(log: &Value) -> Vec<Value> {
    let runs = log["runs"].as_array().expect("runs");
    runs.iter().flat_map(|run| run["results"].as_array().expect("results").clone()).collect()
}

fn result(report: &GateReport, rule: &str) -> Value {
    results(&sarif(report)).into_iter().find(|result| result["ruleId"] == rule).expect("a result")
}

#[test]
fn the_first_run_is_the_gate_and_every_other_is_a_tool() {
    let log = sarif(&reports::places());
    let names: Vec<&Value> =
        log["runs"].as_array().expect("runs").iter().map(|run| &run["tool"]["driver"]["name"]).collect();
    assert_eq!(names, ["aspm-lsp", "Bandit", "Trivy"]);
    assert_eq!(log["runs"][0]["results"], json!([]));
    for run in log["runs"].as_array().expect("runs") {
        assert_eq!(run["automationDetails"]["id"], "aspm-lsp/");
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        assert_eq!(run["versionControlProvenance"][0]["repositoryUri"], "https://git.example/shop");
        assert_eq!(run["versionControlProvenance"][0]["branch"], "feature/labels");
    }
    assert_eq!(log["runs"][1]["tool"]["extensions"][0]["name"], "aspm-lsp");
}

#[test]
fn a_result_says_what_policy_says() {
    let report = reports::violations();
    let shell = result(&report, "B602");
    assert_eq!(shell["level"], "error");
    assert_eq!(shell["baselineState"], "new");
    assert_eq!(shell["rank"], 82.0);
    assert_eq!(shell["partialFingerprints"], json!({ "aspmFindingId/v1": "sarif:00b6020123456789abcd" }));
    let properties = &shell["properties"];
    assert_eq!(properties["verdict"], "block");
    assert_eq!(properties["risk"], 82);
    assert_eq!(properties["due"], "2026-04-01");
    assert_eq!(properties["change"], "introduced");
    assert_eq!(properties["violation"], true);
    assert_eq!(properties["placement"]["state"], "exact");
    assert_eq!(properties["placement"]["reason"], "unchanged since the scan");
    let text = shell["message"]["text"].as_str().expect("a text");
    assert!(text.ends_with("\nBlocks: Introduced with high risk (82 of 100) [introduced-high-risk]"), "{text}");
    assert_eq!(result(&report, "B307")["level"], "warning");
    assert_eq!(result(&report, "B307")["baselineState"], "updated");
    assert_eq!(result(&report, "B404")["level"], "note");
    assert_eq!(result(&report, "B404")["baselineState"], "unchanged");
}

#[test]
fn every_result_names_its_rule_by_index_and_has_a_place() {
    for (name, report) in reports::all() {
        for run in sarif(&report)["runs"].as_array().expect("runs") {
            let rules = run["tool"]["driver"]["rules"].as_array().cloned().unwrap_or_default();
            for result in run["results"].as_array().expect("results") {
                let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
                assert_eq!(rules[index]["id"], result["ruleId"], "{name}");
                assert!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].is_string(), "{name}");
            }
        }
    }
}

#[test]
fn places_are_relative_encoded_and_in_code_points() {
    let report = reports::places();
    let at = |rule: &str| result(&report, rule)["locations"][0]["physicalLocation"].clone();
    assert_eq!(
        at("B307"),
        json!({
            "artifactLocation": { "uri": "docs/caf%C3%A9%20100%25/a%2Cb%3Ac.py", "uriBaseId": "%SRCROOT%" },
            "region": { "startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 13 }
        })
    );
    assert_eq!(at("B101"), json!({ "artifactLocation": { "uri": "api/labels.py", "uriBaseId": "%SRCROOT%" } }));
    assert_eq!(at("B102"), json!({ "artifactLocation": { "uri": "file:///builds/shop/api/old.py" } }));
    assert_eq!(at("CVE-2021-23337"), json!({ "artifactLocation": { "uri": ".", "uriBaseId": "%SRCROOT%" } }));
}

#[test]
fn exceptions_are_suppressions() {
    let mut report = reports::violations();
    let exception = result(&report, "B307")["suppressions"][0].clone();
    assert_eq!(exception["kind"], "external");
    assert_eq!(exception["status"], "underReview");
    assert_eq!(exception["justification"], "the note is written by ourselves");
    assert_eq!(exception["properties"]["ticket"], "SEC-12");
    for (origin, kind) in [
        (ExceptionOrigin::Comment, "inSource"),
        (ExceptionOrigin::Source, "external"),
        (ExceptionOrigin::File, "external"),
    ] {
        for (state, status) in [
            (ExceptionState::Approved, "accepted"),
            (ExceptionState::Requested, "underReview"),
            (ExceptionState::Unauthorized, "rejected"),
        ] {
            let info = report.findings.iter_mut().find(|info| info.rule == "B307").expect("the finding");
            let exception = info.exception.as_mut().expect("an exception");
            (exception.origin, exception.state) = (origin, state);
            let written = result(&report, "B307")["suppressions"][0].clone();
            assert_eq!((&written["kind"], &written["status"]), (&json!(kind), &json!(status)));
        }
    }
}

#[test]
fn what_concerns_the_change_as_a_whole_is_a_notification() {
    let log = sarif(&reports::violations());
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    let first = &invocation["toolExecutionNotifications"][0];
    assert_eq!(first["level"], "error");
    assert_eq!(first["descriptor"], json!({ "id": "violation", "index": 0 }));
    assert_eq!(first["message"]["text"], "No scan of Semgrep, which this application requires [required-scanner]");
    let gate = &invocation["toolConfigurationNotifications"][0];
    assert_eq!(gate["message"]["text"], ".aspm/exceptions.yaml changed: takes effect once merged");
}

#[test]
fn what_nobody_can_say_was_no_successful_execution() {
    let log = sarif(&reports::undecided());
    for run in log["runs"].as_array().expect("runs") {
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    }
    let told = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
    let levels: Vec<&Value> = told.iter().map(|notification| &notification["level"]).collect();
    assert_eq!(levels, ["error", "error", "error", "warning", "warning"]);
}

#[test]
fn a_rule_is_told_as_a_code_host_wants_it() {
    let log = sarif(&reports::violations());
    let driver = &log["runs"][1]["tool"]["driver"];
    assert_eq!(driver["version"], "1.8.3");
    let rules = driver["rules"].as_array().expect("rules");
    let rule = rules.iter().find(|rule| rule["id"] == "B602").expect("the rule");
    assert_eq!(rule["helpUri"], "https://bandit.example/b602");
    assert_eq!(rule["properties"]["tags"], json!(["security", "external/cwe/cwe-078"]));
    assert_eq!(rule["properties"]["security-severity"], "8.0");
    assert!(rule["help"]["text"].as_str().is_some_and(|text| text.starts_with("Pass a list of arguments")));
    assert!(rule["fullDescription"]["text"].as_str().is_some_and(|text| text == "A shell reads what it is given."));
}

/// Every value of a key named so, anywhere in `value`.
fn under<'v>(key: &str, value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name == key {
                    found.push(member);
                }
                under(key, member, found);
            }
        }
        Value::Array(members) => members.iter().for_each(|member| under(key, member, found)),
        _ => {}
    }
}

#[test]
fn no_text_of_strangers_becomes_a_link() {
    let log = sarif(&reports::hostile());
    let mut texts = Vec::new();
    under("text", &log, &mut texts);
    assert!(texts.len() > 20);
    for text in texts {
        assert!(!text.as_str().expect("a text").contains("]("), "{text}");
    }
    let mut links = Vec::new();
    under("helpUri", &log, &mut links);
    assert!(links.iter().all(|link| link.as_str().is_some_and(|link| link.starts_with("https://"))), "{links:?}");
}

#[test]
fn every_descriptor_has_the_texts_that_code_hosts_require() {
    for (name, report) in reports::all() {
        for run in sarif(&report)["runs"].as_array().expect("runs") {
            let driver = &run["tool"]["driver"];
            assert!(driver["rules"].is_array(), "{name}: {driver}");
            let of = |key: &str| driver[key].as_array().cloned().unwrap_or_default();
            for descriptor in of("rules").iter().chain(&of("notifications")) {
                for key in ["shortDescription", "fullDescription", "help"] {
                    let text = descriptor[key]["text"].as_str().unwrap_or_default();
                    assert!(!text.trim().is_empty(), "{name}: no {key}: {descriptor}");
                }
            }
        }
    }
}
