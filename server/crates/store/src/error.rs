//! What can go wrong once a store is open, in words for people.

use std::path::Path;

use rusqlite::{ErrorCode, ffi};

/// Why an operation on the store failed. Nothing is ever half done: what was in the cache before is still there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing to load: no sync of this source has completed yet.
    #[error("Nothing was synced into the {cache} yet; run a sync first.")]
    NeverSynced {
        /// Which cache.
        cache: String,
    },
    /// The content is damaged. [`Store::set_aside`](crate::Store::set_aside) keeps the file for inspection and starts
    /// an empty one.
    #[error("The {cache} is damaged ({what}); it has to be set aside and filled again by a sync.")]
    Corrupt {
        /// Which cache.
        cache: String,
        /// What was found.
        what: String,
    },
    /// Another process kept the cache locked for longer than we are willing to wait.
    #[error("The {cache} is being written by another process; try again in a moment.")]
    Busy {
        /// Which cache.
        cache: String,
    },
    /// No room. What was there before the operation is still there.
    #[error(
        "No room left to write the {cache}; free some disk space and sync again. The findings it had are unchanged."
    )]
    Full {
        /// Which cache.
        cache: String,
    },
    /// The cache may not be written any more.
    #[error("The {cache} cannot be written (read-only); make it writable and sync again.")]
    ReadOnly {
        /// Which cache.
        cache: String,
    },
    /// The file behind this store was removed or set aside by another process: open the store again.
    #[error("The {cache} was replaced by another process; it has to be opened again.")]
    Replaced {
        /// Which cache.
        cache: String,
    },
    /// Anything else.
    #[error("The {cache} could not be used: {what}.")]
    Other {
        /// Which cache.
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
    Replaced,
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
            Self::NeverSynced | Self::Replaced | Self::Other(_) => false,
        }
    }

    pub(crate) fn at(self, path: Option<&Path>) -> Error {
        let cache = path.map_or_else(
            || "findings cache (in memory)".to_owned(),
            |path| format!("findings cache {}", path.display()),
        );
        match self {
            Self::NeverSynced => Error::NeverSynced { cache },
            Self::Replaced => Error::Replaced { cache },
            Self::Corrupt(what) => Error::Corrupt { cache, what },
            Self::Other(what) => Error::Other { cache, what },
            Self::Sql(error) if is_full(&error) => Error::Full { cache },
            Self::Sql(error) if damage(&error) => Error::Corrupt { cache, what: error.to_string() },
            Self::Sql(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy { cache },
                Some(ErrorCode::ReadOnly) => Error::ReadOnly { cache },
                _ => Error::Other { cache, what: error.to_string() },
            },
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sql(error) if is_full(error) => f.write_str("there is no room left on its disk; free some"),
            Self::Sql(error) => error.fmt(f),
            Self::Corrupt(what) | Self::Other(what) => f.write_str(what),
            Self::NeverSynced => f.write_str("nothing was synced yet"),
            Self::Replaced => f.write_str("it was replaced by another process"),
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// The memory that processes share lies in a file too: where that cannot grow SQLite has a word of its own.
pub(crate) fn is_full(error: &rusqlite::Error) -> bool {
    let no_shared_memory = error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_IOERR_SHMSIZE);
    no_shared_memory || error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

/// A value of the wrong type is damage too: our own statements never write one.
fn damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as Sql;
    // Of a garbled header SQLite says this, with the code it has for everything else.
    let is_odd_header = |words: &String| words == "unsupported file format";
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || matches!(error, Sql::SqliteFailure(_, Some(words)) if is_odd_header(words))
        || matches!(
            error,
            Sql::InvalidColumnType(..)
                | Sql::IntegralValueOutOfRange(..)
                | Sql::FromSqlConversionFailure(..)
                | Sql::Utf8Error(..)
        )
}
