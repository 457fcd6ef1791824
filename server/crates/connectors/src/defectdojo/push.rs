//! One triage to the server: look, compare with what the user saw, change, say why, look again.
//!
//! Every step asks first whether it was done: flags tell of a status, the mark in notes and risk acceptances of the rest.
//! So an attempt that broke off anywhere is taken up where it ended. What cannot be told: a change that the server carries
//! out only after the next attempt has looked.

use serde::Serialize;
use serde_json::{Value, json};

use super::DefectDojo;
use super::api::{Api, reason};
use super::mark::{self, Mark};
use super::schema::Row;
use super::state::{in_words, is, state};
use crate::http::{HttpError, Method};
use crate::{Action, Error, Pushed, Triage};

/// Longest name of a risk acceptance.
const LONGEST_NAME: usize = 300;
/// Longest reason, in characters.
const LONGEST_REASON: usize = 10_000;

/// Why an attempt ends before it is through.
enum End {
    Pushed(Pushed),
    Stopped,
}

impl DefectDojo {
    pub(super) fn push_once(&self, triage: &Triage, cancelled: &dyn Fn() -> bool) -> Result<Pushed, Error> {
        match self.attempt(triage, &self.api(cancelled)) {
            Ok(pushed) | Err(End::Pushed(pushed)) => Ok(pushed),
            Err(End::Stopped) => Err(Error::Cancelled),
        }
    }

    fn attempt(&self, triage: &Triage, api: &Api<'_>) -> Result<Pushed, End> {
        let refused = |reason: String| Ok(Pushed::Refused { reason });
        let Ok(number) = triage.number.parse::<i64>() else {
            return refused(format!("\"{}\" is no number of a finding on this server", triage.number));
        };
        if triage.reason.chars().count() > LONGEST_REASON {
            return refused(format!("the reason is longer than {LONGEST_REASON} characters; shorten it"));
        }
        let Some(row) = Self::looked(api, number)? else { return refused(self.gone(number)) };
        let was_there = is_done(triage, &row);
        let now = state(&row);
        let decides = !matches!(triage.action, Action::Note | Action::AddTags { .. } | Action::RemoveTags { .. });
        if let Some(seen) = triage.seen.as_ref().filter(|seen| decides && !was_there && **seen != now) {
            let finding = Box::new(self.shown(triage, &row, number));
            return Ok(Pushed::Conflict { seen: in_words(seen), now: in_words(&now), finding });
        }
        let mut row = row;
        if !was_there {
            self.change(api, triage, &row, number)?;
            let Some(after) = Self::looked_after(api, number)? else { return refused(self.gone(number)) };
            if !is_done(triage, &after) {
                let now = in_words(&state(&after));
                return refused(format!("the server took the change, but the finding is now: {now}"));
            }
            row = after;
        }
        if lacks_reason(triage, &row, was_there) {
            let entry = mark::with(&triage.reason, &triage.action, &triage.key);
            send(api, Method::Post, &format!("findings/{number}/notes/"), &json!({"entry": entry, "private": false}))?;
            row = Self::looked_after(api, number)?.unwrap_or(row);
            // Something in between may answer in the server's place: a sign-in page is no note.
            if lacks_reason(triage, &row, was_there) {
                return refused(
                    "the server has the change, but did not keep the reason that was sent with it".to_owned(),
                );
            }
        }
        Ok(Pushed::Done { finding: Box::new(self.shown(triage, &row, number)), was_there })
    }

    /// Sends the change itself.
    fn change(&self, api: &Api<'_>, triage: &Triage, row: &Row, number: i64) -> Result<(), End> {
        let at = |what: &str| format!("findings/{number}/{what}");
        let text = mark::with(&triage.reason, &triage.action, &triage.key);
        match &triage.action {
            Action::FalsePositive => {
                let body = json!({"false_p": true, "active": false, "verified": false});
                send(api, Method::Patch, &at(""), &body)
            }
            Action::OutOfScope => send(api, Method::Patch, &at(""), &json!({"out_of_scope": true, "active": false})),
            Action::Close => send(api, Method::Post, &at("close/"), &json!({"is_mitigated": true, "note": text})),
            Action::Verify => send(api, Method::Post, &at("verify/"), &json!({"note": text})),
            Action::Reopen => send(api, Method::Patch, &at(""), &reopening(row)),
            Action::AcceptRisk { until, accepted_by } => {
                self.accept(api, triage, number, until.as_ref(), accepted_by.as_deref())
            }
            Action::Note => {
                let body = json!({"entry": text, "private": false});
                send(api, Method::Post, &at("notes/"), &body)
            }
            Action::AddTags { tags } => send(api, Method::Post, &at("tags/"), &json!({"tags": tags})),
            Action::RemoveTags { tags } => {
                let there: Vec<&String> = row.tags.iter().filter(|tag| has_tag(tags, tag)).collect();
                send(api, Method::Patch, &at("remove_tags/"), &json!({"tags": there}))
            }
        }
    }

    /// By a risk acceptance, which can have an end. Where the product has none, without an end by the flag.
    fn accept(
        &self,
        api: &Api<'_>,
        triage: &Triage,
        number: i64,
        until: Option<&jiff::civil::Date>,
        accepted_by: Option<&str>,
    ) -> Result<(), End> {
        let (user, _) = self.profile(api).map_err(|error| match error {
            Error::Cancelled => End::Stopped,
            error => End::Pushed(Pushed::Later {
                reason: error.to_string(),
                after: None,
                is_outcome_unknown: false,
                is_source_wide: true,
            }),
        })?;
        let mark = mark::with("", &triage.action, &triage.key);
        let name: String = format!("Finding {number}: {mark}").chars().take(LONGEST_NAME).collect();
        let body = json!({
            "name": name,
            "recommendation": "A",
            "recommendation_details": triage.reason.trim(),
            "decision": "A",
            "decision_details": triage.reason.trim(),
            "accepted_by": accepted_by.map(str::to_owned).or_else(|| user.username.clone()),
            // Through the whole of the last day.
            "expiration_date": until.map(|day| format!("{day}T23:59:59Z")),
            "owner": user.id,
            "accepted_findings": [number],
            "reactivate_expired": true,
            "restart_sla_expired": false,
        });
        match send(api, Method::Post, "risk_acceptance/", &body) {
            Err(End::Pushed(Pushed::Refused { .. })) if until.is_none() => {
                let body = json!({"risk_accepted": true, "active": false});
                send(api, Method::Patch, &format!("findings/{number}/"), &body)
            }
            other => other,
        }
    }

    fn looked(api: &Api<'_>, number: i64) -> Result<Option<Row>, End> {
        Self::row(api, number).map_err(|error| match error {
            HttpError::Cancelled => End::Stopped,
            error => {
                let (after, is_source_wide) = (error.retry_after(), is_source_wide(&error));
                let reason = api.error(error).to_string();
                End::Pushed(Pushed::Later { reason, after, is_outcome_unknown: false, is_source_wide })
            }
        })
    }

    /// Looks after something was sent: without an answer the next attempt goes on from here.
    fn looked_after(api: &Api<'_>, number: i64) -> Result<Option<Row>, End> {
        Self::row(api, number).map_err(|error| {
            let (after, is_source_wide) = (error.retry_after(), is_source_wide(&error));
            End::Pushed(Pushed::Later { reason: api_text(api, error), after, is_outcome_unknown: true, is_source_wide })
        })
    }

    fn shown(&self, triage: &Triage, row: &Row, number: i64) -> finding::Finding {
        let mut finding = self.converter().finding(row, number, true);
        finding.id = triage.finding.clone();
        finding
    }

    fn gone(&self, number: i64) -> String {
        let origin = self.base.origin().ascii_serialization();
        format!("finding {number} is not on {origin} any more, or this account may not see it")
    }
}

/// Whether the user's words are still to be written down.
fn lacks_reason(triage: &Triage, row: &Row, was_there: bool) -> bool {
    let is_marked = row.notes.iter().filter_map(Mark::of).any(|mark| mark.key == triage.key);
    let is_in_acceptance = row.accepted_risks.iter().any(|risk| is_ours(risk.name.as_deref(), triage));
    let is_wordless = triage.reason.trim().is_empty();
    match triage.action {
        Action::Note | Action::AddTags { .. } | Action::RemoveTags { .. } => false,
        // A decision that came over from an earlier number is taken back by the note alone.
        Action::Reopen => !is_marked && (!is_wordless || was_there),
        Action::AcceptRisk { .. } => !is_wordless && !is_marked && !is_in_acceptance,
        _ => !is_wordless && !is_marked,
    }
}

fn send(api: &Api<'_>, method: Method, path: &str, body: &impl Serialize) -> Result<(), End> {
    let Err(error) = api.change(method, path, body) else { return Ok(()) };
    let later = |reason: String| Pushed::Later {
        reason,
        after: error.retry_after(),
        is_outcome_unknown: error.is_outcome_unknown(),
        is_source_wide: is_source_wide(&error),
    };
    let HttpError::Status(status) = &error else {
        return Err(End::Pushed(match &error {
            // Nothing was sent, nor will be.
            HttpError::Malformed { .. } => Pushed::Refused { reason: error.to_string() },
            _ => later(error.to_string()),
        }));
    };
    let said = reason(&status.body);
    Err(End::Pushed(match status.status {
        403 if super::api::is_permission(&status.body) => {
            Pushed::Refused { reason: said.unwrap_or_else(|| "the account may not do this".to_owned()) }
        }
        401 | 403 | 407 | 408 | 425 | 429 => later(api.error(error.clone()).to_string()),
        404 | 410 => Pushed::Refused { reason: said.unwrap_or_else(|| error.to_string()) },
        300..=499 => Pushed::Refused { reason: said.unwrap_or_else(|| error.to_string()) },
        _ => later(error.to_string()),
    }))
}

/// Whether any other finding would fare the same: the server is not there, or knows the token no more.
fn is_source_wide(error: &HttpError) -> bool {
    match error {
        HttpError::Status(status) if status.status == 403 => !super::api::is_permission(&status.body),
        error => error.is_of_server(),
    }
}

fn api_text(api: &Api<'_>, error: HttpError) -> String {
    if error == HttpError::Cancelled {
        "stopped while the answer was awaited".to_owned()
    } else {
        api.error(error).to_string()
    }
}

/// Whether the server has what `triage` asks for.
fn is_done(triage: &Triage, row: &Row) -> bool {
    let is_decided = is(row.false_p) || is(row.out_of_scope) || is(row.risk_accepted);
    match &triage.action {
        Action::FalsePositive => is(row.false_p),
        Action::OutOfScope => is(row.out_of_scope),
        Action::Close => is(row.is_mitigated) && !is_decided,
        Action::Verify => is(row.verified),
        Action::Reopen => is(row.active) && !is(row.is_mitigated) && !is_decided && !is(row.duplicate),
        Action::AcceptRisk { until, .. } => {
            let is_ours = row.accepted_risks.iter().any(|risk| is_ours(risk.name.as_deref(), triage));
            is(row.risk_accepted) && (is_ours || until.is_none())
        }
        Action::Note => row.notes.iter().filter_map(Mark::of).any(|mark| mark.key == triage.key),
        Action::AddTags { tags } => tags.iter().all(|tag| has_tag(&row.tags, tag)),
        Action::RemoveTags { tags } => !tags.iter().any(|tag| has_tag(&row.tags, tag)),
    }
}

fn is_ours(name: Option<&str>, triage: &Triage) -> bool {
    name.and_then(Mark::in_text).is_some_and(|mark| mark.key == triage.key)
}

/// The server keeps or folds the case of tags, as it is set up.
fn has_tag(tags: &[String], tag: &str) -> bool {
    tags.iter().any(|known| known.eq_ignore_ascii_case(tag))
}

/// Takes back whatever was decided, and names nothing else: the server checks all that it is told.
fn reopening(row: &Row) -> Value {
    let mut body = serde_json::Map::new();
    body.insert("active".to_owned(), Value::Bool(true));
    for (name, flag) in [
        ("is_mitigated", row.is_mitigated),
        ("false_p", row.false_p),
        ("out_of_scope", row.out_of_scope),
        ("risk_accepted", row.risk_accepted),
        ("duplicate", row.duplicate),
    ] {
        if is(flag) {
            body.insert(name.to_owned(), Value::Bool(false));
        }
    }
    Value::Object(body)
}
