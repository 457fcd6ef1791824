//! Whose turn it is to synchronise a source, and what makes those who pause go on.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use store::{Store, SyncLock};

use crate::driver::lock;

/// How long somebody who asked waits for another process to be done.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long what was queued waits for a reading of everything.
const LONGER: Duration = Duration::from_mins(30);
/// How often a wait looks whether it is over.
const LOOK: Duration = Duration::from_millis(25);

/// Shared by all that this process synchronises.
#[derive(Debug, Default)]
pub(in crate::driver) struct Turns {
    /// How often somebody asked.
    asked: AtomicU64,
    /// Sources that somebody waits for already: a second one would only do the same again.
    waiting: Mutex<HashSet<(PathBuf, String)>>,
}

impl Turns {
    /// The right to synchronise. Whoever asked for it, and triage that is due, wait for others to be done; and where
    /// somebody asked, pauses of whoever is at it in this process end. `None`: others are at it and nothing is to be
    /// waited for, another thread waits already, it took too long, or it is in vain.
    pub(super) fn wait(
        &self,
        writer: &Store,
        (root, source): (&Path, &str),
        is_asked: bool,
        is_due: &dyn Fn() -> bool,
        cancelled: &dyn Fn() -> bool,
    ) -> Option<SyncLock> {
        self.asked.fetch_add(u64::from(is_asked), Ordering::Relaxed);
        if let Some(held) = writer.try_lock_sync() {
            return Some(held);
        }
        let begun = Instant::now();
        let is_worth_it = || {
            let waited = begun.elapsed();
            !cancelled() && ((is_asked && waited < PATIENCE) || (waited < LONGER && is_due()))
        };
        let key = (root.to_path_buf(), source.to_owned());
        if !is_worth_it() || !lock(&self.waiting).insert(key.clone()) {
            return None;
        }
        let held = loop {
            thread::sleep(LOOK);
            let held = writer.try_lock_sync();
            if held.is_some() || !is_worth_it() {
                break held;
            }
        };
        lock(&self.waiting).remove(&key);
        held
    }

    /// Waits between two attempts, until it is in vain or somebody asks.
    pub(in crate::driver) fn pause(&self, pause: Duration, cancelled: &dyn Fn() -> bool) {
        let (until, asked) = (Instant::now() + pause, self.asked.load(Ordering::Relaxed));
        while !cancelled() && self.asked.load(Ordering::Relaxed) == asked {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            thread::sleep(left.min(LOOK));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn central() -> (&'static Path, &'static str) {
        (Path::new("/r"), "central")
    }

    #[test]
    fn a_pause_ends_when_somebody_asks() {
        let turns = Arc::new(Turns::default());
        let pausing = turns.clone();
        let (begun, has_begun) = std::sync::mpsc::channel();
        let paused = thread::spawn(move || {
            // Told on the first look, when the pause knows how often was asked before.
            let cancelled = || begun.send(()).is_err();
            pausing.pause(Duration::from_hours(1), &cancelled);
        });
        has_begun.recv().unwrap();
        assert!(turns.wait(&Store::in_memory(), central(), true, &|| false, &|| false).is_some());
        paused.join().unwrap();
    }

    #[test]
    fn one_waits_for_a_source_and_the_others_leave_it_to_that_one() {
        let folder = tempfile::tempdir().unwrap();
        let key = store::Key { origin: "o".into(), product: "p".into(), account: String::new() };
        let open = || Store::open(folder.path(), &key).store;
        let first = open().try_lock_sync().unwrap();
        let turns = Arc::new(Turns::default());
        assert!(turns.wait(&open(), central(), false, &|| false, &|| false).is_none(), "nobody waits for it");
        let (waiting, writer) = (turns.clone(), open());
        let waiter = thread::spawn(move || waiting.wait(&writer, central(), true, &|| false, &|| false).is_some());
        while lock(&turns.waiting).is_empty() {
            thread::yield_now();
        }
        assert!(turns.wait(&open(), central(), true, &|| false, &|| false).is_none());
        drop(first);
        assert!(waiter.join().unwrap());
        assert!(turns.wait(&open(), central(), false, &|| false, &|| false).is_some());
    }
}
