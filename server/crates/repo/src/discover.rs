//! Which repository a folder belongs to, and opening it with the least trust.
//!
//! The root is always the folder that holds `.git`: `core.worktree` is ignored, or a repository's own configuration
//! could make `/` the root. Bare repositories have no files to place anything in and are walked past, as are `.git`
//! folders that are none.

use std::path::{Component, Path, PathBuf};

use gix::ThreadSafeRepository;

use crate::Error;
use crate::error::chain;
use crate::guard::{self, GitDirs};

/// Memory bounds a handle works under (bytes), and `refs/replace` off: content at a commit is what the commit says.
const OVERRIDES: [&str; 4] = [
    "core.deltaBaseCacheLimit=4194304",
    "gitoxide.objects.cacheLimit=4194304",
    "gitoxide.objects.allocLimit=67108864",
    "core.useReplaceRefs=false",
];

/// A repository found for a folder.
pub(crate) struct Found {
    /// In the caller's spelling where that leads to the same folder.
    pub(crate) root: PathBuf,
    pub(crate) dirs: GitDirs,
    pub(crate) handle: ThreadSafeRepository,
}

pub(crate) fn discover(dir: &Path) -> Result<Option<Found>, Error> {
    let physical = std::fs::canonicalize(dir).map_err(Error::io(dir))?;
    for candidate in physical.ancestors() {
        let root = || spelled_like(dir, candidate);
        let refused = |detail| Error::Refused { path: root(), detail };
        let Some(dirs) = guard::inspect(&candidate.join(".git")).map_err(refused)? else { continue };
        if let Some(handle) = open(candidate, &dirs).map_err(|detail| Error::Open { path: root(), detail })? {
            return Ok(Some(Found { root: root(), dirs, handle }));
        }
        tracing::debug!(folder = %candidate.display(), "passed by: bare or incomplete git directory");
    }
    Ok(None)
}

/// The repository that `dir` is: a work tree's folder, its `.git`, or a bare repository. Nothing above is looked at.
pub(crate) fn at(dir: &Path) -> Result<Option<Found>, Error> {
    let physical = std::fs::canonicalize(dir).map_err(Error::io(dir))?;
    let refused = |detail| Error::Refused { path: dir.to_path_buf(), detail };
    for git_dir in [physical.join(".git"), physical.clone()] {
        let Some(dirs) = guard::inspect(&git_dir).map_err(refused)? else { continue };
        if dirs.common.join("objects").is_dir() && dirs.common.join("refs").is_dir() {
            let failed = |error: gix::Error| Error::Open { path: dir.to_path_buf(), detail: chain(&error) };
            return Ok(Some(Found {
                root: dir.to_path_buf(),
                dirs,
                handle: options().open(&physical).map_err(failed)?,
            }));
        }
    }
    Ok(None)
}

/// `Ok(None)`: not a complete repository, or one without a work tree.
fn open(candidate: &Path, dirs: &GitDirs) -> Result<Option<ThreadSafeRepository>, String> {
    if !dirs.common.join("objects").is_dir() || !dirs.common.join("refs").is_dir() {
        return Ok(None);
    }
    let handle = options().open(candidate).map_err(|error| chain(&error))?;
    Ok(handle.work_dir().is_some().then_some(handle))
}

/// Least trust, no environment, no configuration but the repository's own, no includes.
pub(crate) fn options() -> gix::open::Options {
    gix::open::Options::isolated().with(gix::sec::Trust::Reduced).config_overrides(OVERRIDES)
}

/// `found` (physical) in the spelling of `asked`, when one of that path's own ancestors is the same folder. Editors
/// compare paths as text, so a root below a symbolic link has to keep the link.
fn spelled_like(asked: &Path, found: &Path) -> PathBuf {
    let Ok(absolute) = std::path::absolute(asked) else { return found.to_path_buf() };
    if absolute.components().any(|part| part == Component::ParentDir) {
        return found.to_path_buf();
    }
    absolute
        .ancestors()
        .find(|folder| std::fs::canonicalize(folder).is_ok_and(|physical| physical == found))
        .map_or_else(|| found.to_path_buf(), Path::to_path_buf)
}
