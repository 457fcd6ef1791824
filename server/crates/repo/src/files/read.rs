//! The text of one file below a root.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use crate::Error;
use crate::content::as_text;
use crate::decode;

/// What reading a file gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Its text: the bytes as they are.
    Text(String),
    /// It holds NUL bytes, or is text in another encoding; [`crate::decode`] makes the best of it.
    Bytes(Vec<u8>),
    /// It has more bytes than asked for.
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// There is no such file (or it is a folder).
    Missing,
    /// The path leaves the root (`..`, absolute, through a link) or enters `.git`. Nothing was opened.
    Outside,
    /// It is there and cannot be read, with the reason: permissions, a pipe, a device.
    Unreadable(String),
}

impl Read {
    /// The file as text in whatever encoding; `None` where it was not read.
    #[must_use]
    pub fn decoded(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(bytes) => Some(decode(&bytes).text),
            Self::TooLarge { .. } | Self::Missing | Self::Outside | Self::Unreadable(_) => None,
        }
    }
}

/// Reads `relative` (`/` as separator) below `root`. Fails only when the root itself cannot be resolved.
pub fn read(root: &Path, relative: &str, max_bytes: u64) -> Result<Read, Error> {
    let Some(path) = inner_path(relative) else { return Ok(Read::Outside) };
    let root = std::fs::canonicalize(root).map_err(Error::io(root))?;
    let path = match std::fs::canonicalize(root.join(path)) {
        Ok(path) => path,
        Err(error) => return Ok(unreadable(&error)),
    };
    if !path.starts_with(&root) || enters_git(path.strip_prefix(&root).unwrap_or(&path)) {
        return Ok(Read::Outside);
    }
    Ok(read_regular(&path, max_bytes).unwrap_or_else(|error| unreadable(&error)))
}

/// `relative` as a path that can only lead downwards; `None` for all others.
fn inner_path(relative: &str) -> Option<PathBuf> {
    // On Windows `a:b` is a stream of `a`, and `C:b` a path of another drive.
    if relative.is_empty() || relative.contains('\0') || (cfg!(windows) && relative.contains([':', '\\'])) {
        return None;
    }
    let mut path = PathBuf::new();
    for component in Path::new(relative).components() {
        match component {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            _ => return None,
        }
    }
    (!path.as_os_str().is_empty() && !enters_git(&path)).then_some(path)
}

fn enters_git(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git"))
}

fn read_regular(path: &Path, max_bytes: u64) -> std::io::Result<Read> {
    // Asked before opening, since opening alone can have effects on a device; and again afterwards, on what was opened.
    let before = std::fs::symlink_metadata(path)?;
    if before.is_dir() {
        return Ok(Read::Missing);
    }
    if !before.is_file() {
        return Ok(Read::Unreadable("it is not a regular file".to_owned()));
    }
    let file = open_without_waiting(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Ok(Read::Unreadable("it is not a regular file".to_owned()));
    }
    if meta.len() > max_bytes {
        return Ok(Read::TooLarge { bytes: meta.len() });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if read > max_bytes {
        return Ok(Read::TooLarge { bytes: read });
    }
    Ok(as_text(bytes).map_or_else(Read::Bytes, Read::Text))
}

/// Opening a pipe waits for a writer, unless told not to; a link put in place meanwhile is not followed.
#[cfg(unix)]
pub(crate) fn open_without_waiting(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW;
    File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
pub(crate) fn open_without_waiting(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

fn unreadable(error: &std::io::Error) -> Read {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Read::Missing,
        _ => Read::Unreadable(error.to_string()),
    }
}
