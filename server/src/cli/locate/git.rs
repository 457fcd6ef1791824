//! Queries whose texts lie in a clone: the file at both commits, its renames, and files its code may have gone to.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anchor::{Basis, Scan, Source, renames};
use finding::State;
use repo::{Content, Repo};

use super::placing::{Current, run, told};
use super::query::{Answer, Query};
use crate::driver::likeness::{Flagged, best_rank};
use crate::driver::{history, lock};

/// Files compared between two commits, added ones read for renames, changed ones searched, and those given to the
/// anchor.
const MOST_FILES: usize = 500_000;
const MOST_ADDED: usize = 400;
const MOST_SEARCHED: usize = 200;
const MOST_GIVEN: usize = 16;
/// Trees and texts kept of one clone.
const KEPT: usize = 16;

type Tree = Arc<HashMap<Arc<str>, String>>;

/// The clones seen so far.
#[derive(Default)]
pub(super) struct Clones {
    open: Mutex<HashMap<PathBuf, Arc<Clone>>>,
}

struct Clone {
    repo: Repo,
    trees: Mutex<HashMap<String, Tree>>,
}

impl Clones {
    pub(super) fn answer(&self, query: &Query, clone: &Path, then: &str, now: &str) -> Result<Answer, String> {
        let clone = self.open(clone)?;
        let (old, new) = (clone.tree(then)?, clone.tree(now)?);
        let pair = Pair { clone: &clone, then, now, old: &old, new: &new };
        let path: Arc<str> = query.path_a.as_str().into();
        let scanned = clone.text(then, &path);
        let way = scanned.as_ref().map(|_| history::way(&clone.repo, then, now, &path, &|| false)).unwrap_or_default();
        let followed = way.versions.last().filter(|_| !way.is_removed).map(|last| last.path.clone());
        let home = if followed.is_some() {
            followed
        } else if new.contains_key(&path) {
            Some(path.clone())
        } else {
            scanned.as_deref().and_then(|text| pair.renamed(&path, text))
        };
        let home = home.and_then(|home| pair.current(home));
        let basis = match scanned {
            Some(_) => Basis::Commit(then.to_owned()),
            None => Basis::Nothing(format!("{path} cannot be read at commit {then}")),
        };
        let source = scanned.map(|text| Arc::new(Source::new(&path, text)));
        let scan = Scan { path, basis, source };
        // The way leads to the file that is there now, or is no use.
        let leads_home = way.versions.last().zip(home.as_ref()).is_some_and(|(last, home)| last.path == home.path);
        let versions = if leads_home { &way.versions[..] } else { &[] };
        let first = run(query, &scan, home.as_ref(), &[], versions);
        if first.state != State::Gone {
            return Ok(told(query, &first, home.iter()));
        }
        let elsewhere = pair.searched(query, &scan, home.as_ref());
        let placement =
            if elsewhere.is_empty() { first } else { run(query, &scan, home.as_ref(), &elsewhere, versions) };
        Ok(told(query, &placement, home.iter().chain(&elsewhere)))
    }

    fn open(&self, path: &Path) -> Result<Arc<Clone>, String> {
        let mut open = lock(&self.open);
        if let Some(known) = open.get(path) {
            return Ok(known.clone());
        }
        let repo = match Repo::at(path) {
            Ok(Some(repo)) => repo,
            Ok(None) => return Err(format!("{} is not a git repository", path.display())),
            Err(error) => return Err(error.to_string()),
        };
        let clone = Arc::new(Clone { repo, trees: Mutex::default() });
        open.insert(path.to_path_buf(), clone.clone());
        Ok(clone)
    }
}

impl Clone {
    fn tree(&self, commit: &str) -> Result<Tree, String> {
        if let Some(known) = lock(&self.trees).get(commit) {
            return Ok(known.clone());
        }
        let listing = self.repo.paths_at(commit, MOST_FILES).map_err(|error| error.to_string())?;
        let tree: Tree = Arc::new(listing.files.into_iter().map(|file| (file.path, file.blob)).collect());
        let mut trees = lock(&self.trees);
        if trees.len() >= KEPT {
            trees.clear();
        }
        trees.insert(commit.to_owned(), tree.clone());
        Ok(tree)
    }

    fn text(&self, commit: &str, path: &str) -> Option<Arc<str>> {
        self.repo.text_at(commit, path).ok().and_then(Content::decoded)
    }
}

/// Two commits of a clone.
struct Pair<'a> {
    clone: &'a Clone,
    then: &'a str,
    now: &'a str,
    old: &'a Tree,
    new: &'a Tree,
}

impl Pair<'_> {
    fn current(&self, path: Arc<str>) -> Option<Current> {
        let source = |text| Source::new(&path, text);
        let before = self.old.contains_key(&path).then(|| self.clone.text(self.then, &path)).flatten().map(source);
        let source = source(self.clone.text(self.now, &path)?);
        Some(Current { path, source, before })
    }

    /// Files that are new since the scan; of the same kind and near the given path first.
    fn added(&self, near: &str) -> Vec<Arc<str>> {
        let mut added: Vec<Arc<str>> = self.new.keys().filter(|path| !self.old.contains_key(*path)).cloned().collect();
        added.sort_unstable_by_key(|path| (extension(path) != extension(near), !is_beside(path, near), path.clone()));
        added
    }

    fn renamed(&self, path: &str, text: &str) -> Option<Arc<str>> {
        let texts: Vec<(Arc<str>, Arc<str>)> = self
            .added(path)
            .into_iter()
            .take(MOST_ADDED)
            .filter_map(|path| Some((path.clone(), self.clone.text(self.now, &path)?)))
            .collect();
        renames::best((path, text), &texts).map(|(at, _)| texts[at].0.clone())
    }

    /// Changed or new files of the same kind that hold the flagged code, or most of its words; the surest first.
    fn searched(&self, query: &Query, scan: &Scan, home: Option<&Current>) -> Vec<Current> {
        let Some(wanted) = flagged(query, scan) else { return Vec::new() };
        let wanted = [wanted];
        let is_changed = |path: &&Arc<str>| self.old.get(*path).is_some_and(|blob| self.new.get(*path) != Some(blob));
        let mut changed: Vec<Arc<str>> = self
            .new
            .keys()
            .filter(is_changed)
            .filter(|path| extension(path) == extension(&scan.path))
            .cloned()
            .collect();
        changed.sort_unstable_by_key(|path| (!is_beside(path, &scan.path), path.clone()));
        let mut seen: HashSet<Arc<str>> = home.iter().map(|home| home.path.clone()).collect();
        let added = self.added(&scan.path).into_iter().filter(|path| extension(path) == extension(&scan.path));
        let mut found: Vec<(u8, Arc<str>)> = added
            .chain(changed)
            .filter(|path| seen.insert(path.clone()))
            .take(MOST_SEARCHED)
            .filter_map(|path| Some((best_rank(&wanted, &self.clone.text(self.now, &path)?)?, path)))
            .collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().take(MOST_GIVEN).filter_map(|(_, path)| self.current(path)).collect()
    }
}

fn flagged(query: &Query, scan: &Scan) -> Option<Flagged> {
    let source = scan.source.as_ref()?;
    let evidence = query.evidence(true).into_iter().next()?;
    Flagged::of(&source.text, &source.lines, &source.lines.resolve(&source.text, &evidence.region?)?)
}

fn extension(path: &str) -> &str {
    path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, extension)| extension)
}

fn is_beside(path: &str, other: &str) -> bool {
    let folder = |path: &str| path.rsplit_once('/').map_or(0, |(folder, _)| folder.len());
    path[..folder(path)] == other[..folder(other)]
}
