//! `outbox`: triage that no source has confirmed yet.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use engine::Survey;

use super::args::OutboxCommand;
use super::session::{self, Session};
use super::terminal::{Terminal, hang};
use super::{Usage, root};
use crate::driver::{Driver, Judging, Waiting};
use crate::present::safe;
use crate::triage::words::short;

/// Exit code when a source or policy said no, or somebody has to decide.
const REFUSED: u8 = 1;
/// Exit code when it still waits.
const WAITS: u8 = 4;
/// Entries told one by one.
const MOST_TOLD: usize = 50;

pub(super) fn run(
    command: &OutboxCommand,
    given: Option<&Path>,
    cache: PathBuf,
    terminal: &Terminal,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let root = root::find(given)?;
    let session = session::load_judging(&root.path, cache, false, Judging::default(), Survey::Nothing)?;
    let driver = &session.driver;
    let root = session.root()?.path.clone();
    let fail = |why: String| Usage(why);
    match command {
        OutboxCommand::List => {
            let waiting = driver.waiting(&root);
            warn(driver, terminal, err)?;
            let waiting = match waiting {
                Ok(waiting) => waiting,
                Err(why) => {
                    writeln!(err, "{}", hang("error: ", &safe::line(&why), 7, terminal.text_width()))?;
                    return Ok(ExitCode::from(REFUSED));
                }
            };
            if waiting.is_empty() && driver.remarks().is_empty() {
                writeln!(out, "Nothing waits: every triage was confirmed by its source.")?;
            } else if waiting.is_empty() {
                writeln!(out, "Nothing waits.")?;
            }
            tell(&waiting, terminal, out)?;
            for line in driver.kept_outboxes() {
                writeln!(out, "{}", hang("", &safe::line(&line), 2, terminal.text_width()))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        OutboxCommand::Retry { id } => {
            let id = driver.retry(id).map_err(fail)?;
            deliver(&session, &[&id], terminal, out, err)
        }
        OutboxCommand::Discard { id } => {
            let gone = driver.discard(id).map_err(fail)?;
            let words = format!(
                "Discarded {}: {} for {}. {} was told nothing of it.",
                short(&gone.id),
                gone.what,
                gone.finding,
                gone.source
            );
            writeln!(out, "{}", hang("", &safe::line(&words), 2, terminal.text_width()))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Sends what waits and says what came of `ours`, names of entries.
pub(super) fn deliver(
    session: &Session,
    ours: &[&str],
    terminal: &Terminal,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let delivery = session.driver.deliver(&session.root()?.path);
    warn(&session.driver, terminal, err)?;
    for why in delivery.troubles {
        writeln!(err, "{}", hang("warning: ", &safe::line(&why), 9, terminal.text_width()))?;
    }
    let waiting = match delivery.waiting {
        Ok(waiting) => waiting,
        Err(why) => {
            let words = format!("It was queued; whether it arrived cannot be told now: {why}");
            writeln!(err, "{}", hang("warning: ", &safe::line(&words), 9, terminal.text_width()))?;
            return Ok(ExitCode::from(WAITS));
        }
    };
    let (waiting, others): (Vec<Waiting>, Vec<Waiting>) =
        waiting.into_iter().partition(|one| ours.contains(&one.id.as_str()));
    match ours.len() - waiting.len() {
        0 => {}
        1 if ours.len() == 1 => writeln!(out, "The source has confirmed it.")?,
        all if all == ours.len() => writeln!(out, "The source has confirmed all {all}.")?,
        some => writeln!(out, "The source has confirmed {some} of {}.", ours.len())?,
    }
    tell(&waiting, terminal, out)?;
    let needs_a_person = waiting.iter().any(|one| one.needs_a_person);
    if !waiting.is_empty() && !needs_a_person {
        writeln!(out, "It is queued: `aspm-lsp sync` or an editor sends it once the source can be reached.")?;
    }
    if !others.is_empty() {
        let words = format!(
            "Beside this, {} in the outbox: `aspm-lsp outbox list`.",
            super::terminal::count(others.len(), "triage")
        );
        writeln!(out, "{words}")?;
    }
    Ok(match (waiting.is_empty(), needs_a_person) {
        (true, _) => ExitCode::SUCCESS,
        (false, true) => ExitCode::from(REFUSED),
        (false, false) => ExitCode::from(WAITS),
    })
}

/// What happened to the outbox and caches themselves.
pub(super) fn warn(driver: &Driver, terminal: &Terminal, err: &mut dyn Write) -> std::io::Result<()> {
    for notice in driver.remarks() {
        writeln!(err, "{}", hang("warning: ", &safe::line(&notice), 9, terminal.text_width()))?;
    }
    Ok(())
}

/// A few lines for each that waits, and what to do where it needs a person.
pub(super) fn tell(waiting: &[Waiting], terminal: &Terminal, out: &mut dyn Write) -> std::io::Result<()> {
    let width = terminal.text_width();
    for one in waiting.iter().take(MOST_TOLD) {
        let short = short(&one.id);
        writeln!(out, "{}", safe::line(&format!("{short}: {} for {} at {}", one.what, one.finding, one.source)))?;
        writeln!(out, "{}", hang("  ", &safe::line(&one.state), 2, width))?;
        if one.needs_a_person {
            let words =
                format!("`aspm-lsp outbox retry {short}` sends it over what is there now, `discard` gives it up.");
            writeln!(out, "{}", hang("  ", &words, 2, width))?;
        }
    }
    if waiting.len() > MOST_TOLD {
        writeln!(out, "… and {} more.", waiting.len() - MOST_TOLD)?;
    }
    Ok(())
}
