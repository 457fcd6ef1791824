//! Where scanned paths are now: mapping by suffix, then git's memory for those that no file fits.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use anchor::paths::{self, Mapped};
use engine::{HomeNote, Mapping, ScannedPath};
use finding::Index;
use repo::Repo;

use super::Inner;
use super::baselines::prefix;
use super::history;

/// New files looked at for renames, and the largest of them in bytes.
const MOST_NEW: usize = 400;
const MOST_BYTES: usize = 1 << 20;
const MOST_TREE: usize = 500_000;

pub(super) fn paths(
    inner: &Inner,
    root: &Path,
    indexes: &[Arc<Index>],
    commits: &[Option<String>],
    files: &[Arc<str>],
    rules: &[(String, String)],
) -> Mapping {
    let repo = inner.repo(root);
    let mut homes: BTreeMap<Arc<str>, (Vec<ScannedPath>, HomeNote)> = BTreeMap::new();
    for (source, index) in indexes.iter().enumerate() {
        let scanned = index.paths();
        let mapped = paths::map(&scanned, files, rules);
        let mut renames = Renames::new(inner, repo.as_ref(), root, commits.get(source).cloned().flatten(), files);
        for (path, mapped) in scanned.into_iter().zip(mapped) {
            if inner.is_stopped() {
                return Mapping::default();
            }
            let (home, note) = home(&path, mapped, &mut renames);
            let entry = homes.entry(home).or_insert_with(|| (Vec::new(), note.clone()));
            // A path that is named as it is outranks one that had to be mapped.
            if note == HomeNote::Same {
                entry.1 = note;
            }
            entry.0.push(ScannedPath { source, path });
        }
    }
    Mapping { homes }
}

fn home(path: &Arc<str>, mapped: Mapped, renames: &mut Renames<'_>) -> (Arc<str>, HomeNote) {
    match mapped {
        Mapped::Exact(home) => (home, HomeNote::Same),
        Mapped::Suffix { path: home, how } => {
            // "a.py" at the root was deleted and "lib/a.py" exists: git knows whether the scanned path was real.
            match renames.fate(path) {
                Fate::Unknown => (home, HomeNote::Mapped(how)),
                Fate::Renamed(to) => (to, HomeNote::Renamed(path.clone())),
                Fate::Deleted => (path.clone(), HomeNote::Deleted),
            }
        }
        Mapped::Ambiguous(candidates) => {
            let words = format!("{} files fit the scanned path: {}", candidates.len(), some_of(&candidates));
            (path.clone(), HomeNote::Ambiguous(words.into()))
        }
        Mapped::Missing => match renames.fate(path) {
            Fate::Renamed(to) => (to, HomeNote::Renamed(path.clone())),
            Fate::Deleted => (path.clone(), HomeNote::Deleted),
            Fate::Unknown => {
                (path.clone(), HomeNote::Missing("no file of this workspace fits the scanned path".into()))
            }
        },
        Mapped::Outside => {
            (path.clone(), HomeNote::Missing("the scanned path lies outside the workspace and is not opened".into()))
        }
    }
}

fn some_of(candidates: &[Arc<str>]) -> String {
    let mut words: Vec<&str> = candidates.iter().take(3).map(|path| &**path).collect();
    if candidates.len() > 3 {
        words.push("…");
    }
    words.join(", ")
}

/// What became of a path that the scanned commit had.
enum Fate {
    Renamed(Arc<str>),
    Deleted,
    /// The commit is unknown or never had the path.
    Unknown,
}

/// Files that are new since the scanned commit; read when the first missing path asks.
struct Renames<'a> {
    inner: &'a Inner,
    repo: Option<(&'a Repo, String)>,
    root: &'a Path,
    prefix: String,
    files: &'a [Arc<str>],
    known_then: Option<HashSet<Arc<str>>>,
    new: Option<Vec<(Arc<str>, Arc<str>)>>,
}

impl<'a> Renames<'a> {
    fn new(
        inner: &'a Inner,
        repo: Option<&'a Repo>,
        root: &'a Path,
        commit: Option<String>,
        files: &'a [Arc<str>],
    ) -> Self {
        let prefix = repo.map(|repo| prefix(repo, root)).unwrap_or_default();
        Self { inner, repo: repo.zip(commit), root, prefix, files, known_then: None, new: None }
    }

    fn fate(&mut self, path: &str) -> Fate {
        let Some((repo, commit)) = &self.repo else { return Fate::Unknown };
        let (repo, commit) = (*repo, commit.clone());
        let known_then = self.known_then.get_or_insert_with(|| {
            let listing = repo.paths_at(&commit, MOST_TREE).unwrap_or_default();
            listing.files.into_iter().filter_map(|file| file.path.strip_prefix(&self.prefix).map(Arc::from)).collect()
        });
        if !known_then.contains(path) {
            return Fate::Unknown;
        }
        // Commit by commit a file is recognised that from end to end is another one.
        let head = self.inner.head(repo);
        let followed = head.and_then(|head| history::renamed(repo, &commit, &head, &format!("{}{path}", self.prefix)));
        if let Some(now) = followed.as_deref().and_then(|now| now.strip_prefix(&*self.prefix))
            && let Some(now) = self.files.iter().find(|file| ***file == *now)
        {
            return Fate::Renamed(now.clone());
        }
        let new = self.new.get_or_insert_with(|| new_files(self.inner, self.root, self.files, known_then));
        let old = repo.text_at(&commit, &format!("{}{path}", self.prefix));
        let Some(old) = old.ok().and_then(repo::Content::decoded) else { return Fate::Deleted };
        match anchor::renames::best((path, &old), new) {
            Some((at, _)) => Fate::Renamed(new[at].0.clone()),
            None => Fate::Deleted,
        }
    }
}

fn new_files(
    inner: &Inner,
    root: &Path,
    files: &[Arc<str>],
    known_then: &HashSet<Arc<str>>,
) -> Vec<(Arc<str>, Arc<str>)> {
    files
        .iter()
        .filter(|path| !known_then.contains(*path))
        .take(MOST_NEW)
        .filter_map(|path| Some((path.clone(), inner.read(root, path, MOST_BYTES).ok()?.decoded()?.into())))
        .collect()
}
