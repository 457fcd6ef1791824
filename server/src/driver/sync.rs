//! Synchronising a source behind the network: what waits for it is sent, what changed is read.
//!
//! One process does it at a time; the others see its result in the store. Everything is written in one step at the end,
//! so a process that dies in between leaves what was there.

mod outbox;
mod push;
mod turn;

use std::cell::RefCell;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use config::SourceConfig;
use connectors::{Connector, Coverage, Lookup, Outcome, Sink, Succession};
use engine::{Change, RootId};
use finding::{Finding, FindingId, StatusValue};
use store::{Store, Update};

use super::pull::{self, thousands};
use super::remote::Identified;
use super::{Inner, Network, Progress, lock, remote, sources};

pub(crate) use outbox::{Queued, Waiting, Wish, words};
pub(super) use outbox::{discard, enqueue, is_awaited, kept as kept_outboxes, pending, retry, waiting};
pub(crate) use push::Delivery;
use push::Unsent;
pub(super) use push::deliver;
pub(super) use turn::Turns;

/// How long what was read waits for another process that keeps the cache locked, each time it is written.
const PATIENCE: Duration = Duration::from_secs(40);

/// What came of sending and reading, before anybody is told.
pub(super) struct Begun {
    /// The store that readers had.
    before: Arc<Mutex<Store>>,
    result: Result<Done, String>,
    /// Entries of the outbox that were tried.
    tried: usize,
}

/// Sends and reads; nothing where this process may not use the network. Whoever asked for it waits for no pause.
pub(super) fn source(inner: &Inner, path: &Path, source: &SourceConfig, is_asked: bool) -> Option<Begun> {
    if inner.judging.network == Network::Silent {
        return None;
    }
    let is_asked = is_asked || inner.judging.network == Network::Asked;
    sources::declare(inner, path, source);
    let before = sources::open(inner, path, &source.name);
    let mut tried = 0;
    let result = bring(inner, path, source, is_asked, &mut tried);
    Some(Begun { before, result, tried })
}

/// What everybody is told of it.
pub(super) fn told(
    inner: &Inner,
    root: RootId,
    path: &Path,
    source: &SourceConfig,
    known: Option<u64>,
    begun: Begun,
) -> Vec<Change> {
    let pulled = |result: Result<_, store::Error>| {
        let result = result.map_err(|error| error.to_string());
        vec![Change::Pulled { root, source: source.name.as_str().into(), result }]
    };
    let mut changes = match begun.result {
        Ok(Done::Elsewhere | Done::Stopped) => Vec::new(),
        Ok(Done::Read) => {
            // Another store counts its revisions anew: what is known is none of its.
            let known = known.filter(|_| is_in_use(inner, path, source, &begun.before));
            pulled(pull::stored(inner, path, source, known))
        }
        Err(why) => {
            lock(&inner.troubles).insert((path.to_path_buf(), source.name.clone()), why);
            pulled(pull::stored(inner, path, source, None))
        }
    };
    // What was sent, or cannot be, is told on the diagnostics.
    if begun.tried > 0 || inner.is_law_outdated(path) {
        changes.push(Change::Reconsider);
    }
    changes
}

fn is_in_use(inner: &Inner, path: &Path, source: &SourceConfig, store: &Arc<Mutex<Store>>) -> bool {
    Arc::ptr_eq(store, &sources::open(inner, path, &source.name))
}

enum Done {
    Read,
    /// Another process is at it, or another thread waits to do it.
    Elsewhere,
    Stopped,
}

fn bring(inner: &Inner, path: &Path, source: &SourceConfig, is_asked: bool, tried: &mut usize) -> Result<Done, String> {
    let connector = remote::connector(inner, path, source)?;
    let identified = remote::identify(inner, path, source, connector.as_ref())?;
    sources::declare(inner, path, source);
    let mut writer = sources::writer(inner, path, &source.name);
    if is_asked {
        outbox::hurry(inner, path, source);
    }
    // Who is at it has sent already: what was queued since is waited for by whoever queued it.
    let is_due = || outbox::is_due(inner, path, source);
    let turn = inner.turns.wait(&writer, (path, &source.name), is_asked, &is_due, &|| inner.is_stopped());
    let Some(_held) = turn else { return Ok(Done::Elsewhere) };
    let is_ours = |known: &Identified| sources::is_kept_for(inner, path, &source.name, &known.account.id);
    if !identified.as_ref().is_none_or(is_ours) {
        // Another process signed in as somebody else meanwhile: the next synchronisation is theirs.
        return Ok(Done::Elsewhere);
    }
    let identified = identified.as_ref();
    let unsent = match push::send(inner, path, source, (connector.as_ref(), identified), &mut writer, tried) {
        Ok(()) => None,
        // What keeps triage from being sent keeps findings from being read.
        Err(Unsent::Source(why)) => return Err(why),
        Err(Unsent::Outbox(why)) => Some(why),
    };
    let result = stored(inner, path, source, (connector.as_ref(), identified), writer);
    inner.listener.progress(Progress { source: source.name.clone(), state: None });
    match (result, unsent) {
        (Ok(()), Some(why)) => Err(format!("Triage that waits was not sent: {why}")),
        (Ok(()), None) => {
            lock(&inner.troubles).remove(&(path.to_path_buf(), source.name.clone()));
            tracing::info!(source = source.name, tried, "synchronised");
            Ok(Done::Read)
        }
        (Err(Trouble::Stopped), _) => Ok(Done::Stopped),
        (Err(Trouble::Failed(why)), _) => Err(why),
        (Err(Trouble::Store(error)), _) => Err(error.to_string()),
    }
}

enum Trouble {
    Stopped,
    Failed(String),
    Store(store::Error),
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

/// Reads, and once more into another store where the first is of no use.
fn stored(
    inner: &Inner,
    path: &Path,
    source: &SourceConfig,
    (connector, identified): (&dyn Connector, Option<&Identified>),
    mut writer: Store,
) -> Result<(), Trouble> {
    // What was read is worth waiting for: nobody waits for this thread.
    writer.wait_for(PATIENCE)?;
    let mut result = read(inner, path, source, (connector, identified), &mut writer);
    if let Err(Trouble::Store(error)) = &result {
        tracing::warn!(source = source.name, %error, "what was read cannot be kept there");
        let Some(other) = sources::instead(inner, path, &source.name, writer, error) else { return result };
        writer = other;
        result = read(inner, path, source, (connector, identified), &mut writer);
    }
    if result.is_ok() {
        sources::publish(inner, path, &source.name, writer);
    }
    result
}

fn read(
    inner: &Inner,
    path: &Path,
    source: &SourceConfig,
    (connector, identified): (&dyn Connector, Option<&Identified>),
    writer: &mut Store,
) -> Result<(), Trouble> {
    let previous = writer.meta()?;
    let cursor = previous.as_ref().and_then(|meta| meta.cursor.clone()).filter(|_| !inner.judging.is_full);
    let begun = Instant::now();
    let report = |progress: connectors::Progress| {
        let state = pace(&progress, begun.elapsed());
        inner.listener.progress(Progress { source: source.name.clone(), state: Some(state) });
    };
    let now = crate::clock::now().to_string();
    let mut update = writer.update()?;
    let mut sink = Into { update: &mut update, failure: RefCell::default() };
    let pulled = connector.pull(cursor.as_deref(), &mut sink, &|| inner.is_stopped(), &report);
    if let Some(error) = sink.failure.take() {
        return Err(error.into());
    }
    let outcome = match pulled {
        Ok(outcome) => outcome,
        Err(connectors::Error::Cancelled) => return Err(Trouble::Stopped),
        Err(error) => return Err(Trouble::Failed(error.to_string())),
    };
    if !remote::is_still(inner, source, identified) {
        let why =
            format!("Somebody signed in while \"{}\" was read: what came is not kept, and read again.", source.name);
        return Err(Trouble::Failed(why));
    }
    if outcome.unchanged {
        drop(update);
        return Ok(writer.confirm_from(&now, Some(&outcome.cursor))?);
    }
    if !outcome.successions.is_empty() {
        let told = outcome.successions.iter().map(|succession| succeeded(&source.name, succession)).collect();
        lock(&inner.successions).insert((path.to_path_buf(), source.name.clone()), told);
    }
    let before = previous.unwrap_or_default();
    let meta = meta_of(inner, path, &outcome, before, now);
    for id in &outcome.removed {
        update.remove(id)?;
    }
    match outcome.coverage {
        Coverage::Whole if outcome.complete => update.commit_whole(meta)?,
        Coverage::Whole | Coverage::Changes => update.commit(meta)?,
    };
    Ok(())
}

/// Which pair, and what became of what was decided.
fn succeeded(source: &str, succession: &Succession) -> String {
    let Succession { finding, number, earlier, decision, is_carried } = succession;
    let decided = decision.as_ref().map(|status| match status.value {
        StatusValue::FalsePositive => "false positive",
        StatusValue::RiskAccepted => "accepted risk",
        StatusValue::OutOfScope => "out of scope",
        StatusValue::Mitigated => "fixed",
        StatusValue::Duplicate => "duplicate",
        StatusValue::Open => "open",
    });
    let pair = format!("{source}: {finding} is #{number} there now and was #{earlier}, the same code at another line");
    match (decided, is_carried) {
        (None, _) => format!("{pair}. Nothing had been decided."),
        (Some(word), true) => format!("{pair}. What was decided of #{earlier} holds on: {word}."),
        (Some(word), false) => format!(
            "{source}: {finding} is #{number} there and resembles #{earlier}, which was decided as {word}. Whether both are \
             the same code cannot be told, so that decision stays with #{earlier} alone; say what #{number} is."
        ),
    }
}

fn meta_of(inner: &Inner, path: &Path, outcome: &Outcome, before: store::SourceMeta, now: String) -> store::SourceMeta {
    let mut meta = pull::meta_of(inner, path, outcome, now);
    meta.application = meta.application.or(before.application);
    if outcome.coverage == Coverage::Changes {
        // Changes alone do not say which scan is the newest, nor that what was missing came.
        meta.scanned_at = meta.scanned_at.max(before.scanned_at);
        meta.scan_commit = meta.scan_commit.or(before.scan_commit);
        meta.assumed_commit = meta.assumed_commit.or(before.assumed_commit);
        let mut tools = before.tools;
        tools.extend(std::mem::take(&mut meta.tools));
        tools.sort_unstable();
        tools.dedup();
        meta.tools = tools;
        if !outcome.complete {
            // Not all changes came: this was no successful reading.
            meta.synced_at = before.synced_at;
        }
    }
    meta
}

/// "4,200 of 20,000 findings, 830 a second, 19 s left".
fn pace(progress: &connectors::Progress, elapsed: Duration) -> String {
    let (done, total) = (progress.done, progress.total);
    let of = if total > 0 { format!(" of {}", thousands(count(total))) } else { String::new() };
    let mut words = vec![format!("{}{of}", thousands(count(done))), progress.what.clone()];
    let seconds = elapsed.as_secs();
    if seconds > 0 && done > 0 {
        let rate = (done / seconds).max(1);
        words.push(format!("{} a second", thousands(count(rate))));
        if total > done {
            words.push(format!("{} s left", thousands(count((total - done) / rate))));
        }
    }
    words.join(", ")
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

struct Into<'u, 's> {
    update: &'u mut Update<'s>,
    /// Why the store could not go on, of which the connector only knows the words.
    failure: RefCell<Option<store::Error>>,
}

impl Into<'_, '_> {
    fn kept<T>(&self, result: Result<T, store::Error>) -> Result<T, String> {
        result.map_err(|error| {
            let words = error.to_string();
            self.failure.replace(Some(error));
            words
        })
    }
}

impl Sink for Into<'_, '_> {
    fn finding(&mut self, finding: Finding) -> Result<(), String> {
        let done = self.update.upsert(finding);
        self.kept(done)
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(self)
    }
}

impl Lookup for Into<'_, '_> {
    fn finding(&self, id: &FindingId) -> Result<Option<Finding>, String> {
        self.kept(self.update.stored(id))
    }
}
