//! Every finding of a folder with its placement, one after the other; none is left out silently.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use engine::{Group, Judged, Packaged, Placed, Root, Snapshot, Source};
use finding::{Index, Placement, Row};

/// One finding and where it is.
pub(crate) struct Entry<'s> {
    pub(crate) source: &'s Source,
    pub(crate) index: &'s Index,
    pub(crate) row: &'s Row,
    pub(crate) placement: Cow<'s, Placement>,
    /// For findings about packages: how the package comes into the project.
    pub(crate) package: Option<&'s Packaged>,
    /// What policy makes of it; `None` for findings that name no file.
    pub(crate) judged: Option<&'s Judged>,
    /// The file its group belongs to and the finding it is shown together with: equal for twins.
    pub(crate) leader: (Arc<str>, u32),
}

impl Entry<'_> {
    /// Whether it is about a file of these: stands there, was scanned there, or is locked there.
    pub(crate) fn is_about(&self, is_in: impl Fn(&str) -> bool) -> bool {
        let locked = self.package.and_then(|package| package.locked.as_ref());
        is_in(self.path()) || self.scanned_path().is_some_and(&is_in) || locked.is_some_and(|spot| is_in(&spot.path))
    }

    /// Path as scanned; `None` for findings without one.
    pub(crate) fn scanned_path(&self) -> Option<&str> {
        Some(self.index.path(self.row)).filter(|path| !path.is_empty())
    }

    /// The file it belongs to now, else the one it was reported in.
    pub(crate) fn path(&self) -> &str {
        self.placement.path.as_deref().or(self.scanned_path()).unwrap_or("")
    }

    /// Where it was when it was scanned: `path:line`.
    pub(crate) fn scanned_at(&self) -> String {
        match (self.scanned_path(), self.row.line) {
            (None, _) => "no file".to_owned(),
            (Some(path), 0) => path.to_owned(),
            (Some(path), line) => format!("{path}:{line}"),
        }
    }
}

/// The findings that were placed, in order of path and place.
pub(crate) fn placed<'s>(snapshot: &'s Snapshot, root: &'s Root) -> Vec<Entry<'s>> {
    let mut entries = found(snapshot, root);
    sort(&mut entries);
    entries
}

fn found<'s>(snapshot: &'s Snapshot, root: &'s Root) -> Vec<Entry<'s>> {
    let entry = |(group, placed, row): (&'s Group, &'s Placed, &'s Row)| {
        Some(Entry {
            source: root.sources.get(placed.source)?,
            index: &group.placed_in[placed.source],
            row,
            placement: Cow::Borrowed(&placed.placement),
            package: placed.package.as_deref(),
            judged: Some(&placed.judged),
            leader: (group.home.clone(), placed.leader),
        })
    };
    snapshot.all(root).filter_map(entry).collect()
}

/// All findings, in order of path and place.
pub(crate) fn all<'s>(snapshot: &'s Snapshot, root: &'s Root) -> Vec<Entry<'s>> {
    let mut entries = found(snapshot, root);
    let seen: HashSet<&finding::FindingId> = entries.iter().map(|entry| &entry.row.id).collect();
    let mut others = Vec::new();
    for source in root.sources.iter() {
        for (row, at) in source.index.rows().iter().zip(0..).filter(|(row, _)| !seen.contains(&row.id)) {
            let why = match source.index.path(row) {
                "" => "the finding names no file",
                _ => "it could not be placed; the problems below say why",
            };
            others.push(Entry {
                source,
                index: &source.index,
                row,
                placement: Cow::Owned(Placement::unplaced(why)),
                package: None,
                judged: None,
                leader: (format!("\0{}", source.name).into(), at),
            });
        }
    }
    entries.extend(others);
    sort(&mut entries);
    entries
}

fn sort(entries: &mut [Entry<'_>]) {
    entries.sort_by(|a, b| {
        let place = |entry: &Entry<'_>| {
            (entry.placement.range.as_ref().map_or(usize::MAX, |range| range.start), entry.row.line)
        };
        (a.path(), place(a), &a.row.id).cmp(&(b.path(), place(b), &b.row.id))
    });
}
