//! What was found in files that nobody has open: kept by name and digest, for clients that pull the whole workspace.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::FileRef;
use lsp_types::Uri;
use tokio::sync::watch;

use crate::driver::lock;

/// The files with diagnostics that are closed now.
pub(crate) struct Closed {
    reports: Mutex<BTreeMap<Uri, Report>>,
    changes: watch::Sender<u64>,
    /// Counts requests for the workspace: the newest one is told of changes.
    asked: AtomicU64,
    /// Of those, requests whose client takes partial results.
    streams: AtomicU64,
}

#[derive(Debug, Clone)]
struct Report {
    file: FileRef,
    result_id: String,
    /// Which change brought it, after it had none or was open.
    since: u64,
}

/// What a client does not know yet.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Files with other diagnostics than it knows.
    pub(crate) changed: Vec<(Uri, FileRef)>,
    /// Files as it knows them.
    pub(crate) same: Vec<(Uri, String)>,
    /// Files that it knows diagnostics of and that have none any more.
    pub(crate) cleared: Vec<Uri>,
    /// The last change that this knows of.
    pub(crate) heard: u64,
}

impl Default for Closed {
    fn default() -> Self {
        Self {
            reports: Mutex::default(),
            changes: watch::Sender::new(0),
            asked: AtomicU64::new(0),
            streams: AtomicU64::new(0),
        }
    }
}

impl Closed {
    /// A closed file has these diagnostics now; `None`: it has none, or is open.
    pub(crate) fn set(&self, uri: &Uri, now: Option<(&FileRef, u64)>) {
        let mut reports = lock(&self.reports);
        let number = *self.changes.borrow() + 1;
        let is_news = match now {
            Some((file, hash)) => {
                let since = reports.get(uri).map_or(number, |before| before.since);
                let report = Report { file: file.clone(), result_id: result_id(hash), since };
                let id = report.result_id.clone();
                reports.insert(uri.clone(), report).is_none_or(|before| before.result_id != id)
            }
            None => reports.remove(uri).is_some(),
        };
        if is_news {
            self.changes.send_replace(number);
        }
    }

    /// What changed for a client that knows these result ids by address, and heard of changes up to `heard`: of a file
    /// that was open meanwhile it knows nothing.
    pub(crate) fn news(&self, known: &HashMap<String, String>, heard: u64, is_open: impl Fn(&str) -> bool) -> News {
        let reports = lock(&self.reports);
        let mut news = News { heard: *self.changes.borrow(), ..News::default() };
        for (uri, Report { file, result_id, since }) in reports.iter() {
            if known.get(uri.as_str()) == Some(result_id) && *since <= heard {
                news.same.push((uri.clone(), result_id.clone()));
            } else {
                news.changed.push((uri.clone(), file.clone()));
            }
        }
        let gone = known.keys().filter(|uri| !is_open(uri)).filter_map(|uri| Uri::parse(uri).ok());
        news.cleared = gone.filter(|uri| !reports.contains_key(uri)).collect();
        news
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The client asks for the workspace: its number, and whether it is the first time.
    pub(crate) fn ask(&self, streams: bool) -> (u64, bool) {
        if streams {
            self.streams.fetch_add(1, Ordering::Relaxed);
        }
        let before = self.asked.fetch_add(1, Ordering::SeqCst);
        // Who waited with an older question is let go.
        let reports = lock(&self.reports);
        self.changes.send_modify(|changes| *changes += 1);
        drop(reports);
        (before + 1, before == 0)
    }

    pub(crate) fn is_newest(&self, number: u64) -> bool {
        self.asked.load(Ordering::SeqCst) == number
    }

    /// Whether closed files are pulled, and so not pushed.
    pub(crate) fn is_pulled(&self) -> bool {
        self.asked.load(Ordering::SeqCst) > 0
    }

    /// Whether changes reach the client by an open request, and not only when it is told to ask again.
    pub(crate) fn is_streamed(&self) -> bool {
        self.streams.load(Ordering::Relaxed) > 0
    }
}

/// The name of a set of diagnostics.
pub(crate) fn result_id(hash: u64) -> String {
    format!("{hash:016x}")
}
