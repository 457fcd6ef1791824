//! Which groups to place, and when: one job a group at a time, the newest texts, the looked-at first.

use std::sync::Arc;

use crate::change::Survey;
use crate::document::Document;
use crate::effects::{DocumentInput, Effects, FileRef, Job, PlaceJob, Priority};
use crate::files::homes_in;
use crate::group::{Group, HomeNote};
use crate::root::{Root, RootId};
use crate::state::State;

/// Schedules every group with findings in `file`. Unless `afresh`, a group under way is left to finish first: its
/// result is of an older version, is dropped, and asks for the next job.
pub(crate) fn file(state: &mut State, file: &FileRef, afresh: bool, effects: &mut Effects) {
    let Some(root) = state.roots.get(&file.root) else { return };
    let mut homes = homes_in(root, &file.path);
    if afresh {
        homes.extend(root.passers.get(&file.path).into_iter().flatten().cloned());
    }
    for home in homes {
        group(state, file.root, &home, afresh, effects);
    }
}

/// Schedules all groups that are not verified yet and that somebody wants.
pub(crate) fn groups(state: &mut State, id: RootId, effects: &mut Effects) {
    let Some(root) = state.roots.get(&id) else { return };
    let waiting: Vec<Arc<str>> =
        root.groups.values().filter(|group| !group.is_verified).map(|group| group.home.clone()).collect();
    for home in waiting {
        group(state, id, &home, false, effects);
    }
}

/// Schedules one group, if it is open or all are wanted.
pub(crate) fn group(state: &mut State, id: RootId, home: &Arc<str>, afresh: bool, effects: &mut Effects) {
    let Some(root) = state.roots.get(&id) else { return };
    let Some(group) = root.groups.get(home) else { return };
    if group.in_flight.is_some() && !afresh {
        return;
    }
    let own = own_documents(state, id, group);
    let is_open = !own.is_empty();
    let is_wanted = is_open || (root.is_mapped && is_surveyed(&state.survey, group)) || group.is_placed;
    if !is_wanted {
        return;
    }
    let generation = state.generation + 1;
    let is_search = afresh || !group.is_placed || !is_open;
    let priority = if is_open { Priority::Live } else { Priority::Background };
    let job = job(state, root, group, own, is_search, generation, priority);
    let group = Group {
        in_flight: Some(generation),
        is_verified: false,
        details: if is_open { group.details.clone() } else { None },
        ..Group::clone(group)
    };
    state.generation = generation;
    if let Some(root) = state.root_mut(id) {
        root.groups.insert_mut(home.clone(), Arc::new(group));
    }
    effects.jobs.push(Job::Place(Box::new(job)));
}

/// The open documents that a group's findings stand in.
fn own_documents(state: &State, id: RootId, group: &Group) -> Vec<DocumentInput> {
    std::iter::once(&group.home)
        .chain(&group.touches())
        .filter_map(|path| state.document_of(id, path))
        .filter_map(|document| input(document))
        .collect()
}

/// The job that looks a group over once more, steps of data flows included: for whoever asks about a file that is not
/// open. Its result is for the asker alone.
pub(crate) fn inspection(state: &State, id: RootId, home: &str) -> Option<PlaceJob> {
    let root = state.roots.get(&id)?;
    let group = root.groups.get(home)?;
    let own = own_documents(state, id, group);
    Some(job(state, root, group, own, true, state.generation, Priority::Live))
}

fn job(
    state: &State,
    root: &Root,
    group: &Group,
    own: Vec<DocumentInput>,
    is_search: bool,
    generation: u64,
    priority: Priority,
) -> PlaceJob {
    let mut documents = own;
    if is_search {
        // Code may have moved into any of them.
        let others = state.documents.values().filter(|document| {
            document
                .file
                .as_ref()
                .is_some_and(|file| file.root == root.id && !documents.iter().any(|known| known.path == file.path))
        });
        let others: Vec<DocumentInput> = others.filter_map(|document| input(document)).collect();
        documents.extend(others);
    }
    // Of an older revision they serve hovers until the job is done, not the job itself.
    let is_current = Arc::ptr_eq(&group.placed_in, &group.indexes);
    PlaceJob {
        root: root.id,
        path: root.path.clone(),
        home: group.home.clone(),
        generation,
        priority,
        note: group.note.clone(),
        scanned: group.scanned.clone(),
        assumed: root.sources.iter().map(|source| source.meta.assumed_commit.clone()).collect(),
        files: root.files.clone(),
        is_search,
        sources: root.source_names(),
        indexes: group.indexes.clone(),
        details: group.details.clone().filter(|_| is_current),
        known: if is_current { group.placed.clone() } else { Arc::new([]) },
        documents,
        elsewhere: group.elsewhere(),
        rules: root.rules(),
    }
}

fn is_surveyed(survey: &Survey, group: &Group) -> bool {
    match survey {
        Survey::Nothing => false,
        Survey::All => true,
        Survey::Only(paths) => {
            let is_named = |path: &str| paths.binary_search_by(|known| (**known).cmp(path)).is_ok();
            is_named(&group.home)
                || match &group.note {
                    HomeNote::Renamed(from) => is_named(from),
                    // Nobody knows where its findings are now before they were looked for.
                    HomeNote::Deleted | HomeNote::Ambiguous(_) => true,
                    // A finding of a lock file stands in the manifest, and the other way round.
                    HomeNote::Packages => paths.iter().any(|path| manifests::Format::of_path(path).is_some()),
                    HomeNote::Same | HomeNote::Mapped(_) if is_related(group, paths) => true,
                    HomeNote::Same | HomeNote::Mapped(_) | HomeNote::Missing(_) => false,
                }
        }
    }
}

/// Whether a group's home is a dependency file and one of the same kind of packages is among `paths`.
fn is_related(group: &Group, paths: &[Arc<str>]) -> bool {
    let ecosystem = |path: &str| manifests::Format::of_path(path).map(manifests::Format::ecosystem);
    let own = ecosystem(&group.home);
    own.is_some() && paths.iter().any(|path| ecosystem(path) == own)
}

fn input(document: &Document) -> Option<DocumentInput> {
    Some(DocumentInput {
        uri: document.uri.clone(),
        path: document.file.as_ref()?.path.clone(),
        edition: document.edition,
        text: document.text.clone(),
        lines: document.lines.clone(),
        language: document.language,
        parsed: document.parsed.clone(),
        is_parse_current: document.is_parse_current,
    })
}
