//! Findings and bundles in one line.

use aspm_policy::bundle::{Bundle, Module};
use aspm_policy::input::VerdictInput;
use aspm_policy::{Error, Policy};
use finding::{Application, ChangeKind, Evidence, Finding, FindingId, Kind, Rule, Severity, Status, Tool, Verdict};
use serde_json::Value;

pub(crate) const NOW: &str = "2026-03-01T10:00:00Z";

pub(crate) fn bundle(modules: &[(&str, &str)], data: Value) -> Bundle {
    let modules = modules.iter().map(|(path, text)| Module { path: (*path).to_owned(), text: (*text).to_owned() });
    Bundle { origin: "acme.tar.gz".to_owned(), modules: modules.collect(), data, ..Bundle::default() }
}

pub(crate) fn policy(text: &str) -> Result<Policy, Error> {
    Policy::of_bundle(&bundle(&[("policy.rego", text)], Value::Null))
}

pub(crate) fn finding(severity: Severity) -> Finding {
    Finding {
        id: FindingId::from_stored("dojo:0123456789abcdef0123"),
        source: "dojo".to_owned(),
        kind: Kind::Code,
        tool: Tool { name: "Bandit".to_owned(), version: None },
        rule: Rule { id: "B303".to_owned(), ..Rule::default() },
        message: "Use of a weak hash".to_owned(),
        severity,
        confidence: None,
        cvss: None,
        epss: None,
        known_exploited: None,
        vulnerability_ids: Vec::new(),
        evidence: Evidence::default(),
        related: Vec::new(),
        flow: Vec::new(),
        component: None,
        status: Status::default(),
        first_seen: None,
        last_seen: None,
        due: None,
        notes: Vec::new(),
        fixes: Vec::new(),
        link: None,
    }
}

pub(crate) fn verdict(policy: &Policy, finding: &Finding, change: ChangeKind) -> Result<Verdict, Error> {
    let application = Application::default();
    let input = VerdictInput { finding, path: None, application: &application, change, exception: None, now: NOW };
    policy.verdicts(&[input], &|| false).remove(0)
}
