//! Workflow commands of GitHub Actions: annotations on the lines of a change, and a page for the step's summary.
//!
//! GitHub shows ten errors, ten warnings and ten notices of a step; all are in the log. So the worst come first, and the
//! last line, a notice, tells the whole. What is undecided comes before everything, as an error.

use std::io::{self, Write};

use finding::Action;
use finding::wire::GateOutcome;

use super::judged::{Judged, Judgement, Standing};
use super::{GateReport, Material, words};
use crate::cli::freshness;
use crate::present::{page, safe};

/// Characters of a title; GitHub refuses longer ones.
const LONGEST_TITLE: usize = 200;
/// Rows of the page's table: a step's summary may have one megabyte.
const MOST_ROWS: usize = 200;

/// Writes the annotations of `report` to `out`, and, where the caller has one (`GITHUB_STEP_SUMMARY`), the page in
/// Markdown to `summary`.
pub(in crate::cli::check) fn write(
    report: &GateReport,
    material: &Material<'_>,
    out: &mut dyn Write,
    summary: Option<&mut dyn Write>,
) -> io::Result<()> {
    let judgement = Judgement::of(report);
    for reason in &report.undecided {
        let way = words::way_on(reason, report).map(|way| format!("\n{way}")).unwrap_or_default();
        let message = format!("{}{way}", safe::line(reason));
        command(out, "error", &[("title", "Undecided: nobody can say whether this may pass".to_owned())], &message)?;
    }
    for violation in &judgement.of_change {
        let title = format!("block: {}", safe::line(&violation.clause)).trim_end_matches([' ', ':']).to_owned();
        command(out, "error", &[("title", title)], &words::violation(violation))?;
    }
    for (standing, kind) in [(Standing::Violates, "error"), (Standing::Warns, "warning")] {
        for judged in judgement.standing(standing) {
            annotation(judged, kind, material, out)?;
        }
    }
    let mut told = vec![words::headline(report, &judgement)];
    told.extend(words::informs(&judgement));
    command(out, "notice", &[("title", words::NAME.to_owned())], &told.join("\n"))?;
    match summary {
        Some(summary) => page(report, &judgement, material, summary),
        None => Ok(()),
    }
}

fn annotation(judged: &Judged<'_>, kind: &str, material: &Material<'_>, out: &mut dyn Write) -> io::Result<()> {
    let info = judged.info;
    let mut properties = Vec::new();
    if let Some(path) = info.placement.path.as_deref().filter(|path| !path.is_empty()) {
        // As it is, so that it is found; what would reorder the log is left out all the same.
        properties.push(("file", safe::terminal(path)));
        if let Some(range) = info.placement.range {
            let (line, end) = (range.start.line.max(1), range.end.line.max(range.start.line).max(1));
            properties.push(("line", line.to_string()));
            properties.push(("endLine", end.to_string()));
            // Columns over several lines make GitHub drop the whole place.
            if line == end {
                let column = range.start.column.max(1);
                // Ours ends behind the last character, GitHub's on it.
                let last = range.end.column.saturating_sub(1).max(column);
                properties.push(("col", column.to_string()));
                properties.push(("endColumn", last.to_string()));
            }
        }
    }
    let title = format!("{}: {}", words::label(judged), page::title(&material.finding(info)));
    properties.push(("title", title.chars().take(LONGEST_TITLE).collect()));
    let mut lines = vec![words::said(info)];
    if info.placement.path.is_none() {
        lines.push(words::place(info));
    }
    lines.extend(words::verdict_lines(judged));
    lines.push(format!("{} \u{b7} {}", words::facts(judged), safe::line(&info.rule)));
    lines.extend(info.exception.as_ref().map(words::exception));
    lines.push(format!("Fix it, or ask for an exception: {}", words::triage(info)));
    lines.retain(|line| !line.is_empty());
    command(out, kind, &properties, &lines.join("\n"))
}

fn command(out: &mut dyn Write, kind: &str, properties: &[(&str, String)], message: &str) -> io::Result<()> {
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", escape(value, true))).collect();
    writeln!(out, "::{kind} {}::{}", properties.join(","), escape(message, false))
}

/// As the runner reads it back; `,` and `:` only separate properties.
fn escape(text: &str, is_property: bool) -> String {
    // The runner's older form of a command counts anywhere in a line.
    let text = text.replace("##[", "## [");
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            ':' if is_property => out.push_str("%3A"),
            ',' if is_property => out.push_str("%2C"),
            // Nothing of ours, and an end of the line for some readers of logs.
            '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' | '\u{1b}' | '\0' => out.push(' '),
            _ => out.push(character),
        }
    }
    out
}

/// The page of the step's summary.
fn page(
    report: &GateReport,
    judgement: &Judgement<'_>,
    material: &Material<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mark = match report.outcome {
        GateOutcome::Pass | GateOutcome::Nothing => "\u{2705}",
        GateOutcome::Violations => "\u{274c}",
        GateOutcome::Undecided => "\u{26a0}\u{fe0f}",
    };
    writeln!(out, "## {mark} {}", safe::inline(&words::headline(report, judgement)))?;
    if !(report.undecided.is_empty() && judgement.of_change.is_empty()) {
        writeln!(out)?;
    }
    for reason in &report.undecided {
        let way = words::way_on(reason, report).map(|way| format!(" {way}")).unwrap_or_default();
        writeln!(out, "- **Undecided**: {}{way}", safe::inline(reason))?;
    }
    for violation in &judgement.of_change {
        writeln!(out, "- **block**: {}", safe::inline(&words::violation(violation)))?;
    }
    let told: Vec<&Judged<'_>> =
        [Standing::Violates, Standing::Warns].iter().flat_map(|standing| judgement.standing(*standing)).collect();
    if !told.is_empty() {
        writeln!(out, "\n| verdict | risk | place | finding | why | id |\n|---|---:|---|---|---|---|")?;
    }
    for judged in told.iter().take(MOST_ROWS) {
        row(judged, material, out)?;
    }
    if told.len() > MOST_ROWS {
        writeln!(out, "\nand {} more, all of them in the log.", told.len() - MOST_ROWS)?;
    }
    if judgement.violating() > 0 {
        writeln!(
            out,
            "\nFix what blocks, or ask for an exception: `aspm-lsp triage ID --status accept --reason \"\u{2026}\"`; it \
             counts once it is approved."
        )?;
    }
    if let Some(informs) = words::informs(judgement) {
        writeln!(out, "\n{informs}.")?;
    }
    writeln!(out)?;
    for policy in &report.policies {
        writeln!(out, "- policy: {}", safe::inline(&words::policy(policy)))?;
    }
    for source in &report.sources {
        writeln!(out, "- data: {}", safe::inline(&freshness::line(source, material.now)))?;
    }
    for change in &report.gate_changes {
        writeln!(out, "- gate: {}", safe::inline(&words::gate_change(change)))?;
    }
    for problem in words::problems(report).iter().chain(&report.notices) {
        writeln!(out, "- {}", safe::inline(problem))?;
    }
    Ok(())
}

fn row(judged: &Judged<'_>, material: &Material<'_>, out: &mut dyn Write) -> io::Result<()> {
    let info = judged.info;
    let is_block = judged.standing == Standing::Violates || words::label(judged) == Action::Block.label();
    let verdict = words::label(judged);
    let cells = [
        if is_block { format!("**{verdict}**") } else { verdict.to_owned() },
        judged.risk().to_string(),
        safe::code(&words::place(info)),
        safe::inline(&page::title(&material.finding(info))),
        safe::inline(words::clauses(judged).first().map_or("", String::as_str)),
        safe::code(&words::short_id(info)),
    ];
    writeln!(out, "| {} |", cells.map(|cell| in_cell(&cell)).join(" | "))
}

/// A bar ends a table's cell, in code too, unless it is escaped.
fn in_cell(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    let mut is_escaped = false;
    for character in cell.chars() {
        if character == '|' && !is_escaped {
            out.push('\\');
        }
        is_escaped = character == '\\' && !is_escaped;
        out.push(character);
    }
    out
}
