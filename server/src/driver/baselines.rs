//! Scanned texts with their parse, and placements in the last commit, kept for the files being looked at.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anchor::{Source, Version};
use finding::Placement;
use repo::{Content, PathChange, Repo};

use super::lock;

/// Texts of open files kept at most; a text in use by a job lives as long as the job.
const KEPT: usize = 16;

type Key = (PathBuf, String, Arc<str>);

/// Scanned texts by root, commit and path.
#[derive(Default)]
pub(super) struct Baselines {
    kept: Mutex<HashMap<Key, Arc<Source>>>,
    changes: Mutex<HashMap<(PathBuf, String, String), Arc<Changes>>>,
    committed: Mutex<HashMap<CommittedKey, Option<Arc<Committed>>>>,
    prior: Mutex<HashMap<CommittedKey, Arc<Prior>>>,
    altered: Mutex<HashMap<AlteredKey, Arc<[PathChange]>>>,
}

/// Root, base, and which listing of the root's files.
type AlteredKey = (PathBuf, String, usize);

/// Root, HEAD, file now, and a digest of the findings.
type CommittedKey = (PathBuf, String, Arc<str>, u64);

/// A file at HEAD, and where its findings are there: history is followed once, not at every keystroke.
pub(super) struct Committed {
    /// The file at HEAD; its path is relative to the root.
    pub(super) version: Version,
    /// By finding; `None` where history does not reach.
    pub(super) placements: Vec<Option<Placement>>,
}

/// Where findings were before the change at hand.
pub(super) struct Prior {
    /// By finding.
    pub(super) placements: Vec<Placement>,
    /// The texts they stand in.
    pub(super) sources: Vec<(Arc<str>, Source)>,
    /// The file itself came with the change.
    pub(super) is_new_file: bool,
    /// What the file was called before.
    pub(super) home: Option<Arc<str>>,
}

/// What happened to the files between a scanned commit and HEAD.
#[derive(Default)]
pub(super) struct Changes {
    /// Files at the scanned commit.
    pub(super) then: HashSet<Arc<str>>,
    /// Of those, files with other content at HEAD.
    pub(super) modified: Vec<Arc<str>>,
}

/// A scanned text, or why there is none.
pub(super) type Scanned = Result<Arc<Source>, String>;

impl Baselines {
    /// The text of `path` (relative to `root`) at `commit`. Kept when `keep`.
    pub(super) fn text(&self, repo: &Repo, root: &Path, commit: &str, path: &Arc<str>, keep: bool) -> Scanned {
        let key = (root.to_path_buf(), commit.to_owned(), path.clone());
        if let Some(known) = lock(&self.kept).get(&key) {
            return Ok(known.clone());
        }
        let source = Arc::new(Source::new(path, read(repo, root, commit, path)?));
        if keep {
            let mut kept = lock(&self.kept);
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(key, source.clone());
        }
        Ok(source)
    }

    /// What `make` answers for these findings of a file at HEAD. Kept when `keep`.
    pub(super) fn committed(
        &self,
        (root, head, home, digest): (&Path, &str, &Arc<str>, u64),
        keep: bool,
        make: impl FnOnce() -> Option<Committed>,
    ) -> Option<Arc<Committed>> {
        let key = (root.to_path_buf(), head.to_owned(), home.clone(), digest);
        if let Some(known) = lock(&self.committed).get(&key) {
            return known.clone();
        }
        let committed = make().map(Arc::new);
        if keep {
            let mut kept = lock(&self.committed);
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(key, committed.clone());
        }
        committed
    }

    /// What `make` answers for these findings of a file at a base. Kept when `keep`.
    pub(super) fn prior(
        &self,
        (root, base, home, digest): (&Path, &str, &Arc<str>, u64),
        keep: bool,
        make: impl FnOnce() -> Prior,
    ) -> Arc<Prior> {
        let key = (root.to_path_buf(), base.to_owned(), home.clone(), digest);
        if let Some(known) = lock(&self.prior).get(&key) {
            return known.clone();
        }
        let prior = Arc::new(make());
        if keep {
            let mut kept = lock(&self.prior);
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(key, prior.clone());
        }
        prior
    }

    /// What `make` answers for a base, once for each listing of the root's files.
    pub(super) fn altered(
        &self,
        root: &Path,
        base: &str,
        listing: usize,
        make: impl FnOnce() -> Vec<PathChange>,
    ) -> Arc<[PathChange]> {
        let key = (root.to_path_buf(), base.to_owned(), listing);
        if let Some(known) = lock(&self.altered).get(&key) {
            return known.clone();
        }
        let altered: Arc<[PathChange]> = make().into();
        let mut kept = lock(&self.altered);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, altered.clone());
        altered
    }

    /// What happened between two commits; computed once a pair.
    pub(super) fn changes(&self, repo: &Repo, root: &Path, commit: &str, head: &str) -> Arc<Changes> {
        let key = (root.to_path_buf(), commit.to_owned(), head.to_owned());
        if let Some(known) = lock(&self.changes).get(&key) {
            return known.clone();
        }
        let changed = Arc::new(changes(repo, root, commit, head));
        let mut kept = lock(&self.changes);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, changed.clone());
        changed
    }
}

/// Files compared at most when looking for changes.
const MOST_FILES: usize = 200_000;

fn changes(repo: &Repo, root: &Path, commit: &str, head: &str) -> Changes {
    let (Ok(old), Ok(new)) = (repo.paths_at(commit, MOST_FILES), repo.paths_at(head, MOST_FILES)) else {
        return Changes::default();
    };
    let new: HashMap<&str, &str> = new.files.iter().map(|file| (&*file.path, &*file.blob)).collect();
    let prefix = prefix(repo, root);
    let mut changes = Changes::default();
    for file in &old.files {
        let Some(path) = file.path.strip_prefix(&prefix).map(Arc::<str>::from) else { continue };
        if new.get(&*file.path).is_some_and(|blob| *blob != file.blob) {
            changes.modified.push(path.clone());
        }
        changes.then.insert(path);
    }
    changes
}

fn read(repo: &Repo, root: &Path, commit: &str, path: &str) -> Result<Arc<str>, String> {
    let short = short(commit);
    let inside = format!("{}{path}", prefix(repo, root));
    match repo.text_at(commit, &inside) {
        Ok(Content::Text(text)) => Ok(text),
        Ok(Content::NoCommit) => Err(format!("the scanned commit {short} is not in this clone")),
        Ok(Content::Absent) => Err(format!("this clone left out the text at the scanned commit {short}")),
        Ok(Content::NoPath | Content::Link) => Err(format!("the scanned commit {short} has no {path}")),
        Ok(Content::Bytes(bytes)) => Ok(repo::decode(&bytes).text.into()),
        Ok(Content::TooLarge { size }) => {
            Err(format!("{path} had {size} bytes at the scanned commit {short}: too large"))
        }
        Err(error) => Err(format!("git could not read the scanned commit {short}: {error}")),
    }
}

/// The root's path inside its repository: empty or ending in `/`.
pub(super) fn prefix(repo: &Repo, root: &Path) -> String {
    let physical = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
    let top = std::fs::canonicalize(repo.root()).unwrap_or_else(|_| repo.root().to_path_buf());
    let relative = physical.strip_prefix(&top).ok().and_then(|path| path.to_str()).unwrap_or("");
    if relative.is_empty() { String::new() } else { format!("{}/", relative.replace('\\', "/")) }
}

pub(super) fn short(commit: &str) -> &str {
    commit.get(..8).unwrap_or(commit)
}
