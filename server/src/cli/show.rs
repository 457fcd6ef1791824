//! `show`: one finding, whole.

use std::io::Write;
use std::process::ExitCode;

use finding::{Finding, FindingId, State};

use super::entries::{self, Entry, Texts};
use super::render::Scanned;
use super::session::Session;
use super::terminal::{Terminal, hang};
use super::{NO_DATA, Usage, freshness, render, scanned};
use crate::present::page::{self, Depth, Subject};
use crate::present::safe;

/// Ids listed when several fit.
const MOST_LISTED: usize = 20;

pub(super) fn run(
    session: &Session,
    typed: &str,
    terminal: &Terminal,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let root = session.root()?;
    let found = session.snapshot.find(typed);
    let entries = entries::all(&session.snapshot, root);
    let entry_of = |id: &FindingId| entries.iter().find(|entry| entry.row.id == *id);
    let mut texts = Texts::new(&session.driver, root);
    match found.as_slice() {
        [] if !session.has_data() => {
            for line in freshness::NO_DATA.lines() {
                writeln!(err, "{}", hang("", line, 0, terminal.text_width()))?;
            }
            Ok(ExitCode::from(NO_DATA))
        }
        [] => Err(unknown(typed).into()),
        [(_, id)] => {
            let Some(entry) = entry_of(id) else { return Err(unknown(typed).into()) };
            let Some(finding) = session.finding(id)? else {
                anyhow::bail!("the findings are being read anew by another process: try again");
            };
            shown(session, entry, &finding, &entries, &mut texts, terminal, out)?;
            Ok(ExitCode::SUCCESS)
        }
        several => {
            let mut words = vec![format!("{} ids start with {typed}; type more of the one you mean:", several.len())];
            for entry in several.iter().take(MOST_LISTED).filter_map(|(_, id)| entry_of(id)) {
                let place = texts.place(&entry.placement).unwrap_or_else(|| entry.scanned_at());
                let rule = safe::line(entry.index.rule(entry.row));
                words.push(format!("  {}  {} {rule}", entry.row.id, safe::line(&place)));
            }
            if several.len() > MOST_LISTED {
                words.push(format!("  and {} more", several.len() - MOST_LISTED));
            }
            Err(Usage(words.join("\n")).into())
        }
    }
}

fn unknown(typed: &str) -> Usage {
    let why = if typed.chars().count() < 4 { "; type at least four characters" } else { "" };
    Usage(format!("no finding's id is or starts with {typed:?}{why}; `aspm-lsp list --status all` shows the ids"))
}

fn shown(
    session: &Session,
    entry: &Entry<'_>,
    finding: &Finding,
    all: &[Entry<'_>],
    texts: &mut Texts,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut twins = Vec::new();
    for twin in all.iter().filter(|other| other.leader == entry.leader && other.row.id != entry.row.id) {
        twins.extend(session.finding(&twin.row.id)?.map(|finding| (twin, finding)));
    }
    let now = crate::clock::now();
    let mut subjects = vec![subject(entry, finding, now)];
    subjects.extend(twins.iter().map(|(twin, finding)| subject(twin, finding, now)));
    for line in page::plain(&subjects, Depth::Page).lines() {
        let text = line.trim_start();
        let depth = line.len() - text.len();
        // What is indented this far is code.
        if !terminal.wraps || depth >= 4 || text.is_empty() {
            writeln!(out, "{line}")?;
        } else {
            let indent = depth + if text.starts_with("- ") { 2 } else { 0 };
            writeln!(out, "{}", hang(&" ".repeat(depth), text, indent, terminal.width))?;
        }
    }
    let (placement, severity) = (&*entry.placement, entry.row.severity);
    if matches!(placement.state, State::Edited | State::Gone | State::Uncertain)
        && let Some(Scanned { commit, path, text, lines, range }) = scanned::of(&session.root()?.path, finding)
    {
        writeln!(out, "\nWhen scanned, at {}:", freshness::short(&commit))?;
        writeln!(out, "{}", render::code(&path, (&text, &lines), &range, severity, terminal))?;
    }
    if let (Some(path), Some(range)) = (&placement.path, &placement.range)
        && let Some((text, lines)) = texts.of(path)
    {
        writeln!(out, "\nNow:")?;
        writeln!(out, "{}", render::code(path, (text, lines), range, severity, terminal))?;
    }
    Ok(())
}

fn subject<'a>(entry: &'a Entry<'_>, finding: &'a Finding, now: jiff::Timestamp) -> Subject<'a> {
    let meta = &entry.source.meta;
    Subject {
        finding,
        placement: &entry.placement,
        scanned_line: finding.evidence.region.map(|region| region.line),
        path_note: None,
        synced_at: meta.synced_at.as_deref(),
        assumed_commit: meta.assumed_commit.as_deref().filter(|_| finding.evidence.commit.is_none()),
        package: entry.package,
        judged: entry.judged,
        now,
    }
}
