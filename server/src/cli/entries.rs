//! Every finding of a folder with its placement, one after the other; none is left out silently.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use engine::{Root, Snapshot, Source};
use finding::text::LineIndex;
use finding::{Index, Placement, Row, wire};
use repo::files::Read;

use super::position;
use crate::driver::MAX_TEXT;

/// One finding and where it is.
pub(super) struct Entry<'s> {
    pub(super) source: &'s Source,
    pub(super) index: &'s Index,
    pub(super) row: &'s Row,
    pub(super) placement: Cow<'s, Placement>,
    /// The file its group belongs to and the finding it is shown together with: equal for twins.
    pub(super) leader: (Arc<str>, u32),
}

impl Entry<'_> {
    /// Path as scanned; `None` for findings without one.
    pub(super) fn scanned_path(&self) -> Option<&str> {
        Some(self.index.path(self.row)).filter(|path| !path.is_empty())
    }

    /// The file it belongs to now, else the one it was reported in.
    pub(super) fn path(&self) -> &str {
        self.placement.path.as_deref().or(self.scanned_path()).unwrap_or("")
    }

    /// Where it was when it was scanned: `path:line`.
    pub(super) fn scanned_at(&self) -> String {
        match (self.scanned_path(), self.row.line) {
            (None, _) => "no file".to_owned(),
            (Some(path), 0) => path.to_owned(),
            (Some(path), line) => format!("{path}:{line}"),
        }
    }
}

/// All findings, in order of path and place.
pub(super) fn all<'s>(snapshot: &'s Snapshot, root: &'s Root) -> Vec<Entry<'s>> {
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

/// The current texts behind ranges, read once each.
pub(super) struct Texts {
    root: PathBuf,
    known: HashMap<Arc<str>, Option<(Arc<str>, LineIndex)>>,
}

impl Texts {
    pub(super) fn new(root: &Root) -> Self {
        Self { root: root.path.clone(), known: HashMap::new() }
    }

    /// A file's text and lines; `None` when it cannot be read (any more).
    pub(super) fn of(&mut self, path: &Arc<str>) -> Option<&(Arc<str>, LineIndex)> {
        let root = &self.root;
        self.known
            .entry(path.clone())
            .or_insert_with(|| match repo::files::read(root, path, MAX_TEXT as u64) {
                Ok(Read::Text(text)) => Some((text.as_str().into(), LineIndex::new(&text))),
                _ => None,
            })
            .as_ref()
    }

    /// The range in lines and columns.
    pub(super) fn range(&mut self, placement: &Placement) -> Option<wire::Range> {
        let (text, lines) = self.of(placement.path.as_ref()?)?;
        Some(position::range(text, lines, placement.range.as_ref()?))
    }

    /// `path:line:column`, as far as it is known.
    pub(super) fn place(&mut self, placement: &Placement) -> Option<String> {
        let path = placement.path.clone().filter(|_| placement.state.is_on_code())?;
        Some(match self.range(placement) {
            Some(range) => format!("{path}:{}:{}", range.start.line, range.start.column),
            None => path.to_string(),
        })
    }
}
