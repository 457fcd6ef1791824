//! Texts of a folder's files as they count now, each read once: of the open document, else of the judged tree.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use engine::{FileRef, Root, RootId, Snapshot};
use finding::Placement;
use finding::text::LineIndex;
use repo::files::Read;

use crate::driver::{Driver, lock};
use crate::present::page::Stands;

/// A file's text.
#[derive(Clone)]
pub(crate) struct Text {
    pub(crate) text: Arc<str>,
    pub(crate) lines: Arc<LineIndex>,
}

/// Texts of closed files kept from one look to the next, while the disk says that they are the same.
#[derive(Default)]
pub(crate) struct Kept(Mutex<HashMap<PathBuf, (Stamp, Text)>>);

/// Size and time of the last change.
type Stamp = (u64, SystemTime);

/// Files kept at most, and the largest of them in bytes.
const MOST_KEPT: usize = 64;
const LARGEST_KEPT: u64 = 256 << 10;
/// A file that changed this shortly before it was read may change again without another time.
const RACY: Duration = Duration::from_secs(2);

impl Kept {
    fn text(&self, path: PathBuf, read: impl FnOnce() -> Option<Text>) -> Option<Text> {
        let stamp = stamp(&path).filter(|(size, _)| *size <= LARGEST_KEPT);
        let Some(stamp) = stamp else { return read() };
        if let Some((known, text)) = lock(&self.0).get(&path)
            && *known == stamp
        {
            return Some(text.clone());
        }
        let text = read()?;
        if SystemTime::now().duration_since(stamp.1).is_ok_and(|age| age > RACY) {
            let mut kept = lock(&self.0);
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(path, (stamp, text.clone()));
        }
        Some(text)
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    Some((metadata.len(), metadata.modified().ok()?))
}

/// The texts of one folder.
pub(crate) struct Texts<'s> {
    driver: &'s Driver,
    snapshot: &'s Snapshot,
    root: &'s Root,
    kept: Option<&'s Kept>,
    known: HashMap<Arc<str>, Option<Text>>,
}

impl<'s> Texts<'s> {
    pub(crate) fn new(driver: &'s Driver, snapshot: &'s Snapshot, root: &'s Root) -> Self {
        Self { driver, snapshot, root, kept: None, known: HashMap::new() }
    }

    /// With what was read before.
    pub(crate) fn keeping(mut self, kept: &'s Kept) -> Self {
        self.kept = Some(kept);
        self
    }

    pub(crate) fn root(&self) -> RootId {
        self.root.id
    }

    /// A file's text; `None` when it cannot be read (any more).
    pub(crate) fn of(&mut self, path: &Arc<str>) -> Option<&Text> {
        let (driver, snapshot, root, kept) = (self.driver, self.snapshot, self.root, self.kept);
        let read = || {
            if let Some(open) = snapshot.document_of(&FileRef { root: root.id, path: path.clone() }) {
                return Some(Text { text: open.text.clone(), lines: open.lines.clone() });
            }
            let read = || {
                let text = driver.read(&root.path, path).ok().and_then(Read::decoded)?;
                Some(Text { lines: LineIndex::new(&text).into(), text: text.into() })
            };
            match kept {
                Some(kept) => kept.text(root.path.join(&**path), read),
                None => read(),
            }
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
