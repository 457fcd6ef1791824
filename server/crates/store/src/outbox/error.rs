//! What can go wrong with the outbox, in words for people. Unlike a cache it has no stand-in: what fails is said.

use std::path::Path;

use rusqlite::ErrorCode;

use super::entry::OutboxId;
use crate::error::{Fault, is_full};

/// Why an operation on the outbox failed. Whatever it was, it was not done, not even in part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboxError {
    /// There is no outbox to be had.
    #[error(
        "Triage cannot be queued or sent, because {why}. Put that right, or set ASPM_DATA_DIR to another folder; what waits \
         stays where it is."
    )]
    Unusable {
        /// Reads on after "because".
        why: String,
    },
    /// Another process kept it locked for longer than we are willing to wait.
    #[error("The outbox {path} is being written by another process; try again in a moment.")]
    Busy {
        /// The database.
        path: String,
    },
    /// No room.
    #[error("No room left to write the outbox {path}; free some disk space and try again. What it had is unchanged.")]
    Full {
        /// The database.
        path: String,
    },
    /// It may not be written any more.
    #[error("The outbox {path} cannot be written (read-only); make it writable and try again.")]
    ReadOnly {
        /// The database.
        path: String,
    },
    /// There is no such entry.
    #[error("There is no triage {id} in the outbox; `aspm-lsp outbox list` shows what there is.")]
    NotThere {
        /// What was asked for.
        id: OutboxId,
    },
    /// A process is sending it just now.
    #[error("Triage {id} is being sent just now; try again in a moment.")]
    BeingSent {
        /// The entry.
        id: OutboxId,
    },
    /// It arrived already.
    #[error("Triage {id} has arrived already; give a new one to change the finding again.")]
    AlreadyDone {
        /// The entry.
        id: OutboxId,
    },
    /// The claim is not this process's any more.
    #[error("Triage {id} is not this process's to settle any more: its outcome was taken as unknown.")]
    ClaimLost {
        /// The entry.
        id: OutboxId,
    },
    /// It is beyond any size that a person writes.
    #[error("The triage of {finding} is too long to be queued ({bytes} bytes; {most} at most); shorten its reason.")]
    TooLong {
        /// The finding.
        finding: String,
        /// Its size.
        bytes: usize,
        /// The bound.
        most: usize,
    },
    /// Anything else.
    #[error("The outbox {path} could not be used: {what}.")]
    Other {
        /// The database.
        path: String,
        /// What the database or system said.
        what: String,
    },
}

/// Why work on the database stops.
#[derive(Debug)]
pub(crate) enum Stop {
    Fault(Fault),
    Said(OutboxError),
}

impl Stop {
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Fault(fault) if fault.is_damage())
    }

    pub(crate) fn at(self, path: &Path) -> OutboxError {
        let path = path.display().to_string();
        match self {
            Self::Said(error) => error,
            Self::Fault(Fault::Sql(error)) if is_full(&error) => OutboxError::Full { path },
            Self::Fault(Fault::Sql(error)) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OutboxError::Busy { path },
                Some(ErrorCode::ReadOnly) => OutboxError::ReadOnly { path },
                _ => OutboxError::Other { path, what: error.to_string() },
            },
            Self::Fault(fault) => OutboxError::Other { path, what: fault.to_string() },
        }
    }
}

impl<E: Into<Fault>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

impl From<OutboxError> for Stop {
    fn from(error: OutboxError) -> Self {
        Self::Said(error)
    }
}
