//! One pull: what changed where that is enough, else everything; and an outcome that says which, and how far it came.

use std::collections::BTreeMap;

use finding::Tool;
use jiff::{SignedDuration, Timestamp};

use super::DefectDojo;
use super::api::Api;
use super::changes::{self, Changed, Changes};
use super::cursor::{Cursor, Facts};
use super::full::Full;
use super::pages::Findings;
use super::product;
use super::schema::Row;
use super::walk::Broken;
use crate::{Coverage, Error, Lookup, Outcome, Problem, Progress, Sink};

/// Originals of duplicates that are asked for one by one.
const MOST_ORIGINALS: usize = 20;
/// Number of successions that an outcome tells of.
const MOST_TOLD: usize = 1_000;

impl DefectDojo {
    pub(super) fn pull_from(
        &self,
        previous: Option<&str>,
        sink: &mut dyn Sink,
        cancelled: &dyn Fn() -> bool,
        progress: &dyn Fn(Progress),
    ) -> Result<Outcome, Error> {
        let api = self.api(cancelled);
        let cursor = previous.and_then(|text| Cursor::read(text, &self.binding_text()));
        if let Some(cursor) = cursor
            && let Some(outcome) = self.changes(&api, cursor, sink, progress)?
        {
            return Ok(outcome);
        }
        self.everything(&api, previous, sink, progress)
    }

    /// What changed; `None` when everything is to be read.
    fn changes(
        &self,
        api: &Api<'_>,
        cursor: Cursor,
        sink: &mut dyn Sink,
        progress: &dyn Fn(Progress),
    ) -> Result<Option<Outcome>, Error> {
        if sink.lookup().is_none() {
            return Ok(None);
        }
        let scope = cursor.scope.clone();
        let mut pages = Findings::new(api, &scope);
        let changed = match changes::gather(&mut pages, &cursor, self.options.page, api.cancelled) {
            Ok(Changes::Some(changed)) => changed,
            Ok(Changes::ReadAll(why)) => {
                tracing::info!("everything is read again: {why}");
                return Ok(None);
            }
            // An order that is not heeded, or a list that moves too fast: by number it may go.
            Err(Broken::Unsound(why)) => {
                tracing::info!("everything is read again: the server {why}");
                return Ok(None);
            }
            Err(Broken::Failed(error)) => return Err(error),
        };
        let requests = pages.requests;
        let now = server_time(changed.began).unwrap_or(cursor.watermark).max(cursor.watermark);
        let every = super::until_full(self.options.full_every, cursor.spread);
        let every = SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX);
        if now.duration_since(cursor.full) >= every {
            return Ok(None);
        }
        if changed.is_empty() {
            if changed.count != cursor.count {
                tracing::info!(
                    "everything is read again: {} findings where {} were expected",
                    changed.count,
                    cursor.count
                );
                return Ok(None);
            }
            let cursor = Cursor { watermark: now, unreviewed: changed.unreviewed, ..cursor };
            return Ok(Some(Outcome { cursor: cursor.text(), unchanged: true, ..Outcome::default() }));
        }
        self.store(api, cursor, changed, now, requests, sink, progress)
    }

    #[expect(clippy::too_many_arguments, reason = "the second half of one piece of work")]
    fn store(
        &self,
        api: &Api<'_>,
        cursor: Cursor,
        changed: Changed,
        now: Timestamp,
        requests: usize,
        sink: &mut dyn Sink,
        progress: &dyn Fn(Progress),
    ) -> Result<Option<Outcome>, Error> {
        let Some(originals) = Self::originals(api, &changed)? else { return Ok(None) };
        let Some(lookup): Option<&dyn Lookup> = sink.lookup() else { return Ok(None) };
        let (count, unreviewed, facts) = (changed.count, changed.unreviewed, cursor.facts.clone());
        let (findings, stored) = changed.store(self.converter(), lookup, &originals, facts)?;
        if cursor.count + stored.added != count {
            tracing::info!(
                "everything is read again: {count} findings where {} were expected",
                cursor.count + stored.added
            );
            return Ok(None);
        }
        let given = changes::give(findings, sink, api.cancelled)?;
        let what = "changes".to_owned();
        progress(Progress { what, done: given as u64, total: given as u64, findings: given });
        let cursor = Cursor { watermark: now, count, unreviewed, facts: stored.facts, ..cursor };
        let mut outcome = Self::outcome(&cursor.facts);
        outcome.cursor = cursor.text();
        outcome.coverage = Coverage::Changes;
        outcome.findings = given;
        outcome.logs = requests;
        outcome.successions = stored.successions;
        outcome.successions.truncate(MOST_TOLD);
        outcome.complete = true;
        Ok(Some(outcome))
    }

    /// The originals of duplicates that did not change themselves; `None` when there are too many.
    fn originals(api: &Api<'_>, changed: &Changed) -> Result<Option<BTreeMap<i64, Row>>, Error> {
        let mut originals = BTreeMap::new();
        for number in changed.originals() {
            if originals.contains_key(&number) {
                continue;
            }
            if originals.len() >= MOST_ORIGINALS {
                return Ok(None);
            }
            let row = Self::row(api, number).map_err(|error| api.error(error))?;
            originals.insert(number, row.unwrap_or_default());
        }
        Ok(Some(originals))
    }

    fn everything(
        &self,
        api: &Api<'_>,
        previous: Option<&str>,
        sink: &mut dyn Sink,
        progress: &dyn Fn(Progress),
    ) -> Result<Outcome, Error> {
        let scope = api.scope(&self.binding, self.normalise)?;
        let mut pages = Findings::new(api, &scope);
        let mut full = Full::new(self.converter(), sink, api.cancelled, progress);
        let read = full.run(&mut pages, self.options.page);
        let requests = pages.requests;
        let failure = match read {
            Ok(read) => {
                let began = server_time(read.walked.began).unwrap_or_else(Timestamp::now);
                let mut outcome = Self::outcome(&read.facts);
                outcome.coverage = Coverage::Whole;
                outcome.findings = read.findings;
                // Once for each reading of everything: the answer holds the number of every finding of the product.
                outcome.application = product::facts(api, scope.product)?;
                outcome.logs = requests;
                outcome.removed = read.removed;
                outcome.successions = read.successions;
                outcome.successions.truncate(MOST_TOLD);
                outcome.complete = read.is_settled && read.walked.unusable == 0;
                if read.walked.unusable > 0 {
                    let what =
                        format!("sent {} findings that cannot be read; they are missing here", read.walked.unusable);
                    outcome.problems.push(self.problem(what));
                }
                if !read.is_settled {
                    let what = "changed all the while it was being read; it is read again at the next sync".to_owned();
                    outcome.problems.push(self.problem(what));
                    outcome.coverage = Coverage::Changes;
                }
                outcome.cursor = if read.is_settled {
                    Cursor::new(self.binding_text(), scope, began, read.walked.count, read.facts).text()
                } else {
                    previous.unwrap_or_default().to_owned()
                };
                let (done, what) = (read.walked.seen, "findings".to_owned());
                progress(Progress { what, done, total: done, findings: outcome.findings });
                return Ok(outcome);
            }
            Err(Broken::Failed(error @ (Error::Cancelled | Error::Sink(_)))) => return Err(error),
            Err(Broken::Failed(error)) => error,
            Err(Broken::Unsound(what)) => api.unsound(what),
        };
        let (given, facts) = (full.given(), full.facts());
        if given == 0 {
            return Err(failure);
        }
        // What came is true; what did not come may be there all the same.
        let mut outcome = Self::outcome(&facts);
        outcome.coverage = Coverage::Changes;
        outcome.findings = given;
        outcome.logs = requests;
        previous.unwrap_or_default().clone_into(&mut outcome.cursor);
        outcome.problems.push(self.problem(format!("was read in part only ({given} findings came): {failure}")));
        Ok(outcome)
    }

    /// What the scans as a whole tell.
    fn outcome(facts: &Facts) -> Outcome {
        Outcome {
            scanned_at: facts.newest.clone(),
            scan_commit: Facts::only(&facts.commits),
            scan_branch: Facts::only(&facts.branches),
            tools: facts.tools.iter().map(|name| Tool { name: name.clone(), version: None }).collect(),
            ..Outcome::default()
        }
    }

    fn problem(&self, what: String) -> Problem {
        Problem { place: self.base.origin().ascii_serialization(), what }
    }
}

/// The server's clock, but not ahead of ours: a proxy's clock that runs ahead would hide changes for as long.
fn server_time(date: Option<Timestamp>) -> Option<Timestamp> {
    date.map(|date| date.min(Timestamp::now()))
}
