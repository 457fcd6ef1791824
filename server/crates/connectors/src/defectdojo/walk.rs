//! One walk over a list that changes while it is read.
//!
//! Offset paging loses rows when something ahead is deleted: every later row moves up by one, and the next page begins
//! one too late. So pages overlap by one row. The last row of a page must be on the next one; if it is not, the walk
//! starts again at the top. Rows that moved down (something new ahead) are seen twice, which does no harm.

use std::collections::HashSet;

use jiff::Timestamp;

use super::schema::Row;

/// How often a walk starts again before it is given up.
const MOST_RESTARTS: u32 = 5;
/// Pages in a row that may bring nothing new: what was inserted ahead can fill a page, not many.
const MOST_STALE: u32 = 4;
/// Rows that a walk takes at most.
const MOST_ROWS: usize = 2_000_000;

/// The orders that are unique, and so can be paged through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// By number.
    Number,
    /// By the last change of status, newest first.
    Changed,
    /// By the last review (notes count as one), newest first.
    Reviewed,
}

impl Order {
    pub(super) fn parameter(self) -> &'static str {
        match self {
            Self::Number => "id",
            Self::Changed => "-last_status_update,id",
            Self::Reviewed => "-last_reviewed,id",
        }
    }

    pub(super) fn time(self, row: &Row) -> Option<Timestamp> {
        let written = match self {
            Self::Number => None,
            Self::Changed => row.last_status_update.as_deref(),
            Self::Reviewed => row.last_reviewed.as_deref(),
        };
        written?.parse().ok()
    }

    /// Whether `next` may stand behind `row`.
    fn allows(self, row: &Row, next: &Row) -> bool {
        match (self.time(row), self.time(next)) {
            _ if self == Self::Number => row.id < next.id,
            (Some(a), Some(b)) => a > b || (a == b && row.id < next.id),
            // Nulls stand together, at either end.
            (None, _) | (_, None) => true,
        }
    }
}

/// One page, as it came.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Rows that match, over all pages.
    pub(super) count: u64,
    pub(super) rows: Vec<Row>,
    /// The server's clock.
    pub(super) date: Option<Timestamp>,
}

/// What can be paged through.
pub(super) trait Pages {
    type Error;
    /// At most `limit` rows from `offset` in `order`.
    fn page(&mut self, order: Order, offset: u64, limit: u64) -> Result<Part, Self::Error>;
}

/// Takes rows. `Stop` ends the walk: what follows is known.
pub(super) trait Visitor<E> {
    fn row(&mut self, row: Row, count: u64) -> Result<Next, E>;
    /// The walk starts again at the top: rows that do not come again are not there any more.
    fn restart(&mut self);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    On,
    Stop,
}

/// How a walk ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Walked {
    /// Rows that match, as the last page said.
    pub(super) count: u64,
    /// Different rows that were visited since the last start.
    pub(super) seen: u64,
    /// The server's clock when it began.
    pub(super) began: Option<Timestamp>,
    /// Rows that have no number, and so could not be used.
    pub(super) unusable: u64,
}

/// Why a walk did not end well.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken<E> {
    /// A page could not be had, or a row not be taken.
    Failed(E),
    /// The server is not to be relied on: reads on after its name.
    Unsound(&'static str),
}

/// Walks from `start` with pages of `first` rows, then of `size`.
pub(super) fn walk<P: Pages>(
    pages: &mut P,
    order: Order,
    start: u64,
    (first, size): (u64, u64),
    visitor: &mut dyn Visitor<P::Error>,
) -> Result<Walked, Broken<P::Error>> {
    let mut restarts = 0;
    let mut began = None;
    'top: loop {
        let (mut offset, mut limit) = (start, first.max(2));
        let mut seen: HashSet<i64> = HashSet::new();
        let mut last: Option<Row> = None;
        let (mut stale, mut unusable) = (0, 0);
        loop {
            let Part { count, rows, date } = pages.page(order, offset, limit).map_err(Broken::Failed)?;
            began = began.or(date);
            let length = rows.len() as u64;
            if rows.windows(2).any(|pair| !order.allows(&pair[0], &pair[1])) {
                return Err(Broken::Unsound("does not keep to the order that was asked for"));
            }
            let overlap = last.as_ref().and_then(|last| last.id);
            if overlap.is_some() && !rows.iter().any(|row| row.id == overlap) {
                // Something ahead was deleted, or moved to the top.
                restarts += 1;
                if restarts > MOST_RESTARTS {
                    return Err(Broken::Unsound("changes faster than it can be read"));
                }
                visitor.restart();
                continue 'top;
            }
            let is_last = offset.saturating_add(length) >= count;
            if !is_last && length < 2 {
                return Err(Broken::Unsound("sends fewer rows than it says there are"));
            }
            let before = seen.len();
            last = rows.last().cloned();
            for row in rows {
                let Some(number) = row.id.filter(|number| *number > 0) else {
                    unusable += 1;
                    continue;
                };
                if seen.len() >= MOST_ROWS {
                    return Err(Broken::Unsound("holds more findings than can be read"));
                }
                if seen.insert(number) && visitor.row(row, count).map_err(Broken::Failed)? == Next::Stop {
                    return Ok(Walked { count, seen: seen.len() as u64, began, unusable });
                }
            }
            if is_last {
                return Ok(Walked { count, seen: seen.len() as u64, began, unusable });
            }
            stale = if seen.len() == before { stale + 1 } else { 0 };
            if stale >= MOST_STALE {
                return Err(Broken::Unsound("sends the same rows again and again"));
            }
            offset += length - 1;
            limit = size.max(2);
        }
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
