//! One syncing process per database: a lock on a file beside it, freed by the system when its holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// While this lives, no other process syncs the same source.
#[derive(Debug)]
#[must_use = "dropping it lets others sync"]
pub struct SyncLock {
    /// Closing the file frees the lock. `None`: nobody to keep out.
    _file: Option<File>,
}

impl SyncLock {
    /// For a store in memory, which nobody shares.
    pub(crate) fn unshared() -> Self {
        Self { _file: None }
    }

    /// `None` when somebody else holds it. Where locking itself does not work, two processes may sync at once: wasteful,
    /// not wrong, since a sync replaces the whole content.
    pub(crate) fn take(path: &Path) -> Option<Self> {
        let locked = lock_file(path).map_err(TryLockError::Error).and_then(|file| file.try_lock().map(|()| file));
        match locked {
            Ok(file) => Some(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(error)) => {
                tracing::warn!("{} cannot be locked, syncing without: {error}", path.display());
                Some(Self::unshared())
            }
        }
    }
}

/// Held for the moments in which a database is opened, created, migrated or set aside.
#[derive(Debug)]
pub(crate) struct OpeningLock(#[expect(dead_code, reason = "closing the file frees the lock")] File);

impl OpeningLock {
    /// Waits a few seconds at most: its holders are quick, unless one was stopped in the middle.
    pub(crate) fn wait(path: &Path) -> io::Result<Self> {
        wait_for(path, Duration::from_secs(5), File::try_lock).map(Self)
    }

    /// The same for as long as is given.
    pub(crate) fn wait_for(path: &Path, patience: Duration) -> io::Result<Self> {
        wait_for(path, patience, File::try_lock).map(Self)
    }

    /// Held together with others of this kind, while nobody opens, creates, migrates or sets aside.
    pub(crate) fn shared(path: &Path, patience: Duration) -> io::Result<Self> {
        wait_for(path, patience, File::try_lock_shared).map(Self)
    }
}

fn wait_for(path: &Path, patience: Duration, lock: fn(&File) -> Result<(), TryLockError>) -> io::Result<File> {
    const PAUSE: Duration = Duration::from_millis(10);
    let file = lock_file(path)?;
    for _ in 0..=patience.as_millis() / PAUSE.as_millis() {
        match lock(&file) {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    let why = format!("another process has been at it for {} seconds", patience.as_secs());
    Err(io::Error::new(io::ErrorKind::TimedOut, why))
}

pub(crate) fn lock_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
