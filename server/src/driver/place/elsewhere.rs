//! Other files that code may have moved to: changed or new since the scan, of the same kind, with the flagged code in,
//! or most of its words.

use std::collections::HashSet;
use std::sync::Arc;

use anchor::{Item, Source};
use engine::PlaceJob;
use repo::files::Read;
use repo::{Repo, View};

use super::scans::Scans;
use crate::driver::Inner;
use crate::driver::baselines::prefix;
use crate::driver::judging::alike;
use crate::driver::likeness::{Flagged, best_rank};

/// Files looked into at most, and files handed to the anchor at most.
const MOST_READ: usize = 200;
const MOST_GIVEN: usize = 16;
const MOST_BYTES: usize = 1 << 20;
const MOST_TRACKED: usize = 200_000;

/// Files that hold the flagged code of a gone finding, or most of its words; the surest first.
pub(super) fn candidates<'i>(
    inner: &Inner,
    job: &PlaceJob,
    scans: &Scans<'_>,
    gone: impl Iterator<Item = Item<'i>>,
    known: &[(Arc<str>, Source)],
) -> Vec<Arc<str>> {
    let wanted: Vec<Flagged> = gone.filter_map(|item| flagged(&item, scans)).collect();
    let (Some(repo), Some(commit)) = (scans.repo(), scans.commit()) else { return Vec::new() };
    let Some(head) = inner.head(repo) else { return Vec::new() };
    if wanted.is_empty() {
        return Vec::new();
    }
    let kind = extension(&job.home);
    let changes = inner.baselines.changes(repo, &job.path, commit, &head);
    let new = job.files.iter().flat_map(|files| files.iter()).filter(|path| !changes.then.contains(*path));
    let open = job.documents.iter().map(|document| &document.path);
    let touched = touched(inner, repo, job, kind);
    let mut found: Vec<(u8, Arc<str>)> = open
        .chain(&touched)
        .chain(changes.modified.iter())
        .chain(new)
        .filter(|path| **path != job.home && extension(path) == kind && !known.iter().any(|(known, _)| known == *path))
        .take(MOST_READ)
        .filter_map(|path| Some((best_rank(&wanted, &current(inner, job, path)?)?, path.clone())))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    let mut seen = HashSet::new();
    found.retain(|(_, path)| seen.insert(path.clone()));
    found.into_iter().take(MOST_GIVEN).map(|(_, path)| path).collect()
}

/// A file's text now: of the open document, else of the disk.
fn current(inner: &Inner, job: &PlaceJob, path: &Arc<str>) -> Option<Arc<str>> {
    if let Some(document) = job.documents.iter().find(|document| document.path == *path) {
        return Some(document.text.clone());
    }
    inner.read(&job.path, path, MOST_BYTES).ok().and_then(Read::decoded).map(Into::into)
}

/// Tracked files of this kind with changes that are not committed yet.
fn touched(inner: &Inner, repo: &Repo, job: &PlaceJob, kind: &str) -> Vec<Arc<str>> {
    let view = &inner.judging.view;
    if *view != View::WorkTree {
        // What the index or a commit holds beyond HEAD; the disk does not count.
        let folder = repo.prefix_of(&job.path).unwrap_or_default();
        let head = inner.head(repo);
        let changes = repo.changes_since(head.as_deref(), view, &folder, MOST_READ, &alike).unwrap_or_default();
        return changes.files.into_iter().map(|change| change.path).filter(|path| extension(path) == kind).collect();
    }
    let prefix = prefix(repo, &job.path);
    let tracked = repo.tracked_files(MOST_TRACKED).unwrap_or_default();
    tracked
        .iter()
        .filter_map(|file| Some((file, file.path.strip_prefix(&prefix)?)))
        .filter(|(file, path)| extension(path) == kind && file.is_touched(&job.path.join(path)))
        .map(|(_, path)| Arc::from(path))
        .collect()
}

pub(super) fn flagged(item: &Item<'_>, scans: &Scans<'_>) -> Option<Flagged> {
    match (&scans.list[item.scan].source, &item.evidence.region) {
        (Some(source), Some(region)) => {
            Flagged::of(&source.text, &source.lines, &source.lines.resolve(&source.text, region)?)
        }
        _ => Flagged::of_snippet(item.evidence.snippet.as_deref()?),
    }
}

pub(super) fn extension(path: &str) -> &str {
    path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, extension)| extension)
}
