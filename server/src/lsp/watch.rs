//! Hearing of changes on disk: from the client where it watches, from an own watcher otherwise.
//!
//! Git's HEAD is always watched here: it may lie outside the workspace, where clients do not look.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::{Change, DiskChange};
use lsp_types::{DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, Registration};
use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::outgoing::Message;
use super::requests::Ask;
use super::session::Session;
use crate::driver::lock;

/// Events of one burst (a checkout, a scanner writing its log) are one change.
const SETTLE: Duration = Duration::from_millis(100);

/// Watches what the roots and their configuration name now, in place of what was watched before.
pub(crate) fn start(session: &Arc<Session>) {
    static REGISTERED: std::sync::Once = std::sync::Once::new();
    let by_client = session.negotiated().watches_files;
    if by_client {
        REGISTERED.call_once(|| session.tell(Message::Ask(Ask::Register(vec![registration()]))));
    }
    let weak = Arc::downgrade(session);
    let task = tokio::spawn(async move {
        let Some(session) = weak.upgrade() else { return };
        let roots: Vec<PathBuf> = session.driver.snapshot().roots().map(|root| root.path.clone()).collect();
        let plan = tokio::task::spawn_blocking(move || roots.iter().flat_map(|root| plan(root, !by_client)).collect());
        let Ok(plan): Result<Vec<Watched>, _> = plan.await else { return };
        drop(session);
        run(weak, plan).await;
    });
    let before = lock(&session.watching).replace(task.abort_handle());
    if let Some(before) = before {
        before.abort();
    }
}

fn registration() -> Registration {
    // Every file, for findings of closed files stand or fall with them; the client leaves out what its user excluded.
    let watchers = vec![FileSystemWatcher { glob_pattern: "**/*".to_owned().into(), kind: None }];
    Registration {
        id: "aspm-files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(DidChangeWatchedFilesRegistrationOptions { watchers }).ok(),
    }
}

/// A folder to watch.
struct Watched {
    root: PathBuf,
    path: PathBuf,
    mode: RecursiveMode,
    is_git: bool,
    /// The user's configuration or the organisation's policy: outside of any root.
    is_law: bool,
}

fn plan(root: &Path, files: bool) -> Vec<Watched> {
    let mut plan = Vec::new();
    let watched = |path, mode, is_git| Watched { root: root.to_path_buf(), path, mode, is_git, is_law: false };
    plan.extend(law().into_iter().map(|(path, mode)| Watched { is_law: true, ..watched(path, mode, false) }));
    let mut add = |path, mode, is_git| plan.push(watched(path, mode, is_git));
    if let Ok(Some(repo)) = repo::Repo::discover(root) {
        for path in repo.git_dirs_to_watch() {
            add(path, RecursiveMode::NonRecursive, true);
        }
    }
    if files {
        // The root itself for aspm.toml and fresh folders, `.aspm` for logs, and the folders that sources name.
        add(root.to_path_buf(), RecursiveMode::NonRecursive, false);
        let loaded = config::Config::load(root, true);
        let mut folders = vec![".aspm".to_owned()];
        folders.extend(loaded.config.sources.iter().flat_map(|source| folders_of(&source.path)));
        folders.retain(|folder| !folder.is_empty());
        folders.sort();
        folders.dedup();
        for folder in folders {
            add(root.join(folder), RecursiveMode::Recursive, false);
        }
    }
    plan
}

/// What the user's configuration names, and itself. Its folder is watched: editors move a new file over the old one.
fn law() -> Vec<(PathBuf, RecursiveMode)> {
    let mut paths = Vec::new();
    let file = config::dirs::config_file(&config::dirs::process_env);
    paths.extend(file.and_then(|file| Some((file.parent()?.to_path_buf(), RecursiveMode::NonRecursive))));
    let user = config::UserConfig::load(&config::dirs::process_env).config;
    if let Some(config::BundlePlace::Path(path)) = user.policy_bundle {
        let is_folder = path.is_dir();
        let folder = if is_folder { Some(path.as_path()) } else { path.parent() };
        let mode = if is_folder { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        paths.extend(folder.map(|folder| (folder.to_path_buf(), mode)));
    }
    paths
}

/// What to watch for a source: the folder of its pattern before the first wildcard, and the pattern itself where it is a
/// plain path, which may be a folder.
fn folders_of(pattern: &str) -> Vec<String> {
    let fixed = pattern.split(['*', '?', '[', '{']).next().unwrap_or("");
    let above = fixed.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned());
    let is_plain = fixed.len() == pattern.len() && pattern != ".";
    if is_plain { vec![above, pattern.to_owned()] } else { vec![above] }
}

async fn run(session: std::sync::Weak<Session>, plan: Vec<Watched>) {
    let (send, mut events) = mpsc::unbounded_channel::<(PathBuf, DiskChange)>();
    let git: Vec<PathBuf> = plan.iter().filter(|watched| watched.is_git).map(|watched| watched.path.clone()).collect();
    let handler = move |event: notify::Result<Event>| {
        let Ok(event) = event else { return };
        let change = match event.kind {
            EventKind::Access(_) | EventKind::Other => return,
            EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any | ModifyKind::Metadata(_)) => DiskChange::Content,
            _ => DiskChange::CameOrWent,
        };
        for path in event.paths {
            let is_git = git.iter().any(|folder| path.starts_with(folder));
            if is_git && path.extension().is_some_and(|extension| extension == "lock") {
                continue;
            }
            let _ = send.send((path, if is_git { DiskChange::Head } else { change }));
        }
    };
    let watcher = match notify::recommended_watcher(handler) {
        Ok(watcher) => Mutex::new(watcher),
        Err(error) => {
            tracing::warn!(%error, "changes on disk are not noticed");
            return;
        }
    };
    let watch = |watcher: &mut RecommendedWatcher, watched: &Watched| {
        if watched.path.exists()
            && let Err(error) = watcher.watch(&watched.path, watched.mode)
        {
            tracing::warn!(%error, path = %watched.path.display(), "not watched");
        }
    };
    for watched in &plan {
        watch(&mut lock(&watcher), watched);
    }
    if let Some(session) = session.upgrade() {
        // What changed before anybody listened was missed: the logs are looked at once more, which is cheap.
        let changes = plan.iter().filter(|watched| !watched.is_git && !watched.is_law).map(reload).collect();
        session.driver.apply(Change::Disk { changes });
    }
    let config_file = config::dirs::config_file(&config::dirs::process_env);
    while let Some(first) = events.recv().await {
        let mut changes = vec![first];
        tokio::time::sleep(SETTLE).await;
        while let Ok(more) = events.try_recv() {
            changes.push(more);
        }
        changes.sort_by(|a, b| a.0.cmp(&b.0));
        changes.dedup();
        // A folder that was not there before (the first `.aspm`) is watched from now on.
        for watched in plan.iter().filter(|watched| changes.iter().any(|(path, _)| *path == watched.path)) {
            watch(&mut lock(&watcher), watched);
        }
        let Some(session) = session.upgrade() else { return };
        let is_configured_anew = plan
            .iter()
            .any(|watched| !watched.is_git && changes.iter().any(|(path, _)| *path == watched.root.join("aspm.toml")))
            || changes.iter().any(|(path, _)| config_file.as_ref() == Some(path));
        let is_law = |path: &Path| plan.iter().any(|watched| watched.is_law && path.starts_with(&watched.path));
        if changes.iter().any(|(path, _)| is_law(path)) {
            session.driver.apply(Change::Reconsider);
        }
        session.driver.apply(Change::Disk { changes: with_logs(changes, &plan) });
        if is_configured_anew {
            // It may name other folders; this ends here.
            start(&session);
            return;
        }
    }
}

/// A change that makes the root's sources be looked at.
fn reload(watched: &Watched) -> (PathBuf, DiskChange) {
    (watched.root.join("aspm.toml"), DiskChange::Content)
}

/// A folder that came may hold logs whose own events came too early to be heard.
fn with_logs(mut changes: Vec<(PathBuf, DiskChange)>, plan: &[Watched]) -> Vec<(PathBuf, DiskChange)> {
    let has_folder = |watched: &&Watched| {
        let is_below = |path: &Path| path.starts_with(&watched.path) && watched.mode == RecursiveMode::Recursive;
        !watched.is_git && changes.iter().any(|(path, _)| is_below(path) && path.is_dir())
    };
    let came: Vec<(PathBuf, DiskChange)> = plan.iter().filter(has_folder).map(reload).collect();
    changes.extend(came);
    changes
}
