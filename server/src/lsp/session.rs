//! One client: its driver, what was negotiated, and the way out to it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use engine::{Document, FileRef, Snapshot};
use lsp_types::Uri;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::capabilities::Negotiated;
use super::closed::Closed;
use super::handlers::triage::Forms;
use super::lifecycle::Lifecycle;
use super::outgoing::{Message, Outgoing};
use crate::driver::Driver;
use crate::report::texts::Kept;

/// Shared by all handlers.
pub(crate) struct Session {
    pub(crate) driver: Driver,
    pub(crate) outgoing: Outgoing,
    pub(crate) lifecycle: Arc<Lifecycle>,
    pub(crate) negotiated: OnceLock<Negotiated>,
    /// Ticks whenever something changed: who waits for a settled state looks again.
    pub(crate) ticks: watch::Receiver<u64>,
    /// Diagnostics of closed files.
    pub(crate) closed: Closed,
    /// Texts of closed files that data flows pass through.
    pub(crate) texts: Kept,
    pub(crate) cache: PathBuf,
    /// Files that were opened to be filled in.
    pub(crate) forms: Forms,
    /// The task that hears of changes on disk.
    pub(crate) watching: Mutex<Option<AbortHandle>>,
}

impl Session {
    pub(crate) fn negotiated(&self) -> &Negotiated {
        static NOTHING: OnceLock<Negotiated> = OnceLock::new();
        self.negotiated.get().unwrap_or_else(|| NOTHING.get_or_init(Negotiated::default))
    }

    pub(crate) fn tell(&self, message: Message) {
        self.outgoing.send(message);
    }

    /// The state in which an open document's findings are verified against the text that it has in `snapshot`; `None`
    /// when that is not so in time, or the text has changed again. For a thread that may wait.
    pub(crate) fn verified(&self, snapshot: &Snapshot, opened: &Open, patience: Duration) -> Option<Snapshot> {
        if snapshot.is_verified(&opened.file) {
            return Some(snapshot.clone());
        }
        let is_same = |now: &Snapshot| {
            let document = now.document(&opened.document.uri);
            document.is_some_and(|document| document.edition == opened.document.edition)
        };
        let now = self.wait(patience, |now| now.is_verified(&opened.file) || !is_same(now));
        now.filter(|now| now.is_verified(&opened.file) && is_same(now))
    }

    /// Waits, on a thread that may, until a state is as wanted; `None` when it does not become so in time.
    pub(crate) fn wait(&self, patience: Duration, is_wanted: impl Fn(&Snapshot) -> bool) -> Option<Snapshot> {
        let mut ticks = self.ticks.clone();
        let waiting = async {
            loop {
                let snapshot = self.driver.snapshot();
                if is_wanted(&snapshot) {
                    return Some(snapshot);
                }
                ticks.changed().await.ok()?;
            }
        };
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        runtime.block_on(async { tokio::time::timeout(patience, waiting).await.ok().flatten() })
    }
}

/// An open document with its place.
pub(crate) struct Open {
    pub(crate) document: Arc<Document>,
    pub(crate) file: FileRef,
}

/// The open document a request is about; `None` when it is not one or lies in no root.
pub(crate) fn open(snapshot: &Snapshot, uri: &Uri) -> Option<Open> {
    let document = snapshot.document(uri.as_str())?.clone();
    let file = document.file.clone()?;
    Some(Open { document, file })
}

/// The URI of a file: the client's own spelling when it is open.
pub(crate) fn uri_of(snapshot: &Snapshot, file: &FileRef) -> Option<Uri> {
    match snapshot.document_of(file) {
        Some(document) => Uri::parse(&document.uri).ok(),
        None => Uri::from_file_path(snapshot.path_of(file)?).ok(),
    }
}
