//! GitLab's Code Quality report: one array of issues, which its merge request compares with the target branch's.
//!
//! GitLab wants a path and a line of every issue, and one fingerprint each: two issues of equal fingerprints are shown
//! as one. What concerns no line is told on line 1 and says so in words; what concerns no file is told of `.`.

use std::collections::HashMap;
use std::io::{self, Write};

use finding::{Action, Severity};
use serde_json::{Value, json};

use super::judged::{Judged, Judgement};
use super::{GateReport, words};
use crate::present::safe;

/// Writes `report` as one array with a newline behind it.
pub(in crate::cli::check) fn write(report: &GateReport, out: &mut dyn Write) -> io::Result<()> {
    let judgement = Judgement::of(report);
    let mut issues = Issues::default();
    for reason in &report.undecided {
        let words = format!("Nobody can say whether this may pass: {}", safe::line(reason));
        issues.of_change("aspm-undecided", &words, "undecided", reason);
    }
    for violation in &judgement.of_change {
        issues.of_change(
            &safe::line(&violation.clause),
            &words::violation(violation),
            &violation.clause,
            &violation.message,
        );
    }
    for judged in &judgement.findings {
        issues.of_finding(judged);
    }
    serde_json::to_writer_pretty(&mut *out, &issues.list)?;
    writeln!(out)
}

#[derive(Default)]
struct Issues {
    list: Vec<Value>,
    /// How often a fingerprint was given: a report that holds an id twice must not lose the second.
    given: HashMap<String, usize>,
}

impl Issues {
    fn of_finding(&mut self, judged: &Judged<'_>) {
        let info = judged.info;
        let placement = &info.placement;
        let path = placement.path.as_deref().or(info.scanned.path.as_deref()).map(relative);
        let path = path.filter(|path| !path.is_empty());
        let mut description = words::said(info);
        if description.is_empty() {
            description = safe::line(info.rule_name.as_deref().unwrap_or(&info.rule));
        }
        let mut location = json!({ "path": path.clone().unwrap_or_else(|| ".".to_owned()) });
        if let (Some(_), Some(range)) = (&placement.path, placement.range) {
            let (begin, end) = (range.start.line.max(1), range.end.line.max(range.start.line).max(1));
            location["lines"] = json!({ "begin": begin, "end": end });
        } else {
            location["lines"] = json!({ "begin": 1 });
            let place = if placement.path.is_some() { "whole file".to_owned() } else { words::place(info) };
            description = format!("{description} ({place})");
        }
        if let Some(verdict) = words::verdict_lines(judged).first() {
            description = format!("{description} \u{2014} {verdict}");
        }
        let name: Vec<String> = [&info.tool, &info.rule].iter().map(|name| safe::line(name)).collect();
        let name = name.join(" ").trim().to_owned();
        let issue = json!({
            "type": "issue",
            "description": description,
            "check_name": if name.is_empty() { words::NAME } else { &name },
            "categories": ["Security"],
            "severity": severity(judged),
            "location": location,
        });
        self.push(issue, format!("aspm/{}", info.id));
    }

    fn of_change(&mut self, name: &str, description: &str, kind: &str, message: &str) {
        let issue = json!({
            "type": "issue",
            "description": description,
            "check_name": if name.is_empty() { words::NAME } else { name },
            "categories": ["Security"],
            "severity": "blocker",
            "location": { "path": ".", "lines": { "begin": 1 } },
        });
        self.push(issue, format!("aspm-gate/{:016x}", digest(&[kind, message])));
    }

    fn push(&mut self, mut issue: Value, fingerprint: String) {
        let given = self.given.entry(fingerprint.clone()).or_default();
        *given += 1;
        issue["fingerprint"] = Value::from(if *given > 1 { format!("{fingerprint}#{given}") } else { fingerprint });
        self.list.push(issue);
    }
}

fn severity(judged: &Judged<'_>) -> &'static str {
    let Some(verdict) = &judged.info.verdict else { return "major" };
    match verdict.action {
        Action::Block if words::is_unsure(judged) => "major",
        Action::Block if judged.info.severity == Severity::Critical || judged.risk() >= 90 => "blocker",
        Action::Block => "critical",
        Action::Warn if judged.info.severity >= Severity::High => "major",
        Action::Warn => "minor",
        Action::Inform | Action::Hide => "info",
    }
}

/// Relative to the repository's root, without a leading `./`, as GitLab compares it.
fn relative(path: &str) -> String {
    let mut path = path.trim_start_matches('/');
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    path.to_owned()
}

/// FNV-1a: the same for the same words in every release of this program, which a `Hasher` does not promise.
fn digest(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
