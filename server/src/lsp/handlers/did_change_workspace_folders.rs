//! `workspace/didChangeWorkspaceFolders`.

use std::sync::Arc;

use engine::Change;
use lsp_types::DidChangeWorkspaceFoldersParams;

use super::initialize::root;
use crate::lsp::session::Session;
use crate::lsp::watch;

pub(in crate::lsp) fn handle(session: &Arc<Session>, params: &DidChangeWorkspaceFoldersParams) {
    let added = params.event.added.iter().filter_map(root).collect();
    let removed = params.event.removed.iter().filter_map(root).map(|root| root.path).collect();
    session.driver.apply(Change::Roots { added, removed });
    watch::start(session);
}
