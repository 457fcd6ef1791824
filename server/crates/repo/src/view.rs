//! One tree out of those a check can judge: what is on disk, what the next commit will hold, what a commit holds.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::ObjectId;

use crate::content::{self, Lookup, tree_of};
use crate::files::{self, Read};
use crate::index::{Entry, Index, Kind, State};
use crate::repository::commit_id;
use crate::tree::list_tree;
use crate::{Content, Error, MAX_TEXT, Repo, TreeFile, TreeListing};

/// The tree that is judged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum View {
    /// The files on disk.
    WorkTree,
    /// What the next commit will hold; the disk is not looked at.
    Index,
    /// What a commit holds, by its id.
    Commit(String),
}

/// A [`View`] of one folder of a repository. Paths are relative to that folder. A view of the index or of a commit does
/// not change any more; the work tree is read when asked.
#[derive(Clone)]
pub struct TreeView {
    repo: Repo,
    view: View,
    prefix: String,
    source: Source,
}

#[derive(Clone)]
enum Source {
    Disk(PathBuf),
    Index(Arc<Index>),
    /// The folder's own tree.
    Tree(ObjectId),
    /// The commit has no such folder.
    Nothing,
    /// The folder's tree is not in the local object store.
    Absent,
}

impl std::fmt::Debug for TreeView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TreeView").field("view", &self.view).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Repo {
    /// The path of `folder` inside this repository: empty for the root, else ending in `/`. `None` when it lies outside
    /// or its name is not UTF-8.
    #[must_use]
    pub fn prefix_of(&self, folder: &Path) -> Option<String> {
        let physical = std::fs::canonicalize(folder).ok()?;
        let top = std::fs::canonicalize(self.root()).ok()?;
        let inside = physical.strip_prefix(top).ok()?.to_str()?.replace('\\', "/");
        Some(folder_prefix(&inside))
    }

    /// The view of `folder`, relative to the repository's root (`""`, `services/shop` or `services/shop/`).
    ///
    /// Fails for an unknown commit, an index that cannot be understood, or the work tree of a repository without one.
    pub fn view(&self, view: &View, folder: &str) -> Result<TreeView, Error> {
        let prefix = folder_prefix(folder);
        let source = self.with(|repo| match view {
            View::WorkTree if repo.workdir().is_none() => Err(Error::Refused {
                path: self.root().to_path_buf(),
                detail: "it is bare: there is no work tree. Ask about a commit".to_owned(),
            }),
            View::WorkTree => Ok(Source::Disk(self.root().join(&prefix))),
            View::Index => Ok(Source::Index(self.index(repo)?)),
            View::Commit(id) => {
                let commit = commit_id(repo, id).ok_or_else(|| Error::NoCommit { id: id.clone() })?;
                Ok(match folder_in(repo, tree_of(repo, commit)?, &prefix)? {
                    Folder::Tree(id) => Source::Tree(id),
                    Folder::None => Source::Nothing,
                    Folder::Absent => Source::Absent,
                })
            }
        })?;
        Ok(TreeView { repo: self.clone(), view: view.clone(), prefix, source })
    }
}

impl TreeView {
    /// Which tree this is.
    #[must_use]
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The folder inside the repository: empty, or ending in `/`.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The regular files, at most `limit`. The work tree's are those that git tracks or would not ignore. Files that
    /// merging left open are listed when "ours" has them.
    pub fn list(&self, limit: usize) -> Result<TreeListing, Error> {
        let mut listing = TreeListing::default();
        match &self.source {
            Source::Nothing => {}
            Source::Absent => listing.incomplete = true,
            Source::Tree(id) => self.repo.with(|repo| list_tree(repo, *id, String::new(), limit, &mut listing))?,
            Source::Index(index) => self.repo.with(|repo| self.list_index(repo, index, limit, &mut listing))?,
            Source::Disk(root) => self.list_disk(root, limit, &mut listing)?,
        }
        Ok(listing)
    }

    /// The text of `path`, of at most [`MAX_TEXT`] bytes. Links and submodules are not followed.
    pub fn read(&self, path: &str) -> Result<Content, Error> {
        match &self.source {
            Source::Nothing => Ok(Content::NoPath),
            Source::Absent => Ok(Content::Absent),
            Source::Tree(id) => self.repo.with(|repo| content::in_tree(repo, *id, path)),
            Source::Disk(root) => read_disk(root, path),
            Source::Index(index) => self.repo.with(|repo| {
                let path = format!("{}{path}", self.prefix);
                match (index.find(&path), index.folder_of(&path)) {
                    (Some(Entry { kind: Kind::Link, state: State::Plain | State::Sparse | State::Open, .. }), _) => {
                        Ok(Content::Link)
                    }
                    (Some(entry), _) => entry.blob().map_or(Ok(Content::NoPath), |id| content::of_blob(repo, id)),
                    (None, Some((folder, rest))) => content::in_tree(repo, folder.id, rest),
                    (None, None) => Ok(Content::NoPath),
                }
            }),
        }
    }

    /// The submodule that holds `path`, and the commit (hex) it is set to; of the work tree, as the index has it.
    /// `None` where no folder on the way is one.
    #[must_use]
    pub fn submodule_of(&self, path: &str) -> Option<(String, String)> {
        self.repo.with(|repo| {
            let index = match &self.source {
                Source::Index(index) => Some(index.clone()),
                Source::Disk(_) => self.repo.index(repo).ok(),
                Source::Tree(_) | Source::Nothing | Source::Absent => None,
            };
            path.match_indices('/').map(|(at, _)| &path[..at]).find_map(|folder| {
                let id = match (&index, &self.source) {
                    (Some(index), _) => {
                        let whole = format!("{}{folder}", self.prefix);
                        match (index.find(&whole), index.folder_of(&whole)) {
                            (Some(entry), _) => (entry.kind == Kind::Submodule).then_some(entry.id),
                            (None, Some((sparse, rest))) => gitlink(repo, sparse.id, rest),
                            (None, None) => None,
                        }
                    }
                    (None, Source::Tree(tree)) => gitlink(repo, *tree, folder),
                    (None, _) => None,
                };
                Some((folder.to_owned(), id?.to_string()))
            })
        })
    }

    /// The bytes of the regular file `path` of a commit, at most `most`; `None` when there is no such file here, or only a
    /// link or a submodule.
    pub fn bytes(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, Error> {
        let Some(id) = self.blob(path) else { return Ok(None) };
        let id: ObjectId = match id.parse() {
            Ok(id) => id,
            Err(_) => return Ok(None),
        };
        self.repo.with(|repo| content::bytes_of_blob(repo, id, most))
    }

    /// The blob id (hex) of the regular file `path`. For the work tree, of the bytes on disk as they are.
    #[must_use]
    pub fn blob(&self, path: &str) -> Option<String> {
        match &self.source {
            Source::Nothing | Source::Absent => None,
            Source::Tree(id) => self.repo.with(|repo| content::blob_in(repo, *id, path)),
            Source::Disk(root) => {
                let kind = self.repo.with(gix::Repository::object_hash);
                crate::changed::hash_file(root, path, kind).map(|id| id.to_string())
            }
            Source::Index(index) => {
                let whole = format!("{}{path}", self.prefix);
                match (index.find(&whole), index.folder_of(&whole)) {
                    (Some(entry), _) => entry.blob().map(|id| id.to_string()),
                    (None, Some((folder, rest))) => self.repo.with(|repo| content::blob_in(repo, folder.id, rest)),
                    (None, None) => None,
                }
            }
        }
    }

    /// Paths that a merge left open in the index, sorted; none in other views.
    #[must_use]
    pub fn conflicted(&self) -> Vec<Arc<str>> {
        let Source::Index(index) = &self.source else { return Vec::new() };
        let open = index.within(&self.prefix).iter().filter(|entry| entry.is_open());
        open.map(|entry| entry.path[self.prefix.len()..].into()).collect()
    }

    fn list_index(
        &self,
        repo: &gix::Repository,
        index: &Index,
        limit: usize,
        listing: &mut TreeListing,
    ) -> Result<(), Error> {
        // The folder itself may lie in a sparse one.
        if let Some((folder, rest)) = index.folder_of(&self.prefix) {
            match folder_in(repo, folder.id, rest)? {
                Folder::Tree(id) => list_tree(repo, id, String::new(), limit, listing)?,
                Folder::Absent => listing.incomplete = true,
                Folder::None => {}
            }
            return Ok(());
        }
        for entry in index.within(&self.prefix) {
            let path = &entry.path[self.prefix.len()..];
            if entry.kind == Kind::Folder {
                list_tree(repo, entry.id, path.to_owned(), limit, listing)?;
            } else if let Some(blob) = entry.blob() {
                if listing.files.len() >= limit {
                    listing.truncated = true;
                    return Ok(());
                }
                listing.files.push(TreeFile { path: path.into(), blob: blob.to_string() });
            }
        }
        Ok(())
    }

    fn list_disk(&self, root: &Path, limit: usize, listing: &mut TreeListing) -> Result<(), Error> {
        let (paths, truncated) = crate::changed::disk_files(&self.repo, root, &self.prefix, limit)?;
        listing.truncated = truncated;
        listing.files = paths.into_iter().map(|path| TreeFile { path, blob: String::new() }).collect();
        Ok(())
    }
}

fn gitlink(repo: &gix::Repository, tree: ObjectId, path: &str) -> Option<ObjectId> {
    match content::lookup(repo, tree, path).ok()? {
        Lookup::Entry { kind: gix::objs::tree::EntryKind::Commit, id } => Some(id),
        _ => None,
    }
}

/// What a folder is in a tree.
pub(crate) enum Folder {
    Tree(ObjectId),
    None,
    Absent,
}

/// The tree of the folder `prefix` (empty or ending in `/`) below `tree`.
pub(crate) fn folder_in(repo: &gix::Repository, tree: ObjectId, prefix: &str) -> Result<Folder, Error> {
    if prefix.is_empty() {
        return Ok(Folder::Tree(tree));
    }
    Ok(match content::lookup(repo, tree, prefix.trim_end_matches('/'))? {
        Lookup::Entry { kind: gix::objs::tree::EntryKind::Tree, id } => Folder::Tree(id),
        Lookup::Absent => Folder::Absent,
        Lookup::Entry { .. } | Lookup::NoPath => Folder::None,
    })
}

/// `folder` without empty parts: empty, or ending in `/`.
pub(crate) fn folder_prefix(folder: &str) -> String {
    let parts = folder.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.flat_map(|part| [part, "/"]).collect()
}

fn read_disk(root: &Path, path: &str) -> Result<Content, Error> {
    if std::fs::symlink_metadata(root.join(path)).is_ok_and(|meta| meta.is_symlink()) {
        return Ok(Content::Link);
    }
    Ok(match files::read(root, path, MAX_TEXT)? {
        Read::Text(text) => Content::Text(text.into()),
        Read::Bytes(bytes) => Content::Bytes(bytes.into()),
        Read::TooLarge { bytes } => Content::TooLarge { size: bytes },
        Read::Missing | Read::Outside => Content::NoPath,
        Read::Unreadable(detail) => return Err(Error::Unreadable { path: root.join(path), detail }),
    })
}
