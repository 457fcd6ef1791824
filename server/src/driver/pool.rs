//! A few threads and one queue in which the looked-at goes first. Threads end when the pool is dropped.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use engine::Priority;

use super::lock;

type Task = Box<dyn FnOnce() + Send>;

/// Threads that run tasks, the most urgent first, equals in order.
pub(super) struct Pool {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: BinaryHeap<Entry>,
    next: u64,
    closed: bool,
}

struct Entry {
    order: (Priority, Reverse<u64>),
    task: Task,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order.cmp(&other.order)
    }
}

impl Pool {
    pub(super) fn new(threads: usize) -> Self {
        let shared = Arc::new(Shared::default());
        for number in 0..threads {
            let shared = shared.clone();
            // Background work never holds all threads: somebody is always free for the developer.
            let takes_background = number + 1 < threads;
            let named = std::thread::Builder::new().name(format!("aspm-worker-{number}"));
            if let Err(error) = named.spawn(move || shared.work(takes_background)) {
                tracing::error!(%error, "a worker thread could not be started");
            }
        }
        Self { shared }
    }

    pub(super) fn run(&self, priority: Priority, task: Task) {
        let mut queue = lock(&self.shared.queue);
        let number = queue.next;
        queue.next += 1;
        queue.waiting.push(Entry { order: (priority, Reverse(number)), task });
        drop(queue);
        self.shared.changed.notify_all();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        lock(&self.shared.queue).closed = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn work(&self, takes_background: bool) {
        loop {
            let task = {
                let mut queue = lock(&self.queue);
                loop {
                    if queue.closed {
                        return;
                    }
                    let is_fit = queue
                        .waiting
                        .peek()
                        .is_some_and(|entry| takes_background || entry.order.0 != Priority::Background);
                    if is_fit && let Some(entry) = queue.waiting.pop() {
                        break entry.task;
                    }
                    queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                }
            };
            task();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn the_looked_at_goes_before_the_background() {
        let pool = Pool::new(1); // its one thread takes no background work
        let pool_for_background = Pool::new(2);
        let (send, receive) = mpsc::channel();
        for (name, priority) in [("live", Priority::Live), ("loading", Priority::Loading)] {
            let send = send.clone();
            pool.run(priority, Box::new(move || send.send(name).expect("open")));
        }
        let background = send.clone();
        pool_for_background.run(Priority::Background, Box::new(move || background.send("background").expect("open")));
        drop(send);
        let mut names: Vec<&str> = receive.iter().take(3).collect();
        names.sort_unstable();
        assert_eq!(names, ["background", "live", "loading"]);
    }
}
