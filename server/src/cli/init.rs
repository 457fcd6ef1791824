//! `init`: starter files, added to what is there, never over it.

mod hook_config;
mod pre_commit;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::args::InitArgs;
use super::{Usage, root};

const STARTER: &str = include_str!("init/aspm.toml");

pub(super) fn run(args: &InitArgs, given: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let root = root::find(given)?;
    if args.pre_commit {
        return pre_commit::run(&root.path, out);
    }
    let path = root.path.join(config::FILE_NAME);
    if path.symlink_metadata().is_ok() {
        return Err(Usage(format!("{} is there already; nothing was changed", path.display())).into());
    }
    fs::write(&path, STARTER)?;
    writeln!(out, "Wrote {}: every key in it is a comment to be taken out.", path.display())?;
    writeln!(out, "Without sources in it, findings come from the SARIF logs below .aspm/.")?;
    Ok(ExitCode::SUCCESS)
}
