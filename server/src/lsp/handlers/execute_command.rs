//! `workspace/executeCommand`: open a finding or its documentation, copy it, read the sources again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::{Change, Shown, Snapshot};
use finding::wire::GateOutcome;
use lsp_types::{ExecuteCommandParams, LspAny, MessageType, ShowDocumentParams, Uri};
use serde_json::json;
use tower_lsp::jsonrpc::{Error, Result};

use super::gate;
use super::hover::describe;
use super::triage;
use crate::lsp::answer::answer;
use crate::lsp::outgoing::Message;
use crate::lsp::requests::Ask;
use crate::lsp::session::Session;
use crate::present::page::Depth;

pub(in crate::lsp) async fn handle(session: &Arc<Session>, params: ExecuteCommandParams) -> Result<Option<LspAny>> {
    let shared = session.clone();
    answer(session, "workspace/executeCommand", move |session, snapshot, _| {
        let argument = params.arguments.unwrap_or_default().into_iter().next().unwrap_or_default();
        match params.command.as_str() {
            "aspm.sync" => {
                session.driver.apply(Change::Refresh);
                Ok(None)
            }
            "aspm.gate" => gate(session, snapshot, &argument),
            "aspm.triage" => triage::run(&shared, snapshot, &argument),
            "aspm.open" => open(session, snapshot, &argument),
            "aspm.copyMarkdown" => copy(session, snapshot, &argument),
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

fn subject(snapshot: &Snapshot, argument: &LspAny) -> Result<(String, Shown)> {
    let id = argument.get("id").and_then(LspAny::as_str);
    let id = id.ok_or_else(|| Error::invalid_params("the command needs {\"id\": …}: the id of a finding"))?;
    let shown = snapshot
        .shown_files()
        .iter()
        .flat_map(|file| snapshot.shown(file))
        .find(|shown| shown.ids().any(|other| other.as_str() == id));
    let shown = shown.ok_or_else(|| Error::invalid_params(format!("finding {id} is not on any file now")))?;
    Ok((id.to_owned(), shown))
}

fn open(session: &Session, snapshot: &Snapshot, argument: &LspAny) -> Result<Option<LspAny>> {
    let (id, shown) = subject(snapshot, argument)?;
    let is_help = argument.get("what").is_some_and(|what| what == "help");
    let help = shown.finding(0).and_then(|finding| finding.rule.help_url.clone());
    if let (true, Some(help)) = (is_help, help) {
        let uri = Uri::parse(&help).map_err(|error| Error::invalid_params(error.to_string()))?;
        show(session, uri, true);
        return Ok(Some(json!({ "url": help })));
    }
    let page = describe(snapshot, &shown, true, Depth::Page)
        .ok_or_else(|| Error::invalid_params("open the finding's file first; its details are loaded then"))?;
    let path = write_page(&session.cache, &id, &page).map_err(|error| {
        Error::invalid_params(format!(
            "the finding's page could not be written below {}: {error}",
            session.cache.display()
        ))
    })?;
    if let Ok(uri) = Uri::from_file_path(&path) {
        show(session, uri, false);
    }
    Ok(Some(json!({ "path": path, "markdown": page })))
}

fn copy(session: &Session, snapshot: &Snapshot, argument: &LspAny) -> Result<Option<LspAny>> {
    let (id, shown) = subject(snapshot, argument)?;
    let page = describe(snapshot, &shown, true, Depth::Page)
        .ok_or_else(|| Error::invalid_params("open the finding's file first; its details are loaded then"))?;
    if session.negotiated().copies {
        session.tell(Message::Ask(Ask::Copy(page.clone())));
    } else if let Ok(path) = write_page(&session.cache, &id, &page)
        && let Ok(uri) = Uri::from_file_path(&path)
    {
        // Plain LSP has no clipboard: the text is opened, to be copied from there.
        show(session, uri, false);
    }
    Ok(Some(json!({ "markdown": page })))
}

fn show(session: &Session, uri: Uri, external: bool) {
    if session.negotiated().show_document {
        let params = ShowDocumentParams { uri, external: Some(external), take_focus: Some(true), selection: None };
        session.tell(Message::Ask(Ask::ShowDocument(params)));
    } else {
        session.tell(Message::Show(MessageType::Info, format!("See {uri}")));
    }
}

/// A read-only file in the cache folder, named after the finding.
fn write_page(cache: &Path, id: &str, page: &str) -> std::io::Result<PathBuf> {
    let folder = cache.join("pages");
    std::fs::create_dir_all(&folder)?;
    let name: String = id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let path = folder.join(format!("{name}.md"));
    // Written anew beside it and moved over it: an editor that shows the old one never sees half a page.
    let mut file = tempfile::Builder::new().prefix(".page").tempfile_in(&folder)?;
    std::io::Write::write_all(&mut file, page.as_bytes())?;
    let mut permissions = file.as_file().metadata()?.permissions();
    permissions.set_readonly(true);
    file.as_file().set_permissions(permissions)?;
    file.persist(&path)?;
    Ok(path)
}
