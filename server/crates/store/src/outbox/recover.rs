//! A damaged outbox: kept whole under another name for good, and a new one made of what can be read of it.
//!
//! A kill at any moment leaves either the damaged file in its place or the new one whole: the new one is built apart, and
//! once it goes by the name `.recovered` whoever opens next completes the exchange.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::entry::{Record, State};
use super::place::{raw, sync_folder};
use super::salvage::{self, Salvaged};
use super::table::{self, OUTBOX};
use crate::folder::{self, beside};
use crate::schema::{self, Unfit};

/// What belongs to a database besides its file.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Kept files that people are told of.
const MOST_LOOKED_FOR: u32 = 99;

/// Puts a new outbox in the place of the damaged one. Call with the opening lock held; `connection` is this process's, if
/// it has one. An error says in a sentence fragment why it is as it was.
pub(crate) fn recover(
    path: &Path,
    connection: Option<Connection>,
    why: &str,
    notices: &mut Vec<String>,
) -> Result<(), String> {
    let trouble = |error: &dyn std::fmt::Display| {
        format!("{} is damaged ({why}) and could not be put right ({error}); nothing of it was removed", path.display())
    };
    let kept = keep(path).map_err(|error| trouble(&error))?;
    drop(connection);
    let salvaged = salvage::read(&kept).map_err(|error| trouble(&error))?;
    build(path, &salvaged.records).map_err(|error| trouble(&error))?;
    finish(path)?;
    notices.push(notice(&kept, why, &salvaged));
    Ok(())
}

fn notice(kept: &Path, why: &str, salvaged: &Salvaged) -> String {
    let open = salvaged.records.iter().filter(|record| record.state != State::Done).count();
    let held = match salvaged.held {
        0 => String::new(),
        held => format!(" {held} of them may be out of date and wait for you to retry or discard them."),
    };
    let lost = match salvaged.unread {
        0 => String::new(),
        unread => format!(" {unread} could not be read."),
    };
    format!(
        "The outbox was damaged ({why}). It was kept as {}; {open} unsent triage decisions were recovered from it.{held}\
         {lost} Compare `aspm-lsp outbox list` with what you triaged lately.",
        kept.display()
    )
}

/// Damaged outboxes that are kept beside the one in use, the first one first.
pub(crate) fn kept(path: &Path) -> Vec<PathBuf> {
    (1..=MOST_LOOKED_FOR)
        .map(|number| beside(path, &format!(".corrupt-{number}")))
        .filter(|kept| kept.exists())
        .collect()
}

/// Copies the database with its companions under a name that is free.
fn keep(path: &Path) -> io::Result<PathBuf> {
    let mut number = 1_u32;
    let target = loop {
        let target = beside(path, &format!(".corrupt-{number}"));
        match fs::symlink_metadata(&target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => break target,
            Err(error) => return Err(error),
            Ok(_) => number += 1,
        }
    };
    for suffix in ["-wal", "-journal", ""] {
        let from = beside(path, suffix);
        match copy(&from, &beside(&target, suffix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => {}
            other => other?,
        }
    }
    if let Some(folder) = path.parent() {
        sync_folder(folder)?;
    }
    Ok(target)
}

/// Copies a file, for this user alone and onto the disk.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut target = options.open(to)?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()
}

/// Makes a new database of `records`, whole under its name or not there.
fn build(path: &Path, records: &[Record]) -> Result<(), String> {
    let unfinished = beside(path, ".recovering");
    remove(&unfinished).map_err(|error| error.to_string())?;
    folder::prepare_file(&unfinished)?;
    let write = || -> Result<(), Unfit> {
        let mut connection = raw(&unfinished)?;
        connection.pragma_update(None, "synchronous", "EXTRA")?;
        schema::prepare(&mut connection, &OUTBOX)?;
        let transaction = connection.transaction()?;
        for record in records {
            table::add(&transaction, &mut record.clone())?;
        }
        Ok(transaction.commit()?)
    };
    write().map_err(|unfit| match unfit {
        Unfit::Fault(fault) => fault.to_string(),
        Unfit::Newer(version) => format!("format {version}"),
    })?;
    fs::rename(&unfinished, beside(path, ".recovered")).map_err(|error| error.to_string())
}

/// Completes an exchange that a kill broke off. Call with the opening lock held.
pub(crate) fn finish(path: &Path) -> Result<(), String> {
    let trouble = |error: io::Error| format!("{} could not be put in place ({error})", path.display());
    let recovered = beside(path, ".recovered");
    if !recovered.exists() {
        return Ok(());
    }
    for suffix in COMPANIONS {
        remove_file(&beside(path, suffix)).map_err(trouble)?;
    }
    fs::rename(&recovered, path).map_err(trouble)?;
    path.parent().map_or(Ok(()), sync_folder).map_err(trouble)
}

/// Removes a database that nobody needs, whether it is there or not.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    for suffix in COMPANIONS {
        remove_file(&beside(path, suffix))?;
    }
    remove_file(path)
}

fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
