//! Our identity over reimports: what the server numbers anew stays the same finding.

use aspm_connectors::{Action, Coverage, Pushed};
use finding::StatusValue;
use serde_json::{Value, json};

use crate::support::{Memory, StandIn, bandit, print, pulled, push, triage};

fn reimport(server: &StandIn, rows: &[Value]) -> Value {
    server.change(&json!({"reimport": 1, "rows": rows}))
}

fn server() -> StandIn {
    StandIn::with(&[bandit("a.py", 10, "eval(x)"), bandit("b.py", 5, "eval(y)")])
}

#[test]
fn a_shifted_finding_keeps_its_identity_and_its_remarks() {
    // Once as a change of what is known, once read anew: the same must come out.
    for is_anew in [false, true] {
        let server = server();
        let mut memory = pulled(&server);
        let before = memory.by_number(1).unwrap().id.clone();
        server.change(&json!({"note": 1, "entry": "looks bad"}));
        memory.pull(&server.dojo()).unwrap();
        let done = reimport(&server, &[bandit("a.py", 14, "eval(x)"), bandit("b.py", 5, "eval(y)")]);
        assert_eq!((&done["created"], &done["closed"]), (&json!([3]), &json!([1])));
        if is_anew {
            memory = Memory::default();
        }
        let outcome = memory.pull(&server.dojo()).unwrap();
        assert_eq!(outcome.coverage, if is_anew { Coverage::Whole } else { Coverage::Changes });
        let now = memory.by_number(3).unwrap();
        assert_eq!((&now.id, now.status.value), (&before, StatusValue::Open));
        assert_eq!(now.evidence.region.unwrap().line, 14);
        assert_eq!(now.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>(), ["(of #1) looks bad"]);
        assert_eq!(memory.rows.len(), 2, "the old number is no finding of its own");
        let told: Vec<_> = outcome
            .successions
            .iter()
            .map(|pair| (pair.earlier.as_str(), pair.number.as_str(), pair.is_carried))
            .collect();
        assert_eq!(told, [("1", "3", false)]);
        assert!(memory.pull(&server.dojo()).unwrap().successions.is_empty() || !is_anew);
        assert_eq!(memory.by_number(3).unwrap().id, before);
    }
}

#[test]
fn a_decision_moves_along_where_the_code_around_is_the_same() {
    for is_anew in [false, true] {
        let server = server();
        let mut memory = pulled(&server);
        let dojo = server.dojo();
        let pushed = push(&dojo, &triage(memory.by_number(1).unwrap(), Action::FalsePositive, "only in tests"));
        assert!(matches!(pushed, Pushed::Done { was_there: false, .. }), "{pushed:?}");
        memory.pull(&dojo).unwrap();
        let before = memory.by_number(1).unwrap().id.clone();
        reimport(&server, &[bandit("a.py", 14, "eval(x)"), bandit("b.py", 5, "eval(y)")]);
        if is_anew {
            memory = Memory::default();
        }
        let outcome = memory.pull(&dojo).unwrap();
        let now = memory.by_number(3).unwrap().clone();
        assert_eq!((&now.id, now.status.value), (&before, StatusValue::FalsePositive));
        let reason = now.status.reason.as_deref().unwrap();
        assert_eq!(reason, "carried over from #1, the same code at another line: only in tests");
        assert_eq!((print(&now, "defectdojo/carried"), print(&now, "defectdojo/state")), (Some("1"), Some("active")));
        assert!(outcome.successions[0].is_carried);
        // Further pulls, and a change of the row, keep it.
        server.change(&json!({"note": 3, "entry": "again"}));
        memory.pull(&dojo).unwrap();
        assert_eq!(memory.by_number(3).unwrap().status.value, StatusValue::FalsePositive);
        // Taking it back holds.
        let back = push(&dojo, &triage(&now, Action::Reopen, ""));
        assert!(matches!(back, Pushed::Done { was_there: true, .. }), "{back:?}");
        memory.pull(&dojo).unwrap();
        assert_eq!(memory.by_number(3).unwrap().status.value, StatusValue::Open);
    }
}

#[test]
fn a_decision_stays_where_it_is_when_the_code_around_differs() {
    let server = server();
    let mut memory = pulled(&server);
    let dojo = server.dojo();
    push(&dojo, &triage(memory.by_number(1).unwrap(), Action::FalsePositive, "only in tests"));
    let mut other = bandit("a.py", 30, "eval(x)");
    other["description"] = json!(other["description"].as_str().unwrap().replace("def f(x):", "def live(x):"));
    reimport(&server, &[bandit("a.py", 10, "eval(x)"), other, bandit("b.py", 5, "eval(y)")]);
    let outcome = memory.pull(&dojo).unwrap();
    let (old, new) = (memory.by_number(1).unwrap(), memory.by_number(3).unwrap());
    assert_ne!(old.id, new.id);
    assert_eq!((old.status.value, new.status.value), (StatusValue::FalsePositive, StatusValue::Open));
    assert_eq!(outcome.successions[0].finding, new.id);
    assert!(!outcome.successions[0].is_carried && outcome.successions[0].decision.is_some());
}

#[test]
fn twins_of_one_scan_are_two_and_a_fixed_one_leaves_the_other_alone() {
    let server = StandIn::with(&[bandit("a.py", 10, "eval(x)"), bandit("a.py", 20, "eval(x)")]);
    let mut memory = pulled(&server);
    let ids = [1, 2].map(|number| memory.by_number(number).unwrap().id.clone());
    assert_ne!(ids[0], ids[1]);
    push(&server.dojo(), &triage(memory.by_number(1).unwrap(), Action::FalsePositive, "x"));
    for is_anew in [false, true] {
        if is_anew {
            memory = Memory::default();
        }
        memory.pull(&server.dojo()).unwrap();
        let status = |number| memory.by_number(number).unwrap();
        assert_eq!((status(1).status.value, status(2).status.value), (StatusValue::FalsePositive, StatusValue::Open));
        assert_eq!([1, 2].map(|number| status(number).id.clone()), ids);
    }
}

#[test]
fn a_row_that_comes_back_takes_its_place_again() {
    let server = server();
    let mut memory = pulled(&server);
    let id = memory.by_number(1).unwrap().id.clone();
    let (here, there) = (bandit("a.py", 10, "eval(x)"), bandit("a.py", 14, "eval(x)"));
    for rows in [[&there, &here], [&here, &there]] {
        reimport(&server, &[rows[0].clone(), bandit("b.py", 5, "eval(y)")]);
        memory.pull(&server.dojo()).unwrap();
        let open: Vec<_> = memory
            .rows
            .values()
            .filter(|finding| {
                finding.evidence.path.as_deref() == Some("a.py") && finding.status.value == StatusValue::Open
            })
            .collect();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].id, id);
        assert_eq!(open[0].evidence.region.unwrap().line, u32::try_from(rows[0]["line"].as_u64().unwrap()).unwrap());
    }
}
