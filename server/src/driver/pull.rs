//! Reading a source: from its store at once, and from its origin where that changed.

mod reviewed;
mod united;

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use config::SourceConfig;
use connectors::sarif::{Limits, SarifFiles};
use connectors::{Connector, Outcome, Sink};
use engine::{Change, Pulled, RootId, SourceMeta};
use finding::{Finding, FindingId, Index};
use store::Store;

use super::{Inner, Progress, lock, sources};

pub(super) use reviewed::is_reviewed;

/// Commits looked back through for the one a scan was made of.
const MOST_COMMITS: usize = 5_000;

/// How long to wait for another process that reads the same source.
const PATIENCE: Duration = Duration::from_mins(2);

/// What is stored comes first, so that an editor shows something at once; then what the origin says.
pub(super) fn source(
    inner: &Inner,
    root: RootId,
    path: &Path,
    source: &SourceConfig,
    known: Option<u64>,
) -> Vec<Change> {
    let pulled = |result| Change::Pulled { root, source: source.name.as_str().into(), result };
    if source.is_remote() {
        sources::declare(inner, path, source);
        let mut changes = vec![pulled(stored(inner, path, source, known).map_err(|error| error.to_string()))];
        // Another process of this user may have queued triage, or had it confirmed.
        if inner.is_law_outdated(path) {
            changes.push(Change::Reconsider);
        }
        return changes;
    }
    let connector = match SarifFiles::new(path, &source.name, &source.path, Limits::default()) {
        Ok(connector) => connector,
        Err(error) => return vec![pulled(Err(error.to_string()))],
    };
    if inner.judging.is_strict {
        match reviewed::copy(inner, path, source) {
            Ok(None) => {}
            Ok(Some(folder)) => return vec![pulled(united::read(inner, path, source, &connector, folder.path()))],
            Err(why) => return vec![pulled(Err(why))],
        }
    }
    let mut result = read(inner, path, source, &connector, known);
    if let Err(Trouble::Store(error)) = &result
        && sources::renew(inner, path, &source.name, error)
    {
        result = read(inner, path, source, &connector, None);
    }
    match result {
        Ok(data) => vec![pulled(Ok(data))],
        Err(Trouble::Store(error)) => vec![pulled(Err(error.to_string()))],
        Err(Trouble::Failed(why)) => vec![pulled(Err(why))],
        Err(Trouble::Stopped) => Vec::new(),
    }
}

/// What is stored of a source behind the network; synchronising it is another matter.
pub(super) fn stored(
    inner: &Inner,
    path: &Path,
    source: &SourceConfig,
    known: Option<u64>,
) -> Result<Pulled, store::Error> {
    let store = sources::open(inner, path, &source.name);
    let trouble = lock(&inner.troubles).get(&(path.to_path_buf(), source.name.clone())).cloned();
    let loaded = match load(inner, path, source, &store, known, trouble.clone()) {
        Err(error) if sources::renew(inner, path, &source.name, &error) => {
            drop(store);
            let store = sources::open(inner, path, &source.name);
            load(inner, path, source, &store, None, trouble.clone())
        }
        loaded => loaded,
    };
    match loaded {
        Err(store::Error::NeverSynced { .. }) => {
            let never = || "It was never synchronised: `aspm-lsp sync` reads it, and so does an editor.".to_owned();
            let mut problems = vec![trouble.unwrap_or_else(never)];
            problems.extend(sources::notices(inner, path, &source.name));
            let meta = SourceMeta { problems, is_incomplete: true, ..SourceMeta::default() };
            Ok(Pulled { meta, index: Some(Arc::new(Index::default())), has_data: false })
        }
        loaded => loaded,
    }
}

enum Trouble {
    Store(store::Error),
    Failed(String),
    Stopped,
}

fn read(
    inner: &Inner,
    path: &Path,
    source: &SourceConfig,
    connector: &SarifFiles,
    known: Option<u64>,
) -> Result<Pulled, Trouble> {
    let store = sources::open(inner, path, &source.name);
    match pull(inner, path, source, connector, &store) {
        Ok(()) => load(inner, path, source, &store, known, None).map_err(Trouble::Store),
        Err(Failure::NoData(why)) => {
            let meta = SourceMeta { problems: vec![why], is_incomplete: true, ..SourceMeta::default() };
            Ok(Pulled { meta, index: Some(Arc::new(Index::default())), has_data: false })
        }
        Err(Failure::Kept(why)) => match load(inner, path, source, &store, known, Some(why.clone())) {
            Err(store::Error::NeverSynced { .. }) => Err(Trouble::Failed(why)),
            loaded => loaded.map_err(Trouble::Store),
        },
        Err(Failure::Store(error)) => Err(Trouble::Store(error)),
        Err(Failure::Stopped) => Err(Trouble::Stopped),
    }
}

enum Failure {
    /// There is nothing: not "no findings".
    NoData(String),
    /// It could not be read; what is stored still counts.
    Kept(String),
    /// The store itself is of no use.
    Store(store::Error),
    Stopped,
}

/// Brings the store up to date.
fn pull(
    inner: &Inner,
    path: &Path,
    source: &SourceConfig,
    connector: &SarifFiles,
    store: &Arc<Mutex<Store>>,
) -> Result<(), Failure> {
    let mut writer = Writer::new(inner, path, source, store);
    let _lock = wait_for_lock(inner, &mut writer)?;
    let previous = writer.with(|store| store.meta()).map_err(Failure::Store)?;
    let cursor = previous.as_ref().and_then(|meta| meta.cursor.clone());
    match attempt(inner, path, source, connector, &mut writer, cursor.as_deref()) {
        Ok(()) => Ok(()),
        Err(Attempt::Store(why)) => {
            // A full or read-only disk must not cost the developer the findings: this session keeps them in memory.
            let why = format!("{why} The findings of source \"{}\" are kept in memory for this session.", source.name);
            let memory = sources::replace_in_memory(inner, path, &source.name, why);
            match attempt(inner, path, source, connector, &mut Writer::Shared(memory), None) {
                Ok(()) => Ok(()),
                Err(Attempt::Store(why)) => Err(Failure::Kept(why)),
                Err(Attempt::Failed(failure)) => Err(failure),
            }
        }
        Err(Attempt::Failed(failure)) => Err(failure),
    }
}

enum Attempt {
    Store(String),
    Failed(Failure),
}

fn attempt(
    inner: &Inner,
    path: &Path,
    source: &SourceConfig,
    connector: &SarifFiles,
    writer: &mut Writer,
    previous: Option<&str>,
) -> Result<(), Attempt> {
    let storing = |error: store::Error| Attempt::Store(error.to_string());
    let now = crate::clock::now().to_string();
    writer.with(|store| {
        let mut replace = store.replace().map_err(storing)?;
        let mut sink = Into { replace: &mut replace, seen: HashSet::new() };
        let report = |progress: connectors::Progress| {
            let state = format!("{} findings, {}", thousands(progress.findings), progress.what);
            inner.listener.progress(Progress { source: source.name.clone(), state: Some(state) });
        };
        let outcome = connector.pull(previous, &mut sink, &|| inner.is_stopped(), &report);
        inner.listener.progress(Progress { source: source.name.clone(), state: None });
        match outcome {
            Ok(outcome) if outcome.unchanged => {
                drop(replace);
                store.confirm(&now).map_err(storing)?;
            }
            Ok(outcome) => {
                let seen = sink.seen;
                let mut meta = meta_of(inner, path, &outcome, now);
                if !outcome.complete {
                    let kept = missing(inner, path, source, &seen).map_err(storing)?;
                    let count_kept = kept.len();
                    for finding in kept {
                        replace.push(finding).map_err(storing)?;
                    }
                    if count_kept > 0 {
                        let count = thousands(count_kept);
                        meta.problems
                            .push(format!("{count} of the findings read before are kept until all can be read again."));
                    }
                }
                replace.commit(meta).map_err(storing)?;
            }
            Err(connectors::Error::Sink(why)) => return Err(Attempt::Store(why)),
            Err(connectors::Error::Cancelled) => return Err(Attempt::Failed(Failure::Stopped)),
            Err(error @ connectors::Error::NoLogs { .. }) => {
                return Err(Attempt::Failed(Failure::NoData(error.to_string())));
            }
            Err(error) => return Err(Attempt::Failed(Failure::Kept(error.to_string()))),
        }
        Ok(())
    })
}

pub(super) fn meta_of(inner: &Inner, path: &Path, outcome: &Outcome, now: String) -> store::SourceMeta {
    let mut problems: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
    if outcome.scan_failed {
        problems.push("A scan says of itself that it failed: there may be more findings than it lists.".to_owned());
    }
    // A log of no run at all is no proof that anybody looked.
    let is_nobodys = outcome.tools.is_empty() && outcome.logs > 0 && outcome.coverage == connectors::Coverage::Whole;
    if is_nobodys {
        problems.push("No tool says that it ran: a log without runs proves nothing.".to_owned());
    }
    store::SourceMeta {
        cursor: Some(outcome.cursor.clone()),
        synced_at: now,
        scanned_at: outcome.scanned_at.clone(),
        scan_commit: outcome.scan_commit.clone(),
        assumed_commit: assumed_commit(inner, path, outcome.scanned_at.as_deref()),
        application: outcome.application.clone(),
        problems,
        is_incomplete: !outcome.complete || outcome.scan_failed || is_nobodys,
        tools: outcome.tools.iter().map(|tool| tool.name.clone()).collect(),
        ..store::SourceMeta::default()
    }
}

/// A log that names no commit was most likely made of what was checked out when the scan ended; without a time, of what
/// is checked out when the log is first seen.
fn assumed_commit(inner: &Inner, path: &Path, scanned_at: Option<&str>) -> Option<String> {
    let repo = inner.repo(path)?;
    let head = repo.head().ok()?.commit?;
    let time = scanned_at.and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let then = time.and_then(|time| repo.commit_at(&head, time.as_second(), MOST_COMMITS));
    Some(then.unwrap_or(head))
}

/// What is stored, as the engine takes it; the index only when it is another than the known one.
fn load(
    inner: &Inner,
    path: &Path,
    source: &SourceConfig,
    before: &Arc<Mutex<Store>>,
    known: Option<u64>,
    trouble: Option<String>,
) -> Result<Pulled, store::Error> {
    // The store may have been replaced by one in memory.
    let store = sources::open(inner, path, &source.name);
    let known = known.filter(|_| Arc::ptr_eq(before, &store));
    // Each account's store counts anew: that one's fifth revision is not this one's.
    let salt = sources::salt(inner, path, &source.name);
    let revision = lock(&store).revision()? | salt;
    let (meta, index) = if known == Some(revision) {
        (lock(&store).meta()?.unwrap_or_default(), None)
    } else {
        let (meta, index) = lock(&store).load_index()?;
        (meta, Some(Arc::new(index)))
    };
    // What was wrong with an earlier reading is no news beside what is wrong with this one.
    let is_incomplete = meta.is_incomplete || trouble.is_some();
    let mut problems = trouble.map_or(meta.problems, |trouble| vec![trouble]);
    problems.extend(sources::notices(inner, path, &source.name));
    let meta = SourceMeta {
        revision: meta.revision | salt,
        synced_at: Some(meta.synced_at).filter(|at| !at.is_empty()),
        scanned_at: meta.scanned_at,
        scan_commit: meta.scan_commit,
        assumed_commit: meta.assumed_commit,
        problems,
        is_incomplete,
        tools: meta.tools,
    };
    Ok(Pulled { meta, index, has_data: true })
}

/// A store to write to that does not keep readers waiting where there are two connections to be had.
pub(super) enum Writer {
    Own(Box<Store>),
    Shared(Arc<Mutex<Store>>),
}

impl Writer {
    pub(super) fn new(inner: &Inner, path: &Path, source: &SourceConfig, store: &Arc<Mutex<Store>>) -> Self {
        let is_on_disk = lock(store).path().is_some();
        let second = is_on_disk.then(|| sources::second(inner, path, &source.name));
        match second.filter(|second| second.path().is_some()) {
            Some(second) => Self::Own(Box::new(second)),
            None => Self::Shared(store.clone()),
        }
    }

    pub(super) fn with<T>(&mut self, work: impl FnOnce(&mut Store) -> T) -> T {
        match self {
            Self::Own(store) => work(store),
            Self::Shared(store) => work(&mut lock(store)),
        }
    }
}

/// One process reads a source at a time; the others find its result in the store.
fn wait_for_lock(inner: &Inner, writer: &mut Writer) -> Result<Option<store::SyncLock>, Failure> {
    let begun = Instant::now();
    loop {
        if let Some(held) = writer.with(|store| store.try_lock_sync()) {
            return Ok(Some(held));
        }
        if inner.is_stopped() {
            return Err(Failure::Stopped);
        }
        if begun.elapsed() > PATIENCE {
            return Err(Failure::Kept("Another process has been reading this source for minutes.".to_owned()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What was known and did not come again: with the origin read in part only, that does not mean fixed.
fn missing(
    inner: &Inner,
    path: &Path,
    source: &SourceConfig,
    seen: &HashSet<FindingId>,
) -> Result<Vec<Finding>, store::Error> {
    let reader = sources::second(inner, path, &source.name);
    let known = match reader.load_index() {
        Ok((_, known)) => known,
        Err(store::Error::NeverSynced { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut kept = Vec::new();
    for row in known.rows().iter().filter(|row| !seen.contains(&row.id)) {
        kept.extend(reader.finding(&row.id)?);
    }
    Ok(kept)
}

struct Into<'r, 's> {
    replace: &'r mut store::Replace<'s>,
    seen: HashSet<FindingId>,
}

impl Sink for Into<'_, '_> {
    fn finding(&mut self, finding: Finding) -> Result<(), String> {
        let id = finding.id.clone();
        self.replace.push(finding).map_err(|error| error.to_string())?;
        self.seen.insert(id);
        Ok(())
    }
}

pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
