//! Where a finding stands on the server: its flags as one word list, for comparing, and as a status with provenance.

use finding::{Note, Status, StatusValue};
use jiff::Timestamp;

use super::mark::Mark;
use super::schema::{NoteRow, Risk, Row};

/// A note within this time of a decision, by the same person, is its reason.
const REASON_WITHIN_SECONDS: i64 = 600;

/// The flags that are set, in one order, e.g. `active verified`, and the end of an accepted risk. Equal texts mean that
/// nobody decided anything in between that still stands.
pub(super) fn state(row: &Row) -> String {
    let set = [
        ("active", row.active),
        ("verified", row.verified),
        ("false_positive", row.false_p),
        ("risk_accepted", row.risk_accepted),
        ("out_of_scope", row.out_of_scope),
        ("duplicate", row.duplicate),
        ("mitigated", row.is_mitigated),
        ("under_review", row.under_review),
        ("under_defect_review", row.under_defect_review),
    ];
    let mut words: Vec<String> =
        set.iter().filter(|(_, flag)| *flag == Some(true)).map(|(word, _)| (*word).to_owned()).collect();
    if is(row.risk_accepted)
        && let Some(until) = row.accepted_risks.last().and_then(until)
    {
        words.push(format!("until:{until}"));
    }
    if words.is_empty() { "inactive".to_owned() } else { words.join(" ") }
}

/// A state as [`state`] gives it, for people.
pub(super) fn in_words(state: &str) -> String {
    state.split(' ').map(|word| word.replace('_', " ").replacen("until:", "until ", 1)).collect::<Vec<_>>().join(", ")
}

/// What people decided, and who, when and why as far as the server tells.
pub(super) fn status(row: &Row, is_same_place: bool) -> Status {
    let value = if is(row.false_p) {
        StatusValue::FalsePositive
    } else if is(row.out_of_scope) {
        StatusValue::OutOfScope
    } else if is(row.risk_accepted) {
        StatusValue::RiskAccepted
    } else if is(row.duplicate) && is_same_place {
        StatusValue::Duplicate
    } else if is(row.is_mitigated) {
        StatusValue::Mitigated
    } else if is(row.active) || is(row.under_review) || is(row.under_defect_review) || is(row.duplicate) {
        StatusValue::Open
    } else {
        // Switched off by hand: the server no longer counts it, and says nothing of why.
        let reason = Some("set inactive on the server, without a reason".to_owned());
        return Status {
            value: StatusValue::Mitigated,
            at: time(row.last_status_update.as_deref()),
            reason,
            ..Status::default()
        };
    };
    match value {
        StatusValue::Open | StatusValue::Duplicate => Status { value, ..Status::default() },
        StatusValue::RiskAccepted => risk_accepted(row),
        _ => {
            let at = time(row.mitigated.as_deref()).or_else(|| time(row.last_status_update.as_deref()));
            let by = row.mitigated_by;
            let reason = reason(row, value, at.as_deref(), by);
            Status { value, by: by.map(|id| name(row, id)), at, reason, ..Status::default() }
        }
    }
}

/// Whether people decided, so that it must not get lost with the row.
pub(super) fn is_decision(status: &Status) -> bool {
    matches!(status.value, StatusValue::FalsePositive | StatusValue::RiskAccepted | StatusValue::OutOfScope)
}

/// Whether the server does not report the finding any more.
pub(super) fn is_gone(row: &Row) -> bool {
    is(row.is_mitigated)
}

fn risk_accepted(row: &Row) -> Status {
    let value = StatusValue::RiskAccepted;
    let Some(risk) = row.accepted_risks.last() else {
        // Simple acceptance: only the note that the server writes tells who.
        let at = time(row.last_status_update.as_deref());
        let note = row
            .notes
            .iter()
            .find(|note| note.entry.as_deref().is_some_and(|text| text.ends_with("has risk accepted this finding")));
        let by =
            note.and_then(author).or_else(|| row.notes.iter().find(|note| Mark::of(note).is_some()).and_then(author));
        let reason = reason(row, value, at.as_deref(), None);
        return Status { value, by, at, reason, ..Status::default() };
    };
    let details = [&risk.decision_details, &risk.recommendation_details, &risk.name];
    let reason = details.into_iter().flatten().map(|text| super::mark::without(text)).find(|text| !text.is_empty());
    Status {
        value,
        by: risk.owner.map(|id| name(row, id)),
        at: time(risk.created.as_deref()),
        reason,
        until: until(risk),
        accepted_by: risk.accepted_by.clone().filter(|name| !name.trim().is_empty()),
    }
}

/// The day on which an acceptance ends.
pub(super) fn until(risk: &Risk) -> Option<String> {
    let date = risk.expiration_date.as_deref()?.get(..10)?;
    date.parse::<jiff::civil::Date>().ok().map(|date| date.to_string())
}

/// The note that our own push left for this decision; else the newest one of about the same time and person.
fn reason(row: &Row, value: StatusValue, at: Option<&str>, by: Option<i64>) -> Option<String> {
    let ours = row.notes.iter().find(|note| Mark::of(note).is_some_and(|mark| mark.speaks_of(value)));
    let theirs = || {
        let at: Timestamp = at?.parse().ok()?;
        row.notes.iter().find(|note| {
            let when = note.date.as_deref().and_then(|date| date.parse::<Timestamp>().ok());
            when.is_some_and(|when| (when.as_second() - at.as_second()).abs() <= REASON_WITHIN_SECONDS)
                && by.is_none_or(|by| note.author.as_ref().is_some_and(|author| author.id == Some(by)))
                && !is_by_the_server(note)
        })
    };
    let text = super::mark::without(ours.or_else(theirs)?.entry.as_deref()?);
    (!text.is_empty()).then_some(text)
}

/// Remarks that the server writes about itself.
fn is_by_the_server(note: &NoteRow) -> bool {
    let text = note.entry.as_deref().unwrap_or_default();
    [
        "has risk accepted this finding",
        "removed a risk exception from this finding",
        "added this finding to the risk acceptance",
    ]
    .iter()
    .any(|part| text.contains(part))
}

/// The remarks, oldest first.
pub(super) fn notes(row: &Row) -> Vec<Note> {
    let mut notes: Vec<Note> = row
        .notes
        .iter()
        .filter_map(|note| {
            let text = super::mark::without(note.entry.as_deref()?);
            (!text.is_empty()).then(|| Note { by: author(note), at: time(note.date.as_deref()), text })
        })
        .collect();
    notes.sort_by(|a, b| a.at.cmp(&b.at));
    notes
}

fn author(note: &NoteRow) -> Option<String> {
    note.author.as_ref()?.username.clone()
}

/// The name of an account that only its number is given of, where one of its notes tells it.
fn name(row: &Row, id: i64) -> String {
    let author = |note: &NoteRow| note.author.as_ref().filter(|author| author.id == Some(id))?.username.clone();
    row.notes.iter().find_map(author).unwrap_or_else(|| format!("user {id}"))
}

pub(super) fn time(written: Option<&str>) -> Option<String> {
    written?.parse::<Timestamp>().ok().map(|at| at.to_string())
}

pub(super) fn is(flag: Option<bool>) -> bool {
    flag == Some(true)
}
