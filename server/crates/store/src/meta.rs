//! What is known of a source as a whole: how far it was read and how fresh that is.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use crate::error::Fault;

/// One source, as of its last completed sync.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceMeta {
    /// Counts the commits into this cache, from 1. Set by the store.
    #[serde(skip)]
    pub revision: u64,
    /// Findings in the cache, all statuses. Set by the store.
    pub findings: usize,
    /// Where the next sync goes on; only its connector reads it (an `ETag`, a watermark, a digest).
    pub cursor: Option<String>,
    /// When the source was last read successfully, RFC 3339.
    pub synced_at: String,
    /// When the newest scan in it ended, RFC 3339.
    pub scanned_at: Option<String>,
    /// Commit that was scanned; `None` when the source names none or several.
    pub scan_commit: Option<String>,
    /// The commit taken for the scanned one where the source names none: what was checked out when it was read.
    pub assumed_commit: Option<String>,
    /// What is missing or doubtful, one sentence each.
    pub problems: Vec<String>,
    /// There may be findings that were not read: a gate must not take their absence for safety.
    pub is_incomplete: bool,
    /// What the source knows of the application.
    pub application: Option<finding::SourceApplication>,
    /// Names of the tools that ran, also of those that found nothing.
    pub tools: Vec<String>,
}

pub(crate) fn read(connection: &Connection) -> Result<Option<SourceMeta>, Fault> {
    let stored = connection
        .prepare_cached("SELECT revision, body FROM source")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let Some((revision, body)) = stored else { return Ok(None) };
    let mut meta: SourceMeta =
        serde_json::from_slice(&body).map_err(|error| Fault::corrupt(format!("the source's state: {error}")))?;
    meta.revision = u64::try_from(revision).map_err(|_| Fault::corrupt("a negative revision"))?;
    Ok(Some(meta))
}

pub(crate) fn revision(connection: &Connection) -> Result<u64, Fault> {
    let stored: Option<i64> =
        connection.prepare_cached("SELECT revision FROM source")?.query_row([], |row| row.get(0)).optional()?;
    u64::try_from(stored.unwrap_or(0)).map_err(|_| Fault::corrupt("a negative revision"))
}

pub(crate) fn write(connection: &Connection, meta: &SourceMeta) -> Result<(), Fault> {
    let body = serde_json::to_vec(meta).map_err(|error| Fault::Other(error.to_string()))?;
    let revision = i64::try_from(meta.revision).map_err(|_| Fault::corrupt("the revision counter ran over"))?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO source (only, revision, body) VALUES (1, ?1, ?2)")?
        .execute(params![revision, body])?;
    Ok(())
}
