//! One pass of the engine: a folder is loaded and every finding placed, then the state is looked at.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use engine::{Change, Effects, RootSpec, Snapshot, Survey};
use finding::wire::SourceState;

use crate::driver::{Driver, Judging, Listener, Places, Progress, lock};

/// A loaded folder.
pub(super) struct Session {
    pub(super) driver: Driver,
    pub(super) snapshot: Snapshot,
}

/// Loads `root` and places everything.
pub(super) fn load(root: &Path, cache: PathBuf, shows_progress: bool) -> anyhow::Result<Session> {
    load_judging(root, cache, shows_progress, Judging::default(), Survey::All)
}

/// Loads `root` as `judging` says and places what `survey` names.
pub(super) fn load_judging(
    root: &Path,
    cache: PathBuf,
    shows_progress: bool,
    judging: Judging,
    survey: Survey,
) -> anyhow::Result<Session> {
    let driver = Driver::new(
        Places { cache, data: super::data() },
        judging,
        Box::new(Line { shows_progress, shown: Mutex::new(false) }),
    );
    let name = root.file_name().map_or_else(|| root.display().to_string(), |name| name.to_string_lossy().into_owned());
    let spec = RootSpec { path: root.to_path_buf(), name };
    for change in
        [Change::Trusted(true), Change::Survey(survey), Change::Roots { added: vec![spec], removed: Vec::new() }]
    {
        anyhow::ensure!(driver.apply(change), "loading {} failed inside aspm-lsp", root.display());
    }
    driver.wait_until_quiet();
    let snapshot = driver.snapshot();
    anyhow::ensure!(snapshot.roots().next().is_some(), "loading {} failed inside aspm-lsp", root.display());
    Ok(Session { driver, snapshot })
}

impl Session {
    pub(super) fn root(&self) -> anyhow::Result<&engine::Root> {
        self.snapshot.roots().next().ok_or_else(|| anyhow::anyhow!("the folder is gone"))
    }

    /// Whether there is anything to have findings in.
    pub(super) fn has_data(&self) -> bool {
        self.snapshot.status().sources.iter().any(|source| source.state != SourceState::NoData)
    }

    /// The whole finding; `None` when the cache lost it meanwhile.
    pub(super) fn finding(&self, id: &finding::FindingId) -> anyhow::Result<Option<finding::Finding>> {
        let root = self.root()?;
        for source in root.sources.iter() {
            if source.index.rows().iter().any(|row| row.id == *id) {
                return Ok(lock(&self.driver.store(&root.path, &source.name)).finding(id)?);
            }
        }
        Ok(None)
    }
}

/// A single line on standard error that says what is being read and is wiped when done.
struct Line {
    shows_progress: bool,
    shown: Mutex<bool>,
}

impl Listener for Line {
    fn changed(&self, _snapshot: &Snapshot, _effects: &Effects) {}

    fn progress(&self, progress: Progress) {
        if !self.shows_progress {
            return;
        }
        let mut shown = lock(&self.shown);
        let mut err = std::io::stderr().lock();
        // A terminal that went away must not end the command.
        let _ = match &progress.state {
            Some(state) => {
                let line = crate::present::safe::line(&format!("Reading {}: {state}", progress.source));
                let line: String = line.chars().take(78).collect();
                write!(err, "\r\u{1b}[K{line}")
            }
            None if *shown => write!(err, "\r\u{1b}[K"),
            None => Ok(()),
        };
        *shown = progress.state.is_some();
        let _ = err.flush();
    }
}
