//! Where the finding stands and how fresh that is, in words.

use finding::State;

use super::{Depth, Subject, package, sentence};
use crate::present::age::age;
use crate::present::document::Span;
use crate::present::safe;

/// The line on the placement with its freshness, then remarks that are rarer.
pub(super) fn lines(subject: &Subject<'_>, depth: Depth) -> Vec<Vec<Span>> {
    let freshness = freshness(subject);
    let mut first = placement(subject);
    if first.is_empty() {
        first = freshness;
        capitalise(&mut first);
    } else if !freshness.is_empty() {
        first.push(Span::text(" \u{b7} "));
        first.extend(freshness);
    }
    let mut lines = vec![first];
    lines.extend(subject.package.and_then(package::way));
    if let Some(comment) = subject.placement.suppressed_by.as_deref().map(str::trim).filter(|it| !it.is_empty()) {
        lines.push(vec![Span::text("Suppressed in the code by "), Span::name(&safe::line(comment))]);
    }
    if let Some(note) = subject.path_note.map(str::trim).filter(|it| !it.is_empty()) {
        let mut note = sentence(&safe::line(note));
        capitalise(&mut note);
        lines.push(note);
    }
    if depth == Depth::Page {
        lines.push(history(subject));
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Nothing for code that is where and what it was.
fn placement(subject: &Subject<'_>) -> Vec<Span> {
    let placement = subject.placement;
    let mut reason = reason(subject);
    let was = subject.scanned_line.map(|line| format!(" (line {line} when scanned)")).unwrap_or_default();
    let (label, open) = match placement.state {
        State::Exact => return Vec::new(),
        State::Moved => {
            let said = placement.reason.to_string();
            let tells_line = subject.scanned_line.is_none_or(|line| said.contains(&format!("line {line}")));
            capitalise(&mut reason);
            if reason.is_empty() {
                reason = vec![Span::text("Moved")];
            }
            if !tells_line {
                reason.push(Span::text(was));
            }
            return reason;
        }
        State::Edited => ("Edited since the scan: verify".to_owned(), was),
        State::Uncertain => {
            let confidence = if placement.confidence.is_nan() { 0.0 } else { placement.confidence.clamp(0.0, 1.0) };
            let percent = (confidence * 100.0).round();
            (format!("Best guess ({percent} %)"), was)
        }
        State::Gone => ("Gone from the code, fixed here pending a scan".to_owned(), String::new()),
        State::Unplaced => ("Not on a line of this workspace".to_owned(), String::new()),
    };
    // Having no line is nothing to act on.
    let label = if placement.state == State::Unplaced { Span::text(label) } else { Span::strong(label) };
    let mut spans = vec![label];
    if !open.is_empty() {
        spans.push(Span::text(open));
    }
    if !reason.is_empty() {
        spans.push(Span::text(": "));
        spans.extend(reason);
    }
    spans
}

/// The placement's own words, without what the label and the freshness say already.
fn reason(subject: &Subject<'_>) -> Vec<Span> {
    let words = subject.placement.reason.to_string();
    let assumed = subject.assumed_commit.is_some();
    let parts: Vec<&str> = words
        .split("; ")
        .filter(|part| !(assumed && part.starts_with("assuming the scan saw commit")))
        .map(
            |part| {
                if subject.placement.state == State::Edited { part.trim_end_matches(" since the scan") } else { part }
            },
        )
        .filter(|part| !part.trim().is_empty())
        .collect();
    sentence(&parts.join("; ").replace(" since the scan: ", ": "))
}

/// "scanned 3 days ago at `1a2b3c4d` on main".
fn freshness(subject: &Subject<'_>) -> Vec<Span> {
    let finding = subject.finding;
    let evidence = &finding.evidence;
    let scanned = finding.last_seen.as_deref().and_then(|when| age(subject.now, when));
    let synced = subject.synced_at.and_then(|when| age(subject.now, when));
    let mut spans = Vec::new();
    let shown = |text: Option<&str>| text.map(safe::line).filter(|text| !text.is_empty());
    let named = shown(evidence.commit.as_deref());
    let is_assumed = named.is_none();
    let commit = named.or_else(|| shown(subject.assumed_commit));
    let branch = shown(evidence.branch.as_deref().map(|branch| branch.trim_start_matches("refs/heads/")));
    if scanned.is_some() || commit.is_some() || branch.is_some() {
        spans.push(Span::text(scanned.as_ref().map_or("scanned".to_owned(), |age| format!("scanned {age}"))));
        if let Some(commit) = commit {
            let commit: String = commit.chars().take(8).collect();
            spans.extend([Span::text(if is_assumed { ", probably at " } else { " at " }), Span::name(&commit)]);
        }
        if let Some(branch) = branch {
            spans.push(Span::text(format!(" on {branch}")));
        }
    }
    // The age of the scan is what counts; without it, the age of the copy is all there is.
    if let Some(age) = synced.filter(|_| scanned.is_none()) {
        spans.push(Span::text(format!("{}read from the source {age}", if spans.is_empty() { "" } else { ", " })));
    }
    spans
}

/// "First seen 3 months ago · read from ci 1 hour ago".
fn history(subject: &Subject<'_>) -> Vec<Span> {
    let finding = subject.finding;
    let first = finding.first_seen.as_deref().filter(|&first| finding.last_seen.as_deref() != Some(first));
    let first = first.and_then(|when| age(subject.now, when)).map(|age| format!("First seen {age}"));
    let synced = subject.synced_at.filter(|_| finding.last_seen.is_some()).and_then(|when| age(subject.now, when));
    let source = safe::line(&finding.source);
    let read = synced.map(|age| format!("read from {source} {age}"));
    let told: Vec<String> = first.into_iter().chain(read).collect();
    let mut line = if told.is_empty() { Vec::new() } else { vec![Span::text(told.join(" \u{b7} "))] };
    capitalise(&mut line);
    line
}

pub(super) fn capitalise(spans: &mut [Span]) {
    if let Some(Span { part: crate::present::document::Part::Text(text), .. }) = spans.first_mut() {
        let mut characters = text.chars();
        if let Some(first) = characters.next() {
            *text = first.to_uppercase().chain(characters).collect();
        }
    }
}
