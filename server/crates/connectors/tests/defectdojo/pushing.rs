//! Triage: sent once, with its reason, never over what somebody else decided meanwhile.

use aspm_connectors::{Action, Connector as _, Error, Pushed};
use finding::{Finding, StatusValue};
use serde_json::{Value, json};

use crate::support::{StandIn, bandit, print, pulled, push, refreshed, shop, triage};

fn server() -> (StandIn, Finding) {
    let server = StandIn::with(&[bandit("a.py", 10, "eval(x)")]);
    let finding = pulled(&server).only().clone();
    server.log();
    (server, finding)
}

fn entries(server: &StandIn) -> Vec<String> {
    server.row(1).unwrap()["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note["entry"].as_str().unwrap().to_owned())
        .collect()
}

fn until() -> Action {
    Action::AcceptRisk { until: Some("2027-06-30".parse().unwrap()), accepted_by: Some("ciso".to_owned()) }
}

fn writes(server: &StandIn) -> Vec<String> {
    server.lines().into_iter().filter(|line| !line.starts_with("GET")).collect()
}

#[test]
fn every_action_reaches_the_server_once_with_its_reason() {
    let tags = || vec!["seen".to_owned()];
    let flags = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    for (action, state, status) in [
        (Action::FalsePositive, flags(&["false_positive", "mitigated"]), StatusValue::FalsePositive),
        (Action::OutOfScope, flags(&["out_of_scope", "mitigated"]), StatusValue::OutOfScope),
        (Action::Close, flags(&["mitigated"]), StatusValue::Mitigated),
        (Action::Verify, flags(&["active", "verified"]), StatusValue::Open),
        (until(), flags(&["risk_accepted", "until:2027-06-30"]), StatusValue::RiskAccepted),
        (Action::Note, flags(&["active"]), StatusValue::Open),
        (Action::AddTags { tags: tags() }, flags(&["active"]), StatusValue::Open),
    ] {
        let (server, finding) = server();
        let asked = triage(&finding, action.clone(), "because of x");
        for was_there in [false, true, true] {
            let Pushed::Done { finding, was_there: told } = push(&server.dojo(), &asked) else { panic!("{action:?}") };
            assert_eq!(told, was_there, "{action:?}");
            assert_eq!(print(&finding, "defectdojo/state").unwrap(), state.join(" "), "{action:?}");
            assert_eq!(finding.status.value, status, "{action:?}");
            if status != StatusValue::Open {
                assert_eq!(finding.status.reason.as_deref(), Some("because of x"), "{action:?}");
            }
        }
        let said = entries(&server).iter().filter(|entry| entry.starts_with("because of x")).count();
        let expected = usize::from(!matches!(action, Action::AcceptRisk { .. } | Action::AddTags { .. }));
        assert_eq!(said, expected, "{action:?}: the reason stands there once");
        let acceptances = server.control("acceptances", &Value::Null);
        if let Action::AcceptRisk { .. } = action {
            let acceptances = acceptances.as_array().unwrap();
            assert_eq!(acceptances.len(), 1);
            assert_eq!(
                (&acceptances[0]["accepted_by"], &acceptances[0]["decision_details"]),
                (&json!("ciso"), &json!("because of x"))
            );
            assert_eq!(acceptances[0]["expiration_date"], "2027-06-30T23:59:59Z");
        }
    }
}

#[test]
fn whatever_was_decided_can_be_taken_back() {
    for action in [Action::FalsePositive, Action::OutOfScope, Action::Close, until()] {
        let (server, finding) = server();
        let dojo = server.dojo();
        push(&dojo, &triage(&finding, action.clone(), "first"));
        let now = refreshed(&dojo, &finding);
        assert_ne!(now.status.value, StatusValue::Open, "{action:?}");
        let mut back = triage(&now, Action::Reopen, "was wrong");
        back.key = "0192-other".to_owned();
        let Pushed::Done { finding, .. } = push(&dojo, &back) else { panic!("{action:?}") };
        assert_eq!(
            (finding.status.value, print(&finding, "defectdojo/state")),
            (StatusValue::Open, Some("active")),
            "{action:?}"
        );
        assert_eq!(entries(&server).iter().filter(|entry| entry.starts_with("was wrong")).count(), 1);
    }
}

#[test]
fn tags_can_be_taken_away() {
    let (server, finding) = server();
    server.change(&json!({"set": 1, "fields": {"tags": ["a", "b"]}}));
    let action = Action::RemoveTags { tags: vec!["a".to_owned(), "never there".to_owned()] };
    assert!(matches!(push(&server.dojo(), &triage(&finding, action, "")), Pushed::Done { was_there: false, .. }));
    assert_eq!(server.row(1).unwrap()["tags"], json!(["b"]));
}

#[test]
fn without_words_no_note_is_left() {
    let (server, finding) = server();
    push(&server.dojo(), &triage(&finding, Action::FalsePositive, " "));
    assert_eq!(entries(&server), [""; 0]);
}

#[test]
fn what_somebody_else_decided_meanwhile_is_a_conflict_and_nothing_is_sent() {
    for (theirs, now) in [
        (json!({"patch": 1, "body": {"verified": true}}), "active, verified"),
        (json!({"patch": 1, "body": {"out_of_scope": true, "active": false}}), "out of scope, mitigated"),
        (json!({"close": 1}), "mitigated"),
    ] {
        let (server, finding) = server();
        server.change(&theirs);
        let mut asked = triage(&finding, Action::FalsePositive, "mine");
        for is_retry in [false, true] {
            asked.is_retry = is_retry;
            match push(&server.dojo(), &asked) {
                Pushed::Conflict { seen, now: told, finding } => {
                    assert_eq!((seen.as_str(), told.as_str()), ("active", now));
                    assert_eq!(finding.id, asked.finding);
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(writes(&server), [""; 0]);
        // Shown, and decided again all the same.
        asked.seen = None;
        assert!(matches!(push(&server.dojo(), &asked), Pushed::Done { .. }), "{theirs}");
    }
}

#[test]
fn what_changed_without_a_decision_is_no_conflict() {
    for theirs in [
        json!({"set": 1, "fields": {"severity": "High"}}),
        json!({"note": 1, "entry": "hello"}),
        json!({"touch": 1, "fields": {}}),
    ] {
        let (server, finding) = server();
        server.change(&theirs);
        assert!(
            matches!(push(&server.dojo(), &triage(&finding, Action::FalsePositive, "x")), Pushed::Done { .. }),
            "{theirs}"
        );
    }
    let (server, finding) = server();
    server.change(&json!({"close": 1}));
    let noted = push(&server.dojo(), &triage(&finding, Action::Note, "a remark needs no state"));
    assert!(matches!(noted, Pushed::Done { .. }), "{noted:?}");
}

#[test]
fn the_same_decision_by_somebody_else_is_no_conflict_and_our_reason_is_added() {
    let (server, finding) = server();
    server.change(&json!({"patch": 1, "body": {"false_p": true, "active": false, "verified": false}}));
    let pushed = push(&server.dojo(), &triage(&finding, Action::FalsePositive, "mine"));
    assert!(matches!(pushed, Pushed::Done { was_there: true, .. }), "{pushed:?}");
    assert_eq!(writes(&server), ["POST /api/v2/findings/1/notes/"]);
}

#[test]
fn an_attempt_that_broke_off_anywhere_is_taken_up_and_nothing_is_done_twice() {
    let seed = shop(&json!({"findings": [bandit("a.py", 10, "eval(x)")]}));
    let (server, finding) = server();
    let actions = [Action::FalsePositive, Action::OutOfScope, Action::Close, Action::Verify, Action::Note, until()];
    for action in actions {
        // Every request of the attempt is cut in turn: before the server acted, or after.
        for kind in ["cut_before", "cut_after", "cut_body"] {
            for which in 0..6 {
                server.control("reset", &seed);
                let mut asked = triage(&finding, action.clone(), "because of x");
                server.fault(&json!({"match": "/api/", "do": kind, "skip": which, "times": 1}));
                let mut attempts = 0;
                loop {
                    attempts += 1;
                    assert!(attempts < 5, "{action:?} {kind} {which}");
                    match push(&server.dojo(), &asked) {
                        Pushed::Done { .. } => break,
                        Pushed::Later { is_outcome_unknown, .. } => asked.is_retry |= is_outcome_unknown,
                        other => panic!("{action:?} {kind} {which}: {other:?}"),
                    }
                }
                let at = format!("{action:?} {kind} {which}");
                let said = entries(&server).iter().filter(|entry| entry.starts_with("because of x")).count();
                assert_eq!(said, usize::from(!matches!(action, Action::AcceptRisk { .. })), "{at}");
                let acceptances = server.control("acceptances", &Value::Null).as_array().unwrap().len();
                assert_eq!(acceptances, usize::from(matches!(action, Action::AcceptRisk { .. })), "{at}");
            }
        }
    }
}

#[test]
fn an_unknown_outcome_is_said_to_be_one() {
    let (server, finding) = server();
    for (kind, is_unknown) in [("cut_after", true), ("cut_before", true)] {
        server.fault(&json!({"match": "PATCH", "do": kind}));
        match push(&server.dojo(), &triage(&finding, Action::OutOfScope, "")) {
            Pushed::Later { is_outcome_unknown, .. } => assert_eq!(is_outcome_unknown, is_unknown, "{kind}"),
            Pushed::Done { was_there, .. } => assert!(was_there, "{kind}"),
            other => panic!("{other:?}"),
        }
    }
    let (server, finding) = self::server();
    server.fault(&json!({"match": "PATCH", "do": "status", "status": 429, "headers": {"Retry-After": "17"}}));
    match push(&server.dojo(), &triage(&finding, Action::FalsePositive, "")) {
        Pushed::Later { after, is_outcome_unknown, .. } => {
            assert_eq!((after.map(|pause| pause.as_secs()), is_outcome_unknown), (Some(17), false));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refusal_is_told_in_the_servers_words_and_is_for_good() {
    let refused =
        |server: &StandIn, finding: &Finding, action: Action| match push(&server.dojo(), &triage(finding, action, "x"))
        {
            Pushed::Refused { reason } => reason,
            other => panic!("{other:?}"),
        };
    let (server, finding) = server();
    server.change(&json!({"set": 1, "fields": {"duplicate": true, "active": false}}));
    let mut asked = triage(&finding, Action::Verify, "x");
    asked.seen = None;
    match push(&server.dojo(), &asked) {
        Pushed::Refused { reason } => assert_eq!(reason, "Duplicate findings cannot be verified or active"),
        other => panic!("{other:?}"),
    }
    let (server, finding) = self::server();
    server.change(&json!({"product": 1, "fields": {"enable_full_risk_acceptance": false}}));
    assert_eq!(refused(&server, &finding, until()), "You do not have permission to perform this action.");
    let forever = || Action::AcceptRisk { until: None, accepted_by: None };
    let why = refused(&server, &finding, forever());
    assert_eq!(why, "Simple risk acceptance is disabled for this product, use the UI to accept this finding.");
    server.change(&json!({"product": 1, "fields": {"enable_simple_risk_acceptance": true}}));
    let pushed = push(&server.dojo(), &triage(&finding, forever(), "x"));
    assert!(matches!(pushed, Pushed::Done { .. }), "{pushed:?}");
    server.change(&json!({"delete": 1}));
    let why = refused(&server, &finding, Action::Close);
    assert!(why.starts_with("finding 1 is not on http://127.0.0.1") && why.ends_with("may not see it"), "{why}");
    let mut nonsense = triage(&finding, Action::Close, "");
    nonsense.number = "1/../../users/1".to_owned();
    assert!(matches!(push(&server.dojo(), &nonsense), Pushed::Refused { .. }));
}

#[test]
fn a_bad_token_waits_for_a_login() {
    let (server, finding) = server();
    let binding = aspm_connectors::defectdojo::Binding::default();
    let pushed = push(&server.dojo_as("deadbeef", binding), &triage(&finding, Action::Close, ""));
    match pushed {
        Pushed::Later { reason, is_outcome_unknown: false, .. } => {
            assert!(reason.contains("aspm-lsp login"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_push_can_be_given_up_before_it_is_sent() {
    let (server, finding) = server();
    let result = server.dojo().push(&triage(&finding, Action::Close, ""), &|| true);
    assert_eq!(result.unwrap_err(), Error::Cancelled);
    assert_eq!(writes(&server), [""; 0]);
}
