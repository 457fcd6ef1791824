//! What every connector promises: pull what changed, say how complete that was, and carry one triage to its source.
//!
//! A new connector is one module that implements [`Connector`] and one test file that holds it to this page. It never
//! opens a connection of its own ([`crate::http`] does), never blocks beyond `cancelled`, and keeps nothing between two
//! calls: what it must remember stands in the cursor, and what it gave out is asked back through [`Sink::lookup`].

use std::fmt;

use finding::{Finding, FindingId, Tool};

use crate::Error;
use crate::triage::{Account, Capabilities, Health, Pushed, Refreshed, Triage};

/// Takes findings as they are read; the store is one.
pub trait Sink {
    /// Takes one finding. Of two with the same id the later one counts. An error ends the pull ([`Error::Sink`]); its
    /// text says what failed.
    fn finding(&mut self, finding: Finding) -> Result<(), String>;

    /// What was stored by earlier pulls. Without it every pull reads everything: a connector that reads only changes must
    /// know what it called a finding before.
    fn lookup(&self) -> Option<&dyn Lookup> {
        None
    }
}

/// What is stored of a source, as of before the pull that asks.
pub trait Lookup {
    /// The finding as it was given to the sink. An error ends the pull like one of the sink.
    fn finding(&self, id: &FindingId) -> Result<Option<Finding>, String>;
}

/// A place findings come from, and where triage goes.
pub trait Connector {
    /// The kind as configured, e.g. `sarif`.
    fn kind(&self) -> &'static str;

    /// What can be asked of this source; by default only to read it.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// Whether the source can be read now, as whom and what of it, by few and cheap questions. The error says what to do.
    fn health(&self, cancelled: &dyn Fn() -> bool) -> Result<Health, Error> {
        let _ = cancelled;
        Ok(Health::default())
    }

    /// Who the source takes us for, by one question; `None` where sources of this kind have no accounts.
    fn account(&self, cancelled: &dyn Fn() -> bool) -> Result<Option<Account>, Error> {
        let _ = cancelled;
        Ok(None)
    }

    /// Reads into `sink` what changed since `previous`, the cursor of an earlier [`Outcome`]; everything without one.
    /// [`Outcome::coverage`] says which of the two it was.
    ///
    /// `cancelled` is asked often (at least once per 64 KiB read and per finding); once it answers true the pull ends
    /// with [`Error::Cancelled`]. `progress` is told now and then, and once at the end.
    ///
    /// An error means that nothing was read to rely on; what the sink was given is then to be thrown away. A source that
    /// failed half way is no error: its outcome has `complete: false`, [`Coverage::Changes`] and the reason.
    fn pull(
        &self,
        previous: Option<&str>,
        sink: &mut dyn Sink,
        cancelled: &dyn Fn() -> bool,
        progress: &dyn Fn(Progress),
    ) -> Result<Outcome, Error>;

    /// Asks for one finding again, as it is now.
    fn refresh(&self, finding: &Finding, cancelled: &dyn Fn() -> bool) -> Result<Refreshed, Error> {
        let _ = (finding, cancelled);
        Ok(Refreshed::Unsupported)
    }

    /// Carries one triage to the source. May be called again with the same `triage` after any outcome, also after the
    /// process died in between: what was done already is not done twice as far as the source lets one tell.
    fn push(&self, triage: &Triage, cancelled: &dyn Fn() -> bool) -> Result<Pushed, Error> {
        let _ = (triage, cancelled);
        Ok(Pushed::Refused { reason: format!("a source of kind \"{}\" takes no triage", self.kind()) })
    }
}

/// How the findings that a pull gave relate to what was known before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Coverage {
    /// They are everything: what did not come is not there any more (if the outcome is `complete`).
    #[default]
    Whole,
    /// They are new or changed: each replaces what was known under its id, all others stay.
    Changes,
}

/// A finding that came back under another number at its source, as servers do when its line moved. Both have one
/// identity, so that what was said of the first stays with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// The finding that is there now.
    pub finding: FindingId,
    /// Its number at the source.
    pub number: String,
    /// The number it had before.
    pub earlier: String,
    /// What people had decided of the earlier one.
    pub decision: Option<finding::Status>,
    /// That decision and the notes stand on the finding now. False where it is not certain that both are the same place
    /// (the text around them differs or is not known): then they are two findings, and the decision stays where it was.
    pub is_carried: bool,
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
    /// What the findings given to the sink are.
    pub coverage: Coverage,
    /// Findings given to the sink.
    pub findings: usize,
    /// Ids that are not there any more although the sink was given them, in this pull or an earlier one.
    pub removed: Vec<FindingId>,
    /// Findings that came back under another number.
    pub successions: Vec<Succession>,
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
    /// What the source knows of the application as a whole; `None`: it was not asked or did not say, and what was known
    /// still holds.
    pub application: Option<finding::SourceApplication>,
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
