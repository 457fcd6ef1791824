//! Everything the host knows. Cheap to clone: shared parts throughout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::Settings;
use rpds::HashTrieMapSync;

use crate::change::Survey;
use crate::document::Document;
use crate::effects::FileRef;
use crate::root::{Root, RootId};

#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) roots: BTreeMap<RootId, Arc<Root>>,
    pub(crate) next_root: u32,
    pub(crate) documents: HashTrieMapSync<Arc<str>, Arc<Document>>,
    pub(crate) settings: Settings,
    pub(crate) settings_problems: Arc<[String]>,
    pub(crate) trusted: bool,
    /// Counts placement jobs.
    pub(crate) generation: u64,
    /// Counts texts of documents.
    pub(crate) edition: u64,
    /// Which closed files are placed as well.
    pub(crate) survey: Survey,
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            roots: BTreeMap::new(),
            next_root: 0,
            documents: HashTrieMapSync::new_sync(),
            settings: Settings::default(),
            settings_problems: Arc::new([]),
            trusted: true,
            generation: 0,
            edition: 0,
            survey: Survey::Nothing,
        }
    }

    pub(crate) fn root_mut(&mut self, id: RootId) -> Option<&mut Root> {
        self.roots.get_mut(&id).map(Arc::make_mut)
    }

    /// The file of a root that `path` is: the innermost root wins.
    pub(crate) fn file_of(&self, path: &Path) -> Option<FileRef> {
        self.roots
            .values()
            .filter_map(|root| Some((root, path.strip_prefix(&root.path).ok()?)))
            .max_by_key(|(root, _)| root.path.components().count())
            .and_then(|(root, relative)| Some(FileRef { root: root.id, path: slashed(relative)? }))
    }

    /// The open document of a file.
    pub(crate) fn document_of(&self, root: RootId, path: &str) -> Option<&Arc<Document>> {
        self.documents
            .values()
            .find(|document| document.file.as_ref().is_some_and(|file| file.root == root && &*file.path == path))
    }
}

/// A relative path with `/`; `None` for the empty path and for names that are not UTF-8.
pub(crate) fn slashed(relative: &Path) -> Option<Arc<str>> {
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("/").into())
}

pub(crate) fn absolute(root: &Path, relative: &str) -> PathBuf {
    relative.split('/').fold(root.to_path_buf(), |path, part| path.join(part))
}
