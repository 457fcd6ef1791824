//! The language server: the only place that knows LSP.
//!
//! In: messages of an editor. Out: answers, diagnostics, status. Everything of substance is asked of the driver's
//! snapshots. Never: blocks the reader, awaits the client inside a handler, exposes a byte offset.

mod answer;
mod capabilities;
mod closed;
mod diagnostics;
mod halves;
mod handlers;
mod lifecycle;
mod ordered;
mod outgoing;
mod placed;
mod position;
mod requests;
mod server;
mod session;
mod watch;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{stdin, stdout};
use tower_lsp::Server as Transport;

use crate::driver::Places;
use halves::WithoutHalves;
use lifecycle::{Lifecycle, UntilEof};
use ordered::Ordered;

/// Requests that may run at once. High: a reader that waits for requests to finish can read no cancellation.
const CONCURRENCY: usize = 4096;

/// Time for answers under way once the client said goodbye.
const GRACE: Duration = Duration::from_secs(2);

/// Serves one client on standard input and output until it leaves.
///
/// # Errors
/// When the threads cannot be started.
pub fn run_stdio(places: Places) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    // Never shut down: a read of standard input may not return, and a timer that starts during a shutdown panics. The
    // process ends regardless.
    let runtime = Box::leak(Box::new(runtime));
    Ok(runtime.block_on(serve(places)))
}

async fn serve(places: Places) -> ExitCode {
    let lifecycle = Arc::new(Lifecycle::default());
    let (service, socket) = server::build(places, &lifecycle);
    let driver = service.inner().driver();
    let input = WithoutHalves::new(UntilEof::new(stdin(), lifecycle.clone()));
    let transport = Transport::new(input, stdout(), socket).concurrency_level(CONCURRENCY);
    let mut serving = std::pin::pin!(transport.serve(Ordered::new(service, lifecycle.clone())));
    let is_leaving = tokio::select! {
        () = &mut serving => false,
        () = lifecycle.left() => true,
        () = lifecycle.client_died() => false,
    };
    if is_leaving {
        // What was asked before the goodbye is still answered, unless it takes its time.
        let _ = tokio::time::timeout(GRACE, serving).await;
    }
    driver.stop();
    lifecycle.exit_code()
}
