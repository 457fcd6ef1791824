//! Which files differ between two trees; equal folders are not opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use gix::objs::TreeRefIter;
use gix::objs::tree::EntryKind;
use gix::{ObjectId, bstr::BString};

use crate::Error;

pub(crate) const MAX_DEPTH: usize = 256;

/// A regular file that two trees have differently. Ids are of blobs.
pub(crate) struct Changed {
    pub(crate) path: Arc<str>,
    pub(crate) before: Option<ObjectId>,
    pub(crate) after: Option<ObjectId>,
}

/// What two trees have differently.
#[derive(Default)]
pub(crate) struct Changes {
    /// In no order that means anything.
    pub(crate) files: Vec<Changed>,
    /// There are more, or some folders are not in the local object store.
    pub(crate) is_partial: bool,
}

pub(crate) fn between(
    repo: &gix::Repository,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Changes, Error> {
    let mut changes = Changes::default();
    // Folders of an exploding tree are many without holding files.
    let mut folders_left = limit.saturating_add(1000);
    let mut open = vec![(String::new(), before, after, 0)];
    while let Some((prefix, before, after, depth)) = open.pop() {
        if before == after {
            continue;
        }
        if folders_left == 0 || depth > MAX_DEPTH || changes.files.len() >= limit {
            changes.is_partial = true;
            break;
        }
        folders_left -= 1;
        let (Some(old), Some(new)) = (entries(repo, before)?, entries(repo, after)?) else {
            changes.is_partial = true;
            continue;
        };
        let mut names: Vec<&BString> = old.keys().chain(new.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let (was, is) = (old.get(name), new.get(name));
            if was == is {
                continue;
            }
            let Ok(name) = std::str::from_utf8(name) else { continue };
            let file = |entry: Option<&(EntryKind, ObjectId)>| {
                entry
                    .filter(|entry| matches!(entry.0, EntryKind::Blob | EntryKind::BlobExecutable))
                    .map(|entry| entry.1)
            };
            let folder = |entry: Option<&(EntryKind, ObjectId)>| {
                entry.filter(|entry| entry.0 == EntryKind::Tree).map(|entry| entry.1)
            };
            let (old_file, new_file) = (file(was), file(is));
            if old_file != new_file {
                changes.files.push(Changed {
                    path: format!("{prefix}{name}").into(),
                    before: old_file,
                    after: new_file,
                });
            }
            let (old_folder, new_folder) = (folder(was), folder(is));
            if old_folder != new_folder {
                open.push((format!("{prefix}{name}/"), old_folder, new_folder, depth + 1));
            }
        }
    }
    Ok(changes)
}

pub(crate) type Entries = BTreeMap<BString, (EntryKind, ObjectId)>;

/// The entries of a tree; none of no tree; `None` when the tree is not in the object store.
pub(crate) fn entries(repo: &gix::Repository, tree: Option<ObjectId>) -> Result<Option<Entries>, Error> {
    let Some(id) = tree else { return Ok(Some(Entries::new())) };
    let Some(object) = repo.try_find_object(id).map_err(Error::object(id))? else { return Ok(None) };
    let mut entries = Entries::new();
    for entry in TreeRefIter::from_bytes(&object.data, id.kind()) {
        let entry = entry.map_err(Error::object(id))?;
        entries.insert(entry.filename.to_owned(), (entry.mode.kind(), entry.oid.to_owned()));
    }
    Ok(Some(entries))
}
