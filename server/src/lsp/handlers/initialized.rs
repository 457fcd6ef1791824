//! `initialized`: arrange to hear of changes on disk.

use std::sync::Arc;

use crate::lsp::session::Session;
use crate::lsp::watch;

pub(in crate::lsp) fn handle(session: &Arc<Session>) {
    watch::start(session);
}
