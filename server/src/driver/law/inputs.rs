//! The gate's own inputs, read at the commit before the change.

use std::path::Path;

use config::{BundlePlace, Config, FILE_NAME, Loaded, UserConfig};
use finding::wire::GateChange;
use policy::exceptions::{self, Parsed};
use repo::{CODEOWNERS_PATHS, ChangeKind, Codeowners, Content, OwnersFlavour, Repo, TreeView, View};

use crate::driver::judging::alike;
use crate::driver::{Inner, MAX_TEXT, lock};

/// Where exceptions are written down.
pub(crate) const EXCEPTIONS: &str = ".aspm/exceptions.yaml";
const MOST_CHANGES: usize = 10_000;
/// What to do where the base of a change is not here.
pub(crate) const MORE: &str = "Fetch more history (in CI: `fetch-depth: 0`; by hand: `git fetch --unshallow`), or name a \
                               base with `aspm-lsp check --diff`.";

/// What was read.
pub(super) struct Inputs {
    /// Of the commit before the change.
    pub(super) config: Config,
    pub(super) bundles: Places,
    pub(super) exceptions_before: Option<Parsed>,
    pub(super) exceptions_now: Parsed,
    pub(super) owners: Option<Codeowners>,
    pub(super) owners_text: Option<String>,
    pub(super) repository_urls: Vec<String>,
    pub(super) base: Option<(String, String)>,
    /// Why the base is HEAD for want of a better one, with what to do.
    pub(super) doubt: Option<String>,
    /// A repository in which nothing is committed yet.
    pub(super) is_unborn: bool,
    pub(super) problems: Vec<String>,
    pub(super) undecided: Vec<String>,
}

/// Where policies are to be found.
#[derive(Default)]
pub(super) struct Places {
    pub(super) user: UserConfig,
    /// The organisation's, named by the user.
    pub(super) organisation: Option<BundlePlace>,
    /// The repository's, with the tree it is read from; without one, from disk.
    pub(super) repository: Option<(BundlePlace, Option<TreeView>)>,
}

pub(super) fn read(inner: &Inner, root: &Path, on_disk: &Config, trusted: bool) -> Inputs {
    let repo = inner.repo(root);
    let mut problems = Vec::new();
    let mut undecided = Vec::new();
    lock(&inner.bases).remove(root);
    let base = repo.as_ref().and_then(|repo| known_base(inner, repo, root, &mut problems));
    let before = repo.as_ref().and_then(|repo| match before(inner, repo, root, base.as_ref()) {
        Ok(tree) => tree,
        Err(error) => {
            undecided.push(format!("The state before this change cannot be read: {error}."));
            None
        }
    });
    let config = match &before {
        Some(tree) => {
            let loaded = config_in(tree);
            problems.extend(loaded.problems);
            loaded.config
        }
        None => on_disk.clone(),
    };
    let repository_urls = repo.as_ref().map(Repo::repository_urls).unwrap_or_default();
    let user = UserConfig::load(&config::dirs::process_env);
    for problem in &user.problems {
        undecided.push(format!("The organisation's policy is not known: {problem}"));
    }
    let bundles = Places {
        organisation: user.config.policy_bundle.clone(),
        repository: config.policy_bundle.clone().filter(|_| trusted).map(|place| (place, before.clone())),
        user: user.config,
    };
    let text_before = |path: &str| before.as_ref().and_then(|tree| text(tree, path));
    let text_now = |path: &str| match inner.read(root, path, MAX_TEXT) {
        Ok(repo::files::Read::Text(text)) => Some(text),
        _ => None,
    };
    let exceptions_before =
        before.as_ref().filter(|_| trusted).map(|_| exceptions::parse(&text_before(EXCEPTIONS).unwrap_or_default()));
    let exceptions_now = if trusted { exceptions_in(inner, root) } else { Parsed::default() };
    let owners = CODEOWNERS_PATHS.iter().find_map(|path| {
        let text = if before.is_some() { text_before(path) } else { text_now(path) };
        text.map(|text| (*path, text))
    });
    let owners_text = owners.as_ref().map(|(_, text)| text.clone());
    let owners = owners.map(|(path, text)| {
        let owners = Codeowners::parse(&text, OwnersFlavour::guess(path, &repository_urls, &text));
        problems.extend(owners.problems.iter().map(|problem| format!("{path}: {problem}")));
        owners
    });
    Inputs {
        config,
        bundles,
        exceptions_before,
        exceptions_now,
        owners,
        owners_text,
        repository_urls,
        is_unborn: base.is_none() && repo.as_ref().is_some_and(|repo| inner.head(repo).is_none()),
        base,
        doubt: repo.as_ref().and_then(|repo| doubt(inner, repo)),
        problems,
        undecided,
    }
}

/// Why nobody can say what the change at hand introduced.
fn doubt(inner: &Inner, repo: &Repo) -> Option<String> {
    let base = repo.change_base().ok().filter(|base| base.is_lost && inner.judging.base.is_none())?;
    let why = base.words.trim_start_matches("none: ").trim_start_matches("none ");
    Some(format!("No merge base with the default branch ({why}): nobody can say what the change introduced. {MORE}"))
}

/// The exceptions of the judged tree; a file that is no text is a broken one.
fn exceptions_in(inner: &Inner, root: &Path) -> Parsed {
    let broken = |what: String| Parsed {
        entries: Vec::new(),
        problems: vec![exceptions::Problem { line: 1, what, weight: exceptions::Weight::File }],
    };
    match inner.read(root, EXCEPTIONS, MAX_TEXT) {
        Ok(repo::files::Read::Text(text)) => exceptions::parse(&text),
        Ok(repo::files::Read::Missing) => Parsed::default(),
        Ok(_) => broken("no exception of this file counts: it is not UTF-8 text that can be read".to_owned()),
        Err(error) => broken(format!("no exception of this file counts: {error}")),
    }
}

/// The same as when the law was last read: all of one answer is told against one commit.
fn known_base(inner: &Inner, repo: &Repo, root: &Path, problems: &mut Vec<String>) -> Option<(String, String)> {
    if let Some(known) = lock(&inner.bases).get(root) {
        return known.clone();
    }
    let found = base(inner, repo, problems);
    lock(&inner.bases).insert(root.to_path_buf(), found.clone());
    found
}

/// The commit that the change is told against, and what it is in words.
fn base(inner: &Inner, repo: &Repo, problems: &mut Vec<String>) -> Option<(String, String)> {
    if let Some(commit) = &inner.judging.base {
        return Some((commit.clone(), format!("commit {}", super::super::baselines::short(commit))));
    }
    match repo.change_base() {
        Ok(base) => {
            let head =
                || inner.head(repo).map(|head| (head.clone(), format!("HEAD, {}", head.get(..7).unwrap_or(&head))));
            base.commit.map(|commit| (commit, base.words)).or_else(head)
        }
        Err(error) => {
            problems.push(format!("Git: {error}. No finding counts as introduced by a change."));
            None
        }
    }
}

/// The tree that the gate's inputs are read from; `None` before the first commit, when nothing was reviewed.
fn before(
    inner: &Inner,
    repo: &Repo,
    root: &Path,
    base: Option<&(String, String)>,
) -> Result<Option<TreeView>, repo::Error> {
    let commit = inner.judging.gate.as_ref().or(base.map(|(commit, _)| commit));
    let folder = repo.prefix_of(root).unwrap_or_default();
    commit.map(|commit| repo.view(&View::Commit(commit.clone()), &folder)).transpose()
}

fn text(tree: &TreeView, path: &str) -> Option<String> {
    match tree.read(path) {
        Ok(Content::Text(text)) => Some(text.to_string()),
        _ => None,
    }
}

fn config_in(tree: &TreeView) -> Loaded {
    let nothing = |problems| Loaded { config: Config::default_for_root(), problems, from: None };
    match tree.read(FILE_NAME) {
        Ok(Content::Text(text)) => match Config::parse(&text, FILE_NAME) {
            Ok(config) => Loaded { config, problems: Vec::new(), from: Some(FILE_NAME.into()) },
            Err(error) => nothing(error.lines().map(|line| format!("Before this change, {line}")).collect()),
        },
        Ok(Content::NoPath) => nothing(Vec::new()),
        Ok(_) => nothing(vec![format!("{FILE_NAME} before this change is no text file that is here.")]),
        Err(error) => nothing(vec![format!("{FILE_NAME} before this change cannot be read: {error}.")]),
    }
}

impl Inner {
    /// A root's `aspm.toml`: for a gate, as it was before the change.
    pub(in crate::driver) fn config(&self, root: &Path, trusted: bool) -> Loaded {
        let strict = || {
            let repo = self.repo(root).filter(|_| self.judging.is_strict)?;
            let base = known_base(self, &repo, root, &mut Vec::new());
            let reviewed = config_in(&before(self, &repo, root, base.as_ref()).ok()??);
            if reviewed.problems.is_empty() {
                return Some(reviewed);
            }
            // What was merged is broken: the change that repairs it must be able to pass.
            let repaired = match self.read(root, FILE_NAME, MAX_TEXT) {
                Ok(repo::files::Read::Text(text)) => Config::parse(&text, FILE_NAME).ok(),
                Ok(repo::files::Read::Missing) => Some(Config::default_for_root()),
                _ => None,
            };
            Some(repaired.map_or(reviewed, |config| Loaded { config, problems: Vec::new(), from: None }))
        };
        strict().unwrap_or_else(|| Config::load(root, trusted))
    }

    /// The commit that the change at hand is told against.
    pub(in crate::driver) fn base_of(&self, root: &Path) -> Option<String> {
        let repo = self.repo(root)?;
        known_base(self, &repo, root, &mut Vec::new()).map(|(commit, _)| commit)
    }

    /// The tree before the change, for reading sources that are in git.
    pub(in crate::driver) fn reviewed(&self, root: &Path) -> Option<TreeView> {
        let repo = self.repo(root)?;
        let base = known_base(self, &repo, root, &mut Vec::new());
        before(self, &repo, root, base.as_ref()).ok()?
    }
}

/// What the judged tree alters of the gate's own inputs.
pub(crate) fn changes(driver: &crate::driver::Driver, root: &Path) -> Vec<GateChange> {
    let inner = &*driver.inner;
    let (Some(repo), Some(before)) = (inner.repo(root), inner.reviewed(root)) else { return Vec::new() };
    let View::Commit(commit) = before.view() else { return Vec::new() };
    let folder = repo.prefix_of(root).unwrap_or_default();
    let config = config_in(&before).config;
    let is_input = |path: &str| {
        path == FILE_NAME
            || path.starts_with(".aspm/")
            || CODEOWNERS_PATHS.contains(&path)
            || config.reads(path)
            || matches!(&config.policy_bundle, Some(BundlePlace::Path(bundle)) if Path::new(path).starts_with(bundle))
    };
    let found = repo.changes_since(Some(commit), &inner.judging.view, &folder, MOST_CHANGES, &alike);
    let mut changes = Vec::new();
    for change in found.map(|found| found.files).unwrap_or_default() {
        let (word, from) = match &change.kind {
            ChangeKind::Added => ("added", None),
            ChangeKind::Modified => ("changed", None),
            ChangeKind::Deleted => ("removed", None),
            ChangeKind::Renamed { from } => ("added", Some(from)),
        };
        if let Some(from) = from.filter(|from| is_input(from)) {
            changes.push(GateChange { path: from.to_string(), what: "removed".to_owned() });
        }
        if is_input(&change.path) {
            changes.push(GateChange { path: change.path.to_string(), what: word.to_owned() });
        }
    }
    changes
}

/// Files of the judged tree that differ from the base of the change, both names of renamed ones.
pub(in crate::driver) fn changed_files(inner: &Inner, root: &Path) -> Result<Vec<std::sync::Arc<str>>, String> {
    let Some(repo) = inner.repo(root) else {
        return Err("This folder is not in a git repository: nobody can say what changed.".to_owned());
    };
    let base = known_base(inner, &repo, root, &mut Vec::new());
    let folder = repo.prefix_of(root).unwrap_or_default();
    let commit = base.as_ref().map(|(commit, _)| commit.as_str());
    let changes = repo
        .changes_since(commit, &inner.judging.view, &folder, 100_000, &alike)
        .map_err(|error| format!("Git: {error}."))?;
    if changes.is_partial {
        return Err("Not all changed files could be listed.".to_owned());
    }
    let mut files = Vec::new();
    for change in changes.files {
        if let ChangeKind::Renamed { from } = change.kind {
            files.push(from);
        }
        files.push(change.path);
    }
    Ok(files)
}
