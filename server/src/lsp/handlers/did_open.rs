//! `textDocument/didOpen`.

use std::sync::Arc;

use engine::Change;
use lsp_types::DidOpenTextDocumentParams;

use crate::lsp::outgoing::Message;
use crate::lsp::session::Session;

pub(in crate::lsp) fn handle(session: &Arc<Session>, params: DidOpenTextDocumentParams) {
    let document = params.text_document;
    let uri = document.uri.clone();
    session.driver.apply(Change::Opened {
        uri: document.uri.as_str().into(),
        path: document.uri.to_file_path().ok(),
        language: document.language_id.to_string(),
        version: document.version,
        text: document.text,
    });
    // Behind the change: what is still to be pushed of a state before it has to be taken back, too.
    session.tell(Message::Opened(uri));
}
