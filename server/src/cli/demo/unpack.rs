//! Makes the example's folder: a real git repository, an uncommitted change, and the scanners' logs.

use std::path::Path;

use anyhow::Context as _;
use repo::history::{self, create_repository};

use super::history::{History, asset};
use crate::cli::Usage;

/// Only a folder that has it is ever removed.
const MARKER: &str = ".git/aspm-demo";

/// Makes `dir` anew. It is built beside and then moved, so that nobody sees half of it.
pub(super) fn unpack(dir: &Path, history: &History) -> anyhow::Result<()> {
    let is_ours = refuse_foreign(dir)?;
    let (Some(parent), Some(name)) = (dir.parent(), dir.file_name()) else {
        return Err(Usage(format!("{} cannot be made anew; name another folder", dir.display())).into());
    };
    std::fs::create_dir_all(parent).with_context(|| format!("{} cannot be created", parent.display()))?;
    let new = parent.join(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let built = build(&new, history).and_then(|()| {
        if is_ours {
            renew(dir, &new).with_context(|| format!("{} cannot be made anew", dir.display()))
        } else {
            std::fs::rename(&new, dir).with_context(|| format!("{} cannot be put in its place", dir.display()))
        }
    });
    if built.is_err() {
        // What is left of it would only be in the way; the first error tells more than this one could.
        let _ = std::fs::remove_dir_all(&new);
    }
    built
}

/// Puts the contents of `new` in place of those of `dir`. The folder itself stays: shells may stand in it.
fn renew(dir: &Path, new: &Path) -> std::io::Result<()> {
    for old in std::fs::read_dir(dir)? {
        let old = old?;
        if old.file_type()?.is_dir() {
            std::fs::remove_dir_all(old.path())?;
        } else {
            std::fs::remove_file(old.path())?;
        }
    }
    for made in std::fs::read_dir(new)? {
        let made = made?;
        std::fs::rename(made.path(), dir.join(made.file_name()))?;
    }
    std::fs::remove_dir(new)
}

/// Whether there is something to replace; an error when it is not the demo's.
fn refuse_foreign(dir: &Path) -> anyhow::Result<bool> {
    let Ok(facts) = std::fs::symlink_metadata(dir) else { return Ok(false) };
    let is_ours = facts.is_dir() && dir.join(MARKER).is_file();
    let is_empty = facts.is_dir() && std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    if is_ours || is_empty {
        return Ok(true);
    }
    Err(Usage(format!(
        "{} exists and was not made by `aspm-lsp demo`: name an empty or a new folder, it is made anew each time",
        dir.display()
    ))
    .into())
}

fn build(dir: &Path, history: &History) -> anyhow::Result<()> {
    let contents = history.commits.iter().map(|commit| commit.changes.contents()).collect::<Result<Vec<_>, _>>()?;
    let removed: Vec<Vec<&str>> =
        history.commits.iter().map(|commit| commit.changes.removed.iter().map(String::as_str).collect()).collect();
    let commits: Vec<history::Commit<'_>> = history
        .commits
        .iter()
        .zip(contents.iter().zip(&removed))
        .map(|(commit, (files, removed))| history::Commit {
            files,
            removed,
            message: &commit.message,
            time_unix: commit.time_unix,
        })
        .collect();
    let author = history::Author { name: &history.author.name, email: &history.author.email };
    let ids = create_repository(dir, &commits, author)?;
    let expected: Vec<&str> = history.commits.iter().map(|commit| commit.id.as_str()).collect();
    anyhow::ensure!(ids == expected, "the demo's history came out with other commit ids than it should: {ids:?}");
    for (path, content) in history.worktree.contents()? {
        write(&dir.join(path), content)?;
    }
    for path in &history.worktree.removed {
        std::fs::remove_file(dir.join(path)).with_context(|| format!("{path} cannot be removed"))?;
    }
    for scan in &history.scans {
        let name = scan.rsplit('/').next().unwrap_or(scan);
        write(&dir.join(".aspm").join(name), asset(scan)?)?;
    }
    // The logs are of this machine and must not look like a change somebody made.
    write(&dir.join(".git/info/exclude"), b"/.aspm/\n")?;
    write(&dir.join(MARKER), b"Made by `aspm-lsp demo`, which removes this folder when it makes it anew.\n")
}

pub(super) fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be created", folder.display()))?;
    }
    std::fs::write(path, content).with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_comes_out_with_the_commit_ids_that_the_scans_name() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("shop");
        let history = History::embedded().unwrap();
        unpack(&dir, &history).unwrap();
        let scanned = history.commits.iter().find(|commit| commit.scanned).expect("one was scanned");
        let repo = repo::Repo::discover(&dir).unwrap().expect("a repository");
        assert!(repo.has_commit(&scanned.id));
        assert_eq!(repo.head().unwrap().commit.as_deref(), history.commits.last().map(|last| last.id.as_str()));
        for scan in &history.scans {
            assert!(std::str::from_utf8(asset(scan).unwrap()).unwrap().contains(&scanned.id), "{scan}");
        }
    }

    #[test]
    fn it_is_made_anew_and_what_others_made_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("shop");
        let history = History::embedded().unwrap();
        unpack(&dir, &history).unwrap();
        std::fs::write(dir.join("mine.txt"), "x").unwrap();
        unpack(&dir, &history).unwrap();
        assert!(!dir.join("mine.txt").exists());
        std::fs::remove_file(dir.join(MARKER)).unwrap();
        assert!(unpack(&dir, &history).unwrap_err().to_string().contains("not made by"));
        assert!(dir.join("README.md").exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
