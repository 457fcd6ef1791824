//! A job from its start to the changes that it brings: which thread it runs on, and that it always ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use engine::{Change, Job, Priority, RootId};

use super::{Driver, Inner, load, lock, map, place, pull, sources, sync};

impl Driver {
    pub(super) fn start(&self, job: Job) {
        *lock(&self.inner.under_way) += 1;
        let priority = job.priority();
        let driver = self.clone();
        if let Job::Place(place) = &job
            && priority == Priority::Live
        {
            self.watch_lateness(place.root, place.home.clone(), place.generation);
        }
        if matches!(job, Job::Sync { .. }) {
            // It waits for a server most of the time; threads of the pool have other things to do.
            if let Err(error) = self.inner.crew.run(Box::new(move || driver.synchronise(job))) {
                tracing::error!(%error, "no thread to synchronise on");
                drop(Done(self.inner.clone()));
            }
            return;
        }
        self.inner.pool.run(priority, Box::new(move || driver.perform(job)));
    }

    fn perform(&self, job: Job) {
        let _done = Done(self.inner.clone());
        if self.inner.is_stopped() {
            return;
        }
        let failure = failure_of(&job);
        let telling = match &job {
            Job::Pull { path, source, .. } if source.is_remote() => {
                Some(sources::telling(&self.inner, path, &source.name))
            }
            _ => None,
        };
        let _turn = telling.as_deref().map(lock);
        self.finish(failure, || self.result_of(job));
    }

    /// The long part here, on a thread that gives way to all others; what they wait for on one of theirs.
    fn synchronise(&self, job: Job) {
        let done = Done(self.inner.clone());
        let Job::Sync { is_asked, root, path, source, known } = job else { return };
        if self.inner.is_stopped() {
            return;
        }
        let begun = catch_unwind(AssertUnwindSafe(|| sync::source(&self.inner, &path, &source, is_asked)));
        if begun.is_err() {
            tracing::error!("a synchronisation panicked");
        }
        let Ok(Some(begun)) = begun else { return };
        let driver = self.clone();
        let tell = move || {
            let _done = done;
            let telling = sources::telling(&driver.inner, &path, &source.name);
            let _turn = lock(&telling);
            driver.finish(None, || sync::told(&driver.inner, root, &path, &source, known, begun));
        };
        self.inner.pool.run(Priority::Loading, Box::new(tell));
    }

    fn finish(&self, failure: Option<Change>, result: impl FnOnce() -> Vec<Change>) {
        let changes = catch_unwind(AssertUnwindSafe(result)).unwrap_or_else(|_| {
            tracing::error!("a job panicked");
            failure.into_iter().collect()
        });
        for change in changes {
            self.apply(change);
        }
        if self.inner.is_emptied.swap(false, Ordering::Relaxed) {
            self.apply(Change::Refresh);
        }
    }

    fn result_of(&self, job: Job) -> Vec<Change> {
        let inner = &*self.inner;
        match job {
            Job::LoadRoot { root, path, trusted } => vec![load::root(inner, root, &path, trusted)],
            Job::List { root, path } => vec![load::list(inner, root, &path)],
            Job::Pull { root, path, source, known } => pull::source(inner, root, &path, &source, known),
            // See `synchronise`.
            Job::Sync { .. } => Vec::new(),
            Job::Map { root, generation, path, indexes, commits, files, rules } => {
                let mapping = map::paths(inner, &path, &indexes, &commits, &files, &rules);
                vec![Change::Mapped { root, generation, mapping }]
            }
            Job::Place(job) => {
                let root = job.root;
                vec![Change::Placed { root, placing: Box::new(place::group(inner, *job)) }]
            }
        }
    }

    /// Shows the shifted set when verification takes longer than a developer notices (design section 2: 30 ms).
    fn watch_lateness(&self, root: RootId, home: Arc<str>, generation: u64) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let driver = self.clone();
        runtime.spawn(async move {
            tokio::time::sleep(Duration::from_millis(30)).await;
            driver.apply(Change::Late { root, home, generation });
        });
    }
}

/// Counts a job as done, also when it panics.
struct Done(Arc<Inner>);

impl Drop for Done {
    fn drop(&mut self) {
        let mut under_way = lock(&self.0.under_way);
        *under_way -= 1;
        if *under_way == 0 {
            self.0.quiet.notify_all();
        }
    }
}

/// What the engine is told when a job dies.
fn failure_of(job: &Job) -> Option<Change> {
    Some(match job {
        Job::Pull { root, source, .. } => Change::Pulled {
            root: *root,
            source: source.name.as_str().into(),
            result: Err(format!("Reading source \"{}\" failed inside aspm-lsp; see the log.", source.name)),
        },
        Job::Place(job) => Change::Failed {
            root: job.root,
            home: job.home.clone(),
            generation: job.generation,
            why: format!("Placing the findings of {} failed inside aspm-lsp; see the log.", job.home),
        },
        Job::LoadRoot { .. } | Job::List { .. } | Job::Map { .. } | Job::Sync { .. } => return None,
    })
}
