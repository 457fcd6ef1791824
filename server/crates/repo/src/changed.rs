//! Which files a change touches: a commit, the index or the work tree against the commit it is judged by.

mod disk;
mod renames;
mod staged;

use std::collections::BTreeMap;
use std::sync::Arc;

use gix::ObjectId;

use crate::changes;
use crate::content::tree_of;
use crate::repository::commit_id;
use crate::view::{Folder, folder_in, folder_prefix};
use crate::{Error, Renamed, Repo, View};

pub(crate) use disk::{files as disk_files, hash_file};

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// The base has no such file.
    Added,
    /// It holds something else than at the base.
    Modified,
    /// The base has it, the judged tree does not.
    Deleted,
    /// The base has it under another name in the same folder of the question.
    Renamed {
        /// The name at the base.
        from: Arc<str>,
    },
}

/// One changed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathChange {
    /// What became of it.
    pub kind: ChangeKind,
    /// Relative to the folder asked about, `/` as separator.
    pub path: Arc<str>,
    /// Blob id (hex) at the base, under the old name; `None` when it was added.
    pub before: Option<String>,
    /// Blob id (hex) now; `None` when it was deleted, and for a file on disk that cannot be read.
    pub after: Option<String>,
}

/// The changed files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathChanges {
    /// Sorted by path; only regular files (a file that became a link is deleted).
    pub files: Vec<PathChange>,
    /// Files that merging left open (index and work tree), sorted. They are among `files` when "ours" differs.
    pub conflicted: Vec<Arc<str>>,
    /// More files differ than the limit allowed, or some folders are not in the local object store.
    pub is_partial: bool,
}

/// A regular file that base and judged tree have differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Difference {
    before: Option<ObjectId>,
    after: After,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Gone,
    Blob(ObjectId),
    /// On disk, and cannot be read.
    Unknown,
}

/// By path, relative to the repository's root.
type Differences = BTreeMap<Arc<str>, Difference>;

impl Repo {
    /// The files of `folder` (relative to the repository's root, `""` for all of it) that `view` has differently from the
    /// commit `base`; without a base every file is added. At most about `limit` files.
    ///
    /// A file that went is paired with one that came by the same blob, else by what `renamed` answers (the one
    /// [`Repo::file_history`] is given); `renamed` is asked only when files both went and came.
    pub fn changes_since(
        &self,
        base: Option<&str>,
        view: &View,
        folder: &str,
        limit: usize,
        renamed: Renamed<'_>,
    ) -> Result<PathChanges, Error> {
        let prefix = folder_prefix(folder);
        self.with(|repo| {
            let tree = |id: &str| {
                let commit = commit_id(repo, id).ok_or_else(|| Error::NoCommit { id: id.to_owned() })?;
                folder_in(repo, tree_of(repo, commit)?, &prefix)
            };
            let mut changes = PathChanges::default();
            let mut present = |folder: Folder| match folder {
                Folder::Tree(id) => Some(Some(id)),
                Folder::None => Some(None),
                Folder::Absent => {
                    changes.is_partial = true;
                    None
                }
            };
            let before = base.map_or(Ok(Folder::None), tree)?;
            let Some(before) = present(before) else { return Ok(changes) };
            let mut differences = match view {
                View::Commit(id) => {
                    let Some(after) = present(tree(id)?) else { return Ok(changes) };
                    let between = changes::between(repo, before, after, limit)?;
                    changes.is_partial = between.is_partial;
                    between.files.into_iter().map(|file| difference(&prefix, &file)).collect()
                }
                View::Index | View::WorkTree => {
                    let index = self.index(repo)?;
                    let staged = staged::against(repo, before, &index, &prefix, limit)?;
                    changes.is_partial = staged.is_partial;
                    let open = index.within(&prefix).iter().filter(|entry| entry.is_open());
                    changes.conflicted = open.map(|entry| entry.path[prefix.len()..].into()).collect();
                    let mut differences: Differences = staged.files;
                    if *view == View::WorkTree {
                        let disk = disk::Disk { repo: self, handle: repo, index: &index, prefix: &prefix };
                        changes.is_partial |= disk.lay_over(&mut differences, limit)?;
                    }
                    differences
                }
            };
            differences.retain(|_, file| file.after != file.before.map_or(After::Gone, After::Blob));
            if differences.len() > limit {
                changes.is_partial = true;
                differences = differences.into_iter().take(limit).collect();
            }
            changes.files = renames::pair(repo, self.root(), differences, renamed)?;
            for file in &mut changes.files {
                file.path = file.path[prefix.len()..].into();
                if let ChangeKind::Renamed { from } = &mut file.kind {
                    *from = from[prefix.len()..].into();
                }
            }
            Ok(changes)
        })
    }

    /// What the next commit changes: the index against HEAD. Before the first commit every file is added.
    pub fn staged_changes(&self, folder: &str, limit: usize, renamed: Renamed<'_>) -> Result<PathChanges, Error> {
        let head = self.head()?.commit;
        self.changes_since(head.as_deref(), &View::Index, folder, limit, renamed)
    }

    /// What is not committed yet: the work tree against HEAD, untracked files included unless they are ignored.
    pub fn work_tree_changes(&self, folder: &str, limit: usize, renamed: Renamed<'_>) -> Result<PathChanges, Error> {
        let head = self.head()?.commit;
        self.changes_since(head.as_deref(), &View::WorkTree, folder, limit, renamed)
    }
}

fn difference(prefix: &str, file: &changes::Changed) -> (Arc<str>, Difference) {
    let after = file.after.map_or(After::Gone, After::Blob);
    (format!("{prefix}{}", file.path).into(), Difference { before: file.before, after })
}
