//! The way out: one task tells the client what changed, in order and no more often than it changed.
//!
//! Handlers and worker threads only put messages in a queue. Requests to the client have a task of their own
//! (`requests`), so that a client that never answers holds up nothing here.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Weak};
use std::time::Duration;

use engine::{Effects, FileRef, Snapshot};
use finding::wire::StatusInfo;
use lsp_types::{Diagnostic, LspNotificationMethod, MessageDirection, MessageType, Notification, Uri};
use tokio::sync::{mpsc, oneshot, watch};
use tower_lsp::Client;

use super::diagnostics;
use super::requests::{Ask, Requests};
use super::session::{Session, uri_of};
use crate::driver::{Listener, Progress};

/// The status is told at most this often; the last state is always told.
const STATUS_PAUSE: Duration = Duration::from_millis(100);

/// Diagnostics of files nobody has open are pushed up to this many; more would only slow the editor.
const MOST_CLOSED: usize = 10_000;

/// The notification `aspm/status`.
pub(crate) enum Status {}

impl Notification for Status {
    type Params = StatusInfo;
    const METHOD: LspNotificationMethod<'static> = LspNotificationMethod::Custom("aspm/status");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// Something for the client.
pub(crate) enum Message {
    Changed {
        snapshot: Snapshot,
        files: Vec<FileRef>,
        is_late: bool,
        status: bool,
    },
    Progress(Progress),
    Show(MessageType, String),
    Ask(Ask),
    /// A document was opened: what was pushed for it is taken back where the client pulls.
    Opened(Uri),
    /// The client asks for closed files: what was pushed for them is taken back, and all that came before is told first.
    WorkspacePulled {
        is_first: bool,
        told: oneshot::Sender<()>,
    },
}

/// Puts messages in the queue.
#[derive(Clone)]
pub(crate) struct Outgoing {
    queue: mpsc::UnboundedSender<Message>,
}

/// The driver's listener.
pub(crate) struct Announcer {
    pub(crate) outgoing: Outgoing,
    pub(crate) ticks: watch::Sender<u64>,
}

impl Outgoing {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Message>) {
        let (queue, messages) = mpsc::unbounded_channel();
        (Self { queue }, messages)
    }

    pub(crate) fn send(&self, message: Message) {
        // Without a receiver the client is gone, and so is everybody who could miss it.
        let _ = self.queue.send(message);
    }
}

impl Listener for Announcer {
    fn changed(&self, snapshot: &Snapshot, effects: &Effects) {
        if !effects.publish.is_empty() || effects.status {
            self.outgoing.send(Message::Changed {
                snapshot: snapshot.clone(),
                files: effects.publish.clone(),
                is_late: effects.is_late,
                status: effects.status,
            });
        }
        self.ticks.send_modify(|ticks| *ticks += 1);
    }

    fn progress(&self, progress: Progress) {
        self.outgoing.send(Message::Progress(progress));
    }
}

/// Runs until the session ends.
pub(crate) async fn run(session: Weak<Session>, client: Client, mut messages: mpsc::UnboundedReceiver<Message>) {
    let requests = Requests::start(client.clone());
    let mut told = Told::default();
    let mut status_due: Option<Snapshot> = None;
    loop {
        let pause = async {
            match &status_due {
                Some(_) => tokio::time::sleep(STATUS_PAUSE).await,
                None => std::future::pending().await,
            }
        };
        let first = tokio::select! {
            message = messages.recv() => message,
            () = pause => {
                if let Some(snapshot) = status_due.take() {
                    told.status(&client, &snapshot).await;
                }
                continue;
            }
        };
        let Some(first) = first else { return };
        let Some(session) = session.upgrade() else { return };
        let mut publish = Publish::default();
        let mut waiting = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Changed { snapshot, files, is_late, status } => {
                    if status {
                        status_due = Some(snapshot.clone());
                    }
                    publish.add(snapshot, files, is_late);
                }
                Message::Progress(progress) => requests.progress(progress, session.negotiated()),
                Message::Show(kind, text) => client.show_message(kind, text).await,
                Message::Ask(ask) => requests.ask(ask),
                Message::Opened(uri) => told.opened(&session, &client, uri).await,
                Message::WorkspacePulled { is_first, told: all_told } => {
                    if is_first {
                        told.take_all_back(&session, &client).await;
                    }
                    waiting.push(all_told);
                }
            }
            next = messages.try_recv().ok();
        }
        told.publish(&session, &client, &requests, publish).await;
        for waiting in waiting {
            // Who asked may have given up.
            let _ = waiting.send(());
        }
    }
}

/// Files to publish, of the newest snapshot.
#[derive(Default)]
struct Publish {
    snapshot: Option<Snapshot>,
    files: BTreeSet<FileRef>,
    late: BTreeSet<FileRef>,
}

impl Publish {
    fn add(&mut self, snapshot: Snapshot, files: Vec<FileRef>, is_late: bool) {
        self.snapshot = Some(snapshot);
        if is_late {
            self.late.extend(files.iter().cloned());
        }
        self.files.extend(files);
    }
}

/// What the client was told last.
#[derive(Default)]
struct Told {
    diagnostics: BTreeMap<Uri, (Option<i32>, u64, usize)>,
    /// The URI each file was published under: a file of a folder that is gone has none any more.
    uris: BTreeMap<FileRef, Uri>,
    status: Option<StatusInfo>,
    /// Closed files are pulled: none is pushed.
    is_pulled: bool,
}

impl Told {
    async fn status(&mut self, client: &Client, snapshot: &Snapshot) {
        let status = snapshot.status();
        if self.status.as_ref() != Some(&status) {
            client.send_notification::<Status>(status.clone()).await;
            self.status = Some(status);
        }
    }

    /// Push and pull never both for one URI. Where all is pushed, a client may have cleared what it showed when it closed
    /// the document before, so the same set is news.
    async fn opened(&mut self, session: &Session, client: &Client, uri: Uri) {
        session.closed.set(&uri, None);
        let is_shown = |(_, _, count)| count > 0 && !self.is_pulled;
        if !session.negotiated().pulls {
            if let Some((_, hash, _)) = self.diagnostics.get_mut(&uri) {
                *hash = hash.wrapping_add(1);
            }
        } else if self.diagnostics.remove(&uri).is_some_and(is_shown) {
            client.publish_diagnostics(uri, Vec::new(), None).await;
        }
    }

    async fn take_all_back(&mut self, session: &Session, client: &Client) {
        self.is_pulled = true;
        let snapshot = session.driver.snapshot();
        for (uri, (_, _, count)) in &self.diagnostics {
            let is_pulled = session.negotiated().pulls || snapshot.document(uri.as_str()).is_none();
            if *count > 0 && is_pulled {
                client.publish_diagnostics(uri.clone(), Vec::new(), None).await;
            }
        }
    }

    /// The file's folder left the workspace: so do its diagnostics.
    async fn clear(&mut self, session: &Session, client: &Client, snapshot: &Snapshot, file: &FileRef) {
        let Some(uri) = self.uris.remove(file) else { return };
        session.closed.set(&uri, None);
        if self.diagnostics.remove(&uri).is_some_and(|(_, _, count)| count > 0) {
            let version = snapshot.document(uri.as_str()).map(|document| document.version);
            client.publish_diagnostics(uri, Vec::new(), version).await;
        }
    }

    async fn publish(&mut self, session: &Arc<Session>, client: &Client, requests: &Requests, publish: Publish) {
        let Some(snapshot) = publish.snapshot else { return };
        let mut is_pulled_stale = false;
        for file in &publish.files {
            if snapshot.root(file.root).is_none() {
                is_pulled_stale |= session.negotiated().pulls;
                self.clear(session, client, &snapshot, file).await;
                continue;
            }
            let document = snapshot.document_of(file);
            let is_open = document.is_some();
            if is_open && session.negotiated().pulls {
                is_pulled_stale = true;
                continue;
            }
            // An unverified set is shown only when verification takes long; a verified one follows for certain. That of a
            // file just closed is about what stood in the editor, not on disk.
            let is_due = snapshot.is_verified(file) || (is_open && publish.late.contains(file));
            if !is_due {
                continue;
            }
            let Some(uri) = uri_of(&snapshot, file) else { continue };
            let shown: usize = self.diagnostics.values().map(|(_, _, count)| count).sum();
            // Closed files, this one or those that data flows pass through, are read from disk, which may take its time.
            let mut diagnostics = tokio::task::block_in_place(|| diagnostics::of_file(session, &snapshot, file));
            if !is_open && shown + diagnostics.len() > MOST_CLOSED {
                diagnostics.clear();
            }
            let version = document.map(|document| document.version);
            let hash = hash_of(&diagnostics);
            let news = (version, hash, diagnostics.len());
            let old = self.diagnostics.get(&uri);
            let is_nothing_new = match old {
                Some(old) => *old == news,
                None => diagnostics.is_empty() && !is_open,
            };
            if is_nothing_new {
                continue;
            }
            self.diagnostics.insert(uri.clone(), news);
            self.uris.insert(file.clone(), uri.clone());
            if !is_open {
                session.closed.set(&uri, Some((file, hash)).filter(|_| !diagnostics.is_empty()));
                if self.is_pulled {
                    is_pulled_stale |= !session.closed.is_streamed();
                    continue;
                }
            }
            client.publish_diagnostics(uri, diagnostics, version).await;
        }
        if is_pulled_stale {
            requests.ask(Ask::RefreshDiagnostics);
        }
        if session.negotiated().code_lens_refresh && !publish.files.is_empty() {
            requests.ask(Ask::RefreshLenses);
        }
    }
}

pub(crate) fn hash_of(diagnostics: &[Diagnostic]) -> u64 {
    let mut hasher = DefaultHasher::new();
    diagnostics.hash(&mut hasher);
    hasher.finish()
}
