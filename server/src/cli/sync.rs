//! `sync`: findings and policy are read anew, and triage that waits is sent.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use engine::Survey;
use finding::wire::{Counts, ServerState, SourceState, StatusInfo};

use super::args::SyncArgs;
use super::terminal::{Terminal, hang};
use super::{NO_DATA, freshness, root, session};
use crate::driver::{Judging, Network};
use crate::present::safe;

/// Exit code when something could not be read or sent.
const FAILED: u8 = 1;

/// Findings that came back, told one by one.
const MOST_SUCCESSIONS: usize = 10;

pub(super) fn run(
    args: &SyncArgs,
    given: Option<&Path>,
    cache: PathBuf,
    terminal: &Terminal,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let root = root::find(given)?;
    let judging = Judging { network: Network::Asked, is_full: args.full, ..Judging::default() };
    let session = session::load_judging(&root.path, cache, terminal.shows_progress, judging, Survey::Nothing)?;
    let mut is_good = true;
    for pulled in session.driver.pull_policies(&root.path) {
        match pulled {
            Ok(line) => writeln!(out, "{}", safe::line(&line))?,
            Err(why) => {
                is_good = false;
                writeln!(err, "{}", hang("error: ", &safe::line(&why), 7, terminal.text_width()))?;
            }
        }
    }
    let status = session.snapshot.status();
    let now = crate::clock::now();
    for source in &status.sources {
        writeln!(out, "{}", freshness::line(source, now))?;
        is_good &= matches!(source.state, SourceState::Ready);
    }
    let successions = session.driver.successions(&root.path);
    for line in successions.iter().take(MOST_SUCCESSIONS) {
        writeln!(out, "{}", hang("", &safe::line(line), 2, terminal.text_width()))?;
    }
    if successions.len() > MOST_SUCCESSIONS {
        writeln!(out, "… and {} more came back under another number.", successions.len() - MOST_SUCCESSIONS)?;
    }
    match session.driver.waiting(&root.path) {
        Ok(waiting) => super::outbox::tell(&waiting, terminal, out)?,
        Err(why) => tracing::info!(why, "the outbox is not listed"),
    }
    out.flush()?;
    // Nothing is placed here: that is no news.
    let status = StatusInfo { counts: Counts::default(), state: ServerState::Ready, ..status };
    for problem in freshness::problems(&status) {
        writeln!(err, "{}", hang("warning: ", &problem, 9, terminal.text_width()))?;
    }
    let has_data = status.sources.iter().any(|source| source.state != SourceState::NoData);
    Ok(match (is_good, has_data) {
        (true, _) => ExitCode::SUCCESS,
        (false, true) => ExitCode::from(FAILED),
        (false, false) => ExitCode::from(NO_DATA),
    })
}
