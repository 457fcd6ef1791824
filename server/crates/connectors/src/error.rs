//! What ends a pull.

use crate::Problem;

/// A pull that brought nothing to rely on. Each text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The source's `path` cannot be used at all.
    #[error("source `{name}`: `path = \"{pattern}\"` {why}")]
    Pattern {
        /// The source.
        name: String,
        /// Its pattern.
        pattern: String,
        /// What is wrong and what to do.
        why: String,
    },
    /// No log is there: that is no data, not "no findings".
    #[error(
        "source `{name}`: no SARIF log matches `{pattern}` in the repository; run the scanner that writes it, or correct \
         `path` of this source in aspm.toml{hint}"
    )]
    NoLogs {
        /// The source.
        name: String,
        /// Its pattern.
        pattern: String,
        /// What was seen and passed over, ready to append; may be empty.
        hint: String,
    },
    /// Logs are there and none could be read.
    #[error(
        "source `{name}`: none of {logs} SARIF log(s) at `{pattern}` could be read: {}",
        .problems.first().map_or_else(|| "no reason known".to_owned(), ToString::to_string)
    )]
    Unreadable {
        /// The source.
        name: String,
        /// Its pattern.
        pattern: String,
        /// How many logs there are.
        logs: usize,
        /// Why, at least one per log.
        problems: Vec<Problem>,
    },
    /// A server was not asked, did not answer, or refused.
    #[error("source `{name}`: {error}")]
    Http {
        /// The source.
        name: String,
        /// Why.
        error: crate::http::HttpError,
    },
    /// The sink refused a finding.
    #[error("findings could not be stored: {0}")]
    Sink(String),
    /// The caller asked to stop.
    #[error("cancelled before everything was read")]
    Cancelled,
}
