//! `textDocument/diagnostic`: the verified set, waited for; an unchanged one is only named.

use std::sync::Arc;
use std::time::Duration;

use engine::{FileRef, Snapshot};
use lsp_types::{
    DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
};
use tower_lsp::jsonrpc::Result;

use crate::lsp::diagnostics;
use crate::lsp::outgoing::hash_of;
use crate::lsp::session::Session;

/// An answer is not held back longer: the shifted set comes then, and a refresh when the verified one is there.
const PATIENCE: Duration = Duration::from_secs(1);

pub(in crate::lsp) async fn handle(
    session: &Arc<Session>,
    params: DocumentDiagnosticParams,
) -> Result<DocumentDiagnosticReport> {
    let uri = params.text_document.uri;
    let first = session.driver.snapshot();
    let open = first.document(uri.as_str()).and_then(|document| document.file.clone());
    // A client that pulls the workspace asks once more for what it just closed.
    let closed = || first.file_of(&uri.to_file_path().ok().filter(|_| session.closed.is_pulled())?);
    let file = open.or_else(closed);
    let Some(file) = file else { return Ok(full(Vec::new(), None)) };
    let snapshot = settled(session, first, &file).await;
    let session = session.clone();
    let work = move || diagnostics::of_file(&session, &snapshot, &file);
    let items = tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "diagnostics failed");
        crate::lsp::ordered::internal_error("textDocument/diagnostic")
    })?;
    let id = format!("{:016x}", hash_of(&items));
    if params.previous_result_id.as_ref() == Some(&id) {
        let report = UnchangedDocumentDiagnosticReport { result_id: id };
        return Ok(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: report,
        }
        .into());
    }
    Ok(full(items, Some(id)))
}

fn full(items: Vec<lsp_types::Diagnostic>, result_id: Option<String>) -> DocumentDiagnosticReport {
    RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id, items },
    }
    .into()
}

/// Waits until the findings of the file are verified. Dropped with the request when the client cancels.
async fn settled(session: &Session, first: Snapshot, file: &FileRef) -> Snapshot {
    if first.is_verified(file) {
        return first;
    }
    let mut ticks = session.ticks.clone();
    let wait = async {
        loop {
            let snapshot = session.driver.snapshot();
            if snapshot.is_verified(file) || ticks.changed().await.is_err() {
                return snapshot;
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| session.driver.snapshot())
}
