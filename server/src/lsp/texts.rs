//! Texts of a folder's files as they count now, each read once: of the open document, else of the disk.

use std::collections::HashMap;
use std::ops::Range as Bytes;
use std::sync::Arc;

use engine::{FileRef, RootId, Shown, Snapshot};
use finding::Placement;
use finding::text::LineIndex;
use lsp_types::{Location, Position, Range};

use super::position::{self, Encoding};
use super::session::{Session, uri_of};
use crate::present::page::Stands;

/// A file's text.
pub(crate) struct Text {
    text: Arc<str>,
    lines: Arc<LineIndex>,
}

impl Text {
    pub(crate) fn of(snapshot: &Snapshot, file: &FileRef) -> Option<Self> {
        if let Some(document) = snapshot.document_of(file) {
            return Some(Self { text: document.text.clone(), lines: document.lines.clone() });
        }
        let root = snapshot.root(file.root)?;
        let read = repo::files::read(&root.path, &file.path, crate::driver::MAX_TEXT as u64).ok()?;
        let text = read.decoded()?;
        Some(Self { lines: LineIndex::new(&text).into(), text: text.into() })
    }

    pub(crate) fn range(&self, session: &Session, shown: &Shown) -> Range {
        self.range_of(shown.range(), session.negotiated().encoding)
    }

    /// Of bytes; without any, about the whole file: its first line, which is where editors look for such things.
    pub(crate) fn range_of(&self, bytes: Option<&Bytes<usize>>, encoding: Encoding) -> Range {
        match bytes {
            Some(bytes) => position::range(&self.text, &self.lines, bytes, encoding),
            None => Range { start: Position { line: 0, character: 0 }, end: Position { line: 0, character: 0 } },
        }
    }
}

/// The texts of one folder.
pub(crate) struct Texts<'s> {
    snapshot: &'s Snapshot,
    root: RootId,
    known: HashMap<Arc<str>, Option<Text>>,
}

impl<'s> Texts<'s> {
    pub(crate) fn new(snapshot: &'s Snapshot, root: RootId) -> Self {
        Self { snapshot, root, known: HashMap::new() }
    }

    pub(crate) fn of(&mut self, path: &Arc<str>) -> Option<&Text> {
        let file = || FileRef { root: self.root, path: path.clone() };
        self.known.entry(path.clone()).or_insert_with(|| Text::of(self.snapshot, &file())).as_ref()
    }

    /// Where a placement is, for the client; `None` for what is on no code.
    pub(crate) fn location(&mut self, placement: &Placement, encoding: Encoding) -> Option<Location> {
        let path = placement.path.as_ref().filter(|_| placement.state.is_on_code())?;
        let uri = uri_of(self.snapshot, &FileRef { root: self.root, path: path.clone() })?;
        let range = self.of(path)?.range_of(placement.range.as_ref(), encoding);
        Some(Location { uri, range })
    }

    /// Where steps are, for people.
    pub(crate) fn stand(&mut self, steps: &[Placement]) -> Vec<Stands> {
        let mut place = |step: &Placement| {
            let path = step.path.as_ref().filter(|_| step.state.is_on_code())?;
            let Some(range) = &step.range else { return Some(path.to_string()) };
            let line = self.of(path)?.lines.line_of(range.start) + 1;
            Some(format!("{path}:{line}"))
        };
        steps.iter().map(|step| Stands { state: step.state, place: place(step) }).collect()
    }
}
