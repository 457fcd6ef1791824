//! Threads for work that mostly waits: as many as there is work at a time, each used again. Another thread for each piece
//! of work would leave what the allocator keeps for it behind, megabytes for each reading of many findings.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};

use super::lock;

/// Of the range from -20, the first to run, to 19.
#[cfg(target_os = "linux")]
const MODEST: i32 = 10;

type Task = Box<dyn FnOnce() + Send>;

/// Threads that wait for work; they end when this is dropped.
pub(super) struct Crew {
    idle: Arc<Mutex<Vec<Sender<Task>>>>,
    gives_way: bool,
}

impl Crew {
    /// With `gives_way` they run when no other thread wants to, more or less, where the system has that for one thread.
    pub(super) fn new(gives_way: bool) -> Self {
        Self { idle: Arc::default(), gives_way }
    }

    /// Begins `task` at once. Where no thread is to be had, nothing of it is done.
    pub(super) fn run(&self, task: Task) -> std::io::Result<()> {
        let free = lock(&self.idle).pop();
        let task = match free {
            // One that is gone gives the work back.
            Some(free) => match free.send(task) {
                Ok(()) => return Ok(()),
                Err(unsent) => unsent.0,
            },
            None => task,
        };
        let idle = Arc::downgrade(&self.idle);
        let gives_way = self.gives_way;
        let begin = move || {
            if gives_way {
                give_way();
            }
            let mut task = task;
            loop {
                task();
                let (free, next) = channel();
                match idle.upgrade() {
                    Some(idle) => lock(&idle).push(free),
                    None => return,
                }
                match next.recv() {
                    Ok(next) => task = next,
                    Err(_) => return,
                }
            }
        };
        std::thread::Builder::new().name("sync".to_owned()).spawn(begin).map(drop)
    }
}

/// Also for threads that this one begins, as that on which requests wait.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), MODEST) {
        tracing::debug!(%error, "this thread does not give way");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::thread::ThreadId;

    use super::*;

    /// Begins a task that tells its thread and then waits until it may end.
    fn begin(crew: &Crew) -> (ThreadId, Sender<()>) {
        let (tell, told) = sync_channel(1);
        let (end, ended) = channel::<()>();
        crew.run(Box::new(move || {
            tell.send(std::thread::current().id()).expect("somebody listens");
            let _ = ended.recv();
        }))
        .expect("a thread");
        (told.recv().expect("it began"), end)
    }

    #[test]
    fn work_at_the_same_time_has_threads_of_its_own_and_they_are_used_again() {
        let crew = Crew::new(true);
        let (first, second) = (begin(&crew), begin(&crew));
        assert_ne!(first.0, second.0);
        drop(first.1);
        drop(second.1);
        while lock(&crew.idle).len() < 2 {
            std::thread::yield_now();
        }
        let third = begin(&crew);
        assert!([first.0, second.0].contains(&third.0));
        assert_eq!(lock(&crew.idle).len(), 1);
    }
}
