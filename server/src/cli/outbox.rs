//! `outbox`: triage that no source has confirmed yet.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use engine::Survey;

use super::args::OutboxCommand;
use super::{Usage, root, session};
use crate::driver::{Judging, Waiting};
use crate::present::safe;

/// Exit code when something still waits after an attempt.
const WAITS: u8 = 1;

pub(super) fn run(
    command: &OutboxCommand,
    given: Option<&Path>,
    cache: PathBuf,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let root = root::find(given)?;
    let session = session::load_judging(&root.path, cache, false, Judging::default(), Survey::Nothing)?;
    let driver = &session.driver;
    let root = session.root()?.path.clone();
    let fail = |why: String| Usage(why);
    match command {
        OutboxCommand::List => {
            let waiting = driver.waiting(&root);
            if waiting.is_empty() {
                writeln!(out, "Nothing waits: every triage was confirmed by its source.")?;
            }
            for line in lines(&waiting) {
                writeln!(out, "{line}")?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        OutboxCommand::Retry { id } => driver.retry(id).map_err(fail)?,
        OutboxCommand::Discard { id } => {
            driver.discard(id).map_err(fail)?;
            writeln!(out, "Discarded {id}: the source was told nothing of it.")?;
            return Ok(ExitCode::SUCCESS);
        }
    }
    let waiting = driver.deliver(&root);
    if waiting.is_empty() {
        writeln!(out, "The source has confirmed it.")?;
    }
    for line in lines(&waiting) {
        writeln!(out, "{line}")?;
    }
    Ok(if waiting.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WAITS) })
}

/// One line for each that waits, and what to do where it needs a person.
pub(super) fn lines(waiting: &[Waiting]) -> Vec<String> {
    let mut lines = Vec::new();
    for one in waiting {
        let short: String = one.id.chars().take(8).collect();
        lines.push(safe::line(&format!("{short}: {} for {} at {}", one.what, one.finding, one.source)));
        lines.push(format!("  {}", safe::line(&one.state)));
        if one.needs_a_person {
            lines.push(format!(
                "  `aspm-lsp outbox retry {short}` sends it over what is there now, `discard` gives it up."
            ));
        }
    }
    lines
}
