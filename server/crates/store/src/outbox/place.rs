//! Where the outbox lies and how it is opened: durable above all, and never without saying so when it cannot be.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::{OutboxError, Stop};
use super::recover;
use super::table::OUTBOX;
use crate::error::Fault;
use crate::folder::{self, beside};
use crate::lock::OpeningLock;
use crate::schema::{self, Unfit};

const NAME: &str = "outbox.db";

/// How long another process may keep it: whoever waits here has something that exists nowhere else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// Big enough that a whole record lies in one page, where salvage finds it.
const PAGE_BYTES: u32 = 16 << 10;

pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join(NAME)
}

pub(crate) fn lock_path(path: &Path) -> PathBuf {
    beside(path, ".opening")
}

pub(crate) fn lock_trouble(path: &Path, error: &io::Error) -> Stop {
    let name = path.display().to_string();
    Stop::Said(match error.kind() {
        io::ErrorKind::TimedOut => OutboxError::Busy { path: name },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OutboxError::Full { path: name },
        io::ErrorKind::ReadOnlyFilesystem => OutboxError::ReadOnly { path: name },
        _ => OutboxError::Other { path: name, what: format!("it could not be locked ({error})") },
    })
}

/// The open database and its path. An error says in a sentence fragment why there is none.
pub(crate) fn open(
    dir: &Path,
    network: fn(&Path) -> Option<&'static str>,
    notices: &mut Vec<String>,
) -> Result<(Connection, PathBuf), String> {
    let folder = folder::prepare_anywhere(dir)?;
    let path = path(&folder);
    let is_shared = network(&folder).is_some();
    let lock = OpeningLock::wait_for(&lock_path(&path), PATIENCE)
        .map_err(|error| format!("{} could not be locked for opening ({error})", path.display()))?;
    recover::finish(&path)?;
    let is_new = !path.exists();
    folder::prepare_file(&path)?;
    if is_new {
        sync_folder(&folder).map_err(|error| format!("{} could not be written ({error})", folder.display()))?;
    }
    let unfit = match connect(&path, is_shared) {
        Err(Unfit::Fault(fault)) if fault.is_damage() => {
            recover::recover(&path, None, &fault.to_string(), notices)?;
            connect(&path, is_shared)
        }
        other => other,
    };
    drop(lock);
    match unfit {
        Ok(connection) => Ok((connection, path)),
        Err(Unfit::Newer(version)) => Err(format!(
            "{} was written by a newer version of this program (format {version}); update this one",
            path.display()
        )),
        Err(Unfit::Fault(fault)) => Err(format!("{} could not be opened ({fault})", path.display())),
    }
}

/// Puts a file that turned out to be damaged right, unless another process did so already.
pub(crate) fn recover(
    path: &Path,
    damaged: Option<(u64, u64)>,
    connection: Connection,
    why: &str,
    notices: &mut Vec<String>,
) -> Result<(), String> {
    let _lock = OpeningLock::wait_for(&lock_path(path), PATIENCE)
        .map_err(|error| format!("{} is damaged and could not be locked ({error})", path.display()))?;
    if folder::identity(path) != damaged {
        return Ok(());
    }
    recover::recover(path, Some(connection), why, notices)
}

/// Makes the names in a folder as durable as what they stand for.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn connect(path: &Path, is_shared: bool) -> Result<Connection, Unfit> {
    let mut connection = raw(path)?;
    if connection.is_readonly("main")? {
        return Err(Fault::Other("it is read-only".to_owned()).into());
    }
    schema::recognise(&connection, &OUTBOX)?;
    // The log of WAL is shared by memory, which ends at this machine.
    let wanted = if is_shared { "DELETE" } else { "WAL" };
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", wanted, |row| row.get(0))?;
    match mode.as_str() {
        "wal" => connection.pragma_update(None, "synchronous", "FULL")?,
        // As durable, and its journal's removal too.
        "delete" => connection.pragma_update(None, "synchronous", "EXTRA")?,
        _ => return Err(Fault::Other(format!("the disk only offers journal mode {mode}")).into()),
    }
    schema::prepare(&mut connection, &OUTBOX)?;
    let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        return Err(Fault::corrupt(sound.replace('\n', " ")).into());
    }
    Ok(connection)
}

/// A connection that writes safely, whatever the file is.
pub(crate) fn raw(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    let connection = Connection::open_with_flags(path, flags)?;
    schema::configure(&connection)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Where a plain sync does not reach the disk itself.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    // What was discarded is not to come back by salvage.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}
