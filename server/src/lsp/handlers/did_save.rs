//! `textDocument/didSave`: what counts is what stands in the editor; a save is only a moment to look further.

use std::sync::Arc;

use engine::Change;
use lsp_types::DidSaveTextDocumentParams;

use super::triage;
use crate::lsp::session::Session;

pub(in crate::lsp) fn handle(session: &Arc<Session>, params: &DidSaveTextDocumentParams) {
    triage::saved(session, &params.text_document.uri);
    session.driver.apply(Change::Saved { uri: params.text_document.uri.as_str().into() });
}
