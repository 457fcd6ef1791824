//! The index against a tree, folder by folder: equal folders cost one small object each.

use std::collections::BTreeSet;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use super::{After, Difference, Differences, difference};
use crate::Error;
use crate::changes::{self, Entries, MAX_DEPTH, entries};
use crate::index::{Entry, Index};

/// What the index has differently.
#[derive(Default)]
pub(super) struct Staged {
    pub(super) files: Differences,
    pub(super) is_partial: bool,
}

/// A folder still to be compared: its path, its tree, its part of the index.
struct Open<'i> {
    prefix: String,
    tree: Option<ObjectId>,
    entries: &'i [Entry],
    depth: usize,
}

/// Compares `tree`, which is the folder `prefix` of the base, with that folder of the index.
pub(super) fn against(
    repo: &gix::Repository,
    tree: Option<ObjectId>,
    index: &Index,
    prefix: &str,
    limit: usize,
) -> Result<Staged, Error> {
    let mut staged = Staged::default();
    if let Some((folder, rest)) = index.folder_of(prefix) {
        let inside = match crate::view::folder_in(repo, folder.id, rest)? {
            crate::view::Folder::Tree(id) => Some(id),
            crate::view::Folder::None => None,
            crate::view::Folder::Absent => return Ok(Staged { is_partial: true, ..staged }),
        };
        staged.add_trees(repo, (tree, inside), prefix, limit)?;
        return Ok(staged);
    }
    // Folders of an exploding tree are many without holding files.
    let mut folders_left = index.entries.len().saturating_add(limit).saturating_add(1000);
    let mut open = vec![Open { prefix: prefix.to_owned(), tree, entries: index.within(prefix), depth: 0 }];
    while let Some(folder) = open.pop() {
        if folders_left == 0 || folder.depth > MAX_DEPTH || staged.files.len() > limit {
            staged.is_partial = true;
            break;
        }
        folders_left -= 1;
        let Some(before) = entries(repo, folder.tree)? else {
            staged.is_partial = true;
            continue;
        };
        staged.compare(repo, folder, &before, &mut open, limit)?;
    }
    Ok(staged)
}

impl Staged {
    fn compare<'i>(
        &mut self,
        repo: &gix::Repository,
        folder: Open<'i>,
        before: &Entries,
        open: &mut Vec<Open<'i>>,
        limit: usize,
    ) -> Result<(), Error> {
        let Open { prefix, tree, mut entries, depth } = folder;
        let mut seen_files = BTreeSet::new();
        let mut seen_folders = BTreeSet::new();
        while let Some(entry) = entries.first() {
            let rest = &entry.path[prefix.len()..];
            if rest.is_empty() {
                // This folder itself, left out by a sparse checkout.
                return self.add_trees(repo, (tree, Some(entry.id)), &prefix, limit);
            }
            let Some((name, _)) = rest.split_once('/') else {
                entries = &entries[1..];
                seen_files.insert(rest);
                let after = entry.blob().map_or(After::Gone, After::Blob);
                self.add(format!("{prefix}{rest}"), file(before, rest), after);
                continue;
            };
            let inner = format!("{prefix}{name}/");
            let end = entries.partition_point(|entry| entry.path.starts_with(&inner));
            let (inside, after) = entries.split_at(end.max(1));
            entries = after;
            seen_folders.insert(name);
            let tree = subtree(before, name);
            open.push(Open { prefix: inner, tree, entries: inside, depth: depth + 1 });
        }
        for (name, (kind, id)) in before {
            let Ok(name) = std::str::from_utf8(name) else { continue };
            match kind {
                EntryKind::Blob | EntryKind::BlobExecutable if !seen_files.contains(name) => {
                    self.add(format!("{prefix}{name}"), Some(*id), After::Gone);
                }
                EntryKind::Tree if !seen_folders.contains(name) => {
                    open.push(Open {
                        prefix: format!("{prefix}{name}/"),
                        tree: Some(*id),
                        entries: &[],
                        depth: depth + 1,
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn add(&mut self, path: String, before: Option<ObjectId>, after: After) {
        if before.map_or(After::Gone, After::Blob) != after {
            self.files.insert(path.into(), Difference { before, after });
        }
    }

    fn add_trees(
        &mut self,
        repo: &gix::Repository,
        (before, after): (Option<ObjectId>, Option<ObjectId>),
        prefix: &str,
        limit: usize,
    ) -> Result<(), Error> {
        let between = changes::between(repo, before, after, limit)?;
        self.is_partial |= between.is_partial;
        self.files.extend(between.files.into_iter().map(|file| difference(prefix, &file)));
        Ok(())
    }
}

fn file(before: &Entries, name: &str) -> Option<ObjectId> {
    let (kind, id) = before.get(name.as_bytes())?;
    matches!(kind, EntryKind::Blob | EntryKind::BlobExecutable).then_some(*id)
}

fn subtree(before: &Entries, name: &str) -> Option<ObjectId> {
    before.get(name.as_bytes()).filter(|(kind, _)| *kind == EntryKind::Tree).map(|(_, id)| *id)
}
