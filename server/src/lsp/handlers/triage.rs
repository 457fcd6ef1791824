//! `aspm.triage`: what a person says of findings is written down as an exception, to be approved with the change, or
//! queued for the source. What they did not say yet is asked.

mod actions;
mod ask;
mod form;
mod forms;

use std::sync::Arc;

use connectors::Action;
use engine::{Change, DiskChange, Root, Snapshot};
use finding::FindingId;
use lsp_types::{LspAny, MessageType};
use serde::Deserialize;
use serde_json::json;
use tower_lsp::jsonrpc::{Error, Result};

use super::suppress;
use crate::lsp::outgoing::Message;
use crate::lsp::session::Session;
use crate::present::safe;
use crate::triage::{self, Done, FILE, Fate, Refused, Said, words};

pub(super) use actions::actions;
pub(in crate::lsp) use forms::{Forms, saved};

/// Days that an accepted risk gets when nobody says how many.
const DAYS: i64 = 90;

/// Reasons to choose from, in short and as they are written down.
pub(super) const REASONS: [(&str, &str); 2] = [
    ("input is trusted", "The input is trusted: no outsider can set it."),
    ("not production code", "Test or example code that never runs in production."),
];

/// What is asked of a finding that is suppressed in the code; no status of it.
const SUPPRESS: &str = "suppress";

/// Argument of the command.
#[derive(Debug, Clone, Deserialize)]
struct Asked {
    ids: Vec<String>,
    /// Absent: it is asked for, and so are the rest.
    #[serde(default)]
    status: Option<String>,
    /// Likewise.
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    until: Option<jiff::civil::Date>,
    #[serde(default)]
    ticket: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

impl Asked {
    fn said(self) -> Result<Said> {
        let status = self.status.unwrap_or_default();
        let action = action_of(&status, self.until, self.tags).ok_or_else(|| {
            Error::invalid_params(format!(
                "{status:?} is no status: false_positive, risk_accepted, out_of_scope, mitigated, open, verify, note, \
                 tag or untag"
            ))
        })?;
        Ok(Said { action, reason: self.reason.unwrap_or_default(), until: self.until, ticket: self.ticket })
    }
}

/// A status by its name, or what leads to it by its name on the command line.
fn action_of(name: &str, until: Option<jiff::civil::Date>, tags: Vec<String>) -> Option<Action> {
    Some(match name {
        "false_positive" => Action::FalsePositive,
        "risk_accepted" | "accept" => Action::AcceptRisk { until, accepted_by: None },
        "out_of_scope" => Action::OutOfScope,
        "mitigated" | "close" => Action::Close,
        "open" | "reopen" => Action::Reopen,
        "verify" => Action::Verify,
        "note" => Action::Note,
        "tag" => Action::AddTags { tags },
        "untag" => Action::RemoveTags { tags },
        _ => return None,
    })
}

pub(super) fn run(session: &Arc<Session>, snapshot: &Snapshot, argument: &LspAny) -> Result<Option<LspAny>> {
    let asked = Asked::deserialize(argument).map_err(|error| {
        Error::invalid_params(format!("aspm.triage needs {{\"ids\": […], \"status\": …, \"reason\": …}}: {error}"))
    })?;
    let (root, ids) = named(snapshot, &asked.ids)?;
    if let Some(status) = asked.status.as_deref()
        && action_of(status, None, Vec::new()).is_none()
    {
        // Said by the words for it.
        return asked.said().map(|_| None);
    }
    if asked.status.is_none() || asked.reason.is_none() {
        return ask::ask(session, snapshot, root, &ids, asked);
    }
    say(session, snapshot, root, &ids, &asked.said()?)
}

/// Asks why a finding is suppressed, and has it done when there is an answer.
pub(super) fn ask_why_suppressed(
    session: &Arc<Session>,
    snapshot: &Snapshot,
    root: &Root,
    id: &FindingId,
) -> Result<Option<LspAny>> {
    let asked = Asked {
        ids: vec![id.to_string()],
        status: Some(SUPPRESS.to_owned()),
        reason: None,
        until: None,
        ticket: None,
        tags: Vec::new(),
    };
    ask::ask(session, snapshot, root, std::slice::from_ref(id), asked)
}

/// The same once everything is known, some time after the command was answered; whoever asked hears of it by messages.
/// Whether it was done.
fn run_later(session: &Session, asked: Asked) -> bool {
    if asked.status.as_deref() == Some(SUPPRESS) {
        let id = asked.ids.first().map(String::as_str).unwrap_or_default();
        return suppress::run_later(session, id, asked.reason.as_deref().unwrap_or_default());
    }
    let snapshot = session.driver.snapshot();
    let told = |error: Error| session.tell(Message::Show(MessageType::Error, error.message.into_owned()));
    let prepared = named(&snapshot, &asked.ids).and_then(|found| Ok((found, asked.said()?)));
    match prepared {
        // What policy or the outbox says against it is told there.
        Ok(((root, ids), said)) => say(session, &snapshot, root, &ids, &said).is_ok(),
        Err(error) => {
            told(error);
            false
        }
    }
}

/// The findings of `typed`, which must be of one folder.
fn named<'s>(snapshot: &'s Snapshot, typed: &[String]) -> Result<(&'s Root, Vec<FindingId>)> {
    let mut ids = Vec::new();
    let mut of = None;
    for typed in typed {
        let found = snapshot.find(typed);
        let [(root, id)] = found.as_slice() else {
            return Err(Error::invalid_params(format!("{typed:?} is not the id of one finding")));
        };
        if *of.get_or_insert(*root) != *root {
            return Err(Error::invalid_params("the findings are of several folders: one call is about one"));
        }
        ids.push(id.clone());
    }
    let root = of.ok_or_else(|| Error::invalid_params("no finding is named"))?;
    let root = snapshot.root(root).ok_or_else(|| Error::invalid_params("the folder is gone"))?;
    Ok((root, ids))
}

/// Durable before the user is told; sent with the next synchronisation, which begins at once.
fn say(session: &Session, snapshot: &Snapshot, root: &Root, ids: &[FindingId], said: &Said) -> Result<Option<LspAny>> {
    let done = triage::say(&session.driver, snapshot, root, ids, said).map_err(|refused| {
        let kind = if matches!(refused, Refused::Undecided(_)) { MessageType::Warning } else { MessageType::Error };
        let words = words::refusal(&refused).join(" ");
        session.tell(Message::Show(kind, words.clone()));
        Error::invalid_params(words)
    })?;
    session.tell(Message::Show(MessageType::Info, told(&done, said)));
    let mut answer = serde_json::Map::new();
    let exceptions: Vec<&str> = done
        .items
        .iter()
        .filter_map(|item| match &item.fate {
            Fate::Added { id } | Fate::Changed { id } | Fate::Written { id } => Some(id.as_str()),
            _ => None,
        })
        .collect();
    if !exceptions.is_empty() {
        answer.insert("exceptions".to_owned(), json!(exceptions));
        answer.insert("path".to_owned(), json!(FILE));
    }
    let queued: Vec<&str> = done.in_outbox().collect();
    let is_queued = !queued.is_empty();
    if is_queued || exceptions.is_empty() {
        answer.insert("queued".to_owned(), json!(queued));
    }
    if let Some(path) = &done.file {
        session.driver.apply(Change::Disk { changes: vec![(path.clone(), DiskChange::Content)] });
    }
    if is_queued {
        session.driver.apply(Change::Reconsider);
        session.driver.apply(Change::Refresh);
    }
    Ok(Some(LspAny::Object(answer)))
}

/// What became of it, in one message.
fn told(done: &Done, said: &Said) -> String {
    let what = crate::driver::words(&said.action);
    let first = match done.items.as_slice() {
        [one] => match &one.fate {
            Fate::Queued { source, .. } => format!("Queued for {source}: {what}."),
            Fate::Waits { source, .. } => format!("Already queued for {source}: {what}."),
            Fate::There { source } => format!("{source} has it so already: {what}."),
            Fate::Added { .. } | Fate::Changed { .. } => format!("Requested in {FILE}."),
            Fate::Written { id } => format!("{FILE} says so already, as {id}."),
        },
        _ => words::summary(done, said),
    };
    let mut all = vec![safe::line(&first)];
    if done.file.is_some() {
        all.push("It counts once it is merged; commit it with the change.".to_owned());
    }
    if done.in_outbox().next().is_some() {
        all.push("It is pending until the source confirms it.".to_owned());
    }
    all.join(" ")
}
