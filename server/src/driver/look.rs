//! Asking a central source for the one finding that somebody opens: what no list of changes shows (tags, severity, that it
//! is gone) is seen at once.
//!
//! On a thread of its own, one question at a time, and once for a finding within a short time. It does not wait for the
//! source's turn: a reading under way goes on, its cursor is not touched, and where it may have brought in what was older,
//! the finding is asked for once more when the reading is over.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use config::SourceConfig;
use connectors::{Connector, Refreshed};
use engine::{Change, RootId};
use finding::{Finding, FindingId};

use super::pull::{self, Writer};
use super::{Driver, Inner, lock, remote, sources};

/// An answer counts for so long: whoever opens the finding again is told the same.
const RECENT: Duration = Duration::from_secs(20);
/// Most questions that wait for an answer; more are not asked.
const MOST: usize = 8;
/// How long the end of a reading under way is waited for.
const READING: Duration = Duration::from_mins(2);
/// How often a wait looks whether it is over.
const LOOK: Duration = Duration::from_millis(25);

/// What a source said of a finding.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// It is like this there, and here now too. `was`: as it was known before, where that is another.
    Now { finding: Arc<Finding>, was: Option<Arc<Finding>> },
    /// It is not there any more, or not for this account to see.
    Gone,
    /// The source could not be asked; a sentence for people.
    Failed(String),
}

/// One question. Clones wait for the same answer.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    begun: Instant,
    answer: Arc<(Mutex<Option<Answer>>, Condvar)>,
}

impl Look {
    fn begin() -> Self {
        Self { begun: Instant::now(), answer: Arc::default() }
    }

    fn settle(&self, answer: Answer) {
        *lock(&self.answer.0) = Some(answer);
        self.answer.1.notify_all();
    }

    /// The answer, waited for until then or until it is in vain. What it changed is in the engine before it is here.
    pub(crate) fn wait(&self, patience: Duration, cancelled: &dyn Fn() -> bool) -> Option<Answer> {
        let until = Instant::now() + patience;
        let mut known = lock(&self.answer.0);
        while known.is_none() && !cancelled() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let (guard, _) = self.answer.1.wait_timeout(known, left.min(LOOK)).unwrap_or_else(PoisonError::into_inner);
            known = guard;
        }
        known.clone()
    }

    fn is_settled(&self) -> bool {
        lock(&self.answer.0).is_some()
    }

    fn is_recent(&self) -> bool {
        !self.is_settled() || self.begun.elapsed() < RECENT
    }
}

/// What was asked lately.
#[derive(Debug, Default)]
pub(super) struct Looks {
    known: Mutex<HashMap<(PathBuf, FindingId), Look>>,
    /// Sources that could not be asked, when and why: the next question would fare the same.
    failed: Mutex<HashMap<(PathBuf, String), (Instant, String)>>,
    /// Held by who asks.
    asking: Mutex<()>,
}

impl Looks {
    /// Whatever was answered, the next question is asked.
    pub(super) fn forget(&self) {
        lock(&self.known).retain(|_, look| !look.is_settled());
        lock(&self.failed).clear();
    }

    /// The question that was asked lately, or a new one that the caller asks; `None`: too many wait.
    fn begin(&self, root: &Path, id: &FindingId) -> Option<(Look, bool)> {
        let mut known = lock(&self.known);
        known.retain(|_, look| look.is_recent());
        let key = (root.to_path_buf(), id.clone());
        if let Some(look) = known.get(&key) {
            return Some((look.clone(), false));
        }
        if known.values().filter(|look| !look.is_settled()).count() >= MOST {
            return None;
        }
        let look = Look::begin();
        known.insert(key, look.clone());
        Some((look, true))
    }

    fn failure(&self, key: &(PathBuf, String)) -> Option<String> {
        let failed = lock(&self.failed);
        failed.get(key).filter(|(when, _)| when.elapsed() < RECENT).map(|(_, why)| why.clone())
    }
}

impl Driver {
    /// Asks the source of a finding for it, as it is now. `None`: it is not to be asked (a log, a folder that the client
    /// does not trust, too many questions under way). Only origins that the user's configuration lists are ever asked.
    pub(crate) fn look(&self, root: &Path, source: &str, finding: &FindingId) -> Option<Look> {
        let snapshot = self.snapshot();
        if !snapshot.is_trusted() || self.inner.is_stopped() {
            return None;
        }
        let root = snapshot.roots().find(|known| known.path == root)?;
        let source = root.sources.iter().find(|known| *known.name == *source).map(|known| known.config.clone())?;
        // Logs are read whole or not at all.
        if !source.is_remote() || !self.takes_triage(&source) {
            return None;
        }
        let (look, is_new) = self.inner.looks.begin(&root.path, finding)?;
        if is_new {
            let (driver, path, id) = (self.clone(), root.path.clone(), root.id);
            let (asked, finding) = (look.clone(), finding.clone());
            let work = move || driver.ask(id, &path, &source, &finding, &asked);
            if let Err(error) = std::thread::Builder::new().name("look".to_owned()).spawn(work) {
                look.settle(Answer::Failed(format!("no thread to ask on ({error})")));
            }
        }
        Some(look)
    }

    fn ask(&self, root: RootId, path: &Path, source: &SourceConfig, finding: &FindingId, look: &Look) {
        let inner = &*self.inner;
        let one = Question { driver: self, root, path, source, finding };
        let answer = catch_unwind(AssertUnwindSafe(|| {
            let _turn = lock(&inner.looks.asking);
            one.answer()
        }));
        let (answer, is_stored) = answer.unwrap_or_else(|_| {
            tracing::error!("asking for a finding panicked");
            (Answer::Failed("asking failed inside aspm-lsp; see the log".to_owned()), false)
        });
        look.settle(answer);
        if is_stored && catch_unwind(AssertUnwindSafe(|| one.outlast_reading())).is_err() {
            tracing::error!("looking after a finding panicked");
        }
    }
}

/// One finding of one source, to be asked for.
struct Question<'a> {
    driver: &'a Driver,
    root: RootId,
    path: &'a Path,
    source: &'a SourceConfig,
    finding: &'a FindingId,
}

impl Question<'_> {
    fn inner(&self) -> &Inner {
        &self.driver.inner
    }

    /// Asks, and brings what came to the store and the engine; whether there was anything to bring.
    fn answer(&self) -> (Answer, bool) {
        let inner = self.inner();
        let key = (self.path.to_path_buf(), self.source.name.clone());
        if let Some(why) = inner.looks.failure(&key) {
            return (Answer::Failed(why), false);
        }
        self.asked().unwrap_or_else(|why| {
            tracing::info!(source = self.source.name, why, "a finding was not asked for");
            (Answer::Failed(why), false)
        })
    }

    fn asked(&self) -> Result<(Answer, bool), String> {
        let inner = self.inner();
        let connector = remote::brief(inner, self.path, self.source)?;
        let identified = remote::identify(inner, self.path, self.source, connector.as_ref())?;
        sources::declare(inner, self.path, self.source);
        let known = self.stored()?.ok_or("The finding was read anew just now and has another id")?;
        let refreshed = self.refresh(connector.as_ref(), &known)?;
        if !remote::is_still(inner, self.source, identified.as_ref()) {
            return Err("somebody signed in meanwhile; open it again".to_owned());
        }
        match refreshed {
            Refreshed::Now(now) if *now == known => Ok((Answer::Now { finding: Arc::new(*now), was: None }, false)),
            Refreshed::Now(now) => {
                self.keep(Some((*now).clone()))?;
                // That it was looked at there is nothing that anybody sees here.
                let was = Some(known).filter(|known| seen(known) != seen(&now)).map(Arc::new);
                Ok((Answer::Now { finding: Arc::new(*now), was }, true))
            }
            Refreshed::Gone => {
                self.keep(None)?;
                Ok((Answer::Gone, true))
            }
            Refreshed::Unsupported => Err("it cannot be asked for one finding".to_owned()),
        }
    }

    fn refresh(&self, connector: &dyn Connector, known: &Finding) -> Result<Refreshed, String> {
        let refreshed = connector.refresh(known, &|| self.inner().is_stopped()).map_err(|error| error.to_string());
        let (key, mut failed) = ((self.path.to_path_buf(), self.source.name.clone()), lock(&self.inner().looks.failed));
        match &refreshed {
            Ok(_) => drop(failed.remove(&key)),
            Err(why) => drop(failed.insert(key, (Instant::now(), why.clone()))),
        }
        refreshed
    }

    fn stored(&self) -> Result<Option<Finding>, String> {
        let store = sources::open(self.inner(), self.path, &self.source.name);
        lock(&store).finding(self.finding).map_err(|error| error.to_string())
    }

    /// What the source has is what everybody sees; `None`: it has it no more.
    fn keep(&self, now: Option<Finding>) -> Result<(), String> {
        let inner = self.inner();
        let store = sources::open(inner, self.path, &self.source.name);
        let mut writer = Writer::new(inner, self.path, self.source, &store);
        let written = writer.with(|store| {
            let mut update = store.update()?;
            match now {
                Some(finding) => update.upsert(finding)?,
                None => update.remove(self.finding)?,
            }
            update.settle()
        });
        written.map_err(|error: store::Error| error.to_string())?;
        let telling = sources::telling(inner, self.path, &self.source.name);
        let _turn = lock(&telling);
        let result = pull::stored(inner, self.path, self.source, None).map_err(|error| error.to_string());
        self.driver.apply(Change::Pulled { root: self.root, source: self.source.name.as_str().into(), result });
        Ok(())
    }

    /// A reading that began before the answer came may bring in what it saw before.
    fn outlast_reading(&self) {
        let inner = self.inner();
        let store = sources::open(inner, self.path, &self.source.name);
        let told = self.stored();
        let begun = Instant::now();
        let mut waited = false;
        loop {
            // Held for the moment of looking only.
            if lock(&store).try_lock_sync().is_some() {
                break;
            }
            waited = true;
            if inner.is_stopped() || begun.elapsed() > READING {
                return;
            }
            std::thread::sleep(LOOK);
        }
        if !waited || self.stored() == told {
            return;
        }
        let _turn = lock(&inner.looks.asking);
        let again = || {
            let connector = remote::brief(inner, self.path, self.source)?;
            let Some(known) = self.stored()? else { return Ok(()) };
            match self.refresh(connector.as_ref(), &known)? {
                Refreshed::Now(now) if *now != known => self.keep(Some(*now)),
                Refreshed::Gone => self.keep(None),
                Refreshed::Now(_) | Refreshed::Unsupported => Ok::<_, String>(()),
            }
        };
        if let Err(why) = again() {
            tracing::info!(source = self.source.name, why, "a finding is as the last reading saw it");
        }
    }
}

/// A finding as people see it.
fn seen(finding: &Finding) -> Finding {
    let mut seen = finding.clone();
    seen.evidence.fingerprints.clear();
    seen
}
