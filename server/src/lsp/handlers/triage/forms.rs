//! The files to fill in that are open: each is submitted when it is saved, and gone once it was.
//!
//! Saving is heard of on disk, for an editor need not show such a file to this server; one that does says so sooner.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use lsp_types::{LspAny, MessageType, ShowDocumentParams, Uri};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use serde_json::json;

use super::ask::Question;
use super::{form, run_later};
use crate::driver::lock;
use crate::lsp::outgoing::Message;
use crate::lsp::requests::Ask;
use crate::lsp::session::Session;

/// A file that nobody filled in is kept for so long.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// Longest file that is read.
const MOST_BYTES: u64 = 256 << 10;

/// Those of a session.
#[derive(Debug, Default)]
pub(in crate::lsp) struct Forms {
    open: Mutex<HashMap<PathBuf, Form>>,
    watcher: Mutex<Option<RecommendedWatcher>>,
}

#[derive(Debug)]
struct Form {
    question: Question,
    /// What it held when it was last looked at.
    seen: String,
}

/// Writes the file and shows it; an error is a sentence for people.
pub(super) fn open(session: &Arc<Session>, question: Question) -> Result<LspAny, String> {
    let folder = session.cache.join("forms");
    let failed =
        |error: &dyn std::fmt::Display| format!("no form could be written below {}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
    // As events name it.
    let folder = std::fs::canonicalize(&folder).map_err(|error| failed(&error))?;
    watch(session, &folder).map_err(|error| failed(&error))?;
    let text = form::text(&question.request);
    let mut file = tempfile::Builder::new();
    let file = file.prefix("aspm-triage-").suffix(".txt").tempfile_in(&folder).map_err(|error| failed(&error))?;
    std::io::Write::write_all(&mut file.as_file(), text.as_bytes()).map_err(|error| failed(&error))?;
    let (_, path) = file.keep().map_err(|error| failed(&error.error))?;
    lock(&session.forms.open).insert(path.clone(), Form { question, seen: text });
    let uri = Uri::from_file_path(&path).map_err(|()| failed(&"its path cannot be written as a URI"))?;
    if session.negotiated().show_document {
        let params = ShowDocumentParams { uri, external: Some(false), take_focus: Some(true), selection: None };
        session.tell(Message::Ask(Ask::ShowDocument(params)));
    } else {
        let words = format!("Fill in {uri} and save it.");
        session.tell(Message::Show(MessageType::Info, words));
    }
    Ok(json!({ "asked": "form", "path": path }))
}

fn watch(session: &Arc<Session>, folder: &Path) -> notify::Result<()> {
    let mut watcher = lock(&session.forms.watcher);
    if watcher.is_some() {
        return Ok(());
    }
    sweep(folder);
    let weak = Arc::downgrade(session);
    let mut made = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let Ok(event) = event else { return };
        if matches!(event.kind, EventKind::Access(_) | EventKind::Other) {
            return;
        }
        for path in &event.paths {
            look(&weak, path);
        }
    })?;
    made.watch(folder, RecursiveMode::NonRecursive)?;
    *watcher = Some(made);
    Ok(())
}

/// The client says that it saved a document: looked at on a thread of its own if it is one of these.
pub(in crate::lsp) fn saved(session: &Arc<Session>, uri: &Uri) {
    let Ok(path) = uri.to_file_path() else { return };
    if lock(&session.forms.open).contains_key(&path) {
        let weak = Arc::downgrade(session);
        tokio::task::spawn_blocking(move || look(&weak, &path));
    }
}

/// Submits a form that says something new.
fn look(session: &Weak<Session>, path: &Path) {
    let Some(session) = session.upgrade() else { return };
    // Taken out while it is worked on: two that tell of one saving do not submit it twice.
    let Some(mut form) = lock(&session.forms.open).remove(path) else { return };
    let text = match std::fs::metadata(path) {
        Ok(facts) if facts.len() <= MOST_BYTES => std::fs::read_to_string(path).ok(),
        // Editors move the old file away before they write the new one.
        _ => None,
    };
    let Some(text) = text.filter(|text| !text.trim().is_empty() && *text != form.seen) else {
        lock(&session.forms.open).insert(path.to_path_buf(), form);
        return;
    };
    form.seen.clone_from(&text);
    let is_done = match form.question.answered(&form::read(&form.question.request, &text)) {
        Ok(Some(asked)) => run_later(&session, asked),
        Ok(None) => {
            session
                .tell(Message::Show(MessageType::Info, "Cancelled: no reason was given, nothing was said.".to_owned()));
            true
        }
        Err(why) => {
            session.tell(Message::Show(MessageType::Error, why));
            false
        }
    };
    if is_done {
        // It was said: what is left would only be saved once more.
        let _ = std::fs::remove_file(path);
        return;
    }
    lock(&session.forms.open).insert(path.to_path_buf(), form);
    // Saved once more meanwhile, while nobody looked.
    if std::fs::read_to_string(path).is_ok_and(|now| now != text) {
        look(&Arc::downgrade(&session), path);
    }
}

/// Takes away what was never filled in and belongs to no session any more.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let made = entry.metadata().and_then(|facts| facts.modified()).ok();
        if made.and_then(|made| made.elapsed().ok()).is_some_and(|age| age > KEPT) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
