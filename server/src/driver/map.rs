//! Where scanned paths are now: mapping by suffix, then git's memory for those that no file fits: what the scanned
//! commit had, and what was there before the change at hand.

use std::collections::{BTreeMap, HashMap, HashSet};
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
        let scan = commits.get(source).cloned().flatten();
        let base = repo.as_ref().and_then(|_| inner.base_of(root)).filter(|base| Some(base) != scan.as_ref());
        let of = |commit| Past::new(inner, repo.as_ref(), root, commit, files);
        let mut pasts = [of(scan), of(base)];
        for (path, mapped) in scanned.iter().cloned().zip(mapped) {
            if inner.is_stopped() {
                return Mapping::default();
            }
            let (home, note) = match home(&path, mapped, &mut pasts[0]) {
                (_, HomeNote::Missing(_)) if paths::is_inside(&path) => pasts
                    .iter_mut()
                    .find_map(|past| past.home_of(&path, &scanned, rules))
                    .unwrap_or_else(|| (path.clone(), HomeNote::Missing(MISSING.into()))),
                told => told,
            };
            let entry = homes.entry(home).or_insert_with(|| (Vec::new(), note.clone()));
            // A path that is named as it is outranks one that had to be mapped.
            if note == HomeNote::Same {
                entry.1 = note;
            }
            entry.0.push(ScannedPath { source, path });
        }
    }
    let pathless = packages_without_file(indexes);
    if !pathless.is_empty() {
        homes.insert("".into(), (pathless, HomeNote::Packages));
    }
    Mapping { homes }
}

/// Where other paths that a source names are now, in order: steps of data flows.
pub(super) fn others(
    inner: &Inner,
    (root, commit): (&Path, Option<String>),
    known: &Index,
    wanted: &[Arc<str>],
    files: &[Arc<str>],
    rules: &[(String, String)],
) -> Vec<(Arc<str>, HomeNote)> {
    let repo = inner.repo(root);
    let mut past = Past::new(inner, repo.as_ref(), root, commit, files);
    // The paths of the findings tell which prefix the scanner had.
    let scanned: Vec<Arc<str>> = wanted.iter().cloned().chain(known.paths()).collect();
    let mapped = paths::map(&scanned, files, rules);
    wanted.iter().zip(mapped).map(|(path, mapped)| home(path, mapped, &mut past)).collect()
}

/// The sources with findings about packages that name no file.
fn packages_without_file(indexes: &[Arc<Index>]) -> Vec<ScannedPath> {
    let of = |source| ScannedPath { source, path: "".into() };
    (0..indexes.len()).map(of).filter(|scanned| scanned.rows(indexes).next().is_some()).collect()
}

const MISSING: &str = "no file of this workspace fits the scanned path";

fn home(path: &Arc<str>, mapped: Mapped, past: &mut Past<'_>) -> (Arc<str>, HomeNote) {
    match mapped {
        Mapped::Exact(home) => (home, HomeNote::Same),
        Mapped::Suffix { path: home, how } => {
            // "a.py" at the root was deleted and "lib/a.py" exists: git knows whether the scanned path was real.
            match past.fate(path) {
                Fate::Unknown => (home, HomeNote::Mapped(how)),
                Fate::Renamed(to) => (to, HomeNote::Renamed(path.clone())),
                Fate::Deleted => (path.clone(), HomeNote::Deleted),
            }
        }
        Mapped::Ambiguous(candidates) => {
            let words = format!("{} files fit the scanned path: {}", candidates.len(), some_of(&candidates));
            (path.clone(), HomeNote::Ambiguous(words.into()))
        }
        Mapped::Missing => match past.fate(path) {
            Fate::Renamed(to) => (to, HomeNote::Renamed(path.clone())),
            Fate::Deleted => (path.clone(), HomeNote::Deleted),
            Fate::Unknown => (path.clone(), HomeNote::Missing(MISSING.into())),
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

/// What became of a path that a commit had.
enum Fate {
    Renamed(Arc<str>),
    Deleted,
    /// The commit is unknown or never had the path.
    Unknown,
}

/// A commit that had other files than there are now; looked at when the first missing path asks.
struct Past<'a> {
    inner: &'a Inner,
    repo: Option<(&'a Repo, String)>,
    root: &'a Path,
    prefix: String,
    files: &'a [Arc<str>],
    known_then: Option<HashSet<Arc<str>>>,
    /// By scanned path: the file it was there.
    mapped: Option<HashMap<Arc<str>, Arc<str>>>,
    new: Option<Vec<(Arc<str>, Arc<str>)>>,
}

impl<'a> Past<'a> {
    fn new(
        inner: &'a Inner,
        repo: Option<&'a Repo>,
        root: &'a Path,
        commit: Option<String>,
        files: &'a [Arc<str>],
    ) -> Self {
        let prefix = repo.map(|repo| prefix(repo, root)).unwrap_or_default();
        Self { inner, repo: repo.zip(commit), root, prefix, files, known_then: None, mapped: None, new: None }
    }

    fn list(&mut self) {
        let Some((repo, commit)) = &self.repo else { return };
        self.known_then.get_or_insert_with(|| {
            let listing = repo.paths_at(commit, MOST_TREE).unwrap_or_default();
            listing.files.into_iter().filter_map(|file| file.path.strip_prefix(&self.prefix).map(Arc::from)).collect()
        });
    }

    /// Where a path that no file fits now was in the tree of this commit, all of its scan (`scanned`) mapped onto that.
    fn home_of(
        &mut self,
        path: &Arc<str>,
        scanned: &[Arc<str>],
        rules: &[(String, String)],
    ) -> Option<(Arc<str>, HomeNote)> {
        self.list();
        let known_then = self.known_then.as_ref()?;
        let mapped = self.mapped.get_or_insert_with(|| {
            let mut then: Vec<Arc<str>> = known_then.iter().cloned().collect();
            then.sort_unstable();
            let mapped = paths::map(scanned, &then, rules);
            scanned.iter().cloned().zip(mapped).filter_map(|(path, to)| Some((path, to.path()?.clone()))).collect()
        });
        let was = mapped.get(path)?.clone();
        if let Ok(at) = self.files.binary_search(&was) {
            let words = format!("scanned as {path}, which was {was} before");
            return Some((self.files[at].clone(), HomeNote::Mapped(words.into())));
        }
        match self.fate(&was) {
            Fate::Renamed(to) => Some((to, HomeNote::Renamed(was))),
            Fate::Deleted => Some((was, HomeNote::Deleted)),
            Fate::Unknown => None,
        }
    }

    fn fate(&mut self, path: &str) -> Fate {
        self.list();
        let Some((repo, commit)) = &self.repo else { return Fate::Unknown };
        let (repo, commit) = (*repo, commit.clone());
        let Some(known_then) = self.known_then.as_ref().filter(|known| known.contains(path)) else {
            return Fate::Unknown;
        };
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
