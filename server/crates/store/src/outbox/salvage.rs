//! What can be read of a damaged outbox: by the database as far as it gets, else record by record from the bare bytes.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rusqlite::{Connection, Row};

use super::entry::{Record, Refuser, State};
use super::place::raw;
use super::queue::LONGEST_ENTRY;
use super::recover::{copy, remove};
use super::table;
use crate::error::Fault;
use crate::folder::beside;

/// How every record begins.
const BEGINNING: &[u8] = b"{\"aspm_outbox_change\":";

/// Bytes of a file that are searched.
const MOST_SEARCHED: u64 = 256 << 20;

/// Numbers that are asked for one by one where walking the table ends.
const MOST_ASKED: i64 = 50_000;

/// What was read, in the order of queueing.
#[derive(Debug, Default)]
pub(crate) struct Salvaged {
    pub(crate) records: Vec<Record>,
    /// Records among them that the user has to look at.
    pub(crate) held: usize,
    /// Rows of which nothing could be made.
    pub(crate) unread: usize,
}

/// Reads the database at `kept`, which stays as it is.
pub(crate) fn read(kept: &Path) -> io::Result<Salvaged> {
    let mut rows = Rows::default();
    let working = beside(kept, ".salvage");
    remove(&working)?;
    for suffix in ["-wal", "-journal", ""] {
        match copy(&beside(kept, suffix), &beside(&working, suffix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    if let Err(fault) = by_database(&working, &mut rows) {
        tracing::info!("the damaged outbox is read as far as it goes: {fault}");
    }
    remove(&working)?;

    let mut found = HashMap::new();
    for suffix in ["", "-wal"] {
        match File::open(beside(kept, suffix)) {
            Ok(file) => {
                let mut bytes = Vec::new();
                file.take(MOST_SEARCHED).read_to_end(&mut bytes)?;
                carve(&bytes, &mut found);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(rows.with(found))
}

#[derive(Debug, Default)]
struct Rows {
    whole: BTreeMap<i64, Record>,
    /// Readable, and not as it was written.
    altered: BTreeMap<i64, Record>,
    unread: Vec<i64>,
}

impl Rows {
    fn knows(&self, number: i64) -> bool {
        self.whole.contains_key(&number) || self.altered.contains_key(&number) || self.unread.contains(&number)
    }

    fn take(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        let number: i64 = row.get(0)?;
        let (Ok(body), Ok(digest)) = (row.get::<_, Vec<u8>>(1), row.get::<_, Vec<u8>>(2)) else {
            self.unread.push(number);
            return Ok(());
        };
        match serde_json::from_slice(&body) {
            Ok(record) if table::digest(&body)[..] == digest[..] => drop(self.whole.insert(number, record)),
            Ok(record) => drop(self.altered.insert(number, record)),
            Err(_) => self.unread.push(number),
        }
        Ok(())
    }

    /// Together with what was `found` in the bare bytes and is not among the rows.
    fn with(self, mut found: HashMap<String, Record>) -> Salvaged {
        let mut salvaged = Salvaged::default();
        let mut unread = self.unread.len();
        for mut record in self.whole.into_values() {
            // It may be an older state than the last one.
            record.may_have_arrived |= record.state.is_on_its_way();
            found.remove(record.id.as_str());
            salvaged.records.push(record);
        }
        let mut held: Vec<Record> = Vec::new();
        for record in self.altered.into_values() {
            if salvaged.records.iter().any(|known| known.id == record.id) {
                continue;
            }
            // The bare bytes may hold it as it was written.
            held.push(found.remove(record.id.as_str()).unwrap_or(record));
        }
        let mut rest: Vec<Record> = found.into_values().collect();
        rest.sort_by(|a, b| (a.entry.created_at, &a.id).cmp(&(b.entry.created_at, &b.id)));
        unread = unread.saturating_sub(rest.len());
        held.extend(rest);
        for mut record in held {
            if record.state.is_on_its_way() {
                record.may_have_arrived = true;
                record.claim = None;
                let why = "it was recovered from a damaged outbox and may be out of date".to_owned();
                record.state = State::Refused { why, by: Refuser::Outbox };
                salvaged.held += 1;
            }
            salvaged.records.push(record);
        }
        salvaged.unread = unread;
        salvaged
    }
}

/// From both ends to where it breaks, then each number in between.
fn by_database(path: &Path, rows: &mut Rows) -> Result<(), Fault> {
    let connection = raw(path)?;
    let ascending = walk(&connection, "ASC", rows);
    if ascending.is_ok() {
        return Ok(());
    }
    let up_to = last(rows);
    if walk(&connection, "DESC", rows).is_ok() {
        return Ok(());
    }
    let beyond = last(rows).max(up_to);
    let mut statement = connection.prepare("SELECT number, body, digest FROM entry NOT INDEXED WHERE number = ?1")?;
    for number in (1..=beyond.saturating_add(1_000)).take(usize::try_from(MOST_ASKED).unwrap_or(usize::MAX)) {
        if !rows.knows(number)
            && let Ok(mut found) = statement.query([number])
            && let Ok(Some(row)) = found.next()
        {
            rows.take(row)?;
        }
    }
    ascending
}

fn last(rows: &Rows) -> i64 {
    let last = |map: &BTreeMap<i64, Record>| map.last_key_value().map_or(0, |(number, _)| *number);
    last(&rows.whole).max(last(&rows.altered))
}

fn walk(connection: &Connection, order: &str, rows: &mut Rows) -> Result<(), Fault> {
    let sql = format!("SELECT number, body, digest FROM entry NOT INDEXED ORDER BY number {order}");
    let mut statement = connection.prepare(&sql)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        if row.get::<_, i64>(0).is_ok_and(|number| rows.knows(number)) {
            break;
        }
        rows.take(row)?;
    }
    Ok(())
}

/// Adds the newest copy of each record in `bytes` that is as it was written: its digest follows it.
fn carve(bytes: &[u8], found: &mut HashMap<String, Record>) {
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|&byte| byte == b'{') {
        at += next;
        if bytes[at..].starts_with(BEGINNING) {
            let rest = &bytes[at..bytes.len().min(at + LONGEST_ENTRY)];
            let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Record>();
            if let Some(Ok(record)) = values.next() {
                let (body, behind) = rest.split_at(values.byte_offset());
                let is_newest = found.get(record.id.as_str()).is_none_or(|known| known.change < record.change);
                if behind.starts_with(&table::digest(body)) && is_newest {
                    found.insert(record.id.to_string(), record);
                }
            }
        }
        at += 1;
    }
}
