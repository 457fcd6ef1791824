//! Finds the members of a log's runs, in whatever order they come.

use super::scan::{Scanner, Stop};

/// Takes the members of a log. Each call must consume exactly one value of the scanner.
pub(super) trait Members<'a> {
    /// A member of the log itself, other than `runs`.
    fn of_log(&mut self, key: &str, scanner: &mut Scanner<'a>) -> Result<(), Stop>;
    /// The log has a `runs` list (false: something else stands there).
    fn runs(&mut self, _is_list: bool) {}
    /// A member of run number `run`.
    fn of_run(&mut self, run: usize, key: &str, scanner: &mut Scanner<'a>) -> Result<(), Stop>;
    /// Run number `run` is over (not called for a run that is cut off).
    fn run_ends(&mut self, _run: usize) {}
    /// Element number `run` of `runs` is no run.
    fn not_a_run(&mut self, _run: usize) {}
}

/// Walks one log; false when the text is JSON but no object.
pub(super) fn log<'a>(scanner: &mut Scanner<'a>, runs: usize, members: &mut dyn Members<'a>) -> Result<bool, Stop> {
    scanner.object(&mut |scanner, key| {
        if key != "runs" {
            return members.of_log(key, scanner);
        }
        members.runs(scanner.peek()? == Some(b'['));
        scanner.array(&mut |scanner, run| {
            if run >= runs {
                return Err(Stop::Broken(format!("has more than {runs} runs: the rest was not read; split the log")));
            }
            if scanner.object(&mut |scanner, key| members.of_run(run, key, scanner))? {
                members.run_ends(run);
            } else {
                members.not_a_run(run);
            }
            Ok(())
        })?;
        Ok(())
    })
}
