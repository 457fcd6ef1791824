//! Who sends, and whether they still live: each has a file that it keeps locked, and the system frees the lock when it
//! dies. The names are never used twice, so a dead one's file may be removed at any time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::folder::beside;
use crate::lock::lock_file;

/// Where locks do not work, a claim counts as dead after this time in milliseconds.
const LEASE_MILLIS: i64 = 15 * 60_000;

/// This outbox as one that sends.
#[derive(Debug)]
pub(crate) struct Claimant {
    name: String,
    path: PathBuf,
    claims: u64,
    _lock: File,
}

impl Claimant {
    /// `name` is one that nobody else ever had.
    pub(crate) fn new(database: &Path, name: &str) -> io::Result<Self> {
        let path = file_of(database, name);
        let lock = lock_file(&path)?;
        match lock.try_lock() {
            Err(TryLockError::Error(error)) => {
                tracing::warn!("{} cannot be locked, claims end by time: {error}", path.display());
            }
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::AlreadyExists.into()),
            Ok(()) => {}
        }
        Ok(Self { name: name.to_owned(), path, claims: 0, _lock: lock })
    }

    /// The name of one more claim.
    pub(crate) fn next(&mut self) -> String {
        self.claims += 1;
        format!("{}.{}", self.name, self.claims)
    }

    /// Whether others find its file.
    pub(crate) fn is_there(&self) -> bool {
        self.path.exists()
    }
}

impl Drop for Claimant {
    fn drop(&mut self) {
        // Best effort: others remove it as well.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether the holder of `claim`, made at `since`, may still be at work at `now`. `false` is final.
pub(crate) fn is_alive(database: &Path, claim: &str, since: i64, now: i64) -> bool {
    let name = claim.split('.').next().unwrap_or_default();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    let path = file_of(database, name);
    let file = match fs::OpenOptions::new().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return false,
        Err(_) => return within_lease(since, now),
    };
    match file.try_lock() {
        Ok(()) => {
            let _ = fs::remove_file(&path);
            false
        }
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Error(_)) => within_lease(since, now),
    }
}

fn within_lease(since: i64, now: i64) -> bool {
    (0..LEASE_MILLIS).contains(&now.saturating_sub(since))
}

fn file_of(database: &Path, name: &str) -> PathBuf {
    beside(database, &format!(".sender-{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claimant_lives_as_long_as_it_keeps_its_file_locked() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("outbox.db");
        let mut one = Claimant::new(&database, "0a1b").unwrap();
        let (first, second) = (one.next(), one.next());
        assert_ne!(first, second);
        assert!(is_alive(&database, &first, 0, i64::MAX) && is_alive(&database, &second, 0, i64::MAX));
        assert!(Claimant::new(&database, "0a1b").is_err(), "a name is given once");
        drop(one);
        assert!(!is_alive(&database, &first, 0, 0));
        // Left behind by a kill: there, and locked by nobody.
        fs::write(file_of(&database, "dead"), "").unwrap();
        assert!(!is_alive(&database, "dead.1", 0, 0));
        assert!(!file_of(&database, "dead").exists());
        for odd in ["", "../x.1", ".1", "a/b.2"] {
            assert!(!is_alive(&database, odd, 0, 0), "{odd}");
        }
    }

    #[test]
    fn without_locks_a_claim_lasts_for_its_lease() {
        assert!(within_lease(1_000, 1_000 + LEASE_MILLIS - 1));
        assert!(!within_lease(1_000, 1_000 + LEASE_MILLIS));
        assert!(!within_lease(1_000, 999), "a clock that went back must not keep a claim forever");
        assert!(!within_lease(i64::MIN, i64::MAX));
    }
}
