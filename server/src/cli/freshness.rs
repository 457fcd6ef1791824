//! How complete and how fresh the data is, in sentences: "no data" and "no findings" never look alike.

use finding::wire::{ServerState, SourceState, SourceStatus, StatusInfo};
use jiff::Timestamp;

use super::terminal::count;
use crate::present::{age::age, safe};

/// One line for a source.
pub(super) fn line(source: &SourceStatus, now: Timestamp) -> String {
    let name = safe::line(&source.name);
    if source.state == SourceState::NoData {
        return format!("{name}: no data");
    }
    let mut parts = vec![count(source.findings, "finding")];
    let at = source.scan_commit.as_deref().map(|commit| format!(" at {}", short(commit))).unwrap_or_default();
    match source.scanned_at.as_deref().and_then(|when| age(now, when)) {
        Some(age) => parts.push(format!("scanned {age}{at}")),
        None if !at.is_empty() => parts.push(format!("scanned{at}")),
        None => parts.push("the logs do not say when they were made".to_owned()),
    }
    match source.synced_at.as_deref().and_then(|when| age(now, when)) {
        Some(age) => parts.push(format!("read {age}")),
        None => parts.push("never read".to_owned()),
    }
    format!("{name}: {}{}", parts.join(", "), if source.state == SourceState::Partial { " (in part)" } else { "" })
}

/// Everything that is missing or doubtful, one sentence each.
pub(super) fn problems(status: &StatusInfo) -> Vec<String> {
    let several = status.sources.len() > 1;
    let of_source = |source: &SourceStatus| {
        let name = if several { format!("{}: ", safe::line(&source.name)) } else { String::new() };
        let problems: Vec<String> =
            source.problems.iter().map(|problem| format!("{name}{}", safe::line(problem))).collect();
        problems
    };
    let mut problems: Vec<String> = status.sources.iter().flat_map(of_source).collect();
    problems.extend(status.messages.iter().map(|message| safe::line(message)));
    if status.counts.pending > 0 || status.state == ServerState::Loading {
        problems.push(format!("{} could not be placed.", count(status.counts.pending, "finding")));
    }
    let mut seen = std::collections::HashSet::new();
    problems.retain(|problem| seen.insert(problem.clone()));
    problems
}

/// What to do without any data.
pub(super) const NO_DATA: &str = "No data: no scan's results were found, so nothing is known about findings.\n\
    Put a scanner's SARIF log into .aspm/ (for instance `semgrep scan --sarif -o .aspm/semgrep.sarif`), or name your \
    own in aspm.toml; `aspm-lsp doctor` tells what was looked at.";

/// The first digits of a commit.
pub(super) fn short(commit: &str) -> String {
    safe::line(commit).chars().take(8).collect()
}
