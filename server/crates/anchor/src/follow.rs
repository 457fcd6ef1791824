//! From the last commit to the text being edited: what [`crate::carry`] found once is taken over the small difference.

use std::ops::Range;

use finding::{Placement, State};

use crate::content::{Asked, by_content};
use crate::lines::LineMap;
use crate::place::place;
use crate::suppressed::Suppressed;
use crate::track::Track;
use crate::trust::Trust;
use crate::{Basis, Item, Scan, Target, Version};

/// From here on a placement in a committed text rests on lines that did not change, and needs no more words.
const UNCHANGED: f32 = 0.97;

/// Like [`place`], for findings whose placements in `committed` are known: `carried` has one for each of `items`,
/// `None` where there is none. Cost is by the difference between `committed` and `home`, not by the age of the scan.
///
/// What was gone in `committed` stays gone unless the very code is new in `home` (an undone fix) or in `elsewhere`.
#[must_use]
pub fn follow(
    items: &[Item<'_>],
    (committed, carried): (&Version, &[Option<Placement>]),
    scans: &[Scan],
    home: Option<&Target<'_>>,
    elsewhere: &[Target<'_>],
    cancelled: &dyn Fn() -> bool,
) -> Vec<Placement> {
    let is_same = home.is_some_and(|home| home.path == committed.path && home.source.text == committed.source.text);
    let mut placed: Vec<Option<Placement>> = vec![None; items.len()];
    let mut standing: Vec<Asked> = Vec::new();
    let (mut again, mut gone) = (Vec::new(), Vec::new());
    for (at, known) in carried.iter().enumerate().take(items.len()) {
        match known {
            Some(known) if known.state == State::Gone => {
                placed[at] = Some(known.clone());
                gone.push(at);
            }
            Some(Placement { path: Some(path), range: Some(range), .. }) if *path == committed.path => {
                if is_same {
                    placed[at].clone_from(known);
                }
                standing.push(Asked { item: at, range: range.clone() });
            }
            _ => again.push(at),
        }
    }
    again.extend(carried.len()..items.len());
    if !is_same && !standing.is_empty() {
        let head = Scan {
            path: committed.path.clone(),
            basis: Basis::Commit(String::new()),
            source: Some(committed.source.clone()),
        };
        let mut steps: Vec<Option<Placement>> = vec![None; items.len()];
        by_content(&standing, items, (&head, &committed.source), home, elsewhere, cancelled, &mut steps);
        for asked in &standing {
            let (Some(first), Some(step)) = (&carried[asked.item], steps[asked.item].take()) else { continue };
            placed[asked.item] = Some(joined(first, step, &items[asked.item], scans, home));
        }
    }
    let subset = |which: &[usize]| {
        let chosen: Vec<Item<'_>> = which.iter().map(|&at| items[at]).collect();
        place(&chosen, scans, home, elsewhere, cancelled)
    };
    for (&at, placement) in again.iter().zip(subset(&again)) {
        placed[at] = Some(placement);
    }
    let may_return = !is_same || !elsewhere.is_empty();
    if may_return && !gone.is_empty() {
        let is_new = new_lines(committed, home);
        for (&at, placement) in gone.iter().zip(subset(&gone)) {
            if returned(&placement, committed, &is_new, &placed) {
                placed[at] = Some(placement);
            }
        }
    }
    let mut suppressed = Suppressed::default();
    for (item, placement) in items.iter().zip(&mut placed) {
        if let Some(Placement { path: Some(path), range: Some(range), suppressed_by, .. }) = placement
            && let Some(target) = home.into_iter().chain(elsewhere).find(|target| target.path == *path)
        {
            *suppressed_by = suppressed.newly(item, scans, path, target.source, range);
        }
    }
    let interrupted = || Placement::unplaced(crate::reason::CANCELLED);
    placed.into_iter().map(|placement| placement.unwrap_or_else(interrupted)).collect()
}

/// Both ways in one: scan to commit, commit to now.
fn joined(first: &Placement, step: Placement, item: &Item<'_>, scans: &[Scan], home: Option<&Target<'_>>) -> Placement {
    let scan = &scans[item.scan];
    let stays = step.state == State::Exact && step.confidence >= UNCHANGED;
    if stays && step.path == first.path {
        return Placement { range: step.range, ..first.clone() };
    }
    let origin = scan.source.as_deref().zip(item.evidence.region).and_then(|(source, region)| {
        let range = source.lines.resolve(&source.text, &region)?;
        Some((range.clone(), source.lines.line_of(range.start)))
    });
    let (Some((range, line)), Some(home)) = (origin, home.filter(|home| step.path.as_ref() == Some(&home.path))) else {
        return step;
    };
    let mut track = Track::new(range);
    track.advance(first.clone());
    track.advance(step);
    track.placement(&Trust::noted(&scan.basis), scan, home, line)
}

/// Which lines of `home` the commit did not have.
fn new_lines<'a>(committed: &Version, home: Option<&'a Target<'a>>) -> impl Fn(&Range<usize>) -> bool + use<'a> {
    let map = home.map(|home| (home, LineMap::new(&committed.source, home.source)));
    move |range| map.as_ref().is_some_and(|(home, map)| map.old_line(home.source.lines.line_of(range.start)).is_none())
}

/// A finding that was gone is here again: in another file, or as new lines that no other finding stands on.
fn returned(
    placement: &Placement,
    committed: &Version,
    is_new: &dyn Fn(&Range<usize>) -> bool,
    placed: &[Option<Placement>],
) -> bool {
    let (Some(path), Some(range)) = (&placement.path, &placement.range) else { return false };
    if *path != committed.path {
        return true;
    }
    let is_free = || !placed.iter().flatten().any(|other| other.range.as_ref() == Some(range));
    matches!(placement.state, State::Exact | State::Moved) && placement.confidence >= 0.9 && is_new(range) && is_free()
}
