//! What the user decides about entries that could not be sent, and what others notice.

use crate::support::{all, claim, due, entry, open, state};
use aspm_store::outbox::{Entry, LONGEST_ENTRY, OutboxError, OutboxId, Outcome, Queued, Refuser, State};
use serde_json::json;

fn refused() -> Outcome {
    Outcome::Refused { why: "This product takes no risk acceptance.".into(), by: Refuser::Source }
}

fn conflict() -> Outcome {
    Outcome::Conflict { theirs: json!("out_of_scope"), words: "out of scope".into() }
}

#[test]
fn a_refusal_waits_with_its_reason_until_the_user_says_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let id = outbox.enqueue(entry(1, "why not")).unwrap();
    let claimed = claim(&mut outbox, &id, 0);
    let record = outbox.settle(&claimed, &refused(), 0).unwrap();
    assert!(record.state.needs_decision() && !record.state.is_on_its_way());
    assert_eq!(
        record.state,
        State::Refused { why: "This product takes no risk acceptance.".into(), by: Refuser::Source }
    );
    assert_eq!((due(&mut outbox, i64::MAX / 2), outbox.claim(&id, 0).unwrap()), (None, None));
    assert_eq!(outbox.counts(None).unwrap().refused, 1);
    let record = outbox.retry(&id, 9).unwrap();
    assert_eq!((record.state, record.attempts, record.entry), (State::Queued, 0, entry(1, "why not")));
    assert_eq!(due(&mut outbox, 9), Some(id));
}

#[test]
fn the_same_of_one_finding_is_queued_once_while_it_waits() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let queued = outbox.enqueue_once(vec![entry(1, "why"), entry(2, "why"), entry(1, "why")]).unwrap();
    let first = queued[0].id().clone();
    assert!(matches!(&queued[..], [Queued::New(_), Queued::New(_), Queued::Already(record)] if record.id == first));
    // Another reason is another triage, and so is what another process asks of another finding.
    let again = open(folder.path()).enqueue_once(vec![entry(1, "why"), entry(1, "because"), entry(3, "why")]).unwrap();
    assert!(matches!(&again[..], [Queued::Already(record), Queued::New(_), Queued::New(_)] if record.id == first));
    assert_eq!(all(&mut outbox).len(), 4);
    // What waits for a decision waits still; what arrived may be asked for anew.
    let claimed = claim(&mut outbox, &first, 0);
    outbox.settle(&claimed, &refused(), 0).unwrap();
    assert!(matches!(outbox.enqueue_once(vec![entry(1, "why")]).unwrap()[0], Queued::Already(_)));
    outbox.retry(&first, 0).unwrap();
    let claimed = claim(&mut outbox, &first, 0);
    outbox.settle(&claimed, &Outcome::Done { now: None }, 0).unwrap();
    assert!(matches!(outbox.enqueue_once(vec![entry(1, "why")]).unwrap()[0], Queued::New(_)));
    // All or none.
    let long = "x".repeat(LONGEST_ENTRY);
    assert!(outbox.enqueue_once(vec![entry(7, ""), entry(8, &long)]).is_err());
    assert_eq!(all(&mut outbox).len(), 5);
}

#[test]
fn a_conflict_that_is_retried_goes_on_top_of_what_was_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let id = outbox.enqueue(entry(1, "")).unwrap();
    let claimed = claim(&mut outbox, &id, 0);
    outbox.settle(&claimed, &conflict(), 0).unwrap();
    assert_eq!(
        state(&mut outbox, &id),
        State::Conflict { theirs: json!("out_of_scope"), words: "out of scope".into() }
    );
    assert_eq!(outbox.counts(None).unwrap().conflicts, 1);
    assert_eq!(outbox.retry(&id, 0).unwrap().entry.seen_state, Some(json!("out_of_scope")));
}

#[test]
fn what_is_waiting_may_be_sent_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let id = outbox.enqueue(entry(1, "")).unwrap();
    let claimed = claim(&mut outbox, &id, 0);
    let later = Outcome::Later { why: "down".into(), after: None, is_outcome_unknown: true };
    outbox.settle(&claimed, &later, 0).unwrap();
    assert_eq!(due(&mut outbox, 1), None);
    let record = outbox.retry(&id, 1).unwrap();
    assert_eq!((record.state, record.may_have_arrived), (State::Unknown, true));
    assert_eq!(due(&mut outbox, 1), Some(id));
}

#[test]
fn what_is_discarded_is_handed_back_and_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let (one, two) = (outbox.enqueue(entry(1, "one")).unwrap(), outbox.enqueue(entry(2, "two")).unwrap());
    assert_eq!(outbox.discard(&one, 0).unwrap().entry.reason, "one");
    assert_eq!(outbox.discard(&one, 0), Err(OutboxError::NotThere { id: one.clone() }));
    assert_eq!(outbox.retry(&one, 0), Err(OutboxError::NotThere { id: one }));
    assert!(matches!(&all(&mut outbox)[..], [left] if left.id == two));
    let claimed = claim(&mut outbox, &two, 0);
    outbox.settle(&claimed, &Outcome::Done { now: None }, 0).unwrap();
    assert_eq!(outbox.retry(&two, 0), Err(OutboxError::AlreadyDone { id: two.clone() }));
    outbox.discard(&two, 0).unwrap();
    assert_eq!(all(&mut outbox), []);
}

#[test]
fn entries_are_found_by_the_beginning_of_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let id = outbox.enqueue(entry(1, "")).unwrap();
    outbox.enqueue(entry(2, "")).unwrap();
    assert_eq!(outbox.find(&id.as_str()[..12]).unwrap()[0].id, id);
    assert_eq!(outbox.find(&id.as_str()[..3]).unwrap(), [], "too short to mean one");
    assert_eq!(outbox.find("zzzz").unwrap(), []);
    assert_eq!(OutboxId::from_stored(id.as_str()), id);
}

#[test]
fn bulk_triage_is_queued_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut outbox = open(folder.path());
    let huge = Entry { reason: "x".repeat(LONGEST_ENTRY), ..entry(2, "") };
    let error = outbox.enqueue_all(vec![entry(1, ""), huge]).unwrap_err();
    assert!(matches!(error, OutboxError::TooLong { .. }), "{error}");
    assert!(error.to_string().contains("shorten its reason"), "{error}");
    assert_eq!(all(&mut outbox), []);
    let ids = outbox.enqueue_all((0..3_000).map(|number| entry(number, "one reason for all")).collect()).unwrap();
    let listed: Vec<_> = all(&mut outbox).into_iter().map(|record| record.id).collect();
    assert_eq!(listed, ids);
    assert_eq!(outbox.enqueue_all(Vec::new()).unwrap(), []);
}

#[test]
fn every_change_by_anybody_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut one, mut two) = (open(folder.path()), open(folder.path()));
    let mut seen = two.version().unwrap();
    assert_eq!(two.version().unwrap(), seen, "nothing happened");
    let id = one.enqueue(entry(1, "")).unwrap();
    let mut assert_noticed = |two: &mut aspm_store::outbox::Outbox, what: &str| {
        let now = two.version().unwrap();
        assert_ne!(now, seen, "{what}");
        seen = now;
    };
    assert_noticed(&mut two, "queued by another");
    let claimed = claim(&mut two, &id, 0);
    assert_noticed(&mut two, "claimed by itself");
    two.settle(&claimed, &refused(), 0).unwrap();
    assert_noticed(&mut two, "settled by itself");
    one.discard(&id, 0).unwrap();
    assert_noticed(&mut two, "discarded by another");
}

#[test]
fn an_outbox_may_move_between_threads() {
    fn moves<T: Send>() {}
    moves::<aspm_store::outbox::Outbox>();
}
