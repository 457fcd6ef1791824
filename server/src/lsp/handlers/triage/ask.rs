//! What is asked of a person before something is said of findings: by `aspm/input` where the client has it, else by a
//! file to fill in, like a commit message.

use std::sync::Arc;

use engine::{Root, Snapshot};
use finding::FindingId;
use finding::wire::{InputAnswer, InputChoice, InputField, InputKind, InputRequest, VERSION};
use lsp_types::LspAny;
use serde_json::json;
use tower_lsp::jsonrpc::{Error, Result};

use super::{Asked, DAYS, SUPPRESS, action_of, forms, run_later};
use crate::driver::lock;
use crate::lsp::outgoing::Message;
use crate::lsp::requests::{Ask, Then};
use crate::lsp::session::Session;
use crate::present::{page, safe};

/// Findings that are named one by one.
const MOST_NAMED: usize = 20;

/// What can be said, in the command's words and in a person's; the last ones only at a source that takes triage.
const STATUSES: [(&str, &str); 9] = [
    ("false_positive", "False positive: it is no weakness"),
    ("accept", "Accept the risk until a day"),
    ("out_of_scope", "Out of scope: not this project's concern"),
    ("close", "Close: it is fixed"),
    ("reopen", "Reopen: what was decided is taken back"),
    ("verify", "Verify: it was looked at and is real"),
    ("note", "Add a note"),
    ("tag", "Add tags"),
    ("untag", "Take tags away"),
];

/// What a repository's exceptions can say.
const IN_FILE: usize = 3;

/// What is to be asked, and of which findings.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) asked: Asked,
    pub(super) request: InputRequest,
}

impl Question {
    /// With what the person filled in; `None` where they said nothing: cancelled.
    pub(super) fn answered(&self, answer: &InputAnswer) -> std::result::Result<Option<Asked>, String> {
        let field = |name: &str| answer.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let mut asked = self.asked.clone();
        asked.status = field("status").map(str::to_owned).or(asked.status);
        let Some(status) = asked.status.as_deref() else { return Ok(None) };
        if let Some(until) = field("until").filter(|_| asks(&self.request, "until", status)) {
            let until =
                until.parse().map_err(|_| format!("{:?} is no day: write it as 2027-01-31", safe::line(until)))?;
            asked.until = Some(until);
        }
        let tags = field("tags").unwrap_or_default().split(',').map(str::trim).filter(|tag| !tag.is_empty());
        asked.tags.extend(tags.map(str::to_owned));
        asked.reason = Some(field("reason").unwrap_or_default().to_owned());
        let is_silent = match status {
            "tag" | "untag" => asked.tags.is_empty(),
            "verify" => false,
            _ => asked.reason.as_deref().is_some_and(str::is_empty),
        };
        Ok((!is_silent).then_some(asked))
    }
}

/// Whether a field of a request is of interest for a status.
fn asks(request: &InputRequest, name: &str, status: &str) -> bool {
    let field = request.fields.iter().find(|field| field.name == name);
    field.is_some_and(|field| field.only_for.is_empty() || field.only_for.iter().any(|only| only == status))
}

/// Asks, and says it when there is an answer; the command's own answer is how it was asked.
pub(super) fn ask(
    session: &Arc<Session>,
    snapshot: &Snapshot,
    root: &Root,
    ids: &[FindingId],
    asked: Asked,
) -> Result<Option<LspAny>> {
    let question = question(session, snapshot, root, ids, asked);
    if !session.negotiated().asks {
        return forms::open(session, question).map_err(Error::invalid_params).map(Some);
    }
    let request = question.request.clone();
    let weak = Arc::downgrade(session);
    let then = Then::new(move |answer: Option<InputAnswer>| {
        let (Some(session), Some(answer)) = (weak.upgrade(), answer) else { return };
        match question.answered(&answer) {
            Ok(Some(asked)) => drop(run_later(&session, asked)),
            Ok(None) => {}
            Err(why) => session.tell(Message::Show(lsp_types::MessageType::Error, why)),
        }
    });
    session.tell(Message::Ask(Ask::Input(request, then)));
    Ok(Some(json!({ "asked": "input" })))
}

fn question(session: &Session, snapshot: &Snapshot, root: &Root, ids: &[FindingId], asked: Asked) -> Question {
    let takes_triage = |id: &FindingId| {
        let source = root.sources.iter().find(|source| source.index.rows().iter().any(|row| row.id == *id));
        source.is_some_and(|source| session.driver.takes_triage(&source.config))
    };
    let is_at_source = ids.iter().all(takes_triage);
    let offered = if is_at_source { STATUSES.len() } else { IN_FILE };
    let today = crate::clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let until = today.checked_add(jiff::Span::new().days(DAYS)).unwrap_or(today);
    let field = |name: &str, label: &str, kind: InputKind| InputField {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        value: String::new(),
        choices: Vec::new(),
        only_for: Vec::new(),
    };
    let words = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let mut fields = Vec::new();
    let known = asked.status.as_deref();
    if known.is_none() {
        let choices = STATUSES[..offered].iter();
        let choices =
            choices.map(|(value, label)| InputChoice { value: (*value).to_owned(), label: (*label).to_owned() });
        fields.push(InputField { choices: choices.collect(), ..field("status", "What is it?", InputKind::Choice) });
    }
    if known.is_none_or(|status| matches!(status, "accept" | "risk_accepted")) && asked.until.is_none() {
        let only_for = if known.is_none() { words(&["accept"]) } else { Vec::new() };
        let label = "The last day on which the risk is accepted";
        fields.push(InputField { value: until.to_string(), only_for, ..field("until", label, InputKind::Date) });
    }
    let tags = known.map_or(is_at_source, |status| matches!(status, "tag" | "untag"));
    if tags && asked.tags.is_empty() {
        let only_for = if known.is_none() { words(&["tag", "untag"]) } else { Vec::new() };
        fields.push(InputField { only_for, ..field("tags", "Tags, separated by commas", InputKind::Tags) });
    }
    if asked.reason.is_none() && !known.is_some_and(|status| matches!(status, "tag" | "untag")) {
        let label = match known {
            Some("note") => "The note",
            Some(SUPPRESS) => "Why? It is written into the code, on one line",
            _ => "Why? Whoever approves it reads this",
        };
        fields.push(field("reason", label, InputKind::Text));
    }
    let mut findings: Vec<String> = ids.iter().take(MOST_NAMED).map(|id| line(session, snapshot, root, id)).collect();
    if ids.len() > MOST_NAMED {
        findings.truncate(MOST_NAMED - 1);
        findings.push(format!("\u{2026} and {} more", ids.len() + 1 - MOST_NAMED));
    }
    let what = known.and_then(|status| {
        if status == SUPPRESS {
            return Some("Suppress in the code");
        }
        let name = action_of(status, None, Vec::new())?.name();
        STATUSES.iter().find(|(value, _)| *value == name).map(|(_, label)| *label)
    });
    let about = if ids.len() == 1 { findings[0].clone() } else { format!("{} findings", ids.len()) };
    let title = what.map_or_else(|| about.clone(), |what| format!("{what} \u{2014} {about}"));
    Question { asked, request: InputRequest { version: VERSION, title, findings, fields } }
}

/// "Use of eval (3c1eb2), app.py".
fn line(session: &Session, snapshot: &Snapshot, root: &Root, id: &FindingId) -> String {
    let source = root.sources.iter().find(|source| source.index.rows().iter().any(|row| row.id == *id));
    let finding = source.and_then(|source| {
        let store = session.driver.store(&root.path, &source.name);
        lock(&store).finding(id).ok().flatten()
    });
    let title = finding.as_ref().map_or_else(|| id.to_string(), page::title);
    let placed = snapshot.all(root).find(|(_, _, row)| row.id == *id);
    let path = placed.and_then(|(_, placed, _)| placed.placement.path.clone());
    let path = path.map(|path| format!(", {path}")).unwrap_or_default();
    safe::line(&format!("{title} ({}){path}", page::short_id(id)))
}
