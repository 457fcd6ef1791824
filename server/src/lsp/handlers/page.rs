//! The page of a finding: what is known of it, and what its source says of it now.
//!
//! The source is asked when the page is opened. The page waits for the answer as long as nobody notices; when one comes
//! later and changes something, the page is written again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::{RootId, Snapshot};
use finding::{Finding, FindingId, StatusValue};
use lsp_types::{LspAny, MessageType, Range, ShowDocumentParams, Uri};
use serde_json::json;
use tower_lsp::jsonrpc::{Error, Result};
use url::Url;

use crate::driver::{Answer, Look};
use crate::lsp::outgoing::Message;
use crate::lsp::requests::Ask;
use crate::lsp::session::Session;
use crate::present::page::{self, Asked, Depth};
use crate::present::safe;
use crate::report::texts::Texts;
use crate::report::whole::{self, Whole};

/// How long a page waits for its source.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long after that an answer still changes the page.
const LATE: Duration = Duration::from_secs(30);
/// How long what an answer changed may take to be placed and judged anew.
const SETTLING: Duration = Duration::from_millis(500);

/// The finding that a command is about.
pub(super) fn named(argument: &LspAny) -> Result<FindingId> {
    let id = argument.get("id").and_then(LspAny::as_str);
    let id = id.ok_or_else(|| Error::invalid_params("this needs {\"id\": …}: the id of a finding"))?;
    FindingId::parse(id).ok_or_else(|| Error::invalid_params(format!("no finding has the id {id}")))
}

/// All that is known of it.
pub(super) fn whole<'s>(
    session: &Session,
    snapshot: &'s Snapshot,
    id: &FindingId,
    last: Option<&Arc<Finding>>,
) -> Result<Whole<'s>> {
    let found = whole::of(&session.driver, snapshot, id, last).map_err(|error| {
        tracing::error!(%error, "a finding could not be read");
        Error::invalid_params(format!("finding {id} cannot be read from the cache: {error}"))
    })?;
    found.ok_or_else(|| Error::invalid_params(format!("no finding has the id {id} (any more)")))
}

/// What the source said of the finding just now.
#[derive(Default)]
struct News {
    asked: Option<Asked>,
    /// As it is there, where it is another than the one in memory; what policy makes of that is not known yet.
    finding: Option<Arc<Finding>>,
    /// How it was known before it was asked for.
    last: Option<Arc<Finding>>,
}

/// The finding's page as the snapshot has it.
fn page(session: &Session, snapshot: &Snapshot, id: &FindingId, news: &News) -> Result<String> {
    let whole = whole(session, snapshot, id, news.last.as_ref())?;
    let stand = whole.stand(&mut Texts::new(&session.driver, snapshot, whole.root));
    let now = crate::clock::now();
    let just_now = now.to_string();
    let mut subjects = whole.subjects(&stand, now);
    for subject in subjects.iter_mut().filter(|subject| subject.finding.id == *id) {
        subject.asked = news.asked.as_ref();
        if let Some(Asked::Now { .. }) = news.asked {
            subject.synced_at = Some(&just_now);
        }
        if let Some(other) = &news.finding {
            (subject.finding, subject.judged, subject.steps) = (other, None, None);
        }
    }
    Ok(page::markdown(&subjects, Depth::Page))
}

pub(super) fn open(
    session: &Arc<Session>,
    snapshot: &Snapshot,
    argument: &LspAny,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<LspAny>> {
    let id = named(argument)?;
    let known = whole(session, snapshot, &id, None)?;
    let leader = &known.members[0].finding;
    if argument.get("what").is_some_and(|what| what == "help")
        && let Some(help) = &leader.rule.help_url
    {
        let uri = Uri::parse(help).map_err(|error| Error::invalid_params(error.to_string()))?;
        show(session, uri, true, None);
        return Ok(Some(json!({ "url": help })));
    }
    if argument.get("what").is_some_and(|what| what == "source") {
        let member = known.members.iter().find(|member| member.finding.id == id).unwrap_or(&known.members[0]);
        let (url, _) = at_source(snapshot, known.root.id, &member.finding)
            .ok_or_else(|| Error::invalid_params(format!("the source of finding {id} names no page of it")))?;
        let uri = Uri::parse(url.as_str()).map_err(|error| Error::invalid_params(error.to_string()))?;
        show(session, uri, true, None);
        return Ok(Some(json!({ "url": url.as_str() })));
    }
    let last = known.members.iter().find(|member| member.finding.id == id).unwrap_or(&known.members[0]).finding.clone();
    let look = session.driver.look(&known.root.path, &last.source, &id);
    let opened = Opened { session: session.clone(), snapshot: snapshot.clone(), id, last };
    let answer = look.as_ref().and_then(|look| look.wait(PATIENCE, cancelled));
    let page = match (&answer, &look) {
        (Some(answer), _) => opened.answered(answer),
        (None, Some(_)) => opened.page(Asked::Waiting { is_followed: true }),
        (None, None) => page(session, snapshot, &opened.id, &News::default()),
    }?;
    let path = opened.write(&page).map_err(|error| {
        Error::invalid_params(format!(
            "the finding's page could not be written below {}: {error}",
            session.cache.display()
        ))
    })?;
    if let Ok(uri) = Uri::from_file_path(&path) {
        show(session, uri, false, None);
    }
    if let (None, Some(look)) = (answer, look) {
        opened.follow(look);
    }
    Ok(Some(json!({ "path": path, "markdown": page })))
}

/// The finding's page at its source, and what to call that place: the source, and the host where it is another one than
/// the source is read from. Only a web address without a user or password.
pub(super) fn at_source(snapshot: &Snapshot, root: RootId, finding: &Finding) -> Option<(Url, String)> {
    let url = Url::parse(finding.link.as_deref()?).ok()?;
    let is_plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    let host = url.host_str().filter(|_| is_plain)?;
    let source = snapshot.root(root)?.sources.iter().find(|source| *source.name == *finding.source)?;
    let is_read_there = source.config.url.as_ref().is_some_and(|server| server.origin() == url.origin());
    let name = safe::line(&source.name);
    let place = if is_read_there { name } else { format!("{name} ({})", safe::line(host)) };
    Some((url, place))
}

/// A finding whose page was asked for.
struct Opened {
    session: Arc<Session>,
    snapshot: Snapshot,
    id: FindingId,
    /// As it was known before its source was asked.
    last: Arc<Finding>,
}

impl Opened {
    fn page(&self, asked: Asked) -> Result<String> {
        page(&self.session, &self.snapshot, &self.id, &self.news(Some(asked), None))
    }

    fn news(&self, asked: Option<Asked>, finding: Option<Arc<Finding>>) -> News {
        News { asked, finding, last: Some(self.last.clone()) }
    }

    fn answered(&self, answer: &Answer) -> Result<String> {
        match answer {
            Answer::Now { finding, was: Some(was) } => {
                let asked = Some(Asked::Now { was: Some(was.clone()) });
                let settled = self.settled(finding);
                let finding = Some(finding.clone()).filter(|_| settled.is_none());
                page(&self.session, settled.as_ref().unwrap_or(&self.snapshot), &self.id, &self.news(asked, finding))
            }
            Answer::Now { was: None, .. } => self.page(Asked::Now { was: None }),
            Answer::Gone => self.page(Asked::Gone),
            Answer::Failed(why) => self.page(Asked::Failed(why.clone())),
        }
    }

    /// The state in which `finding` is placed and judged as it is now; `None`: it takes long, or is not shown any more.
    fn settled(&self, finding: &Arc<Finding>) -> Option<Snapshot> {
        if finding.status.value != StatusValue::Open {
            return None;
        }
        // Requests are answered on threads that may wait.
        self.session.wait(SETTLING, |snapshot| {
            let Some((_, group, at)) = snapshot.holder(&self.id) else { return false };
            let details = group.details.as_ref().filter(|_| group.is_verified);
            // Of a file that is not open the whole findings are read when the page is made.
            details.map_or(group.is_verified, |details| details.get(at) == Some(finding))
        })
    }

    fn write(&self, page: &str) -> std::io::Result<PathBuf> {
        write_page(&self.session.cache, self.id.as_str(), page)
    }

    /// Writes the page again when an answer comes after all.
    fn follow(self, look: Look) {
        tokio::task::spawn_blocking(move || {
            let stopped = || self.session.driver.is_stopped();
            let Some(answer) = look.wait(LATE, &stopped) else { return };
            if let Ok(page) = self.answered(&answer)
                && let Err(error) = self.write(&page)
            {
                tracing::warn!(%error, "a page stays as it was");
            }
        });
    }
}

pub(super) fn copy(session: &Session, snapshot: &Snapshot, argument: &LspAny) -> Result<Option<LspAny>> {
    let id = named(argument)?;
    let page = page(session, snapshot, &id, &News::default())?;
    if session.negotiated().copies {
        session.tell(Message::Ask(Ask::Copy(page.clone())));
    } else if let Ok(path) = write_page(&session.cache, id.as_str(), &page)
        && let Ok(uri) = Uri::from_file_path(&path)
    {
        // Plain LSP has no clipboard: the text is opened, to be copied from there.
        show(session, uri, false, None);
    }
    Ok(Some(json!({ "markdown": page })))
}

/// Shows a document, or says where it is.
pub(super) fn show(session: &Session, uri: Uri, external: bool, selection: Option<Range>) {
    if session.negotiated().show_document {
        let params = ShowDocumentParams { uri, external: Some(external), take_focus: Some(true), selection };
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
