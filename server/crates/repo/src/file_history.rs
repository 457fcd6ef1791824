//! What became of one file between two commits: the texts it had on the way, under the names it had.
//!
//! Only first parents are followed, as a branch sees itself: a merge is one step. Trees are compared level by level, so
//! a commit that leaves the file's folder alone costs one or two small objects.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gix::ObjectId;
use gix::objs::TreeRefIter;

use crate::Error;
use crate::changes::{self, Changed};
use crate::content::{self, tree_of};

/// The file after one commit that changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Commit id in hex.
    pub commit: String,
    /// The file's path there.
    pub path: Arc<str>,
    /// Blob id in hex.
    pub blob: String,
}

/// The way of one file from one commit to another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileHistory {
    /// Oldest first, without the commit it starts from. Empty: the file is what it was, or nothing is known.
    pub versions: Vec<Version>,
    /// The commit that removed the file, when it is not there at the end.
    pub removed_in: Option<String>,
    /// Every step is known. `false` when the start is not among the end's ancestors, when a bound was reached, or when
    /// objects are missing here (a shallow or partial clone): then `versions` is what could be seen, from the start on.
    pub is_complete: bool,
}

/// How far a walk may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Commits looked at.
    pub commits: usize,
    /// Versions of the file.
    pub versions: usize,
    /// Added files whose text is compared when the file goes away under its name.
    pub candidates: usize,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        Self { commits: 20_000, versions: 400, candidates: 60 }
    }
}

/// Which of the added files (path, text) a removed one (path, text) became.
pub type Renamed<'a> = &'a dyn Fn((&str, &str), &[(Arc<str>, Arc<str>)]) -> Option<usize>;

/// Entries of a tree change looked at for renames.
const MOST_CHANGES: usize = 20_000;

pub(crate) fn walk(
    repo: &gix::Repository,
    (from, to): (ObjectId, ObjectId),
    path: &str,
    limits: HistoryLimits,
    renamed: Renamed<'_>,
    cancelled: &dyn Fn() -> bool,
) -> Result<FileHistory, Error> {
    let Some(mut chain) = chain(repo, from, to, limits.commits, cancelled)? else { return Ok(FileHistory::default()) };
    let mut history = FileHistory { is_complete: true, ..FileHistory::default() };
    let mut trail = Trail::default();
    let Seen::File(mut blob) = trail.look(repo, tree_of(repo, from)?, path)? else {
        return Ok(FileHistory { is_complete: false, ..history });
    };
    let mut path: Arc<str> = path.into();
    let mut before = from;
    chain.reverse();
    for commit in chain {
        if cancelled() || history.versions.len() >= limits.versions {
            history.is_complete = false;
            break;
        }
        match trail.look(repo, tree_of(repo, commit)?, &path)? {
            Seen::Absent => {
                history.is_complete = false;
                break;
            }
            Seen::File(now) if now == blob && history.removed_in.is_none() => {}
            Seen::File(now) => {
                blob = now;
                history.removed_in = None;
                history.push(commit, &path, now);
            }
            Seen::Nothing if history.removed_in.is_some() => {}
            Seen::Nothing => match successor(repo, (before, commit), (&path, blob), limits, renamed)? {
                Some((new_path, now)) => {
                    path = new_path;
                    blob = now;
                    history.push(commit, &path, now);
                    trail = Trail::default();
                }
                None => history.removed_in = Some(commit.to_string()),
            },
        }
        before = commit;
    }
    Ok(history)
}

impl FileHistory {
    fn push(&mut self, commit: ObjectId, path: &Arc<str>, blob: ObjectId) {
        self.versions.push(Version { commit: commit.to_string(), path: path.clone(), blob: blob.to_string() });
    }
}

/// The commits from `to` back to behind `from`, newest first. `None` when there is no such way within `limit` commits.
/// When `from` came in by a merge, that merge is the last one.
fn chain(
    repo: &gix::Repository,
    from: ObjectId,
    to: ObjectId,
    limit: usize,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<Vec<ObjectId>>, Error> {
    let oldest = time_of(repo, from);
    let mut chain = Vec::new();
    let mut at = to;
    loop {
        if at == from {
            return Ok(Some(chain));
        }
        if chain.len() >= limit || cancelled() {
            return Ok(None);
        }
        chain.push(at);
        let Some(commit) = repo.try_find_object(at).map_err(Error::object(at))? else { return Ok(None) };
        let Ok(commit) = commit.try_into_commit() else { return Ok(None) };
        // Clocks differ: a day behind the scanned commit it is surely not on this way.
        let is_too_old = commit.time().is_ok_and(|time| time.seconds < oldest.saturating_sub(86_400));
        match commit.parent_ids().next() {
            Some(parent) if !is_too_old => at = parent.detach(),
            _ => break,
        }
    }
    merged_by(repo, from, &chain, oldest, limit, cancelled).map(|merge| {
        let at = chain.iter().position(|commit| Some(*commit) == merge)?;
        chain.truncate(at + 1);
        Some(chain)
    })
}

/// The oldest commit of `chain` (newest first) that has `from` among its ancestors.
fn merged_by(
    repo: &gix::Repository,
    from: ObjectId,
    chain: &[ObjectId],
    oldest: i64,
    limit: usize,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<ObjectId>, Error> {
    let mut seen: HashSet<ObjectId> = chain.iter().copied().collect();
    let mut left = limit;
    for &merge in chain.iter().rev() {
        let mut open: Vec<ObjectId> = parents(repo, merge)?.into_iter().skip(1).collect();
        while let Some(commit) = open.pop() {
            if commit == from {
                return Ok(Some(merge));
            }
            if !seen.insert(commit) || time_of(repo, commit) < oldest {
                continue;
            }
            left = left.saturating_sub(1);
            if left == 0 || cancelled() {
                return Ok(None);
            }
            open.extend(parents(repo, commit)?);
        }
    }
    Ok(None)
}

fn parents(repo: &gix::Repository, id: ObjectId) -> Result<Vec<ObjectId>, Error> {
    let object = repo.try_find_object(id).map_err(Error::object(id))?;
    let commit = object.and_then(|object| object.try_into_commit().ok());
    Ok(commit.map(|commit| commit.parent_ids().map(gix::Id::detach).collect()).unwrap_or_default())
}

/// Committer date in seconds since 1970; 0 where it cannot be read.
pub(crate) fn time_of(repo: &gix::Repository, id: ObjectId) -> i64 {
    repo.find_commit(id).ok().and_then(|commit| commit.time().ok()).map_or(0, |time| time.seconds)
}

/// What a path is in a tree.
enum Seen {
    File(ObjectId),
    /// No regular file.
    Nothing,
    /// A tree on the way is not in the object store.
    Absent,
}

/// What was found last at each level of a path: most trees of the next commit are the same.
#[derive(Default)]
struct Trail {
    levels: HashMap<usize, (ObjectId, Option<(bool, ObjectId)>)>,
}

impl Trail {
    fn look(&mut self, repo: &gix::Repository, root: ObjectId, path: &str) -> Result<Seen, Error> {
        let mut tree = root;
        let mut names = path.split('/').enumerate().peekable();
        while let Some((level, name)) = names.next() {
            let found = match self.levels.get(&level) {
                Some((known, found)) if *known == tree => *found,
                _ => {
                    let Some(object) = repo.try_find_object(tree).map_err(Error::object(tree))? else {
                        return Ok(Seen::Absent);
                    };
                    let mut found = None;
                    for entry in TreeRefIter::from_bytes(&object.data, tree.kind()) {
                        let entry = entry.map_err(Error::object(tree))?;
                        if entry.filename == name {
                            let is_wanted =
                                if names.peek().is_some() { entry.mode.is_tree() } else { entry.mode.is_blob() };
                            found = is_wanted.then(|| (entry.mode.is_tree(), entry.oid.to_owned()));
                            break;
                        }
                    }
                    self.levels.insert(level, (tree, found));
                    found
                }
            };
            match found {
                Some((true, id)) => tree = id,
                Some((false, id)) => return Ok(Seen::File(id)),
                None => return Ok(Seen::Nothing),
            }
        }
        Ok(Seen::Nothing)
    }
}

/// The file that took over from a removed one in one commit: the same blob first, then what `renamed` says.
fn successor(
    repo: &gix::Repository,
    (before, commit): (ObjectId, ObjectId),
    (path, blob): (&str, ObjectId),
    limits: HistoryLimits,
    renamed: Renamed<'_>,
) -> Result<Option<(Arc<str>, ObjectId)>, Error> {
    let changes = changes::between(repo, Some(tree_of(repo, before)?), Some(tree_of(repo, commit)?), MOST_CHANGES)?;
    let added = changes.files.into_iter().filter(|change| change.before.is_none());
    let mut added: Vec<(Arc<str>, ObjectId)> =
        added.filter_map(|Changed { path, after, .. }| Some((path, after?))).collect();
    let unlikeness = |other: &str| (extension(path) != extension(other), name(path) != name(other));
    added.sort_by_cached_key(|(other, id)| (*id != blob, unlikeness(other), other.clone()));
    if let Some((other, id)) = added.first().filter(|(_, id)| *id == blob) {
        return Ok(Some((other.clone(), *id)));
    }
    let Some(text) = content::of_blob(repo, blob)?.decoded() else { return Ok(None) };
    let mut texts = Vec::new();
    let mut ids = Vec::new();
    for (other, id) in added.into_iter().take(limits.candidates) {
        if let Some(text) = content::of_blob(repo, id)?.decoded() {
            texts.push((other, text));
            ids.push(id);
        }
    }
    Ok(renamed((path, &text), &texts).and_then(|at| Some((texts.get(at)?.0.clone(), *ids.get(at)?))))
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn extension(path: &str) -> &str {
    name(path).rsplit_once('.').map_or("", |(_, extension)| extension)
}
