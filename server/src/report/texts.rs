//! Texts of a folder's files as they count now, each read once: of the open document, else of the judged tree.

use std::collections::HashMap;
use std::sync::Arc;

use engine::{FileRef, Root, RootId, Snapshot};
use finding::Placement;
use finding::text::LineIndex;
use repo::files::Read;

use crate::driver::Driver;
use crate::present::page::Stands;

/// A file's text.
#[derive(Clone)]
pub(crate) struct Text {
    pub(crate) text: Arc<str>,
    pub(crate) lines: Arc<LineIndex>,
}

/// The texts of one folder.
pub(crate) struct Texts<'s> {
    driver: &'s Driver,
    snapshot: &'s Snapshot,
    root: &'s Root,
    known: HashMap<Arc<str>, Option<Text>>,
}

impl<'s> Texts<'s> {
    pub(crate) fn new(driver: &'s Driver, snapshot: &'s Snapshot, root: &'s Root) -> Self {
        Self { driver, snapshot, root, known: HashMap::new() }
    }

    pub(crate) fn root(&self) -> RootId {
        self.root.id
    }

    /// A file's text; `None` when it cannot be read (any more).
    pub(crate) fn of(&mut self, path: &Arc<str>) -> Option<&Text> {
        let (driver, snapshot, root) = (self.driver, self.snapshot, self.root);
        let read = || {
            if let Some(open) = snapshot.document_of(&FileRef { root: root.id, path: path.clone() }) {
                return Some(Text { text: open.text.clone(), lines: open.lines.clone() });
            }
            let text = driver.read(&root.path, path).ok().and_then(Read::decoded)?;
            Some(Text { lines: LineIndex::new(&text).into(), text: text.into() })
        };
        self.known.entry(path.clone()).or_insert_with(read).as_ref()
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
