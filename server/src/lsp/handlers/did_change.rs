//! `textDocument/didChange`.

use std::sync::Arc;

use engine::Change;
use lsp_types::{DidChangeTextDocumentParams, MessageType, TextDocumentContentChangeEvent};

use crate::lsp::outgoing::Message;
use crate::lsp::position;
use crate::lsp::session::Session;

pub(in crate::lsp) fn handle(session: &Arc<Session>, params: DidChangeTextDocumentParams) {
    let uri = params.text_document.text_document_identifier.uri;
    let version = params.text_document.version;
    let changes = params.content_changes;
    let encoding = session.negotiated().encoding;
    let name: Arc<str> = uri.as_str().into();
    let done = session.driver.apply_with(|snapshot| match snapshot.document(&name) {
        Some(document) => {
            let edits = position::edits(&document.text, &document.lines, changes, encoding);
            Some(Change::Edited { uri: name.clone(), version, edits })
        }
        // Lost (see below) or never opened: a whole text is as good as an opening, a part is of no use.
        None => changes.into_iter().rev().find_map(|change| match change {
            TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => Some(Change::Opened {
                uri: name.clone(),
                path: uri.to_file_path().ok(),
                language: String::new(),
                version,
                text: whole.text,
            }),
            TextDocumentContentChangeEvent::TextDocumentContentChangePartial(_) => None,
        }),
    });
    if !done {
        // The text held here is no longer the editor's: better to hold none.
        session.driver.apply(Change::Closed { uri: uri.as_str().into() });
        let text =
            format!("aspm-lsp lost track of {uri}: close and open it again to see its findings. The log says why.");
        session.tell(Message::Show(MessageType::Error, text));
    }
}
