//! The one table. A record is JSON whole, with its digest behind it; the columns before are copies to ask by.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest, Sha256};

use super::entry::{Filter, OutboxId, Record, Source};
use crate::error::Fault;
use crate::schema::Layout;

/// "aspo" in ASCII.
pub(crate) const OUTBOX: Layout = Layout { application_id: 0x6173_706F, steps: &[&OBJECTS], objects: &OBJECTS };

/// `body` and `digest` come last and in this order: salvage reads them without the help of the database.
const OBJECTS: [&str; 3] = [
    "CREATE TABLE entry (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, origin TEXT NOT NULL, \
     product TEXT NOT NULL, account TEXT NOT NULL, source TEXT NOT NULL, finding TEXT NOT NULL, \
     state INTEGER NOT NULL, not_before INTEGER NOT NULL, changed_at INTEGER NOT NULL, body BLOB NOT NULL, \
     digest BLOB NOT NULL)",
    "CREATE INDEX entry_finding ON entry (finding, number)",
    "CREATE INDEX entry_state ON entry (state, number)",
];

const COLUMNS: &str =
    "number, id, origin, product, account, source, finding, state, not_before, changed_at, body, digest";

/// States of entries that are on their way; see `State::code`.
pub(crate) const ON_ITS_WAY: &str = "(0, 1, 2)";

/// A new name that no other machine gives.
pub(crate) fn new_id(connection: &Connection) -> Result<OutboxId, Fault> {
    let id: String = connection.query_row("SELECT lower(hex(randomblob(10)))", [], |row| row.get(0))?;
    Ok(OutboxId::from_stored(&id))
}

/// Adds a record behind all others.
pub(crate) fn add(connection: &Connection, record: &mut Record) -> Result<(), Fault> {
    put(connection, None, record)
}

/// Writes a record: under `number` in place of the one there.
pub(crate) fn put(connection: &Connection, number: Option<i64>, record: &mut Record) -> Result<(), Fault> {
    record.change += 1;
    let body = body(record)?;
    let Source { origin, product, account, name } = &record.entry.source;
    connection
        .prepare_cached(&format!(
            "INSERT INTO entry ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (number) DO UPDATE SET account = excluded.account, state = excluded.state, not_before = excluded.not_before,
               changed_at = excluded.changed_at, body = excluded.body, digest = excluded.digest"
        ))?
        .execute(params![
            number,
            record.id.as_str(),
            origin,
            product,
            account,
            name,
            record.entry.finding.as_str(),
            record.state.code(),
            record.not_before,
            record.changed_at,
            body,
            digest(&body),
        ])?;
    Ok(())
}

/// A record as it is written.
pub(crate) fn body(record: &Record) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(record).map_err(|error| Fault::Other(error.to_string()))
}

pub(crate) fn digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

/// One record with its number.
pub(crate) fn get(connection: &Connection, id: &OutboxId) -> Result<Option<(i64, Record)>, Fault> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM entry WHERE id = ?1"))?;
    statement.query_row([id.as_str()], |row| Ok(decode(row))).optional()?.transpose()
}

/// Of the source in the first four parameters: what is of nobody is everybody's, and nobody in particular means all.
pub(crate) const OF_SOURCE: &str = "(?1 IS NULL OR (origin = ?1 AND product = ?2 AND source = ?4 \
     AND (account = ?3 OR account = '' OR ?3 = '')))";

/// Those that match, oldest first; `and` is further SQL about the columns.
pub(crate) fn select(connection: &Connection, filter: Filter<'_>, and: &str) -> Result<Vec<(i64, Record)>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM entry WHERE {OF_SOURCE}
         AND (?5 IS NULL OR finding = ?5) AND (?6 = 0 OR state <> 5) {and} ORDER BY number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let Filter { source, finding, is_open } = filter;
    let mut rows = statement.query(params![
        source.map(|source| &source.origin),
        source.map(|source| &source.product),
        source.map(|source| &source.account),
        source.map(|source| &source.name),
        finding.map(finding::FindingId::as_str),
        is_open,
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(decode(row)?);
    }
    Ok(found)
}

pub(crate) fn delete(connection: &Connection, number: i64) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM entry WHERE number = ?1")?.execute([number])?;
    Ok(())
}

/// A row of all columns, if nothing in it contradicts anything else.
pub(crate) fn decode(row: &Row<'_>) -> Result<(i64, Record), Fault> {
    let number = row.get(0)?;
    let broken = |what: &str| Fault::corrupt(format!("entry {number} {what}"));
    let (body, sum): (Vec<u8>, Vec<u8>) = (row.get(10)?, row.get(11)?);
    if digest(&body)[..] != sum[..] {
        return Err(broken("is not as it was written"));
    }
    let record: Record = serde_json::from_slice(&body).map_err(|error| broken(&error.to_string()))?;
    let texts: [String; 6] = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
    let Source { origin, product, account, name } = &record.entry.source;
    let expected = [record.id.as_str(), origin, product, account, name, record.entry.finding.as_str()];
    let times: (u8, i64, i64) = (row.get(7)?, row.get(8)?, row.get(9)?);
    if texts != expected || times != (record.state.code(), record.not_before, record.changed_at) {
        return Err(broken("contradicts itself"));
    }
    Ok((number, record))
}
