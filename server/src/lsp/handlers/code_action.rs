//! `textDocument/codeAction`: the tool's fix first, then to read more, then to suppress, decide or pass it on.

use std::sync::Arc;

use engine::{Document, Shown, Snapshot};
use finding::Safety;
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, CodeActionTriggerKind, Command, Diagnostic,
    LspAny,
};
use serde_json::json;
use tower_lsp::jsonrpc::Result;

use super::change::{self, Draft, Named, What};
use super::flow;
use super::hover::nearness;
use super::page;
use super::suppress;
use super::triage;
use super::upgrade;
use crate::lsp::answer::answer;
use crate::lsp::capabilities::FIX_ALL;
use crate::lsp::position;
use crate::lsp::session::{Open, Session, open};
use crate::present::safe;

pub(in crate::lsp) async fn handle(
    session: &Arc<Session>,
    params: CodeActionParams,
) -> Result<Option<Vec<CodeActionResponse>>> {
    answer(session, "textDocument/codeAction", move |session, snapshot, _| Ok(actions(session, snapshot, &params)))
        .await
}

fn actions(session: &Session, snapshot: &Snapshot, params: &CodeActionParams) -> Option<Vec<CodeActionResponse>> {
    let mut opened = open(snapshot, &params.text_document.uri)?;
    let asked = {
        let Document { text, lines, .. } = &*opened.document;
        position::bytes(text, lines, params.range, session.negotiated().encoding)
    };
    let is_first_line = params.range.start.line == 0;
    let is_asked_for = |shown: &Shown| match shown.range() {
        Some(range) => range.start <= asked.end && asked.start <= range.end,
        None => is_first_line,
    };
    let mut snapshot = snapshot;
    let settled;
    let is_edit_due = !session.negotiated().edits_later() && !snapshot.is_verified(&opened.file);
    if is_edit_due && snapshot.shown(&opened.file).iter().any(is_asked_for) {
        // What was moved along with an edit is not known to fit yet.
        settled = session.verified(snapshot, &opened, change::PATIENCE)?;
        opened = open(&settled, &params.text_document.uri)?;
        snapshot = &settled;
    }
    let mut all = snapshot.shown(&opened.file);
    all.sort_by_key(nearness);
    let touched: Vec<&Shown> = all.iter().filter(|shown| is_asked_for(shown)).collect();
    let is_automatic = params.context.trigger_kind == Some(CodeActionTriggerKind::Automatic);
    let only = params.context.only.as_deref();
    let mut offered = Vec::new();
    if wants(only, CodeActionKind::QuickFix.as_str()).unwrap_or(true) {
        let mut upgrades = upgrade::Upgrades::default();
        for shown in &touched {
            let diagnostics = about(&params.context.diagnostics, shown);
            let diagnostics = diagnostics.as_ref();
            upgrades.add(shown, diagnostics);
            offered.extend(fixes(session, &opened, shown, diagnostics, is_automatic));
            offered.extend(readings(session, snapshot, shown, diagnostics));
            offered.extend(suppress::actions(session, &opened, shown, diagnostics, is_automatic));
            offered.extend(triage::actions(session, snapshot, shown, &all, diagnostics));
        }
        offered.splice(0..0, upgrades.actions(session, &opened, is_automatic));
    }
    // Where no kind is asked for, it is told of beside a fix that it takes in.
    if wants(only, FIX_ALL).unwrap_or_else(|| touched.iter().any(|shown| has_safe_fix(shown))) {
        offered.extend(fix_all(session, &opened, &all, only.is_some()));
    }
    Some(offered)
}

/// Whether a kind is among those asked for, where any are: `source` takes in `source.fixAll.aspm`.
fn wants(only: Option<&[CodeActionKind]>, kind: &str) -> Option<bool> {
    let takes_in = |asked: &CodeActionKind| {
        let rest = kind.strip_prefix(asked.as_str());
        asked.as_str().is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    only.map(|only| only.iter().any(takes_in))
}

fn has_safe_fix(shown: &Shown) -> bool {
    let is_safe = |member: usize| {
        let finding = shown.finding(member);
        finding.is_some_and(|finding| finding.fixes.iter().any(|fix| fix.safety == Safety::Safe))
    };
    (0..shown.len()).any(is_safe)
}

/// All safe fixes of the file as one edit; beside the single ones only where it is more than one of them.
fn fix_all(session: &Session, opened: &Open, all: &[Shown], is_asked_for: bool) -> Option<CodeActionResponse> {
    let (change, count) = change::all_safe(all, &opened.document);
    if count == 0 || (count == 1 && !is_asked_for) {
        return None;
    }
    let title = if count == 1 {
        "Apply the one fix that its tool calls safe".to_owned()
    } else {
        format!("Apply all {count} fixes that their tools call safe")
    };
    let named = Named { what: What::FixAll, id: None, at: None };
    let draft = Draft { title, named, diagnostics: None, is_preferred: false, change: Some(Ok(change)) };
    draft.action(session, opened, false)
}

/// What the tools of one diagnostic propose.
fn fixes(
    session: &Session,
    opened: &Open,
    shown: &Shown,
    diagnostics: Option<&Vec<Diagnostic>>,
    is_automatic: bool,
) -> Vec<CodeActionResponse> {
    let mut actions = Vec::new();
    for (member, id) in shown.ids().enumerate() {
        let Some(finding) = shown.finding(member) else { continue };
        let tool = safe::line(&finding.tool.name);
        for (at, fix) in finding.fixes.iter().enumerate() {
            let draft = Draft {
                title: format!("{tool}: {}", safe::line(&fix.title)),
                named: Named { what: What::Fix, id: Some(id.to_string()), at: Some(at) },
                diagnostics: diagnostics.cloned(),
                is_preferred: fix.safety == Safety::Safe,
                change: Some(change::fixed(&opened.document, shown, member, at)),
            };
            actions.extend(draft.action(session, opened, is_automatic));
        }
    }
    actions
}

/// The client's diagnostics that show this finding, so that editors tie the action to the squiggle.
fn about(diagnostics: &[Diagnostic], shown: &Shown) -> Option<Vec<Diagnostic>> {
    let id = shown.ids().next()?.to_string();
    let is_ours = |diagnostic: &&Diagnostic| {
        let ids = diagnostic.data.as_ref().and_then(|data| data.get("ids")).and_then(LspAny::as_array);
        ids.is_some_and(|ids| ids.iter().any(|other| *other == id))
    };
    let ours: Vec<Diagnostic> = diagnostics.iter().filter(is_ours).cloned().collect();
    (!ours.is_empty()).then_some(ours)
}

/// An action that runs a command: a quick fix in the protocol's words, for that is where editors look.
pub(super) fn command(
    session: &Session,
    title: String,
    command: &str,
    argument: LspAny,
    diagnostics: Option<&Vec<Diagnostic>>,
) -> CodeActionResponse {
    let command =
        Command { title: title.clone(), tooltip: None, command: command.to_owned(), arguments: Some(vec![argument]) };
    if session.negotiated().code_action_literals {
        let (kind, diagnostics) = (Some(CodeActionKind::QuickFix), diagnostics.cloned());
        CodeAction { title, kind, diagnostics, command: Some(command), ..CodeAction::default() }.into()
    } else {
        command.into()
    }
}

fn readings(
    session: &Session,
    snapshot: &Snapshot,
    shown: &Shown,
    diagnostics: Option<&Vec<Diagnostic>>,
) -> Vec<CodeActionResponse> {
    let Some(id) = shown.ids().next().map(ToString::to_string) else { return Vec::new() };
    let rule = safe::line(shown.rule(0));
    let has_help = shown.finding(0).is_some_and(|finding| finding.rule.help_url.is_some());
    let command = |title: String, name: &str, argument: LspAny| command(session, title, name, argument, diagnostics);
    let mut actions = vec![command(format!("Explain {rule}"), "aspm.open", json!({ "id": id }))];
    for (title, argument) in flow::offers(session, snapshot, shown) {
        actions.push(command(title, "aspm.flow", argument));
    }
    if has_help {
        actions.push(command(
            format!("Open the documentation of {rule}"),
            "aspm.open",
            json!({ "id": id, "what": "help" }),
        ));
    }
    if let Some((_, place)) = shown.finding(0).and_then(|finding| page::at_source(snapshot, shown.root, finding)) {
        let argument = json!({ "id": id, "what": "source" });
        actions.push(command(format!("Open {rule} in {place}"), "aspm.open", argument));
    }
    actions.push(command(format!("Copy {rule} as Markdown"), "aspm.copyMarkdown", json!({ "id": id })));
    actions
}
