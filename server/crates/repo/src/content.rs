//! One file at one commit.

use std::sync::Arc;

use gix::objs::tree::EntryKind;
use gix::{ObjectId, objs};

use crate::Error;
use crate::decode::{decode, looks_binary};

/// The largest file that is read as text, in bytes (8 MiB).
pub const MAX_TEXT: u64 = 8 << 20;

/// What a path is at a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The file's text: the blob's bytes as they are (line endings, a byte order mark).
    Text(Arc<str>),
    /// The bytes of a file that is not UTF-8 text, or holds NUL bytes; [`crate::decode`] makes the best of them.
    Bytes(Arc<[u8]>),
    /// A file of more than [`MAX_TEXT`] bytes.
    TooLarge {
        /// Its size in bytes.
        size: u64,
    },
    /// The commit is not in the local object store.
    NoCommit,
    /// The commit has no file of this name (none at all, a folder, or a submodule).
    NoPath,
    /// The commit is there and an object on the way to the text is not: a partial clone. It is not fetched.
    Absent,
    /// A symbolic link.
    Link,
}

impl Content {
    /// The file as text in whatever encoding; `None` where there is no file to read.
    #[must_use]
    pub fn decoded(self) -> Option<Arc<str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(bytes) => Some(decode(&bytes).text.into()),
            Self::TooLarge { .. } | Self::NoCommit | Self::NoPath | Self::Absent | Self::Link => None,
        }
    }
}

/// Where following a path through trees ended.
pub(crate) enum Lookup {
    Entry { kind: EntryKind, id: ObjectId },
    NoPath,
    Absent,
}

pub(crate) fn at(repo: &gix::Repository, commit: ObjectId, path: &str) -> Result<Content, Error> {
    in_tree(repo, tree_of(repo, commit)?, path)
}

pub(crate) fn in_tree(repo: &gix::Repository, tree: ObjectId, path: &str) -> Result<Content, Error> {
    let id = match lookup(repo, tree, path)? {
        Lookup::Absent => return Ok(Content::Absent),
        Lookup::Entry { kind: EntryKind::Link, .. } => return Ok(Content::Link),
        Lookup::Entry { kind: EntryKind::Blob | EntryKind::BlobExecutable, id } => id,
        Lookup::NoPath | Lookup::Entry { .. } => return Ok(Content::NoPath),
    };
    of_blob(repo, id)
}

/// The text of a blob.
pub(crate) fn of_blob(repo: &gix::Repository, id: ObjectId) -> Result<Content, Error> {
    let Some(header) = repo.try_find_header(id).map_err(Error::object(id))? else { return Ok(Content::Absent) };
    if header.size() > MAX_TEXT {
        return Ok(Content::TooLarge { size: header.size() });
    }
    let Some(mut object) = repo.try_find_object(id).map_err(Error::object(id))? else { return Ok(Content::Absent) };
    if object.kind != objs::Kind::Blob {
        return Err(Error::Object { id: id.to_string(), detail: "it is not a file's content".to_owned() });
    }
    Ok(match as_text(std::mem::take(&mut object.data)) {
        Ok(text) => Content::Text(text.into()),
        Err(bytes) => Content::Bytes(bytes.into()),
    })
}

/// The bytes of a blob, whatever they are.
pub(crate) fn bytes_of_blob(repo: &gix::Repository, id: ObjectId, most: usize) -> Result<Option<Vec<u8>>, Error> {
    let Some(header) = repo.try_find_header(id).map_err(Error::object(id))? else { return Ok(None) };
    if header.size() > most as u64 {
        let detail = format!("it has {} bytes; at most {most} are read", header.size());
        return Err(Error::Object { id: id.to_string(), detail });
    }
    let Some(mut object) = repo.try_find_object(id).map_err(Error::object(id))? else { return Ok(None) };
    Ok((object.kind == objs::Kind::Blob).then(|| std::mem::take(&mut object.data)))
}

pub(crate) fn blob_at(repo: &gix::Repository, commit: ObjectId, path: &str) -> Option<String> {
    blob_in(repo, tree_of(repo, commit).ok()?, path)
}

/// The blob id (hex) of the regular file `path` below `tree`.
pub(crate) fn blob_in(repo: &gix::Repository, tree: ObjectId, path: &str) -> Option<String> {
    match lookup(repo, tree, path).ok()? {
        Lookup::Entry { kind: EntryKind::Blob | EntryKind::BlobExecutable, id } => Some(id.to_string()),
        _ => None,
    }
}

/// Git's own idea of text: no NUL in the first 8,000 bytes; and it must be UTF-8.
pub(crate) fn as_text(bytes: Vec<u8>) -> Result<String, Vec<u8>> {
    if looks_binary(&bytes) {
        return Err(bytes);
    }
    String::from_utf8(bytes).map_err(std::string::FromUtf8Error::into_bytes)
}

/// What `path` is below `tree`.
pub(crate) fn lookup(repo: &gix::Repository, mut tree: ObjectId, path: &str) -> Result<Lookup, Error> {
    let mut names = path.split('/').peekable();
    while let Some(name) = names.next() {
        let Some(object) = repo.try_find_object(tree).map_err(Error::object(tree))? else { return Ok(Lookup::Absent) };
        let mut found = None;
        for entry in objs::TreeRefIter::from_bytes(&object.data, tree.kind()) {
            let entry = entry.map_err(Error::object(tree))?;
            if entry.filename == name {
                found = Some((entry.mode, entry.oid.to_owned()));
                break;
            }
        }
        match found {
            Some((mode, id)) if names.peek().is_none() => return Ok(Lookup::Entry { kind: mode.kind(), id }),
            Some((mode, id)) if mode.is_tree() => tree = id,
            None | Some(_) => return Ok(Lookup::NoPath),
        }
    }
    Ok(Lookup::NoPath)
}

pub(crate) fn tree_of(repo: &gix::Repository, commit: ObjectId) -> Result<ObjectId, Error> {
    let object = repo.find_commit(commit).map_err(Error::object(commit))?;
    Ok(object.tree_id().map_err(Error::object(commit))?.detach())
}
