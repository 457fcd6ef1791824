//! `list`: findings and where they are now, for people and for programs.

use std::io::Write;
use std::process::ExitCode;

use finding::wire::{FindingList, Range, VERSION};
use finding::{Placement, Severity, State, StatusValue};

use super::args::{Format, ListArgs, StatusFilter};
use super::entries::{self, Entry, Positions as _, Texts};
use super::session::Session;
use super::terminal::{Paint, Terminal, count, cut, hang, wrap};
use super::{NO_DATA, Usage, freshness, root};
use crate::present::{page, safe};
use crate::report::{self, info};

/// Shows the findings that `args` ask for. Problems go to `err`, beside the list.
pub(super) fn run(
    session: &Session,
    args: &ListArgs,
    terminal: &Terminal,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let root = session.root()?;
    let wanted = root::below(&root.path, &args.paths)?;
    let states: Vec<State> = args.state.iter().copied().map(State::from).collect();
    let is_below = |path: &str| {
        wanted.iter().any(|wanted| {
            wanted.is_empty()
                || path.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let mut entries = entries::all(&session.snapshot, root);
    for (typed, wanted) in args.paths.iter().zip(&wanted) {
        let is_known = wanted.is_empty()
            || root.path.join(wanted).exists()
            || entries.iter().any(|entry| {
                [Some(entry.path()), entry.scanned_path()]
                    .into_iter()
                    .flatten()
                    .any(|path| path.starts_with(wanted.as_str()))
            });
        if !is_known {
            return Err(Usage(format!("{}: no such file, and no scan names one", typed.display())).into());
        }
    }
    entries.retain(|entry| {
        args.status.wants(entry.row.status)
            && (states.is_empty() || states.contains(&entry.placement.state))
            && (wanted.is_empty() || is_below(entry.path()) || entry.scanned_path().is_some_and(is_below))
    });
    let mut texts = Texts::new(&session.driver, &session.snapshot, root);
    match args.format {
        Format::Json => json(session, &entries, &mut texts, out)?,
        Format::Human => {
            if session.has_data() {
                human(&entries, args, &mut texts, terminal, out)?;
            }
            fresh(session, terminal, out, err)?;
        }
    }
    Ok(if session.has_data() { ExitCode::SUCCESS } else { ExitCode::from(NO_DATA) })
}

fn human(
    entries: &[Entry<'_>],
    args: &ListArgs,
    texts: &mut Texts<'_>,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let is_below = |state: State| matches!(state, State::Gone | State::Unplaced);
    let mut file = None;
    for entry in entries.iter().filter(|entry| !is_below(entry.placement.state)) {
        if file.is_some_and(|file| file != entry.path()) {
            writeln!(out)?;
        }
        file = Some(entry.path());
        let place = texts.place(&entry.placement).unwrap_or_else(|| entry.scanned_at());
        one(entry, &safe::line(&place), args, terminal, out)?;
    }
    let headings = [
        (State::Gone, "Gone from the code: fixed here, pending scan"),
        (State::Unplaced, "Not on a line of this folder"),
    ];
    for (state, heading) in headings {
        let mut of_state = entries.iter().filter(|entry| entry.placement.state == state).peekable();
        if of_state.peek().is_some() {
            let gap = if file.is_some() { "\n" } else { "" };
            writeln!(out, "{gap}{}", terminal.paint.bold(heading))?;
            file = Some("");
        }
        for entry in of_state {
            one(entry, &safe::line(&entry.scanned_at()), args, terminal, out)?;
        }
    }
    if !entries.is_empty() {
        writeln!(out)?;
    }
    writeln!(out, "{}", terminal.paint.bold(&summary(entries, args)))
}

/// `path:line:column: severity: message`, which editors and people know, then the rest.
fn one(
    entry: &Entry<'_>,
    place: &str,
    args: &ListArgs,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let paint = terminal.paint;
    let message = safe::line(entry.index.message(entry.row));
    let severity = entry.row.severity;
    let lead = place.chars().count() + severity.label().len() + 4;
    let first = format!("{}: {}: ", paint.bold(place), paint_severity(paint, severity));
    if terminal.wraps {
        // A second line for what the first cannot hold; all of it is for `show`.
        let fitting = wrap(&message, terminal.width.saturating_sub(lead).max(20)).swap_remove(0);
        writeln!(out, "{first}{fitting}")?;
        let rest = message[fitting.len()..].trim_start();
        if !rest.is_empty() {
            writeln!(out, "    {}", cut(rest, terminal.width.saturating_sub(4)))?;
        }
    } else {
        writeln!(out, "{first}{message}")?;
    }
    let mut facts = vec![page::short_id(&entry.row.id)];
    facts.extend(verdict(entry));
    facts.push(standing(entry));
    if args.status == StatusFilter::All && entry.row.status != StatusValue::Open {
        facts.push(status(entry.row.status).to_owned());
    }
    facts.push(safe::line(entry.index.rule(entry.row)));
    facts.push(safe::line(entry.index.tool(entry.row)));
    facts.retain(|fact| !fact.is_empty());
    for line in wrap(&facts.join(" · "), terminal.text_width().saturating_sub(4)) {
        writeln!(out, "    {}", paint.dim(&line))?;
    }
    Ok(())
}

/// What policy makes of it: "block, risk 60".
fn verdict(entry: &Entry<'_>) -> Option<String> {
    let said = entry.judged?.verdict.as_deref()?;
    Some(format!("{}, risk {}", said.action.label(), said.risk))
}

/// The same code on the same line, laid out anew.
fn is_in_place(placement: &Placement) -> bool {
    let reason = placement.reason.to_string();
    reason.starts_with("re-formatted") && !reason.contains("moved from") && !reason.contains("renamed from")
}

/// One or a few words on the placement.
fn standing(entry: &Entry<'_>) -> String {
    let placement = &entry.placement;
    let mut words = match placement.state {
        State::Exact => "exact".to_owned(),
        State::Moved if is_in_place(placement) => "re-formatted".to_owned(),
        State::Moved if placement.path.as_deref() == entry.scanned_path() => {
            format!("moved from line {}", entry.row.line)
        }
        State::Moved => format!("moved from {}", safe::line(&entry.scanned_at())),
        State::Edited => "edited since the scan: verify".to_owned(),
        State::Uncertain => "uncertain: a best guess".to_owned(),
        State::Gone => "gone".to_owned(),
        State::Unplaced => format!("unplaced: {}", safe::line(&placement.reason.to_string())),
    };
    if let Some(comment) = &placement.suppressed_by {
        words = format!("{words}, suppressed by `{}`", safe::line(comment));
    }
    words
}

pub(super) fn paint_severity(paint: Paint, severity: Severity) -> String {
    let label = severity.label();
    match severity {
        Severity::Critical | Severity::High => paint.red(label),
        Severity::Medium => paint.yellow(label),
        Severity::Low | Severity::Info => paint.cyan(label),
    }
}

fn status(status: StatusValue) -> &'static str {
    match status {
        StatusValue::Open => "open",
        StatusValue::FalsePositive => "false positive",
        StatusValue::RiskAccepted => "risk accepted",
        StatusValue::OutOfScope => "out of scope",
        StatusValue::Mitigated => "mitigated",
        StatusValue::Duplicate => "duplicate",
    }
}

/// "27 open findings: 7 exact, 14 moved; 4 gone (fixed here, pending scan)".
fn summary(entries: &[Entry<'_>], args: &ListArgs) -> String {
    let narrowed = if args.paths.is_empty() && args.state.is_empty() { "" } else { " here" };
    if entries.is_empty() {
        return format!("No {}findings{narrowed}.", args.status.words());
    }
    let of = |state: State| entries.iter().filter(|entry| entry.placement.state == state).count();
    let on_code: Vec<String> = [State::Exact, State::Moved, State::Edited, State::Uncertain]
        .into_iter()
        .filter(|state| of(*state) > 0)
        .map(|state| format!("{} {}", of(state), state.label()))
        .collect();
    let mut parts = vec![on_code.join(", ")];
    if of(State::Gone) > 0 {
        parts.push(format!("{} gone (fixed here, pending scan)", of(State::Gone)));
    }
    if of(State::Unplaced) > 0 {
        parts.push(format!("{} not on a line", of(State::Unplaced)));
    }
    parts.retain(|part| !part.is_empty());
    format!("{}{narrowed}: {}", count(entries.len(), &format!("{}finding", args.status.words())), parts.join("; "))
}

/// Freshness behind the list, problems on standard error.
fn fresh(session: &Session, terminal: &Terminal, out: &mut dyn Write, err: &mut dyn Write) -> std::io::Result<()> {
    let status = session.snapshot.status();
    let now = crate::clock::now();
    if session.has_data() {
        for source in &status.sources {
            writeln!(out, "{}", freshness::line(source, now))?;
        }
    }
    out.flush()?;
    for problem in freshness::problems(&status) {
        writeln!(err, "{}", hang("warning: ", &problem, 9, terminal.text_width()))?;
    }
    if !session.has_data() {
        for line in freshness::NO_DATA.lines() {
            writeln!(err, "{}", hang("", line, 0, terminal.text_width()))?;
        }
    }
    Ok(())
}

fn json(session: &Session, entries: &[Entry<'_>], texts: &mut Texts<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let details = report::details(&session.driver, session.root()?, entries)?;
    let findings =
        entries.iter().map(|entry| info(entry, details.get(&entry.row.id), texts.range(&entry.placement))).collect();
    let status = session.snapshot.status();
    let mut notices = freshness::problems(&status);
    if !session.has_data() {
        notices.push(freshness::NO_DATA.replace('\n', " "));
    }
    let list: FindingList<Range> = FindingList { version: VERSION, findings, notices };
    serde_json::to_writer_pretty(&mut *out, &list)?;
    Ok(writeln!(out)?)
}
