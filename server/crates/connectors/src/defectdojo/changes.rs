//! What changed since the watermark, by the two times that the server keeps.
//!
//! `last_status_update` moves with status, `last_reviewed` with notes. Rows are gathered first and placed in the order of
//! their numbers, so that a successor finds its predecessor closed.

use std::collections::BTreeMap;

use finding::Finding;
use jiff::Timestamp;

use super::convert::Converter;
use super::cursor::{Cursor, Facts};
use super::schema::Row;
use super::slots::{Departed, Placed, Slots};
use super::state;
use super::walk::{Broken, Next, Order, Pages, Visitor, walk};
use crate::{Error, Lookup, Sink, Succession};

/// Rows of the first page: mostly nothing changed, and a row costs the server a hundredth of a second.
const FIRST_PAGE: u64 = 10;
/// Changes that are gathered; of more, everything is read instead.
const MOST_CHANGES: usize = 2_000;
/// How far the walks go back behind the watermark: rows that were being written then came to light later.
const OVERLAP_SECONDS: i64 = 300;

/// What a walk over the changes came to.
pub(super) enum Changes {
    /// These.
    Some(Changed),
    /// More than is worth gathering, or not to be had this way: everything is to be read. Reads on after "because".
    ReadAll(String),
}

/// The rows that changed, by number.
pub(super) struct Changed {
    rows: BTreeMap<i64, Row>,
    /// Rows the server has.
    pub(super) count: u64,
    pub(super) began: Option<Timestamp>,
    /// See [`Cursor::unreviewed`].
    pub(super) unreviewed: u64,
}

/// What storing the changes came to.
pub(super) struct Stored {
    pub(super) facts: Facts,
    pub(super) successions: Vec<Succession>,
    /// Rows that were not known before.
    pub(super) added: u64,
}

/// Gathers what changed.
pub(super) fn gather<P: Pages<Error = Error>>(
    pages: &mut P,
    cursor: &Cursor,
    size: u64,
    cancelled: &dyn Fn() -> bool,
) -> Result<Changes, Broken<Error>> {
    let since =
        Timestamp::from_second(cursor.watermark.as_second().saturating_sub(OVERLAP_SECONDS)).unwrap_or(Timestamp::MIN);
    let mut gathering = Gathering { rows: BTreeMap::new(), order: Order::Changed, since, is_over: false, cancelled };
    let walked = walk(pages, Order::Changed, 0, (FIRST_PAGE, size), &mut gathering)?;
    let too_many = || Changes::ReadAll(format!("more than {MOST_CHANGES} findings changed"));
    if gathering.is_over {
        return Ok(too_many());
    }
    let unreviewed = unreviewed(pages, walked.count, cursor.unreviewed)?;
    if let Some(nulls) = unreviewed.filter(|nulls| *nulls < walked.count) {
        gathering.order = Order::Reviewed;
        walk(pages, Order::Reviewed, nulls, (FIRST_PAGE, size), &mut gathering)?;
        if gathering.is_over {
            return Ok(too_many());
        }
    }
    Ok(Changes::Some(Changed {
        rows: gathering.rows,
        count: walked.count,
        began: walked.began,
        unreviewed: unreviewed.unwrap_or_default(),
    }))
}

/// How many rows without a review stand at the top, or `None` when they cannot be told: they would come first in every
/// walk, and there may be thousands. `guess` is what was measured last.
fn unreviewed<P: Pages>(pages: &mut P, count: u64, guess: u64) -> Result<Option<u64>, Broken<P::Error>> {
    let order = Order::Reviewed;
    // Whether the row at `offset` is without a review; `None` when there is none at all.
    let mut probe = |offset: u64| -> Result<Option<bool>, Broken<P::Error>> {
        let page = pages.page(order, offset, 1).map_err(Broken::Failed)?;
        Ok(page.rows.first().map(|row| order.time(row).is_none()))
    };
    if count == 0 {
        return Ok(None);
    }
    // The last of `guess` rows is one and the next is none: mostly so since the last time.
    let guess = guess.min(count);
    let is_last = guess == 0 || probe(guess - 1)? == Some(true);
    if is_last && (guess == count || probe(guess)? == Some(false)) {
        return Ok(Some(guess));
    }
    // Nulls, then times: the border is found by halving.
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        match probe(middle)? {
            Some(true) => low = middle + 1,
            Some(false) => high = middle,
            None => return Ok(None),
        }
    }
    // The border is one: nothing else stands on its two sides.
    let is_sound = (low == 0 || probe(low - 1)? == Some(true)) && (low == count || probe(low)? == Some(false));
    Ok(is_sound.then_some(low))
}

struct Gathering<'a> {
    rows: BTreeMap<i64, Row>,
    order: Order,
    since: Timestamp,
    is_over: bool,
    cancelled: &'a dyn Fn() -> bool,
}

impl Visitor<Error> for Gathering<'_> {
    fn row(&mut self, row: Row, _: u64) -> Result<Next, Error> {
        if (self.cancelled)() {
            return Err(Error::Cancelled);
        }
        let Some(number) = row.id else { return Ok(Next::On) };
        // A time that is missing tells nothing, so the row counts as changed.
        if self.order.time(&row).is_some_and(|time| time < self.since) {
            return Ok(Next::Stop);
        }
        self.rows.insert(number, row);
        self.is_over = self.rows.len() > MOST_CHANGES;
        Ok(if self.is_over { Next::Stop } else { Next::On })
    }

    // What was gathered stays: it is a true row as of a moment ago.
    fn restart(&mut self) {}
}

impl Changed {
    /// Whether there is nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Numbers of originals of duplicates among the rows.
    pub(super) fn originals(&self) -> impl Iterator<Item = i64> {
        let duplicates = self.rows.values().filter(|row| state::is(row.duplicate));
        duplicates.filter_map(|row| row.duplicate_finding)
    }

    /// Places the rows and gives those that differ from what is stored to `sink`.
    pub(super) fn store(
        self,
        converter: Converter<'_>,
        lookup: &dyn Lookup,
        originals: &BTreeMap<i64, Row>,
        mut facts: Facts,
    ) -> Result<(Vec<Finding>, Stored), Error> {
        let place =
            |row: &Row| (row.file_path.clone(), row.line, row.component_name.clone(), row.vuln_id_from_tool.clone());
        let is_same_place = |row: &Row| {
            let original =
                row.duplicate_finding.and_then(|number| self.rows.get(&number).or_else(|| originals.get(&number)));
            state::is(row.duplicate) && original.is_some_and(|original| place(original) == place(row))
        };
        let departed = |number: i64| {
            let row = self.rows.get(&number).filter(|row| state::is_gone(row))?;
            let changed = row.last_status_update.as_deref().and_then(|at| at.parse().ok());
            Some(Departed { finding: Box::new(converter.finding(row, number, is_same_place(row))), changed })
        };
        let mut slots = Slots::new(converter.source, Some(lookup));
        let mut given = Vec::new();
        for (number, row) in &self.rows {
            let finding = converter.finding(row, *number, is_same_place(row));
            facts.take(&finding);
            if let Placed::Here(finding) = slots.place(finding, row, &departed).map_err(Error::Sink)?
                && lookup.finding(&finding.id).map_err(Error::Sink)?.as_ref() != Some(&finding)
            {
                given.push(*finding);
            }
        }
        let (successions, added) = (std::mem::take(&mut slots.successions), slots.added);
        Ok((given, Stored { facts, successions, added }))
    }
}

/// Gives `findings` to `sink`.
pub(super) fn give(findings: Vec<Finding>, sink: &mut dyn Sink, cancelled: &dyn Fn() -> bool) -> Result<usize, Error> {
    let count = findings.len();
    for finding in findings {
        if cancelled() {
            return Err(Error::Cancelled);
        }
        sink.finding(finding).map_err(Error::Sink)?;
    }
    Ok(count)
}
