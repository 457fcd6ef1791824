//! `aspm.triage`: an exception is written down, to be approved with the change.

use engine::{Change, DiskChange, Shown, Snapshot};
use finding::{FindingId, Placement, StatusValue};
use lsp_types::{CodeAction, CodeActionKind, CodeActionResponse, Command, Diagnostic, LspAny, MessageType};
use policy::exceptions;
use serde::Deserialize;
use serde_json::json;
use tower_lsp::jsonrpc::{Error, Result};

use crate::driver::lock;
use crate::lsp::outgoing::Message;
use crate::lsp::session::Session;
use crate::present::safe;
use crate::report::request::{self, FILE, Request};

/// Days that an accepted risk gets when nobody says how many.
const DAYS: i64 = 90;

/// Argument of the command.
#[derive(Debug, Deserialize)]
struct Asked {
    ids: Vec<String>,
    status: StatusValue,
    reason: String,
    #[serde(default)]
    until: Option<jiff::civil::Date>,
    #[serde(default)]
    ticket: Option<String>,
}

pub(super) fn run(session: &Session, snapshot: &Snapshot, argument: &LspAny) -> Result<Option<LspAny>> {
    let asked = Asked::deserialize(argument).map_err(|error| {
        Error::invalid_params(format!("aspm.triage needs {{\"ids\": […], \"status\": …, \"reason\": …}}: {error}"))
    })?;
    if asked.reason.trim().is_empty() {
        return Err(Error::invalid_params("an exception needs a reason"));
    }
    if !matches!(asked.status, StatusValue::FalsePositive | StatusValue::RiskAccepted | StatusValue::OutOfScope) {
        return Err(Error::invalid_params("the status is one of false_positive, risk_accepted, out_of_scope"));
    }
    let request = Request {
        status: asked.status,
        reason: asked.reason.trim().to_owned(),
        until: asked.until,
        ticket: asked.ticket,
    };
    let found: Vec<_> = asked
        .ids
        .iter()
        .map(|typed| match snapshot.find(typed).as_slice() {
            [(root, id)] => Ok((*root, id.clone())),
            _ => Err(Error::invalid_params(format!("{typed:?} is not the id of one finding"))),
        })
        .collect::<Result<_>>()?;
    let Some((root, _)) = found.first() else { return Err(Error::invalid_params("no finding is named")) };
    let root = snapshot.root(*root).ok_or_else(|| Error::invalid_params("the folder is gone"))?;
    let failed = |why: String| {
        session.tell(Message::Show(MessageType::Error, why.clone()));
        Error::invalid_params(why)
    };
    let mut text = request::read(&root.path).map_err(failed)?;
    let today = crate::clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut added = Vec::new();
    for (_, id) in &found {
        let placed =
            snapshot.all(root).find(|(_, _, row)| row.id == *id).map(|(_, placed, _)| placed.placement.clone());
        let placement = placed.unwrap_or_else(|| Placement::unplaced("the finding names no file"));
        let finding = whole(session, root, id).ok_or_else(|| failed(format!("{id} is not in the cache any more.")))?;
        let new = request::entry(&session.driver, &root.path, &finding, &placement, &request);
        let entry = exceptions::add(text.as_deref(), &new, today).map_err(|error| failed(error.to_string()))?;
        added.push(entry.id);
        text = Some(entry.text);
    }
    let path = request::write(&root.path, text.as_deref().unwrap_or_default())
        .map_err(|error| failed(format!("{FILE} was not written: {error}")))?;
    session.driver.apply(Change::Disk { changes: vec![(path, DiskChange::Content)] });
    let words = format!("Requested in {FILE}. It counts once it is merged; commit it with the change.");
    session.tell(Message::Show(MessageType::Info, words));
    Ok(Some(json!({ "exceptions": added, "path": FILE })))
}

fn whole(session: &Session, root: &engine::Root, id: &FindingId) -> Option<finding::Finding> {
    let source = root.sources.iter().find(|source| source.index.rows().iter().any(|row| row.id == *id))?;
    let store = session.driver.store(&root.path, &source.name);
    lock(&store).finding(id).ok().flatten()
}

/// Actions with a reason each; none of them changes code, and all of them are to be approved.
pub(super) fn actions(
    session: &Session,
    shown: &Shown,
    diagnostics: Option<&Vec<Diagnostic>>,
) -> Vec<CodeActionResponse> {
    let has_exception = (0..shown.len()).all(|member| shown.judged(member).exception.is_some());
    if has_exception {
        return Vec::new();
    }
    let ids: Vec<String> = shown.ids().map(ToString::to_string).collect();
    let rule = safe::line(shown.rule(0));
    let today = crate::clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let until = today.checked_add(jiff::Span::new().days(DAYS)).unwrap_or(today);
    let presets = [
        (
            format!("Request exception for {rule}: false positive, input is trusted"),
            json!({ "ids": ids, "status": "false_positive", "reason": "The input is trusted: no outsider can set it." }),
        ),
        (
            format!("Request exception for {rule}: false positive, not production code"),
            json!({ "ids": ids, "status": "false_positive", "reason": "Test or example code that never runs in production." }),
        ),
        (
            format!("Request exception for {rule}: accept the risk until {until}"),
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
