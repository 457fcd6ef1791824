//! Triage on its way to its source: queued durably, sent once as far as the source lets one tell, kept until somebody
//! decides where the source will not have it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, MutexGuard};

use config::SourceConfig;
use connectors::{Action, Connector, Pushed, Refreshed, Triage};
use finding::Finding;
use serde_json::Value;
use store::outbox::{Due, Entry, Filter, OpenedOutbox, Outbox, OutboxError, OutboxId, Outcome, Record, Source, State};
use store::{Error, Store};

use crate::driver::{Inner, lock, remote, sources};

/// Fingerprints by which the connector names a finding and the state it gave out.
const NUMBER: &str = "defectdojo/id";
const SEEN: &str = "defectdojo/state";

/// One triage that its source has not confirmed.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) id: String,
    pub(crate) finding: String,
    pub(crate) source: String,
    /// What was asked for.
    pub(crate) what: String,
    /// How far it is, one sentence.
    pub(crate) state: String,
    /// It waits for a decision.
    pub(crate) needs_a_person: bool,
}

/// The outbox, opened once; an error is a sentence for people.
fn outbox(inner: &Inner) -> Result<Guard<'_>, String> {
    let mut known = lock(&inner.outbox);
    if known.is_none() {
        if inner.places.data.as_os_str().is_empty() {
            return Err("Triage cannot be queued: there is no home folder to keep it in; set ASPM_DATA_DIR.".to_owned());
        }
        let OpenedOutbox { outbox, notices } = Outbox::open(&inner.places.data);
        for notice in notices {
            tracing::warn!("{notice}");
        }
        *known = Some(outbox);
    }
    Ok(Guard(known))
}

struct Guard<'a>(MutexGuard<'a, Option<Outbox>>);

impl Guard<'_> {
    fn with<T>(&mut self, work: impl FnOnce(&mut Outbox) -> Result<T, OutboxError>) -> Result<T, String> {
        match self.0.as_mut() {
            Some(outbox) => work(outbox).map_err(|error| error.to_string()),
            None => Err("The outbox is not open.".to_owned()),
        }
    }
}

fn source_of(inner: &Inner, root: &Path, source: &SourceConfig) -> Option<Source> {
    Some(Source::new(&remote::key(inner, root, source)?, &source.name))
}

fn now() -> i64 {
    crate::clock::now().as_millisecond()
}

fn fingerprint<'f>(finding: &'f Finding, name: &str) -> Option<&'f str> {
    finding.evidence.fingerprints.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Queues one triage; its name.
pub(crate) fn enqueue(
    inner: &Inner,
    root: &Path,
    source: &SourceConfig,
    finding: &Finding,
    action: &Action,
    reason: &str,
) -> Result<String, String> {
    let target =
        source_of(inner, root, source).ok_or_else(|| format!("Source \"{}\" takes no triage.", source.name))?;
    let number = fingerprint(finding, NUMBER)
        .ok_or_else(|| format!("{} has no number at its source; synchronise first.", finding.id))?;
    let entry = Entry {
        source: target,
        root: Some(root.display().to_string()),
        finding: finding.id.clone(),
        number: number.to_owned(),
        action: serde_json::to_value(action).map_err(|error| error.to_string())?,
        reason: reason.to_owned(),
        seen_state: fingerprint(finding, SEEN).map(|seen| Value::String(seen.to_owned())),
        created_at: now(),
    };
    outbox(inner)?.with(|outbox| outbox.enqueue(entry)).map(|id| id.to_string())
}

/// Sends what waits for one source; how many arrived. The caller holds the source's lock.
pub(super) fn send(
    inner: &Inner,
    root: &Path,
    source: &SourceConfig,
    connector: &dyn Connector,
    writer: &mut Store,
) -> Result<usize, String> {
    let Some(target) = source_of(inner, root, source) else { return Ok(0) };
    if inner.places.data.as_os_str().is_empty() {
        return Ok(0);
    }
    let mut sent = 0;
    while !inner.is_stopped() {
        // The lock is not held while the server is asked.
        let claim = {
            let mut outbox = outbox(inner)?;
            match outbox.with(|outbox| outbox.next_due(now(), Some(&target)))? {
                Due::Now(record) => outbox.with(|outbox| outbox.claim(&record.id, now()))?,
                Due::At(_) | Due::Nothing => break,
            }
        };
        let Some(claim) = claim else { continue };
        let outcome = attempt(&claim.record, connector, &|| inner.is_stopped());
        sent += usize::from(matches!(outcome, Outcome::Done { .. }));
        if matches!(outcome, Outcome::Done { .. } | Outcome::Conflict { .. }) {
            keep(writer, connector, &claim.record, &|| inner.is_stopped()).map_err(|error| error.to_string())?;
        }
        outbox(inner)?.with(|outbox| outbox.settle(&claim, &outcome, now()))?;
    }
    Ok(sent)
}

/// What the source has now is what everybody sees at once.
fn keep(
    writer: &mut Store,
    connector: &dyn Connector,
    record: &Record,
    cancelled: &dyn Fn() -> bool,
) -> Result<(), Error> {
    let Some(known) = writer.finding(&record.entry.finding)? else { return Ok(()) };
    // Without an answer the next reading brings it.
    let Ok(Refreshed::Now(finding)) = connector.refresh(&known, cancelled) else { return Ok(()) };
    let mut update = writer.update()?;
    update.upsert(&finding)?;
    update.save()
}

fn attempt(record: &Record, connector: &dyn Connector, cancelled: &dyn Fn() -> bool) -> Outcome {
    let entry = &record.entry;
    let action = match serde_json::from_value(entry.action.clone()) {
        Ok(action) => action,
        Err(error) => {
            let why = format!("another version of aspm-lsp queued it, in a form this one does not know ({error})");
            return Outcome::Refused { why };
        }
    };
    let triage = Triage {
        key: record.id.to_string(),
        finding: entry.finding.clone(),
        number: entry.number.clone(),
        seen: entry.seen_state.as_ref().and_then(|seen| seen.as_str().map(str::to_owned)),
        action,
        reason: entry.reason.clone(),
        is_retry: record.may_have_arrived,
    };
    match connector.push(&triage, cancelled) {
        Ok(Pushed::Done { finding, .. }) => Outcome::Done { now: seen_of(&finding) },
        Ok(Pushed::Conflict { seen, now, finding }) => {
            let words = format!("it was {seen} when this was decided, and is {now} now");
            Outcome::Conflict { theirs: seen_of(&finding).unwrap_or_default(), words }
        }
        Ok(Pushed::Refused { reason }) => Outcome::Refused { why: reason },
        Ok(Pushed::Later { reason, after, is_outcome_unknown }) => {
            Outcome::Later { why: reason, after, is_outcome_unknown }
        }
        // Nobody knows how far it came.
        Err(error) => Outcome::Later { why: error.to_string(), after: None, is_outcome_unknown: true },
    }
}

fn seen_of(finding: &Finding) -> Option<Value> {
    fingerprint(finding, SEEN).map(|seen| Value::String(seen.to_owned()))
}

/// Sends what waits for the sources of a root, now; what still waits after that.
pub(crate) fn deliver(inner: &Inner, root: &Path) -> Vec<Waiting> {
    let loaded = inner.config(root, true);
    for source in loaded.config.sources.iter().filter(|source| source.is_remote()) {
        sources::declare(inner, root, source);
        let result = remote::connector(inner, root, source).and_then(|connector| {
            drop(sources::open(inner, root, &source.name));
            let mut writer = sources::second(inner, root, &source.name);
            let Some(_held) = writer.try_lock_sync() else { return Ok(0) };
            send(inner, root, source, connector.as_ref(), &mut writer)
        });
        if let Err(why) = result {
            tracing::warn!(source = source.name, why, "triage was not sent");
        }
    }
    waiting(inner, root)
}

/// What is not confirmed, of the sources of a root.
pub(crate) fn waiting(inner: &Inner, root: &Path) -> Vec<Waiting> {
    let loaded = inner.config(root, true);
    let mut all = Vec::new();
    for source in loaded.config.sources.iter().filter(|source| source.is_remote()) {
        let Some(target) = source_of(inner, root, source) else { continue };
        let filter = Filter { source: Some(&target), is_open: true, ..Filter::default() };
        let found = outbox(inner).and_then(|mut outbox| outbox.with(|outbox| outbox.list(filter)));
        all.extend(found.unwrap_or_default().iter().map(told));
    }
    all
}

fn told(record: &Record) -> Waiting {
    let action = serde_json::from_value::<Action>(record.entry.action.clone());
    let problem = record.problem.as_ref().map(|problem| format!(": {problem}")).unwrap_or_default();
    let state = match &record.state {
        State::Queued if record.attempts == 0 => "waits to be sent".to_owned(),
        State::Queued => format!("waits to be sent again{problem}"),
        State::Sending { .. } => "is being sent".to_owned(),
        State::Unknown => format!("may have arrived; it is looked for before it is sent again{problem}"),
        State::Refused { why } => format!("refused by the source: {why}"),
        State::Conflict { words, .. } => format!("not sent, the finding changed at the source: {words}"),
        State::Done => "done".to_owned(),
    };
    Waiting {
        id: record.id.to_string(),
        finding: record.entry.finding.to_string(),
        source: record.entry.source.name.clone(),
        what: action.map_or_else(|_| "triage".to_owned(), |action| action.label().to_owned()),
        state,
        needs_a_person: record.state.needs_decision(),
    }
}

/// By finding: what was asked for and is not confirmed, in words for a diagnostic.
pub(crate) fn pending(inner: &Inner) -> HashMap<String, Arc<str>> {
    // Without an outbox on disk nothing waits, and none is made for the question.
    if inner.places.data.as_os_str().is_empty() || !inner.places.data.join("outbox.db").exists() {
        return HashMap::new();
    }
    let filter = Filter { is_open: true, ..Filter::default() };
    let found = outbox(inner).and_then(|mut outbox| outbox.with(|outbox| outbox.list(filter)));
    let words = |record: &Record| {
        let one = told(record);
        let state = match &record.state {
            State::Refused { .. } => "refused by the source",
            State::Conflict { .. } => "in conflict with the source",
            _ => "pending",
        };
        (one.finding, format!("{}: {state}", one.what).into())
    };
    found.unwrap_or_default().iter().map(words).collect()
}

/// Has one sent again over what the source has now.
pub(crate) fn retry(inner: &Inner, id: &str) -> Result<(), String> {
    let id = whole(inner, id)?;
    outbox(inner)?.with(|outbox| outbox.retry(&id, now())).map(drop)
}

/// Gives one up.
pub(crate) fn discard(inner: &Inner, id: &str) -> Result<(), String> {
    let id = whole(inner, id)?;
    outbox(inner)?.with(|outbox| outbox.discard(&id, now())).map(drop)
}

/// The name that starts as typed.
fn whole(inner: &Inner, typed: &str) -> Result<OutboxId, String> {
    let all = outbox(inner)?.with(|outbox| outbox.list(Filter { is_open: true, ..Filter::default() }))?;
    let mut fitting = all.into_iter().filter(|record| record.id.as_str().starts_with(typed));
    match (fitting.next(), fitting.next()) {
        (Some(record), None) => Ok(record.id),
        (Some(_), Some(_)) => Err(format!("Several triages start with {typed}; type more of the one you mean.")),
        (None, _) => Err(format!("No triage that waits is or starts with {typed}; `aspm-lsp outbox list` shows them.")),
    }
}
