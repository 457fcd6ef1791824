//! Suppression comments: offered with a prepared reason or one of the developer's own, written as the tool reads them.

use std::sync::Arc;

use engine::{Document, Shown, Snapshot};
use finding::{FindingId, Kind, State};
use lsp_types::{CodeActionResponse, Diagnostic, LspAny, MessageType};
use serde_json::json;
use syntax::suppression::{Offer, Refused, Wish, offer, suppress};
use tower_lsp::jsonrpc::{Error, Result};

use super::change::{Change, Draft, Named, What, workspace_edit};
use super::{code_action, triage};
use crate::lsp::answer::failed;
use crate::lsp::outgoing::Message;
use crate::lsp::requests::Ask;
use crate::lsp::session::{Open, Session};
use crate::present::safe;

/// The command's name.
const COMMAND: &str = "aspm.suppress";

/// The prepared reason by its number; none without one.
pub(super) fn prepared(at: Option<usize>) -> &'static str {
    at.and_then(|at| triage::REASONS.get(at)).map_or("", |(_, reason)| reason)
}

/// Those for one diagnostic: for each tool and rule of it.
pub(super) fn actions(
    session: &Session,
    opened: &Open,
    shown: &Shown,
    diagnostics: Option<&Vec<Diagnostic>>,
    is_automatic: bool,
) -> Vec<CodeActionResponse> {
    let negotiated = session.negotiated();
    let mut actions = Vec::new();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (member, id) in shown.ids().enumerate() {
        let (tool, rule) = (shown.tool(member), shown.rule(member));
        let Some(offer) = offered(&opened.document, shown, member).filter(|_| !seen.contains(&(tool, rule))) else {
            continue;
        };
        seen.push((tool, rule));
        let title = title(&offer, rule);
        let reasons = if offer.takes_reason { triage::REASONS.len() } else { 1 };
        for (at, (short, _)) in triage::REASONS.iter().enumerate().take(reasons) {
            let title = if offer.takes_reason { format!("{title}: {short}") } else { title.clone() };
            // Finding a place takes a parse: who asks for the edit later hears then that there is none.
            let change =
                (!negotiated.edits_later()).then(|| try_change(&opened.document, shown, member, prepared(Some(at))));
            let change = match change {
                Some(Err(Refused::Already(_) | Refused::Unknown)) => break,
                change => change.map(|made| made.map_err(|refused| refused.to_string())),
            };
            let named = Named { what: What::Suppress, id: Some(id.to_string()), at: Some(at) };
            let draft = Draft { title, named, diagnostics: diagnostics.cloned(), is_preferred: false, change };
            actions.extend(draft.action(session, opened, is_automatic));
        }
        if negotiated.applies_edits && offer.takes_reason {
            let title = format!("{title}\u{2026}");
            actions.push(code_action::command(session, title, COMMAND, json!({ "id": id.to_string() }), diagnostics));
        }
    }
    actions
}

/// The comment for a finding that has one and is where one can stand.
fn offered(document: &Document, shown: &Shown, member: usize) -> Option<Offer> {
    let placement = shown.placement_of(member);
    let is_sure = matches!(placement.state, State::Exact | State::Moved | State::Edited) && placement.range.is_some();
    let is_package = shown.package(member).is_some()
        || shown.finding(member).is_some_and(|finding| matches!(finding.kind, Kind::Dependency | Kind::Container));
    let is_open = is_sure && !is_package && placement.suppressed_by.is_none();
    is_open.then(|| offer(document.language, shown.tool(member), shown.rule(member))).flatten()
}

/// `Suppress with # nosec B602`, with the rule where the comment does not name it.
fn title(offer: &Offer, rule: &str) -> String {
    let words = safe::line(&offer.words);
    if offer.names_rule {
        format!("Suppress with {words}")
    } else {
        format!("Suppress {} with {words}", safe::line(rule))
    }
}

pub(super) fn change(
    document: &Document,
    shown: &Shown,
    member: usize,
    reason: &str,
) -> std::result::Result<Change, String> {
    try_change(document, shown, member, reason).map_err(|refused| refused.to_string())
}

fn try_change(document: &Document, shown: &Shown, member: usize, reason: &str) -> std::result::Result<Change, Refused> {
    offered(document, shown, member).ok_or(Refused::Unknown)?;
    let range = shown.placement_of(member).range.clone().ok_or(Refused::NoPlace)?;
    let wish = Wish { tool: shown.tool(member), rule: shown.rule(member), range, reason };
    let parsed = document.parsed.as_ref().filter(|_| document.is_parse_current);
    let replacements = suppress(document.language, &document.text, parsed, &wish)?;
    Ok(Change { replacements, needs_confirmation: false })
}

/// `aspm.suppress { id, reason? }`: asks for the reason, then has the editor insert the comment.
pub(super) fn run(session: &Arc<Session>, snapshot: &Snapshot, argument: &LspAny) -> Result<Option<LspAny>> {
    if !session.negotiated().applies_edits {
        return Err(Error::invalid_params("this editor applies no edits that a server sends: use the code actions"));
    }
    let id = argument.get("id").and_then(LspAny::as_str);
    let id = id.and_then(FindingId::parse).ok_or_else(|| {
        Error::invalid_params("this needs {\"id\": …, \"reason\"?: …}: the id of a finding in an open document")
    })?;
    let (opened, shown, member) = located(snapshot, &id)?;
    let offer = offered(&opened.document, &shown, member).ok_or_else(|| failed(Refused::Unknown.to_string()))?;
    let reason = argument.get("reason").and_then(LspAny::as_str);
    if let (None, true) = (reason, offer.takes_reason) {
        // What cannot be done is said before anybody types.
        change(&opened.document, &shown, member, prepared(Some(0))).map_err(failed)?;
        let root = snapshot.root(shown.root).ok_or_else(|| Error::invalid_params("the folder is gone"))?;
        return triage::ask_why_suppressed(session, snapshot, root, &id);
    }
    send(session, snapshot, &id, reason.unwrap_or_default()).map_err(failed)?;
    Ok(Some(json!({ "sent": true })))
}

/// Has the editor insert the comment, some time after the command was answered; whether that was possible.
pub(super) fn run_later(session: &Session, id: &str, reason: &str) -> bool {
    let snapshot = session.driver.snapshot();
    let sent = FindingId::parse(id)
        .ok_or_else(|| "the finding has gone".to_owned())
        .and_then(|id| send(session, &snapshot, &id, reason));
    if let Err(why) = &sent {
        session.tell(Message::Show(MessageType::Error, format!("Nothing was suppressed: {why}.")));
    }
    sent.is_ok()
}

fn send(session: &Session, snapshot: &Snapshot, id: &FindingId, reason: &str) -> std::result::Result<(), String> {
    let (opened, shown, member) = located(snapshot, id).map_err(|error| error.message.into_owned())?;
    let change = change(&opened.document, &shown, member, reason)?;
    let label = offered(&opened.document, &shown, member).map(|offer| title(&offer, shown.rule(member)));
    let label = label.unwrap_or_else(|| "Suppress".to_owned());
    let edit = workspace_edit(session.negotiated(), &opened.document, change, &label)?;
    session.tell(Message::Ask(Ask::Apply(label, Box::new(edit))));
    Ok(())
}

/// The open document that a finding is shown in.
fn located(snapshot: &Snapshot, id: &FindingId) -> Result<(Open, Shown, usize)> {
    for file in snapshot.shown_files() {
        let Some(document) = snapshot.document_of(&file) else { continue };
        for shown in snapshot.shown(&file) {
            let member = shown.ids().position(|other| other == id);
            if let Some(member) = member {
                return Ok((Open { document: document.clone(), file }, shown, member));
            }
        }
    }
    Err(Error::invalid_params(format!("finding {id} is in no open document: open its file first")))
}
