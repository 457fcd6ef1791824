//! `init`: starter files, added to what is there, never over it.

mod choose;
mod hook_config;
mod pre_commit;

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use config::{BindError, Bound, Config, Wanted};
use repo::Repo;

use super::args::InitArgs;
use super::{Usage, root};
use crate::present::safe;

const STARTER: &str = include_str!("init/aspm.toml");
/// Where logs lie that are read without any source.
const LOGS: &str = ".aspm";

pub(super) fn run(args: &InitArgs, given: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let root = root::find(given)?;
    if args.pre_commit {
        return pre_commit::run(&root.path, out);
    }
    let path = root.path.join(config::FILE_NAME);
    let before = present(&path)?;
    let known = match &before {
        Some(text) => Config::parse(text, config::FILE_NAME).map_err(|error| Usage(error.to_string()))?,
        None => Config::default_for_root(),
    };
    let Some((url, user)) = choose::server(args, &known)? else { return starter(&path, before.is_some(), args, out) };
    let repositories = Repo::discover(&root.path).ok().flatten().map(|repo| repo.repository_urls()).unwrap_or_default();
    let choice = choose::product(args, url, user, &repositories)?;
    // Without any source they are read; with this one alone they would not be.
    let is_default = known.sources == Config::default_for_root().sources;
    let wanted = Wanted {
        url: choice.url,
        product: choice.product,
        engagement: args.engagement.clone(),
        keep_logs: is_default && has_logs(&root.path),
    };
    let (text, source, is_new) = match bound(before.as_deref(), &wanted)? {
        Bound::Kept { source } => {
            let product = safe::line(&wanted.product);
            writeln!(out, "{} says so already: source \"{source}\" reads the product \"{product}\".", path.display())?;
            writeln!(out, "Next: aspm-lsp sync")?;
            return Ok(ExitCode::SUCCESS);
        }
        Bound::Changed { text, source, is_new } => (text, source, is_new),
    };
    write(&path, before.as_deref(), &text)?;
    let what = if before.is_none() { "Wrote" } else { "Changed" };
    let part = wanted.engagement.as_ref().map_or_else(String::new, |it| format!(", engagement \"{}\"", safe::line(it)));
    writeln!(
        out,
        "{what} {}: source \"{source}\" reads the product \"{}\"{part} of {}.",
        path.display(),
        safe::line(&wanted.product),
        wanted.url.as_str().trim_end_matches('/')
    )?;
    if is_new && wanted.keep_logs {
        writeln!(out, "The logs below {LOGS}/ are read on, by a source of their own.")?;
    }
    writeln!(out, "Next: aspm-lsp sync")?;
    Ok(ExitCode::SUCCESS)
}

/// The file that is there. A link is nothing to write through.
fn present(path: &Path) -> anyhow::Result<Option<String>> {
    let facts = match path.symlink_metadata() {
        Ok(facts) => facts,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Usage(format!("{} cannot be read: {error}", path.display())).into()),
    };
    if !facts.is_file() || facts.len() > config::MAX_FILE_BYTES {
        let why = "is no plain file of the usual size, so it is neither read nor changed";
        return Err(Usage(format!("{} {why}", path.display())).into());
    }
    let text =
        fs::read_to_string(path).map_err(|error| Usage(format!("{} cannot be read: {error}", path.display())))?;
    Ok(Some(text))
}

fn bound(before: Option<&str>, wanted: &Wanted) -> anyhow::Result<Bound> {
    let text = before.unwrap_or(STARTER);
    Config::bind(text, config::FILE_NAME, wanted).map_err(|error| {
        let why = match error {
            BindError::Broken(error) => error.to_string(),
            error => format!("{} was not changed: {error}", config::FILE_NAME),
        };
        Usage(why).into()
    })
}

fn has_logs(root: &Path) -> bool {
    let is_log = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().to_lowercase();
        [".sarif", ".sarif.json", ".sarif.gz", ".sarif.json.gz"].iter().any(|end| name.ends_with(end))
    };
    fs::read_dir(root.join(LOGS)).is_ok_and(|entries| entries.filter_map(Result::ok).any(is_log))
}

fn starter(path: &Path, is_there: bool, args: &InitArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let server = "To read findings of a server: aspm-lsp login URL, then aspm-lsp init";
    if is_there {
        let more = if args.offline { String::new() } else { format!(". {server}") };
        return Err(Usage(format!("{} is there already; nothing was changed{more}", path.display())).into());
    }
    write(path, None, STARTER)?;
    writeln!(out, "Wrote {}: every key in it is a comment to be taken out.", path.display())?;
    writeln!(out, "Without sources in it, findings come from the SARIF logs below {LOGS}/.")?;
    if !args.offline {
        writeln!(out, "{server}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The old text or the new one, whole, whatever happens.
fn write(path: &Path, before: Option<&str>, text: &str) -> anyhow::Result<()> {
    let failed = |error: std::io::Error| anyhow::anyhow!("{} cannot be written: {error}", path.display());
    if before.is_none() {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
        return file.write_all(text.as_bytes()).map_err(failed);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".aspm.toml").tempfile_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    let permissions = path.metadata().map_err(failed)?.permissions();
    file.as_file().set_permissions(permissions).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
