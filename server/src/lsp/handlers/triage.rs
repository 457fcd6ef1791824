//! `aspm.triage`: an exception is written down, to be approved with the change.

use connectors::Action;
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
    let at_source = snapshot.find(asked.ids.first().map_or("", String::as_str));
    if let [(root, id)] = at_source.as_slice()
        && let Some(root) = snapshot.root(*root)
        && let Some(source) = root.sources.iter().find(|source| source.index.rows().iter().any(|row| row.id == *id))
        && session.driver.takes_triage(&source.config)
    {
        return tell_source(session, snapshot, root, source, &asked);
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

/// Queued first, durable before the user is told; sent with the next synchronisation, which begins at once.
fn tell_source(
    session: &Session,
    snapshot: &Snapshot,
    root: &engine::Root,
    source: &engine::Source,
    asked: &Asked,
) -> Result<Option<LspAny>> {
    let action = match asked.status {
        StatusValue::FalsePositive => Action::FalsePositive,
        StatusValue::RiskAccepted => Action::AcceptRisk { until: asked.until, accepted_by: None },
        StatusValue::OutOfScope => Action::OutOfScope,
        StatusValue::Mitigated => Action::Close,
        StatusValue::Open => Action::Reopen,
        StatusValue::Duplicate => {
            return Err(Error::invalid_params("which finding repeats which is for the source to say"));
        }
    };
    let mut queued = Vec::new();
    for typed in &asked.ids {
        let found = snapshot.find(typed);
        let [(_, id)] = found.as_slice() else {
            return Err(Error::invalid_params(format!("{typed:?} is not the id of one finding")));
        };
        let finding = whole(session, root, id)
            .ok_or_else(|| Error::invalid_params(format!("{id} is not in the cache any more")))?;
        let number = session
            .driver
            .enqueue(&root.path, &source.config, &finding, &action, asked.reason.trim())
            .map_err(|why| {
                session.tell(Message::Show(MessageType::Error, why.clone()));
                Error::invalid_params(why)
            })?;
        queued.push(number);
    }
    let words = format!("Queued for {}: {}. It is pending until the source confirms it.", source.name, action.label());
    session.tell(Message::Show(MessageType::Info, words));
    session.driver.apply(Change::Reconsider);
    session.driver.apply(Change::Refresh);
    Ok(Some(json!({ "queued": queued })))
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
