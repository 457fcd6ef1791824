//! `aspm/gate`: would this commit pass, if everything that differs from HEAD now were in it?

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use engine::{Root, Snapshot};
use finding::Action;
use finding::text::LineIndex;
use finding::wire::{GateChange, GateOutcome, GateReport, GateScope, ScopeKind};
use lsp_types::{Range, Uri};
use policy::input::GatePlace;
use repo::files::Read;
use serde::{Deserialize, Serialize};
use tower_lsp::jsonrpc::{Error, Result};

use crate::driver::Driver;
use crate::lsp::ordered::internal_error;
use crate::lsp::position;
use crate::lsp::session::Session;
use crate::present::safe;
use crate::report::gate::{self, Asked};

/// Placements under way are waited for; what is not there by then is undecided.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is asked about.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct GateParams {
    /// Any file or folder of the workspace folder in question; without it, the first folder.
    pub(crate) uri: Option<Uri>,
}

pub(in crate::lsp) async fn handle(session: &Arc<Session>, params: GateParams) -> Result<GateReport<Range>> {
    let snapshot = settled(session).await;
    let session = session.clone();
    let work = move || report(&session, &snapshot, params.uri.as_ref());
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "the gate failed");
        Err(internal_error("aspm/gate"))
    })
}

async fn settled(session: &Session) -> Snapshot {
    let is_settled = |snapshot: &Snapshot| {
        snapshot.roots().all(|root| root.is_mapped && root.groups.values().all(|group| group.is_verified))
    };
    let mut ticks = session.ticks.clone();
    let wait = async {
        loop {
            let snapshot = session.driver.snapshot();
            if is_settled(&snapshot) || ticks.changed().await.is_err() {
                return snapshot;
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| session.driver.snapshot())
}

pub(super) fn report(session: &Session, snapshot: &Snapshot, uri: Option<&Uri>) -> Result<GateReport<Range>> {
    let path = uri.and_then(|uri| uri.to_file_path().ok());
    let root = path.as_ref().and_then(|path| {
        let file = snapshot.file_of(path)?;
        snapshot.root(file.root)
    });
    let root = root.or_else(|| snapshot.roots().next());
    let root = root.ok_or_else(|| Error::invalid_params("no folder is open"))?;
    let (files, mut unsure) = changed(&session.driver, snapshot, root);
    let count = files.len();
    let scope = GateScope {
        kind: ScopeKind::Work,
        words: format!("{count} changed file{}, committed or not", if count == 1 { "" } else { "s" }),
        files: count,
        base: root.law.base.as_ref().map(|(commit, _)| commit.clone()),
    };
    let asked = Asked { scope, files: Some(&files), place: GatePlace::Editor, max_age: None, fails_on: Action::Block };
    let encoding = session.negotiated().encoding;
    let mut range = |at: &finding::Placement| {
        let (path, bytes) = (at.path.as_ref()?, at.range.as_ref()?);
        let file = engine::FileRef { root: root.id, path: path.clone() };
        if let Some(document) = snapshot.document_of(&file) {
            return Some(position::range(&document.text, &document.lines, bytes, encoding));
        }
        let text = session.driver.read(&root.path, path).ok().and_then(Read::decoded)?;
        Some(position::range(&text, &LineIndex::new(&text), bytes, encoding))
    };
    let answer = gate::answer(&session.driver, snapshot, root, asked, &mut range).map_err(|error| {
        tracing::error!(%error, "the gate could not read the findings");
        internal_error("aspm/gate")
    })?;
    let mut report = answer.report;
    report.undecided.append(&mut unsure);
    // The editor shows findings of logs as they are on disk; `check` reads those that were reviewed as well.
    let altered = report.gate_changes.iter().find(|change| !change.path.ends_with("exceptions.yaml")).cloned();
    if let Some(change) = altered {
        unsure_of(&mut report, &change);
    }
    if !report.undecided.is_empty() && report.outcome == GateOutcome::Pass {
        report.outcome = GateOutcome::Undecided;
    }
    if count == 0 && report.violations.is_empty() {
        report.outcome = GateOutcome::Nothing;
        report.undecided.clear();
    }
    Ok(report)
}

fn unsure_of(report: &mut GateReport<Range>, change: &GateChange) {
    report.undecided.push(format!(
        "{} is {} in this change, and the gate reads it as it was before: `aspm-lsp check` judges by that.",
        change.path, change.what
    ));
}

/// What the change holds: files that differ from its base, and documents that are not saved.
fn changed(driver: &Driver, snapshot: &Snapshot, root: &Root) -> (HashSet<Arc<str>>, Vec<String>) {
    let (mut files, mut unsure) = (HashSet::new(), Vec::new());
    match driver.changed_files(&root.path) {
        Ok(changed) => files.extend(changed),
        Err(why) => unsure.push(why),
    }
    let homes = root.groups.values().filter(|group| group.is_changed).map(|group| group.home.clone());
    let unsaved = homes.chain(root.groups.values().flat_map(|group| group.changed.iter().cloned()));
    files.extend(unsaved.filter(|home| {
        let file = engine::FileRef { root: root.id, path: home.clone() };
        snapshot.document_of(&file).is_some()
    }));
    (files, unsure)
}

/// The answer in one sentence, for a status line or a message.
pub(super) fn sentence(report: &GateReport<Range>) -> String {
    let count = report.violations.len();
    match report.outcome {
        GateOutcome::Pass => format!("The gate would let this pass ({}).", report.scope.words),
        GateOutcome::Nothing => "Nothing differs from the base: there is nothing to judge.".to_owned(),
        GateOutcome::Violations => {
            let first = report.violations.first().map(|violation| safe::line(&violation.message)).unwrap_or_default();
            format!("The gate would block this: {count} violation{}. {first}", if count == 1 { "" } else { "s" })
        }
        GateOutcome::Undecided => {
            let first = report.undecided.first().map(|why| safe::line(why)).unwrap_or_default();
            format!("The gate cannot tell: {first}")
        }
    }
}
