//! What is judged, and against what.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use finding::wire::{GateScope, ScopeKind};
use policy::input::GatePlace;
use repo::{PathChanges, Repo, View};

use crate::cli::args::CheckArgs;
use crate::cli::{Usage, root};
use crate::driver::Judging;
use crate::driver::judging::alike;
use crate::driver::law::MORE;

/// Files of a change looked at.
const MOST_FILES: usize = 100_000;

/// What is judged.
pub(super) struct Scope {
    pub(super) told: GateScope,
    pub(super) judging: Judging,
    /// Paths of the change, both names of renamed files; `None`: all.
    pub(super) files: Option<HashSet<Arc<str>>>,
    pub(super) place: GatePlace,
    /// Why there is nothing to judge.
    pub(super) nothing: Option<String>,
    /// What could not be told of the change.
    pub(super) undecided: Vec<String>,
}

/// What the arguments and pre-commit's environment ask for.
pub(super) fn of(args: &CheckArgs, root: &Path, env: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Scope> {
    let is_ci = env("CI").is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    let place = match (is_ci, args.hook || args.staged || !args.paths.is_empty()) {
        (true, _) | (_, false) => GatePlace::Ci,
        (false, true) => GatePlace::Hook,
    };
    let repo = Repo::discover(root).map_err(|error| Usage(format!("git: {error}")))?;
    let repo = repo.map(|repo| match env("GIT_INDEX_FILE") {
        Some(file) => (repo.with_index_file(Path::new(&file)), Some(PathBuf::from(file))),
        None => (repo, None),
    });
    let asked = Asked { root, place, repo: repo.as_ref().map(|(repo, file)| (repo, file.clone())), now: args.now };
    if args.hook {
        let refs = ["PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"].map(|name| env(name).filter(|it| !it.is_empty()));
        if let [Some(from), Some(to)] = &refs {
            return asked.between(from, to, "what pre-commit names");
        }
        let staged = asked.staged()?;
        if staged.nothing.is_none() || args.paths.is_empty() {
            return Ok(staged);
        }
        return asked.paths(&args.paths);
    }
    if args.staged {
        return asked.staged();
    }
    if let Some(base) = &args.diff {
        return asked.between(base, "HEAD", "HEAD");
    }
    if !args.paths.is_empty() {
        return asked.paths(&args.paths);
    }
    Ok(asked.all())
}

struct Asked<'a> {
    root: &'a Path,
    place: GatePlace,
    repo: Option<(&'a Repo, Option<PathBuf>)>,
    now: Option<jiff::Timestamp>,
}

impl Asked<'_> {
    fn judging(&self) -> Judging {
        let has_head =
            self.repo.as_ref().and_then(|(repo, _)| repo.head().ok()).is_some_and(|head| head.commit.is_some());
        Judging {
            is_strict: has_head,
            index_file: self.repo.as_ref().and_then(|(_, file)| file.clone()),
            now: self.now,
            ..Judging::default()
        }
    }

    /// A shallow clone without an earlier state has nothing to compare with but itself.
    fn baseless(&self) -> Vec<String> {
        let Some((repo, _)) = &self.repo else { return Vec::new() };
        let Some(head) = repo.head().ok().and_then(|head| head.commit) else { return Vec::new() };
        let Ok(base) = repo.change_base() else { return Vec::new() };
        // Where the base is lost the law says so.
        if base.is_lost || base.commit.is_some_and(|base| base != head) || !repo.is_shallow() {
            return Vec::new();
        }
        vec![format!(
            "This clone is shallow and holds no earlier state: nobody can say what the change introduced. {MORE}"
        )]
    }

    fn repo(&self) -> anyhow::Result<&Repo> {
        let Some((repo, _)) = &self.repo else {
            return Err(Usage(format!(
                "{} is not in a git repository: there is no change to judge",
                self.root.display()
            ))
            .into());
        };
        Ok(repo)
    }

    fn all(&self) -> Scope {
        let told = GateScope { kind: ScopeKind::All, words: "the whole tree".to_owned(), files: 0, base: None };
        let (judging, place) = (self.judging(), self.place);
        Scope { told, judging, files: None, place, nothing: None, undecided: self.baseless() }
    }

    fn staged(&self) -> anyhow::Result<Scope> {
        let repo = self.repo()?;
        let folder = repo.prefix_of(self.root).unwrap_or_default();
        let head = repo.head().map_err(|error| Usage(format!("git: {error}")))?.commit;
        let changes =
            repo.staged_changes(&folder, MOST_FILES, &alike).map_err(|error| Usage(format!("git: {error}")))?;
        // Before the first commit nothing was reviewed, and everything is new.
        let base = merged(repo);
        let judging =
            Judging { view: View::Index, base, gate: head.clone(), is_strict: head.is_some(), ..self.judging() };
        let mut scope = self.changed(&changes, "staged file", head, ScopeKind::Staged, judging);
        if !changes.conflicted.is_empty() {
            scope.undecided.push(format!(
                "{} of the index: a merge is not finished; only \"ours\" could be judged.",
                counted(changes.conflicted.len(), "file")
            ));
        }
        if changes.files.is_empty() {
            scope.nothing = Some("nothing is staged but, at most, links and submodules".to_owned());
        }
        Ok(scope)
    }

    fn between(&self, base: &str, to: &str, to_words: &str) -> anyhow::Result<Scope> {
        let repo = self.repo()?;
        let resolve = |revision: &str| -> Result<String, Usage> {
            let named = ["refs/heads/", "refs/tags/"].map(|kind| repo.resolve(&format!("{kind}{revision}")).ok());
            if let [Some(branch), Some(tag)] = &named
                && branch != tag
            {
                let why = "is both a branch and a tag, of different commits: name refs/heads/… or refs/tags/…";
                return Err(Usage(format!("{revision:?} {why}")));
            }
            repo.resolve(revision).map_err(|error| Usage(format!("{revision:?}: {error}")))
        };
        // A branch that is new to the remote has no "from": pre-commit gives zeros or the empty tree.
        let (from, to) = (resolve(base)?, resolve(to)?);
        let found = repo.merge_base(&from, &to).map_err(|error| Usage(format!("git: {error}")))?;
        let Some(before) = found.commit().map(str::to_owned) else {
            return Err(Usage(format!(
                "{base} and {to_words} have no known merge base: fetch more history (in CI: fetch-depth: 0)"
            ))
            .into());
        };
        let folder = repo.prefix_of(self.root).unwrap_or_default();
        let view = View::Commit(to);
        let changes = repo
            .changes_since(Some(&before), &view, &folder, MOST_FILES, &alike)
            .map_err(|error| Usage(format!("git: {error}")))?;
        let judging =
            Judging { view, base: Some(before.clone()), gate: Some(before.clone()), is_strict: true, ..self.judging() };
        let mut scope = self.changed(&changes, "changed file", Some(before), ScopeKind::Diff, judging);
        if changes.files.is_empty() {
            scope.nothing = Some(format!("{to_words} has no file that differs from its merge base with {base}"));
        }
        Ok(scope)
    }

    fn changed(
        &self,
        changes: &PathChanges,
        noun: &str,
        base: Option<String>,
        kind: ScopeKind,
        judging: Judging,
    ) -> Scope {
        let mut files: HashSet<Arc<str>> = HashSet::new();
        for change in &changes.files {
            files.insert(change.path.clone());
            if let repo::ChangeKind::Renamed { from } = &change.kind {
                files.insert(from.clone());
            }
        }
        let count = changes.files.len();
        let told = GateScope { kind, words: counted(count, noun), files: count, base };
        let undecided = if changes.is_partial {
            vec!["Not all changed files could be listed (a partial clone, or too many).".to_owned()]
        } else {
            Vec::new()
        };
        Scope { told, judging, files: Some(files), place: self.place, nothing: None, undecided }
    }

    fn paths(&self, paths: &[PathBuf]) -> anyhow::Result<Scope> {
        let wanted = root::below(self.root, paths)?;
        let mut files: HashSet<Arc<str>> = HashSet::new();
        let mut listed: Option<Vec<Arc<str>>> = None;
        for (typed, wanted) in paths.iter().zip(wanted) {
            if self.root.join(&wanted).is_dir() {
                let listed = listed.get_or_insert_with(|| {
                    repo::files::list(self.root, repo::files::Limits::default(), &|| false).paths
                });
                let is_below = |path: &str| {
                    wanted.is_empty() || path.strip_prefix(&wanted).is_some_and(|rest| rest.starts_with('/'))
                };
                files.extend(listed.iter().filter(|path| is_below(path)).cloned());
            } else if self.root.join(&wanted).exists() {
                files.insert(wanted.into());
            } else {
                return Err(Usage(format!("{}: no such file", typed.display())).into());
            }
        }
        let words = match paths {
            [one] => one.display().to_string(),
            several => counted(several.len(), "path"),
        };
        let told = GateScope { kind: ScopeKind::Paths, words, files: files.len(), base: None };
        let nothing = files.is_empty().then(|| "the paths hold no file".to_owned());
        let (judging, place) = (self.judging(), self.place);
        Ok(Scope { told, judging, files: Some(files), place, nothing, undecided: self.baseless() })
    }
}

/// The commit of the default branch that a merge under way brings: what it brings was reviewed there.
fn merged(repo: &Repo) -> Option<String> {
    let mut files = repo.git_dirs_to_watch().into_iter().map(|head| head.with_file_name("MERGE_HEAD"));
    let text = files.find_map(|file| std::fs::read_to_string(file).ok())?;
    let theirs = repo.resolve_commit(text.lines().next()?.trim())?;
    let branch = repo.default_branch().ok()??;
    let common = repo.merge_base(&theirs, &branch.commit).ok()?;
    (common.commit() == Some(theirs.as_str())).then_some(theirs)
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
