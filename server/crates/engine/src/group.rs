//! The unit of placing: all findings whose scanned paths are one file now, its *home*.

use std::sync::Arc;

use finding::wire::Counts;
use finding::{Action, Finding, Index, Placement, Row, State, StatusValue};

use crate::judged::Judged;

/// A path as one source names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScannedPath {
    /// Index into the root's sources.
    pub source: usize,
    /// As scanned.
    pub path: Arc<str>,
}

/// How a scanned path became its home.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum HomeNote {
    /// The same path.
    #[default]
    Same,
    /// Another spelling or prefix of it; in words.
    Mapped(Arc<str>),
    /// Renamed since the scan: the old path.
    Renamed(Arc<str>),
    /// Several files fit; in words.
    Ambiguous(Arc<str>),
    /// It was there at the scan and is not now.
    Deleted,
    /// No such file, now or (as far as known) then; in words.
    Missing(Arc<str>),
}

/// One finding of a group and where it is.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Index into [`Group::placed_in`].
    pub source: usize,
    /// Row of that index.
    pub row: u32,
    /// Where it is.
    pub placement: Placement,
    /// Index in [`Group::placed`] of the finding this one is shown together with; itself when it leads.
    pub leader: u32,
    /// What policy makes of it.
    pub judged: Judged,
}

/// All findings of one home.
#[derive(Debug, Clone)]
pub struct Group {
    /// Path of the file the findings belong to; the scanned path where there is no such file.
    pub home: Arc<str>,
    /// How the findings came here.
    pub note: HomeNote,
    /// Where in the sources they are.
    pub scanned: Arc<[ScannedPath]>,
    /// The sources' indexes of now.
    pub indexes: Arc<[Arc<Index>]>,
    /// The indexes that `placed` refers to: older ones while a new revision is being placed.
    pub placed_in: Arc<[Arc<Index>]>,
    /// Whole findings in the order of `placed`, while a document of the group is open.
    pub details: Option<Arc<[Arc<Finding>]>>,
    /// Where each finding is; empty until first placed.
    pub placed: Arc<[Placed]>,
    /// Whether `placed` holds a finished placement (maybe shifted since).
    pub is_placed: bool,
    /// Whether `placed` was verified against the current text.
    pub is_verified: bool,
    /// Of the job under way.
    pub(crate) in_flight: Option<u64>,
    /// Whether the home differs from the last commit.
    pub is_changed: bool,
    /// What could not be read.
    pub problems: Vec<String>,
    pub(crate) counts: Counts,
}

impl Group {
    pub(crate) fn new(home: Arc<str>, note: HomeNote, scanned: Arc<[ScannedPath]>, indexes: Arc<[Arc<Index>]>) -> Self {
        let mut group = Self {
            home,
            note,
            scanned,
            placed_in: indexes.clone(),
            indexes,
            details: None,
            placed: Arc::new([]),
            is_placed: false,
            is_verified: false,
            in_flight: None,
            is_changed: false,
            problems: Vec::new(),
            counts: Counts::default(),
        };
        group.count();
        group
    }

    /// Findings of it that nobody decided about.
    #[must_use]
    pub fn open(&self) -> usize {
        self.counts.open
    }

    /// The index row of a placed finding.
    #[must_use]
    pub fn row(&self, placed: &Placed) -> &Row {
        &self.placed_in[placed.source].rows()[placed.row as usize]
    }

    /// Files that findings of this group stand in, other than the home.
    pub(crate) fn elsewhere(&self) -> Vec<Arc<str>> {
        let mut paths: Vec<Arc<str>> = self
            .placed
            .iter()
            .filter(|placed| placed.placement.state.is_on_code())
            .filter_map(|placed| placed.placement.path.clone())
            .filter(|path| *path != self.home)
            .collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    pub(crate) fn count(&mut self) {
        let mut counts = Counts::default();
        if self.is_placed {
            for placed in self.placed.iter().filter(|placed| self.row(placed).status == StatusValue::Open) {
                counts.open += 1;
                if placed.placement.state.is_on_code() {
                    match placed.judged.verdict.as_ref().map(|verdict| verdict.action) {
                        Some(Action::Block) if placed.placement.state != State::Uncertain => counts.block += 1,
                        Some(Action::Warn | Action::Block) => counts.warn += 1,
                        _ => {}
                    }
                }
                match placed.placement.state {
                    State::Exact | State::Moved | State::Edited => counts.placed += 1,
                    State::Uncertain => counts.uncertain += 1,
                    State::Gone => counts.gone += 1,
                    State::Unplaced => counts.unplaced += 1,
                }
            }
        } else {
            for scanned in self.scanned.iter() {
                let rows = self.indexes[scanned.source].of_path(&scanned.path);
                let open = rows.iter().filter(|row| row.status == StatusValue::Open).count();
                counts.open += open;
                counts.pending += open;
            }
        }
        self.counts = counts;
    }
}
