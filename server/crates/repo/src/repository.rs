//! The handle that everything asks: cheap to clone, usable from any thread.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gix::ObjectId;

use crate::discover::{self, Found};
use crate::guard::GitDirs;
use crate::index::{Cache, Entry, Index, Kind};
use crate::{Content, Error, FileHistory, Head, HistoryLimits, Remote, Renamed, TreeListing};

/// Handles kept for reuse. Each keeps up to 8 MiB of decoded objects, so that many paths of one commit are cheap.
const POOLED_HANDLES: usize = 3;
/// Abbreviated commit ids (scanners shorten them) are taken from this length on.
const SHORTEST_ID: usize = 7;

/// A repository with a work tree. Clones share everything.
#[derive(Clone)]
pub struct Repo {
    inner: Arc<Inner>,
    /// Instead of the repository's own.
    index_file: Option<Arc<Path>>,
}

struct Inner {
    root: PathBuf,
    dirs: GitDirs,
    shared: gix::ThreadSafeRepository,
    pool: Mutex<Vec<gix::Repository>>,
    index: Cache,
}

/// A regular file that two commits have differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Relative to the root, `/` as separator.
    pub path: std::sync::Arc<str>,
    /// Blob id (hex) at the older commit; `None`: it was added.
    pub before: Option<String>,
    /// Blob id (hex) at the newer commit; `None`: it was removed.
    pub after: Option<String>,
}

/// The files that two commits have differently.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileChanges {
    /// Sorted by path.
    pub files: Vec<FileChange>,
    /// More files differ than the limit allowed, or some folders are not in the local object store.
    pub is_partial: bool,
}

impl std::fmt::Debug for Repo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repo").field("root", &self.inner.root).finish_non_exhaustive()
    }
}

/// A file as git's index knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackedFile {
    /// Relative to the work tree's root, `/` as separator.
    pub path: Arc<str>,
    size: u32,
    modified: u32,
}

impl TrackedFile {
    /// Whether the file at `path` on disk may hold something else than the index says: another size or time.
    #[must_use]
    pub fn is_touched(&self, path: &Path) -> bool {
        let Ok(facts) = std::fs::symlink_metadata(path) else { return false };
        let seconds = facts.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let is_same_size = u64::from(self.size) == facts.len() % (1 << 32);
        !is_same_size || seconds.is_none_or(|seconds| seconds.as_secs() % (1 << 32) != u64::from(self.modified))
    }
}

impl Repo {
    /// The repository whose work tree contains `dir`, `None` when there is none (or only a bare one).
    ///
    /// Safe on hostile repositories: no command, include or lazy fetch; the owner does not matter.
    pub fn discover(dir: &Path) -> Result<Option<Self>, Error> {
        Ok(discover::discover(dir)?.map(Self::new))
    }

    /// The repository that `dir` itself is, bare ones included, `None` when it is none: for reading commits of a clone
    /// in which nobody works. Safe like [`Self::discover`].
    pub fn at(dir: &Path) -> Result<Option<Self>, Error> {
        Ok(discover::at(dir)?.map(Self::new))
    }

    fn new(Found { root, dirs, handle }: Found) -> Self {
        let inner = Inner { root, dirs, shared: handle, pool: Mutex::new(Vec::new()), index: Cache::default() };
        Self { inner: Arc::new(inner), index_file: None }
    }

    /// The same repository with another index file: while `git commit` runs a hook, `GIT_INDEX_FILE` names the index
    /// that is about to be committed. A relative path starts at the work tree's root, where git runs hooks.
    #[must_use]
    pub fn with_index_file(&self, file: &Path) -> Self {
        Self { inner: self.inner.clone(), index_file: Some(self.inner.root.join(file).into()) }
    }

    /// The work tree's root: the folder that holds `.git`, spelled like the folder that was asked for.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    /// What changes when HEAD moves (a commit, a checkout, a rebase, a fetch): `HEAD` of this work tree, and the
    /// folder `refs` and the file `packed-refs` of the repository it belongs to.
    ///
    /// Git replaces the files by renaming: watch the folder a file lies in. `refs` is to be watched recursively.
    /// `packed-refs` may not exist yet.
    #[must_use]
    pub fn git_dirs_to_watch(&self) -> Vec<PathBuf> {
        let GitDirs { private, common } = &self.inner.dirs;
        vec![private.join("HEAD"), common.join("refs"), common.join("packed-refs")]
    }

    /// Where HEAD is.
    pub fn head(&self) -> Result<Head, Error> {
        self.with(|repo| crate::head::read(repo, &self.inner.root, &self.inner.dirs))
    }

    /// The configured remotes, in the order of the configuration, without credentials.
    #[must_use]
    pub fn remotes(&self) -> Vec<Remote> {
        self.with(crate::remotes::read)
    }

    /// Whether `id` (full, or at least seven hex digits of it) is a commit of the local object store.
    #[must_use]
    pub fn has_commit(&self, id: &str) -> bool {
        self.resolve_commit(id).is_some()
    }

    /// Whether history was cut off when this was cloned.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.with(|repo| repo.is_shallow().unwrap_or(false))
    }

    /// The full id of a commit given in full or by at least seven hex digits that only one commit has.
    #[must_use]
    pub fn resolve_commit(&self, id: &str) -> Option<String> {
        self.with(|repo| commit_id(repo, id)).map(|id| id.to_string())
    }

    /// The text of `path` (relative to the root, `/` as separator) at `commit`: the blob's own bytes, without any
    /// conversion of line endings, of at most [`crate::MAX_TEXT`] bytes.
    pub fn text_at(&self, commit: &str, path: &str) -> Result<Content, Error> {
        self.with(|repo| match commit_id(repo, commit) {
            Some(id) => crate::content::at(repo, id, path),
            None => Ok(Content::NoCommit),
        })
    }

    /// All regular files at `commit`, at most `limit`, in the order git keeps them.
    pub fn paths_at(&self, commit: &str, limit: usize) -> Result<TreeListing, Error> {
        self.with(|repo| {
            let id = commit_id(repo, commit).ok_or_else(|| Error::NoCommit { id: commit.to_owned() })?;
            crate::tree::list(repo, id, limit)
        })
    }

    /// The blob id (hex) of the regular file `path` at `commit`. Needs no blob, only trees.
    #[must_use]
    pub fn blob_at(&self, commit: &str, path: &str) -> Option<String> {
        self.with(|repo| crate::content::blob_at(repo, commit_id(repo, commit)?, path))
    }

    /// The text of a blob, by its full id in hex. An id that names no object here is [`Content::Absent`].
    pub fn text_of(&self, blob: &str) -> Result<Content, Error> {
        self.with(|repo| match ObjectId::from_hex(blob.as_bytes()) {
            Ok(id) => crate::content::of_blob(repo, id),
            Err(_) => Ok(Content::Absent),
        })
    }

    /// The regular files that differ between two commits, at most about `limit`. Cost is by what differs, not by size.
    pub fn changes(&self, before: &str, after: &str, limit: usize) -> Result<FileChanges, Error> {
        self.with(|repo| {
            let tree = |id: &str| {
                let commit = commit_id(repo, id).ok_or_else(|| Error::NoCommit { id: id.to_owned() })?;
                crate::content::tree_of(repo, commit)
            };
            let changes = crate::changes::between(repo, Some(tree(before)?), Some(tree(after)?), limit)?;
            let hex = |id: Option<ObjectId>| id.map(|id| id.to_string());
            let mut files: Vec<FileChange> = changes
                .files
                .into_iter()
                .map(|file| FileChange { path: file.path, before: hex(file.before), after: hex(file.after) })
                .collect();
            files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
            Ok(FileChanges { files, is_partial: changes.is_partial })
        })
    }

    /// The way of the regular file `path` (as it was named at `from`) from commit `from` to its descendant `to`: along
    /// first parents, through renames (the same blob, else what `renamed` answers for the files that the commit adds).
    /// When `from` came in by a merge, the first step is that merge.
    ///
    /// Bounded by `limits` and `cancelled`, asked between commits; missing objects end it, nothing is fetched.
    pub fn file_history(
        &self,
        (from, to): (&str, &str),
        path: &str,
        limits: HistoryLimits,
        renamed: Renamed<'_>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<FileHistory, Error> {
        self.with(|repo| {
            let commit = |id: &str| commit_id(repo, id).ok_or_else(|| Error::NoCommit { id: id.to_owned() });
            crate::file_history::walk(repo, (commit(from)?, commit(to)?), path, limits, renamed, cancelled)
        })
    }

    /// The id (hex) `text` would have as a blob of this repository.
    #[must_use]
    pub fn blob_id_of(&self, text: &[u8]) -> String {
        let kind = self.with(gix::Repository::object_hash);
        // Hashing fails on an attempted SHA-1 collision only; such text equals no blob, and no blob has an empty id.
        gix::objs::compute_hash(kind, gix::objs::Kind::Blob, text).map_or_else(|_| String::new(), |id| id.to_string())
    }

    /// How many commits lie from `from` to its descendant `to` along first parents: 0 when they are the same, `None`
    /// when `from` is not reached within `limit` steps or either is missing.
    #[must_use]
    pub fn distance(&self, from: &str, to: &str, limit: usize) -> Option<usize> {
        self.with(|repo| {
            let from = commit_id(repo, from)?;
            let mut at = commit_id(repo, to)?;
            for steps in 0..=limit {
                if at == from {
                    return Some(steps);
                }
                at = repo.find_commit(at).ok()?.parent_ids().next()?.detach();
            }
            None
        })
    }

    /// The commit that was checked out at `unix` seconds, going back first parents from `from`: the newest one not younger
    /// than that. `None` when `from` is unknown, when `limit` commits are all younger, or where history ends before.
    #[must_use]
    pub fn commit_at(&self, from: &str, unix: i64, limit: usize) -> Option<String> {
        self.with(|repo| {
            let mut at = commit_id(repo, from)?;
            for _ in 0..=limit {
                let commit = repo.find_commit(at).ok()?;
                if commit.time().ok()?.seconds <= unix {
                    return Some(at.to_string());
                }
                at = commit.parent_ids().next()?.detach();
            }
            None
        })
    }

    /// Files that git's index names, sorted; relative to the work tree's root. Files that are tracked although an ignore
    /// rule matches them are among these only. `None` without a readable index.
    #[must_use]
    pub fn tracked_files(&self, limit: usize) -> Option<Vec<TrackedFile>> {
        let index = self.with(|repo| self.index(repo)).ok()?;
        let files = index.entries.iter().filter(|entry| entry.kind == Kind::File).take(limit);
        let tracked = |entry: &Entry| TrackedFile {
            path: entry.path.clone(),
            size: entry.stat.size,
            modified: entry.stat.modified.0,
        };
        Some(files.map(tracked).collect())
    }

    /// The index as it is now.
    pub(crate) fn index(&self, repo: &gix::Repository) -> Result<Arc<Index>, Error> {
        let own = self.inner.dirs.private.join("index");
        let file = self.index_file.as_deref().unwrap_or(&own);
        self.inner
            .index
            .load(file, repo.object_hash())
            .map_err(|detail| Error::Index { path: self.inner.root.clone(), detail })
    }

    pub(crate) fn dirs(&self) -> &GitDirs {
        &self.inner.dirs
    }

    /// Lends a handle from the pool. A handle whose use panicked is not returned to it.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&gix::Repository) -> T) -> T {
        let pooled = self.pool().pop();
        let handle = pooled.unwrap_or_else(|| self.inner.shared.to_thread_local());
        let answer = work(&handle);
        let mut pool = self.pool();
        if pool.len() < POOLED_HANDLES {
            pool.push(handle);
        }
        answer
    }

    fn pool(&self) -> std::sync::MutexGuard<'_, Vec<gix::Repository>> {
        self.inner.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The commit that `id` names; never a branch, a tag name or a revision expression, which hostile input could aim.
pub(crate) fn commit_id(repo: &gix::Repository, id: &str) -> Option<ObjectId> {
    let full = repo.object_hash().len_in_hex();
    if id.len() < SHORTEST_ID || id.len() > full || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let id = id.to_ascii_lowercase();
    if id.len() == full {
        let id = ObjectId::from_hex(id.as_bytes()).ok()?;
        return is_commit(repo, id).then_some(id);
    }
    // Padded to the repository's own length: 40 digits can be the beginning of a SHA-256.
    let padded = ObjectId::from_hex(format!("{id:0<full$}").as_bytes()).ok()?;
    let prefix = gix::hash::Prefix::new(&padded, id.len()).ok()?;
    let mut candidates = std::collections::HashSet::new();
    repo.objects.lookup_prefix(prefix, Some(&mut candidates)).ok()?;
    let mut commits = candidates.into_iter().filter(|id| is_commit(repo, *id));
    commits.next().filter(|_| commits.next().is_none())
}

fn is_commit(repo: &gix::Repository, id: ObjectId) -> bool {
    repo.try_find_header(id).ok().flatten().is_some_and(|header| header.kind() == gix::objs::Kind::Commit)
}
