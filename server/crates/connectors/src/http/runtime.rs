//! One private thread on which all requests wait, so that callers need no runtime and one that they have is not touched.

use std::future::Future;
use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

/// Ends its thread, and what still runs there, when dropped.
pub(super) struct Runtime {
    handle: Handle,
    _alive: oneshot::Sender<()>,
}

impl Runtime {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(4).build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel();
        thread::Builder::new().name("aspm-http".to_owned()).spawn(move || {
            // Answers with an error once the sender is gone, which is what is waited for.
            let _ = runtime.block_on(ended);
            // A name lookup that hangs must not keep anything waiting.
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, _alive: alive })
    }

    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Running {
        Running(self.handle.spawn(work).abort_handle())
    }
}

/// Work that is given up when this is dropped.
pub(super) struct Running(AbortHandle);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}
