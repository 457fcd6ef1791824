//! The files on disk, over what the index says: read only where size or times leave a doubt.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::ObjectId;
use gix::hash::Kind as HashKind;

use super::{After, Difference, Differences};
use crate::files::{self, Limits};
use crate::index::{Entry, Index, Kind, Stat, State, low_bits};
use crate::{Error, Repo};

/// Files with line ends of Windows are compared without them up to this size (bytes).
const MAX_CONVERTED: u64 = 8 << 20;

pub(super) struct Disk<'a> {
    pub(super) repo: &'a Repo,
    pub(super) handle: &'a gix::Repository,
    pub(super) index: &'a Index,
    pub(super) prefix: &'a str,
}

impl Disk<'_> {
    /// Turns differences between base and index into those between base and disk. Whether not all files were seen.
    pub(super) fn lay_over(&self, differences: &mut Differences, limit: usize) -> Result<bool, Error> {
        if self.handle.workdir().is_none() {
            let detail = "it is bare: there is no work tree. Ask about a commit".to_owned();
            return Err(Error::Refused { path: self.repo.root().to_path_buf(), detail });
        }
        let root = physical(self.repo.root())?;
        let mut folders = Folders::new(&root);
        let kind = self.handle.object_hash();
        for entry in self.index.within(self.prefix) {
            let Some(after) = self.on_disk(&root, &mut folders, entry, kind) else { continue };
            // The index agrees with the base where there is no difference yet.
            let before = differences.get(&entry.path).map_or(entry.blob(), |known| known.before);
            differences.insert(entry.path.clone(), Difference { before, after });
            if differences.len() > limit.saturating_mul(2) {
                return Ok(true);
            }
        }
        let listing = files::list(&root.join(self.prefix), Limits::default(), &|| false);
        for path in listing.paths {
            let path: Arc<str> = if self.prefix.is_empty() { path } else { format!("{}{path}", self.prefix).into() };
            if self.index.find(&path).is_some() {
                continue;
            }
            let before = differences.get(&path).and_then(|known| known.before);
            let after = hash(&root.join(&*path), kind).map_or(After::Unknown, After::Blob);
            differences.insert(path, Difference { before, after });
            if differences.len() > limit.saturating_mul(2) {
                return Ok(true);
            }
        }
        Ok(listing.truncated)
    }

    /// What lies on disk for an entry; `None` when it is what the entry says, or no regular file was expected.
    fn on_disk(&self, root: &Path, folders: &mut Folders, entry: &Entry, kind: HashKind) -> Option<After> {
        let is_file = entry.kind == Kind::File;
        if matches!(entry.kind, Kind::Folder | Kind::Submodule) {
            return None;
        }
        let path = root.join(&*entry.path);
        let meta = folders.are_plain(&entry.path).then(|| std::fs::symlink_metadata(&path).ok()).flatten();
        let Some(meta) = meta.filter(std::fs::Metadata::is_file) else {
            return (is_file && entry.state != State::Sparse && entry.blob().is_some()).then_some(After::Gone);
        };
        let stat = stat(&meta);
        let is_sure =
            is_file && matches!(entry.state, State::Plain | State::Sparse) && self.is_unchanged(&stat, &entry.stat);
        if is_sure {
            return None;
        }
        let Some(id) = hash(&path, kind) else { return Some(After::Unknown) };
        let is_same =
            entry.blob().is_some_and(|blob| blob == id || without_carriage_returns(&path, kind) == Some(blob));
        (!is_same).then_some(After::Blob(id))
    }

    /// Same facts, and the file was not written in the moment the index was: such a change leaves no trace.
    fn is_unchanged(&self, now: &Stat, then: &Stat) -> bool {
        let nanos = |(_, now): (u32, u32), (_, then): (u32, u32)| now == then || now == 0 || then == 0;
        let written = self.index.written;
        let is_racy = match then.modified.0.cmp(&written.0) {
            std::cmp::Ordering::Equal if then.modified.1 != 0 && written.1 != 0 => then.modified.1 >= written.1,
            order => order.is_ge(),
        };
        // Tools that write indexes on other systems leave these empty.
        let known = |now: u32, then: u32| now == then || then == 0 || now == 0;
        !is_racy
            && now.size == then.size
            && now.modified.0 == then.modified.0
            && nanos(now.modified, then.modified)
            && known(now.inode, then.inode)
            && known(now.changed.0, then.changed.0)
    }
}

/// The regular files below `root`, the folder `prefix` of the repository: not ignored, or tracked. Sorted; and whether
/// there are more than `limit`.
pub(crate) fn files(repo: &Repo, root: &Path, prefix: &str, limit: usize) -> Result<(Vec<Arc<str>>, bool), Error> {
    let listing = files::list(root, Limits { files: limit, ..Limits::default() }, &|| false);
    let mut paths = listing.paths;
    let known = paths.len();
    let top = physical(repo.root())?;
    let mut folders = Folders::new(&top);
    let index = repo.with(|handle| repo.index(handle))?;
    for entry in index.within(prefix).iter().filter(|entry| entry.kind == Kind::File) {
        let path = &entry.path[prefix.len()..];
        if paths[..known].binary_search_by(|known| (**known).cmp(path)).is_err()
            && folders.are_plain(&entry.path)
            && std::fs::symlink_metadata(root.join(path)).is_ok_and(|meta| meta.is_file())
        {
            paths.push(path.into());
        }
    }
    paths.sort_unstable();
    let truncated = listing.truncated || paths.len() > limit;
    paths.truncate(limit);
    Ok((paths, truncated))
}

/// The blob id that the bytes of the regular file `path` below `root` would have.
pub(crate) fn hash_file(root: &Path, path: &str, kind: HashKind) -> Option<ObjectId> {
    let root = physical(root).ok()?;
    let is_inner = path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.eq_ignore_ascii_case(".git"));
    (is_inner && Folders::new(&root).are_plain(path)).then(|| hash(&root.join(path), kind)).flatten()
}

/// The folders of the work tree that are no links, asked once each.
struct Folders<'a> {
    root: &'a Path,
    known: HashMap<String, bool>,
}

impl<'a> Folders<'a> {
    fn new(root: &'a Path) -> Self {
        Self { root, known: HashMap::new() }
    }

    /// Whether all folders on the way to `path` are real ones.
    fn are_plain(&mut self, path: &str) -> bool {
        let Some((folder, _)) = path.rsplit_once('/') else { return true };
        if let Some(known) = self.known.get(folder) {
            return *known;
        }
        let is_plain =
            self.are_plain(folder) && std::fs::symlink_metadata(self.root.join(folder)).is_ok_and(|meta| meta.is_dir());
        self.known.insert(folder.to_owned(), is_plain);
        is_plain
    }
}

fn physical(root: &Path) -> Result<PathBuf, Error> {
    std::fs::canonicalize(root).map_err(Error::io(root))
}

/// Hashed piece by piece: no size is too large.
fn hash(path: &Path, kind: HashKind) -> Option<ObjectId> {
    let mut file = files::open_without_waiting(path).ok()?;
    let meta = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let mut hasher = gix::hash::hasher(kind);
    hasher.update(format!("blob {}\0", meta.len()).as_bytes());
    let mut buffer = vec![0; 1 << 16];
    let mut left = meta.len();
    while left > 0 {
        let count = file.read(&mut buffer).ok()?;
        let taken = u64::try_from(count).ok()?.min(left);
        if taken == 0 {
            return None;
        }
        hasher.update(buffer.get(..usize::try_from(taken).ok()?)?);
        left -= taken;
    }
    hasher.try_finalize().ok()
}

/// The id the file would have after git's conversion of line ends.
fn without_carriage_returns(path: &Path, kind: HashKind) -> Option<ObjectId> {
    let file = files::open_without_waiting(path).ok()?;
    let mut bytes = Vec::new();
    file.take(MAX_CONVERTED).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8(bytes).ok().filter(|text| text.contains("\r\n"))?;
    gix::objs::compute_hash(kind, gix::objs::Kind::Blob, text.replace("\r\n", "\n").as_bytes()).ok()
}

fn stat(meta: &std::fs::Metadata) -> Stat {
    let modified =
        meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
    Stat {
        changed: changed(meta),
        modified: (low_bits(modified.as_secs()), modified.subsec_nanos()),
        inode: inode(meta),
        size: low_bits(meta.len()),
    }
}

#[cfg(unix)]
fn changed(meta: &std::fs::Metadata) -> (u32, u32) {
    use std::os::unix::fs::MetadataExt as _;
    (low_bits(meta.ctime().cast_unsigned()), low_bits(meta.ctime_nsec().cast_unsigned()))
}

#[cfg(unix)]
fn inode(meta: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    low_bits(meta.ino())
}

#[cfg(not(unix))]
fn changed(_meta: &std::fs::Metadata) -> (u32, u32) {
    (0, 0)
}

#[cfg(not(unix))]
fn inode(_meta: &std::fs::Metadata) -> u32 {
    0
}
