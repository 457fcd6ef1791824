//! `show`: one finding, whole.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use finding::{Finding, FindingId, State};

use super::entries::{self, Positions as _, Texts};
use super::render::Scanned;
use super::session::Session;
use super::terminal::{Terminal, hang};
use super::{NO_DATA, Usage, freshness, render, scanned};
use crate::driver::Answer;
use crate::present::page::{self, Asked, Depth};
use crate::present::safe;
use crate::report::whole;

/// Ids listed when several fit.
const MOST_LISTED: usize = 20;
/// How long the source is waited for.
const PATIENCE: Duration = Duration::from_millis(1500);

pub(super) fn run(
    session: &Session,
    typed: &str,
    is_offline: bool,
    terminal: &Terminal,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let root = session.root()?;
    let found = session.snapshot.find(typed);
    if let [(_, id)] = found.as_slice() {
        let Some(finding) = session.finding(id)?.map(Arc::new) else {
            anyhow::bail!("the findings are being read anew by another process: try again");
        };
        let (asked, changed) = if is_offline { (None, None) } else { ask(session, &finding)? };
        let asked = asked.as_ref();
        return match &changed {
            Some(Changed { finding, session }) => shown(session, finding, asked, terminal, out),
            None => shown(session, &finding, asked, terminal, out),
        };
    }
    let entries = entries::all(&session.snapshot, root);
    let entry_of = |id: &FindingId| entries.iter().find(|entry| entry.row.id == *id);
    let mut texts = Texts::new(&session.driver, &session.snapshot, root);
    match found.as_slice() {
        [] if !session.has_data() => {
            for line in freshness::NO_DATA.lines() {
                writeln!(err, "{}", hang("", line, 0, terminal.text_width()))?;
            }
            Ok(ExitCode::from(NO_DATA))
        }
        [] => Err(unknown(typed).into()),
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

/// What the source has now, where that is another than what was known.
struct Changed {
    finding: Arc<Finding>,
    /// The state in which that is placed and judged.
    session: Session,
}

/// Asks the finding's source, where it can be asked.
fn ask(session: &Session, finding: &Finding) -> anyhow::Result<(Option<Asked>, Option<Changed>)> {
    let root = session.root()?;
    let Some(look) = session.driver.look(&root.path, &finding.source, &finding.id) else { return Ok((None, None)) };
    Ok(match look.wait(PATIENCE, &|| false) {
        None => (Some(Asked::Waiting { is_followed: false }), None),
        Some(Answer::Gone) => (Some(Asked::Gone), None),
        Some(Answer::Failed(why)) => (Some(Asked::Failed(why)), None),
        Some(Answer::Now { was: None, .. }) => (Some(Asked::Now { was: None }), None),
        Some(Answer::Now { finding, was }) => {
            session.driver.wait_until_quiet();
            let driver = session.driver.clone();
            let session = Session { snapshot: driver.snapshot(), driver };
            (Some(Asked::Now { was }), Some(Changed { finding, session }))
        }
    })
}

fn shown(
    session: &Session,
    finding: &Arc<Finding>,
    asked: Option<&Asked>,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let whole = whole::of(&session.driver, &session.snapshot, &finding.id, Some(finding))?;
    let whole =
        whole.ok_or_else(|| anyhow::anyhow!("the findings are being read anew by another process: try again"))?;
    let mut texts = Texts::new(&session.driver, &session.snapshot, whole.root);
    let stand = whole.stand(&mut texts);
    let now = crate::clock::now();
    let just_now = now.to_string();
    let mut subjects = whole.subjects(&stand, now);
    // Whoever names a finding wants that one told, and the others as its twins.
    if let Some(at) = subjects.iter().position(|subject| subject.finding.id == finding.id) {
        subjects.swap(0, at);
    }
    subjects[0].asked = asked;
    if let Some(Asked::Now { .. }) = asked {
        subjects[0].synced_at = Some(&just_now);
    }
    let placement = subjects[0].placement;
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
    let severity = finding.severity;
    if matches!(placement.state, State::Edited | State::Gone | State::Uncertain)
        && let Some(Scanned { commit, path, text, lines, range }) = scanned::of(&session.root()?.path, finding)
    {
        writeln!(out, "\nWhen scanned, at {}:", freshness::short(&commit))?;
        writeln!(out, "{}", render::code(&path, (&text, &lines), &range, severity, terminal))?;
    }
    if let (Some(path), Some(range)) = (&placement.path, &placement.range)
        && let Some(now) = texts.of(path)
    {
        writeln!(out, "\nNow:")?;
        writeln!(out, "{}", render::code(path, (&now.text, &now.lines), range, severity, terminal))?;
    }
    Ok(ExitCode::SUCCESS)
}
