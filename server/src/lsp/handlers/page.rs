//! The page of a finding: what is known of it, and what its source says of it now.
//!
//! The source is asked when the page is opened. The page waits for the answer as long as nobody notices; when one comes
//! later and changes something, the page is written again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::{FileRef, Shown, Snapshot};
use finding::{Finding, FindingId, StatusValue};
use lsp_types::{LspAny, MessageType, ShowDocumentParams, Uri};
use serde_json::json;
use tower_lsp::jsonrpc::{Error, Result};

use super::hover::{News, describe};
use crate::driver::{Answer, Look};
use crate::lsp::outgoing::Message;
use crate::lsp::requests::Ask;
use crate::lsp::session::Session;
use crate::present::page::{Asked, Depth};

/// How long a page waits for its source.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long after that an answer still changes the page.
const LATE: Duration = Duration::from_secs(30);
/// How long what an answer changed may take to be placed and judged anew.
const SETTLING: Duration = Duration::from_millis(500);

fn subject(snapshot: &Snapshot, argument: &LspAny) -> Result<(FindingId, Shown)> {
    let id = argument.get("id").and_then(LspAny::as_str);
    let id = id.ok_or_else(|| Error::invalid_params("the command needs {\"id\": …}: the id of a finding"))?;
    let shown = snapshot.shown_files().iter().flat_map(|file| snapshot.shown(file)).find_map(|shown| {
        let id = shown.ids().find(|other| other.as_str() == id).cloned();
        id.map(|id| (id, shown))
    });
    shown.ok_or_else(|| Error::invalid_params(format!("finding {id} is not on any file now")))
}

pub(super) fn open(
    session: &Arc<Session>,
    snapshot: &Snapshot,
    argument: &LspAny,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<LspAny>> {
    let (id, shown) = subject(snapshot, argument)?;
    let is_help = argument.get("what").is_some_and(|what| what == "help");
    let help = shown.finding(0).and_then(|finding| finding.rule.help_url.clone());
    if let (true, Some(help)) = (is_help, help) {
        let uri = Uri::parse(&help).map_err(|error| Error::invalid_params(error.to_string()))?;
        show(session, uri, true);
        return Ok(Some(json!({ "url": help })));
    }
    let opened = Opened { session: session.clone(), snapshot: snapshot.clone(), shown, id };
    if opened.page(None).is_none() {
        return Err(Error::invalid_params("open the finding's file first; its details are loaded then"));
    }
    let look = opened.look();
    let answer = look.as_ref().and_then(|look| look.wait(PATIENCE, cancelled));
    let page = match (&answer, &look) {
        (Some(answer), _) => opened.answered(answer),
        (None, Some(_)) => opened.page(Some(Asked::Waiting { is_followed: true })),
        (None, None) => opened.page(None),
    };
    let page = page.unwrap_or_default();
    let path = opened.write(&page).map_err(|error| {
        Error::invalid_params(format!(
            "the finding's page could not be written below {}: {error}",
            session.cache.display()
        ))
    })?;
    if let Ok(uri) = Uri::from_file_path(&path) {
        show(session, uri, false);
    }
    if let (None, Some(look)) = (answer, look) {
        opened.follow(look);
    }
    Ok(Some(json!({ "path": path, "markdown": page })))
}

/// A finding whose page was asked for.
struct Opened {
    session: Arc<Session>,
    snapshot: Snapshot,
    shown: Shown,
    id: FindingId,
}

impl Opened {
    fn look(&self) -> Option<Look> {
        let member = (0..self.shown.len()).find_map(|at| self.shown.finding(at).filter(|known| known.id == self.id));
        let root = self.snapshot.root(self.shown.root)?;
        self.session.driver.look(&root.path, &member?.source, &self.id)
    }

    fn page(&self, asked: Option<Asked>) -> Option<String> {
        self.page_of(&self.snapshot, &self.shown, asked, None)
    }

    fn page_of(
        &self,
        snapshot: &Snapshot,
        shown: &Shown,
        asked: Option<Asked>,
        finding: Option<Arc<Finding>>,
    ) -> Option<String> {
        let news = asked.map(|asked| News { id: self.id.clone(), asked, finding });
        describe(snapshot, shown, true, Depth::Page, news.as_ref())
    }

    fn answered(&self, answer: &Answer) -> Option<String> {
        match answer {
            Answer::Now { finding, was: Some(was) } => {
                let asked = Asked::Now { was: Some(was.clone()) };
                match self.settled(finding) {
                    Some((snapshot, shown)) => self.page_of(&snapshot, &shown, Some(asked), None),
                    None => self.page_of(&self.snapshot, &self.shown, Some(asked), Some(finding.clone())),
                }
            }
            Answer::Now { was: None, .. } => self.page(Some(Asked::Now { was: None })),
            Answer::Gone => self.page(Some(Asked::Gone)),
            Answer::Failed(why) => self.page(Some(Asked::Failed(why.clone()))),
        }
    }

    /// The state in which `finding` is placed and judged as it is now; `None`: it takes long, or is not shown any more.
    fn settled(&self, finding: &Arc<Finding>) -> Option<(Snapshot, Shown)> {
        if finding.status.value != StatusValue::Open {
            return None;
        }
        let mut ticks = self.session.ticks.clone();
        let file = FileRef { root: self.shown.root, path: self.shown.placement().path.clone()? };
        let is_it = |shown: &Shown| (0..shown.len()).any(|at| shown.finding(at) == Some(finding));
        let wait = async {
            loop {
                let snapshot = self.session.driver.snapshot();
                let here = if snapshot.is_verified(&file) { snapshot.shown(&file) } else { Vec::new() };
                if let Some(shown) = here.into_iter().find(is_it) {
                    return Some((snapshot, shown));
                }
                ticks.changed().await.ok()?;
            }
        };
        // Requests are answered on threads that may wait.
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        runtime.block_on(async { tokio::time::timeout(SETTLING, wait).await.ok().flatten() })
    }

    fn write(&self, page: &str) -> std::io::Result<PathBuf> {
        write_page(&self.session.cache, self.id.as_str(), page)
    }

    /// Writes the page again when an answer comes after all.
    fn follow(self, look: Look) {
        tokio::task::spawn_blocking(move || {
            let stopped = || self.session.driver.is_stopped();
            let Some(answer) = look.wait(LATE, &stopped) else { return };
            if let Some(page) = self.answered(&answer)
                && let Err(error) = self.write(&page)
            {
                tracing::warn!(%error, "a page stays as it was");
            }
        });
    }
}

pub(super) fn copy(session: &Session, snapshot: &Snapshot, argument: &LspAny) -> Result<Option<LspAny>> {
    let (id, shown) = subject(snapshot, argument)?;
    let page = describe(snapshot, &shown, true, Depth::Page, None)
        .ok_or_else(|| Error::invalid_params("open the finding's file first; its details are loaded then"))?;
    if session.negotiated().copies {
        session.tell(Message::Ask(Ask::Copy(page.clone())));
    } else if let Ok(path) = write_page(&session.cache, id.as_str(), &page)
        && let Ok(uri) = Uri::from_file_path(&path)
    {
        // Plain LSP has no clipboard: the text is opened, to be copied from there.
        show(session, uri, false);
    }
    Ok(Some(json!({ "markdown": page })))
}

fn show(session: &Session, uri: Uri, external: bool) {
    if session.negotiated().show_document {
        let params = ShowDocumentParams { uri, external: Some(external), take_focus: Some(true), selection: None };
        session.tell(Message::Ask(Ask::ShowDocument(params)));
    } else {
        session.tell(Message::Show(MessageType::Info, format!("See {uri}")));
    }
}

/// A read-only file in the cache folder, named after the finding.
fn write_page(cache: &Path, id: &str, page: &str) -> std::io::Result<PathBuf> {
    let folder = cache.join("pages");
    std::fs::create_dir_all(&folder)?;
    let name: String = id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let path = folder.join(format!("{name}.md"));
    // Written anew beside it and moved over it: an editor that shows the old one never sees half a page.
    let mut file = tempfile::Builder::new().prefix(".page").tempfile_in(&folder)?;
    std::io::Write::write_all(&mut file, page.as_bytes())?;
    let mut permissions = file.as_file().metadata()?.permissions();
    permissions.set_readonly(true);
    file.as_file().set_permissions(permissions)?;
    file.persist(&path)?;
    Ok(path)
}
