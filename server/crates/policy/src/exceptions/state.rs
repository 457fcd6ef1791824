//! Which entries were reviewed: those that were there before the change at hand, as they were.

use std::collections::HashMap;

use finding::ExceptionState;

use super::{Entry, Parsed};

/// The entries that apply while a change is judged, each with its state.
///
/// - There at the base and the same now (finding, status, reason; the expiry too, or earlier): approved.
/// - Only in this change: requested.
/// - Altered in this change: requested as it is now, and approved as it was at the base, so both are there, under one id.
///   The approved one ends no later than the altered one does.
/// - Taken out in this change: applies no more. To have fewer exceptions is stricter and needs no review.
///
/// `at_base` is `None` where there is no earlier state (no git, no commit): all are requested; a file that is broken at
/// the base approves nothing. Where the file is broken `now`, the base's entries hold: an editor that has a later good
/// version gives that instead.
#[must_use]
pub fn states(at_base: Option<&Parsed>, now: &Parsed) -> Vec<(Entry, ExceptionState)> {
    let base = at_base.map_or(&[][..], |parsed| &parsed.entries);
    if now.is_broken() {
        return base.iter().map(|entry| (entry.clone(), ExceptionState::Approved)).collect();
    }
    let by_id: HashMap<&str, &Entry> = base.iter().map(|entry| (entry.id.as_str(), entry)).collect();
    let mut states = Vec::new();
    for entry in &now.entries {
        match by_id.get(entry.id.as_str()) {
            None => states.push((entry.clone(), ExceptionState::Requested)),
            Some(before) if says_the_same(before, entry) && entry.expires <= before.expires => {
                states.push((entry.clone(), ExceptionState::Approved));
            }
            Some(before) => {
                let expires = before.expires.clone().min(entry.expires.clone());
                states.push((Entry { expires, ..(*before).clone() }, ExceptionState::Approved));
                states.push((entry.clone(), ExceptionState::Requested));
            }
        }
    }
    states
}

/// The expiry and what weighs nothing (who asked, the ticket, the line in the file) aside.
fn says_the_same(before: &Entry, now: &Entry) -> bool {
    before.finding == now.finding && before.status == now.status && before.reason == now.reason
}
