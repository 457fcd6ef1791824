//! Triage on its way to its source: allowed by policy still, sent once as far as the source lets one tell, kept until
//! somebody decides where it cannot be sent.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use config::SourceConfig;
use connectors::{Action, Connector, Pushed, Refreshed, Triage};
use finding::{Evidence, Finding, Kind, Rule, Severity, Status, Tool};
use policy::input::TriagePlace;
use store::outbox::{Due, Outcome, Record, Refuser, Source};
use store::{Error, Store};

use super::outbox::{self, NUMBER, Waiting, now, seen_of, source_of};
use crate::driver::law::{Law, Ruled, Saying};
use crate::driver::remote::Identified;
use crate::driver::{Inner, remote, sources};

/// How long a person waits for another process that synchronises, before theirs is left to it; and for one that keeps the
/// cache locked.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why not everything was sent; a sentence for people.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unsent {
    /// The outbox is of no use.
    Outbox(String),
    /// The source takes nothing at all now.
    Source(String),
}

/// Sends what waits for one source, and counts in `tried` the entries it tried. The caller holds the source's lock. Where
/// the source takes nothing at all, one entry finds that out for all.
pub(super) fn send(
    inner: &Inner,
    root: &Path,
    source: &SourceConfig,
    (connector, identified): (&dyn Connector, Option<&Identified>),
    writer: &mut Store,
    tried: &mut usize,
) -> Result<(), Unsent> {
    let Some(target) = source_of(inner, root, source) else { return Ok(()) };
    // What another account was asked to say waits for that account.
    let target = match identified {
        Some(known) => Source { account: known.account.id.clone(), ..target },
        None => target,
    };
    if inner.places.data.as_os_str().is_empty() {
        return Ok(());
    }
    let mut law = None;
    let mut keeps = true;
    while !inner.is_stopped() && remote::is_still(inner, source, identified) {
        // The lock is not held while the server is asked.
        let claim = {
            let mut outbox = outbox::open(inner).map_err(Unsent::Outbox)?;
            match outbox.with(|outbox| outbox.next_due(now(), Some(&target))).map_err(Unsent::Outbox)? {
                Due::Now(record) => outbox.with(|outbox| outbox.claim(&record.id, now())).map_err(Unsent::Outbox)?,
                Due::At(_) | Due::Nothing => break,
            }
        };
        let Some(claim) = claim else { continue };
        *tried += 1;
        let law = law.get_or_insert_with(|| inner.law(root));
        let cancelled = || inner.is_stopped();
        // One entry that breaks something here must not keep the others from being sent, nor stay claimed for ever.
        let attempt = catch_unwind(AssertUnwindSafe(|| attempt(&claim.record, law, connector, writer, &cancelled)));
        let Attempt { outcome, stops } = attempt.unwrap_or_else(|_| {
            tracing::error!(entry = %claim.record.id, "sending a triage panicked");
            let why = "sending it failed inside aspm-lsp; see the log".to_owned();
            Outcome::Later { why, after: None, is_outcome_unknown: true }.into()
        });
        let mut outbox = outbox::open(inner).map_err(Unsent::Outbox)?;
        outbox.with(|outbox| outbox.settle(&claim, &outcome, now())).map_err(Unsent::Outbox)?;
        drop(outbox);
        if let Some(why) = stops {
            return Err(Unsent::Source(why));
        }
        if keeps && matches!(outcome, Outcome::Done { .. } | Outcome::Conflict { .. }) {
            // What arrived is settled; without an answer the next reading brings it.
            let kept = catch_unwind(AssertUnwindSafe(|| keep(writer, connector, &claim.record, &cancelled)));
            match kept {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "what was sent is seen with the next synchronisation");
                    // Not every entry is to wait for the same lock.
                    keeps = false;
                }
                Err(_) => tracing::error!("looking at a finding after sending panicked"),
            }
        }
    }
    Ok(())
}

/// What the source has now is what everybody sees at once.
fn keep(
    writer: &mut Store,
    connector: &dyn Connector,
    record: &Record,
    cancelled: &dyn Fn() -> bool,
) -> Result<(), Error> {
    let Some(known) = writer.finding(&record.entry.finding)? else { return Ok(()) };
    let Ok(Refreshed::Now(finding)) = connector.refresh(&known, cancelled) else { return Ok(()) };
    let mut update = writer.update()?;
    update.upsert(*finding)?;
    update.save()
}

/// What became of one attempt, and why another entry need not be tried now.
struct Attempt {
    outcome: Outcome,
    stops: Option<String>,
}

impl From<Outcome> for Attempt {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, stops: None }
    }
}

fn attempt(
    record: &Record,
    law: &Law,
    connector: &dyn Connector,
    store: &Store,
    cancelled: &dyn Fn() -> bool,
) -> Attempt {
    let entry = &record.entry;
    let action: Action = match serde_json::from_value(entry.action.clone()) {
        Ok(action) => action,
        Err(error) => {
            let why = format!("another version of aspm-lsp queued it, in a form this one does not know ({error})");
            return Outcome::Refused { why, by: Refuser::Outbox }.into();
        }
    };
    if let Some(outcome) = forbidden(record, &action, law, connector, store, cancelled) {
        return outcome.into();
    }
    let triage = Triage {
        key: record.id.to_string(),
        finding: entry.finding.clone(),
        number: entry.number.clone(),
        seen: entry.seen_state.as_ref().and_then(|seen| seen.as_str().map(str::to_owned)),
        action,
        reason: entry.reason.clone(),
        is_retry: record.may_have_arrived,
    };
    let mut stops = None;
    let outcome = match connector.push(&triage, cancelled) {
        Ok(Pushed::Done { finding, .. }) => Outcome::Done { now: seen_of(&finding) },
        Ok(Pushed::Conflict { seen, now, finding }) => {
            let words = format!("it was {seen} when this was decided, and is {now} now");
            Outcome::Conflict { theirs: seen_of(&finding).unwrap_or_default(), words }
        }
        Ok(Pushed::Refused { reason }) => Outcome::Refused { why: reason, by: Refuser::Source },
        Ok(Pushed::Later { reason, after, is_outcome_unknown, is_source_wide }) => {
            stops = is_source_wide.then(|| reason.clone());
            Outcome::Later { why: reason, after, is_outcome_unknown }
        }
        // Nobody knows how far it came.
        Err(error) => Outcome::Later { why: error.to_string(), after: None, is_outcome_unknown: true },
    };
    Attempt { outcome, stops }
}

/// What policy says of it by now: it may have changed since this was queued. `None`: it may be sent.
fn forbidden(
    record: &Record,
    action: &Action,
    law: &Law,
    connector: &dyn Connector,
    store: &Store,
    cancelled: &dyn Fn() -> bool,
) -> Option<Outcome> {
    let entry = &record.entry;
    let later = |why: String| Some(Outcome::Later { why, after: None, is_outcome_unknown: false });
    let finding = match store.finding(&entry.finding) {
        Ok(Some(finding)) => finding,
        // Nothing of the source is kept (the cache was cleared, or is damaged): its own word on the finding is asked for.
        Ok(None) | Err(_) => match connector.refresh(&named(record), cancelled) {
            Ok(Refreshed::Now(finding)) => *finding,
            // The source says so itself when it is told.
            Ok(Refreshed::Gone | Refreshed::Unsupported) => return None,
            Err(error) => return later(error.to_string()),
        },
    };
    let saying = Saying {
        finding: &finding,
        path: None,
        action,
        reason: &entry.reason,
        until: action.until(),
        ticket: None,
        to: TriagePlace::Source,
    };
    match law.rule(&[saying]).pop() {
        Some(Ruled::Allowed) => None,
        Some(Ruled::Refused(why)) => Some(Outcome::Refused { why, by: Refuser::Policy }),
        Some(Ruled::Undecided(why)) => later(why),
        None => later("policy gave no answer".to_owned()),
    }
}

/// Enough of a finding for its source to be asked about it.
fn named(record: &Record) -> Finding {
    let entry = &record.entry;
    let fingerprints = vec![(NUMBER.to_owned(), entry.number.clone())];
    Finding {
        id: entry.finding.clone(),
        source: entry.source.name.clone(),
        kind: Kind::default(),
        tool: Tool { name: String::new(), version: None },
        rule: Rule::default(),
        message: String::new(),
        severity: Severity::Critical,
        confidence: None,
        cvss: None,
        epss: None,
        known_exploited: None,
        vulnerability_ids: Vec::new(),
        evidence: Evidence { fingerprints, ..Evidence::default() },
        related: Vec::new(),
        flow: Vec::new(),
        component: None,
        status: Status::default(),
        first_seen: None,
        last_seen: None,
        due: None,
        notes: Vec::new(),
        fixes: Vec::new(),
        link: None,
    }
}

/// What an attempt to send came to.
pub(crate) struct Delivery {
    /// What still waits, of all sources of the root; an error says why nobody can tell.
    pub(crate) waiting: Result<Vec<Waiting>, String>,
    /// Why a source was not told anything, one sentence each.
    pub(crate) troubles: Vec<String>,
}

/// Sends what waits for the sources of a root, now.
pub(crate) fn deliver(inner: &Inner, root: &Path) -> Delivery {
    let loaded = inner.config(root, true);
    let mut troubles = Vec::new();
    for source in loaded.config.sources.iter().filter(|source| source.is_remote()) {
        let result = remote::connector(inner, root, source).and_then(|connector| {
            let identified = remote::identify(inner, root, source, connector.as_ref())?;
            sources::declare(inner, root, source);
            let mut writer = sources::writer(inner, root, &source.name);
            writer.wait_for(PATIENCE).map_err(|error| error.to_string())?;
            let begun = Instant::now();
            let held = loop {
                match writer.try_lock_sync() {
                    None if begun.elapsed() < PATIENCE && !inner.is_stopped() => {
                        std::thread::sleep(Duration::from_millis(50));
                    }
                    held => break held,
                }
            };
            if held.is_none() {
                return Err(format!(
                    "Another process is reading \"{}\" just now; it, an editor or the next `aspm-lsp sync` sends what waits.",
                    source.name
                ));
            }
            let sent = send(inner, root, source, (connector.as_ref(), identified.as_ref()), &mut writer, &mut 0);
            sources::publish(inner, root, &source.name, writer);
            sent.map_err(|unsent| match unsent {
                Unsent::Outbox(why) | Unsent::Source(why) => why,
            })
        });
        if let Err(why) = result {
            tracing::warn!(source = source.name, why, "triage was not sent");
            troubles.push(why);
        }
    }
    Delivery { waiting: outbox::waiting(inner, root), troubles }
}

#[cfg(test)]
mod tests;
