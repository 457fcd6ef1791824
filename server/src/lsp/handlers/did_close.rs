//! `textDocument/didClose`.

use std::sync::Arc;

use engine::Change;
use lsp_types::DidCloseTextDocumentParams;

use crate::lsp::session::Session;

pub(in crate::lsp) fn handle(session: &Arc<Session>, params: &DidCloseTextDocumentParams) {
    session.driver.apply(Change::Closed { uri: params.text_document.uri.as_str().into() });
}
