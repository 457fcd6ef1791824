//! Code Quality issues as GitLab requires them.

use std::collections::HashSet;

use serde_json::Value;

use super::{gitlab, reports};
use crate::cli::check::format::GateReport;

#[test]
fn every_issue_has_what_gitlab_requires() {
    for (name, report) in reports::all() {
        let mut seen = HashSet::new();
        for issue in gitlab(&report) {
            let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
            assert!(text(&issue["description"]).is_some_and(|text| !text.contains('\n')), "{name}: {issue}");
            assert!(text(&issue["check_name"]).is_some(), "{name}: {issue}");
            let severity = text(&issue["severity"]).expect("a severity");
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity.as_str()), "{name}: {issue}");
            let path = text(&issue["location"]["path"]).expect("a path");
            assert!(!path.starts_with('/') && !path.starts_with("./"), "{name}: {issue}");
            assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{name}: {issue}");
            assert!(seen.insert(text(&issue["fingerprint"]).expect("a fingerprint")), "{name}: {issue}");
        }
    }
}

#[test]
fn severity_follows_the_verdict() {
    let issues = gitlab(&reports::violations());
    let of = |rule: &str| {
        let issue = issues.iter().find(|issue| issue["check_name"].as_str().is_some_and(|name| name.ends_with(rule)));
        issue.and_then(|issue| issue["severity"].as_str()).map(str::to_owned)
    };
    assert_eq!(of("B602").as_deref(), Some("critical"));
    assert_eq!(of("B307").as_deref(), Some("minor"));
    assert_eq!(of("B404").as_deref(), Some("info"));
    assert_eq!(of("required-scanner").as_deref(), Some("blocker"));
}

#[test]
fn what_nobody_can_say_is_no_empty_report() {
    let issues = gitlab(&reports::undecided());
    assert_eq!(issues.len(), 3);
    assert_eq!(issues[0]["check_name"], "aspm-undecided");
    assert_eq!(gitlab(&reports::nothing()), Vec::<Value>::new());
}

#[test]
fn fingerprints_outlive_a_change_of_line_and_tell_doubled_ids_apart() {
    let before = reports::violations();
    let mut after = before.clone();
    for info in &mut after.findings {
        info.placement.range = Some(reports::range((9, 1), (9, 2)));
    }
    let prints =
        |report: &GateReport| gitlab(report).iter().map(|issue| issue["fingerprint"].clone()).collect::<Vec<_>>();
    assert_eq!(prints(&before), prints(&after));
    let doubled = after.findings[0].clone();
    after.findings.push(doubled);
    let prints = prints(&after);
    assert_eq!(prints.iter().collect::<HashSet<_>>().len(), prints.len());
}

#[test]
fn what_has_no_line_says_so() {
    let issues = gitlab(&reports::places());
    let described =
        |words: &str| issues.iter().any(|issue| issue["description"].as_str().is_some_and(|text| text.contains(words)));
    assert!(described("(whole file)"));
    assert!(described("(no place in the code)"));
    assert!(described("(/builds/shop/api/old.py:6 when scanned)"));
}
