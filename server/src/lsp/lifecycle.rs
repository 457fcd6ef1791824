//! When to leave: on `exit`, when standard input ends, and when the client's process dies.

use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How often the client's process is looked at.
const PULSE: Duration = Duration::from_secs(1);

/// What is known of the client's wish to go on.
#[derive(Debug, Default)]
pub(crate) struct Lifecycle {
    shut_down: AtomicBool,
    leaving: CancellationToken,
    gone: Notify,
    died: Notify,
}

impl Lifecycle {
    /// The client asked to shut down: an exit after that is a clean one.
    pub(crate) fn shut_down(&self) {
        self.shut_down.store(true, Ordering::SeqCst);
        self.leaving.cancel();
    }

    /// The client said `exit`, or standard input ended.
    pub(crate) fn leave(&self) {
        self.leaving.cancel();
        self.gone.notify_one();
    }

    /// Waits until the client says that it will leave, or does: what is held open for it ends.
    pub(crate) async fn leaving(&self) {
        self.leaving.cancelled().await;
    }

    /// Waits until the client leaves.
    pub(crate) async fn left(&self) {
        self.gone.notified().await;
    }

    /// Waits until the client's process is dead.
    pub(crate) async fn client_died(&self) {
        self.died.notified().await;
    }

    /// LSP: 0 after `shutdown`, else 1.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(!self.shut_down.load(Ordering::SeqCst)))
    }

    /// Watches the client's process, if it can be seen at all (in a container it may not).
    pub(crate) fn watch(self: &Arc<Self>, process: i32) {
        if !is_alive(process) {
            return;
        }
        let lifecycle = self.clone();
        tokio::spawn(async move {
            while is_alive(process) {
                tokio::time::sleep(PULSE).await;
            }
            tracing::info!(process, "the client's process is gone");
            lifecycle.died.notify_one();
        });
    }
}

#[cfg(unix)]
fn is_alive(process: i32) -> bool {
    let Some(pid) = rustix::process::Pid::from_raw(process) else { return false };
    let exists = match rustix::process::test_kill_process(pid) {
        Ok(()) => true,
        Err(error) => error == rustix::io::Errno::PERM,
    };
    exists && !is_zombie(process)
}

/// A killed editor whose parent has not looked yet still has a process entry.
#[cfg(target_os = "linux")]
fn is_zombie(process: i32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { return false };
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_zombie(_process: i32) -> bool {
    false
}

/// Elsewhere the end of standard input alone tells.
#[cfg(not(unix))]
fn is_alive(_process: i32) -> bool {
    false
}

/// Standard input that says when it ends.
pub(crate) struct UntilEof<R> {
    inner: R,
    lifecycle: Arc<Lifecycle>,
}

impl<R> UntilEof<R> {
    pub(crate) fn new(inner: R, lifecycle: Arc<Lifecycle>) -> Self {
        Self { inner, lifecycle }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for UntilEof<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        let is_end = match &polled {
            Poll::Ready(Ok(())) => buf.filled().len() == before && buf.remaining() > 0,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        if is_end {
            self.lifecycle.leave();
        }
        polled
    }
}
