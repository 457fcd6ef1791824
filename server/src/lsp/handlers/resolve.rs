//! `codeAction/resolve`: the edit of an action that was chosen, made for the text of now. `aspm.edit` is the same for
//! clients whose actions are commands.

use std::sync::Arc;

use engine::Snapshot;
use lsp_types::{CodeAction, CodeActionDisabled, LspAny, MessageType};
use serde::Deserialize;
use serde_json::json;
use tower_lsp::jsonrpc::{Error, Result};

use super::change::{self, Data};
use crate::lsp::answer::{answer, failed};
use crate::lsp::outgoing::Message;
use crate::lsp::requests::Ask;
use crate::lsp::session::Session;
use crate::present::safe;

/// What the editor calls an edit that it asked for by a command.
const LABEL: &str = "Security fix";

pub(in crate::lsp) async fn handle(session: &Arc<Session>, action: CodeAction) -> Result<CodeAction> {
    answer(session, "codeAction/resolve", move |session, snapshot, _| resolve(session, snapshot, action)).await
}

fn resolve(session: &Session, snapshot: &Snapshot, action: CodeAction) -> Result<CodeAction> {
    let Some(data) = action.data.as_ref().filter(|_| action.edit.is_none()) else { return Ok(action) };
    let data = read(data, "the action's data")?;
    Ok(match change::made(session, snapshot, &data, &action.title) {
        Ok(edit) => CodeAction { edit: Some(edit), ..action },
        // Editors treat an error in as many ways as there are editors; a message is seen in all of them.
        Err(why) => {
            let reason = safe::line(&why);
            session.tell(Message::Show(MessageType::Warning, format!("Nothing was changed: {reason}.")));
            let disabled = session.negotiated().disabled_actions.then_some(CodeActionDisabled { reason });
            CodeAction { disabled, is_preferred: None, ..action }
        }
    })
}

/// `aspm.edit`: has the editor make the change.
pub(super) fn run(session: &Session, snapshot: &Snapshot, argument: &LspAny) -> Result<Option<LspAny>> {
    let data = read(argument, "what is to be changed")?;
    if !session.negotiated().applies_edits {
        return Err(Error::invalid_params("this editor applies no edits that a server sends"));
    }
    let edit = change::made(session, snapshot, &data, LABEL).map_err(|why| {
        let why = format!("Nothing was changed: {}.", safe::line(&why));
        session.tell(Message::Show(MessageType::Warning, why.clone()));
        failed(why)
    })?;
    session.tell(Message::Ask(Ask::Apply(LABEL.to_owned(), Box::new(edit))));
    Ok(Some(json!({ "sent": true })))
}

fn read(data: &LspAny, what: &str) -> Result<Data> {
    Data::deserialize(data).map_err(|_| {
        Error::invalid_params(format!("{what} was not given out by this server; ask for the actions again"))
    })
}
