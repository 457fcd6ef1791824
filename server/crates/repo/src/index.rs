//! Git's index: what the next commit will hold.
//!
//! Read by this crate itself, since a file built to harm can make a general reader recurse or allocate without bound.

mod bitmap;
mod decode;
mod load;

use std::sync::Arc;

use gix::ObjectId;

pub(crate) use load::{Cache, low_bits};

/// What an entry of the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Link,
    /// A submodule: its id is of a commit of another repository.
    Submodule,
    /// A folder outside a sparse checkout, whose id is of a tree. Its path ends in `/`.
    Folder,
}

/// One path of the index.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Relative to the work tree's root.
    pub(crate) path: Arc<str>,
    pub(crate) kind: Kind,
    pub(crate) id: ObjectId,
    pub(crate) stat: Stat,
    pub(crate) state: State,
}

/// How an entry stands to the next commit and to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Plain,
    /// Announced (`git add --intent-to-add`): the next commit will not hold it.
    Announced,
    /// Deliberately not on disk: a sparse checkout.
    Sparse,
    /// Merging left it open; the entry is "ours".
    Open,
    /// Merging left it open, and "ours" has no such file.
    OpenWithoutOurs,
}

/// A file's facts when git last compared it with the entry. Each is cut to 32 bits, as git does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) changed: (u32, u32),
    pub(crate) modified: (u32, u32),
    pub(crate) inode: u32,
    pub(crate) size: u32,
}

/// The index, one entry for each path.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// In byte order of the paths, without duplicates; paths that are not UTF-8 are left out.
    pub(crate) entries: Vec<Entry>,
    /// When the index was written: what a file's time equals or exceeds may have changed unnoticed.
    pub(crate) written: (u32, u32),
    pub(crate) has_folders: bool,
}

impl Entry {
    /// The blob, when the next commit holds a regular file here.
    pub(crate) fn blob(&self) -> Option<ObjectId> {
        let is_held = !matches!(self.state, State::Announced | State::OpenWithoutOurs);
        (self.kind == Kind::File && is_held).then_some(self.id)
    }

    /// Whether merging left the path open.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open | State::OpenWithoutOurs)
    }
}

impl Index {
    pub(crate) fn find(&self, path: &str) -> Option<&Entry> {
        self.entries.binary_search_by(|entry| (*entry.path).cmp(path)).ok().map(|at| &self.entries[at])
    }

    /// The sparse folder that holds `path`, and the rest of the path inside it.
    pub(crate) fn folder_of<'p>(&self, path: &'p str) -> Option<(&Entry, &'p str)> {
        if !self.has_folders {
            return None;
        }
        path.match_indices('/').find_map(|(at, _)| {
            let entry = self.find(&path[..=at]).filter(|entry| entry.kind == Kind::Folder)?;
            Some((entry, &path[at + 1..]))
        })
    }

    /// The entries whose paths begin with `prefix` (empty or ending in `/`).
    pub(crate) fn within(&self, prefix: &str) -> &[Entry] {
        let from = self.entries.partition_point(|entry| &*entry.path < prefix);
        let inside = self.entries[from..].partition_point(|entry| entry.path.starts_with(prefix));
        &self.entries[from..from + inside]
    }
}
