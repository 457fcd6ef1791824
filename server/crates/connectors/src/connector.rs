//! What every connector promises: pull everything if anything changed, and say how complete it was.

use std::fmt;

use finding::{Finding, Tool};

use crate::Error;

/// Takes findings as they are read; the store is one.
pub trait Sink {
    /// Takes one finding. An error ends the pull ([`Error::Sink`]); its text says what failed.
    fn finding(&mut self, finding: Finding) -> Result<(), String>;
}

/// A place findings come from.
pub trait Connector {
    /// The kind as configured, e.g. `sarif`.
    fn kind(&self) -> &'static str;

    /// Reads everything into `sink` if it changed since `previous`, the cursor of an earlier [`Outcome`].
    ///
    /// `cancelled` is asked often (at least once per 64 KiB read and per finding); once it answers true the pull ends
    /// with [`Error::Cancelled`]. `progress` is told now and then, and once at the end.
    fn pull(
        &self,
        previous: Option<&str>,
        sink: &mut dyn Sink,
        cancelled: &dyn Fn() -> bool,
        progress: &dyn Fn(Progress),
    ) -> Result<Outcome, Error>;
}

/// How far a pull is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What is being read, e.g. a log's path relative to the root.
    pub what: String,
    /// Work done so far, in the unit of `total` (bytes for files, which are read twice).
    pub done: u64,
    /// All the work that is known of.
    pub total: u64,
    /// Findings given to the sink so far.
    pub findings: usize,
}

/// What a pull brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// State of the source that was read, for the next pull; opaque.
    pub cursor: String,
    /// Nothing was read and nothing emitted, because the source is as it was at `previous`. Every other field but
    /// `cursor` is then empty: what the earlier outcome said still holds.
    pub unchanged: bool,
    /// Findings given to the sink.
    pub findings: usize,
    /// Results that are no findings, such as passed checks.
    pub not_findings: usize,
    /// Logs (or pages) that were read.
    pub logs: usize,
    /// Everything the source holds was read and understood. When false, a finding that did not come again may still
    /// be there: keep what is known instead of counting it as fixed.
    pub complete: bool,
    /// A scan behind the findings says of itself that it failed, so it may have missed some.
    pub scan_failed: bool,
    /// What went wrong without ending the pull.
    pub problems: Vec<Problem>,
    /// When the latest scan ended, RFC 3339.
    pub scanned_at: Option<String>,
    /// Commit that was scanned; `None` when no scan or more than one commit is named.
    pub scan_commit: Option<String>,
    /// Branch that was scanned; `None` when no scan or more than one branch is named.
    pub scan_branch: Option<String>,
    /// Tools that ran, each once, in order of appearance; a tool without findings too.
    pub tools: Vec<Tool>,
}

/// Something that went wrong without ending the pull; displayed as one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Problem {
    /// Where: log and place in it, e.g. `reports/a.sarif: runs[0].results[17]`.
    pub place: String,
    /// What: reads on after the place, e.g. `is not a JSON object and was left out`.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.place, self.what)
    }
}
