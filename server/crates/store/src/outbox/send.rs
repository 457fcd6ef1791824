//! What a syncing process does: find what is due, claim it, say what became of it.

use std::time::Duration;

use rusqlite::{Connection, params};

use super::claimant::{Claimant, is_alive};
use super::entry::{Claim, Due, Filter, OutboxId, Outcome, Record, Source, State};
use super::error::{OutboxError, Stop};
use super::queue::{MOST_DONE_KEPT, MOST_DONE_MILLIS};
use super::{Outbox, place, table};
use crate::error::Fault;

/// The first pause after a failed attempt; each further one is twice as long,
const FIRST_PAUSE_MILLIS: i64 = 10_000;
/// up to this.
const LONGEST_PAUSE_MILLIS: i64 = 30 * 60_000;
/// A source cannot ask for more than this.
const LONGEST_WISH: Duration = Duration::from_hours(6);
/// A time further ahead than any pause was written under another clock, and counts as come.
const FURTHEST_MILLIS: i64 = 12 * 3_600_000;

/// Nothing older of the same finding is still on its way: triage of one finding arrives in the order it was given.
const IS_FIRST: &str = "NOT EXISTS (SELECT 1 FROM entry AS older WHERE older.finding = entry.finding
    AND older.origin = entry.origin AND older.product = entry.product
    AND older.account IN ('', entry.account) AND older.source = entry.source AND older.number < entry.number AND older.state IN ";

impl Outbox {
    /// What is to be sent at `now` (milliseconds since 1970), of one source or of all; the oldest first.
    pub fn next_due(&mut self, now: i64, source: Option<&Source>) -> Result<Due, OutboxError> {
        self.free_dead_claims(now)?;
        let is_first = is_first();
        let is_due = format!("not_before <= {now} OR not_before > {}", now.saturating_add(FURTHEST_MILLIS));
        self.read(|connection| {
            let filter = Filter { source, ..Filter::default() };
            let due = |and: &str| table::select(connection, filter, and);
            let waiting = format!("AND state IN (0, 2) AND {is_first}");
            let first = format!(
                "{waiting} AND number = (SELECT min(number) FROM entry WHERE state IN (0, 2) AND {is_first} AND ({is_due})
                 AND {})",
                table::OF_SOURCE
            );
            if let Some((_, record)) = due(&first)?.pop() {
                return Ok(Due::Now(Box::new(record)));
            }
            let earliest = due(&waiting)?.iter().map(|(_, record)| record.not_before).min();
            Ok(earliest.map_or(Due::Nothing, Due::At))
        })
    }

    /// Takes the right to send one entry, for this process alone. `None` when it is not to be had: another has it, it
    /// waits for the user or for an older triage of the same finding, it arrived or is not there.
    pub fn claim(&mut self, id: &OutboxId, now: i64) -> Result<Option<Claim>, OutboxError> {
        self.free_dead_claims(now)?;
        let token = self.claim_name()?;
        let is_first = is_first();
        self.write(|transaction| {
            let Some((number, mut record)) = table::get(transaction, id)? else { return Ok(None) };
            // A second run of this very claim, after a file was put right in between.
            let is_ours = record.claim.as_deref() == Some(&token);
            let is_free = matches!(record.state, State::Queued | State::Unknown) || is_ours;
            let sql = format!("SELECT {is_first} FROM entry WHERE number = ?1");
            if !is_free || !transaction.query_row(&sql, [number], |row| row.get::<_, bool>(0))? {
                return Ok(None);
            }
            record.state = State::Sending { since: now };
            record.claim = Some(token.clone());
            record.attempts = record.attempts.saturating_add(1);
            record.changed_at = now;
            table::put(transaction, Some(number), &mut record)?;
            Ok(Some(Claim { record, token: token.clone() }))
        })
    }

    /// Says what became of a claimed entry and ends the claim, and hands out the entry as it is now. After an error it may
    /// be said again.
    ///
    /// # Errors
    /// [`OutboxError::ClaimLost`] when the outcome was taken as unknown and another process has been at it since, or it was
    /// settled already.
    pub fn settle(&mut self, claim: &Claim, outcome: &Outcome, now: i64) -> Result<Record, OutboxError> {
        let id = &claim.record.id;
        self.write(|transaction| {
            let (number, mut record) =
                table::get(transaction, id)?.ok_or_else(|| OutboxError::NotThere { id: id.clone() })?;
            let is_ours = record.claim.as_deref() == Some(&claim.token)
                && matches!(record.state, State::Sending { .. } | State::Unknown);
            if !is_ours {
                return Err(OutboxError::ClaimLost { id: id.clone() }.into());
            }
            apply(&mut record, outcome, now);
            table::put(transaction, Some(number), &mut record)?;
            if let Outcome::Done { now: state } = outcome {
                // What the user gave next was based on what was there before this.
                let seen = &claim.record.entry.seen_state;
                let filter =
                    Filter { source: Some(&record.entry.source), finding: Some(&record.entry.finding), is_open: true };
                let later = format!("AND number > {number}");
                for (number, mut next) in table::select(transaction, filter, &later)? {
                    if state.is_some() && seen.is_some() && next.entry.seen_state == *seen {
                        next.entry.seen_state.clone_from(state);
                        table::put(transaction, Some(number), &mut next)?;
                    }
                }
                prune(transaction, now)?;
            }
            Ok(record)
        })
    }

    /// Makes everything that waits for a later time due at once, as when the network is back; says how many there are.
    pub fn hurry(&mut self, source: Option<&Source>, now: i64) -> Result<usize, OutboxError> {
        self.write(|transaction| {
            let filter = Filter { source, ..Filter::default() };
            let and = format!("AND state IN (0, 2) AND not_before > {now}");
            let mut waiting = table::select(transaction, filter, &and)?;
            for (number, record) in &mut waiting {
                record.not_before = 0;
                table::put(transaction, Some(*number), record)?;
            }
            Ok(waiting.len())
        })
    }

    /// Takes the outcome of every claim whose holder died as unknown.
    pub(crate) fn free_dead_claims(&mut self, now: i64) -> Result<(), OutboxError> {
        let sending = self.read(|connection| Ok(table::select(connection, Filter::default(), "AND state = 1")?))?;
        let Some(path) = self.path().map(std::path::Path::to_owned) else { return Ok(()) };
        let mut dead = sending.into_iter().map(|(_, record)| record).filter(|record| {
            let State::Sending { since } = record.state else { return false };
            !is_alive(&path, record.claim.as_deref().unwrap_or_default(), since, now)
        });
        let Some(first) = dead.next() else { return Ok(()) };
        let dead: Vec<Record> = std::iter::once(first).chain(dead).collect();
        self.write(|transaction| {
            for record in &dead {
                let Some((number, mut record)) =
                    table::get(transaction, &record.id)?.filter(|(_, now)| now.claim == record.claim)
                else {
                    continue;
                };
                if matches!(record.state, State::Sending { .. }) {
                    record.state = State::Unknown;
                    record.may_have_arrived = true;
                    record.problem =
                        Some("the process that was sending it ended before it heard the answer".to_owned());
                    record.changed_at = now;
                    table::put(transaction, Some(number), &mut record)?;
                }
            }
            Ok(())
        })
    }

    fn claim_name(&mut self) -> Result<String, OutboxError> {
        if !self.claimant.as_ref().is_some_and(Claimant::is_there) {
            let name = self.read(|connection| Ok(table::new_id(connection)?))?;
            let path = self.ready()?.path.clone();
            let made = Claimant::new(&path, name.as_str());
            self.claimant = Some(made.map_err(|error| place::lock_trouble(&path, &error).at(&path))?);
        }
        self.claimant
            .as_mut()
            .map(Claimant::next)
            .ok_or_else(|| OutboxError::Unusable { why: "nothing can be claimed".to_owned() })
    }
}

fn is_first() -> String {
    format!("{IS_FIRST} {})", table::ON_ITS_WAY)
}

fn apply(record: &mut Record, outcome: &Outcome, now: i64) {
    record.changed_at = now;
    record.problem = None;
    record.state = match outcome.clone() {
        Outcome::Done { .. } => State::Done,
        Outcome::Refused { why, by } => State::Refused { why, by },
        Outcome::Conflict { theirs, words } => State::Conflict { theirs, words },
        Outcome::Later { why, after, is_outcome_unknown } => {
            record.problem = Some(why);
            record.may_have_arrived |= is_outcome_unknown;
            record.not_before = now.saturating_add(pause(record, after));
            if is_outcome_unknown { State::Unknown } else { State::Queued }
        }
    };
}

/// How long to wait after another failed attempt, in milliseconds: longer each time, different for each entry, and what
/// the source asks for at least.
fn pause(record: &Record, wish: Option<Duration>) -> i64 {
    let doublings = record.attempts.saturating_sub(1).min(20);
    let pause = (FIRST_PAUSE_MILLIS << doublings).min(LONGEST_PAUSE_MILLIS);
    let spread =
        record.id.as_str().bytes().fold(i64::from(record.attempts), |sum, byte| (sum * 31 + i64::from(byte)) % 512);
    let pause = pause * (768 + spread) / 1024;
    let wish = wish.map_or(0, |wish| i64::try_from(wish.min(LONGEST_WISH).as_millis()).unwrap_or(i64::MAX));
    pause.max(wish)
}

/// Drops what arrived long ago.
fn prune(connection: &Connection, now: i64) -> Result<(), Stop> {
    let most = i64::try_from(MOST_DONE_KEPT).map_err(|error| Fault::Other(error.to_string()))?;
    connection
        .prepare_cached(
            "DELETE FROM entry WHERE state = 5 AND (changed_at < ?1 OR number IN
             (SELECT number FROM entry WHERE state = 5 ORDER BY changed_at DESC, number DESC LIMIT -1 OFFSET ?2))",
        )?
        .execute(params![now.saturating_sub(MOST_DONE_MILLIS), most])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_differ_between_entries_and_heed_the_source() {
        let record = |id: &str, attempts: u32| -> Record {
            serde_json::from_value(serde_json::json!({
                "aspm_outbox_change": 1, "id": id, "state": {"is": "queued"}, "attempts": attempts, "not_before": 0,
                "may_have_arrived": false, "problem": null, "changed_at": 0, "claim": null,
                "entry": {"source": {"origin": "", "product": "", "account": "", "name": ""}, "finding": "x:1",
                          "number": "1", "action": null, "reason": "", "created_at": 0},
            }))
            .unwrap()
        };
        for attempts in [1_u32, 2, 5, 9, 40, u32::MAX] {
            let whole = (FIRST_PAUSE_MILLIS << (attempts - 1).min(20)).min(LONGEST_PAUSE_MILLIS);
            let pauses: Vec<i64> = (0..200).map(|id| pause(&record(&format!("{id:020x}"), attempts), None)).collect();
            assert!(pauses.iter().all(|pause| (whole * 3 / 4..=whole * 5 / 4).contains(pause)), "{attempts}");
            let distinct: std::collections::HashSet<&i64> = pauses.iter().collect();
            assert!(distinct.len() > 50, "{} different pauses at attempt {attempts}", distinct.len());
        }
        assert_eq!(pause(&record("a", 1), Some(Duration::from_mins(10))), 600_000);
        assert_eq!(pause(&record("a", 1), Some(Duration::MAX)), 6 * 3_600_000);
        assert!(pause(&record("a", 9), Some(Duration::ZERO)) > 600_000);
    }
}
