//! SARIF 2.1.0 logs in the repository: the source that needs no server.
//!
//! A log is read as a stream, twice. The first pass gathers what results refer to (rules, bases, shared tables; a tool
//! may write them behind the results) and which fingerprints are unique. The second pass converts one result at a time.
//! So memory follows a run's tables and the largest result, not the log.
//!
//! Choices where the standard leaves room or tools stray from it:
//! - identity: `fingerprints`' module text; severity: `severity_of` in `convert`; suppressions: `status`.
//! - A result of kind `pass` or `notApplicable` is no finding; `review` and `open` are findings of low confidence.
//! - Columns count what `columnKind` says, else what the tool is known to count, else UTF-16 code units: `columns`.
//! - The first location is the finding's; further ones are places of the same result and come under `related`.

mod columns;
mod convert;
mod cursor;
mod decode;
mod discover;
mod embedded;
mod emit;
mod external;
mod fingerprints;
mod fixes;
mod flow;
pub(crate) mod kind;
pub(crate) mod lenient;
mod limits;
mod message;
mod places;
mod problems;
mod pull;
mod region;
mod rules;
mod run;
mod scan;
mod schema;
mod severity;
mod status;
mod survey;
mod taxa;
mod timestamp;
mod uri;
mod walk;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

pub use limits::Limits;
pub use status::IN_SOURCE;

use crate::{Connector, Error, Outcome, Progress, Sink};

use discover::Pattern;
use problems::Problems;
use pull::{Gathered, Pull};

/// The SARIF logs of one source: a file, a folder or a glob below a root.
#[derive(Debug, Clone)]
pub struct SarifFiles {
    root: PathBuf,
    source: String,
    pattern: Pattern,
    written: String,
    limits: Limits,
}

impl SarifFiles {
    /// Logs that `pattern` stands for below `root`, as findings of the source named `source`.
    ///
    /// `pattern` is relative to `root`, with `/` between its parts: a file (of any name), a folder (every `.sarif` and
    /// `.sarif.json`, also with `.gz`, below it) or a glob (`*` stays within a folder, `**` does not; a glob that names
    /// an ending takes that ending, another one the endings above). Hidden folders but `.aspm`, and `node_modules`,
    /// are searched only when the pattern names them.
    ///
    /// # Errors
    /// [`Error::Pattern`] for a pattern that is empty, absolute, leads out of the root or is no valid glob.
    pub fn new(root: &Path, source: &str, pattern: &str, limits: Limits) -> Result<Self, Error> {
        let (name, written) = (source.to_owned(), pattern.to_owned());
        let checked = Pattern::new(pattern).map_err(|why| Error::Pattern { name, pattern: written.clone(), why })?;
        Ok(Self { root: root.to_owned(), source: source.to_owned(), pattern: checked, written, limits })
    }

    /// The logs that a pull would read now, relative to the root.
    #[must_use]
    pub fn logs(&self) -> Vec<String> {
        let mut problems = Problems::new(self.limits.problems);
        let logs = discover::logs(&self.root, &self.pattern, &self.limits, &mut problems);
        logs.into_iter().map(|log| log.name).collect()
    }

    /// Globs, relative to the root, of the files whose appearance, change or disappearance calls for another pull.
    #[must_use]
    pub fn watched_globs(&self) -> Vec<String> {
        self.pattern.watched()
    }
}

impl Connector for SarifFiles {
    fn kind(&self) -> &'static str {
        "sarif"
    }

    fn pull(
        &self,
        previous: Option<&str>,
        sink: &mut dyn Sink,
        cancelled: &dyn Fn() -> bool,
        progress: &dyn Fn(Progress),
    ) -> Result<Outcome, Error> {
        let mut problems = Problems::new(self.limits.problems);
        let logs = discover::logs(&self.root, &self.pattern, &self.limits, &mut problems);
        let was_cut_short = !problems.is_empty();
        if logs.is_empty() {
            let hint = problems.finish().first().map_or_else(String::new, |problem| format!(" ({problem})"));
            return Err(Error::NoLogs { name: self.source.clone(), pattern: self.written.clone(), hint });
        }
        if let Some(previous) =
            previous.filter(|previous| cursor::is_current(previous, &self.root, &self.source, &logs))
        {
            return Ok(Outcome { cursor: previous.to_owned(), unchanged: true, ..Outcome::default() });
        }
        let problems = RefCell::new(problems);
        let (root, source, limits) = (self.root.as_path(), self.source.as_str(), &self.limits);
        let pull = Pull { root, source, limits, problems: &problems, cancelled, progress };
        let Gathered { mut outcome, external } = pull.run(&logs, sink)?;
        outcome.complete &= !was_cut_short;
        outcome.problems = problems.into_inner().finish();
        if outcome.logs == 0 {
            let (name, pattern) = (self.source.clone(), self.written.clone());
            return Err(Error::Unreadable { name, pattern, logs: logs.len(), problems: outcome.problems });
        }
        outcome.cursor = cursor::cursor(&self.source, &logs, &external);
        Ok(outcome)
    }
}
