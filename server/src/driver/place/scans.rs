//! The scanned text behind each finding.

use std::collections::HashMap;
use std::sync::Arc;

use anchor::{Basis, Scan, Source};
use engine::{HomeNote, PlaceJob};
use repo::Repo;

use super::findings::Member;
use crate::driver::Inner;

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

    /// The scan of a finding: an index into `list`.
    pub(super) fn of(&mut self, member: &Member) -> usize {
        let named = member.finding.evidence.commit.clone();
        let assumed = self.job.assumed.get(member.source).cloned().flatten();
        let commit = named.clone().or_else(|| assumed.clone());
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
        self.list.push(Scan { path, basis, source });
        self.by_commit.insert(commit, self.list.len() - 1);
        self.list.len() - 1
    }

    /// The home's path at the scanned commit.
    fn path_then(&self) -> Arc<str> {
        match &self.job.note {
            HomeNote::Renamed(from) => from.clone(),
            _ => self.job.home.clone(),
        }
    }

    /// The one commit behind the group, when there is one.
    pub(super) fn commit(&self) -> Option<&str> {
        self.list.iter().find_map(|scan| match &scan.basis {
            Basis::Commit(commit) | Basis::Assumed(commit) => Some(commit.as_str()),
            Basis::Nothing(_) => None,
        })
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
