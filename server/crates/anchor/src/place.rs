//! The way from evidence to placement: by the scanned text where it is known and fits, else by what the evidence says.

use finding::{Placement, State};

use crate::content::{Asked, by_content};
use crate::evidence::by_evidence;
use crate::suppressed::Suppressed;
use crate::{Basis, Item, Scan, Target, reason};

/// Places `items`, in their order.
///
/// `home` is the file the scanned path maps to now (under another path when it was renamed), `elsewhere` other new or
/// changed files that code may have moved to. When `cancelled` answers true the rest comes back `unplaced`; such a
/// result is to be dropped.
#[must_use]
pub fn place(
    items: &[Item<'_>],
    scans: &[Scan],
    home: Option<&Target<'_>>,
    elsewhere: &[Target<'_>],
    cancelled: &dyn Fn() -> bool,
) -> Vec<Placement> {
    let elsewhere: Vec<Target<'_>> =
        elsewhere.iter().filter(|target| home.is_none_or(|home| home.path != target.path)).cloned().collect();
    let elsewhere = &elsewhere[..];
    let mut placed: Vec<Option<Placement>> = vec![None; items.len()];
    for (number, scan) in scans.iter().enumerate() {
        let of_scan = || items.iter().enumerate().filter(move |(_, item)| item.scan == number);
        let mut scanned = Vec::new();
        let mut told = Vec::new();
        for (at, item) in of_scan() {
            if item.evidence.region.is_none() && item.evidence.snippet.is_none() {
                placed[at] = Some(whole_file(item, scan, home));
                continue;
            }
            match scan.source.as_deref().map(|source| Asked::of(at, item, source)) {
                Some(Some(asked)) => scanned.push(asked),
                Some(None) => told.push((at, reason::TEXT_OF_ANOTHER_COMMIT.to_owned())),
                None => told.push((at, why_nothing(&scan.basis))),
            }
        }
        if let Some(source) = scan.source.as_deref().filter(|_| !scanned.is_empty()) {
            by_content(&scanned, items, (scan, source), home, elsewhere, cancelled, &mut placed);
        }
        by_evidence(&told, items, scan, home, elsewhere, cancelled, &mut placed);
    }
    let mut placed: Vec<Placement> = placed
        .into_iter()
        .map(|placement| placement.unwrap_or_else(|| Placement::unplaced(reason::CANCELLED)))
        .collect();
    let mut suppressed = Suppressed::default();
    for (item, placement) in items.iter().zip(&mut placed) {
        if let (Some(path), Some(range)) = (&placement.path, &placement.range)
            && let Some(target) = home.into_iter().chain(elsewhere).find(|target| target.path == *path)
        {
            placement.suppressed_by = suppressed.newly(item, scans, path, target.source, range);
        }
    }
    placed
}

fn why_nothing(basis: &Basis) -> String {
    match basis {
        Basis::Nothing(why) => why.clone(),
        Basis::Commit(_) | Basis::Assumed(_) => String::new(),
    }
}

fn whole_file(item: &Item<'_>, scan: &Scan, home: Option<&Target<'_>>) -> Placement {
    let Some(named) = item.evidence.path.as_deref() else { return Placement::unplaced(reason::NO_PATH) };
    let Some(home) = home else {
        return match &scan.source {
            Some(_) => Placement {
                reason: reason::of(&[&reason::file_deleted(&scan.path)]),
                ..Placement::gone(scan.path.clone(), 0.95, "")
            },
            None => Placement::unplaced(reason::file_missing(named)),
        };
    };
    let renamed = home.path != scan.path;
    let why = if renamed { reason::renamed(&scan.path) } else { String::new() };
    Placement {
        state: if renamed { State::Moved } else { State::Exact },
        path: Some(home.path.clone()),
        range: None,
        confidence: 0.95,
        reason: reason::of(&[reason::WHOLE_FILE, &why]),
        suppressed_by: None,
    }
}
