//! The outbox as this process uses it: triage is queued, looked at, sent again or given up.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use config::SourceConfig;
use connectors::{Account, Action};
use finding::{Finding, FindingId};
use serde_json::Value;
use store::outbox::{Due, Entry, Filter, OpenedOutbox, Outbox, OutboxError, OutboxId, Record, Refuser, Source, State};

pub(crate) use store::outbox::Queued;
use url::Url;

use crate::driver::{Inner, lock, remote};

/// Fingerprints by which the connector names a finding and the state it gave out.
pub(super) const NUMBER: &str = "defectdojo/id";
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

/// One triage to queue.
pub(crate) struct Wish<'a> {
    pub(crate) source: &'a SourceConfig,
    pub(crate) finding: &'a Finding,
    pub(crate) action: &'a Action,
    pub(crate) reason: &'a str,
}

/// The outbox, opened once; an error is a sentence for people.
pub(super) fn open(inner: &Inner) -> Result<Guard<'_>, String> {
    opened(inner, &inner.outbox)
}

/// The same for whoever only looks: while a write waits for another process, looking goes on.
fn view(inner: &Inner) -> Result<Guard<'_>, String> {
    opened(inner, &inner.outbox_view)
}

fn opened<'i>(inner: &'i Inner, place: &'i Mutex<Option<Outbox>>) -> Result<Guard<'i>, String> {
    let mut known = lock(place);
    if known.is_none() {
        if inner.places.data.as_os_str().is_empty() {
            return Err("Triage cannot be queued: there is no home folder to keep it in; set ASPM_DATA_DIR.".to_owned());
        }
        let OpenedOutbox { outbox, notices } = Outbox::open(&inner.places.data);
        // Why it cannot be used is what every operation on it says.
        if outbox.path().is_some() {
            inner.remark(notices);
        }
        *known = Some(outbox);
    }
    Ok(Guard { inner, known })
}

/// Damaged files that are kept and no notice told of yet, one sentence each.
pub(crate) fn kept(inner: &Inner) -> Vec<String> {
    let told = lock(&inner.remarks).clone();
    let kept = Outbox::kept(&inner.places.data).into_iter().map(|path| path.display().to_string());
    let new = kept.filter(|path| !told.iter().any(|notice| notice.contains(&format!("{path};"))));
    new.map(|path| {
        format!(
            "A damaged outbox was kept as {path}. Delete it once nothing that you triaged is missing from this list."
        )
    })
    .collect()
}

pub(super) struct Guard<'a> {
    inner: &'a Inner,
    known: MutexGuard<'a, Option<Outbox>>,
}

impl Guard<'_> {
    pub(super) fn with<T>(&mut self, work: impl FnOnce(&mut Outbox) -> Result<T, OutboxError>) -> Result<T, String> {
        match self.known.as_mut() {
            Some(outbox) => {
                let done = work(outbox).map_err(|error| error.to_string());
                self.inner.remark(outbox.take_notices());
                done
            }
            None => Err("The outbox is not open.".to_owned()),
        }
    }
}

/// Whoever is signed in: what somebody else queued is seen all the same.
pub(super) fn source_of(inner: &Inner, root: &Path, source: &SourceConfig) -> Option<Source> {
    let key = remote::key(inner, root, source)?;
    Some(Source { account: String::new(), ..Source::new(&key, &source.name) })
}

/// The same, of the account that is signed in there.
fn mine_of(inner: &Inner, root: &Path, source: &SourceConfig) -> Option<Source> {
    let account = remote::whose(inner, source).account().map(|account| account.id.clone()).unwrap_or_default();
    source_of(inner, root, source).map(|target| Source { account, ..target })
}

/// Who is signed in at the server that an entry goes to.
fn me(inner: &Inner, record: &Record) -> Option<Account> {
    let url = Url::parse(&record.entry.source.origin).ok()?;
    remote::whose_at(inner, &url).account().cloned()
}

/// Whether an entry is another account's than the one that is signed in.
fn is_anothers(record: &Record, me: Option<&Account>) -> bool {
    let owner = &record.entry.source.account;
    !owner.is_empty() && me.is_some_and(|me| me.id != *owner)
}

pub(super) fn now() -> i64 {
    crate::clock::now().as_millisecond()
}

fn fingerprint<'f>(finding: &'f Finding, name: &str) -> Option<&'f str> {
    finding.evidence.fingerprints.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The state that the connector gave out with a finding.
pub(super) fn seen_of(finding: &Finding) -> Option<Value> {
    fingerprint(finding, SEEN).map(|seen| Value::String(seen.to_owned()))
}

/// Queues all of them or none, each once while it waits; what became of each, in their order.
pub(crate) fn enqueue(inner: &Inner, root: &Path, wishes: &[Wish<'_>]) -> Result<Vec<Queued>, String> {
    let entry = |wish: &Wish<'_>| {
        let target = source_of(inner, root, wish.source)
            .ok_or_else(|| format!("Source \"{}\" takes no triage.", wish.source.name))?;
        let whose = remote::whose(inner, wish.source);
        let account = whose.account();
        let target = Source { account: account.map(|account| account.id.clone()).unwrap_or_default(), ..target };
        let number = fingerprint(wish.finding, NUMBER)
            .ok_or_else(|| format!("{} has no number at its source; synchronise first.", wish.finding.id))?;
        Ok(Entry {
            source: target,
            by: account.map(|account| account.name.clone()),
            root: Some(root.display().to_string()),
            finding: wish.finding.id.clone(),
            number: number.to_owned(),
            action: serde_json::to_value(wish.action).map_err(|error| error.to_string())?,
            reason: wish.reason.to_owned(),
            seen_state: seen_of(wish.finding),
            created_at: now(),
        })
    };
    let entries = wishes.iter().map(entry).collect::<Result<Vec<_>, String>>()?;
    open(inner)?.with(|outbox| outbox.enqueue_once(entries))
}

/// Whether anything that was said of a finding is not confirmed yet.
pub(crate) fn is_awaited(inner: &Inner, root: &Path, source: &SourceConfig, finding: &FindingId) -> bool {
    let Some(target) = source_of(inner, root, source) else { return false };
    let filter = Filter { source: Some(&target), finding: Some(finding), is_open: true };
    let found = view(inner).and_then(|mut outbox| outbox.with(|outbox| outbox.list(filter)));
    found.is_ok_and(|found| !found.is_empty())
}

/// Whether anything could be sent to a source now.
pub(super) fn is_due(inner: &Inner, root: &Path, source: &SourceConfig) -> bool {
    let Some(target) = mine_of(inner, root, source) else { return false };
    if !inner.places.data.join("outbox.db").exists() {
        return false;
    }
    let due = open(inner).and_then(|mut outbox| outbox.with(|outbox| outbox.next_due(now(), Some(&target))));
    matches!(due, Ok(Due::Now(_)))
}

/// What is not confirmed, of the sources of a root; an error says why nobody can tell.
pub(crate) fn waiting(inner: &Inner, root: &Path) -> Result<Vec<Waiting>, String> {
    let mut all = Vec::new();
    // What is no database there says so when it is opened.
    if inner.places.data.as_os_str().is_empty() || matches!(inner.places.data.try_exists(), Ok(false)) {
        return Ok(all);
    }
    let loaded = inner.config(root, true);
    for source in loaded.config.sources.iter().filter(|source| source.is_remote()) {
        let Some(target) = source_of(inner, root, source) else { continue };
        let filter = Filter { source: Some(&target), is_open: true, ..Filter::default() };
        let found = view(inner)?.with(|outbox| outbox.list(filter))?;
        let me = remote::whose(inner, source);
        all.extend(found.iter().map(|record| told(record, me.account())));
    }
    Ok(all)
}

fn told(record: &Record, me: Option<&Account>) -> Waiting {
    let action = serde_json::from_value::<Action>(record.entry.action.clone());
    let problem = record.problem.as_ref().map(|problem| format!(": {problem}")).unwrap_or_default();
    let state = match &record.state {
        State::Queued | State::Unknown if is_anothers(record, me) => {
            let owner = record.entry.by.as_deref().unwrap_or("another account");
            let short: String = record.id.as_str().chars().take(8).collect();
            let me = me.map_or("you", |me| &me.name);
            format!(
                "waits for {owner}, who queued it, to be signed in again; `aspm-lsp outbox retry {short}` sends it as {me}"
            )
        }
        State::Queued if record.attempts == 0 => "waits to be sent".to_owned(),
        State::Queued => format!("waits to be sent again{problem}"),
        State::Sending { .. } => "is being sent".to_owned(),
        State::Unknown => format!("may have arrived; it is looked for before it is sent again{problem}"),
        State::Refused { why, by: Refuser::Source } => format!("refused by the source: {why}"),
        State::Refused { why, by: Refuser::Policy } => format!("not sent, policy does not allow it: {why}"),
        State::Refused { why, by: Refuser::Outbox } => format!("held back: {why}"),
        State::Conflict { words, .. } => format!("not sent, the finding changed at the source: {words}"),
        State::Done => "done".to_owned(),
    };
    Waiting {
        id: record.id.to_string(),
        finding: record.entry.finding.to_string(),
        source: record.entry.source.name.clone(),
        what: action.map_or_else(|_| "triage".to_owned(), |action| words(&action)),
        state,
        needs_a_person: record.state.needs_decision(),
    }
}

/// What an action is, with its tags or its last day: "risk accepted until 2027-01-31".
pub(crate) fn words(action: &Action) -> String {
    let until = action.until().map(|day| format!(" until {day}")).unwrap_or_default();
    let tags = action.tags();
    let tags = if tags.is_empty() { String::new() } else { format!(" ({})", tags.join(", ")) };
    format!("{}{until}{tags}", action.label())
}

/// What waits for a later time is due now: somebody asked.
pub(super) fn hurry(inner: &Inner, root: &Path, source: &SourceConfig) {
    let Some(target) = source_of(inner, root, source).filter(|_| is_there(inner)) else { return };
    let filter = Filter { source: Some(&target), is_open: true, ..Filter::default() };
    let waiting = view(inner).and_then(|mut outbox| outbox.with(|outbox| outbox.list(filter)));
    // Without anything that waits nobody is to wait for the right to write.
    if waiting.is_ok_and(|waiting| !waiting.is_empty()) {
        let done = open(inner).and_then(|mut outbox| outbox.with(|outbox| outbox.hurry(Some(&target), now())));
        if let Err(why) = done {
            tracing::warn!(source = source.name, why, "waiting triage is not hurried");
        }
    }
}

/// Without an outbox on disk nothing waits, and none is made for the question.
fn is_there(inner: &Inner) -> bool {
    !inner.places.data.as_os_str().is_empty() && inner.places.data.join("outbox.db").exists()
}

/// By finding: what was asked for and is not confirmed, in words for a diagnostic.
pub(crate) fn pending(inner: &Inner) -> HashMap<String, Arc<str>> {
    if !is_there(inner) {
        return HashMap::new();
    }
    let filter = Filter { is_open: true, ..Filter::default() };
    let found = view(inner).and_then(|mut outbox| outbox.with(|outbox| outbox.list(filter)));
    // The oldest first, each in its own words.
    let mut pending: HashMap<String, Vec<String>> = HashMap::new();
    let mut signed_in: HashMap<String, Option<Account>> = HashMap::new();
    for record in found.unwrap_or_default() {
        let one = told(&record, None);
        let me = signed_in.entry(record.entry.source.origin.clone()).or_insert_with(|| me(inner, &record));
        let state = match &record.state {
            State::Queued | State::Unknown if is_anothers(&record, me.as_ref()) => {
                "waits for the account that queued it"
            }
            State::Refused { by: Refuser::Policy, .. } => "not allowed by policy",
            State::Refused { by: Refuser::Source, .. } => "refused by the source",
            State::Refused { by: Refuser::Outbox, .. } => "held back",
            State::Conflict { .. } => "in conflict with the source",
            _ => "pending",
        };
        pending.entry(one.finding).or_default().push(format!("{}: {state}", one.what));
    }
    pending.into_iter().map(|(finding, words)| (finding, words.join("; ").into())).collect()
}

/// Has one sent again over what the source has now.
pub(crate) fn retry(inner: &Inner, id: &str) -> Result<String, String> {
    let id = whole(inner, id)?;
    let record = view(inner)?.with(|outbox| outbox.get(&id))?;
    // Who asks for it says it, whoever queued it.
    let me = record.as_ref().and_then(|record| me(inner, record).filter(|me| is_anothers(record, Some(me))));
    let account = me.as_ref().map(|me| (me.id.as_str(), me.name.as_str()));
    open(inner)?.with(|outbox| outbox.retry_as(&id, account, now())).map(|record| record.id.to_string())
}

/// Gives one up; what it was.
pub(crate) fn discard(inner: &Inner, id: &str) -> Result<Waiting, String> {
    let id = whole(inner, id)?;
    open(inner)?.with(|outbox| outbox.discard(&id, now())).map(|record| told(&record, None))
}

/// The name that starts as typed.
fn whole(inner: &Inner, typed: &str) -> Result<OutboxId, String> {
    let all = view(inner)?.with(|outbox| outbox.list(Filter { is_open: true, ..Filter::default() }))?;
    let mut fitting = all.into_iter().filter(|record| record.id.as_str().starts_with(typed));
    match (fitting.next(), fitting.next()) {
        (Some(record), None) => Ok(record.id),
        (Some(_), Some(_)) => Err(format!("Several triages start with {typed}; type more of the one you mean.")),
        (None, _) => Err(format!("No triage that waits is or starts with {typed}; `aspm-lsp outbox list` shows them.")),
    }
}
