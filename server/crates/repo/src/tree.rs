//! All files of a commit, bounded against trees built to explode.

use std::sync::Arc;

use gix::objs::TreeRefIter;
use gix::objs::tree::EntryKind;
use gix::{ObjectId, objs};

use crate::Error;
use crate::content::tree_of;

const MAX_DEPTH: usize = 256;
const MAX_PATH_BYTES: usize = 4096;

/// The files of a commit, or of another [`crate::View`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TreeListing {
    /// Regular files; links, submodules and names that are not UTF-8 are left out.
    pub files: Vec<TreeFile>,
    /// More files exist than the limit allowed.
    pub truncated: bool,
    /// Some folders' objects are not in the local object store (a treeless clone): their files are missing here.
    pub incomplete: bool,
}

/// A file of a commit, or of another [`crate::View`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// Relative to the root, `/` as separator.
    pub path: Arc<str>,
    /// Blob id in hex; empty in a listing of the work tree, where nothing is hashed.
    pub blob: String,
}

enum Step {
    File(String, ObjectId),
    Folder(String, ObjectId, usize),
}

pub(crate) fn list(repo: &gix::Repository, commit: ObjectId, limit: usize) -> Result<TreeListing, Error> {
    let mut listing = TreeListing::default();
    list_tree(repo, tree_of(repo, commit)?, String::new(), limit, &mut listing)?;
    Ok(listing)
}

/// Adds the files of `tree`, whose paths begin with `prefix` (empty or ending in `/`), until `listing` has `limit`.
pub(crate) fn list_tree(
    repo: &gix::Repository,
    tree: ObjectId,
    prefix: String,
    limit: usize,
    listing: &mut TreeListing,
) -> Result<(), Error> {
    // A tree that names one subtree many times, level by level, has few objects and endless folders.
    let mut folders_left = limit.saturating_add(1000);
    // A stack whose top is the next entry in git's order.
    let mut stack = vec![Step::Folder(prefix, tree, 0)];
    while let Some(step) = stack.pop() {
        let (prefix, id, depth) = match step {
            Step::File(path, id) => {
                if listing.files.len() == limit {
                    listing.truncated = true;
                    break;
                }
                listing.files.push(TreeFile { path: path.into(), blob: id.to_string() });
                continue;
            }
            Step::Folder(prefix, id, depth) => (prefix, id, depth),
        };
        if depth > MAX_DEPTH || prefix.len() > MAX_PATH_BYTES || folders_left == 0 {
            listing.truncated = true;
            continue;
        }
        folders_left -= 1;
        let Some(tree) = repo.try_find_object(id).map_err(Error::object(id))? else {
            listing.incomplete = true;
            continue;
        };
        let from = stack.len();
        for entry in TreeRefIter::from_bytes(&tree.data, id.kind()) {
            let entry: objs::tree::EntryRef<'_> = entry.map_err(Error::object(id))?;
            let Ok(name) = std::str::from_utf8(entry.filename) else { continue };
            match entry.mode.kind() {
                EntryKind::Tree => stack.push(Step::Folder(format!("{prefix}{name}/"), entry.oid.into(), depth + 1)),
                EntryKind::Blob | EntryKind::BlobExecutable => {
                    stack.push(Step::File(format!("{prefix}{name}"), entry.oid.into()));
                }
                EntryKind::Link | EntryKind::Commit => {}
            }
        }
        stack[from..].reverse();
    }
    Ok(())
}
