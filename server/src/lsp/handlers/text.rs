//! `aspm/text`: what is held of an open document, for whoever wants to know whether editor and server still agree.

use std::sync::Arc;

use lsp_types::Uri;
use serde::{Deserialize, Serialize};
use tower_lsp::jsonrpc::Result;

use crate::lsp::session::Session;

/// Whose text is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TextParams {
    pub(crate) uri: Uri,
}

/// A document as of the moment of the request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TextAnswer {
    /// Of this shape.
    pub(crate) version: u32,
    /// The client's.
    pub(crate) document_version: i32,
    pub(crate) text: String,
}

#[expect(clippy::unused_async, reason = "the transport takes async handlers")]
pub(in crate::lsp) async fn handle(session: &Arc<Session>, params: TextParams) -> Result<Option<TextAnswer>> {
    let snapshot = session.driver.snapshot();
    let document = snapshot.document(params.uri.as_str());
    Ok(document.map(|document| TextAnswer {
        version: 1,
        document_version: document.version,
        text: document.text.to_string(),
    }))
}
