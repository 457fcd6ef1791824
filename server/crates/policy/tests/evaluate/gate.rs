//! The gate of a whole change, from typed inputs.

use aspm_policy::input::{GateFinding, GateInput, GatePlace, GateSource};
use aspm_policy::{Error, Policy};
use finding::{Action, Application, ChangeKind, Clause, Placement, Reason, Severity, State, Verdict};

use crate::support::{finding, policy};

fn placement(state: State) -> Placement {
    Placement {
        state,
        path: Some("a.py".into()),
        range: Some(0..1),
        confidence: 0.9,
        reason: Reason::new("same text"),
        suppressed_by: None,
    }
}

fn verdict(action: Action, clause: &str) -> Verdict {
    let reasons = vec![Clause { clause: clause.to_owned(), message: "Because.".to_owned(), url: None }];
    Verdict { action, risk: 60, due: None, factors: Vec::new(), reasons }
}

fn input<'a>(findings: &'a [GateFinding<'a>], application: &'a Application, place: GatePlace) -> GateInput<'a> {
    GateInput { findings, undecided: &[], sources: &[], gate_changes: &[], application, place, branch: Some("main") }
}

#[test]
fn what_blocks_at_its_place_closes_the_gate() {
    let policy = Policy::built_in();
    let (finding, application) = (finding(Severity::High), Application::default());
    let block = verdict(Action::Block, "introduced-high-risk");
    for (state, pass) in [
        (State::Exact, false),
        (State::Moved, false),
        (State::Edited, false),
        (State::Uncertain, true),
        (State::Gone, true),
        (State::Unplaced, true),
    ] {
        let placement = placement(state);
        let findings = [GateFinding {
            finding: &finding,
            path: None,
            placement: &placement,
            change: ChangeKind::Introduced,
            verdict: &block,
            exception: None,
        }];
        let gate = policy.gate(&input(&findings, &application, GatePlace::Hook)).expect("a gate");
        assert_eq!((gate.pass, gate.violations.len()), (pass, usize::from(!pass)), "{state:?}");
        if let Some(violation) = gate.violations.first() {
            assert_eq!(violation.finding.as_deref(), Some(finding.id.as_str()));
            assert_eq!((&*violation.clause, &*violation.message), ("introduced-high-risk", "Because."));
        }
    }
}

#[test]
fn a_scanner_that_policy_requires_must_have_reported() {
    let policy = Policy::built_in();
    let application = Application { required_scanners: vec!["Semgrep".to_owned()], ..Application::default() };
    let without = input(&[], &application, GatePlace::Editor);
    assert!(!policy.gate(&without).expect("a gate").pass);
    let sources = [GateSource { id: "dojo".to_owned(), tools: vec!["semgrep".to_owned()], ..GateSource::default() }];
    assert!(policy.gate(&GateInput { sources: &sources, ..without }).expect("a gate").pass);
}

#[test]
fn undecided_closes_the_gate() {
    let undecided = ["dojo was never synchronised".to_owned()];
    let application = Application::default();
    let input = GateInput { undecided: &undecided, ..input(&[], &application, GatePlace::Ci) };
    assert!(!Policy::built_in().gate(&input).expect("a gate").pass);
}

#[test]
fn wrong_answers_are_errors() {
    let application = Application::default();
    for (value, said) in [
        (r#"{"pass": "yes", "violations": []}"#, "pass must be true or false"),
        (r#"{"violations": []}"#, "pass is missing"),
        (r#"{"pass": true}"#, "violations is missing"),
        (
            r#"{"pass": true, "violations": [{"clause": "c", "message": "m"}]}"#,
            "pass is true although there are 1 violations",
        ),
        (r#"{"pass": false, "violations": [{"clause": "c", "message": "m", "finding": 3}]}"#, "violations[0].finding"),
        ("true", "it must be an object, not a boolean"),
    ] {
        let policy = policy(&format!("package aspm\n\ngate := {value}\n")).expect("a policy");
        let error = policy.gate(&input(&[], &application, GatePlace::Ci)).expect_err(value);
        assert!(matches!(error, Error::Answer { .. }), "{value}: {error:?}");
        assert!(error.to_string().contains(said), "{value}: {error}");
    }
    let undefined = policy("package aspm\n\ngate := {} if input.nothing\n").expect("a policy");
    let error = undefined.gate(&input(&[], &application, GatePlace::Ci)).expect_err("undefined");
    assert!(matches!(error, Error::Undefined { .. }), "{error:?}");
}
