//! `workspace/diagnostic`: closed files, without opening them.
//!
//! From the first such request on they are not pushed any more. A client that takes partial results gets what changed in
//! parts for as long as it leaves its request open; any other gets all at once, and is told when to ask again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use engine::{FileRef, Snapshot};
use lsp_types::{
    FullDocumentDiagnosticReport, ProgressNotification, ProgressParams, ProgressToken,
    UnchangedDocumentDiagnosticReport, Uri, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport,
    WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
    WorkspaceUnchangedDocumentDiagnosticReport,
};
use serde_json::json;
use tokio::sync::oneshot;
use tower_lsp::Client;
use tower_lsp::jsonrpc::Result;

use crate::lsp::closed::{News, result_id};
use crate::lsp::diagnostics;
use crate::lsp::ordered::internal_error;
use crate::lsp::outgoing::{Message, hash_of};
use crate::lsp::session::Session;

/// Placements under way are waited for so long.
const PATIENCE: Duration = Duration::from_secs(1);
/// Changes come in crowds.
const GATHERING: Duration = Duration::from_millis(50);
/// Files in one part.
const PART: usize = 64;

pub(in crate::lsp) async fn handle(
    session: &Arc<Session>,
    client: &Client,
    params: WorkspaceDiagnosticParams,
) -> Result<WorkspaceDiagnosticReport> {
    let token = params.partial_result_params.partial_result_token;
    let (number, is_first) = session.closed.ask(token.is_some());
    let ids = params.previous_result_ids.into_iter();
    let mut known: HashMap<String, String> = ids.map(|id| (id.uri.to_string(), id.value)).collect();
    let mut changes = session.closed.changes();
    settled(session, is_first).await;
    let Some(token) = token else {
        let (snapshot, news) = news(session, &known, u64::MAX);
        let same = news.same.into_iter().map(|(uri, id)| unchanged(uri, id));
        let mut items: Vec<WorkspaceDocumentDiagnosticReport> = same.collect();
        for report in reports(session, &snapshot, (news.changed, news.cleared)).await? {
            items.push(report.into());
        }
        return Ok(WorkspaceDiagnosticReport { items });
    };
    let mut last = u64::MAX;
    loop {
        changes.mark_unchanged();
        let (snapshot, News { mut changed, mut cleared, heard, .. }) = news(session, &known, last);
        last = heard;
        while !changed.is_empty() || !cleared.is_empty() {
            let rest = changed.split_off(changed.len().min(PART));
            let part = reports(session, &snapshot, (changed, std::mem::take(&mut cleared))).await?;
            changed = rest;
            for report in &part {
                match &report.full_document_diagnostic_report.result_id {
                    Some(id) => known.insert(report.uri.to_string(), id.clone()),
                    None => known.remove(report.uri.as_str()),
                };
            }
            tell(client, &token, part).await;
        }
        let is_over = async { changes.changed().await.is_err() };
        let is_over = tokio::select! {
            is_over = is_over => is_over,
            () = session.lifecycle.leaving() => true,
        };
        if is_over || !session.closed.is_newest(number) {
            return Ok(WorkspaceDiagnosticReport::default());
        }
        tokio::time::sleep(GATHERING).await;
    }
}

/// Until what is shown is verified and told, or it takes long.
async fn settled(session: &Session, is_first: bool) {
    let is_settled = |snapshot: &Snapshot| {
        snapshot.roots().all(|root| root.is_mapped && root.groups.values().all(|group| group.is_verified))
    };
    let mut ticks = session.ticks.clone();
    let wait = async {
        while !is_settled(&session.driver.snapshot()) && ticks.changed().await.is_ok() {}
        let (told, all_told) = oneshot::channel();
        session.tell(Message::WorkspacePulled { is_first, told });
        let _ = all_told.await;
    };
    let _ = tokio::time::timeout(PATIENCE, wait).await;
}

fn news(session: &Session, known: &HashMap<String, String>, heard: u64) -> (Snapshot, News) {
    let snapshot = session.driver.snapshot();
    let news = session.closed.news(known, heard, |uri| snapshot.document(uri).is_some());
    (snapshot, news)
}

/// The diagnostics of closed files, read and made off the reader.
async fn reports(
    session: &Arc<Session>,
    snapshot: &Snapshot,
    (changed, cleared): (Vec<(Uri, FileRef)>, Vec<Uri>),
) -> Result<Vec<WorkspaceFullDocumentDiagnosticReport>> {
    let (session, snapshot) = (session.clone(), snapshot.clone());
    let work = move || {
        let changed = changed.into_iter().map(|(uri, file)| {
            let items = diagnostics::of_file(&session, &snapshot, &file);
            let result_id = Some(result_id(hash_of(&items)));
            (uri, FullDocumentDiagnosticReport { result_id, items })
        });
        let cleared = cleared.into_iter().map(|uri| (uri, FullDocumentDiagnosticReport::default()));
        let report = |(uri, report)| WorkspaceFullDocumentDiagnosticReport {
            uri,
            version: None,
            full_document_diagnostic_report: report,
        };
        changed.chain(cleared).map(report).collect()
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "diagnostics failed");
        internal_error("workspace/diagnostic")
    })
}

fn unchanged(uri: Uri, result_id: String) -> WorkspaceDocumentDiagnosticReport {
    let report = UnchangedDocumentDiagnosticReport { result_id };
    WorkspaceUnchangedDocumentDiagnosticReport { uri, version: None, unchanged_document_diagnostic_report: report }
        .into()
}

async fn tell(client: &Client, token: &ProgressToken, part: Vec<WorkspaceFullDocumentDiagnosticReport>) {
    let params = ProgressParams { token: token.clone(), value: json!({ "items": full(part) }) };
    client.send_notification::<ProgressNotification>(params).await;
}

fn full(part: Vec<WorkspaceFullDocumentDiagnosticReport>) -> Vec<WorkspaceDocumentDiagnosticReport> {
    part.into_iter().map(Into::into).collect()
}
