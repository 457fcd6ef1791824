//! The tables, and how a file becomes one of ours.
//!
//! `finding` is slim (what the index and queries need), `detail` holds the rest, `rule` each distinct rule text once,
//! `packed` the whole index ready to load. `packed` may lag behind: it counts only at the revision it was made for.

use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior, config::DbConfig, limits::Limit};

use crate::error::Fault;

/// What the tables of a database are, and how an older file gets there.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Tells our files from other programs'.
    pub(crate) application_id: i32,
    /// Step `n` takes a file from version `n` to `n + 1`; steps are only ever added.
    pub(crate) steps: &'static [&'static [&'static str]],
    /// Everything of the newest version, in the words that the database keeps.
    pub(crate) objects: &'static [&'static str],
}

/// A source's cache; "aspm" in ASCII.
pub(crate) const CACHE: Layout = Layout { application_id: 0x6173_706D, steps: &[&OBJECTS], objects: &OBJECTS };

/// A value longer than this is refused by the database, in and out.
const LONGEST_VALUE: i32 = 64 << 20;

/// Paths are `""` where a finding has none.
const OBJECTS: [&str; 7] = [
    "CREATE TABLE source (only INTEGER PRIMARY KEY CHECK (only = 1), revision INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE finding (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, rule TEXT NOT NULL, path TEXT NOT NULL, \
     message TEXT NOT NULL, tool TEXT NOT NULL, line INTEGER NOT NULL, severity INTEGER NOT NULL, \
     status INTEGER NOT NULL, kind INTEGER NOT NULL)",
    "CREATE INDEX finding_path ON finding (path, line, id)",
    "CREATE TABLE detail (number INTEGER PRIMARY KEY, rule_digest BLOB NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE rule (number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, body BLOB NOT NULL)",
    "CREATE TABLE packed (part INTEGER PRIMARY KEY, revision INTEGER NOT NULL, bytes BLOB NOT NULL)",
    "CREATE TABLE placement (number INTEGER PRIMARY KEY, evidence BLOB NOT NULL, blob TEXT NOT NULL, \
     bytes BLOB NOT NULL, UNIQUE (evidence, blob))",
];

/// Why a file cannot be used as it is.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// Written by a later version of this program, which must find it untouched.
    Newer(i32),
    /// Damage, or surroundings: see [`Fault::is_damage`].
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Unfit {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// How long a write waits for another process that writes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How every connection behaves; first thing after opening.
pub(crate) fn configure(connection: &Connection) -> Result<(), Fault> {
    connection.busy_timeout(PATIENCE)?;
    // The file is not trusted: nothing stored in it may act.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // With WAL this loses the last commits on a power cut, never the file.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    Ok(())
}

/// Whose file this is, by looking only: damage when it is not ours, newer when it is not for us.
pub(crate) fn recognise(connection: &Connection, layout: &Layout) -> Result<(), Unfit> {
    steps_done(connection, layout.application_id, layout.steps.len()).map(|_| ())
}

/// Creates or migrates the tables, and leaves nothing unexpected unnoticed.
pub(crate) fn prepare(connection: &mut Connection, layout: &Layout) -> Result<(), Unfit> {
    migrate(connection, layout.application_id, layout.steps)?;
    let mut expected: Vec<String> = layout.objects.iter().map(|&sql| sql.to_owned()).collect();
    expected.sort();
    if objects(connection)? != expected {
        return Err(Fault::corrupt("its tables are not those of this program").into());
    }
    Ok(())
}

fn migrate(connection: &mut Connection, application_id: i32, steps: &[&[&str]]) -> Result<(), Unfit> {
    let done = steps_done(connection, application_id, steps.len())?;
    if done == steps.len() {
        return Ok(());
    }
    let newest = i32::try_from(steps.len()).map_err(|error| Fault::Other(error.to_string()))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for sql in steps[done..].iter().copied().flatten() {
        transaction.execute_batch(sql)?;
    }
    transaction.pragma_update(None, "application_id", application_id)?;
    transaction.pragma_update(None, "user_version", newest)?;
    Ok(transaction.commit()?)
}

/// How many of `known` steps the file has behind it; none for an empty file.
fn steps_done(connection: &Connection, application_id: i32, known: usize) -> Result<usize, Unfit> {
    let (application, version) = header(connection)?;
    let fresh = application == 0 && version == 0 && objects(connection)?.is_empty();
    match usize::try_from(version) {
        Ok(0) if fresh => Ok(0),
        Ok(done) if application == application_id && done > known => Err(Unfit::Newer(version)),
        Ok(done) if application == application_id && done > 0 => Ok(done),
        _ => Err(Fault::corrupt("it is another program's database").into()),
    }
}

fn header(connection: &Connection) -> Result<(i32, i32), Fault> {
    let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((application, version))
}

fn objects(connection: &Connection) -> Result<Vec<String>, Fault> {
    let mut statement = connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")?;
    let mut found = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_takes_the_missing_steps_and_keeps_its_rows() {
        let mut connection = Connection::open_in_memory().unwrap();
        let first: &[&str] = &["CREATE TABLE a (x)", "INSERT INTO a VALUES (7)"];
        let second: &[&str] = &["ALTER TABLE a ADD COLUMN y DEFAULT 8"];
        migrate(&mut connection, 7, &[first]).unwrap();
        migrate(&mut connection, 7, &[first, second]).unwrap();
        migrate(&mut connection, 7, &[first, second]).unwrap();
        let row = connection.query_row("SELECT x, y FROM a", [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(row, Ok((7, 8)));
        assert!(matches!(migrate(&mut connection, 7, &[first]), Err(Unfit::Newer(2))));
    }

    #[test]
    fn a_failing_step_leaves_the_older_file_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        let first: &[&str] = &["CREATE TABLE a (x)"];
        let broken: &[&str] = &["DROP TABLE a", "no SQL at all"];
        migrate(&mut connection, 7, &[first]).unwrap();
        assert!(migrate(&mut connection, 7, &[first, broken]).is_err());
        assert_eq!(header(&connection).unwrap(), (7, 1));
        assert_eq!(objects(&connection).unwrap(), ["CREATE TABLE a (x)"]);
    }

    #[test]
    fn a_planted_trigger_or_a_strange_table_is_damage() {
        for planted in [
            "CREATE TRIGGER t AFTER INSERT ON finding BEGIN DELETE FROM source; END",
            "CREATE VIEW v AS SELECT 1",
            "DROP TABLE packed",
            "ALTER TABLE placement ADD COLUMN more",
        ] {
            let mut connection = Connection::open_in_memory().unwrap();
            prepare(&mut connection, &CACHE).unwrap();
            connection.execute_batch(planted).unwrap();
            assert!(
                matches!(prepare(&mut connection, &CACHE), Err(Unfit::Fault(fault)) if fault.is_damage()),
                "{planted}"
            );
        }
    }
}
