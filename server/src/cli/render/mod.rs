//! A finding as rustc would show it: title, code with an underline, notes, help. The text comes from strangers and is
//! made harmless here; colours only where the terminal has them.

mod window;

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use finding::text::LineIndex;
use finding::{Finding, Placement, Severity, State};

use super::freshness;
use super::terminal::{Terminal, wrap};
use crate::present::{page, safe};

pub(super) use window::Window;

/// One finding and where it is now.
pub(super) struct Picture<'a> {
    pub(super) finding: &'a Finding,
    pub(super) placement: &'a Placement,
    /// The current text of the placement's file.
    pub(super) text: Option<(&'a str, &'a LineIndex)>,
    /// Where there is no place now: the scanned text, the flagged bytes of it, and its commit.
    pub(super) scanned: Option<&'a Scanned>,
    /// What other tools report of the same code.
    pub(super) twins: Vec<&'a Finding>,
}

/// A file as it was scanned.
pub(super) struct Scanned {
    pub(super) commit: String,
    pub(super) path: String,
    pub(super) text: Arc<str>,
    pub(super) lines: LineIndex,
    pub(super) range: Range<usize>,
}

/// The whole picture, without a newline at the end.
pub(super) fn picture(picture: &Picture<'_>, terminal: &Terminal) -> String {
    let Picture { finding, placement, .. } = *picture;
    let level = level(finding.severity);
    let title = level.clone().primary_title(page::title(finding)).id(safe::line(&finding.rule.id));
    let message = said(finding);
    let mut group = title.elements(std::iter::empty::<Origin<'_>>());
    let mut is_message_told = false;
    match picture.text.zip(placement.range.as_ref()) {
        Some(((text, lines), range)) => {
            let window = Window::of(text, lines, range, terminal.width);
            let label = window.fits(&message, terminal.width).then_some(message.as_str());
            is_message_told = label.is_some();
            let path = placement.path.as_deref().unwrap_or("");
            group = snippet(group, &window, path, label.map(str::to_owned));
        }
        None => match picture.scanned {
            Some(Scanned { commit, path, text, lines, range }) => {
                let window = Window::of(text, lines, range, terminal.width);
                let label = format!("was here, at {}", freshness::short(commit));
                let label = window.fits(&label, terminal.width).then_some(label);
                group = snippet(group, &window, path, label);
            }
            None => group = group.element(place_alone(finding, placement)),
        },
    }
    let width = terminal.width.saturating_sub(14);
    let mut notes = Vec::new();
    if !is_message_told {
        notes.push(message);
    }
    notes.extend(standing(placement));
    notes.extend(picture.twins.iter().map(|twin| {
        format!("{} reports it, too, as {}: {}", safe::line(&twin.tool.name), safe::line(&twin.rule.id), said(twin))
    }));
    for note in notes {
        group = group.element(Level::NOTE.message(wrap(&note, width).join("\n")));
    }
    for help in helps(finding, &picture.twins) {
        group = group.element(Level::HELP.message(wrap(&help, width).join("\n")));
    }
    renderer(terminal).render(&[group])
}

/// Only the code with an underline, under `path`.
pub(super) fn code(
    path: &str,
    (text, lines): (&str, &LineIndex),
    range: &Range<usize>,
    severity: Severity,
    terminal: &Terminal,
) -> String {
    let window = Window::of(text, lines, range, terminal.width);
    renderer(terminal).render(&[snippet(Group::with_level(level(severity)), &window, path, None)])
}

pub(super) fn snippet<'a>(group: Group<'a>, window: &Window, path: &str, label: Option<String>) -> Group<'a> {
    let annotation = AnnotationKind::Primary.span(window.span.clone());
    let annotation = match label {
        Some(label) => annotation.label(label),
        None => annotation,
    };
    let source = Snippet::source(window.source.clone()).line_start(window.line).annotation(annotation);
    if window.is_cut {
        let origin = Origin::path(safe::line(path)).line(window.line).char_column(window.column);
        return group.element(origin).element(source);
    }
    group.element(source.path(safe::line(path)))
}

fn place_alone(finding: &Finding, placement: &Placement) -> Origin<'static> {
    let line = finding.evidence.region.map(|region| region.line as usize);
    let path = placement.path.as_deref().or(finding.evidence.path.as_deref()).unwrap_or("no file");
    let origin = Origin::path(safe::line(path));
    match line.filter(|_| !placement.state.is_on_code()) {
        Some(line) => origin.line(line),
        None => origin,
    }
}

pub(super) fn renderer(terminal: &Terminal) -> Renderer {
    let renderer = if terminal.paint.0 { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(terminal.width)
}

fn level(severity: Severity) -> Level<'static> {
    let level = match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low | Severity::Info => Level::NOTE,
    };
    level.with_name(severity.label())
}

/// The tool's message in one line.
fn said(finding: &Finding) -> String {
    safe::line(&safe::plain_from_markdown(&finding.message))
}

/// Where it stands, in the words of whoever placed it.
pub(super) fn standing(placement: &Placement) -> Vec<String> {
    // Every label says it once.
    let reason = safe::line(&placement.reason.to_string()).replace(" since the scan", "");
    let label = match placement.state {
        State::Exact => "where it was",
        State::Moved => "moved",
        State::Edited => "edited since the scan: verify",
        State::Uncertain => "a best guess",
        State::Gone => "gone: fixed here, pending scan",
        State::Unplaced => "not on a line of this folder",
    };
    let is_told = placement.state == State::Exact || (placement.state == State::Moved && reason.contains("moved"));
    let mut notes = Vec::new();
    match (reason.is_empty(), is_told) {
        (true, _) => notes.push(label.to_owned()),
        (false, true) => notes.push(reason),
        (false, false) => notes.push(format!("{label} ({reason})")),
    }
    if let Some(comment) = &placement.suppressed_by {
        notes.push(format!("suppressed in the code by `{}`", safe::line(comment)));
    }
    notes
}

pub(super) fn helps(finding: &Finding, twins: &[&Finding]) -> Vec<String> {
    let mut helps = Vec::new();
    let with_fix = std::iter::once(finding).chain(twins.iter().copied());
    if let Some((tool, fix)) =
        with_fix.flat_map(|finding| finding.fixes.iter().map(move |fix| (&finding.tool, fix))).next()
    {
        let text: Vec<String> = fix.replacements.iter().map(|edit| safe::line(edit.text.trim())).collect();
        let text =
            text.into_iter().filter(|text| !text.is_empty() && text.len() <= 200).collect::<Vec<_>>().join(" … ");
        if !text.is_empty() {
            helps.push(format!("{} would write `{text}`", safe::line(&tool.name)));
        }
    }
    helps.extend(finding.rule.help_url.as_deref().and_then(safe::link));
    helps
}
