//! `textDocument/codeAction`: the tool's fix first, then to read more, then to pass it on.

use std::sync::Arc;

use engine::{Shown, Snapshot};
use finding::Finding;
use lsp_types::{
    CodeAction, CodeActionDisabled, CodeActionKind, CodeActionParams, CodeActionResponse, Command, Diagnostic, LspAny,
};
use serde_json::json;
use tower_lsp::jsonrpc::Result;

use super::fix;
use super::flow;
use super::hover::nearness;
use super::triage;
use super::upgrade;
use crate::lsp::answer::answer;
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
    let opened = open(snapshot, &params.text_document.uri)?;
    let Open { document, file } = &opened;
    let asked = position::bytes(&document.text, &document.lines, params.range, session.negotiated().encoding);
    let wants = |kind: &CodeActionKind| {
        params.context.only.as_ref().is_none_or(|only| only.contains(kind) || only.contains(&CodeActionKind::Empty))
    };
    let mut actions = Vec::new();
    let mut upgrades = upgrade::Upgrades::default();
    let mut all = snapshot.shown(file);
    all.sort_by_key(nearness);
    for shown in &all {
        let touches = match shown.range() {
            Some(range) => range.start <= asked.end && asked.start <= range.end,
            None => params.range.start.line == 0,
        };
        if touches {
            let diagnostics = about(&params.context.diagnostics, shown);
            for member in 0..shown.len() {
                if let Some(finding) = shown.finding(member).filter(|_| wants(&CodeActionKind::QuickFix)) {
                    actions.extend(fixes(session, &opened, shown, member, finding, diagnostics.as_ref()));
                }
            }
            if wants(&CodeActionKind::QuickFix) && session.negotiated().code_action_literals {
                upgrades.add(shown, diagnostics.as_ref());
            }
            if wants(&CodeActionKind::QuickFix) {
                actions.extend(readings(session, snapshot, shown, diagnostics.as_ref()));
                actions.extend(triage::actions(session, snapshot, shown, &all, diagnostics.as_ref()));
            }
        }
    }
    let mut all = upgrades.actions(session.negotiated(), &opened);
    all.extend(actions);
    Some(all)
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

fn fixes(
    session: &Session,
    opened: &Open,
    shown: &Shown,
    member: usize,
    finding: &Finding,
    diagnostics: Option<&Vec<Diagnostic>>,
) -> Vec<CodeActionResponse> {
    let negotiated = session.negotiated();
    // A client that knows only commands cannot apply an edit it did not ask for.
    if !negotiated.code_action_literals {
        return Vec::new();
    }
    let placement = shown.placement_of(member);
    let mut actions = Vec::new();
    for proposed in &finding.fixes {
        let title = format!("{}: {}", safe::line(&finding.tool.name), safe::line(&proposed.title));
        let base = CodeAction {
            title,
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: diagnostics.cloned(),
            ..CodeAction::default()
        };
        match fix::edit(negotiated, &opened.document, finding, placement, proposed) {
            Ok(edit) => actions.push(CodeAction { edit: Some(edit), ..base }.into()),
            Err(reason) if negotiated.disabled_actions => {
                actions.push(CodeAction { disabled: Some(CodeActionDisabled { reason }), ..base }.into());
            }
            Err(_) => {}
        }
    }
    actions
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
    let command = |title: String, command: &str, arguments: LspAny| {
        let command = Command {
            title: title.clone(),
            tooltip: None,
            command: command.to_owned(),
            arguments: Some(vec![arguments]),
        };
        if session.negotiated().code_action_literals {
            let diagnostics = diagnostics.cloned();
            // A quick fix in the protocol's words, for that is where editors look; it only shows something.
            let kind = Some(CodeActionKind::QuickFix);
            CodeAction { title, kind, diagnostics, command: Some(command), ..CodeAction::default() }.into()
        } else {
            command.into()
        }
    };
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
    actions.push(command(format!("Copy {rule} as Markdown"), "aspm.copyMarkdown", json!({ "id": id })));
    actions
}
