//! What comes out is checked: a wrong answer is an error, never a verdict.

use aspm_policy::Error;
use aspm_policy::input::VerdictInput;
use finding::{Application, ChangeKind, Severity, Verdict};

use crate::support::{NOW, finding, policy, verdict};

fn answered(value: &str) -> Result<Verdict, Error> {
    let policy = policy(&format!("package aspm\n\nverdict := {value}\n"))?;
    verdict(&policy, &finding(Severity::High), ChangeKind::Introduced)
}

#[test]
fn wrong_answers_are_errors_that_name_the_part() {
    let reasons = r#""reasons": [{"clause": "c", "message": "m"}]"#;
    let cases = [
        ("3".to_owned(), "it must be an object, not a number"),
        ("{}".to_owned(), "action is missing"),
        (format!(r#"{{"action": "allow", "risk": 1, "factors": [], {reasons}}}"#), "action is \"allow\""),
        (format!(r#"{{"action": 1, "risk": 1, "factors": [], {reasons}}}"#), "action must be a text, not a number"),
        (format!(r#"{{"action": "warn", "factors": [], {reasons}}}"#), "risk is missing"),
        (format!(r#"{{"action": "warn", "risk": 101, "factors": [], {reasons}}}"#), "risk is 101"),
        (format!(r#"{{"action": "warn", "risk": -1, "factors": [], {reasons}}}"#), "risk is -1"),
        (format!(r#"{{"action": "warn", "risk": 0.5, "factors": [], {reasons}}}"#), "risk is 0.5"),
        (format!(r#"{{"action": "warn", "risk": "9", "factors": [], {reasons}}}"#), "risk is \"9\""),
        (format!(r#"{{"action": "warn", "risk": 9, {reasons}}}"#), "factors is missing"),
        (r#"{"action": "warn", "risk": 9, "factors": []}"#.to_owned(), "reasons is missing"),
        (r#"{"action": "block", "risk": 9, "factors": [], "reasons": []}"#.to_owned(), "reasons is empty"),
        (r#"{"action": "warn", "risk": 9, "factors": [], "reasons": {"a": 1}}"#.to_owned(), "reasons must be an array"),
        (r#"{"action": "warn", "risk": 9, "factors": [], "reasons": ["x"]}"#.to_owned(), "reasons[0] must be an object"),
        (
            r#"{"action": "warn", "risk": 9, "factors": [], "reasons": [{"clause": "", "message": "m"}]}"#.to_owned(),
            "reasons[0].clause is empty",
        ),
        (
            r#"{"action": "warn", "risk": 9, "factors": [], "reasons": [{"clause": "c", "message": "m", "url": "javascript:x"}]}"#
                .to_owned(),
            "reasons[0].url is \"javascript:x\"",
        ),
        (
            format!(r#"{{"action": "warn", "risk": 9, "factors": [{{"name": "n", "value": "v", "weight": "1"}}], {reasons}}}"#),
            "factors[0].weight is \"1\"",
        ),
        (format!(r#"{{"action": "warn", "risk": 9, "due": "soon", "factors": [], {reasons}}}"#), "due is \"soon\""),
    ];
    for (value, said) in cases {
        let error = answered(&value).expect_err(&value);
        assert!(matches!(error, Error::Answer { .. }), "{value}: {error:?}");
        let text = error.to_string();
        assert!(text.contains("policy acme.tar.gz: data.aspm.verdict gave a wrong answer"), "{text}");
        assert!(text.contains(said), "{value}: {text}");
    }
}

#[test]
fn an_undefined_verdict_is_an_error() {
    let error = answered("input.nothing.of.the.kind").expect_err("undefined");
    assert!(matches!(error, Error::Undefined { .. }), "{error:?}");
    assert!(error.to_string().contains("data.aspm.verdict is undefined for this input"), "{error}");
}

#[test]
fn texts_are_cut_and_lists_are_shortened() {
    let value = r#"{"action": "warn", "risk": 9, "factors": [],
        "reasons": [{"clause": "c", "message": concat("", [m | some i in numbers.range(1, 9000); m := "x\n"])} | some n in numbers.range(1, 900)]}"#;
    let long = answered(&value.replace("some n in numbers.range(1, 900)", "true")).expect("a verdict");
    assert_eq!(long.reasons[0].message.chars().count(), 500);
    assert!(long.reasons[0].message.ends_with('…') && !long.reasons[0].message.contains('\n'));
    let many = r#"{"action": "warn", "risk": 9, "factors": [],
        "reasons": [{"clause": sprintf("c%v", [n]), "message": "m"} | some n in numbers.range(1, 900)]}"#;
    assert_eq!(answered(many).expect("a verdict").reasons.len(), 50);
}

#[test]
fn a_partial_set_may_stand_for_a_list() {
    let text = r#"
package aspm

verdict := {"action": "warn", "risk": 9, "factors": [], "reasons": reasons}

reasons contains {"clause": "b", "message": "two"}

reasons contains {"clause": "a", "message": "one"}
"#;
    let policy = policy(text).expect("a policy");
    let verdict = verdict(&policy, &finding(Severity::High), ChangeKind::Introduced).expect("a verdict");
    assert_eq!(verdict.reasons.iter().map(|reason| &*reason.clause).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn one_wrong_answer_spoils_no_other_of_the_batch() {
    let text = "package aspm\n\nverdict := {\"action\": \"inform\", \"risk\": 1, \"factors\": [], \"reasons\": []} if \
                input.finding.severity != \"high\"\n";
    let policy = policy(text).expect("a policy");
    let (high, low, application) = (finding(Severity::High), finding(Severity::Low), Application::default());
    let input = |finding| VerdictInput {
        finding,
        path: None,
        application: &application,
        change: ChangeKind::Existing,
        exception: None,
        now: NOW,
    };
    let verdicts = policy.verdicts(&[input(&low), input(&high), input(&low), input(&high)], &|| false);
    assert_eq!(verdicts.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true, false]);
}

#[test]
fn a_moment_that_is_none_is_an_error_of_the_input() {
    let policy = aspm_policy::Policy::built_in();
    let (finding, application) = (finding(Severity::High), Application::default());
    for now in ["", "today", "2026-02-30", "1772359200"] {
        let input = VerdictInput {
            finding: &finding,
            path: None,
            application: &application,
            change: ChangeKind::Existing,
            exception: None,
            now,
        };
        let error = policy.verdicts(&[input], &|| false).remove(0).expect_err(now);
        assert!(matches!(error, Error::Input { .. }), "{now}: {error:?}");
    }
}
