//! `workspace/didChangeConfiguration`.

use std::sync::Arc;

use config::Settings;
use engine::Change;
use lsp_types::LspAny;

use crate::lsp::session::Session;

pub(in crate::lsp) fn handle(session: &Arc<Session>, settings: &LspAny) {
    // Some editors send only the name of what changed, some null: without our section nothing is said.
    let Some(ours) = settings.get("aspm").filter(|ours| ours.is_object()) else { return };
    let (settings, problems) = Settings::from_json(ours);
    session.driver.apply(Change::Settings(settings, problems));
}
