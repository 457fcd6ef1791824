//! The unit of placing: all findings whose scanned paths are one file now, its *home*.

use std::sync::Arc;

use finding::wire::Counts;
use finding::{Action, Finding, Index, Kind, Placement, Row, State, StatusValue};

use crate::judged::Judged;
use crate::package::Packaged;

/// A path as one source names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScannedPath {
    /// Index into the root's sources.
    pub source: usize,
    /// As scanned; empty for findings about packages that name no file.
    pub path: Arc<str>,
}

impl ScannedPath {
    /// Its findings, with their place in the index of its source.
    pub fn rows<'i>(&self, indexes: &'i [Arc<Index>]) -> impl Iterator<Item = (usize, &'i Row)> + use<'i> {
        let is_pathless = self.path.is_empty();
        let index = indexes.get(self.source);
        let rows = index.map_or(&[][..], |index| index.of_path(&self.path));
        let first = index
            .zip(rows.first())
            .and_then(|(index, first)| index.rows().iter().position(|row| std::ptr::eq(row, first)));
        (first.unwrap_or(0)..).zip(rows).filter(move |(_, row)| !is_pathless || names_package(row))
    }
}

/// Whether a finding that names no file can still be looked for in dependency files.
pub(crate) fn names_package(row: &Row) -> bool {
    row.kind == Kind::Dependency
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
    /// They name packages and no file; the home's path is empty.
    Packages,
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
    /// For findings about packages.
    pub package: Option<Arc<Packaged>>,
    /// Where the steps of its data flow are, then its other places; `None` while nobody looks at it, or without any.
    pub steps: Option<Arc<[Placement]>>,
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
    /// Dependency files that say where its packages are.
    pub consulted: Arc<[Arc<str>]>,
    /// Of those, open ones that differ from the last commit.
    pub changed: Arc<[Arc<str>]>,
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
            consulted: Arc::new([]),
            changed: Arc::new([]),
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

    /// Whether dependency files say where some of its findings are: a new one may name them.
    pub(crate) fn is_of_packages(&self) -> bool {
        self.note == HomeNote::Packages || self.placed.iter().any(|placed| placed.package.is_some())
    }

    /// Files that findings of this group moved to, other than the home.
    pub(crate) fn elsewhere(&self) -> Vec<Arc<str>> {
        self.places(|placed| placed.package.is_none() && placed.placement.state.is_on_code())
    }

    /// Files whose text matters to this group, other than the home.
    pub(crate) fn touches(&self) -> Vec<Arc<str>> {
        let mut paths = self.places(|placed| placed.placement.state.is_on_code());
        paths.extend(self.consulted.iter().filter(|path| **path != self.home).cloned());
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// Files that data flows of this group pass through and nothing else of it is in.
    pub(crate) fn passes(&self) -> Vec<Arc<str>> {
        let steps = self.placed.iter().filter_map(|placed| placed.steps.as_deref()).flatten();
        let mut paths: Vec<Arc<str>> = steps.filter_map(|step| step.path.clone()).collect();
        paths.sort_unstable();
        paths.dedup();
        let touches = self.touches();
        paths.retain(|path| *path != self.home && touches.binary_search(path).is_err());
        paths
    }

    fn places(&self, is_meant: impl Fn(&Placed) -> bool) -> Vec<Arc<str>> {
        let mut paths: Vec<Arc<str>> = self
            .placed
            .iter()
            .filter(|placed| is_meant(placed))
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
                let open = scanned.rows(&self.indexes).filter(|(_, row)| row.status == StatusValue::Open).count();
                counts.open += open;
                counts.pending += open;
            }
        }
        self.counts = counts;
    }
}
