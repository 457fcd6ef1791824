//! Files: what stands in them, what their changes on disk mean, and live shifting.

use std::path::PathBuf;
use std::sync::Arc;

use finding::Placement;

use crate::change::DiskChange;
use crate::effects::{Effects, FileRef, Job};
use crate::group::{Group, HomeNote, Placed, ScannedPath};
use crate::root::{Root, RootId};
use crate::schedule;
use crate::state::State;

/// Every file of a root that may have findings shown on it.
pub(crate) fn shown_files(root: &Root) -> Vec<FileRef> {
    let homes = root.groups.values().filter(|group| group.is_placed).map(|group| &group.home);
    let homes = homes.filter(|home| !home.is_empty());
    let mut paths: Vec<&Arc<str>> = homes.chain(root.visitors.keys()).collect();
    paths.sort_unstable();
    paths.dedup();
    paths.into_iter().map(|path| FileRef { root: root.id, path: path.clone() }).collect()
}

/// Homes of all groups with findings in a file.
pub(crate) fn homes_in(root: &Root, path: &str) -> Vec<Arc<str>> {
    let own = root.groups.get(path).map(|group| group.home.clone());
    let visitors = root.visitors.get(path);
    // A dependency file that nobody has read yet may name what no file named before.
    let is_news = visitors.is_none() && manifests::Format::of_path(path).is_some();
    let pathless = root.groups.get("").filter(|_| is_news).map(|group| group.home.clone());
    own.into_iter().chain(visitors.into_iter().flatten().cloned()).chain(pathless).collect()
}

/// Before the mapping is known, a document whose path some source names letter for letter has a home already: its
/// diagnostics need not wait for the file list.
pub(crate) fn adopt_home(state: &mut State, file: &FileRef) {
    let Some(root) = state.root_mut(file.root) else { return };
    if root.is_mapped || root.groups.contains_key(&file.path) {
        return;
    }
    let scanned: Arc<[ScannedPath]> = (0..root.sources.len())
        .filter(|&source| !root.sources[source].index.of_path(&file.path).is_empty())
        .map(|source| ScannedPath { source, path: file.path.clone() })
        .collect();
    if !scanned.is_empty() {
        let group = Group::new(file.path.clone(), HomeNote::Same, scanned, root.indexes());
        root.groups.insert_mut(file.path.clone(), Arc::new(group));
    }
}

/// Moves every range in `file` through the edits, at once.
pub(crate) fn shift_placements(state: &mut State, file: &FileRef, edits: &[syntax::Edit]) {
    let Some(root) = state.root_mut(file.root) else { return };
    for home in homes_in(root, &file.path) {
        let Some(group) = root.groups.get(&home) else { continue };
        let placed = shifted(group, &file.path, edits);
        let group = Group { placed, is_verified: false, ..Group::clone(group) };
        root.groups.insert_mut(home, Arc::new(group));
    }
    // Data flows through it move along and are looked at again when it is saved.
    for home in root.passers.get(&file.path).cloned().unwrap_or_default() {
        let Some(group) = root.groups.get(&home) else { continue };
        let group = Group { placed: shifted(group, &file.path, edits), ..Group::clone(group) };
        root.groups.insert_mut(home, Arc::new(group));
    }
}

fn shifted(group: &Group, path: &str, edits: &[syntax::Edit]) -> Arc<[Placed]> {
    let is_here = |placement: &Placement| placement.path.as_deref() == Some(path);
    let shift = |placement: &Placement| {
        let range =
            placement.range.clone().map(|range| edits.iter().fold(range, |range, edit| anchor::shift(&range, edit)));
        Placement { range, ..placement.clone() }
    };
    let one = |placed: &Placed| {
        let mut placed = placed.clone();
        if is_here(&placed.placement) {
            placed.placement = shift(&placed.placement);
        }
        if let Some(steps) = placed.steps.as_deref().filter(|steps| steps.iter().any(is_here)) {
            let moved = steps.iter().map(|step| if is_here(step) { shift(step) } else { step.clone() });
            placed.steps = Some(moved.collect());
        }
        placed
    };
    group.placed.iter().map(one).collect()
}

/// What changes on disk ask for.
pub(crate) fn disk_changed(state: &mut State, changes: &[(PathBuf, DiskChange)]) -> Effects {
    let mut effects = Effects::default();
    let mut reload: Vec<RootId> = Vec::new();
    let mut relist: Vec<RootId> = Vec::new();
    for (path, change) in changes {
        if *change == DiskChange::Head {
            // Git's folder may lie outside the root (worktrees): every root looks at its own HEAD again.
            reload.extend(state.roots.keys());
            continue;
        }
        let Some(file) = state.file_of(path) else { continue };
        let Some(root) = state.roots.get(&file.root) else { continue };
        let is_log = root.config.as_ref().is_some_and(|config| config.reads(&file.path));
        if is_log || is_gate_input(root, &file.path) {
            reload.push(file.root);
        }
        if *change == DiskChange::CameOrWent {
            relist.push(file.root);
        }
        if state.document_of(file.root, &file.path).is_none() {
            schedule::file(state, &file, true, &mut effects);
        }
    }
    reload.sort_unstable();
    reload.dedup();
    relist.sort_unstable();
    relist.dedup();
    for id in reload {
        let path = state.roots[&id].path.clone();
        effects.jobs.push(Job::LoadRoot { root: id, path, trusted: state.trusted });
    }
    for id in relist {
        effects.jobs.push(Job::List { root: id, path: state.roots[&id].path.clone() });
    }
    effects
}

/// Whether verdicts may depend on a file: configuration, exceptions, owners, a policy of the repository.
fn is_gate_input(root: &Root, path: &str) -> bool {
    let bundle = root.config.as_ref().and_then(|config| config.policy_bundle.as_ref());
    path == config::FILE_NAME
        || path.starts_with(".aspm/")
        || path.rsplit('/').next() == Some("CODEOWNERS")
        || matches!(bundle, Some(config::BundlePlace::Path(bundle)) if std::path::Path::new(path).starts_with(bundle))
}

/// Says anew which groups have findings, or steps of them, in which other files.
pub(crate) fn rebuild_visitors(root: &mut Root) {
    root.visitors = rpds::HashTrieMapSync::new_sync();
    root.passers = rpds::HashTrieMapSync::new_sync();
    let placed: Vec<Arc<Group>> = root.groups.values().filter(|group| group.is_placed).cloned().collect();
    for group in placed {
        moved(&mut root.visitors, &group.home, &[], &group.touches());
        moved(&mut root.passers, &group.home, &[], &group.passes());
    }
}

/// What is of `home` was in the files `before` and is in `after` now.
pub(crate) fn moved(
    by_path: &mut rpds::HashTrieMapSync<Arc<str>, Vec<Arc<str>>>,
    home: &Arc<str>,
    before: &[Arc<str>],
    after: &[Arc<str>],
) {
    for path in before.iter().filter(|path| !after.contains(path)) {
        let Some(mut homes) = by_path.get(path).cloned() else { continue };
        homes.retain(|other| other != home);
        if homes.is_empty() {
            by_path.remove_mut(path);
        } else {
            by_path.insert_mut(path.clone(), homes);
        }
    }
    for path in after.iter().filter(|path| !before.contains(path)) {
        let mut homes = by_path.get(path).cloned().unwrap_or_default();
        homes.push(home.clone());
        by_path.insert_mut(path.clone(), homes);
    }
}
