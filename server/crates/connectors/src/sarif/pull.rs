//! One pull: every log twice, first for what its results refer to, then for the results.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use finding::IdentityBuilder;

use crate::{Error, Outcome, Progress, Sink};

use super::convert::Converter;
use super::cursor::External;
use super::decode;
use super::discover::{self, Log};
use super::emit::{Emit, Tally};
use super::external;
use super::fingerprints::Ledger;
use super::limits::Limits;
use super::problems::Problems;
use super::scan::{Scanner, Stop};
use super::survey::Survey;
use super::walk::{self, Members};

/// Bytes read between two reports of progress.
const PROGRESS_STEP: u64 = 4 << 20;

/// What a pull needs from outside.
pub(super) struct Pull<'a> {
    pub(super) root: &'a Path,
    pub(super) source: &'a str,
    pub(super) limits: &'a Limits,
    pub(super) problems: &'a RefCell<Problems>,
    pub(super) cancelled: &'a dyn Fn() -> bool,
    pub(super) progress: &'a dyn Fn(Progress),
}

/// What a pull gathers.
pub(super) struct Gathered {
    pub(super) outcome: Outcome,
    pub(super) external: Vec<External>,
}

/// State of a pull over its logs.
struct State<'a> {
    converter: Converter<'a>,
    tally: Tally,
    outcome: Outcome,
    external: Vec<External>,
    commits: BTreeSet<String>,
    branches: BTreeSet<String>,
    text_left: u64,
}

/// A log that cannot be used at all; the problem has been told.
struct Unusable;

impl Pull<'_> {
    /// Reads `logs` into `sink`.
    pub(super) fn run(&self, logs: &[Log], sink: &mut dyn Sink) -> Result<Gathered, Error> {
        let converter = Converter {
            source: self.source,
            limits: self.limits,
            problems: self.problems,
            ids: IdentityBuilder::new(self.source),
            ledger: Ledger::default(),
        };
        let mut state = State {
            converter,
            tally: Tally::default(),
            outcome: Outcome { complete: true, ..Outcome::default() },
            external: Vec::new(),
            commits: BTreeSet::new(),
            branches: BTreeSet::new(),
            text_left: self.limits.total_bytes,
        };
        let total = logs.iter().map(|log| log.stamp.size.saturating_mul(2)).fold(0, u64::saturating_add);
        let mut before = 0;
        for log in logs {
            let meter = Meter {
                pull: self,
                name: &log.name,
                before,
                total,
                read: Cell::new(0),
                told: Cell::new(0),
                findings: Cell::new(0),
            };
            match self.log(log, &meter, &mut state, sink)? {
                Ok(()) => state.outcome.logs += 1,
                Err(Unusable) => state.outcome.complete = false,
            }
            before += log.stamp.size.saturating_mul(2);
            let findings = state.tally.findings;
            (self.progress)(Progress { what: log.name.clone(), done: before, total, findings });
        }
        let only = |names: BTreeSet<String>| if names.len() == 1 { names.into_iter().next() } else { None };
        let mut outcome = state.outcome;
        outcome.findings = state.tally.findings;
        outcome.not_findings = state.tally.not_findings;
        outcome.complete &= state.tally.lost == 0;
        outcome.scan_commit = only(state.commits);
        outcome.scan_branch = only(state.branches);
        Ok(Gathered { outcome, external: state.external })
    }

    fn log(
        &self,
        log: &Log,
        meter: &Meter<'_>,
        state: &mut State<'_>,
        sink: &mut dyn Sink,
    ) -> Result<Result<(), Unusable>, Error> {
        let (file, opened) = match discover::open(self.root, &log.name) {
            Ok(opened) => opened,
            Err(error) => {
                self.problem(&log.name, format!("cannot be opened: {error}"));
                return Ok(Err(Unusable));
            }
        };
        if self.is_used_up(&log.name, state) {
            return Ok(Err(Unusable));
        }
        let limit = state.text_left.min(self.limits.log_bytes);
        let mut survey = Survey::new(&log.name, self.limits, self.problems);
        let (is_whole, used) =
            self.walk(&file, meter, limit, |scanner| walk::log(scanner, self.limits.runs, &mut survey))?;
        state.text_left = state.text_left.saturating_sub(used);
        if !self.is_usable(&survey, is_whole.as_ref()) {
            return Ok(Err(Unusable));
        }
        let cut_off = is_whole.err();
        self.tell(&log.name, cut_off.as_ref());
        let external = external::open(self, &log.name, &survey.runs, &mut state.external);
        let mut parts = 0;
        for part in &external.files {
            if self.is_used_up(&part.name, state) {
                break;
            }
            parts += 1;
            survey.continue_in(&part.name);
            let (read, used) = self.walk(&part.file, meter, limit, |scanner| {
                scanner.object(&mut |scanner, key| survey.of_run(part.run, key, scanner))
            })?;
            state.text_left = state.text_left.saturating_sub(used);
            self.tell(&part.name, read.err().as_ref());
        }
        survey.continue_in(&log.name);
        state.outcome.complete &= cut_off.is_none() && external.is_complete && parts == external.files.len();
        self.settle(&mut survey, cut_off.is_some(), state);

        let mut emit = Emit {
            name: &log.name,
            runs: &survey.runs,
            converter: &mut state.converter,
            problems: self.problems,
            sink,
            cancelled: self.cancelled,
            tally: &mut state.tally,
        };
        meter.findings.set(emit.tally.findings);
        let (read, _) = self.walk(&file, meter, limit, |scanner| walk::log(scanner, self.limits.runs, &mut emit))?;
        // A cut was told after the first pass.
        let stopped = read.err().filter(|_| cut_off.is_none());
        self.tell(&log.name, stopped.as_ref());
        let mut is_complete = stopped.is_none();
        for part in &external.files[..parts] {
            emit.name = &part.name;
            let (read, _) = self.walk(&part.file, meter, limit, |scanner| {
                scanner.object(&mut |scanner, key| emit.of_run(part.run, key, scanner))
            })?;
            is_complete &= read.is_ok();
            self.tell(&part.name, read.err().as_ref());
        }
        if opened != log.stamp || discover::stamp(self.root, &log.name).ok().as_ref() != Some(&opened) {
            self.problem(&log.name, "changed while it was being read: it is read again at the next sync");
            is_complete = false;
        }
        state.outcome.complete &= is_complete;
        Ok(Ok(()))
    }

    /// Walks the text of `file` from its start; how the walk ended, and the bytes of text used.
    fn walk(
        &self,
        mut file: &File,
        meter: &Meter<'_>,
        limit: u64,
        body: impl FnOnce(&mut Scanner<'_>) -> Result<bool, Stop>,
    ) -> Result<(Result<bool, String>, u64), Error> {
        let cancelled = || meter.tick() || (self.cancelled)();
        let text = file.rewind().and_then(|()| decode::text(Metered { file, meter }));
        let text = match text {
            Ok(text) => text,
            Err(error) => return Ok((Err(format!("cannot be read: {error}")), 0)),
        };
        let mut scanner = Scanner::new(text, limit, &cancelled);
        let ended = body(&mut scanner);
        let ended = match ended.and_then(|is_object| Ok((is_object, scanner.peek()?.is_some()))) {
            Ok((_, true)) if scanner.offset() > 0 => Err(scanner.broken("more text follows after the end")),
            other => other.map(|(is_object, _)| is_object),
        };
        match ended {
            Ok(is_object) => Ok((Ok(is_object), scanner.offset())),
            Err(Stop::Broken(what)) => Ok((Err(what), scanner.offset())),
            Err(Stop::Cancelled) => Err(Error::Cancelled),
            Err(Stop::Sink(what)) => Err(Error::Sink(what)),
        }
    }

    /// Whether the log is SARIF that can be read at all; if not, says why.
    fn is_usable(&self, survey: &Survey<'_>, walked: Result<&bool, &String>) -> bool {
        let name = survey.name;
        let version = survey.version.as_deref();
        if let Some(other) = version.filter(|version| !version.starts_with("2.1")) {
            let other: String = other.chars().take(40).collect();
            let what = format!(
                "is SARIF version {other}, and only 2.1.0 is read: let the scanner write 2.1.0, or convert the log \
                 with the SARIF multitool (`sarif transform`)"
            );
            self.problem(name, what);
            return false;
        }
        match (survey.has_runs, walked) {
            (Some(true), _) => {
                if version.is_none() && walked.is_ok() {
                    self.problem(name, "does not name its SARIF version, and was read as 2.1.0");
                }
                return true;
            }
            (Some(false), _) => {
                self.problem(name, "has no list of runs: the scanner says that it failed; run it again");
            }
            (None, Err(what)) => self.problem(name, what.as_str()),
            (None, Ok(true)) if version.is_some() => {
                self.problem(name, "has no `runs`: the scanner did not finish; run it again");
            }
            (None, Ok(_)) => self.problem(name, "is JSON but no SARIF log: it has neither `version` nor `runs`"),
        }
        false
    }

    /// Everything that follows from the first pass.
    fn settle(&self, survey: &mut Survey<'_>, is_cut_off: bool, state: &mut State<'_>) {
        for run in 0..survey.runs.len() {
            let prints = std::mem::take(&mut survey.prints[run]);
            let place = format!("{}: runs[{run}]", survey.name);
            if let Some(what) = survey.runs[run].settle() {
                self.problem(&place, what);
            }
            let facts = &survey.runs[run];
            state.converter.ledger.enter(facts.tool_name(), prints, &mut state.converter.ids);
            state.outcome.scan_failed |= survey.scan_failures(run);
            if !is_cut_off && !facts.has_results {
                state.outcome.scan_failed = true;
                self.problem(
                    &place,
                    "has no `results`: nothing was scanned (an empty list would say that nothing was found)",
                );
            }
            if !is_cut_off && facts.tool.is_none() {
                self.problem(&place, "does not name its tool");
            }
            state.outcome.tools.extend(facts.tool.clone().filter(|tool| !state.outcome.tools.contains(tool)));
            state.commits.extend(facts.commits.iter().flatten().cloned());
            state.branches.extend((0..facts.provenance.len()).filter_map(|index| facts.branch(index)));
            let latest = state.outcome.scanned_at.take().max(facts.ended.clone());
            state.outcome.scanned_at = latest;
        }
    }

    /// Whether all the text that a pull may read was read; leaves a problem for `name`.
    fn is_used_up(&self, name: &str, state: &State<'_>) -> bool {
        if state.text_left == 0 {
            let most = self.limits.total_bytes;
            self.problem(name, format!("was not read: all logs of a source together may have {most} bytes of text"));
        }
        state.text_left == 0
    }

    fn tell(&self, name: &str, what: Option<&String>) {
        if let Some(what) = what {
            self.problem(name, what.as_str());
        }
    }

    pub(super) fn problem(&self, place: &str, what: impl Into<String>) {
        self.problems.borrow_mut().add(place, what);
    }
}

/// Counts what is read and reports it.
struct Meter<'a> {
    pull: &'a Pull<'a>,
    name: &'a str,
    before: u64,
    total: u64,
    read: Cell<u64>,
    told: Cell<u64>,
    findings: Cell<usize>,
}

impl Meter<'_> {
    /// Tells the progress when enough was read; always false.
    fn tick(&self) -> bool {
        let read = self.read.get();
        if read >= self.told.get() + PROGRESS_STEP {
            self.told.set(read);
            let done = self.before.saturating_add(read).min(self.total);
            let progress =
                Progress { what: self.name.to_owned(), done, total: self.total, findings: self.findings.get() };
            (self.pull.progress)(progress);
        }
        false
    }
}

struct Metered<'a> {
    file: &'a File,
    meter: &'a Meter<'a>,
}

impl Read for Metered<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.file.read(into)?;
        self.meter.read.set(self.meter.read.get() + size as u64);
        Ok(size)
    }
}
