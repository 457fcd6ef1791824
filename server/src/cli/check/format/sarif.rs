//! SARIF 2.1.0, for code hosts and viewers.
//!
//! The first run is the gate's: driver `aspm-lsp`, no results, and an invocation whose notifications tell what concerns
//! the change as a whole, why nobody can say (`executionSuccessful: false`), and what is wrong with the data. Then one
//! run per tool that reported, because hosts and viewers file alerts under the driver's name; `aspm-lsp` is its
//! extension. `automationDetails` sets our runs apart from those that the tools upload themselves, whose alerts would
//! otherwise be closed by ours.

mod location;
mod results;
mod rules;

use std::io::{self, Write};

use finding::wire::GateOutcome;
use serde_json::{Value, json};

use super::judged::{Judged, Judgement};
use super::{GateReport, Material, words};
use crate::present::safe;
use rules::Rules;

/// What our runs are filed under; the host takes what stands before the last slash.
const CATEGORY: &str = "aspm-lsp/";
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes `report` as one log with a newline behind it.
pub(in crate::cli::check) fn write(
    report: &GateReport,
    material: &Material<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let judgement = Judgement::of(report);
    let mut tools: Vec<(String, Vec<&Judged<'_>>)> = Vec::new();
    for judged in &judgement.findings {
        let name = Some(safe::line(&judged.info.tool)).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "unnamed tool".to_owned());
        match tools.iter_mut().find(|(known, _)| *known == name) {
            Some((_, findings)) => findings.push(judged),
            None => tools.push((name, vec![judged])),
        }
    }
    tools.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut runs = vec![gate(report, &judgement, material)];
    runs.extend(tools.iter().map(|(name, findings)| tool(name, findings, report, material)));
    let log = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": runs });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// This program as a tool or as another's extension.
fn ourselves() -> Value {
    json!({
        "name": words::NAME,
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
    })
}

fn gate(report: &GateReport, judgement: &Judgement<'_>, material: &Material<'_>) -> Value {
    let mut run = run(report, material);
    let mut driver = ourselves();
    // Code hosts want rules of every driver, and all three texts of every descriptor.
    driver["rules"] = json!([]);
    let described = |(id, words): &(&str, &str)| {
        let text = json!({ "text": words });
        json!({ "id": id, "shortDescription": text, "fullDescription": text, "help": text })
    };
    driver["notifications"] = NOTIFICATIONS.iter().map(described).collect();
    run["tool"] = json!({ "driver": driver });
    run["results"] = json!([]);
    let invocation = &mut run["invocations"][0];
    let mut execution = Vec::new();
    for violation in &judgement.of_change {
        execution.push(notification(VIOLATION, "error", &words::violation(violation)));
    }
    for reason in &report.undecided {
        let way = words::way_on(reason, report).map(|way| format!(" {way}")).unwrap_or_default();
        execution.push(notification(UNDECIDED, "error", &format!("{}{way}", safe::line(reason))));
    }
    execution.extend(words::problems(report).iter().map(|problem| notification(DATA, "warning", problem)));
    execution.extend(report.notices.iter().map(|notice| notification(NOTICE, "note", &safe::line(notice))));
    let changes = report.gate_changes.iter().map(|change| notification(GATE, "note", &words::gate_change(change)));
    invocation["toolExecutionNotifications"] = Value::from(execution);
    invocation["toolConfigurationNotifications"] = Value::from(changes.collect::<Vec<_>>());
    run["properties"] = json!({
        "outcome": report.outcome,
        "summary": words::headline(report, judgement),
        "scope": report.scope,
        "sources": report.sources,
    });
    run
}

/// What concerns no finding, by index in [`NOTIFICATIONS`].
const VIOLATION: usize = 0;
const UNDECIDED: usize = 1;
const DATA: usize = 2;
const NOTICE: usize = 3;
const GATE: usize = 4;
const NOTIFICATIONS: [(&str, &str); 5] = [
    ("violation", "The change as a whole may not pass."),
    ("undecided", "Nobody can say whether the change may pass."),
    ("data", "Data or policy behind the answer is missing or doubtful."),
    ("notice", "Worth knowing."),
    ("gate-change", "The change alters what the gate reads; that takes effect once it is merged."),
];

fn notification(index: usize, level: &str, words: &str) -> Value {
    let id = NOTIFICATIONS[index].0;
    let text = if words.is_empty() { NOTIFICATIONS[index].1 } else { words };
    json!({ "descriptor": { "id": id, "index": index }, "level": level, "message": { "text": unlinked(text) } })
}

fn tool(name: &str, findings: &[&Judged<'_>], report: &GateReport, material: &Material<'_>) -> Value {
    let mut run = run(report, material);
    let mut rules = Rules::default();
    let results: Vec<Value> = findings
        .iter()
        .map(|judged| {
            let index = rules.index(judged.info, material);
            results::result(judged, index, rules.id(index))
        })
        .collect();
    let mut driver = json!({ "name": name });
    if let Some(version) = rules.tool_version() {
        driver["version"] = Value::from(version);
    }
    driver["rules"] = Value::from(rules.into_descriptors());
    run["tool"] = json!({ "driver": driver, "extensions": [ourselves()] });
    run["results"] = Value::from(results);
    run
}

/// What all runs have in common.
fn run(report: &GateReport, material: &Material<'_>) -> Value {
    let mut run = json!({
        "automationDetails": { "id": CATEGORY },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": { location::ROOT: { "description": { "text": "The root of the checkout." } } },
        "invocations": [{ "executionSuccessful": report.outcome != GateOutcome::Undecided }],
    });
    // One of each: the format forbids equals.
    let mut policies: Vec<Value> = Vec::new();
    for policy in &report.policies {
        let origin = Some(safe::line(&policy.origin)).filter(|origin| !origin.is_empty());
        let mut component = json!({ "name": origin.unwrap_or_else(|| "unnamed policy".to_owned()) });
        if let Some(revision) = &policy.revision {
            component["version"] = Value::from(safe::line(revision));
        }
        if !policies.contains(&component) {
            policies.push(component);
        }
    }
    if !policies.is_empty() {
        run["policies"] = Value::from(policies);
    }
    if let Some(provenance) = location::provenance(&material.checkout) {
        run["versionControlProvenance"] = json!([provenance]);
    }
    run
}

/// Text in which nothing is a link: SARIF reads `[words](target)` as one.
fn unlinked(text: &str) -> String {
    text.replace("](", "] (")
}
