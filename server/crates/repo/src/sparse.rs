//! Files that a sparse checkout left out of the work tree: they are what the index says they are.

use std::sync::Arc;

use crate::index::{Entry, Index, Kind, State};
use crate::tree::list_tree;
use crate::{Content, Error, Repo, TreeListing, content};

impl Repo {
    /// The regular files that a sparse checkout leaves out, relative to the repository's root, at most `limit`; none
    /// without a readable index.
    #[must_use]
    pub fn sparse_files(&self, limit: usize) -> Vec<Arc<str>> {
        self.with(|repo| {
            let Ok(index) = self.index(repo) else { return Vec::new() };
            let mut listing = TreeListing::default();
            let mut files: Vec<Arc<str>> = Vec::new();
            for entry in &index.entries {
                if entry.kind == Kind::Folder {
                    // What cannot be listed is missing here, as it is on disk.
                    drop(list_tree(repo, entry.id, entry.path.to_string(), limit, &mut listing));
                } else if is_left_out(entry) && files.len() < limit {
                    files.push(entry.path.clone());
                }
            }
            files.extend(listing.files.into_iter().map(|file| file.path));
            files
        })
    }

    /// What the index has for a file that a sparse checkout leaves out; `None` for all others.
    pub fn sparse_file(&self, path: &str) -> Result<Option<Content>, Error> {
        self.with(|repo| {
            let index = self.index(repo)?;
            read(repo, &index, path)
        })
    }
}

fn read(repo: &gix::Repository, index: &Index, path: &str) -> Result<Option<Content>, Error> {
    match (index.find(path).filter(|entry| is_left_out(entry)), index.folder_of(path)) {
        (Some(entry), _) => content::of_blob(repo, entry.id).map(Some),
        (None, Some((folder, rest))) => content::in_tree(repo, folder.id, rest).map(Some),
        (None, None) => Ok(None),
    }
}

fn is_left_out(entry: &Entry) -> bool {
    entry.state == State::Sparse && entry.kind == Kind::File
}
