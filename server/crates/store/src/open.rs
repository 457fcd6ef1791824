//! Opening a store, which never fails: what cannot be used is worked around, and a notice says so.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::Fault;
use crate::folder::{self, beside};
use crate::lock::OpeningLock;
use crate::schema::{self, Unfit};
use crate::set_aside::set_aside;
use crate::{Key, Opened, Store};

/// Opens the database of `key` in `cache_dir`, or one in memory with a notice. `network` names the network file system
/// a folder is on, if any.
pub(crate) fn open(cache_dir: &Path, key: &Key, network: fn(&Path) -> Option<&'static str>) -> Opened {
    let mut notices = Vec::new();
    let path = match folder::prepare(cache_dir, network) {
        Ok(folder) => folder.join(key.file_name()),
        Err(why) => return fall_back(Err(why), notices),
    };
    match open_file(&path, &mut notices) {
        Err(why) if folder::is_read_only(&path) => {
            let store = as_it_was(&path).unwrap_or_else(Store::in_memory);
            notices.push(in_memory(&why));
            Opened { store, notices }
        }
        opened => fall_back(opened, notices),
    }
}

/// What lies on a disk that nobody can write, in memory; without what its log may hold beside.
fn as_it_was(path: &Path) -> Option<Store> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    // What has a meaning in a URI that SQLite reads.
    let escaped = path.to_str()?.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let connection = Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags).ok()?;
    schema::configure(&connection).ok()?;
    schema::recognise(&connection, &schema::CACHE).ok()?;
    Some(Store::on_disk(connection, path.to_owned()).copy_in_memory())
}

/// Sets the damaged `path` aside, unless another process did so already, and opens a new file in its place.
pub(crate) fn reopen(path: &Path, damaged: Option<(u64, u64)>) -> Opened {
    let mut notices = Vec::new();
    let opened = OpeningLock::wait(&beside(path, ".opening"))
        .map_err(|error| error.to_string())
        .and_then(|_lock| {
            if folder::identity(path) == damaged {
                put_away(path, "damaged rows", &mut notices)?;
            }
            Ok(())
        })
        .and_then(|()| open_file(path, &mut notices));
    fall_back(opened, notices)
}

fn fall_back(opened: Result<Store, String>, mut notices: Vec<String>) -> Opened {
    let store = opened.unwrap_or_else(|why| {
        notices.push(in_memory(&why));
        Store::in_memory()
    });
    Opened { store, notices }
}

fn in_memory(why: &str) -> String {
    format!("Findings are kept in memory for this session only, because {why}.")
}

/// An error says in a sentence fragment why the file cannot be used.
fn open_file(path: &Path, notices: &mut Vec<String>) -> Result<Store, String> {
    let _lock = OpeningLock::wait(&beside(path, ".opening"))
        .map_err(|error| format!("{} could not be locked for opening ({error})", path.display()))?;
    folder::prepare_file(path)?;
    let unfit = match connect(path) {
        Err(Unfit::Fault(fault)) if fault.is_damage() => {
            put_away(path, &fault.to_string(), notices)?;
            folder::prepare_file(path)?;
            connect(path)
        }
        other => other,
    };
    match unfit {
        Ok(connection) => Ok(Store::on_disk(connection, path.to_owned())),
        Err(Unfit::Newer(version)) => Err(format!(
            "{} was written by a newer version of this program (format {version}); update this one",
            path.display()
        )),
        Err(Unfit::Fault(fault)) => Err(format!("{} could not be opened ({fault})", path.display())),
    }
}

fn put_away(path: &Path, why: &str, notices: &mut Vec<String>) -> Result<(), String> {
    let target = set_aside(path)
        .map_err(|error| format!("{} is damaged and could not be set aside ({error})", path.display()))?;
    notices.push(format!(
        "The findings cache was damaged ({why}); it was set aside as {} and is filled again by the next sync.",
        target.display()
    ));
    Ok(())
}

fn connect(path: &Path) -> Result<Connection, Unfit> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    let mut connection = Connection::open_with_flags(path, flags)?;
    schema::configure(&connection)?;
    if connection.is_readonly("main")? {
        return Err(Fault::Other("it is read-only".to_owned()).into());
    }
    // Before anything is written: another program's file is set aside, a newer version's left, as it was.
    schema::recognise(&connection, &schema::CACHE)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Fault::Other(format!("the disk only offers journal mode {mode}")).into());
    }
    schema::prepare(&mut connection, &schema::CACHE)?;
    // A hook that read and confirmed would wait for the disk on its way out. Its few pages may stay in the log beside the
    // file; whoever writes much takes them over.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(connection)
}
