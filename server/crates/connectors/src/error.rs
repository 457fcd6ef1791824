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
    /// The server was asked and cannot be read this way.
    #[error("source `{name}`: {why}")]
    Server {
        /// The source.
        name: String,
        /// What is wrong.
        fault: ServerFault,
        /// The same for people, with what to do.
        why: String,
    },
    /// Which of the server's products holds this repository is not clear.
    #[error(
        "source `{name}`: {}; set `product = \"…\"` of this source in aspm.toml{}",
        if *.is_several { "several products hold this repository" } else { "no product that this account may see names this repository" },
        listed(.candidates)
    )]
    Product {
        /// The source.
        name: String,
        /// Several hold it; else none does.
        is_several: bool,
        /// Names to choose from.
        candidates: Vec<String>,
    },
    /// The sink refused a finding.
    #[error("findings could not be stored: {0}")]
    Sink(String),
    /// The caller asked to stop.
    #[error("cancelled before everything was read")]
    Cancelled,
}

/// What keeps a server from being read, for callers that act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerFault {
    /// The server does not know the token.
    BadToken,
    /// No token was sent: none is configured for this server.
    NoToken,
    /// The account is known and may not do this.
    NoPermission,
    /// What answers is no server of this kind.
    NotThisKind,
    /// It is one, of a version that lacks what is needed or answers otherwise than known.
    WrongVersion,
    /// It ignored a filter or an order that was asked for, or contradicts itself.
    Unsound,
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(" to one of: {}", names.join(", ")) }
}
