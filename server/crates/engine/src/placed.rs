//! Finished placements.

use std::sync::Arc;

use crate::change::Placing;
use crate::document::Document;
use crate::effects::{Effects, FileRef};
use crate::files;
use crate::group::Group;
use crate::root::RootId;
use crate::schedule;
use crate::state::State;

/// Parses kept, of the documents parsed last.
const KEPT_PARSES: usize = 8;

impl State {
    pub(crate) fn placed(&mut self, id: RootId, placing: Placing) -> Effects {
        let mut effects = Effects::default();
        let Placing { home, generation, details, placed, documents, is_changed, consulted, changed, problems } =
            placing;
        let Some(group) = self.roots.get(&id).and_then(|root| root.groups.get(&home)) else { return effects };
        if group.in_flight != Some(generation) {
            return effects;
        }
        // A dependency file that was opened meanwhile counts as it is in the editor.
        let is_missed = |path: &Arc<str>| {
            let known = |document: &Arc<Document>| documents.iter().any(|(uri, _, _)| *uri == document.uri);
            self.document_of(id, path).is_some_and(|document| !known(document))
        };
        let mut is_current = !consulted.iter().any(is_missed);
        for (uri, edition, parsed) in documents {
            let Some(document) = self.documents.get(&uri).filter(|document| document.edition == edition) else {
                is_current = false;
                continue;
            };
            if let Some(parsed) = parsed {
                let document = Document::clone(document);
                let parsed = Some(parsed);
                let document = Document { parsed, is_parse_current: true, parsed_at: generation, ..document };
                self.documents.insert_mut(uri, Arc::new(document));
                self.forget_old_parses();
            }
        }
        let Some(root) = self.root_mut(id) else { return effects };
        let Some(group) = root.groups.get(&home) else { return effects };
        let (before, passed_before) = (group.touches(), group.passes());
        let mut group = Group { in_flight: None, is_changed, problems, ..Group::clone(group) };
        if is_current {
            group.placed = placed.into();
            group.consulted = consulted.into();
            group.changed = changed.into();
            group.placed_in = group.indexes.clone();
            group.details = Some(details);
            group.is_placed = true;
            group.is_verified = true;
            group.count();
        } else {
            group.details = Some(details);
        }
        let (after, passed_after) = (group.touches(), group.passes());
        root.groups.insert_mut(home.clone(), Arc::new(group));
        files::moved(&mut root.visitors, &home, &before, &after);
        files::moved(&mut root.passers, &home, &passed_before, &passed_after);
        if !is_current {
            schedule::group(self, id, &home, false, &mut effects);
            return effects;
        }
        let is_open = std::iter::once(&home).chain(&after).any(|path| self.document_of(id, path).is_some());
        if !is_open {
            self.forget_details(id, &home);
        }
        effects.status = true;
        let mut paths: Vec<Arc<str>> = before.into_iter().chain(after).chain([home]).collect();
        paths.sort_unstable();
        paths.dedup();
        paths.retain(|path| !path.is_empty());
        effects.publish = paths.into_iter().map(|path| FileRef { root: id, path }).collect();
        effects
    }

    /// A tree is many times its text. Those of documents that nobody edited for long are made again when needed.
    fn forget_old_parses(&mut self) {
        let mut parsed: Vec<&Arc<Document>> =
            self.documents.values().filter(|document| document.parsed.is_some()).collect();
        if parsed.len() <= KEPT_PARSES {
            return;
        }
        parsed.sort_unstable_by_key(|document| std::cmp::Reverse(document.parsed_at));
        let old: Vec<Arc<Document>> = parsed.into_iter().skip(KEPT_PARSES).cloned().collect();
        for document in old {
            let document = Document { parsed: None, is_parse_current: false, ..Document::clone(&document) };
            self.documents.insert_mut(document.uri.clone(), Arc::new(document));
        }
    }

    fn forget_details(&mut self, id: RootId, home: &Arc<str>) {
        let Some(root) = self.root_mut(id) else { return };
        let Some(group) = root.groups.get(home) else { return };
        let group = Group { details: None, ..Group::clone(group) };
        root.groups.insert_mut(home.clone(), Arc::new(group));
    }

    pub(crate) fn late(&mut self, id: RootId, home: &Arc<str>, generation: u64) -> Effects {
        let group = self.roots.get(&id).and_then(|root| root.groups.get(home));
        let is_late = group.is_some_and(|group| group.in_flight == Some(generation) && group.is_placed);
        let paths = group.filter(|_| is_late).map(|group| shown_in(group)).unwrap_or_default();
        let publish = paths.into_iter().map(|path| FileRef { root: id, path }).collect();
        Effects { publish, is_late, ..Effects::default() }
    }

    pub(crate) fn failed(&mut self, id: RootId, home: &Arc<str>, generation: u64, why: String) -> Effects {
        let Some(root) = self.root_mut(id) else { return Effects::default() };
        let Some(group) = root.groups.get(home).filter(|group| group.in_flight == Some(generation)) else {
            return Effects::default();
        };
        let group = Group { in_flight: None, problems: vec![why], ..Group::clone(group) };
        let publish = shown_in(&group).into_iter().map(|path| FileRef { root: id, path }).collect();
        root.groups.insert_mut(home.clone(), Arc::new(group));
        Effects { publish, status: true, ..Effects::default() }
    }
}

/// Files that show findings of a group, the home first.
fn shown_in(group: &Group) -> Vec<Arc<str>> {
    let mut paths = vec![group.home.clone()];
    paths.extend(group.touches());
    paths.retain(|path| !path.is_empty());
    paths
}
