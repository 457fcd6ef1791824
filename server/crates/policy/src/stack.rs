//! The policies that hold at once: the organisation's always wins, the repository's may only add.

use finding::{Clause, Verdict};

use crate::Policy;
use crate::evaluate::{Error, Gate, Ruling};
use crate::input::{GateInput, TriageInput, VerdictInput};

/// Whose policies hold. Without any, the built-in one does.
#[derive(Debug, Clone, Default)]
pub struct Stack {
    organisation: Option<Policy>,
    repository: Option<Policy>,
}

impl Stack {
    /// `organisation`: named in the user's or CI's configuration; `repository`: in the repository's own.
    #[must_use]
    pub fn new(organisation: Option<Policy>, repository: Option<Policy>) -> Self {
        if organisation.is_none() && repository.is_none() {
            return Self { organisation: Some(Policy::built_in()), repository };
        }
        Self { organisation, repository }
    }

    /// The policies that decide, the organisation's first; never empty for one made by [`Stack::new`].
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.organisation.iter().chain(&self.repository)
    }

    /// Judges findings, in their order; see [`Policy::verdicts`]. A policy that cannot decide is an error even where
    /// the other could: neither may be passed by.
    #[must_use]
    pub fn verdicts(
        &self,
        inputs: &[VerdictInput<'_>],
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Result<Verdict, Error>> {
        let mut all = self.policies().map(|policy| policy.verdicts(inputs, cancelled));
        let Some(first) = all.next() else { return Policy::built_in().verdicts(inputs, cancelled) };
        match all.next() {
            None => first,
            Some(second) => first.into_iter().zip(second).map(|(first, second)| Ok(joined(first?, second?))).collect(),
        }
    }

    /// Rules on what somebody wants to say of findings, in their order: every policy must allow it, and one that cannot
    /// say is not passed by.
    #[must_use]
    pub fn rulings(&self, inputs: &[TriageInput<'_>]) -> Vec<Result<Ruling, Error>> {
        let mut all = self.policies().map(|policy| policy.rulings(inputs));
        let Some(first) = all.next() else { return Policy::built_in().rulings(inputs) };
        match all.next() {
            None => first,
            Some(second) => first.into_iter().zip(second).map(|(first, second)| Ok(both(first?, second?))).collect(),
        }
    }

    /// Judges a whole change: every policy must let it pass.
    pub fn gate(&self, input: &GateInput<'_>) -> Result<Gate, Error> {
        let mut gates = self.policies().map(|policy| policy.gate(input));
        let Some(mut gate) = gates.next().transpose()? else { return Policy::built_in().gate(input) };
        for other in gates {
            let other = other?;
            gate.pass &= other.pass;
            for violation in other.violations {
                if !gate.violations.contains(&violation) {
                    gate.violations.push(violation);
                }
            }
        }
        Ok(gate)
    }
}

/// What both say: each must allow it.
fn both(first: Ruling, second: Ruling) -> Ruling {
    let allow = first.allow && second.allow;
    let mut reasons: Vec<Clause> = Vec::new();
    // Why not, where one refuses; what the other remarks is no part of that.
    for reason in [first, second].into_iter().filter(|one| allow || !one.allow).flat_map(|one| one.reasons) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    Ruling { allow, reasons }
}

/// The stricter of two verdicts, with what the other adds; of equally strict ones, the first.
fn joined(first: Verdict, second: Verdict) -> Verdict {
    let (mut deciding, other) =
        if (second.action, second.risk) > (first.action, first.risk) { (second, first) } else { (first, second) };
    deciding.risk = deciding.risk.max(other.risk);
    // Dates of ten characters compare as text.
    deciding.due = match (deciding.due, other.due) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    };
    let mut said: Vec<Clause> = Vec::new();
    for reason in deciding.reasons.into_iter().chain(other.reasons) {
        if !said.contains(&reason) {
            said.push(reason);
        }
    }
    deciding.reasons = said;
    deciding
}
