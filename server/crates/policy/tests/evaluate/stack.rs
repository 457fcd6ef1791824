//! The organisation's policy and the repository's at once.

use aspm_policy::input::{GateInput, GatePlace, VerdictInput};
use aspm_policy::{Policy, Stack};
use finding::{Action, Application, ChangeKind, Severity, Verdict};

use crate::support::{NOW, finding, policy};

fn fixed(action: &str, risk: u8, due: &str, clause: &str) -> Policy {
    let text = format!(
        "package aspm\n\nverdict := {{\"action\": \"{action}\", \"risk\": {risk}, \"due\": \"{due}\",\n\t\"factors\": [{{\"name\": \
         \"{clause}\", \"value\": \"v\", \"weight\": {risk}}}],\n\t\"reasons\": [{{\"clause\": \"{clause}\", \"message\": \"m\"}}, \
         {{\"clause\": \"shared\", \"message\": \"m\"}}]}}\n"
    );
    policy(&text).expect("a policy")
}

fn judged(stack: &Stack) -> Verdict {
    let (finding, application) = (finding(Severity::High), Application::default());
    let input = VerdictInput {
        finding: &finding,
        path: None,
        application: &application,
        change: ChangeKind::Introduced,
        exception: None,
        now: NOW,
    };
    stack.verdicts(&[input], &|| false).remove(0).expect("a verdict")
}

#[test]
fn a_repositorys_policy_may_only_add() {
    let mild = || fixed("hide", 1, "2027-01-01", "mild");
    let strict = || fixed("block", 90, "2026-06-01", "strict");
    for (stack, clauses) in [
        (Stack::new(Some(strict()), Some(mild())), ["strict", "shared", "mild"]),
        (Stack::new(Some(mild()), Some(strict())), ["strict", "shared", "mild"]),
    ] {
        let verdict = judged(&stack);
        assert_eq!((verdict.action, verdict.risk, verdict.due.as_deref()), (Action::Block, 90, Some("2026-06-01")));
        assert_eq!(verdict.factors[0].name, "strict");
        assert_eq!(verdict.reasons.iter().map(|reason| &*reason.clause).collect::<Vec<_>>(), clauses);
    }
}

#[test]
fn risk_and_date_are_the_strictest_of_both_whoever_decides() {
    let stack = Stack::new(Some(fixed("block", 10, "2027-01-01", "one")), Some(fixed("warn", 80, "2026-04-01", "two")));
    let verdict = judged(&stack);
    assert_eq!((verdict.action, verdict.risk, verdict.due.as_deref()), (Action::Block, 80, Some("2026-04-01")));
    assert_eq!(verdict.factors[0].name, "one");
}

#[test]
fn alone_each_decides_and_without_any_the_built_in_one() {
    assert_eq!(judged(&Stack::new(Some(fixed("hide", 1, "2027-01-01", "mild")), None)).action, Action::Hide);
    assert_eq!(judged(&Stack::new(None, Some(fixed("hide", 1, "2027-01-01", "mild")))).action, Action::Hide);
    assert_eq!(judged(&Stack::new(None, None)).reasons[0].clause, "introduced-high-risk");
    assert_eq!(judged(&Stack::default()).reasons[0].clause, "introduced-high-risk");
}

#[test]
fn one_that_cannot_decide_is_not_passed_by() {
    let broken = policy("package aspm\n\nverdict := 3\n\ngate := 3\n").expect("a policy");
    let application = Application::default();
    for stack in
        [Stack::new(Some(broken.clone()), Some(Policy::built_in())), Stack::new(Some(Policy::built_in()), Some(broken))]
    {
        let finding = finding(Severity::High);
        let input = VerdictInput {
            finding: &finding,
            path: None,
            application: &application,
            change: ChangeKind::Introduced,
            exception: None,
            now: NOW,
        };
        stack.verdicts(&[input], &|| false).remove(0).expect_err("undecidable");
        let gate = GateInput {
            findings: &[],
            undecided: &[],
            sources: &[],
            gate_changes: &[],
            application: &application,
            place: GatePlace::Ci,
            branch: None,
        };
        stack.gate(&gate).expect_err("undecidable");
    }
}

#[test]
fn both_gates_must_pass() {
    let no = |clause: &str| {
        policy(&format!("package aspm\n\ngate := {{\"pass\": false, \"violations\": [{{\"clause\": \"{clause}\", \"message\": \"m\"}}]}}\n"))
            .expect("a policy")
    };
    let application = Application::default();
    let input = GateInput {
        findings: &[],
        undecided: &[],
        sources: &[],
        gate_changes: &[],
        application: &application,
        place: GatePlace::Ci,
        branch: None,
    };
    let clauses = |stack: &Stack| {
        let gate = stack.gate(&input).expect("a gate");
        (gate.pass, gate.violations.into_iter().map(|violation| violation.clause).collect::<Vec<_>>())
    };
    assert_eq!(
        clauses(&Stack::new(Some(no("one")), Some(no("two")))),
        (false, vec!["one".to_owned(), "two".to_owned()])
    );
    assert_eq!(clauses(&Stack::new(Some(no("one")), Some(no("one")))), (false, vec!["one".to_owned()]));
    assert_eq!(clauses(&Stack::new(Some(Policy::built_in()), Some(no("two")))), (false, vec!["two".to_owned()]));
    assert_eq!(clauses(&Stack::new(None, None)), (true, vec![]));
}
