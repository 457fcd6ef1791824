//! `aspm.triage`: what a person says of findings is written down as an exception, to be approved with the change, or
//! queued for the source.

use connectors::Action;
use engine::{Change, DiskChange, Root, Shown, Snapshot};
use finding::FindingId;
use lsp_types::{CodeAction, CodeActionKind, CodeActionResponse, Command, Diagnostic, LspAny, MessageType};
use serde::Deserialize;
use serde_json::json;
use tower_lsp::jsonrpc::{Error, Result};

use crate::lsp::outgoing::Message;
use crate::lsp::session::Session;
use crate::present::safe;
use crate::triage::{self, Done, FILE, Fate, Refused, Said, words};

/// Days that an accepted risk gets when nobody says how many.
const DAYS: i64 = 90;

/// Argument of the command.
#[derive(Debug, Deserialize)]
struct Asked {
    ids: Vec<String>,
    status: String,
    reason: String,
    #[serde(default)]
    until: Option<jiff::civil::Date>,
    #[serde(default)]
    ticket: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

impl Asked {
    fn said(self) -> Result<Said> {
        let action = action_of(&self.status, self.until, self.tags).ok_or_else(|| {
            Error::invalid_params(format!(
                "{:?} is no status: false_positive, risk_accepted, out_of_scope, mitigated, open, verify, note, tag or untag",
                self.status
            ))
        })?;
        Ok(Said { action, reason: self.reason, until: self.until, ticket: self.ticket })
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

pub(super) fn run(session: &Session, snapshot: &Snapshot, argument: &LspAny) -> Result<Option<LspAny>> {
    let asked = Asked::deserialize(argument).map_err(|error| {
        Error::invalid_params(format!("aspm.triage needs {{\"ids\": […], \"status\": …, \"reason\": …}}: {error}"))
    })?;
    let (root, ids) = named(snapshot, &asked.ids)?;
    say(session, snapshot, root, &ids, &asked.said()?)
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

/// Actions with a reason each; none of them changes code, and all of them are to be approved.
pub(super) fn actions(
    session: &Session,
    shown: &Shown,
    diagnostics: Option<&Vec<Diagnostic>>,
) -> Vec<CodeActionResponse> {
    let is_decided = |member| shown.judged(member).exception.is_some() || shown.judged(member).pending.is_some();
    if (0..shown.len()).all(is_decided) {
        return Vec::new();
    }
    let ids: Vec<String> = shown.ids().map(ToString::to_string).collect();
    let rule = safe::line(shown.rule(0));
    let today = crate::clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let until = today.checked_add(jiff::Span::new().days(DAYS)).unwrap_or(today);
    let presets = [
        (
            format!("Mark {rule} as false positive: input is trusted"),
            json!({ "ids": ids, "status": "false_positive", "reason": "The input is trusted: no outsider can set it." }),
        ),
        (
            format!("Mark {rule} as false positive: not production code"),
            json!({ "ids": ids, "status": "false_positive", "reason": "Test or example code that never runs in production." }),
        ),
        (
            format!("Accept the risk of {rule} until {until}"),
            json!({ "ids": ids, "status": "risk_accepted", "until": until,
                    "reason": "Accepted for now; the fix is planned." }),
        ),
    ];
    presets
        .into_iter()
        .map(|(title, argument)| {
            let command = Command {
                title: title.clone(),
                tooltip: None,
                command: "aspm.triage".to_owned(),
                arguments: Some(vec![argument]),
            };
            if session.negotiated().code_action_literals {
                let (kind, diagnostics) = (Some(CodeActionKind::QuickFix), diagnostics.cloned());
                CodeAction { title, kind, diagnostics, command: Some(command), ..CodeAction::default() }.into()
            } else {
                command.into()
            }
        })
        .collect()
}
