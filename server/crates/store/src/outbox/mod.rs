//! The outbox: triage that its source has not confirmed yet. It exists nowhere else, so nothing here is a best effort:
//! what was queued is on disk before the user hears so, and what cannot be kept is refused.
//!
//! One database for all of the user's sources and processes. Triage of one finding is sent in the order in which it was
//! given, each by the one process that claimed it; a claim ends with its process, and its outcome then counts as unknown.
//! What the user has to decide waits for as long as it takes.

mod claimant;
mod entry;
mod error;
mod place;
mod queue;
mod recover;
mod salvage;
mod send;
mod table;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use entry::{
    Claim, Counts, Due, Entry, Filter, OutboxId, OutboxVersion, Outcome, Queued, Record, Refuser, Source, State,
};
pub use error::OutboxError;
pub use queue::{LONGEST_ENTRY, MOST_DONE_KEPT, MOST_DONE_MILLIS};

use crate::folder::{identity, network_file_system};
use crate::lock::OpeningLock;
use claimant::Claimant;
use error::Stop;

/// How long a write that waits for another process holds up those who want to open the outbox, only to read perhaps,
const TURN: Duration = Duration::from_millis(250);
/// and the time that these have between.
const GAP: Duration = Duration::from_millis(40);

/// An outbox, and what people should know about how it was opened.
#[derive(Debug)]
pub struct OpenedOutbox {
    /// The outbox; where it cannot be used, every operation says so, and tries again to open it.
    pub outbox: Outbox,
    /// Full sentences; empty when all is as it should be.
    pub notices: Vec<String>,
}

/// The outbox of this user. `Send`; each thread or job that needs one opens its own.
#[derive(Debug)]
pub struct Outbox {
    dir: PathBuf,
    network: fn(&Path) -> Option<&'static str>,
    /// An error says why there is none; reads on after "because".
    file: Result<DatabaseFile, String>,
    /// Made at the first claim.
    claimant: Option<Claimant>,
    notices: Vec<String>,
    /// How long a write waits for another process that writes.
    patience: Duration,
    /// Counts what may have changed without the database telling: own writes, another file.
    changes: u64,
}

#[derive(Debug)]
struct DatabaseFile {
    connection: Connection,
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl DatabaseFile {
    /// Whether the file that is open is still the one that goes by its name.
    fn is_current(&self) -> bool {
        identity(&self.path) == self.identity
    }
}

impl Outbox {
    /// Opens the outbox in `data_dir`, creating either. A damaged one is kept under another name and what can be read of it
    /// goes on in a new one; one of a newer version is left alone; a notice says so.
    #[must_use]
    pub fn open(data_dir: &Path) -> OpenedOutbox {
        Self::open_with(data_dir, network_file_system)
    }

    fn open_with(data_dir: &Path, network: fn(&Path) -> Option<&'static str>) -> OpenedOutbox {
        let mut outbox = Self {
            dir: data_dir.to_owned(),
            network,
            file: Err("it was not opened".to_owned()),
            claimant: None,
            notices: Vec::new(),
            patience: place::PATIENCE,
            changes: 0,
        };
        outbox.reopen();
        if let Err(why) = &outbox.file {
            outbox.notices.push(format!("Triage cannot be queued or sent, because {why}."));
        }
        let notices = outbox.take_notices();
        OpenedOutbox { outbox, notices }
    }

    /// What happened since it was opened that people should know, in full sentences.
    pub fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    /// Damaged outboxes that were kept in `data_dir`, the oldest first: they are the user's to delete.
    #[must_use]
    pub fn kept(data_dir: &Path) -> Vec<PathBuf> {
        recover::kept(&place::path(data_dir))
    }

    /// The database file; `None` where there is none to be had.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().ok().map(|file| file.path.as_path())
    }

    /// Another value when the outbox may have changed, by any process. Cheap enough to poll.
    pub fn version(&mut self) -> Result<OutboxVersion, OutboxError> {
        let version = {
            let file = self.ready()?;
            file.connection
                .pragma_query_value(None, "data_version", |row| row.get(0))
                .map_err(|error| Stop::from(error).at(&file.path))?
        };
        Ok(OutboxVersion(self.changes, version))
    }

    /// The file as it is now: opened again when another process put another in its place, or there was none.
    fn ready(&mut self) -> Result<&mut DatabaseFile, OutboxError> {
        if !self.file.as_ref().is_ok_and(DatabaseFile::is_current) {
            self.reopen();
        }
        self.file.as_mut().map_err(|why| OutboxError::Unusable { why: why.clone() })
    }

    fn reopen(&mut self) {
        self.changes += 1;
        self.file = place::open(&self.dir, self.network, &mut self.notices).map(|(connection, path)| DatabaseFile {
            connection,
            identity: identity(&path),
            path,
        });
    }

    /// Runs `work` on one state of the outbox.
    fn read<T>(&mut self, work: impl Fn(&Connection) -> Result<T, Stop>) -> Result<T, OutboxError> {
        self.whole(|file| {
            let snapshot = file.connection.unchecked_transaction()?;
            work(&snapshot)
        })
    }

    /// Runs `work` and makes all of it durable, or nothing.
    fn write<T>(&mut self, work: impl Fn(&Transaction<'_>) -> Result<T, Stop>) -> Result<T, OutboxError> {
        let begun = Instant::now();
        loop {
            let (turn, patience) = (TURN.min(self.patience), self.patience);
            let attempt = self.whole(|file| {
                // While this is held nobody puts another file in its place, so what is committed is where others look.
                let _lock = OpeningLock::shared(&place::lock_path(&file.path), place::PATIENCE)
                    .map_err(|error| place::lock_trouble(&file.path, &error))?;
                if !file.is_current() {
                    return Ok(None);
                }
                file.connection.busy_timeout(turn)?;
                let transaction = file.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                transaction.busy_timeout(patience)?;
                let done = work(&transaction)?;
                transaction.commit()?;
                Ok(Some(done))
            });
            if matches!(attempt, Err(OutboxError::Busy { .. })) && begun.elapsed() < patience {
                std::thread::sleep(GAP);
                continue;
            }
            let done = attempt?;
            self.changes += 1;
            // Replaced in the moment before the lock: the next round opens it anew.
            if let Some(done) = done {
                return Ok(done);
            }
        }
    }

    /// Runs `work`, and once more after a file that turned out to be damaged was put right.
    fn whole<T>(&mut self, work: impl Fn(&mut DatabaseFile) -> Result<T, Stop>) -> Result<T, OutboxError> {
        let file = self.ready()?;
        match work(file) {
            Err(stop) if stop.is_damage() => self.heal(&stop),
            other => return other.map_err(|stop| stop.at(&file.path)),
        }
        let file = self.ready()?;
        work(file).map_err(|stop| stop.at(&file.path))
    }

    fn heal(&mut self, stop: &Stop) {
        let Stop::Fault(fault) = stop else { return };
        let why = fault.to_string();
        if let Ok(DatabaseFile { connection, path, identity }) =
            std::mem::replace(&mut self.file, Err(format!("the outbox is damaged ({why})")))
        {
            let healed = place::recover(&path, identity, connection, &why, &mut self.notices);
            self.file = Err(healed.err().unwrap_or_else(|| "it was not opened again".to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use finding::FindingId;

    use super::*;

    fn entry() -> Entry {
        Entry {
            source: Source {
                origin: "o".into(),
                product: String::new(),
                account: String::new(),
                name: "central".into(),
            },
            by: None,
            root: None,
            finding: FindingId::from_stored("central:1"),
            number: "1".into(),
            action: serde_json::Value::Null,
            reason: "why ".repeat(2_000),
            seen_state: None,
            created_at: 0,
        }
    }

    fn pragma<T: rusqlite::types::FromSql>(outbox: &Outbox, name: &str) -> T {
        let file = outbox.file.as_ref().unwrap();
        file.connection.pragma_query_value(None, name, |row| row.get(0)).unwrap()
    }

    #[test]
    fn every_commit_reaches_the_disk_also_where_the_disk_is_another_machine_s() {
        let folder = tempfile::tempdir().unwrap();
        let mut queued = Vec::new();
        // From the one to the other and back, as a home that moved.
        for (system, mode, synchronous) in
            [(None, "wal", 2), (Some("NFS"), "delete", 3), (Some("NFS"), "delete", 3), (None, "wal", 2)]
        {
            let network = if system.is_some() { |_: &Path| Some("NFS") } else { |_: &Path| None };
            let OpenedOutbox { mut outbox, notices } = Outbox::open_with(folder.path(), network);
            assert_eq!(notices, [""; 0]);
            assert_eq!(pragma::<String>(&outbox, "journal_mode"), mode);
            assert_eq!(pragma::<i64>(&outbox, "synchronous"), synchronous);
            assert_eq!((pragma::<i64>(&outbox, "fullfsync"), pragma::<i64>(&outbox, "secure_delete")), (1, 1));
            assert_eq!(pragma::<u32>(&outbox, "page_size"), 16_384);
            queued.push(outbox.enqueue(entry()).unwrap());
            assert_eq!(folder.path().join("outbox.db-wal").exists(), mode == "wal");
            let there: Vec<OutboxId> =
                outbox.list(Filter::default()).unwrap().into_iter().map(|record| record.id).collect();
            assert_eq!(there, queued);
        }
    }

    #[test]
    fn wherever_the_room_ends_nothing_is_half_queued() {
        let folder = tempfile::tempdir().unwrap();
        let mut outbox = Outbox::open(folder.path()).outbox;
        let first = outbox.enqueue(entry()).unwrap();
        for more in [0, 1, 2, 5] {
            let pages: i64 = pragma(&outbox, "page_count");
            let connection = &outbox.file.as_ref().unwrap().connection;
            connection.pragma_update(None, "max_page_count", pages + more).unwrap();
            let error = outbox.enqueue_all(vec![entry(); 30]).unwrap_err();
            assert!(matches!(error, OutboxError::Full { .. }), "{error}");
            assert_eq!(outbox.list(Filter::default()).unwrap().len(), 1);
        }
        assert_eq!(outbox.list(Filter::default()).unwrap()[0].id, first);
        let connection = &outbox.file.as_ref().unwrap().connection;
        connection.pragma_update(None, "max_page_count", 100_000).unwrap();
        assert_eq!(outbox.enqueue_all(vec![entry(); 30]).unwrap().len(), 30);
    }

    #[test]
    fn a_writer_that_never_ends_is_reported_and_nothing_is_queued() {
        let folder = tempfile::tempdir().unwrap();
        let mut outbox = Outbox::open(folder.path()).outbox;
        outbox.patience = Duration::from_millis(1);
        let other = Connection::open(outbox.path().unwrap()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(matches!(outbox.enqueue(entry()), Err(OutboxError::Busy { .. })));
        assert_eq!(outbox.list(Filter::default()).unwrap(), [], "reading goes on meanwhile");
        // Meanwhile others open it and read.
        outbox.patience = place::PATIENCE;
        let writing = std::thread::spawn(move || outbox.enqueue(entry()));
        assert_eq!(Outbox::open(folder.path()).outbox.list(Filter::default()).unwrap(), []);
        assert!(!writing.is_finished());
        other.execute_batch("ROLLBACK").unwrap();
        writing.join().unwrap().unwrap();
        assert!(place::PATIENCE > Duration::from_secs(30), "a lock of half a minute is waited out");
    }
}
