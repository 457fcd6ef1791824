//! What is due, who may send it, and what becomes of it.

use std::time::Duration;

use crate::support::{all, claim, due, entry, finding, open, source, state};
use aspm_store::outbox::{Due, Entry, Filter, OutboxError, Outcome, Refuser, State};
use serde_json::json;

fn done() -> Outcome {
    Outcome::Done { now: Some(json!("false_positive")) }
}

fn later(is_outcome_unknown: bool) -> Outcome {
    Outcome::Later { why: "the server is down".into(), after: None, is_outcome_unknown }
}

#[test]
fn what_is_queued_is_there_for_everybody_as_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let given = entry(7, "only in \u{1F600} tests\n\"quoted\"");
    let id = outbox.enqueue(given.clone()).unwrap();
    assert!((8..=40).contains(&id.as_str().len()) && id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let record = open(folder.path()).get(&id).unwrap().unwrap();
    assert_eq!((record.entry, record.state, record.attempts), (given, State::Queued, 0));
    assert!(!record.may_have_arrived);
}

#[test]
fn entries_go_out_in_the_order_given_and_arrive() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let ids = outbox.enqueue_all((0..5).map(|number| entry(number, "bulk")).collect()).unwrap();
    for id in &ids {
        assert_eq!(due(&mut outbox, 2_000).as_ref(), Some(id));
        let claimed = claim(&mut outbox, id, 2_000);
        assert_eq!(claimed.record.attempts, 1);
        assert_ne!(due(&mut outbox, 2_000).as_ref(), Some(id), "what is being sent is not due");
        assert_eq!(outbox.settle(&claimed, &done(), 3_000).unwrap().state, State::Done);
    }
    assert_eq!(outbox.next_due(9_000, None).unwrap(), Due::Nothing);
    assert_eq!(outbox.list(Filter { is_open: true, ..Filter::default() }).unwrap(), []);
    assert_eq!(outbox.counts(None).unwrap().done, 5);
}

#[test]
fn one_source_s_entries_are_told_from_another_s() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let first = outbox.enqueue(entry(1, "")).unwrap();
    let elsewhere = Entry { source: source("other"), ..entry(1, "") };
    let second = outbox.enqueue(elsewhere).unwrap();
    let (here, there) = (source("central"), source("other"));
    for (source, id) in [(&here, &first), (&there, &second)] {
        let Due::Now(record) = outbox.next_due(0, Some(source)).unwrap() else { panic!("nothing due") };
        assert_eq!((&record.id, outbox.counts(Some(source)).unwrap().pending), (id, 1));
        let pending = outbox.pending_for(source, &[&finding(1), &finding(2)]).unwrap();
        assert_eq!(pending[&finding(1)][0].id, *id);
        assert_eq!(pending.len(), 1);
    }
    assert_eq!(outbox.next_due(0, Some(&source("third"))).unwrap(), Due::Nothing);
}

#[test]
fn only_one_has_the_claim() {
    let folder = tempfile::tempdir().unwrap();
    let (mut one, mut two) = (open(folder.path()), open(folder.path()));
    let id = one.enqueue(entry(1, "")).unwrap();
    let claimed = claim(&mut one, &id, 0);
    for outbox in [&mut one, &mut two] {
        assert_eq!(outbox.claim(&id, i64::MAX).unwrap(), None);
        assert_eq!(due(outbox, i64::MAX), None);
        assert_eq!(outbox.retry(&id, 0), Err(OutboxError::BeingSent { id: id.clone() }));
        assert_eq!(outbox.discard(&id, 0), Err(OutboxError::BeingSent { id: id.clone() }));
    }
    one.settle(&claimed, &done(), 0).unwrap();
    assert_eq!(two.claim(&id, 0).unwrap(), None, "it arrived");
    assert_eq!(one.settle(&claimed, &done(), 0), Err(OutboxError::ClaimLost { id: id.clone() }));
}

#[test]
fn a_claim_ends_with_the_outbox_it_came_from_and_its_outcome_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let (mut one, mut two) = (open(folder.path()), open(folder.path()));
    let id = one.enqueue(entry(1, "")).unwrap();
    claim(&mut one, &id, 0);
    drop(one);
    assert_eq!(due(&mut two, 5).as_ref(), Some(&id));
    let record = two.get(&id).unwrap().unwrap();
    assert_eq!((record.state, record.may_have_arrived), (State::Unknown, true));
    let again = claim(&mut two, &id, 5);
    assert!(again.record.may_have_arrived, "whoever sends it again has to look first");
    assert_eq!(two.settle(&again, &later(false), 6).unwrap().state, State::Queued);
    assert!(two.get(&id).unwrap().unwrap().may_have_arrived, "what an earlier attempt left open stays open");
}

#[test]
fn what_failed_waits_longer_each_time_and_comes_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let id = outbox.enqueue(entry(1, "")).unwrap();
    let (mut now, mut last) = (1_000, 0);
    for round in 1..6 {
        let claimed = claim(&mut outbox, &id, now);
        let record = outbox.settle(&claimed, &later(round % 2 == 0), now).unwrap();
        assert_eq!(record.problem.as_deref(), Some("the server is down"));
        assert_eq!((record.attempts, record.state == State::Unknown), (round, round % 2 == 0));
        let pause = record.not_before - now;
        assert!(pause > last, "{pause} after {last}");
        assert_eq!(outbox.next_due(record.not_before - 1, None).unwrap(), Due::At(record.not_before));
        assert_eq!(due(&mut outbox, record.not_before).as_ref(), Some(&id));
        (now, last) = (record.not_before, pause);
    }
}

#[test]
fn a_clock_that_went_back_keeps_nothing_waiting_for_years() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let id = outbox.enqueue(entry(1, "")).unwrap();
    let year = 365 * 24 * 3_600_000;
    let claimed = claim(&mut outbox, &id, year);
    outbox.settle(&claimed, &later(false), year).unwrap();
    assert_eq!(due(&mut outbox, 1_000), Some(id));
}

#[test]
fn the_source_s_wish_is_heeded_and_the_user_may_hurry() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let id = outbox.enqueue(entry(1, "")).unwrap();
    let claimed = claim(&mut outbox, &id, 0);
    let wish = Outcome::Later { why: "busy".into(), after: Some(Duration::from_hours(1)), is_outcome_unknown: false };
    assert_eq!(outbox.settle(&claimed, &wish, 0).unwrap().not_before, 3_600_000);
    assert_eq!(outbox.hurry(Some(&source("other")), 1).unwrap(), 0);
    assert_eq!(due(&mut outbox, 1), None);
    assert_eq!(outbox.hurry(Some(&source("central")), 1).unwrap(), 1);
    assert_eq!(due(&mut outbox, 1), Some(id));
}

#[test]
fn triage_of_one_finding_arrives_in_the_order_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let first = outbox.enqueue(entry(1, "a mistake")).unwrap();
    let second = outbox.enqueue(entry(1, "on second thought")).unwrap();
    let other = outbox.enqueue(entry(2, "")).unwrap();
    let claimed = claim(&mut outbox, &first, 0);
    assert_eq!(outbox.claim(&second, 0).unwrap(), None);
    assert_eq!(due(&mut outbox, 0).as_ref(), Some(&other));
    outbox.settle(&claimed, &later(true), 0).unwrap();
    assert_eq!(outbox.claim(&second, 0).unwrap(), None, "nor while the first may have to be sent again");
    let claimed = claim(&mut outbox, &first, 0);
    outbox.settle(&claimed, &done(), 0).unwrap();
    let claimed = claim(&mut outbox, &second, 0);
    assert_eq!(claimed.record.entry.seen_state, Some(json!("false_positive")), "what the first left is no conflict");
}

#[test]
fn what_waits_for_the_user_keeps_later_triage_from_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let first = outbox.enqueue(entry(1, "")).unwrap();
    let second = outbox.enqueue(entry(1, "")).unwrap();
    let claimed = claim(&mut outbox, &first, 0);
    outbox.settle(&claimed, &Outcome::Refused { why: "not allowed".into(), by: Refuser::Policy }, 0).unwrap();
    let claimed = claim(&mut outbox, &second, 0);
    assert_eq!(claimed.record.entry.seen_state, entry(1, "").seen_state);
}

#[test]
fn a_state_seen_anew_is_not_overwritten_by_what_an_older_triage_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let first = outbox.enqueue(entry(1, "")).unwrap();
    let second = outbox.enqueue(Entry { seen_state: Some(json!("out_of_scope")), ..entry(1, "") }).unwrap();
    let claimed = claim(&mut outbox, &first, 0);
    outbox.settle(&claimed, &done(), 0).unwrap();
    assert_eq!(outbox.get(&second).unwrap().unwrap().entry.seen_state, Some(json!("out_of_scope")));
    assert_eq!(state(&mut outbox, &second), State::Queued);
}

#[test]
fn what_arrived_is_kept_for_a_month_and_a_thousand() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let day = 24 * 3_600_000;
    let mut arrive = |number: usize, at: i64| {
        let id = outbox.enqueue(entry(number, "")).unwrap();
        let claimed = claim(&mut outbox, &id, at);
        outbox.settle(&claimed, &done(), at).unwrap();
        id
    };
    let old = arrive(1, 0);
    let young = arrive(2, 20 * day);
    let newest = arrive(3, 31 * day);
    let left: Vec<_> = all(&mut outbox).into_iter().map(|record| record.id).collect();
    assert_eq!(left, [young, newest.clone()]);
    assert!(!left.contains(&old));

    // As many more as are kept, in the words of the database for the sake of speed.
    let other = rusqlite::Connection::open(outbox.path().unwrap()).unwrap();
    other
        .execute_batch(
            "WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < 1100)
             INSERT INTO entry (id, origin, product, account, source, finding, state, not_before, changed_at, body, digest)
             SELECT 'filler' || n, '', '', '', '', '', 5, 0, changed_at - n, x'', x'' FROM more, entry WHERE number =
               (SELECT max(number) FROM entry)",
        )
        .unwrap();
    let id = outbox.enqueue(entry(9, "")).unwrap();
    let claimed = claim(&mut outbox, &id, 31 * day);
    outbox.settle(&claimed, &done(), 31 * day).unwrap();
    let count: i64 = other.query_row("SELECT count(*) FROM entry", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1_000);
    assert!(outbox.get(&newest).unwrap().is_some() && outbox.get(&id).unwrap().is_some());
}
