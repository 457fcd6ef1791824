//! A bundle's own tests: rules `test_…` in `*_test.rego`, as OPA runs them.

use std::time::{Duration, Instant};

use regorus::Value;

use crate::built_in;
use crate::bundle::{Bundle, Module};
use crate::evaluate::{
    Bounds, Error, Rego, RuleSyntax, Unit, check_calls, check_data, check_nesting, check_roots, check_shadowing,
    check_whole_packages, on_a_deep_stack, parse, reference_text, spelled_out, units,
};
use crate::policy::{Entries, entries, is_test};

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestOutcome {
    /// Its rule was true.
    Passed,
    /// Its rule was false, undefined, or no boolean.
    Failed,
    /// It could not be run.
    Errored,
    /// Its name begins with `todo_`.
    Skipped,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// `package.rule`.
    pub name: String,
    /// Path inside the bundle.
    pub file: String,
    /// Line of its head, from 1.
    pub line: u32,
    /// How it ended.
    pub outcome: TestOutcome,
    /// Why it did not pass, and what it printed.
    pub message: Option<String>,
    /// How long it took.
    pub duration: Duration,
}

/// Time of one test.
const LIMIT: Duration = Duration::from_secs(10);

/// Runs the tests of `bundle`, in order of file and line, with the built-in policy beside it; a policy that cannot be
/// loaded is an error. `cancelled` is asked before each test.
pub fn run_tests(bundle: &Bundle, cancelled: &(dyn Fn() -> bool + Sync)) -> Result<Vec<TestResult>, Error> {
    on_a_deep_stack(&bundle.origin, || {
        let origin = &bundle.origin;
        let bounds = Bounds::default();
        bounds.check_modules(origin, &bundle.modules)?;
        bounds.check_data(origin, &bundle.data)?;
        let own = &bundle.modules;
        check_nesting(origin, own)?;
        let own_units = if own.is_empty() { Vec::new() } else { units(origin, &parse(origin, own)?)? };
        let shipped: Vec<Unit> = own_units.iter().filter(|unit| !is_test(&unit.file)).cloned().collect();
        check_roots(origin, &shipped, &bundle.data, &bundle.manifest.roots)?;
        check_shadowing(origin, &own_units, &bundle.data, own)?;
        check_data(origin, &own_units, &bundle.data)?;
        let all: Vec<Unit> = own_units.iter().chain(built_in::UNITS.iter()).cloned().collect();
        check_calls(origin, &own_units, &all, own, &bounds)?;
        check_whole_packages(origin, &own_units, &all, own)?;
        let Entries { modules, verdict, .. } = entries(spelled_out(own, &own_units), &shipped);
        run(origin, &modules, &bundle.data, &verdict, &own_units, cancelled)
    })?
}

/// Runs the built-in policy's tests.
pub fn run_built_in_tests() -> Result<Vec<TestResult>, Error> {
    let origin = "built in";
    on_a_deep_stack(origin, || {
        let tests: Vec<Module> = built_in::BUILT_IN_TESTS.iter().copied().map(built_in::module).collect();
        let found = units(origin, &parse(origin, &tests)?)?;
        let Entries { mut modules, verdict, .. } = entries(Vec::new(), &[]);
        modules.extend(spelled_out(&tests, &found));
        run(origin, &modules, &serde_json::Value::Null, &verdict, &found, &|| false)
    })?
}

fn run(
    origin: &str,
    modules: &[Module],
    data: &serde_json::Value,
    entry: &str,
    units: &[Unit],
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<TestResult>, Error> {
    let data = if data.is_null() { Value::new_object() } else { Value::from(data.clone()) };
    let rego = Rego::new(origin, parse(origin, modules)?, data, entry, false)?;
    let mut runner = rego.runner(LIMIT);
    let mut tests: Vec<(&Unit, &RuleSyntax)> = Vec::new();
    for unit in units.iter().filter(|unit| is_test(&unit.file)) {
        for rule in unit.rules.iter().filter(|rule| !rule.is_function && is_test_name(rule)) {
            // Several clauses of one name are one test.
            if !tests.iter().any(|(other, known)| known.path(other) == rule.path(unit)) {
                tests.push((unit, rule));
            }
        }
    }
    tests.sort_by(|(one, first), (two, second)| (&one.file, first.line).cmp(&(&two.file, second.line)));
    let mut results = Vec::new();
    for (unit, rule) in tests {
        if cancelled() {
            return Err(Error::Cancelled);
        }
        let started = Instant::now();
        let (outcome, mut message) = if rule.name[0].starts_with("todo_") {
            (TestOutcome::Skipped, None)
        } else {
            match runner.evaluate(&reference_text(&rule.path(unit)), Value::Null) {
                Ok(Value::Bool(true)) => (TestOutcome::Passed, None),
                Ok(Value::Undefined) => {
                    (TestOutcome::Failed, Some("it is undefined: a line of it is not true".to_owned()))
                }
                Ok(other) => (TestOutcome::Failed, Some(format!("it is {}", cut(&other.to_string())))),
                Err(error) => (TestOutcome::Errored, Some(error.to_string())),
            }
        };
        let printed = runner.printed();
        if outcome != TestOutcome::Passed && !printed.is_empty() {
            let said = printed.iter().map(|line| cut(line)).collect::<Vec<_>>().join("\n");
            message = Some(message.map_or(said.clone(), |message| format!("{message}\n{said}")));
        }
        results.push(TestResult {
            name: rule.path(unit).join("."),
            file: unit.file.clone(),
            line: rule.line,
            outcome,
            message,
            duration: started.elapsed(),
        });
    }
    Ok(results)
}

fn is_test_name(rule: &RuleSyntax) -> bool {
    matches!(&rule.name[..], [name] if name.starts_with("test_") || name.starts_with("todo_test_"))
}

fn cut(text: &str) -> String {
    text.chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_policy_passes_its_own_tests() {
        let results = run_built_in_tests().expect("tests that load");
        let failed: Vec<_> = results.iter().filter(|result| result.outcome != TestOutcome::Passed).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        assert!(results.len() > 40, "{} tests", results.len());
    }
}
