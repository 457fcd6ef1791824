//! The report for people: pictures as rustc's of what is in the way, then one block that says how it stands and why.
//!
//! Our own text keeps to 80 columns; code is as wide as the terminal. Build logs are read by people too, so that text is
//! wrapped there as well.

use std::io::{self, Write};
use std::sync::Arc;

use annotate_snippets::{Level, Origin};
use finding::text::LineIndex;
use finding::wire::GateOutcome;
use finding::{Columns, Finding, Region, State};

use super::judged::{Judged, Judgement, Standing};
use super::{FindingInfo, GateReport, Material, words};
use crate::cli::terminal::{Terminal, cut, hang, wrap};
use crate::cli::{freshness, render};
use crate::present::{page, safe, verdict};

/// Findings that are shown with their code; the others get a line each.
const MOST_PICTURES: usize = 20;
/// Sentences of one sort in the block at the end.
const MOST_SENTENCES: usize = 10;
/// Columns of our own text.
const WIDEST: usize = 80;
/// Columns of the labels in the block at the end.
const LABEL: usize = 11;

/// Writes `report` for whoever sits at `terminal`.
pub(in crate::cli::check) fn write(
    report: &GateReport,
    material: &Material<'_>,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> io::Result<()> {
    let judgement = Judgement::of(report);
    let width = terminal.width.min(WIDEST);
    let mut text = String::new();
    for violation in &judgement.of_change {
        text.push_str(&hang(&terminal.paint.red("block: "), &words::violation(violation), 7, width));
        text.push_str("\n\n");
    }
    let told: Vec<&Judged<'_>> =
        [Standing::Violates, Standing::Warns].iter().flat_map(|standing| judgement.standing(*standing)).collect();
    let (pictured, others) = told.split_at(told.len().min(MOST_PICTURES));
    for judged in pictured {
        text.push_str(&picture(judged, material, terminal));
        text.push_str("\n\n");
    }
    if !others.is_empty() {
        text.push_str("and ");
        text.push_str(&others.len().to_string());
        text.push_str(" more, in order of risk:\n");
        for judged in others {
            text.push_str(&line(judged, terminal));
            text.push('\n');
        }
        text.push('\n');
    }
    text.push_str(&summary(report, &judgement, material, terminal));
    for line in text.lines() {
        writeln!(out, "{}", inert(line))?;
    }
    Ok(())
}

/// A finding with its code, what is said of it, and what to do.
fn picture(judged: &Judged<'_>, material: &Material<'_>, terminal: &Terminal) -> String {
    let info = judged.info;
    let finding = material.finding(info);
    let level = match judged.standing {
        Standing::Violates => Level::ERROR,
        Standing::Warns => Level::WARNING,
        Standing::Informs => Level::NOTE,
    };
    let width = terminal.width.min(WIDEST);
    let (verdict, rule) = (words::label(judged), safe::line(&info.rule));
    let room = width.saturating_sub(verdict.len() + rule.chars().count() + 4).max(60);
    let title = level.with_name(verdict).primary_title(cut(&page::title(&finding), room)).id(rule);
    let message = words::said(info);
    let mut group = title.elements(std::iter::empty::<Origin<'_>>());
    let mut is_told = false;
    if let Some((text, lines, bytes)) = code(info, material) {
        let window = render::Window::of(&text, &lines, &bytes, terminal.width);
        let label = window.fits(&message, width).then(|| message.clone());
        is_told = label.is_some();
        group = render::snippet(group, &window, info.placement.path.as_deref().unwrap_or(""), label);
    } else {
        group = group.element(origin(info));
    }
    let gutter = info.placement.range.map_or(1, |range| range.start.line.to_string().len());
    for (name, note) in notes(judged, &finding, if is_told { "" } else { &message }) {
        let lines = wrap(&note, width.saturating_sub(gutter + name.len() + 5));
        group = group.element(Level::NOTE.with_name(name).message(lines.join("\n")));
    }
    render::renderer(terminal).render(&[group])
}

/// The text that a finding is in, and its bytes there.
fn code(info: &FindingInfo, material: &Material<'_>) -> Option<(Arc<str>, LineIndex, std::ops::Range<usize>)> {
    let range = info.placement.range.filter(|_| info.placement.state.is_on_code())?;
    let text = (material.text)(info.placement.path.as_deref()?)?;
    let lines = LineIndex::new(&text);
    let region = Region {
        line: range.start.line,
        column: Some(range.start.column),
        end_line: range.end.line,
        end_column: Some(range.end.column),
        columns: Columns::Characters,
    };
    let bytes = lines.resolve(&text, &region)?;
    Some((text, lines, bytes))
}

fn origin(info: &FindingInfo) -> Origin<'static> {
    match (&info.placement.path, info.placement.range) {
        (Some(path), Some(range)) => {
            Origin::path(safe::line(path)).line(range.start.line as usize).char_column(range.start.column as usize)
        }
        _ => Origin::path(words::place(info)),
    }
}

/// What is said below the code, each with its label.
fn notes(judged: &Judged<'_>, finding: &Finding, message: &str) -> Vec<(&'static str, String)> {
    let info = judged.info;
    let mut notes = vec![("note", message.to_owned())];
    let labels = std::iter::once(words::word(judged)).chain(std::iter::repeat("and"));
    let mut clauses = words::clauses(judged);
    if let Some(first) = clauses.first_mut().filter(|_| words::is_unsure(judged)) {
        *first = format!("{first}; {}", verdict::UNSURE);
    }
    notes.extend(labels.zip(clauses));
    notes.push(("facts", words::facts(judged)));
    notes.extend(info.verdict.as_ref().map(|verdict| ("why", words::factors(verdict))));
    if info.placement.state != State::Exact || info.placement.suppressed_by.is_some() {
        notes.extend(render::standing(&words::placement(info)).into_iter().map(|words| ("place", words)));
    }
    notes.extend(info.exception.as_ref().map(|exception| ("exception", words::exception(exception))));
    notes.extend(fix(finding).map(|fix| ("fix", fix)));
    notes.extend(render::helps(finding, &[]).into_iter().map(|help| ("help", help)));
    notes.push(("way out", words::way_out(info)));
    notes.retain(|(_, words)| !words.trim().is_empty());
    notes
}

/// How to fix it: the rule's words, else the name of the tool's proposal.
fn fix(finding: &Finding) -> Option<String> {
    let words = finding.rule.remediation.as_deref().map(|words| safe::line(&safe::plain_from_markdown(words)));
    words.filter(|words| !words.is_empty()).or_else(|| finding.fixes.first().map(|fix| safe::line(&fix.title)))
}

/// `path:line:column: block[rule] (risk 82, 3f2a9c): message`.
fn line(judged: &Judged<'_>, terminal: &Terminal) -> String {
    let info = judged.info;
    let (place, verdict, rule) = (words::place(info), words::label(judged), safe::line(&info.rule));
    let facts = format!("(risk {}, {})", judged.risk(), words::short_id(info));
    let lead = place.chars().count() + verdict.len() + rule.chars().count() + facts.len() + 7;
    let message = words::said(info);
    let message = if terminal.wraps { cut(&message, terminal.width.saturating_sub(lead).max(20)) } else { message };
    let paint = terminal.paint;
    let verdict = match judged.standing {
        Standing::Violates => paint.red(verdict),
        Standing::Warns | Standing::Informs => paint.yellow(verdict),
    };
    format!("{}: {verdict}[{rule}] {facts}: {message}", paint.bold(&place))
}

/// How it stands, and what that rests on.
fn summary(report: &GateReport, judgement: &Judgement<'_>, material: &Material<'_>, terminal: &Terminal) -> String {
    let paint = terminal.paint;
    let headline = words::headline(report, judgement);
    let width = terminal.width.min(WIDEST);
    let headline: Vec<String> = wrap(&headline, width)
        .into_iter()
        .map(|line| match report.outcome {
            GateOutcome::Pass | GateOutcome::Nothing => paint.green(&line),
            GateOutcome::Violations => paint.red(&line),
            GateOutcome::Undecided => paint.yellow(&line),
        })
        .collect();
    let mut lines = headline;
    let mut tell = |label: &str, sentences: Vec<String>| {
        let left = sentences.len().saturating_sub(MOST_SENTENCES);
        let more = (left > 0).then(|| format!("and {left} more; `--format json` has them all"));
        for (at, sentence) in sentences.into_iter().take(MOST_SENTENCES).chain(more).enumerate() {
            let label = if at == 0 { label } else { "" };
            let first = paint.dim(&format!("  {label:<width$}", width = LABEL - 2));
            lines.push(hang(&first, &sentence, LABEL, width));
        }
    };
    tell("because", undecided(report));
    tell("informs", words::informs(judgement).into_iter().collect());
    if judgement.standing(Standing::Violates).next().is_some() {
        let way = "fix what blocks, or ask for an exception as shown with each (`--status false_positive` where the \
                   tool is wrong); it counts once it is approved";
        tell("way out", vec![way.to_owned()]);
    }
    let base = report.scope.base.as_deref().map(|base| format!("compared with {}", freshness::short(base)));
    tell("scope", base.into_iter().collect());
    let policies: Vec<String> = report.policies.iter().map(words::policy).collect();
    tell("policy", if policies.is_empty() { vec!["none is in force".to_owned()] } else { policies });
    let sources: Vec<String> = report.sources.iter().map(|source| freshness::line(source, material.now)).collect();
    tell("data", if sources.is_empty() { vec!["no source is configured".to_owned()] } else { sources });
    tell("gate", report.gate_changes.iter().map(words::gate_change).collect());
    tell("problem", words::problems(report));
    tell("notice", report.notices.iter().map(|notice| safe::line(notice)).collect());
    lines.join("\n")
}

/// Why nobody can say, each with what to do about it.
fn undecided(report: &GateReport) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for (at, reason) in report.undecided.iter().enumerate() {
        told.push(safe::line(reason));
        let way = words::way_on(reason, report);
        // The same for several is said once, behind the last of them.
        let next = report.undecided.get(at + 1).and_then(|next| words::way_on(next, report));
        told.extend(way.filter(|way| next.as_ref() != Some(way)).map(|way| format!("\u{2192} {way}")));
    }
    told
}

/// A line that no build system takes for a command of its own: their logs are read for `::command::` at the start of a
/// line and for `##[command]` and `##vso[…]` anywhere, and strangers wrote some of ours.
fn inert(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 1);
    let indent = line.len() - line.trim_start().len();
    out.push_str(&line[..indent]);
    let mut rest = &line[indent..];
    if rest.starts_with("::") {
        out.push_str(": ");
        rest = &rest[1..];
    }
    while let Some(at) = rest.find("##") {
        let end = at + rest[at..].bytes().take_while(|byte| *byte == b'#').count();
        let (before, behind) = rest.split_at(end);
        out.push_str(before);
        if behind.trim_start_matches(|character: char| character.is_ascii_alphanumeric()).starts_with('[') {
            out.push(' ');
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn what_a_build_system_would_obey_is_taken_apart_and_nothing_else() {
        for (line, written) in [
            ("::error::no", ": :error::no"),
            ("   ::stop-commands::x", "   : :stop-commands::x"),
            ("a ::error::b", "a ::error::b"),
            ("x ##[error]y ##vso[task]z ###[e]", "x ## [error]y ## vso[task]z ### [e]"),
            ("12 | ## heading", "12 | ## heading"),
            ("std::fmt #[derive] ##", "std::fmt #[derive] ##"),
        ] {
            assert_eq!(inert(line), written);
        }
    }
}
