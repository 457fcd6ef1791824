//! The compact index of a whole source: from its packed form, or from the rows when that is missing.

use finding::{Index, IndexBuilder, Kind, RowFacts, Severity, StatusValue};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use crate::error::Fault;
use crate::packed::Unpacker;
use crate::{Error, SourceMeta, Store, meta};

impl Store {
    /// The index of all findings with the state of the source it belongs to, both of one revision.
    ///
    /// # Errors
    /// [`Error::NeverSynced`] before the first sync; [`Error::Corrupt`] when anything stored does not add up.
    pub fn load_index(&self) -> Result<(SourceMeta, Index), Error> {
        self.run(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            let meta = meta::read(&snapshot)?.ok_or(Fault::NeverSynced)?;
            let index = match from_packed(&snapshot, meta.revision)? {
                Some(index) => index,
                None => from_rows(&snapshot)?,
            };
            if index.rows().len() != meta.findings {
                return Err(Fault::corrupt(format!(
                    "{} findings where {} were written",
                    index.rows().len(),
                    meta.findings
                )));
            }
            Ok((meta, index))
        })
    }
}

fn from_packed(connection: &Connection, revision: u64) -> Result<Option<Index>, Fault> {
    let mut statement = connection.prepare_cached("SELECT revision, bytes FROM packed ORDER BY part")?;
    let mut rows = statement.query([])?;
    let mut unpacker = Unpacker::default();
    let mut parts = 0;
    while let Some(row) = rows.next()? {
        if u64::try_from(row.get::<_, i64>(0)?) != Ok(revision) {
            return Ok(None);
        }
        let bytes = row.get_ref(1)?.as_blob().map_err(|error| Fault::corrupt(format!("the packed index: {error}")))?;
        unpacker.part(bytes)?;
        parts += 1;
    }
    Ok((parts > 0).then(|| unpacker.finish()))
}

fn from_rows(connection: &Connection) -> Result<Index, Fault> {
    let mut builder = IndexBuilder::default();
    each_row(connection, "finding", |facts| {
        builder.push(facts);
        Ok(())
    })?;
    Ok(builder.finish())
}

/// Hands on every row of `table` (one with the columns of `finding`), sorted by path, line and id.
pub(crate) fn each_row(
    connection: &Connection,
    table: &str,
    mut take: impl FnMut(RowFacts<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, rule, path, message, tool, line, severity, status, kind FROM {table} ORDER BY path, line, id"
    ))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take(RowFacts {
            id: text(row, 0)?,
            rule: text(row, 1)?,
            path: text(row, 2)?,
            message: text(row, 3)?,
            tool: text(row, 4)?,
            line: row.get(5)?,
            severity: severity(row.get(6)?)?,
            status: status(row.get(7)?)?,
            kind: kind(row.get(8)?)?,
        })?;
    }
    Ok(())
}

fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str, Fault> {
    match row.get_ref(column)? {
        ValueRef::Text(bytes) => {
            std::str::from_utf8(bytes).map_err(|error| rusqlite::Error::Utf8Error(column, error).into())
        }
        other => Err(rusqlite::Error::InvalidColumnType(column, String::new(), other.data_type()).into()),
    }
}

/// The number that stands for a severity in the database.
pub(crate) fn severity_code(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 0,
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

pub(crate) fn severity(code: u8) -> Result<Severity, Fault> {
    Ok(match code {
        0 => Severity::Info,
        1 => Severity::Low,
        2 => Severity::Medium,
        3 => Severity::High,
        4 => Severity::Critical,
        _ => return Err(Fault::corrupt(format!("severity number {code}"))),
    })
}

/// The number that stands for a status in the database.
pub(crate) fn status_code(status: StatusValue) -> u8 {
    match status {
        StatusValue::Open => 0,
        StatusValue::FalsePositive => 1,
        StatusValue::RiskAccepted => 2,
        StatusValue::OutOfScope => 3,
        StatusValue::Mitigated => 4,
        StatusValue::Duplicate => 5,
    }
}

pub(crate) fn status(code: u8) -> Result<StatusValue, Fault> {
    Ok(match code {
        0 => StatusValue::Open,
        1 => StatusValue::FalsePositive,
        2 => StatusValue::RiskAccepted,
        3 => StatusValue::OutOfScope,
        4 => StatusValue::Mitigated,
        5 => StatusValue::Duplicate,
        _ => return Err(Fault::corrupt(format!("status number {code}"))),
    })
}

/// The number that stands for a kind in the database.
pub(crate) fn kind_code(kind: Kind) -> u8 {
    match kind {
        Kind::Code => 0,
        Kind::Dependency => 1,
        Kind::Secret => 2,
        Kind::Infrastructure => 3,
        Kind::Container => 4,
        Kind::Endpoint => 5,
    }
}

pub(crate) fn kind(code: u8) -> Result<Kind, Fault> {
    Ok(match code {
        0 => Kind::Code,
        1 => Kind::Dependency,
        2 => Kind::Secret,
        3 => Kind::Infrastructure,
        4 => Kind::Container,
        5 => Kind::Endpoint,
        _ => return Err(Fault::corrupt(format!("kind number {code}"))),
    })
}
