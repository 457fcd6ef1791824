//! May somebody say this of a finding? Asked of every policy that holds.

use aspm_policy::input::{TriageInput, TriagePlace};
use aspm_policy::{Error, Policy, Ruling, Stack};
use finding::{Application, Severity};
use serde_json::{Value, json};

use crate::support::{NOW, bundle, finding, policy};

fn ruled(stack: &Stack, action: &str, reason: &str, until: Option<&str>) -> Result<Ruling, Error> {
    let (finding, application) = (finding(Severity::High), Application::default());
    let tags = ["seen".to_owned()];
    let input = TriageInput {
        action,
        reason,
        until,
        ticket: None,
        tags: &tags,
        to: TriagePlace::Source,
        finding: &finding,
        path: Some("app.py"),
        application: &application,
        now: NOW,
    };
    stack.rulings(&[input]).remove(0)
}

fn clauses(ruling: &Ruling) -> Vec<&str> {
    ruling.reasons.iter().map(|reason| &*reason.clause).collect()
}

#[test]
fn the_built_in_policy_demands_a_reason_and_an_end_for_accepted_risks() {
    let stack = Stack::default();
    assert_eq!(clauses(&ruled(&stack, "accept", "", None).unwrap()), ["triage-needs-reason", "triage-needs-end"]);
    assert!(ruled(&stack, "accept", "Planned", Some("2026-03-02")).unwrap().allow);
}

#[test]
fn a_bundles_rule_sees_what_is_asked_for_and_of_which_finding() {
    let stack = Stack::new(
        Some(
            policy(
                "package aspm\n\ntriage := {\"allow\": false, \"reasons\": [{\"clause\": \"all\", \"message\": sprintf(\"%v %v %v %v %v %v %v\", \
                 [input.triage.action, input.triage.reason, input.triage.until, input.triage.tags, input.triage.to, \
                 input.finding.severity, input.finding.path])}]}\n",
            )
            .unwrap(),
        ),
        None,
    );
    let ruling = ruled(&stack, "tag", "why", Some("2026-04-01")).unwrap();
    assert_eq!(ruling.reasons[0].message, "tag why 2026-04-01 [\"seen\"] source high app.py");
}

#[test]
fn both_policies_have_to_allow_it_and_whoever_refuses_says_why() {
    let settings = |forbidden: &str| {
        Policy::of_bundle(&bundle(&[], json!({ "aspm": { "settings": { "triage": { "forbidden": [forbidden] } } } })))
            .unwrap()
    };
    for stack in [
        Stack::new(Some(settings("close")), Some(settings("nothing"))),
        Stack::new(Some(settings("nothing")), Some(settings("close"))),
    ] {
        let ruling = ruled(&stack, "close", "done", None).unwrap();
        assert!(!ruling.allow);
        assert_eq!(clauses(&ruling), ["triage-forbidden"]);
        assert!(ruled(&stack, "reopen", "not done", None).unwrap().allow);
    }
}

#[test]
fn an_answer_that_makes_no_sense_allows_nothing() {
    for (answer, words) in [
        ("{\"allow\": \"yes\", \"reasons\": []}", "allow must be true or false"),
        ("{\"allow\": false, \"reasons\": []}", "must say why"),
        ("{\"reasons\": []}", "allow is missing"),
        ("true", "must be an object"),
    ] {
        let stack = Stack::new(Some(policy(&format!("package aspm\n\ntriage := {answer}\n")).unwrap()), None);
        let error = ruled(&stack, "close", "done", None).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let undefined =
        policy("package aspm\n\ntriage := {\"allow\": true, \"reasons\": []} if input.finding.nothing\n").unwrap();
    assert!(ruled(&Stack::new(Some(undefined), None), "close", "done", None).is_err());
}

#[test]
fn a_rule_in_parts_and_one_that_wraps_the_built_in_one_are_asked_too() {
    let parts = policy("package aspm\n\ntriage.allow := true\n\ntriage.reasons := []\n").unwrap();
    assert!(ruled(&Stack::new(Some(parts), None), "close", "", None).unwrap().allow);
    let wraps = policy(
        "package aspm\n\nimport data.aspm.defaults\n\ntriage := {\"allow\": false, \"reasons\": [{\"clause\": \"no\", \"message\": \
         \"No.\"}]} if {\n\tinput.finding.severity == \"high\"\n\tinput.triage.action == \"accept\"\n} else := defaults.triage\n",
    )
    .unwrap();
    let stack = Stack::new(Some(wraps), None);
    assert_eq!(clauses(&ruled(&stack, "accept", "Planned", Some("2026-03-02")).unwrap()), ["no"]);
    assert_eq!(clauses(&ruled(&stack, "close", "", None).unwrap()), ["triage-needs-reason"]);
}

#[test]
fn settings_of_the_wrong_kind_refuse_the_bundle_and_unknown_ones_are_told() {
    let of = |triage: Value| Policy::of_bundle(&bundle(&[], json!({ "aspm": { "settings": { "triage": triage } } })));
    assert!(of(json!({ "until_days": "ninety" })).unwrap_err().to_string().contains("aspm.settings.triage.until_days"));
    let notices = of(json!({ "untill_days": 90 })).unwrap().notices().to_vec();
    assert!(notices.iter().any(|notice| notice.contains("aspm.settings.triage.untill_days")), "{notices:?}");
}
