//! The open store: whose file it is, and whether somebody wrote to it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::error::Fault;
use crate::folder::{beside, identity, network_file_system};
use crate::stage::TEMP_STORE_MEMORY;
use crate::{Error, Key, SourceMeta, SyncLock, meta, open, schema};

/// A store, and what people should know about how it was opened.
#[derive(Debug)]
pub struct Opened {
    /// Ready to use, on disk or in memory.
    pub store: Store,
    /// Full sentences; empty when all is as it should be.
    pub notices: Vec<String>,
}

/// The cached findings of one source. `Send`; each thread or job that needs one opens its own.
#[derive(Debug)]
pub struct Store {
    /// `None` only when not even a database in memory could be had.
    connection: Option<Connection>,
    /// `None`: in memory.
    file: Option<DatabaseFile>,
}

#[derive(Debug)]
struct DatabaseFile {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl Store {
    /// Opens the cache of `key` in `cache_dir`, creating either. Never fails: what cannot be used (a folder that is
    /// read-only, a link, another user's, on a network file system; a file of a newer version; a full disk) is replaced
    /// by memory, a damaged file is set aside, and a notice says so.
    #[must_use]
    pub fn open(cache_dir: &Path, key: &Key) -> Opened {
        open::open(cache_dir, key, network_file_system)
    }

    /// Deletes the cache of `key`, if there is one: nobody is to read it any more.
    pub fn discard(cache_dir: &Path, key: &Key) {
        let path = cache_dir.join(key.file_name());
        for file in ["", "-wal", "-shm", ".sync"].map(|suffix| beside(&path, suffix)) {
            match std::fs::remove_file(&file) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => tracing::warn!(%error, "{} stays", file.display()),
            }
        }
    }

    /// After [`Error::Corrupt`]: keeps the damaged file under another name and starts an empty one, with a notice.
    #[must_use]
    pub fn set_aside(mut self) -> Opened {
        drop(self.connection.take());
        match self.file.take() {
            Some(DatabaseFile { path, identity }) => open::reopen(&path, identity),
            None => Opened { store: Self::in_memory(), notices: Vec::new() },
        }
    }

    /// What is known of the source; `None` when it was never synced.
    pub fn meta(&self) -> Result<Option<SourceMeta>, Error> {
        self.run(meta::read)
    }

    /// Counts commits into this cache, by any process; 0 before the first. Cheap enough to poll.
    ///
    /// # Errors
    /// [`Error::Replaced`] when the file was removed or set aside by another process, besides what any read may meet.
    pub fn revision(&self) -> Result<u64, Error> {
        let is_ours = |file: &DatabaseFile| identity(&file.path) == file.identity;
        if !self.file.as_ref().is_none_or(is_ours) {
            return Err(Fault::Replaced.at(self.path()));
        }
        self.run(meta::revision)
    }

    /// Changes when another process committed anything, placements included; compare [`Self::revision`] then. Cheaper
    /// still, and blind to this store's own commits.
    pub fn data_version(&self) -> Result<i64, Error> {
        self.run(|connection| Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?))
    }

    /// The right to sync this source, until it is dropped or this process dies; `None` while another has it.
    pub fn try_lock_sync(&self) -> Option<SyncLock> {
        match &self.file {
            Some(file) => SyncLock::take(&beside(&file.path, ".sync")),
            None => Some(SyncLock::unshared()),
        }
    }

    /// The database file; `None` in memory.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| file.path.as_path())
    }

    pub(crate) fn on_disk(connection: Connection, path: PathBuf) -> Self {
        let identity = identity(&path);
        Self { connection: Some(connection), file: Some(DatabaseFile { path, identity }) }
    }

    /// A store of this process alone, for when none on disk can be written.
    #[must_use]
    pub fn in_memory() -> Self {
        let connection = Connection::open_in_memory().ok().and_then(|mut connection| {
            schema::configure(&connection).ok()?;
            // A full disk may be why we are in memory.
            connection.pragma_update(None, "temp_store", TEMP_STORE_MEMORY).ok()?;
            schema::prepare(&mut connection, &schema::CACHE).ok()?;
            Some(connection)
        });
        Self { connection, file: None }
    }

    /// A store of this process alone that holds what this one does; for a sync where none on disk can be written. What
    /// cannot be read is left out: the copy is empty then.
    #[must_use]
    pub fn copy_in_memory(&self) -> Self {
        let mut copy = Self::in_memory();
        let filled = self.run(|from| {
            let Some(to) = copy.connection.as_mut() else { return Ok(()) };
            Backup::new(from, to)?.run_to_completion(i32::MAX, Duration::ZERO, None)?;
            schema::configure(to)
        });
        match filled.and_then(|()| copy.load_index().map(drop)) {
            Ok(()) | Err(Error::NeverSynced { .. }) => copy,
            Err(error) => {
                tracing::warn!(%error, "begun without what was stored");
                Self::in_memory()
            }
        }
    }

    /// How long a write waits for another process that writes; ten seconds unless told.
    pub fn wait_for(&self, patience: Duration) -> Result<(), Error> {
        self.run(|connection| Ok(connection.busy_timeout(patience)?))
    }

    /// Runs `work` on the database and says of a failure which file it concerns.
    pub(crate) fn run<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Error> {
        self.connection
            .as_ref()
            .ok_or_else(|| Fault::Other("there is no memory for a database".to_owned()))
            .and_then(work)
            .map_err(|fault| fault.at(self.path()))
    }

    /// The same for work that opens a transaction of its own.
    pub(crate) fn run_mut<T>(&mut self, work: impl FnOnce(&mut Connection) -> Result<T, Fault>) -> Result<T, Error> {
        let Self { connection, file } = self;
        connection
            .as_mut()
            .ok_or_else(|| Fault::Other("there is no memory for a database".to_owned()))
            .and_then(work)
            .map_err(|fault| fault.at(file.as_ref().map(|file| file.path.as_path())))
    }
}
