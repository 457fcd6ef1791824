//! The folder, the cache, the sources, the findings, the editors.

use std::collections::BTreeMap;
use std::path::Path;

use config::Config;
use finding::wire::{SourceState, SourceStatus};
use jiff::Timestamp;
use repo::Repo;
use syntax::Language;

use super::{Report, logs, server};
use crate::cli::freshness::{self, short};
use crate::cli::root::Root as Found;
use crate::cli::session::Session;
use crate::cli::terminal::count;

/// A scan older than this many days deserves a new one.
const OLD_DAYS: i64 = 30;
/// A server that was not read for this many days deserves to be.
const STALE_DAYS: i64 = 2;

pub(super) fn folder(root: &engine::Root, found: &Found, report: &mut Report) {
    report.section("Folder");
    report.line(format!("{} ({})", root.path.display(), found.why));
    git(root, report);
    let loaded = Config::load(&root.path, true);
    let sources = count(loaded.config.sources.len(), "source");
    match (&loaded.from, loaded.problems.is_empty()) {
        (None, _) => report.line("no aspm.toml: findings are read from the SARIF logs below .aspm/"),
        (Some(_), true) => report.line(format!("aspm.toml: valid, {sources}")),
        (Some(_), false) => report.line("aspm.toml: has mistakes and does not count"),
    }
    for problem in loaded.problems {
        report.fatal(problem, "correct aspm.toml; `aspm-lsp schema aspm.toml` prints its schema for your editor");
    }
    let files = root.files.as_deref().unwrap_or_default();
    let mut languages: BTreeMap<&str, usize> = BTreeMap::new();
    for language in files.iter().filter_map(|path| Language::of_path(path)) {
        *languages.entry(language.name()).or_default() += 1;
    }
    let known: usize = languages.values().sum();
    let mut by_count: Vec<(&str, usize)> = languages.into_iter().collect();
    by_count.sort_by_key(|(name, number)| (std::cmp::Reverse(*number), *name));
    let mut words: Vec<String> = by_count.iter().map(|(name, number)| format!("{name} {number}")).collect();
    if files.len() > known {
        words.push(format!("without a grammar {}", files.len() - known));
    }
    let words = if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) };
    report.line(format!("{}{words}", count(files.len(), "file")));
    for notice in &root.listing_notices {
        report.problem(notice, "");
    }
}

fn git(root: &engine::Root, report: &mut Report) {
    match (Repo::discover(&root.path), &root.head) {
        (Ok(None), _) => {
            report.line("git: not in a repository");
            report.problem(
                "This folder is not in a git repository, so the text that was scanned cannot be looked up and findings \
                 are placed by what the logs say.",
                "work in a clone whose history has the scanned commit",
            );
        }
        (Err(error), _) => {
            report.line("git: cannot be read");
            report.problem(format!("Git: {error}"), "findings are placed without history until this is repaired");
        }
        (Ok(Some(repo)), head) => {
            let head = head.clone().unwrap_or_default();
            let branch = head.branch.unwrap_or_else(|| "no branch (detached)".to_owned());
            let commit =
                head.commit.map_or_else(|| ", no commit yet".to_owned(), |commit| format!(" at {}", short(&commit)));
            let shallow = if is_shallow(&repo) { ", shallow clone" } else { "" };
            report.line(format!("git: {branch}{commit}{shallow}"));
        }
    }
}

/// Whether history was cut off when cloning.
fn is_shallow(repo: &Repo) -> bool {
    // The folder `refs` lies beside it.
    repo.git_dirs_to_watch().iter().any(|path| path.ends_with("refs") && path.with_file_name("shallow").is_file())
}

pub(super) fn cache(cache: &Path, report: &mut Report) {
    report.section("Cache");
    match size(cache) {
        Some((files, bytes)) => report.line(format!("{}: {}, {}", cache.display(), count(files, "file"), human(bytes))),
        None => report.line(format!("{}: not there yet", cache.display())),
    }
    if let Err(error) = tempfile_in(cache) {
        report.problem(
            format!("{} cannot be written: {error}. Findings are read anew each time.", cache.display()),
            "make it writable, or name another folder in the environment variable ASPM_CACHE_DIR",
        );
    }
}

/// Whether a file can be made there; it is removed again.
fn tempfile_in(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    std::fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
    std::fs::remove_file(path)
}

/// Files directly in the folder, and their bytes.
fn size(folder: &Path) -> Option<(usize, u64)> {
    let files = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.metadata().ok())
        .filter(std::fs::Metadata::is_file);
    Some(files.fold((0, 0), |(number, bytes), facts| (number + 1, bytes + facts.len())))
}

fn human(bytes: u64) -> String {
    match bytes {
        ..1024 => count(usize::try_from(bytes).unwrap_or(0), "byte"),
        1024..1_048_576 => format!("{} kB", bytes / 1024),
        _ => format!("{} MB", bytes >> 20),
    }
}

/// Which policies are in force, and what keeps them from deciding.
pub(super) fn policy(session: &Session, report: &mut Report) -> anyhow::Result<()> {
    report.section("Policy");
    let root = session.root()?;
    for info in &root.law.policies {
        let revision = info.revision.as_deref().map(|it| format!(", revision {it}")).unwrap_or_default();
        let signed = info.signed_by.as_deref().map(|it| format!(", signed by {it}")).unwrap_or_default();
        report.line(format!("{}{revision}{signed}", info.origin));
    }
    root.law.problems.iter().for_each(|problem| report.problem(problem, ""));
    Ok(())
}

pub(super) fn sources(session: &Session, report: &mut Report) -> anyhow::Result<()> {
    report.section("Sources");
    let root = session.root()?;
    let now = crate::clock::now();
    let status = session.snapshot.status();
    let repo = Repo::discover(&root.path).ok().flatten();
    for (source, told) in root.sources.iter().zip(&status.sources) {
        report.line(freshness::line(told, now));
        let mut can_be_read = true;
        if let Some(url) = &source.config.url {
            report.detail(format!("{} at {url}", source.config.kind.name()));
            can_be_read = server::examine(session, source, report)?;
        } else {
            report.detail(format!("SARIF logs at {}", source.config.path));
            logs::examine(root, source, report);
        }
        if let Some(repo) = &repo {
            commit(repo, source, report);
        }
        if told.state == SourceState::NoData {
            let todo = match (source.config.is_remote(), can_be_read) {
                (true, true) => "`aspm-lsp sync` reads it now",
                (true, false) => "do what is said above of its server, then `aspm-lsp sync` reads it",
                (false, _) => {
                    "put a scanner's SARIF log there (for instance `semgrep scan --sarif -o .aspm/semgrep.sarif`), or \
                     name your own in aspm.toml"
                }
            };
            let known = told.problems.first().cloned().filter(|_| !source.config.is_remote());
            let what =
                known.unwrap_or_else(|| format!("{} was never read: nothing is known of its findings.", told.name));
            report.fatal(what, todo);
        } else {
            told.problems.iter().for_each(|problem| report.problem(problem, ""));
        }
        let read = told.synced_at.as_deref().filter(|_| source.config.is_remote());
        if let Some(days) = read.and_then(|at| days_since(at, now)).filter(|days| *days >= STALE_DAYS) {
            report.problem(
                format!(
                    "{} was last read {} ago; what happened at its source since then is not known here.",
                    told.name,
                    count(usize::try_from(days).unwrap_or(0), "day")
                ),
                "`aspm-lsp sync` reads what changed; an open editor does so by itself while the server can be reached",
            );
        }
        if let Some(days) = age_in_days(told, now).filter(|days| *days >= OLD_DAYS) {
            report.problem(
                format!("The newest scan of {} is {days} days old; later weaknesses are not in it.", told.name),
                "scan again, or fetch a newer log",
            );
        }
    }
    Ok(())
}

fn age_in_days(source: &SourceStatus, now: Timestamp) -> Option<i64> {
    days_since(source.scanned_at.as_deref()?, now)
}

fn days_since(at: &str, now: Timestamp) -> Option<i64> {
    let at: Timestamp = at.parse().ok()?;
    Some(now.duration_since(at).as_hours() / 24)
}

/// Whether the scanned text can be looked up.
fn commit(repo: &Repo, source: &engine::Source, report: &mut Report) {
    let meta = &source.meta;
    let fetch = |commit: &str| {
        if is_shallow(repo) {
            "`git fetch --unshallow`, or a deeper clone in CI, brings it".to_owned()
        } else {
            format!("`git fetch origin {commit}` brings it, if the server still has it")
        }
    };
    match (&meta.scan_commit, &meta.assumed_commit) {
        (Some(commit), _) if repo.has_commit(commit) => {
            report.detail(format!("the scanned commit {} is in this clone: texts are compared", short(commit)));
        }
        (Some(commit), _) => {
            report.detail(format!("the scanned commit {} is not in this clone", short(commit)));
            report.problem(
                format!(
                    "The commit that {} scanned, {}, is not in this clone: findings are placed by the text in the log \
                     alone, with less certainty.",
                    source.name,
                    short(commit)
                ),
                fetch(commit),
            );
        }
        (None, Some(assumed)) if !source.index.rows().is_empty() => report.detail(format!(
            "the logs name no one commit; where they name none, {} is assumed: HEAD when first read",
            short(assumed)
        )),
        _ => {}
    }
}

pub(super) fn findings(session: &Session, report: &mut Report) {
    report.section("Findings");
    let counts = session.snapshot.counts();
    report.line(format!(
        "{} open: {} on code, {} uncertain, {} gone (fixed here, pending scan), {} not on a line",
        counts.open, counts.placed, counts.uncertain, counts.gone, counts.unplaced
    ));
    if counts.pending > 0 {
        report.problem(format!("{} could not be placed.", count(counts.pending, "finding")), "run with ASPM_LOG=info");
    }
}

pub(super) fn editors(report: &mut Report) {
    report.section("Editors");
    report.line("any editor with LSP: run `aspm-lsp --stdio` in this folder for all files");
    report.line("Neovim 0.11: editors/neovim of the source, then vim.lsp.enable('aspm'); try `aspm-lsp demo`");
    report.line("VS Code: the ASPM extension; it finds aspm-lsp on the PATH");
}
