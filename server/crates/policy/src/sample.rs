//! A policy tried out before it is published: it must answer in the right form, where tests of its own may not look.

use finding::{Application, ChangeKind, Evidence, Finding, FindingId, Kind, Rule, Severity, Status, Tool};

use crate::bundle::Bundle;
use crate::evaluate::{Error, parse, units};
use crate::input::{GateInput, GatePlace, VerdictInput};
use crate::policy::is_test;
use crate::{Gate, Policy};

/// The time of the samples.
const NOW: &str = "2026-01-01T00:00:00Z";

impl Policy {
    /// Judges a few ordinary findings and a change without any. A rule that has no value for one of them is no mistake
    /// here, for it may wait for what the samples have not; all else that fails is, and is told with the rule's place.
    pub fn try_out(&self, bundle: &Bundle) -> Result<(), Error> {
        let application = Application::default();
        for kind in [Kind::Code, Kind::Secret, Kind::Dependency] {
            for severity in [Severity::Critical, Severity::Medium, Severity::Info] {
                for change in [ChangeKind::Introduced, ChangeKind::Touched, ChangeKind::Existing] {
                    let finding = sample(kind, severity);
                    let path = Some("src/app.py");
                    let application = &application;
                    let input =
                        VerdictInput { finding: &finding, path, application, change, exception: None, now: NOW };
                    let answer =
                        self.verdicts(&[input], &|| false).into_iter().next().map_or(Ok(()), |it| it.map(drop));
                    accepted(answer).map_err(|error| located(error, bundle, "verdict"))?;
                }
            }
        }
        let input = GateInput {
            findings: &[],
            undecided: &[],
            sources: &[],
            gate_changes: &[],
            application: &application,
            place: GatePlace::Ci,
            branch: Some("main"),
        };
        accepted(self.gate(&input).map(|Gate { .. }| ())).map_err(|error| located(error, bundle, "gate"))
    }
}

fn accepted(answer: Result<(), Error>) -> Result<(), Error> {
    match answer {
        Err(Error::Undefined { .. }) => Ok(()),
        answer => answer,
    }
}

/// The error with the place of the rule that answered, where the bundle has one of its own.
fn located(error: Error, bundle: &Bundle, rule: &str) -> Error {
    let Error::Answer { origin, rule: asked, field, problem } = &error else { return error };
    let own: Vec<_> = bundle.modules.iter().filter(|module| !is_test(&module.path)).cloned().collect();
    let Ok(units) = parse(origin, &own).and_then(|engine| units(origin, &engine)) else { return error };
    let spots: Vec<String> = units
        .iter()
        .flat_map(|unit| unit.rules.iter().map(move |rule| (unit, rule)))
        .filter(|(unit, found)| found.path(unit) == ["aspm", rule])
        .map(|(unit, found)| format!("{}:{}", unit.file, found.line))
        .collect();
    match spots.as_slice() {
        [] => error,
        spots => {
            let asked = format!("{asked} ({})", spots.join(", "));
            Error::Answer { origin: origin.clone(), rule: asked, field: field.clone(), problem: problem.clone() }
        }
    }
}

fn sample(kind: Kind, severity: Severity) -> Finding {
    Finding {
        id: FindingId::from_stored("sample:0123456789abcdef0123"),
        source: "sample".to_owned(),
        kind,
        tool: Tool { name: "Sample".to_owned(), version: None },
        rule: Rule { id: "S1".to_owned(), cwes: vec![79], ..Rule::default() },
        message: "A sample".to_owned(),
        severity,
        confidence: None,
        cvss: Some(7.5),
        epss: None,
        known_exploited: None,
        vulnerability_ids: Vec::new(),
        evidence: Evidence { path: Some("src/app.py".to_owned()), ..Evidence::default() },
        related: Vec::new(),
        flow: Vec::new(),
        component: None,
        status: Status::default(),
        first_seen: Some("2025-12-01".to_owned()),
        last_seen: None,
        due: None,
        notes: Vec::new(),
        fixes: Vec::new(),
        link: None,
    }
}
