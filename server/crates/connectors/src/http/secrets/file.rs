//! A credential in a file of its own that only the user can read, named by its origin's hash.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use config::Origin;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::{MAX_SECRET, SecretError, line};

fn place(folder: &Path, origin: &Origin) -> PathBuf {
    let hash = Sha256::digest(origin.to_string());
    let name = hash.iter().fold(String::new(), |name, byte| name + &format!("{byte:02x}"));
    folder.join("credentials").join(name)
}

fn failed(path: &Path, why: impl Into<String>) -> SecretError {
    SecretError::File { path: path.display().to_string(), why: why.into() }
}

/// `None` when there is none.
pub(super) fn get(folder: &Path, origin: &Origin) -> Result<Option<SecretString>, SecretError> {
    let path = place(folder, origin);
    let unreadable = |error: io::Error| failed(&path, format!("cannot be read: {error}"));
    // Before it is opened: opening a pipe would wait for a writer.
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(facts) if !facts.is_file() => {
            return Err(failed(&path, "is not a regular file and was not read; remove it and log in again"));
        }
        Ok(_) => {}
    }
    let file = File::open(&path).map_err(unreadable)?;
    only_mine(&file, &path)?;
    let mut text = String::new();
    file.take(MAX_SECRET as u64 + 2).read_to_string(&mut text).map_err(unreadable)?;
    line(&text.into())
        .map(Some)
        .ok_or_else(|| failed(&path, format!("holds no credential; run `aspm-lsp login {origin} --store file`")))
}

#[cfg(unix)]
fn only_mine(file: &File, path: &Path) -> Result<(), SecretError> {
    use std::os::unix::fs::MetadataExt as _;

    let facts = file.metadata().map_err(|error| failed(path, format!("cannot be read: {error}")))?;
    let mode = facts.mode() & 0o777;
    if matches!(mode, 0o400 | 0o600 | 0o700) {
        return Ok(());
    }
    Err(failed(
        path,
        format!(
            "can be read by others (mode {mode:03o}) and was not used: run `chmod 600` on it, and consider the credential known"
        ),
    ))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as where there are modes")]
fn only_mine(_file: &File, _path: &Path) -> Result<(), SecretError> {
    // Below the user's profile, which is the user's alone by inheritance.
    Ok(())
}

pub(super) fn put(folder: &Path, origin: &Origin, secret: &SecretString) -> Result<(), SecretError> {
    let path = place(folder, origin);
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let written = write(&path, &beside, secret);
    if written.is_err() {
        // Nothing of it may stay behind, and nothing can be done where it does.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(|error| failed(&path, format!("cannot be written: {error}")))
}

/// A reader sees the old one or the new one, whole.
fn write(path: &Path, beside: &Path, secret: &SecretString) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        make_private(parent)?;
    }
    match fs::remove_file(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(beside)?;
    file.write_all(secret.expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    drop(file);
    fs::rename(beside, path)
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

pub(super) fn delete(folder: &Path, origin: &Origin) -> Result<bool, SecretError> {
    let path = place(folder, origin);
    match fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(&path, format!("cannot be deleted: {error}"))),
    }
}
