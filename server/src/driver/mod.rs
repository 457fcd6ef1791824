//! Performs the engine's jobs, for the server and the command line alike.
//!
//! In: changes. Out: jobs done on a small pool of threads, their results applied as further changes, and a listener
//! told of every effect in order. Never: an opinion; whatever is decided is decided in the engine.

mod baselines;
mod crew;
pub(crate) mod history;
pub(crate) mod judging;
pub(crate) mod law;
pub(crate) mod likeness;
mod load;
mod look;
mod map;
mod perform;
mod place;
mod pool;
mod pull;
mod remote;
pub mod schedule;
mod sources;
mod sync;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use connectors::http::Client;
use dashmap::DashMap;
use engine::{Change, Effects, Host, Placing, RootId, Snapshot};
use repo::files::Read;
use repo::{Repo, TreeView};
use store::Store;

use baselines::Baselines;
use crew::Crew;
pub use judging::{Judging, Network};
use law::{Law, Laws};
pub(crate) use look::{Answer, Look};
use pool::Pool;
pub(crate) use remote::{Credential, Examined};
pub(crate) use sync::{Delivery, Queued, Waiting, Wish, words};

/// A text longer than this is placed without being read whole: nobody reviews such a file by hand.
pub const MAX_TEXT: usize = 8 << 20;

/// Is told what happens. Calls come in order, under the engine's lock: they must not block or call back.
pub trait Listener: Send + Sync {
    /// Something changed.
    fn changed(&self, snapshot: &Snapshot, effects: &Effects);
    /// A source is being read.
    fn progress(&self, _progress: Progress) {}
}

/// How far a source is read.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Its name.
    pub source: String,
    /// In words ("3,000 findings"); `None` when done.
    pub state: Option<String>,
}

/// Where this process keeps things.
#[derive(Debug, Clone)]
pub struct Places {
    /// Cache folder.
    pub cache: PathBuf,
    /// Folder of what cannot be fetched again.
    pub data: PathBuf,
}

/// The loop around the engine.
#[derive(Clone)]
pub struct Driver {
    inner: Arc<Inner>,
}

/// A root's folder and the name of one of its sources.
type SourceKey = (PathBuf, String);
type SharedStore = Arc<Mutex<Store>>;

struct Inner {
    host: Mutex<Host>,
    pool: Pool,
    crew: Crew,
    places: Places,
    listener: Box<dyn Listener>,
    stores: Mutex<HashMap<SourceKey, SharedStore>>,
    notices: Mutex<HashMap<SourceKey, Vec<String>>>,
    /// How often a store was found to be damaged.
    renewed: Mutex<HashMap<SourceKey, u32>>,
    /// A store was emptied: what belongs in there is to be read again.
    is_emptied: AtomicBool,
    /// What sources behind the network are kept under.
    keys: Mutex<HashMap<SourceKey, store::Key>>,
    /// Findings that came back under another number, as read by this process, in words.
    successions: Mutex<HashMap<SourceKey, Vec<String>>>,
    /// Why the last synchronisation failed.
    troubles: Mutex<HashMap<SourceKey, String>>,
    /// Held from when a source's state is looked at until the engine has it: what was seen later is told later.
    tellings: Mutex<HashMap<SourceKey, Arc<Mutex<()>>>>,
    turns: Arc<sync::Turns>,
    looks: look::Looks,
    client: Mutex<Option<Client>>,
    /// Who this process is at each server.
    identified: Mutex<HashMap<config::Origin, remote::Identified>>,
    outbox: Mutex<Option<store::outbox::Outbox>>,
    /// A second one for looking, which waits for nobody who writes.
    outbox_view: Mutex<Option<store::outbox::Outbox>>,
    /// What happened to caches and the outbox in this process and is over; full sentences.
    remarks: Mutex<Vec<String>>,
    repos: DashMap<PathBuf, Option<Repo>>,
    baselines: Baselines,
    judging: Judging,
    trees: DashMap<PathBuf, TreeView>,
    laws: Laws,
    manifests: place::Parsed,
    /// By root: the commit that a change is told against, and what it is.
    bases: Mutex<HashMap<PathBuf, Option<(String, String)>>>,
    under_way: Mutex<usize>,
    quiet: Condvar,
    stopped: AtomicBool,
}

impl Driver {
    /// Starts the threads.
    #[must_use]
    pub fn new(places: Places, judging: Judging, listener: Box<dyn Listener>) -> Self {
        let threads = std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8));
        Self {
            inner: Arc::new(Inner {
                host: Mutex::new(Host::default()),
                pool: Pool::new(threads),
                // At a terminal somebody waits for it; beside an editor somebody types.
                crew: Crew::new(judging.network == Network::InTurn),
                places,
                listener,
                stores: Mutex::default(),
                notices: Mutex::default(),
                renewed: Mutex::default(),
                is_emptied: AtomicBool::new(false),
                keys: Mutex::default(),
                successions: Mutex::default(),
                troubles: Mutex::default(),
                tellings: Mutex::default(),
                turns: Arc::default(),
                looks: look::Looks::default(),
                client: Mutex::default(),
                identified: Mutex::default(),
                outbox: Mutex::default(),
                outbox_view: Mutex::default(),
                remarks: Mutex::default(),
                repos: DashMap::new(),
                baselines: Baselines::default(),
                judging,
                trees: DashMap::new(),
                laws: Laws::default(),
                manifests: place::Parsed::default(),
                bases: Mutex::default(),
                under_way: Mutex::new(0),
                quiet: Condvar::new(),
                stopped: AtomicBool::new(false),
            }),
        }
    }

    /// The state of now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        lock(&self.inner.host).snapshot()
    }

    /// Lets one thing happen and starts the jobs it asks for. Never blocks on them. `false`: the change was refused
    /// because handling it panicked; the state is as before.
    #[expect(clippy::must_use_candidate, reason = "mostly called for its effect")]
    pub fn apply(&self, change: Change) -> bool {
        self.apply_with(|_| Some(change))
    }

    /// Like [`Self::apply`], with the change made from the state it will meet (positions of an edit need the text).
    pub fn apply_with(&self, make: impl FnOnce(&Snapshot) -> Option<Change>) -> bool {
        let mut host = lock(&self.inner.host);
        let done = catch_unwind(AssertUnwindSafe(|| {
            let change = make(&host.snapshot());
            change.map(|change| host.apply(change))
        }));
        match done {
            Ok(Some(effects)) => {
                self.inner.listener.changed(&host.snapshot(), &effects);
                drop(host);
                for job in effects.jobs {
                    self.start(job);
                }
                true
            }
            Ok(None) => true,
            Err(_) => {
                tracing::error!("a change was dropped: handling it panicked");
                false
            }
        }
    }

    /// Waits until no job is queued or running.
    pub fn wait_until_quiet(&self) {
        let mut under_way = lock(&self.inner.under_way);
        while *under_way > 0 {
            under_way = self.inner.quiet.wait(under_way).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Tells running jobs to give up; used on the way out.
    pub fn stop(&self) {
        self.inner.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether running jobs are to give up.
    pub(crate) fn is_stopped(&self) -> bool {
        self.inner.is_stopped()
    }

    /// The store of a source, opened once.
    #[must_use]
    pub fn store(&self, root: &Path, source: &str) -> Arc<Mutex<Store>> {
        sources::open(&self.inner, root, source)
    }

    /// A file of the judged tree.
    pub(crate) fn read(&self, root: &Path, path: &str) -> Result<Read, repo::Error> {
        self.inner.read(root, path, MAX_TEXT)
    }

    /// Looks a group over once more, steps of data flows included. The asker's thread does it.
    pub(crate) fn inspect(&self, snapshot: &Snapshot, root: RootId, home: &str) -> Option<Placing> {
        let job = snapshot.inspection(root, home)?;
        let inspected = catch_unwind(AssertUnwindSafe(|| place::group(&self.inner, job)));
        inspected.inspect_err(|_| tracing::error!("an inspection panicked")).ok()
    }

    /// A file's text at a commit; `None` when it has no such text.
    pub(crate) fn text_at(&self, root: &Path, commit: &str, path: &str) -> Option<Arc<str>> {
        let repo = self.inner.repo(root)?;
        repo.text_at(commit, &format!("{}{path}", repo.prefix_of(root)?)).ok().and_then(repo::Content::decoded)
    }

    /// Whether a commit has a file of this name, of whatever content.
    pub(crate) fn is_at(&self, root: &Path, commit: &str, path: &str) -> bool {
        let Some(repo) = self.inner.repo(root) else { return false };
        let prefix = repo.prefix_of(root).unwrap_or_default();
        repo.blob_at(commit, &format!("{prefix}{path}")).is_some()
    }

    /// The submodule that a scanned path lies in.
    pub(crate) fn submodule_of(&self, root: &Path, scanned: &str) -> Option<law::Submodule> {
        law::submodule_of(&self.inner, root, scanned)
    }

    /// The first remote's address as a web page, for reports.
    pub(crate) fn repository_address(&self, root: &Path) -> Option<String> {
        let url = self.inner.repo(root)?.repository_urls().into_iter().next()?;
        Some(format!("https://{url}"))
    }

    /// Files of the judged tree that differ from the base of the change; an error is a sentence for people.
    pub(crate) fn changed_files(&self, root: &Path) -> Result<Vec<Arc<str>>, String> {
        law::changed_files(&self.inner, root)
    }

    /// Whether all that a source reads here was there before the change at hand.
    pub(crate) fn is_reviewed(&self, root: &Path, source: &config::SourceConfig) -> bool {
        pull::is_reviewed(&self.inner, root, source)
    }

    /// Whether triage of a source's findings goes to the source.
    #[expect(clippy::unused_self, reason = "whoever asks has a driver, and other kinds may ask their server")]
    pub(crate) fn takes_triage(&self, source: &config::SourceConfig) -> bool {
        source.kind == config::SourceKind::DefectDojo
    }

    /// Queues triage, all or none, durable when this returns; what became of each.
    pub(crate) fn enqueue(&self, root: &Path, wishes: &[Wish<'_>]) -> Result<Vec<Queued>, String> {
        sync::enqueue(&self.inner, root, wishes)
    }

    /// Whether anything that was said of a finding is not confirmed yet.
    pub(crate) fn is_awaited(&self, root: &Path, source: &config::SourceConfig, finding: &finding::FindingId) -> bool {
        sync::is_awaited(&self.inner, root, source, finding)
    }

    /// Findings of a root that came back under another number since this process began, one sentence each.
    pub(crate) fn successions(&self, root: &Path) -> Vec<String> {
        let known = lock(&self.inner.successions);
        let mut here: Vec<_> = known.iter().filter(|((path, _), _)| path == root).collect();
        here.sort_by_key(|((_, source), _)| source.clone());
        here.into_iter().flat_map(|(_, told)| told.clone()).collect()
    }

    /// Sends what waits for a root's sources now.
    pub(crate) fn deliver(&self, root: &Path) -> Delivery {
        sync::deliver(&self.inner, root)
    }

    /// Has one sent again, whatever its source has now; its whole name.
    pub(crate) fn retry(&self, id: &str) -> Result<String, String> {
        sync::retry(&self.inner, id)
    }

    /// Gives one up; what it was.
    pub(crate) fn discard(&self, id: &str) -> Result<Waiting, String> {
        sync::discard(&self.inner, id)
    }

    /// Triage of a root's sources that is not confirmed yet; an error is a sentence for people.
    pub(crate) fn waiting(&self, root: &Path) -> Result<Vec<sync::Waiting>, String> {
        sync::waiting(&self.inner, root)
    }

    /// What happened to caches and the outbox, full sentences: that one was damaged, and where the damaged file is.
    pub(crate) fn remarks(&self) -> Vec<String> {
        lock(&self.inner.remarks).clone()
    }

    /// Damaged outboxes that are kept and that no notice tells of, one sentence each.
    pub(crate) fn kept_outboxes(&self) -> Vec<String> {
        sync::kept_outboxes(&self.inner)
    }

    /// The credential of a server is another now: it is looked up anew, and everything is read with it.
    pub(crate) fn signed_in(&self, origin: &config::Origin) {
        // Without a client there is no credential to forget.
        if let Ok(client) = self.inner.client() {
            client.forget(origin);
        }
        self.inner.looks.forget();
        self.apply(Change::Refresh);
    }

    /// Looks at the server of a source behind the network, and asks it who asks and what of it belongs here. `None`: the
    /// source lies on this machine.
    pub(crate) fn examine(&self, root: &Path, source: &config::SourceConfig) -> Option<Examined> {
        remote::examine(&self.inner, root, source)
    }

    /// Reads the policy bundles behind URLs anew: what came of each, in words.
    pub(crate) fn pull_policies(&self, root: &Path) -> Vec<Result<String, String>> {
        self.inner.pull_policies(root)
    }

    /// What is in force in a root.
    pub(crate) fn law(&self, root: &Path) -> Arc<Law> {
        self.inner.law(root)
    }
}

impl Inner {
    /// Keeps sentences for people to be told.
    fn remark(&self, notices: Vec<String>) {
        let mut known = lock(&self.remarks);
        for notice in notices.into_iter().filter(|notice| !notice.is_empty()) {
            tracing::warn!("{notice}");
            if !known.contains(&notice) {
                known.push(notice);
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// The repository around a root, opened once.
    fn repo(&self, root: &Path) -> Option<Repo> {
        if let Some(known) = self.repos.get(root) {
            return known.clone();
        }
        let found = Repo::discover(root).unwrap_or_else(|error| {
            tracing::warn!(%error, "git repository not usable");
            None
        });
        let found = found.map(|repo| match &self.judging.index_file {
            Some(file) => repo.with_index_file(file),
            None => repo,
        });
        self.repos.insert(root.to_path_buf(), found.clone());
        found
    }
}

/// A lock whose holder panicked still guards consistent data: the engine swaps whole states.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
