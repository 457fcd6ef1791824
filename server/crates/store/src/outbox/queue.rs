//! What the user does: give triage, look at it, decide again, take it back.

use std::collections::{HashMap, HashSet};

use finding::FindingId;
use rusqlite::Connection;

use super::entry::{Counts, Entry, Filter, OutboxId, Queued, Record, Source, State};
use super::error::{OutboxError, Stop};
use super::{Outbox, table};

/// A triage longer than this many bytes is not queued.
pub const LONGEST_ENTRY: usize = 256 << 10;

/// Triage that arrived is kept for this long, in milliseconds,
pub const MOST_DONE_MILLIS: i64 = 30 * 24 * 3_600_000;

/// and at most so many of it.
pub const MOST_DONE_KEPT: usize = 1_000;

impl Outbox {
    /// Queues one triage. It is on disk when this returns; after an error nothing is.
    pub fn enqueue(&mut self, entry: Entry) -> Result<OutboxId, OutboxError> {
        let mut ids = self.enqueue_all(vec![entry])?;
        ids.pop().ok_or_else(|| OutboxError::Unusable { why: "no name could be given".to_owned() })
    }

    /// Queues all of `entries` in this order, or none.
    pub fn enqueue_all(&mut self, entries: Vec<Entry>) -> Result<Vec<OutboxId>, OutboxError> {
        let records = self.named(entries)?;
        self.write(|transaction| {
            for record in &records {
                if table::get(transaction, &record.id)?.is_none() {
                    table::add(transaction, &mut record.clone())?;
                }
            }
            Ok(())
        })?;
        Ok(records.into_iter().map(|record| record.id).collect())
    }

    /// Queues those of `entries` of which the same (finding, action, reason) does not wait already, all of them or none;
    /// what became of each, in their order.
    pub fn enqueue_once(&mut self, entries: Vec<Entry>) -> Result<Vec<Queued>, OutboxError> {
        let records = self.named(entries)?;
        self.write(|transaction| {
            let mut queued = Vec::with_capacity(records.len());
            for record in &records {
                let Entry { source, finding, action, reason, .. } = &record.entry;
                let filter = Filter { source: Some(source), finding: Some(finding), is_open: true };
                let waiting = table::select(transaction, filter, "")?.into_iter().map(|(_, waiting)| waiting);
                let same = |waiting: &Record| waiting.entry.action == *action && waiting.entry.reason == *reason;
                queued.push(match waiting.into_iter().find(same) {
                    // Also a second run of this very transaction, after a file was put right in between.
                    Some(known) if known.id != record.id => Queued::Already(Box::new(known)),
                    Some(_) => Queued::New(record.id.clone()),
                    None => {
                        table::add(transaction, &mut record.clone())?;
                        Queued::New(record.id.clone())
                    }
                });
            }
            Ok(queued)
        })
    }

    /// Fresh records with names, given before anything is written, so that a second try cannot queue them twice.
    fn named(&mut self, entries: Vec<Entry>) -> Result<Vec<Record>, OutboxError> {
        let mut records: Vec<Record> = entries.into_iter().map(fresh).collect();
        for record in &records {
            let bytes = table::body(record).map_or(usize::MAX, |body| body.len());
            if bytes > LONGEST_ENTRY {
                let finding = record.entry.finding.to_string();
                return Err(OutboxError::TooLong { finding, bytes, most: LONGEST_ENTRY });
            }
        }
        let ids = self.read(|connection| {
            Ok((0..records.len()).map(|_| table::new_id(connection)).collect::<Result<Vec<_>, _>>()?)
        })?;
        for (record, id) in records.iter_mut().zip(ids) {
            record.id = id;
        }
        Ok(records)
    }

    /// The entries that match, oldest first.
    pub fn list(&mut self, filter: Filter<'_>) -> Result<Vec<Record>, OutboxError> {
        self.read(|connection| Ok(without_numbers(table::select(connection, filter, "")?)))
    }

    /// One entry; `None` when there is none of that name.
    pub fn get(&mut self, id: &OutboxId) -> Result<Option<Record>, OutboxError> {
        self.read(|connection| Ok(table::get(connection, id)?.map(|(_, record)| record)))
    }

    /// Entries whose name begins with `typed` (at least four characters), oldest first: more than one is ambiguous.
    pub fn find(&mut self, typed: &str) -> Result<Vec<Record>, OutboxError> {
        let mut found = self.list(Filter::default())?;
        found.retain(|record| typed.len() >= 4 && record.id.as_str().starts_with(typed));
        Ok(found)
    }

    /// What has not arrived of the triage of `findings` of one source, oldest first.
    pub fn pending_for(
        &mut self,
        source: &Source,
        findings: &[&FindingId],
    ) -> Result<HashMap<FindingId, Vec<Record>>, OutboxError> {
        let wanted: HashSet<&FindingId> = findings.iter().copied().collect();
        let mut pending: HashMap<FindingId, Vec<Record>> = HashMap::new();
        for record in self.list(Filter { source: Some(source), is_open: true, ..Filter::default() })? {
            if wanted.contains(&record.entry.finding) {
                pending.entry(record.entry.finding.clone()).or_default().push(record);
            }
        }
        Ok(pending)
    }

    /// How many entries are how far, of one source or of all.
    pub fn counts(&mut self, source: Option<&Source>) -> Result<Counts, OutboxError> {
        let mut counts = Counts::default();
        for record in self.list(Filter { source, ..Filter::default() })? {
            *match record.state {
                State::Queued | State::Sending { .. } | State::Unknown => &mut counts.pending,
                State::Refused { .. } => &mut counts.refused,
                State::Conflict { .. } => &mut counts.conflicts,
                State::Done => &mut counts.done,
            } += 1;
        }
        Ok(counts)
    }

    /// Sends an entry again, at once: a refused one as it is, one in conflict on top of what the user was shown of it, a
    /// waiting one without waiting further.
    ///
    /// # Errors
    /// [`OutboxError::BeingSent`] and [`OutboxError::AlreadyDone`], besides what any change may meet.
    pub fn retry(&mut self, id: &OutboxId, now: i64) -> Result<Record, OutboxError> {
        self.retry_as(id, None, now)
    }

    /// The same, by another account from now on: its id and name.
    pub fn retry_as(&mut self, id: &OutboxId, account: Option<(&str, &str)>, now: i64) -> Result<Record, OutboxError> {
        self.free_dead_claims(now)?;
        self.write(|transaction| {
            let (number, mut record) = decidable(transaction, id)?;
            match std::mem::replace(&mut record.state, State::Queued) {
                State::Conflict { theirs, .. } => record.entry.seen_state = Some(theirs),
                State::Unknown => record.state = State::Unknown,
                _ => {}
            }
            if let Some((account, name)) = account {
                account.clone_into(&mut record.entry.source.account);
                record.entry.by = Some(name.to_owned());
            }
            record.attempts = 0;
            record.not_before = 0;
            record.problem = None;
            record.changed_at = now;
            table::put(transaction, Some(number), &mut record)?;
            Ok(record)
        })
    }

    /// Takes an entry out, whatever the user had asked for, and hands it back. One with an unknown outcome may have
    /// arrived all the same.
    ///
    /// # Errors
    /// [`OutboxError::BeingSent`], besides what any change may meet.
    pub fn discard(&mut self, id: &OutboxId, now: i64) -> Result<Record, OutboxError> {
        self.free_dead_claims(now)?;
        self.write(|transaction| {
            let (number, record) = match table::get(transaction, id)? {
                Some(found) if found.1.state == State::Done => found,
                _ => decidable(transaction, id)?,
            };
            table::delete(transaction, number)?;
            Ok(record)
        })
    }
}

/// An entry that the user may decide about now.
fn decidable(connection: &Connection, id: &OutboxId) -> Result<(i64, Record), Stop> {
    let (number, record) = table::get(connection, id)?.ok_or_else(|| OutboxError::NotThere { id: id.clone() })?;
    match record.state {
        State::Sending { .. } => Err(OutboxError::BeingSent { id: id.clone() }.into()),
        State::Done => Err(OutboxError::AlreadyDone { id: id.clone() }.into()),
        _ => Ok((number, record)),
    }
}

pub(crate) fn without_numbers(found: Vec<(i64, Record)>) -> Vec<Record> {
    found.into_iter().map(|(_, record)| record).collect()
}

fn fresh(entry: Entry) -> Record {
    Record {
        change: 0,
        id: OutboxId::from_stored(""),
        state: State::Queued,
        attempts: 0,
        not_before: 0,
        may_have_arrived: false,
        problem: None,
        changed_at: entry.created_at,
        claim: None,
        entry,
    }
}
