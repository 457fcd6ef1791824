//! Every finding of a folder with its placement, one after the other; none is left out silently.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use engine::{Judged, Root, Snapshot, Source};
use finding::{Index, Placement, Row};

/// One finding and where it is.
pub(crate) struct Entry<'s> {
    pub(crate) source: &'s Source,
    pub(crate) index: &'s Index,
    pub(crate) row: &'s Row,
    pub(crate) placement: Cow<'s, Placement>,
    /// What policy makes of it; `None` for findings that name no file.
    pub(crate) judged: Option<&'s Judged>,
    /// The file its group belongs to and the finding it is shown together with: equal for twins.
    pub(crate) leader: (Arc<str>, u32),
}

impl Entry<'_> {
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

/// All findings, in order of path and place.
pub(crate) fn all<'s>(snapshot: &'s Snapshot, root: &'s Root) -> Vec<Entry<'s>> {
    let mut seen: HashSet<&finding::FindingId> = HashSet::new();
    let mut entries: Vec<Entry<'s>> = Vec::new();
    for (group, placed, row) in snapshot.all(root) {
        let Some(source) = root.sources.get(placed.source) else { continue };
        seen.insert(&row.id);
        entries.push(Entry {
            source,
            index: &group.placed_in[placed.source],
            row,
            placement: Cow::Borrowed(&placed.placement),
            judged: Some(&placed.judged),
            leader: (group.home.clone(), placed.leader),
        });
    }
    for source in root.sources.iter() {
        for (row, at) in source.index.rows().iter().zip(0..).filter(|(row, _)| !seen.contains(&row.id)) {
            let why = match source.index.path(row) {
                "" => "the finding names no file",
                _ => "it could not be placed; the problems below say why",
            };
            entries.push(Entry {
                source,
                index: &source.index,
                row,
                placement: Cow::Owned(Placement::unplaced(why)),
                judged: None,
                leader: (format!("\0{}", source.name).into(), at),
            });
        }
    }
    entries.sort_by(|a, b| {
        let place = |entry: &Entry<'_>| {
            (entry.placement.range.as_ref().map_or(usize::MAX, |range| range.start), entry.row.line)
        };
        (a.path(), place(a), &a.row.id).cmp(&(b.path(), place(b), &b.row.id))
    });
    entries
}
