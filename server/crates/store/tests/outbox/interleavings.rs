//! Any order of queueing, claiming, dying, settling and deciding, against a model that is too simple to be wrong.

use std::collections::BTreeMap;

use crate::support::{all, entry, open};
use aspm_store::outbox::{Claim, Due, Outbox, OutboxError, OutboxId, Outcome, Refuser, State};
use proptest::prelude::*;
use serde_json::json;

const ACTORS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    /// Triage of one of few findings.
    Enqueue(usize, usize),
    ClaimDue(usize),
    ClaimAny(usize, usize),
    /// The process dies and another starts in its place.
    Die(usize),
    Settle(usize, usize, u8),
    Retry(usize, usize),
    Discard(usize, usize),
    Pass(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let (actor, which) = (0..ACTORS, any::<usize>());
    prop_oneof![
        4 => (actor.clone(), 0usize..4).prop_map(|(actor, finding)| Step::Enqueue(actor, finding)),
        5 => actor.clone().prop_map(Step::ClaimDue),
        2 => (actor.clone(), which).prop_map(|(actor, which)| Step::ClaimAny(actor, which)),
        2 => actor.clone().prop_map(Step::Die),
        5 => (actor.clone(), any::<usize>(), 0u8..5).prop_map(|(actor, which, how)| Step::Settle(actor, which, how)),
        1 => (actor.clone(), any::<usize>()).prop_map(|(actor, which)| Step::Retry(actor, which)),
        1 => (actor, any::<usize>()).prop_map(|(actor, which)| Step::Discard(actor, which)),
        2 => (0i64..4_000_000).prop_map(Step::Pass),
    ]
}

/// What the model knows of an entry.
#[derive(Debug, Clone)]
struct Known {
    order: usize,
    finding: usize,
    is_open: bool,
    needs_decision: bool,
    /// Whether an attempt may have arrived that was not said to have failed.
    may_have_arrived: bool,
}

struct World {
    outboxes: Vec<Option<Outbox>>,
    claims: Vec<Vec<Claim>>,
    known: BTreeMap<OutboxId, Known>,
    now: i64,
}

impl World {
    fn outbox(&mut self, actor: usize) -> &mut Outbox {
        self.outboxes[actor].as_mut().unwrap()
    }

    fn nth(&self, which: usize) -> Option<OutboxId> {
        self.known.keys().nth(which.checked_rem(self.known.len())?).cloned()
    }

    fn is_claimed(&self, id: &OutboxId) -> bool {
        self.claims.iter().flatten().any(|claim| claim.record.id == *id)
    }

    fn claim(&mut self, actor: usize, id: &OutboxId) {
        let now = self.now;
        let claimed = self.outbox(actor).claim(id, now).unwrap();
        let known = self.known[id].clone();
        let is_blocked = self.known.values().any(|other| {
            other.finding == known.finding && other.order < known.order && other.is_open && !other.needs_decision
        });
        let is_free = known.is_open && !known.needs_decision && !is_blocked && !self.is_claimed(id);
        assert_eq!(claimed.is_some(), is_free, "{id}: {known:?}");
        if let Some(claim) = claimed {
            assert_eq!(claim.record.may_have_arrived, known.may_have_arrived);
            self.claims[actor].push(claim);
        }
    }

    fn die(&mut self, actor: usize, folder: &std::path::Path) {
        self.outboxes[actor] = None;
        for claim in std::mem::take(&mut self.claims[actor]) {
            self.known.get_mut(&claim.record.id).unwrap().may_have_arrived = true;
        }
        self.outboxes[actor] = Some(open(folder));
    }

    fn settle(&mut self, actor: usize, which: usize, how: u8) {
        if self.claims[actor].is_empty() {
            return;
        }
        let at = which % self.claims[actor].len();
        let (claim, now) = (self.claims[actor].remove(at), self.now);
        let known = self.known.get_mut(&claim.record.id).unwrap();
        let why = String::new();
        let outcome = match how {
            0 => Outcome::Done { now: Some(json!(0)) },
            1 => Outcome::Refused { why, by: Refuser::Source },
            2 => Outcome::Conflict { theirs: json!(1), words: why },
            3 => Outcome::Later { why, after: None, is_outcome_unknown: false },
            _ => Outcome::Later { why, after: None, is_outcome_unknown: true },
        };
        known.is_open = how != 0;
        known.needs_decision = matches!(how, 1 | 2);
        known.may_have_arrived |= how == 4;
        self.outbox(actor).settle(&claim, &outcome, now).unwrap();
        // To say it twice is no harm.
        assert!(
            matches!(self.outbox(actor).settle(&claim, &outcome, now), Err(OutboxError::ClaimLost { .. })) || how == 4
        );
    }

    fn decide(&mut self, actor: usize, which: usize, is_discarded: bool) {
        let Some(id) = self.nth(which) else { return };
        let (is_claimed, now) = (self.is_claimed(&id), self.now);
        let known = self.known[&id].clone();
        let outbox = self.outbox(actor);
        let result = if is_discarded { outbox.discard(&id, now) } else { outbox.retry(&id, now) };
        let expected = if is_claimed {
            Some(OutboxError::BeingSent { id: id.clone() })
        } else if !known.is_open && !is_discarded {
            Some(OutboxError::AlreadyDone { id: id.clone() })
        } else {
            None
        };
        assert_eq!(result.err(), expected);
        if expected_none(is_claimed, known.is_open, is_discarded) {
            if is_discarded {
                self.known.remove(&id);
            } else {
                self.known.get_mut(&id).unwrap().needs_decision = false;
            }
        }
    }

    /// Nothing is lost, nothing is there that nobody queued, and each is as far as the model says.
    fn check(&mut self, actor: usize) {
        let records = all(self.outbox(actor));
        assert_eq!(records.len(), self.known.len());
        for record in records {
            let known = &self.known[&record.id];
            assert_eq!(record.state != State::Done, known.is_open);
            assert_eq!(record.state.needs_decision(), known.needs_decision);
            if self.is_claimed(&record.id) {
                assert!(matches!(record.state, State::Sending { .. }));
            }
        }
    }
}

fn expected_none(is_claimed: bool, is_open: bool, is_discarded: bool) -> bool {
    !is_claimed && (is_open || is_discarded)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_entry_is_lost_and_none_is_with_two_claimers_at_once(steps in prop::collection::vec(step(), 1..60)) {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World {
            outboxes: (0..ACTORS).map(|_| Some(open(folder.path()))).collect(),
            claims: vec![Vec::new(); ACTORS],
            known: BTreeMap::new(),
            now: 1_000,
        };
        for (order, step) in steps.into_iter().enumerate() {
            match step {
                Step::Enqueue(actor, finding) => {
                    let id = world.outbox(actor).enqueue(entry(finding, "")).unwrap();
                    let known =
                        Known { order, finding, is_open: true, needs_decision: false, may_have_arrived: false };
                    world.known.insert(id, known);
                }
                Step::ClaimDue(actor) => {
                    let now = world.now;
                    if let Due::Now(record) = world.outbox(actor).next_due(now, None).unwrap() {
                        world.claim(actor, &record.id);
                        prop_assert!(world.is_claimed(&record.id), "what is due can be claimed");
                    }
                }
                Step::ClaimAny(actor, which) => {
                    if let Some(id) = world.nth(which) {
                        world.claim(actor, &id);
                    }
                }
                Step::Die(actor) => world.die(actor, folder.path()),
                Step::Settle(actor, which, how) => world.settle(actor, which, how),
                Step::Retry(actor, which) => world.decide(actor, which, false),
                Step::Discard(actor, which) => world.decide(actor, which, true),
                Step::Pass(time) => world.now += time,
            }
            world.check(order % ACTORS);
        }
        // Left alone, everything that nobody has to decide about arrives.
        for actor in 0..ACTORS {
            world.die(actor, folder.path());
        }
        world.now += 100_000_000;
        while let Due::Now(record) = { let now = world.now; world.outbox(0).next_due(now, None).unwrap() } {
            world.claim(0, &record.id);
            world.settle(0, 0, 0);
        }
        prop_assert!(world.known.values().all(|known| !known.is_open || known.needs_decision));
        world.check(1);
    }
}
