//! Adding up what is known.

use finding::StatusValue;
use finding::wire::Counts;

use crate::group::names_package;
use crate::root::Root;

/// Counts of one root: its groups, plus findings that name no file.
pub(crate) fn of_root(root: &Root) -> Counts {
    let mut sum = Counts::default();
    if root.is_mapped {
        for group in root.groups.values() {
            add(&mut sum, group.counts);
        }
        // Those about packages have a group.
        let without_file = root.sources.iter().flat_map(|source| source.index.of_path(""));
        let without_file = without_file.filter(|row| !names_package(row));
        let open = without_file.filter(|row| row.status == StatusValue::Open).count();
        sum.open += open;
        sum.unplaced += open;
    } else {
        let rows = root.sources.iter().flat_map(|source| source.index.rows());
        sum.open = rows.filter(|row| row.status == StatusValue::Open).count();
        sum.pending = sum.open;
    }
    sum
}

pub(crate) fn add(sum: &mut Counts, more: Counts) {
    sum.open += more.open;
    sum.pending += more.pending;
    sum.placed += more.placed;
    sum.uncertain += more.uncertain;
    sum.gone += more.gone;
    sum.unplaced += more.unplaced;
    sum.block += more.block;
    sum.warn += more.warn;
}
