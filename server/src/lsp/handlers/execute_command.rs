//! `workspace/executeCommand`: open a finding or its documentation, copy it, read the sources again.

use std::sync::Arc;

use engine::{Change, Snapshot};
use finding::wire::GateOutcome;
use lsp_types::{ExecuteCommandParams, LspAny, MessageType, Uri};
use tower_lsp::jsonrpc::{Error, Result};

use super::{findings, flow, gate, page, resolve, suppress, triage};
use crate::lsp::answer::answer;
use crate::lsp::outgoing::Message;
use crate::lsp::session::Session;

pub(in crate::lsp) async fn handle(session: &Arc<Session>, params: ExecuteCommandParams) -> Result<Option<LspAny>> {
    let shared = session.clone();
    answer(session, "workspace/executeCommand", move |session, snapshot, cancelled| {
        let argument = params.arguments.unwrap_or_default().into_iter().next().unwrap_or_default();
        match params.command.as_str() {
            "aspm.sync" => {
                session.driver.apply(Change::Refresh);
                Ok(None)
            }
            "aspm.finding" => Ok(serde_json::to_value(findings::detail(session, snapshot, &argument)?).ok()),
            "aspm.findings" => Ok(serde_json::to_value(findings::chosen(session, snapshot, &argument)?).ok()),
            "aspm.edit" => resolve::run(session, snapshot, &argument),
            "aspm.flow" => flow::run(&shared, snapshot, &argument, cancelled),
            "aspm.gate" => gate(session, snapshot, &argument),
            "aspm.status" => Ok(serde_json::to_value(snapshot.status()).ok()),
            "aspm.suppress" => suppress::run(&shared, snapshot, &argument),
            "aspm.triage" => triage::run(&shared, snapshot, &argument),
            "aspm.open" => page::open(&shared, snapshot, &argument, cancelled),
            "aspm.copyMarkdown" => page::copy(session, snapshot, &argument),
            other => Err(Error::invalid_params(format!("aspm-lsp has no command {other}"))),
        }
    })
    .await
}

/// Tells the gate's answer in a sentence; the whole of it is the command's result.
fn gate(session: &Session, snapshot: &Snapshot, argument: &LspAny) -> Result<Option<LspAny>> {
    let uri = argument.get("uri").and_then(LspAny::as_str).and_then(|uri| Uri::parse(uri).ok());
    let report = gate::report(session, snapshot, uri.as_ref())?;
    let kind = match report.outcome {
        GateOutcome::Pass | GateOutcome::Nothing => MessageType::Info,
        GateOutcome::Violations => MessageType::Error,
        GateOutcome::Undecided => MessageType::Warning,
    };
    session.tell(Message::Show(kind, gate::sentence(&report)));
    Ok(serde_json::to_value(&report).ok())
}
