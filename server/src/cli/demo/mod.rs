//! `demo`: a worked example on embedded data, with the same engine as everything else.

mod assets;
mod history;
mod open;
mod tally;
mod tell;
mod unpack;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::DemoArgs;
use super::terminal::Terminal;
use super::{root, session};
use history::History;

pub(super) fn run(args: &DemoArgs, cache: &Path, terminal: &Terminal, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let history = History::embedded()?;
    let dir = match &args.dir {
        Some(dir) => root::tidy(&std::env::current_dir()?.join(dir)),
        None => default_dir(cache, &history)?,
    };
    unpack::unpack(&dir, &history)?;
    open::write_neovim(&dir)?;
    let session = session::load(&dir, cache.to_path_buf(), terminal.shows_progress)?;
    let story = tell::Story::of(&session)?;
    story.tell(&history, args.all, terminal, out)?;
    open::tell(&dir, terminal, out)?;
    Ok(ExitCode::SUCCESS)
}

fn default_dir(cache: &Path, history: &History) -> anyhow::Result<PathBuf> {
    Ok(std::path::absolute(cache.join("demo").join(&history.name))?)
}
