//! `workspace/didChangeWatchedFiles`.

use std::sync::Arc;

use engine::{Change, DiskChange};
use lsp_types::{DidChangeWatchedFilesParams, FileChangeType};

use crate::lsp::session::Session;

pub(in crate::lsp) fn handle(session: &Arc<Session>, params: DidChangeWatchedFilesParams) {
    let changes = params
        .changes
        .into_iter()
        .filter_map(|event| {
            let change = match event.kind {
                FileChangeType::Changed => DiskChange::Content,
                _ => DiskChange::CameOrWent,
            };
            Some((event.uri.to_file_path().ok()?, change))
        })
        .collect();
    session.driver.apply(Change::Disk { changes });
}
