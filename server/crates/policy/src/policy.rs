//! A policy that is ready to judge: the built-in one, or a bundle's beside it.
//!
//! A bundle tunes (`aspm.settings` in its data), wraps (`package aspm`, a rule `verdict` that reads
//! `data.aspm.defaults.verdict` and its building blocks) or replaces (`verdict` without them); the same for `gate` and
//! `triage`.
//! `data.aspm.defaults` itself is the built-in policy's alone.

use std::sync::{Arc, LazyLock};

use finding::Verdict;
use regorus::Value;

use crate::built_in;
use crate::bundle::{Bundle, Module};
use crate::evaluate::{
    self, Applications, Bounds, Entry, Error, Gate, Known, Reads, Rego, Ruling, Unit, check_calls, check_data,
    check_nesting, check_roots, check_settings, check_shadowing, check_whole_packages, gate_input, on_a_deep_stack,
    parse, spelled_out, triage_input, units, verdict_input,
};
use crate::input::{GateInput, TriageInput, VerdictInput};

/// Immutable; a clone is a pointer. Meant for worker threads: every question runs on a thread of its own with a deep
/// stack, and the caller waits.
#[derive(Debug, Clone)]
pub struct Policy(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    origin: String,
    revision: Option<String>,
    signed_by: Option<String>,
    notices: Vec<String>,
    bounds: Bounds,
    rego: Rego,
    reads: Reads,
    verdict: String,
    gate: String,
    triage: String,
}

impl Policy {
    /// The policy that holds without a bundle; made once.
    ///
    /// # Panics
    /// Never: its text is part of the program, and a test loads it.
    #[must_use]
    pub fn built_in() -> Self {
        static BUILT_IN: LazyLock<Policy> = LazyLock::new(|| {
            let bundle = Bundle { origin: "built in".to_owned(), ..Bundle::default() };
            Policy::load(&bundle, Bounds::default()).expect("the built-in policy loads")
        });
        BUILT_IN.clone()
    }

    /// A bundle's policy, with the built-in one for what the bundle does not define.
    pub fn of_bundle(bundle: &Bundle) -> Result<Self, Error> {
        Self::with_bounds(bundle, Bounds::default())
    }

    /// The same within other bounds.
    pub fn with_bounds(bundle: &Bundle, bounds: Bounds) -> Result<Self, Error> {
        on_a_deep_stack(&bundle.origin, || Self::load(bundle, bounds))?
    }

    /// Where it came from, for people.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// What its makers call this state of it.
    #[must_use]
    pub fn revision(&self) -> Option<&str> {
        self.0.revision.as_deref()
    }

    /// Id of the key that its signature was verified with.
    #[must_use]
    pub fn signed_by(&self) -> Option<&str> {
        self.0.signed_by.as_deref()
    }

    /// What its makers may want to know, one sentence each (a setting that nobody reads).
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.0.notices
    }

    /// Judges findings, in their order. `cancelled` is asked before each; the rest is then [`Error::Cancelled`].
    #[must_use]
    pub fn verdicts(
        &self,
        inputs: &[VerdictInput<'_>],
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Result<Verdict, Error>> {
        if inputs.is_empty() {
            return Vec::new();
        }
        on_a_deep_stack(&self.0.origin, || self.judge(inputs, cancelled))
            .unwrap_or_else(|error| vec![Err(error); inputs.len()])
    }

    /// Judges a whole change.
    pub fn gate(&self, input: &GateInput<'_>) -> Result<Gate, Error> {
        let inner = &*self.0;
        if input.findings.len() > inner.bounds.gate_findings {
            return Err(Error::TooLarge {
                origin: inner.origin.clone(),
                what: format!("a change with {} findings", input.findings.len()),
                limit: format!("{} findings", inner.bounds.gate_findings),
            });
        }
        on_a_deep_stack(&inner.origin, || {
            let value = inner.rego.runner(inner.bounds.gate).evaluate(&inner.gate, gate_input(input, &inner.reads))?;
            evaluate::gate(&inner.origin, "data.aspm.gate", &value)
        })?
    }

    /// Rules on what somebody wants to say of findings, in their order.
    #[must_use]
    pub fn rulings(&self, inputs: &[TriageInput<'_>]) -> Vec<Result<Ruling, Error>> {
        let inner = &*self.0;
        let rule = || {
            let mut runner = inner.rego.runner(inner.bounds.verdict);
            let mut applications = Applications::default();
            let mut rulings: Vec<Result<Ruling, Error>> = Vec::with_capacity(inputs.len());
            for input in inputs {
                // One that is late once is so for each: nobody waits for them all.
                let late = rulings.last().filter(|ruling| matches!(ruling, Err(Error::TimeLimit { .. }))).cloned();
                rulings.push(late.unwrap_or_else(|| {
                    let value = triage_input(input, &inner.reads, &mut applications)?;
                    evaluate::ruling(&inner.origin, "data.aspm.triage", &runner.evaluate(&inner.triage, value)?)
                }));
            }
            rulings
        };
        on_a_deep_stack(&inner.origin, rule).unwrap_or_else(|error| vec![Err(error); inputs.len()])
    }

    fn judge(&self, inputs: &[VerdictInput<'_>], cancelled: &(dyn Fn() -> bool + Sync)) -> Vec<Result<Verdict, Error>> {
        let inner = &*self.0;
        let mut runner = inner.rego.runner(inner.bounds.verdict);
        // Inputs hold only what the policy reads, so equal ones have the same verdict.
        let mut known = Known::default();
        let mut applications = Applications::default();
        let mut verdicts: Vec<Result<Verdict, Error>> = Vec::with_capacity(inputs.len());
        let mut late: Vec<Error> = Vec::new();
        for input in inputs {
            let verdict = if cancelled() {
                Err(Error::Cancelled)
            } else {
                verdict_input(input, &inner.reads, &mut applications).and_then(|value| {
                    if let Some(same) = known.find_or_note(&value, verdicts.len()) {
                        return verdicts[same].clone();
                    }
                    if late.len() >= inner.bounds.late_verdicts
                        && let Some(error) = late.last()
                    {
                        return Err(error.clone());
                    }
                    let answer = runner.evaluate(&inner.verdict, value);
                    late.extend(
                        answer.as_ref().err().filter(|error| matches!(error, Error::TimeLimit { .. })).cloned(),
                    );
                    evaluate::verdict(&inner.origin, "data.aspm.verdict", &answer?)
                })
            };
            verdicts.push(verdict);
        }
        verdicts
    }

    fn load(bundle: &Bundle, bounds: Bounds) -> Result<Self, Error> {
        let origin = &bundle.origin;
        let own: Vec<Module> = bundle.modules.iter().filter(|module| !is_test(&module.path)).cloned().collect();
        bounds.check_modules(origin, &own)?;
        bounds.check_data(origin, &bundle.data)?;
        let mut reads = built_in::reads();
        check_nesting(origin, &own)?;
        let own_units = if own.is_empty() { Vec::new() } else { units(origin, &parse(origin, &own)?)? };
        for unit in &own_units {
            reads.extend(&unit.reads());
        }
        check_roots(origin, &own_units, &bundle.data, &bundle.manifest.roots)?;
        check_shadowing(origin, &own_units, &bundle.data, &own)?;
        check_data(origin, &own_units, &bundle.data)?;
        if !own.is_empty() {
            let all: Vec<Unit> = own_units.iter().chain(built_in::UNITS.iter()).cloned().collect();
            check_calls(origin, &own_units, &all, &own, &bounds)?;
            check_whole_packages(origin, &own_units, &all, &own)?;
        }
        let Entries { modules, verdict, gate, triage } = entries(spelled_out(&own, &own_units), &own_units);
        let data = bundle.data.clone();
        let settings = &bundle.data["aspm"]["settings"];
        let data = if data.is_null() { Value::new_object() } else { Value::from(data) };
        let rego = Rego::new(origin, parse(origin, &modules)?, data, &verdict, own.is_empty())?;
        let notices = if settings.is_null() {
            Vec::new()
        } else {
            let documented =
                rego.runner(bounds.verdict).evaluate("data.aspm.defaults.documented_settings", Value::Null)?;
            let documented = serde_json::to_value(&documented).unwrap_or_default();
            check_settings(origin, settings, &documented)?
        };
        Ok(Self(Arc::new(Inner {
            origin: origin.clone(),
            revision: bundle.manifest.revision.clone(),
            signed_by: bundle.signed_by.clone(),
            notices,
            bounds,
            rego,
            reads,
            verdict,
            gate,
            triage,
        })))
    }
}

/// Whether a file is a test by its name.
pub(crate) fn is_test(path: &str) -> bool {
    path.ends_with("_test.rego")
}

/// What is loaded, and the rules (whole paths) to ask.
pub(crate) struct Entries {
    pub(crate) modules: Vec<Module>,
    pub(crate) verdict: String,
    pub(crate) gate: String,
    pub(crate) triage: String,
}

/// A bundle's modules beside those that it needs of the built-in policy, and the rules to ask.
pub(crate) fn entries(own: Vec<Module>, own_units: &[Unit]) -> Entries {
    let mut modules = own;
    modules.extend(built_in::modules());
    let mut parts = false;
    let mut entry = |entry: Entry, missing: (&str, &str)| {
        let path = ["aspm".to_owned(), entry.name().to_owned()];
        let mut defined = own_units.iter().flat_map(|unit| unit.rules.iter().map(|rule| rule.path(unit)));
        if defined.clone().any(|rule| rule == path) {
            return format!("data.aspm.{}", entry.name());
        }
        if defined.any(|rule| rule.starts_with(&path)) {
            parts = true;
            return format!("data.aspm.defaults.entry.{}", entry.name());
        }
        modules.push(built_in::module(missing));
        // Straight to the built-in rule: the same value with one rule less to evaluate.
        format!("data.aspm.defaults.{}", entry.name())
    };
    let verdict = entry(Entry::Verdict, built_in::ENTRY_VERDICT);
    let gate = entry(Entry::Gate, built_in::ENTRY_GATE);
    let triage = entry(Entry::Triage, built_in::ENTRY_TRIAGE);
    if parts {
        modules.push(built_in::module(built_in::ENTRY_PARTS));
    }
    Entries { modules, verdict, gate, triage }
}
