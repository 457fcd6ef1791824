//! Which of our identities a row of the server has.
//!
//! The server's number is no identity: a tool whose hash includes the line makes a shifted finding come back closed under
//! its old number and open under a new one. Ours is made of what does not shift ([`super::convert::natural`]), with an
//! ordinal among equals: slots. A new row takes over the slot of an equal one that is gone when the same import did both:
//! then it is the same place, and what people said of it stays. Rows are placed in the order of their numbers, so that
//! any complete reading of the same rows gives the same identities.

use std::collections::HashMap;

use finding::{Finding, FindingId, IdentityBuilder, Note, Status, StatusValue};
use jiff::Timestamp;

use super::convert::{CARRIED, CHANGED, CREATED, STATE, WAS, natural, number, print, prints};
use super::mark::Mark;
use super::schema::Row;
use super::state;
use crate::{Lookup, Succession};

/// The longest that an import may take: a row created and its predecessor closed within it belong together.
const IMPORT_SECONDS: i64 = 2 * 3600;
/// Equals that are told apart by ordinals; a file with more is generated, and their numbers tell them apart.
const MOST_SLOTS: usize = 1_000;

/// What a slot's holder leaves to a successor.
#[derive(Debug, Clone)]
struct Slot {
    id: FindingId,
    number: i64,
    /// Mostly nothing; there is a slot for every finding, so it is kept small.
    past: Option<Box<Past>>,
    /// Set while the server does not report the holder.
    gone: Option<Box<Gone>>,
}

/// What earlier holders left.
#[derive(Debug, Clone, Default)]
struct Past {
    /// Their numbers.
    was: Vec<i64>,
    /// A decision that came from one of them.
    carried: Option<(i64, Status)>,
    /// Notes that came from them.
    notes: Vec<Note>,
}

#[derive(Debug, Clone)]
struct Gone {
    created: Option<Timestamp>,
    changed: Option<Timestamp>,
    decision: Option<Status>,
    notes: Vec<Note>,
    surroundings: Option<String>,
}

/// What became of a row.
pub(super) enum Placed {
    /// It has this identity; the finding is complete.
    Here(Box<Finding>),
    /// Its slot has gone on to a successor.
    Superseded,
}

/// The slots of one source.
pub(super) struct Slots<'a> {
    source: &'a str,
    /// What earlier pulls stored; `None` when everything is read anew.
    lookup: Option<&'a dyn Lookup>,
    of: HashMap<FindingId, Vec<Slot>>,
    pub(super) successions: Vec<Succession>,
    /// Rows that no earlier pull knew.
    pub(super) added: u64,
}

impl<'a> Slots<'a> {
    pub(super) fn new(source: &'a str, lookup: Option<&'a dyn Lookup>) -> Self {
        Self { source, lookup, of: HashMap::new(), successions: Vec::new(), added: 0 }
    }

    /// All identities that were given out.
    pub(super) fn ids(&self) -> impl Iterator<Item = &FindingId> {
        self.of.values().flatten().map(|slot| &slot.id)
    }

    /// Gives `finding`, made of `row`, its identity and what it inherits. `is_gone` tells of other rows of the same pull
    /// whether the server still reports them, before they are placed themselves. Rows come in the order of their numbers.
    pub(super) fn place(
        &mut self,
        mut finding: Finding,
        row: &Row,
        is_gone: &dyn Fn(i64) -> Option<Departed>,
    ) -> Result<Placed, String> {
        let Some(at) = number(&finding) else { return Ok(Placed::Superseded) };
        let mut ids = Ids::new(self.source, &finding);
        let first = ids.next();
        if !self.of.contains_key(&first) {
            let stored = self.stored(&first, &mut ids)?;
            self.of.insert(first.clone(), stored);
        }
        let slots = self.of.entry(first.clone()).or_default();
        let gone = state::is_gone(row);
        if let Some(slot) = slots.iter_mut().find(|slot| slot.number == at) {
            slot.gone = gone.then(|| Box::new(Gone::of(&finding, row)));
            slot.dress(&mut finding, row);
            return Ok(Placed::Here(Box::new(finding)));
        }
        // Known as gone, or told so further on in this pull.
        for slot in slots.iter_mut() {
            if let Some(departed) = is_gone(slot.number) {
                slot.gone.get_or_insert_with(|| Box::new(Gone::told(&departed)));
            }
        }
        if let Some(slot) = slots.iter_mut().find(|slot| slot.had(at)) {
            if gone {
                return Ok(Placed::Superseded);
            }
            let is_back = slot.gone.is_some();
            let number = slot.number;
            let past = slot.past_mut();
            past.was.retain(|was| *was != at);
            if is_back {
                // An import brought the old row back and closed its successor.
                past.was.push(number);
                past.carried = None;
                (slot.number, slot.gone) = (at, None);
                slot.dress(&mut finding, row);
                return Ok(Placed::Here(Box::new(finding)));
            }
        } else {
            self.added += 1;
        }
        let mut doubtful = None;
        if !gone && let Some(slot) = slots.iter_mut().find(|slot| slot.is_succeeded_by(row)) {
            let succession = slot.pass_on(&finding, at);
            if slot.number == at {
                slot.dress(&mut finding, row);
                self.successions.push(succession);
                return Ok(Placed::Here(Box::new(finding)));
            }
            doubtful = Some(succession);
        }
        let id = if slots.len() < MOST_SLOTS {
            nth(self.source, &finding, slots.len() + 1)
        } else {
            let guid = format!("{first} {at}");
            IdentityBuilder::new(self.source).id(Some(&guid), None, natural(&finding))
        };
        self.successions.extend(doubtful.map(|succession| Succession { finding: id.clone(), ..succession }));
        finding.id = id.clone();
        let gone = gone.then(|| Box::new(Gone::of(&finding, row)));
        if slots.is_empty() {
            // Twins are rare.
            slots.reserve_exact(1);
        }
        slots.push(Slot { id, number: at, past: None, gone });
        Ok(Placed::Here(Box::new(finding)))
    }

    /// The slots that earlier pulls filled.
    fn stored(&self, first: &FindingId, ids: &mut Ids<'_>) -> Result<Vec<Slot>, String> {
        let Some(lookup) = self.lookup else { return Ok(Vec::new()) };
        let mut slots = Vec::new();
        let mut id = first.clone();
        while slots.len() < MOST_SLOTS
            && let Some(stored) = lookup.finding(&id)?
        {
            slots.extend(Slot::of_stored(&stored));
            id = ids.next();
        }
        Ok(slots)
    }
}

/// What a pull knows of a row before it is placed: that the server does not report it, since when.
#[derive(Debug, Clone)]
pub(super) struct Departed {
    pub(super) finding: Box<Finding>,
    pub(super) changed: Option<Timestamp>,
}

impl Slot {
    fn of_stored(stored: &Finding) -> Option<Self> {
        let number = number(stored)?;
        let is_gone = print(stored, STATE).is_some_and(|state| state.split(' ').any(|word| word == "mitigated"));
        let carried =
            print(stored, CARRIED).and_then(|from| from.parse().ok()).map(|from| (from, stored.status.clone()));
        let carried = carried.filter(|(_, status)| state::is_decision(status));
        let inherited = |note: &&Note| note.text.starts_with(INHERITED);
        let past = Past {
            was: prints(stored, WAS).filter_map(|number| number.parse().ok()).collect(),
            notes: stored.notes.iter().filter(inherited).cloned().collect(),
            carried,
        };
        let gone = is_gone.then(|| Box::new(Gone::of_stored(stored)));
        Some(Self { id: stored.id.clone(), number, past: Some(Box::new(past)), gone })
    }

    /// Whether an earlier holder had that number.
    fn had(&self, number: i64) -> bool {
        self.past.as_ref().is_some_and(|past| past.was.contains(&number))
    }

    fn past_mut(&mut self) -> &mut Past {
        self.past.get_or_insert_default()
    }

    /// Puts what the slot holds on its holder.
    fn dress(&mut self, finding: &mut Finding, row: &Row) {
        finding.id = self.id.clone();
        let Some(past) = &mut self.past else { return };
        let prints = &mut finding.evidence.fingerprints;
        prints.extend(past.was.iter().map(|was| (WAS.to_owned(), was.to_string())));
        // Whoever decides anew, or takes it back, ends what came over.
        let is_decided = state::is_decision(&finding.status) || state::is(row.verified);
        if is_decided || row.notes.iter().filter_map(Mark::of).any(Mark::is_reopening) {
            past.carried = None;
        }
        if let Some((from, status)) = &past.carried {
            prints.push((CARRIED.to_owned(), from.to_string()));
            if finding.status.value == StatusValue::Open {
                finding.status = status.clone();
            }
        }
        finding.notes.splice(..0, past.notes.iter().cloned());
    }

    /// Whether `row`, which is new, is the holder, which is gone, at another line.
    fn is_succeeded_by(&self, row: &Row) -> bool {
        let Some(gone) = &self.gone else { return false };
        let time = |written: Option<&str>| written.and_then(|at| at.parse::<Timestamp>().ok());
        let (Some(created), Some(changed)) = (time(row.created.as_deref()), gone.changed) else { return false };
        if gone.decision.as_ref().is_some_and(|status| status.value != StatusValue::RiskAccepted) {
            // What was decided on stays as it is when an import does not find it any more. A twin is older than the decision.
            return changed < created;
        }
        // The import that made the row closed this one. A twin was made together with it instead.
        let since_made = gone.created.map(|earlier| created.duration_since(earlier));
        let until_closed = changed.duration_since(created);
        until_closed.as_secs().abs() <= IMPORT_SECONDS && since_made.is_none_or(|since| since > until_closed.abs())
    }

    /// Hands the slot to `finding`, numbered `at`, unless it stays with a decision that may not be of the same place.
    fn pass_on(&mut self, finding: &Finding, at: i64) -> Succession {
        let earlier = self.number;
        let gone = self.gone.as_ref();
        let carried_before = || Some(self.past.as_ref()?.carried.as_ref()?.1.clone());
        let decision = gone.and_then(|gone| gone.decision.clone()).or_else(carried_before);
        let around = surroundings(finding);
        let is_carried =
            decision.is_some() && around.is_some() && around == gone.and_then(|gone| gone.surroundings.clone());
        if is_carried || decision.is_none() {
            let gone = self.gone.take();
            let notes = gone.map(|gone| gone.notes).unwrap_or_default();
            let past = self.past_mut();
            past.notes.extend(
                notes.into_iter().filter(|note| !note.text.starts_with(INHERITED)).map(|note| inherited(note, earlier)),
            );
            past.carried = decision.clone().map(|status| (earlier, carried(status, earlier)));
            past.was.push(earlier);
            self.number = at;
        }
        Succession {
            finding: self.id.clone(),
            number: at.to_string(),
            earlier: earlier.to_string(),
            decision,
            is_carried,
        }
    }
}

impl Gone {
    fn of(finding: &Finding, row: &Row) -> Self {
        let time = |written: Option<&str>| written.and_then(|at| at.parse().ok());
        Self {
            created: time(row.created.as_deref()),
            changed: time(row.last_status_update.as_deref()),
            ..Self::of_stored(finding)
        }
    }

    fn of_stored(finding: &Finding) -> Self {
        let time = |name| print(finding, name).and_then(|at| at.parse().ok());
        Self {
            created: time(CREATED),
            changed: time(CHANGED),
            decision: Some(finding.status.clone()).filter(state::is_decision),
            notes: finding.notes.clone(),
            surroundings: surroundings(finding),
        }
    }

    fn told(departed: &Departed) -> Self {
        Self { changed: departed.changed, ..Self::of_stored(&departed.finding) }
    }
}

/// What marks a note that was written about an earlier number.
const INHERITED: &str = "(of #";

fn inherited(note: Note, earlier: i64) -> Note {
    Note { text: format!("{INHERITED}{earlier}) {}", note.text), ..note }
}

/// A decision as it stands on the successor: whose it was, and that it moved.
fn carried(status: Status, earlier: i64) -> Status {
    let why = status.reason.as_deref().unwrap_or("no reason given");
    let why = why.strip_prefix(CARRIED_OVER).and_then(|rest| rest.split_once(": ")).map_or(why, |(_, why)| why);
    Status { reason: Some(format!("{CARRIED_OVER} #{earlier}, the same code at another line: {why}")), ..status }
}

const CARRIED_OVER: &str = "carried over from";

/// The text around the flagged line, white space folded; `None` where the tool sends the line alone.
fn surroundings(finding: &Finding) -> Option<String> {
    let (_, text) = finding.evidence.context.as_ref()?;
    (text.trim().lines().count() > 1).then(|| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The identities of equals, in order.
struct Ids<'f> {
    builder: IdentityBuilder,
    finding: &'f Finding,
}

impl<'f> Ids<'f> {
    fn new(source: &str, finding: &'f Finding) -> Self {
        Self { builder: IdentityBuilder::new(source), finding }
    }

    fn next(&mut self) -> FindingId {
        self.builder.id(None, None, natural(self.finding))
    }
}

fn nth(source: &str, finding: &Finding, which: usize) -> FindingId {
    let mut ids = Ids::new(source, finding);
    for _ in 1..which {
        ids.next();
    }
    ids.next()
}

/// Gives `finding`, made of `row` just now, what `known` inherited from earlier numbers.
pub(super) fn keep_inheritance(finding: &mut Finding, row: &Row, known: &Finding) {
    if let Some(mut slot) = Slot::of_stored(known) {
        slot.dress(finding, row);
    }
}
