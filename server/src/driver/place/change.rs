//! What the change at hand did to each finding: introduced, touched, or there before.
//!
//! The same anchor places the same evidence at the commit before the change; where that finds nothing, the change
//! brought it.

use std::collections::HashSet;
use std::sync::Arc;

use anchor::{Item, Source, Target};
use engine::HomeNote;
use finding::{ChangeKind, Placement, State};
use repo::PathChange;

use super::Sources;
use super::elsewhere::{extension, flagged};
use super::scans::Scans;
use crate::driver::baselines::Prior;
use crate::driver::judging::alike;
use crate::driver::law::Base;
use crate::driver::likeness::{Flagged, best_rank, squeezed};

/// Files that went or changed looked into for code that moved, and files handed to the anchor at most.
const MOST_READ: usize = 100;
const MOST_GIVEN: usize = 8;
const MOST_CHANGES: usize = 5_000;

/// What the change did to one finding.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    pub(super) kind: ChangeKind,
    /// The suppression comment over it came with the change.
    pub(super) is_newly_suppressed: bool,
}

/// Of each placement, in order. Where no base is known nothing is known to be new.
pub(super) fn tell(
    scans: &Scans<'_>,
    sources: &[usize],
    items: &[Item<'_>],
    placements: &[Placement],
    now: &Sources,
    base: Base<'_>,
    cancelled: &dyn Fn() -> bool,
) -> Vec<Told> {
    let base = match base {
        Base::Commit(base) => base,
        Base::Unknown => return vec![Told::default(); placements.len()],
        // Nothing was reviewed yet: all of it is new.
        Base::Nothing => {
            let told = |placement: &Placement| Told {
                kind: if placement.state.is_on_code() { ChangeKind::Introduced } else { ChangeKind::Existing },
                is_newly_suppressed: placement.suppressed_by.is_some(),
            };
            return placements.iter().map(told).collect();
        }
    };
    let mut before = Before { scans, base, prior: None };
    let unchanged: HashSet<&str> = now
        .iter()
        .filter(|(path, source)| scans.text_at(base, path).is_some_and(|then| then.text == source.text))
        .map(|(path, _)| &**path)
        .collect();
    let is_settled = |placement: &Placement| {
        !placement.state.is_on_code() || placement.path.as_deref().is_none_or(|path| unchanged.contains(path))
    };
    placements
        .iter()
        .enumerate()
        .map(|(at, placement)| {
            if is_settled(placement) {
                return Told::default();
            }
            let prior = before.of(sources, items, cancelled);
            let Some(then) = prior.placements.get(at) else { return Told::default() };
            let kind = match then.state {
                // Where the scan names a text that git does not have, the way back is not known.
                State::Gone => ChangeKind::Introduced,
                State::Unplaced if prior.is_new_file => ChangeKind::Introduced,
                State::Unplaced => ChangeKind::Existing,
                // The same words in another file are another piece of code until somebody looked.
                _ if is_same_file(scans, prior, then, placement) && is_same_code(prior, then, now, placement) => {
                    ChangeKind::Existing
                }
                _ => ChangeKind::Touched,
            };
            let is_newly_suppressed = placement.suppressed_by.is_some() && then.suppressed_by.is_none();
            Told { kind, is_newly_suppressed }
        })
        .collect()
}

/// Whether a finding stands in the file it stood in, under whatever name of the same kind.
fn is_same_file(scans: &Scans<'_>, prior: &Prior, then: &Placement, now: &Placement) -> bool {
    let (Some(old), Some(new)) = (&then.path, &now.path) else { return true };
    let is_renamed = *new == scans.job().home && prior.home.as_ref() == Some(old) && extension(old) == extension(new);
    old == new || is_renamed
}

/// Whether the statement a finding stands on is the same before and after, white space aside.
fn is_same_code(prior: &Prior, then: &Placement, sources: &Sources, now: &Placement) -> bool {
    let (Some(old), Some(new)) = (&then.path, &now.path) else { return true };
    let (Some(old_range), Some(new_range)) = (&then.range, &now.range) else { return true };
    let find = |sources: &Sources, path: &str| sources.iter().position(|(known, _)| **known == *path);
    let (Some(old), Some(new)) = (find(&prior.sources, old), find(sources, new)) else { return true };
    // Where the flagged lines are the same, no parse is needed to say so.
    if let (Some(then), Some(now)) =
        (flagged_lines(&prior.sources[old].1, old_range), flagged_lines(&sources[new].1, new_range))
        && then == now
    {
        return true;
    }
    let statement = |source: &Source, range: &std::ops::Range<usize>| {
        let range = source.parsed().map_or(range.clone(), |parsed| parsed.statement(&source.text, range.clone()));
        squeezed(source.text.get(range).unwrap_or(""))
    };
    statement(&prior.sources[old].1, old_range) == statement(&sources[new].1, new_range)
}

/// The flagged lines, whole.
fn flagged_lines<'s>(source: &'s Source, range: &std::ops::Range<usize>) -> Option<&'s str> {
    let start = source.lines.line(source.lines.line_of(range.start))?.start;
    let end = source.lines.line(source.lines.line_of(range.end))?.end;
    source.text.get(start..end)
}

/// The placements at the base, made once when the first finding asks.
struct Before<'a, 'i> {
    scans: &'a Scans<'i>,
    base: &'a str,
    prior: Option<Arc<Prior>>,
}

impl Before<'_, '_> {
    fn of(&mut self, sources: &[usize], items: &[Item<'_>], cancelled: &dyn Fn() -> bool) -> &Prior {
        let (scans, base) = (self.scans, self.base);
        self.prior.get_or_insert_with(|| scans.prior(base, sources, items, || place(scans, base, items, cancelled)))
    }
}

fn place(scans: &Scans<'_>, base: &str, items: &[Item<'_>], cancelled: &dyn Fn() -> bool) -> Prior {
    let job = scans.job();
    let changes = scans.changes(base);
    let renamed_from = changes.iter().find_map(|change| match &change.kind {
        repo::ChangeKind::Renamed { from } if change.path == job.home => Some(from.clone()),
        _ => None,
    });
    let noted = match &job.note {
        HomeNote::Renamed(from) => Some(from.clone()),
        _ => None,
    };
    let own = |path: &Arc<str>| Some((path.clone(), Source::clone(&*scans.text_at(base, path)?)));
    let home = own(&job.home).or_else(|| renamed_from.as_ref().and_then(own)).or_else(|| noted.as_ref().and_then(own));
    let before = scans.list.iter().find_map(|scan| scan.source.as_deref());
    let target = home.as_ref().map(|(path, source)| Target { path: path.clone(), source, before });
    let mut placements = anchor::place(items, &scans.list, target.as_ref(), &[], cancelled);
    let is_new_file = home.is_none();
    let at_home = home.as_ref().map(|(path, _)| path.clone());
    let is_lost = |placement: &Placement| !placement.state.is_on_code();
    let mut others: Sources = Vec::new();
    if placements.iter().any(is_lost) {
        let lost = items.iter().zip(&placements).filter(|(_, placement)| is_lost(placement));
        let wanted: Vec<Flagged> = lost.filter_map(|(item, _)| flagged(item, scans)).collect();
        let kind = extension(&job.home);
        others = changes
            .iter()
            .filter(|change| change.before.is_some())
            .map(|change| match &change.kind {
                repo::ChangeKind::Renamed { from } => from,
                _ => &change.path,
            })
            .filter(|path| extension(path) == kind && home.as_ref().is_none_or(|(known, _)| known != *path))
            .take(MOST_READ)
            .filter_map(own)
            .filter(|(_, source)| best_rank(&wanted, &source.text).is_some())
            .take(MOST_GIVEN)
            .collect();
        if !others.is_empty() {
            let befores: Vec<Option<Arc<Source>>> = others.iter().map(|(path, _)| scans.text_of(path)).collect();
            let elsewhere: Vec<Target<'_>> = others
                .iter()
                .zip(&befores)
                .map(|((path, source), before)| Target { path: path.clone(), source, before: before.as_deref() })
                .collect();
            placements = anchor::place(items, &scans.list, target.as_ref(), &elsewhere, cancelled);
        }
    }
    let mut sources = others;
    sources.extend(home);
    Prior { placements, sources, is_new_file, home: at_home }
}

impl Scans<'_> {
    /// What the judged tree has differently from `base`; empty where git cannot say.
    pub(super) fn changes(&self, base: &str) -> Arc<[PathChange]> {
        let Some(repo) = self.repo() else { return Arc::new([]) };
        let (inner, job) = (self.inner(), self.job());
        let listing = job.files.as_ref().map_or(0, |files| files.as_ptr() as usize);
        inner.baselines.altered(&job.path, base, listing, || {
            let folder = repo.prefix_of(&job.path).unwrap_or_default();
            let found = repo.changes_since(Some(base), &inner.judging.view, &folder, MOST_CHANGES, &alike);
            found.map(|found| found.files).unwrap_or_default()
        })
    }
}
