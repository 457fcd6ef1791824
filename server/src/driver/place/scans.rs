//! The scanned text behind each finding.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use anchor::{Basis, Item, Scan, Source, Version};
use engine::{HomeNote, PlaceJob};
use finding::Placement;
use repo::{Content, Repo};

use super::remembered::Question;
use crate::driver::baselines::{Committed, Prior, prefix};
use crate::driver::history::Steps;
use crate::driver::{Inner, history};

/// The scans of a group: one for each commit its findings name or are assumed to be of.
pub(super) struct Scans<'a> {
    pub(super) list: Vec<Scan>,
    by_commit: HashMap<Option<String>, usize>,
    inner: &'a Inner,
    job: &'a PlaceJob,
    repo: Option<Repo>,
    keep: bool,
}

impl<'a> Scans<'a> {
    pub(super) fn new(inner: &'a Inner, job: &'a PlaceJob, keep: bool) -> Self {
        Self { list: Vec::new(), by_commit: HashMap::new(), inner, job, repo: inner.repo(&job.path), keep }
    }

    /// The scan of evidence that a source has at a commit, or at none: an index into `list`.
    pub(super) fn of(&mut self, source: usize, commit: Option<&str>) -> usize {
        let assumed = self.job.assumed.get(source).cloned().flatten();
        self.of_commit(commit, assumed.as_deref())
    }

    /// The scan of evidence that names a commit, or of which one is assumed.
    pub(super) fn of_commit(&mut self, named: Option<&str>, assumed: Option<&str>) -> usize {
        let commit = named.or(assumed).map(str::to_owned);
        if let Some(&known) = self.by_commit.get(&commit) {
            return known;
        }
        let path = self.path_then();
        let (basis, source) = match (&self.repo, &commit) {
            (None, _) => (Basis::Nothing("this folder is not in a git repository".to_owned()), None),
            (_, None) => (Basis::Nothing("the scan names no commit".to_owned()), None),
            (Some(repo), Some(commit)) => {
                match self.inner.baselines.text(repo, &self.job.path, commit, &path, self.keep) {
                    Ok(source) if named.is_some() => (Basis::Commit(commit.clone()), Some(source)),
                    Ok(source) => (Basis::Assumed(commit.clone()), Some(source)),
                    Err(why) => (Basis::Nothing(why), None),
                }
            }
        };
        let (basis, source) = match source {
            None => self.before_the_change(&path).unwrap_or((basis, None)),
            some => (basis, some),
        };
        self.list.push(Scan { path, basis, source });
        self.by_commit.insert(commit, self.list.len() - 1);
        self.list.len() - 1
    }

    /// Where no scanned text is known, the text of a file that the change at hand took away or renamed.
    fn before_the_change(&self, path: &Arc<str>) -> Option<(Basis, Option<Arc<Source>>)> {
        if !matches!(self.job.note, HomeNote::Deleted | HomeNote::Renamed(_)) {
            return None;
        }
        let base = self.inner.base_of(&self.job.path)?;
        let source = self.text_at(&base, path)?;
        Some((Basis::Assumed(base), Some(source)))
    }

    /// The home's path at the scanned commit.
    fn path_then(&self) -> Arc<str> {
        match &self.job.note {
            HomeNote::Renamed(from) => from.clone(),
            _ => self.job.home.clone(),
        }
    }

    /// Where the findings are in the file as last committed, by history. `None` when history says no more than the
    /// scanned text does.
    pub(super) fn committed(
        &self,
        sources: &[usize],
        items: &[Item<'_>],
        cancelled: &dyn Fn() -> bool,
    ) -> Option<Arc<Committed>> {
        let repo = self.repo.as_ref()?;
        let head = self.inner.head(repo)?;
        let key = (&*self.job.path, &*head, &self.job.home, self.digest(sources, items));
        self.inner.baselines.committed(key, self.keep, || self.carried(repo, &head, (sources, items), cancelled))
    }

    fn carried(
        &self,
        repo: &Repo,
        head: &str,
        (sources, items): (&[usize], &[Item<'_>]),
        cancelled: &dyn Fn() -> bool,
    ) -> Option<Committed> {
        let prefix = prefix(repo, &self.job.path);
        let mut version = None;
        let mut placements = vec![None; items.len()];
        for (number, scan) in self.list.iter().enumerate().filter(|(_, scan)| scan.source.is_some()) {
            let (Basis::Commit(commit) | Basis::Assumed(commit)) = &scan.basis else { continue };
            let steps = history::steps(repo, commit, head, &format!("{prefix}{}", scan.path), cancelled);
            let is_way_home = steps.versions.iter().all(|version| version.path.starts_with(&prefix))
                && steps.versions.last().is_some_and(|last| last.path[prefix.len()..] == *self.job.home);
            if steps.is_removed || !is_way_home {
                continue;
            }
            let (at, asked): (Vec<usize>, Vec<(usize, Item<'_>)>) = sources
                .iter()
                .copied()
                .zip(items.iter().copied())
                .enumerate()
                .filter(|(_, (_, item))| item.scan == number)
                .unzip();
            let Some((last, found)) = self.carried_along(repo, (&prefix, scan), &steps, &asked, cancelled) else {
                continue;
            };
            for (at, placement) in at.into_iter().zip(found) {
                placements[at] = Some(placement);
            }
            version = Some(last);
        }
        // What a cancelled walk left is not worth keeping, and its result is dropped.
        Some(Committed { version: version?, placements }).filter(|_| !cancelled())
    }

    /// The last text of a way, and where the findings are in it. `None` when the way is too long or has steps without
    /// a text.
    fn carried_along(
        &self,
        repo: &Repo,
        (prefix, scan): (&str, &Scan),
        steps: &Steps,
        asked: &[(usize, Item<'_>)],
        cancelled: &dyn Fn() -> bool,
    ) -> Option<(Version, Vec<Placement>)> {
        let question = Question::new((self.inner, self.job), asked, scan, steps);
        if let Some(question) = &question
            && let Some(last) = steps.versions.last()
            && let Some(text) = repo.text_of(&last.blob).ok().and_then(Content::decoded)
            && let Some(known) = question.answer(&self.job.home, &text)
        {
            let source = Arc::new(Source::new(&self.job.home, text));
            return Some((Version { path: self.job.home.clone(), source }, known));
        }
        let mut versions = history::texts(repo, steps);
        for version in &mut versions {
            version.path = version.path.strip_prefix(prefix)?.into();
        }
        let last = versions.last()?.clone();
        let items: Vec<Item<'_>> = asked.iter().map(|(_, item)| *item).collect();
        let found = anchor::carry(&items, scan, &versions, &[], cancelled);
        if let Some(question) = question.filter(|_| !cancelled()) {
            question.remember(&found);
        }
        Some((last, found))
    }

    /// Of all that the placements depend on besides the two commits.
    fn digest(&self, sources: &[usize], items: &[Item<'_>]) -> u64 {
        let mut hasher = DefaultHasher::new();
        for (source, item) in sources.iter().zip(items) {
            let evidence = item.evidence;
            let known = (&evidence.path, &evidence.region, &evidence.snippet, &evidence.context, &evidence.symbol);
            (source, item.tool, item.rule, known).hash(&mut hasher);
            match &self.list[item.scan].basis {
                Basis::Commit(commit) => (0, commit).hash(&mut hasher),
                Basis::Assumed(commit) => (1, commit).hash(&mut hasher),
                Basis::Nothing(why) => (2, why).hash(&mut hasher),
            }
        }
        hasher.finish()
    }

    /// The one commit behind the group, when there is one.
    pub(super) fn commit(&self) -> Option<&str> {
        self.list.iter().find_map(|scan| match &scan.basis {
            Basis::Commit(commit) | Basis::Assumed(commit) => Some(commit.as_str()),
            Basis::Nothing(_) => None,
        })
    }

    /// Whether evidence of `path` is about this group.
    pub(super) fn is_about(&self, path: &str) -> bool {
        let job = self.job;
        *job.home == *path
            || job.scanned.iter().any(|scanned| *scanned.path == *path)
            || matches!(&job.note, HomeNote::Renamed(from) if **from == *path)
    }

    pub(super) fn inner(&self) -> &Inner {
        self.inner
    }

    pub(super) fn job(&self) -> &PlaceJob {
        self.job
    }

    /// Whether the home is not what the last commit holds.
    pub(super) fn is_changed(&self, now: &[(Arc<str>, Source)]) -> bool {
        let Some(head) = self.repo.as_ref().and_then(|repo| self.inner.head(repo)) else { return false };
        let now = now.iter().find(|(path, _)| *path == self.job.home).map(|(_, source)| &source.text);
        now != self.text_at(&head, &self.job.home).as_ref().map(|then| &then.text)
    }

    /// A file's text at any commit; `None` when it has no such text.
    pub(super) fn text_at(&self, commit: &str, path: &Arc<str>) -> Option<Arc<Source>> {
        self.inner.baselines.text(self.repo.as_ref()?, &self.job.path, commit, path, self.keep).ok()
    }

    /// Where the findings were at `base`: what `make` answers, once.
    pub(super) fn prior(
        &self,
        base: &str,
        sources: &[usize],
        items: &[Item<'_>],
        make: impl FnOnce() -> Prior,
    ) -> Arc<Prior> {
        let key = (&*self.job.path, base, &self.job.home, self.digest(sources, items));
        self.inner.baselines.prior(key, self.keep, make)
    }

    pub(super) fn repo(&self) -> Option<&Repo> {
        self.repo.as_ref()
    }

    /// Another file's text at that commit; `None` when it is new since.
    pub(super) fn text_of(&self, path: &Arc<str>) -> Option<Arc<Source>> {
        let (repo, commit) = (self.repo.as_ref()?, self.commit()?);
        self.inner.baselines.text(repo, &self.job.path, commit, path, self.keep).ok()
    }
}
