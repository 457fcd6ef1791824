//! By history: findings carried from one version of their file to the next, as committed. Small steps stay unambiguous
//! where one big difference does not.

use std::ops::Range;
use std::sync::Arc;

use finding::Placement;

use crate::agree::agreed;
use crate::content::{Asked, by_content};
use crate::track::Track;
use crate::trust::Trust;
use crate::{Basis, Item, Scan, Source, Target, place};

/// One committed text of the file.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its path there, `/`-separated.
    pub path: Arc<str>,
    /// Its text.
    pub source: Arc<Source>,
}

/// Places `items` of `scan` in the last of `versions`: its text then is what `versions` begin behind, oldest first,
/// every step of the way. `elsewhere` are other files now, as for [`place`].
///
/// Two ways are gone, step by step and from end to end; where they agree the placement is surer than either, and where
/// not, the better evidence decides, with less confidence. All `items` are of this scan, whatever number they carry. Without a scanned text or without versions it is [`place`].
#[must_use]
pub fn carry(
    items: &[Item<'_>],
    scan: &Scan,
    versions: &[Version],
    elsewhere: &[Target<'_>],
    cancelled: &dyn Fn() -> bool,
) -> Vec<Placement> {
    let scans = std::slice::from_ref(scan);
    let items: Vec<Item<'_>> = items.iter().map(|item| Item { scan: 0, ..*item }).collect();
    let items = &items[..];
    let (Some(source), Some(last)) = (&scan.source, versions.last()) else {
        return place(items, scans, None, elsewhere, cancelled);
    };
    let home =
        Target { path: last.path.clone(), source: &last.source, before: (last.path == scan.path).then_some(&**source) };
    let direct = place(items, scans, Some(&home), elsewhere, cancelled);
    // One step is the end-point difference.
    if versions.len() < 2 {
        return direct;
    }
    let mut tracks: Vec<Option<Track>> =
        items.iter().enumerate().map(|(at, item)| Some(Track::new(Asked::of(at, item, source)?.range))).collect();
    let mut from = Version { path: scan.path.clone(), source: source.clone() };
    for to in versions {
        if cancelled() {
            return direct;
        }
        step(items, &mut tracks, (&from, to), cancelled);
        from = to.clone();
    }
    let trust = Trust::of(&scan.basis);
    let origin = |range: &Range<usize>| source.lines.line_of(range.start);
    direct
        .into_iter()
        .zip(tracks)
        .map(|(direct, track)| match track {
            Some(track) => {
                let line = origin(&track.origin);
                agreed(direct, track.placement(&trust, scan, &home, line), &home)
            }
            None => direct,
        })
        .collect()
}

/// Carries all tracks that still stand from one version to the next.
fn step(
    items: &[Item<'_>],
    tracks: &mut [Option<Track>],
    (from, to): (&Version, &Version),
    cancelled: &dyn Fn() -> bool,
) {
    let asked: Vec<Asked> = tracks
        .iter()
        .enumerate()
        .filter_map(|(item, track)| Some(Asked { item, range: track.as_ref()?.standing()?.clone() }))
        .collect();
    if asked.is_empty() {
        return;
    }
    let then = Scan { path: from.path.clone(), basis: Basis::Commit(String::new()), source: Some(from.source.clone()) };
    let before = (from.path == to.path).then_some(&*from.source);
    let home = Target { path: to.path.clone(), source: &to.source, before };
    let mut placed: Vec<Option<Placement>> = vec![None; items.len()];
    by_content(&asked, items, (&then, &from.source), Some(&home), &[], cancelled, &mut placed);
    for (track, placement) in tracks.iter_mut().zip(placed) {
        if let (Some(track), Some(placement)) = (track, placement) {
            track.advance(placement);
        }
    }
}
