//! Everything, by number: finds deletions, and what the timestamps do not show.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use finding::FindingId;

use super::convert::Converter;
use super::cursor::Facts;
use super::schema::Row;
use super::slots::{Placed, Slots};
use super::state;
use super::walk::{Broken, Next, Order, Pages, Visitor, Walked, walk};
use crate::{Error, Progress, Sink, Succession};

/// How often everything is read again because it changed meanwhile.
const MOST_ATTEMPTS: u32 = 3;

/// What a walk over everything needs from outside.
pub(super) struct Full<'a> {
    pub(super) converter: Converter<'a>,
    pub(super) sink: &'a mut dyn Sink,
    pub(super) cancelled: &'a dyn Fn() -> bool,
    pub(super) progress: &'a dyn Fn(Progress),
    slots: Slots<'a>,
    facts: Facts,
    /// Where each row stands, to tell a duplicate at the place of its original from one elsewhere.
    places: HashMap<i64, u64>,
    hasher: RandomState,
    /// Given out by an attempt that was broken off.
    abandoned: HashSet<FindingId>,
    given: usize,
    superseded: usize,
}

/// What it brought.
pub(super) struct Everything {
    pub(super) walked: Walked,
    pub(super) facts: Facts,
    pub(super) removed: Vec<FindingId>,
    pub(super) successions: Vec<Succession>,
    pub(super) findings: usize,
    /// The rows that were read are exactly those that the server says it has.
    pub(super) is_settled: bool,
}

impl<'a> Full<'a> {
    pub(super) fn new(
        converter: Converter<'a>,
        sink: &'a mut dyn Sink,
        cancelled: &'a dyn Fn() -> bool,
        progress: &'a dyn Fn(Progress),
    ) -> Self {
        Self {
            converter,
            sink,
            cancelled,
            progress,
            slots: Slots::new(converter.source, None),
            facts: Facts::default(),
            places: HashMap::new(),
            hasher: RandomState::new(),
            abandoned: HashSet::new(),
            given: 0,
            superseded: 0,
        }
    }

    /// Reads everything; on the way out of a failure, [`Self::given`] tells how much the sink got.
    pub(super) fn run<P: Pages<Error = Error>>(
        &mut self,
        pages: &mut P,
        size: u64,
    ) -> Result<Everything, Broken<Error>> {
        let mut attempt = 1;
        let walked = loop {
            let walked = walk(pages, Order::Number, 0, (size, size), self)?;
            // A row that was deleted after it was read: which one, only another reading tells.
            if walked.seen + walked.unusable == walked.count || attempt == MOST_ATTEMPTS {
                break walked;
            }
            attempt += 1;
            self.restart();
        };
        let is_settled = walked.seen + walked.unusable == walked.count;
        let kept: HashSet<&FindingId> = self.slots.ids().collect();
        let mut removed: Vec<FindingId> = self.abandoned.iter().filter(|id| !kept.contains(id)).cloned().collect();
        removed.sort();
        let findings = kept.len();
        Ok(Everything {
            walked,
            facts: std::mem::take(&mut self.facts),
            removed,
            successions: std::mem::take(&mut self.slots.successions),
            findings,
            is_settled,
        })
    }

    /// Findings that the sink got.
    pub(super) fn given(&self) -> usize {
        self.given
    }

    /// What the rows that were read tell of the scans.
    pub(super) fn facts(&mut self) -> Facts {
        std::mem::take(&mut self.facts)
    }
}

impl Visitor<Error> for Full<'_> {
    fn row(&mut self, row: Row, count: u64) -> Result<Next, Error> {
        if (self.cancelled)() {
            return Err(Error::Cancelled);
        }
        let Some(number) = row.id else { return Ok(Next::On) };
        let place = self.hasher.hash_one((&row.file_path, row.line, &row.component_name, &row.vuln_id_from_tool));
        self.places.insert(number, place);
        let original = row.duplicate_finding.and_then(|original| self.places.get(&original));
        let is_same_place = state::is(row.duplicate) && original == Some(&place);
        let finding = self.converter.finding(&row, number, is_same_place);
        self.facts.take(&finding);
        match self.slots.place(finding, &row, &|_| None).map_err(Error::Sink)? {
            Placed::Here(finding) => {
                self.sink.finding(*finding).map_err(Error::Sink)?;
                self.given += 1;
            }
            Placed::Superseded => self.superseded += 1,
        }
        if (self.given + self.superseded).is_multiple_of(100) {
            let what = "findings".to_owned();
            (self.progress)(Progress { what, done: self.places.len() as u64, total: count, findings: self.given });
        }
        Ok(Next::On)
    }

    fn restart(&mut self) {
        self.abandoned.extend(self.slots.ids().cloned());
        self.slots = Slots::new(self.converter.source, None);
        self.facts = Facts::default();
        self.places.clear();
    }
}
