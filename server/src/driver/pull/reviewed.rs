//! Logs that are in git, as they were before the change at hand: a change may bring findings, and never take any away.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use config::{Config, SourceConfig};
use repo::{Repo, TreeView, View};
use tempfile::TempDir;

use crate::driver::Inner;

const MOST_FILES: usize = 500_000;
/// The largest log that is taken from git, in bytes.
const MOST_BYTES: usize = 256 << 20;

/// A stand-in for the root with the reviewed logs in it; `None` where what is on disk is what was reviewed, or was never
/// in git. An error is a sentence for people.
pub(super) fn copy(inner: &Inner, root: &Path, source: &SourceConfig) -> Result<Option<TempDir>, String> {
    let (Some(repo), Some(before)) = (inner.repo(root), inner.reviewed(root)) else { return Ok(None) };
    let logs = Logs::of(inner, root, source, &repo, &before)?;
    if logs.is_as_reviewed() {
        return Ok(None);
    }
    let failed = |error: &dyn std::fmt::Display| format!("The reviewed logs of \"{}\": {error}.", source.name);
    let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
    let write = |path: &str, bytes: &[u8]| {
        let to = folder.path().join(path);
        to.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&to, bytes))
    };
    for path in &logs.reviewed {
        let bytes = before.bytes(path, MOST_BYTES).map_err(|error| failed(&error))?;
        let bytes = bytes.ok_or_else(|| failed(&format!("{path} cannot be read from git")))?;
        write(path, &bytes).map_err(|error| failed(&error))?;
    }
    Ok(Some(folder))
}

/// Whether everything a source reads was there before the change.
pub(crate) fn is_reviewed(inner: &Inner, root: &Path, source: &SourceConfig) -> bool {
    let (Some(repo), Some(before)) = (inner.repo(root), inner.reviewed(root)) else { return false };
    Logs::of(inner, root, source, &repo, &before).is_ok_and(|logs| logs.never_in_git.is_empty())
}

/// The logs of a source, by what git says of them.
struct Logs {
    /// Before the change.
    reviewed: Vec<Arc<str>>,
    /// On disk and not in git.
    never_in_git: Vec<Arc<str>>,
    /// What the change did to logs: other content on disk, gone from disk, or new in git.
    altered: bool,
}

impl Logs {
    fn of(inner: &Inner, root: &Path, source: &SourceConfig, repo: &Repo, before: &TreeView) -> Result<Self, String> {
        let reads = Config::of_source(source.clone());
        let is_log = |path: &str| reads.reads(path);
        let told = |error: repo::Error| format!("Git: {error}.");
        let listed = |tree: &TreeView| -> Result<Vec<Arc<str>>, String> {
            let listing = tree.list(MOST_FILES).map_err(told)?;
            Ok(listing.files.into_iter().map(|file| file.path).filter(|path| is_log(path)).collect())
        };
        let reviewed = listed(before)?;
        let folder = repo.prefix_of(root).unwrap_or_default();
        let mut in_git: HashSet<Arc<str>> = reviewed.iter().cloned().collect();
        in_git.extend(listed(&repo.view(&View::Index, &folder).map_err(told)?)?);
        if let View::Commit(_) = &inner.judging.view
            && let Some(tree) = inner.tree(root).map_err(told)?
        {
            in_git.extend(listed(&tree)?);
        }
        let on_disk =
            connectors::sarif::SarifFiles::new(root, &source.name, &source.path, connectors::sarif::Limits::default())
                .map(|connector| connector.logs())
                .unwrap_or_default();
        let never_in_git: Vec<Arc<str>> =
            on_disk.iter().filter(|path| !in_git.contains(path.as_str())).map(|path| path.as_str().into()).collect();
        let disk = repo.view(&View::WorkTree, &folder).map_err(told)?;
        let is_new = on_disk.iter().any(|path| in_git.contains(path.as_str()) && before.blob(path).is_none());
        let altered = is_new || reviewed.iter().any(|path| before.blob(path) != disk.blob(path));
        Ok(Self { reviewed, never_in_git, altered })
    }

    fn is_as_reviewed(&self) -> bool {
        !self.altered
    }
}
