//! An immutable, cheap view of the state: what requests answer from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::Settings;
use finding::wire::{Counts, StatusInfo};
use finding::{FindingId, Row};

use crate::document::Document;
use crate::effects::{FileRef, PlaceJob};
use crate::files::{homes_in, shown_files};
use crate::group::{Group, Placed};
use crate::root::{Root, RootId};
use crate::schedule;
use crate::shown::{self, Shown};
use crate::state::{State, absolute};
use crate::status;

/// The state at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    state: Arc<State>,
}

impl Snapshot {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// Roots in order.
    pub fn roots(&self) -> impl Iterator<Item = &Root> {
        self.state.roots.values().map(|root| &**root)
    }

    /// Whether the client trusts the workspace: without that, nothing is asked over the network.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.state.trusted
    }

    /// One root.
    #[must_use]
    pub fn root(&self, id: RootId) -> Option<&Root> {
        self.state.roots.get(&id).map(|root| &**root)
    }

    /// The editor's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.state.settings
    }

    /// The open document, as the client names it.
    #[must_use]
    pub fn document(&self, uri: &str) -> Option<&Arc<Document>> {
        self.state.documents.get(uri)
    }

    /// The open document of a file.
    #[must_use]
    pub fn document_of(&self, file: &FileRef) -> Option<&Arc<Document>> {
        self.state.document_of(file.root, &file.path)
    }

    /// The file of a root that a path is.
    #[must_use]
    pub fn file_of(&self, path: &Path) -> Option<FileRef> {
        self.state.file_of(path)
    }

    /// Where a file is on disk.
    #[must_use]
    pub fn path_of(&self, file: &FileRef) -> Option<PathBuf> {
        Some(absolute(&self.root(file.root)?.path, &file.path))
    }

    /// Every file that may have findings shown on it.
    #[must_use]
    pub fn shown_files(&self) -> Vec<FileRef> {
        self.roots().flat_map(shown_files).collect()
    }

    /// What is shown on a file, in text order.
    #[must_use]
    pub fn shown(&self, file: &FileRef) -> Vec<Shown> {
        let Some(root) = self.root(file.root) else { return Vec::new() };
        let minimum = self.state.settings.minimum_severity;
        let mut shown: Vec<Shown> = homes_in(root, &file.path)
            .iter()
            .filter_map(|home| root.groups.get(home))
            .flat_map(|group| shown::of_group(root.id, group, &file.path, minimum))
            .collect();
        shown.sort_by_key(|shown| shown.range().map(|range| (range.start, range.end)));
        shown
    }

    /// Whether every group with findings in a file is verified against its current text.
    #[must_use]
    pub fn is_verified(&self, file: &FileRef) -> bool {
        let Some(root) = self.root(file.root) else { return true };
        root.is_mapped
            && homes_in(root, &file.path).iter().filter_map(|home| root.groups.get(home)).all(|g| g.is_verified)
    }

    /// All findings with their placement, by home; those whose source names no file have none.
    pub fn all<'s>(&'s self, root: &'s Root) -> impl Iterator<Item = (&'s Group, &'s Placed, &'s Row)> {
        root.groups.values().flat_map(|group| group.placed.iter().map(|placed| (&**group, placed, group.row(placed))))
    }

    /// The finding that `typed` names, by whole id or a start of it.
    #[must_use]
    pub fn find(&self, typed: &str) -> Vec<(RootId, FindingId)> {
        let rows = self.roots().flat_map(|root| {
            root.sources.iter().flat_map(move |source| source.index.rows().iter().map(move |row| (root.id, &row.id)))
        });
        let mut found = Vec::new();
        for (root, id) in rows {
            if id.as_str() == typed {
                return vec![(root, id.clone())];
            }
            if id.answers_to(typed) {
                found.push((root, id.clone()));
            }
        }
        found
    }

    /// The group that holds a finding, and which of its placed findings that is.
    #[must_use]
    pub fn holder(&self, id: &FindingId) -> Option<(&Root, &Group, usize)> {
        self.roots().find_map(|root| {
            root.groups.values().find_map(|group| {
                let at = group.placed.iter().position(|placed| group.row(placed).id == *id)?;
                Some((root, &**group, at))
            })
        })
    }

    /// The job that looks a group over once more for whoever asks, in full.
    #[must_use]
    pub fn inspection(&self, root: RootId, home: &str) -> Option<PlaceJob> {
        schedule::inspection(&self.state, root, home)
    }

    /// Findings added up.
    #[must_use]
    pub fn counts(&self) -> Counts {
        status::counts(&self.state)
    }

    /// What `aspm/status` tells.
    #[must_use]
    pub fn status(&self) -> StatusInfo {
        status::of(&self.state)
    }
}
