//! What can go wrong once a store is open, in words for people.

use std::path::Path;

use rusqlite::ErrorCode;

/// Why an operation on the store failed. Nothing is ever half done: what was in the cache before is still there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing to load: no sync of this source has completed yet.
    #[error("Nothing was synced into {cache} yet; run a sync first.")]
    NeverSynced {
        /// Where the cache is.
        cache: String,
    },
    /// The content is damaged. [`Store::set_aside`](crate::Store::set_aside) keeps the file for inspection and starts
    /// an empty one.
    #[error("{cache} is damaged ({what}); it has to be set aside and filled again by a sync.")]
    Corrupt {
        /// Where the cache is.
        cache: String,
        /// What was found.
        what: String,
    },
    /// Another process kept the cache locked for longer than we are willing to wait.
    #[error("{cache} is being written by another process; try again in a moment.")]
    Busy {
        /// Where the cache is.
        cache: String,
    },
    /// No room. What was there before the operation is still there.
    #[error("No room left to write {cache}; free some disk space and sync again. The findings it had are unchanged.")]
    Full {
        /// Where the cache is.
        cache: String,
    },
    /// The cache may not be written any more.
    #[error("{cache} cannot be written (read-only); make it writable and sync again.")]
    ReadOnly {
        /// Where the cache is.
        cache: String,
    },
    /// The file behind this store was removed or set aside by another process: open the store again.
    #[error("{cache} was replaced by another process; it has to be opened again.")]
    Replaced {
        /// Where the cache is.
        cache: String,
    },
    /// Anything else.
    #[error("{cache} could not be used: {what}.")]
    Other {
        /// Where the cache is.
        cache: String,
        /// What the database said.
        what: String,
    },
}

/// A failure before it is known which file it concerns.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(rusqlite::Error),
    Corrupt(String),
    NeverSynced,
    Other(String),
}

impl Fault {
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt(what.into())
    }

    /// Whether the file's content is to blame, rather than its surroundings.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Corrupt(_) => true,
            Self::Sql(error) => damage(error),
            Self::NeverSynced | Self::Other(_) => false,
        }
    }

    pub(crate) fn at(self, path: Option<&Path>) -> Error {
        let cache = path.map_or_else(
            || "The findings cache (in memory)".to_owned(),
            |path| format!("The findings cache {}", path.display()),
        );
        match self {
            Self::NeverSynced => Error::NeverSynced { cache },
            Self::Corrupt(what) => Error::Corrupt { cache, what },
            Self::Other(what) => Error::Other { cache, what },
            Self::Sql(error) if damage(&error) => Error::Corrupt { cache, what: error.to_string() },
            Self::Sql(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy { cache },
                Some(ErrorCode::DiskFull) => Error::Full { cache },
                Some(ErrorCode::ReadOnly) => Error::ReadOnly { cache },
                _ => Error::Other { cache, what: error.to_string() },
            },
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sql(error) => error.fmt(f),
            Self::Corrupt(what) | Self::Other(what) => f.write_str(what),
            Self::NeverSynced => f.write_str("nothing was synced yet"),
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// A value of the wrong type is damage too: our own statements never write one.
fn damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as Sql;
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || matches!(
            error,
            Sql::InvalidColumnType(..)
                | Sql::IntegralValueOutOfRange(..)
                | Sql::FromSqlConversionFailure(..)
                | Sql::Utf8Error(..)
        )
}
