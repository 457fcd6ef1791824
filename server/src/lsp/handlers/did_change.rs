//! `textDocument/didChange`.

use std::sync::Arc;

use engine::Change;
use finding::text::LineIndex;
use lsp_types::{MessageType, VersionedTextDocumentIdentifier};
use serde::{Deserialize, Serialize};

use crate::lsp::outgoing::Message;
use crate::lsp::position::{self, ContentChange, Encoding};
use crate::lsp::session::Session;

/// What changed in which document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DidChangeParams {
    pub(crate) text_document: VersionedTextDocumentIdentifier,
    pub(crate) content_changes: Vec<ContentChange>,
}

pub(in crate::lsp) fn handle(session: &Arc<Session>, params: DidChangeParams) {
    let uri = params.text_document.text_document_identifier.uri;
    let version = params.text_document.version;
    let changes = params.content_changes;
    let encoding = session.negotiated().encoding;
    let name: Arc<str> = uri.as_str().into();
    let done = session.driver.apply_with(|snapshot| {
        let Some(document) = snapshot.document(&name) else {
            let text = whole(changes, encoding)?;
            let path = uri.to_file_path().ok();
            return Some(Change::Opened { uri: name.clone(), path, language: String::new(), version, text });
        };
        let edits = position::edits(&document.text, &document.lines, changes, encoding);
        Some(Change::Edited { uri: name.clone(), version, edits })
    });
    if !done {
        // The text held here is no longer the editor's: better to hold none.
        session.driver.apply(Change::Closed { uri: uri.as_str().into() });
        let text =
            format!("aspm-lsp lost track of {uri}: close and open it again to see its findings. The log says why.");
        session.tell(Message::Show(MessageType::Error, text));
    }
}

/// The text of a document that is not held, lost (see above) or never opened: a whole text is as good as an opening, and
/// what comes behind it counts. Parts of what nobody has are of no use.
fn whole(mut changes: Vec<ContentChange>, encoding: Encoding) -> Option<String> {
    let first = changes.iter().position(|change| change.range.is_none())?;
    let mut text = String::new();
    for edit in position::edits("", &LineIndex::new(""), changes.split_off(first), encoding) {
        text.replace_range(edit.range, &edit.text);
    }
    Some(text)
}
