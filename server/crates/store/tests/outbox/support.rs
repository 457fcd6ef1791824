//! Triage to queue.

use std::path::Path;

use aspm_store::outbox::{Claim, Due, Entry, Filter, Outbox, OutboxId, Record, Source, State};
use finding::FindingId;
use serde_json::json;

/// Opens without a notice or fails.
pub(crate) fn open(folder: &Path) -> Outbox {
    let opened = Outbox::open(folder);
    assert_eq!(opened.notices, [""; 0]);
    assert!(opened.outbox.path().is_some());
    opened.outbox
}

pub(crate) fn source(name: &str) -> Source {
    Source {
        origin: "https://central.example".into(),
        product: "shop".into(),
        account: "dev".into(),
        name: name.to_owned(),
    }
}

pub(crate) fn finding(number: usize) -> FindingId {
    FindingId::from_stored(&format!("central:{number:020x}"))
}

/// Triage of the finding `number`, with a reason.
pub(crate) fn entry(number: usize, reason: &str) -> Entry {
    Entry {
        source: source("central"),
        by: None,
        root: Some("/home/dev/shop".into()),
        finding: finding(number),
        number: number.to_string(),
        action: json!({"do": "accept_risk", "until": "2027-01-01", "accepted_by": null}),
        reason: reason.to_owned(),
        seen_state: Some(json!("active verified")),
        created_at: 1_000,
    }
}

pub(crate) fn all(outbox: &mut Outbox) -> Vec<Record> {
    outbox.list(Filter::default()).unwrap()
}

pub(crate) fn state(outbox: &mut Outbox, id: &OutboxId) -> State {
    outbox.get(id).unwrap().unwrap().state
}

/// The id of what is due.
pub(crate) fn due(outbox: &mut Outbox, now: i64) -> Option<OutboxId> {
    match outbox.next_due(now, None).unwrap() {
        Due::Now(record) => Some(record.id),
        Due::At(_) | Due::Nothing => None,
    }
}

pub(crate) fn claim(outbox: &mut Outbox, id: &OutboxId, now: i64) -> Claim {
    outbox.claim(id, now).unwrap().expect("free")
}
