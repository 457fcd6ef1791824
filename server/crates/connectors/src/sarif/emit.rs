//! The second pass over a log: each result becomes a finding and goes to the sink.

use std::cell::RefCell;

use crate::Sink;

use super::convert::Converter;
use super::lenient::from_bytes;
use super::problems::Problems;
use super::run::RunFacts;
use super::scan::{Scanner, Stop};
use super::schema::SarifResult;
use super::walk::Members;

/// Findings given so far, over all logs of a pull.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pub(super) results: usize,
    pub(super) findings: usize,
    pub(super) not_findings: usize,
    /// Results that were left out because they are broken or too long.
    pub(super) lost: usize,
}

/// Converts the results of one file.
pub(super) struct Emit<'e, 'c> {
    /// The file, for problems.
    pub(super) name: &'e str,
    pub(super) runs: &'e [RunFacts],
    pub(super) converter: &'e mut Converter<'c>,
    pub(super) problems: &'e RefCell<Problems>,
    pub(super) sink: &'e mut dyn Sink,
    pub(super) cancelled: &'e dyn Fn() -> bool,
    pub(super) tally: &'e mut Tally,
}

impl Emit<'_, '_> {
    fn results(&mut self, run: usize, scanner: &mut Scanner<'_>) -> Result<(), Stop> {
        let limits = self.converter.limits;
        scanner.array(&mut |scanner, index| {
            if (self.cancelled)() {
                return Err(Stop::Cancelled);
            }
            if self.tally.results >= limits.results {
                let most = limits.results;
                return Err(Stop::Broken(format!(
                    "was read only up to runs[{run}].results[{index}]: a source gives at most {most} results; split it"
                )));
            }
            self.tally.results += 1;
            scanner.peek()?;
            let line = scanner.line();
            let place = format!("{}: runs[{run}].results[{index}]", self.name);
            let Some(raw) = scanner.capture(limits.object_bytes)? else {
                self.lose(
                    &place,
                    format!("(line {line}) is longer than {} bytes and was left out", limits.object_bytes),
                );
                return Ok(());
            };
            match from_bytes::<SarifResult>(&raw) {
                Ok(result) => self.result(&result, run, &place),
                Err(error) => {
                    self.lose(&place, format!("(line {line}) {error} and was left out"));
                    Ok(())
                }
            }
        })?;
        Ok(())
    }

    fn result(&mut self, result: &SarifResult, run: usize, place: &str) -> Result<(), Stop> {
        let Some(facts) = self.runs.get(run) else { return Ok(()) };
        let Some(finding) = self.converter.finding(result, facts, place) else {
            self.tally.not_findings += 1;
            return Ok(());
        };
        self.sink.finding(finding).map_err(Stop::Sink)?;
        self.tally.findings += 1;
        Ok(())
    }

    fn lose(&mut self, place: &str, what: String) {
        self.tally.lost += 1;
        self.problems.borrow_mut().add(place, what);
    }
}

impl<'s> Members<'s> for Emit<'_, '_> {
    fn of_log(&mut self, _: &str, scanner: &mut Scanner<'s>) -> Result<(), Stop> {
        scanner.skip()
    }

    fn of_run(&mut self, run: usize, key: &str, scanner: &mut Scanner<'s>) -> Result<(), Stop> {
        if key == "results" { self.results(run, scanner) } else { scanner.skip() }
    }
}
