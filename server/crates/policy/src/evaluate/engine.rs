//! The evaluator, set up once and cloned for each run.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, PolicyLengthConfig, Value};

use super::Error;
use super::compiled::{Compiled, Machine};
use super::error::spot_of;
use crate::bundle::Module;

/// Steps between two looks at the clock.
pub(super) const STEPS: NonZeroU32 = NonZeroU32::new(64).unwrap();
/// Length of a line; aliases that are spelled out make lines longer.
const COLUMNS: NonZeroU32 = NonZeroU32::new(8192).unwrap();
/// Engines kept for the next run.
const KEPT: usize = 8;

/// What may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// `data.aspm.verdict`.
    Verdict,
    /// `data.aspm.gate`.
    Gate,
    /// `data.aspm.triage`.
    Triage,
}

impl Entry {
    /// The rule's name under `data.aspm`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Gate => "gate",
            Self::Triage => "triage",
        }
    }
}

/// Modules and data, ready to run.
pub(crate) struct Rego {
    origin: String,
    template: Mutex<Engine>,
    idle: Mutex<Vec<Engine>>,
    compiled: Option<Compiled>,
}

impl std::fmt::Debug for Rego {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rego").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// An engine with these modules, parsed and nothing more.
pub(crate) fn parse(origin: &str, modules: &[Module]) -> Result<Engine, Error> {
    let mut engine = Engine::new();
    engine.set_rego_v0(false);
    engine.set_policy_length_config(PolicyLengthConfig { max_col: COLUMNS, ..PolicyLengthConfig::default() });
    // As OPA by default: a function that fails makes its rule not apply. What comes out is checked.
    engine.set_strict_builtin_errors(false);
    // Printing is for tests; without this it would go to the terminal.
    engine.set_gather_prints(true);
    super::bounded::add(origin, &mut engine)?;
    for module in modules {
        engine.add_policy(module.path.clone(), module.text.clone()).map_err(|error| {
            let (spot, message) = spot_of(&error.to_string());
            Error::Rego { origin: origin.to_owned(), spot, message }
        })?;
    }
    Ok(engine)
}

impl Rego {
    /// Adds `data` and compiles for `entry` (a rule's whole path); with `is_own` to byte code as well.
    pub(crate) fn new(origin: &str, mut engine: Engine, data: Value, entry: &str, is_own: bool) -> Result<Self, Error> {
        let failed = |error: &str| {
            let (spot, message) = spot_of(error);
            Error::Rego { origin: origin.to_owned(), spot, message }
        };
        engine.add_data(data.clone()).map_err(|error| failed(&error.to_string()))?;
        let policy = engine.compile_with_entrypoint(&entry.into()).map_err(|error| failed(&error.to_string()))?;
        let compiled = if is_own { Compiled::new(&policy, entry, data) } else { None };
        let (template, idle) = (Mutex::new(engine), Mutex::default());
        Ok(Self { origin: origin.to_owned(), template, idle, compiled })
    }

    /// Something to run with, each evaluation at most `limit`.
    pub(crate) fn runner(&self, limit: Duration) -> Runner<'_> {
        let machine = self.compiled.as_ref().and_then(|compiled| compiled.machine(limit));
        Runner { rego: self, limit, engine: None, machine }
    }

    /// The byte code alone, to hold it against the interpreter.
    #[cfg(test)]
    pub(super) fn machine(&self, limit: Duration) -> Option<Machine<'_>> {
        self.compiled.as_ref()?.machine(limit)
    }

    fn engine(&self) -> Engine {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| self.template.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// Runs rules one after the other.
pub(crate) struct Runner<'a> {
    rego: &'a Rego,
    limit: Duration,
    engine: Option<Engine>,
    machine: Option<Machine<'a>>,
}

impl Runner<'_> {
    /// The value of `rule` (a whole path) for `input`; [`Value::Undefined`] when it has none.
    pub(crate) fn evaluate(&mut self, rule: &str, input: Value) -> Result<Value, Error> {
        // What the machine cannot answer the interpreter decides, with errors that name the place.
        if let Some(value) = self.machine.as_mut().and_then(|machine| machine.run(rule, &input)) {
            return Ok(value);
        }
        let mut engine = self.engine.take().unwrap_or_else(|| self.rego.engine());
        engine.set_execution_timer_config(ExecutionTimerConfig { limit: self.limit, check_interval: STEPS });
        engine.set_input(input);
        match engine.eval_rule(rule.to_owned()) {
            Ok(value) => {
                self.engine = Some(engine);
                Ok(value)
            }
            // An engine that failed half-way is not used again.
            Err(error) => {
                let (spot, message) = spot_of(&error.to_string());
                let late = matches!(error.downcast_ref(), Some(regorus::LimitError::TimeLimitExceeded { .. }));
                if late || message.contains("execution exceeded time limit") {
                    return Err(Error::TimeLimit {
                        origin: self.rego.origin.clone(),
                        rule: rule.to_owned(),
                        limit: self.limit,
                    });
                }
                Err(Error::Failed { origin: self.rego.origin.clone(), rule: rule.to_owned(), spot, message })
            }
        }
    }

    /// What the last evaluations printed, at most 20 lines.
    pub(crate) fn printed(&mut self) -> Vec<String> {
        let printed = self.engine.as_mut().and_then(|engine| engine.take_prints().ok()).unwrap_or_default();
        printed.into_iter().take(20).collect()
    }
}

impl Drop for Runner<'_> {
    fn drop(&mut self) {
        if let Some(mut engine) = self.engine.take() {
            let _ = engine.take_prints();
            engine.set_input(Value::Null);
            let mut idle = self.rego.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < KEPT {
                idle.push(engine);
            }
        }
    }
}
