//! Logs that real scanners wrote, where they are at hand.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use aspm_connectors::Outcome;
use finding::{Confidence, Finding, Severity};

use crate::support::{folder, pull};

#[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
fn log(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/sarif").join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: {name} is not at hand");
    None
}

fn read(name: &str) -> Option<(Vec<Finding>, Outcome)> {
    let bytes = std::fs::read(log(name)?).expect("a log");
    let root = folder(&[(name, &bytes)]);
    let (findings, outcome) = pull(root.path(), name);
    Some((findings, outcome.expect("a pull")))
}

#[test]
fn a_bandit_log_is_read_whole_although_its_version_comes_last() {
    let Some((findings, outcome)) = read("pygoat-bandit.sarif") else { return };
    assert_eq!((findings.len(), outcome.findings, outcome.complete), (65, 65, true));
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    assert_eq!(outcome.scanned_at.as_deref(), Some("2026-11-23T12:09:45Z"));
    assert_eq!(outcome.tools[0].name, "Bandit");
    let first = &findings[0];
    assert_eq!(first.rule.id, "B110");
    assert_eq!(first.rule.name.as_deref(), Some("try_except_pass"));
    assert!(first.rule.help_url.as_deref().is_some_and(|url| url.starts_with("https://bandit")));
    assert_eq!((first.severity, first.confidence), (Severity::Low, Some(Confidence::High)));
    assert_eq!(first.evidence.path.as_deref(), Some("challenge/management/commands/populate_challenge.py"));
    assert_eq!(first.evidence.region.map(|region| region.line), Some(17));
    assert_eq!(first.evidence.snippet.as_deref(), Some("                except:\n"));
    assert_eq!(first.evidence.context.as_ref().map(|(line, _)| *line), Some(16));
    let worst = findings.iter().filter(|finding| finding.severity == Severity::High).count();
    assert_eq!(worst, 6, "Bandit's own words count, not its levels");
    assert!(
        findings.iter().all(|finding| finding.evidence.path.as_deref().is_some_and(|path| !path.starts_with("./")))
    );
    all_ids_differ(&findings);
}

#[test]
fn a_semgrep_log_with_one_fingerprint_for_all_keeps_its_findings_apart() {
    let Some((findings, outcome)) = read("pygoat-semgrep.sarif") else { return };
    assert_eq!((findings.len(), outcome.complete), (250, true));
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    assert_eq!(outcome.tools[0].version.as_deref(), Some("1.182.0"));
    assert!(findings.iter().all(|finding| finding.evidence.fingerprints[0].1 == "requires login"));
    assert!(findings.iter().all(|finding| finding.evidence.region.is_some() && !finding.message.is_empty()));
    assert!(findings.iter().all(|finding| finding.rule.name.is_some()), "rules stand behind the results");
    assert!(findings.iter().all(|finding| finding.rule.explanation.is_none()), "they only repeat their ids");
    let with_cwe = findings.iter().filter(|finding| !finding.rule.cwes.is_empty()).count();
    assert_eq!(with_cwe, 133);
    all_ids_differ(&findings);
}

fn all_ids_differ(findings: &[Finding]) {
    let ids: HashSet<_> = findings.iter().map(|finding| finding.id.as_str()).collect();
    assert_eq!(ids.len(), findings.len());
}
