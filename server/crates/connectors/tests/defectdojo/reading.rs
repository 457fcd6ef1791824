//! From rows to findings: every shape that tools and importers leave.

use finding::{Confidence, Kind, Region, Severity, StatusValue};
use serde_json::{Value, json};

use crate::support::{StandIn, bandit, print, pulled, recorded, shop};

/// Recorded rows as a server of our own holds them.
fn of_recording(name: &str, kind: &str) -> Option<StandIn> {
    let rows = recorded(name)?["body"]["results"].as_array().unwrap().clone();
    let rows: Vec<Value> = rows
        .into_iter()
        .map(|mut row| {
            for own in ["test", "related_fields", "found_by", "accepted_risks", "duplicate_finding"] {
                row.as_object_mut().unwrap().remove(own);
            }
            row
        })
        .collect();
    Some(StandIn::new(&shop(
        &json!({"type": kind, "branch_tag": "master", "commit_hash": "19d17cc8", "findings": rows}),
    )))
}

#[test]
fn a_bandit_finding_is_read_whole() {
    let Some(server) = of_recording("20-findings-page", "Bandit Scan") else { return };
    let memory = pulled(&server);
    let found = memory.by_number(1).unwrap();
    assert_eq!((found.kind, found.tool.name.as_str(), found.severity), (Kind::Code, "Bandit", Severity::Low));
    assert_eq!((found.rule.id.as_str(), found.rule.name.as_deref()), ("B110", Some("try_except_pass")));
    assert_eq!(
        found.rule.help_url.as_deref(),
        Some("https://bandit.readthedocs.io/en/1.9.4/plugins/b110_try_except_pass.html")
    );
    assert_eq!(found.message.lines().next(), Some("Try, Except, Pass Detected."));
    assert_eq!(found.confidence, Some(Confidence::High));
    assert_eq!(found.evidence.path.as_deref(), Some("challenge/management/commands/populate_challenge.py"));
    assert_eq!(found.evidence.region, Some(Region::line(17)));
    assert_eq!(found.evidence.snippet.as_deref(), Some("                except:"));
    assert_eq!(found.evidence.context.as_ref().unwrap().0, 16);
    assert_eq!(
        (found.evidence.commit.as_deref(), found.evidence.branch.as_deref()),
        (Some("19d17cc8"), Some("master"))
    );
    assert_eq!(found.due.as_deref(), Some("2027-03-23"));
    assert_eq!(found.status.value, StatusValue::Open);
    assert_eq!(found.rule.tags, ["ci", "sast"]);
    assert_eq!(found.link, Some(format!("{}/finding/1", server.url)));
    assert_eq!((print(found, "defectdojo/id"), print(found, "defectdojo/state")), (Some("1"), Some("active")));
    assert!(found.id.as_str().starts_with("central:"));
}

#[test]
fn each_tools_rows_become_what_they_are() {
    let cases: Value = serde_json::from_str(include_str!("../fixtures/dojo_tools.json")).unwrap();
    for case in cases.as_array().unwrap() {
        let at = case["recording"].as_str().unwrap();
        let Some(server) = of_recording(at, case["type"].as_str().unwrap()) else { return };
        let memory = pulled(&server);
        let found = memory.by_number(case["number"].as_i64().unwrap()).unwrap();
        let component = found.component.as_ref().map(|known| json!([known.name, known.version, known.fixed]));
        let read = json!({
            "kind": found.kind,
            "tool": found.tool.name,
            "rule": found.rule.id,
            "path": found.evidence.path,
            "lines": found.evidence.region.map(|region| [region.line, region.end_line]),
            "snippet": found.evidence.snippet,
            "component": component,
        });
        assert_eq!(read, case["read"], "{at}");
        assert!(!found.message.is_empty() && found.rule.cwes.iter().all(|cwe| *cwe > 0), "{at}");
    }
}

#[test]
fn scores_and_flows_are_kept() {
    let Some(server) = of_recording("106-snyk-epss", "Snyk Scan") else { return };
    let memory = pulled(&server);
    let found = memory.by_number(8072).unwrap();
    assert_eq!((found.epss, found.cvss, found.known_exploited), (Some(0.00046), Some(4.8), Some(false)));
    assert_eq!(found.vulnerability_ids, ["CVE-2023-4039"]);
    let Some(server) = of_recording("103-checkmarx-xml", "Checkmarx Scan detailed") else { return };
    let memory = pulled(&server);
    let found = memory.by_number(7940).unwrap();
    let steps: Vec<_> =
        found.flow.iter().map(|step| (step.evidence.region.unwrap().line, step.message.as_str())).collect();
    assert_eq!(steps.first(), Some(&(38, "username_login")));
    assert_eq!(steps.last(), Some(&(50, "executeQuery")));
    assert_eq!(found.rule.cwes, [89]);
}

#[test]
fn a_flow_without_a_listing_goes_from_source_to_sink() {
    let mut row = bandit("a.py", 9, "run(x)");
    row["sast_source_file_path"] = json!("b.py");
    row["sast_source_line"] = json!(3);
    row["sast_source_object"] = json!("x");
    row["sast_sink_object"] = json!("run");
    let memory = pulled(&StandIn::with(&[row]));
    let steps: Vec<_> = memory
        .only()
        .flow
        .iter()
        .map(|step| (step.evidence.path.as_deref().unwrap(), step.evidence.region.unwrap().line, step.message.as_str()))
        .collect();
    assert_eq!(steps, [("b.py", 3, "x"), ("a.py", 9, "run")]);
}

#[test]
fn what_people_decided_is_read_with_who_when_why_and_until() {
    let server =
        StandIn::with(&(1..=7).map(|line| bandit("a.py", line * 10, &format!("eval(x{line})"))).collect::<Vec<_>>());
    let decide = |number: i64, body: Value, entry: &str| {
        server.change(&json!({"patch": number, "body": body}));
        if !entry.is_empty() {
            server.change(&json!({"note": number, "entry": entry}));
        }
    };
    decide(1, json!({"false_p": true, "active": false, "verified": false}), "test code only");
    decide(2, json!({"out_of_scope": true, "active": false}), "");
    decide(4, json!({"duplicate": true, "active": false}), "");
    decide(5, json!({"active": false}), "");
    decide(7, json!({"verified": true}), "is real");
    server.change(&json!({"close": 3}));
    let memory = pulled(&server);
    let status = |number| memory.by_number(number).unwrap().status.clone();
    let first = status(1);
    assert_eq!(
        (first.value, first.by.as_deref(), first.reason.as_deref()),
        (StatusValue::FalsePositive, Some("admin"), Some("test code only"))
    );
    assert!(first.at.is_some());
    assert_eq!((status(2).value, status(2).by.as_deref()), (StatusValue::OutOfScope, Some("user 1")));
    assert_eq!(status(3).value, StatusValue::Mitigated);
    assert_eq!(status(4).value, StatusValue::Open, "a duplicate of nothing that is known is a finding of its own");
    assert_eq!(
        (status(5).value, status(5).reason.as_deref()),
        (StatusValue::Mitigated, Some("set inactive on the server, without a reason"))
    );
    assert_eq!(status(6).value, StatusValue::Open);
    let notes: Vec<_> = memory
        .by_number(7)
        .unwrap()
        .notes
        .iter()
        .map(|note| (note.by.as_deref().unwrap(), note.text.as_str()))
        .collect();
    assert_eq!(notes, [("admin", "is real")]);
}

#[test]
fn a_duplicate_counts_as_one_only_where_its_original_stands() {
    let mut same = bandit("a.py", 10, "eval(x)");
    let mut elsewhere = bandit("a.py", 20, "eval(y)");
    for row in [&mut same, &mut elsewhere] {
        row["duplicate"] = json!(true);
        row["active"] = json!(false);
        row["duplicate_finding"] = json!(1);
        row["hash_code"] = json!(format!("{}", row["line"]));
    }
    let memory = pulled(&StandIn::with(&[bandit("a.py", 10, "eval(x)"), same, elsewhere]));
    let status = |number| memory.by_number(number).unwrap().status.value;
    assert_eq!((status(1), status(2), status(3)), (StatusValue::Open, StatusValue::Duplicate, StatusValue::Open));
}

#[test]
fn wrong_types_cost_the_field_and_not_the_row() {
    let server = StandIn::with(&[bandit("a.py", 10, "eval(x)")]);
    let fields = [
        "title",
        "cwe",
        "notes",
        "tags",
        "line",
        "severity",
        "accepted_risks",
        "epss_score",
        "false_p",
        "vulnerability_ids",
        "description",
    ];
    server.fault(&json!({"match": "findings/\\?.*o=id", "do": "wrong_types", "fields": fields}));
    let memory = pulled(&server);
    let found = memory.only();
    assert_eq!((found.rule.id.as_str(), found.severity, found.evidence.region), ("B307", Severity::Medium, None));
}
