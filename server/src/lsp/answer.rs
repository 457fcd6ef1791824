//! How requests are answered: from the snapshot of their moment, on a blocking thread, exactly once.

use std::borrow::Cow;
use std::sync::Arc;

use engine::Snapshot;
use tokio_util::sync::CancellationToken;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use super::ordered::internal_error;
use super::session::Session;

/// `RequestFailed` of the protocol: the request was in order, and what it asked for did not come about.
const FAILED: i64 = -32803;

/// Why what was asked for did not come about, in words for people.
pub(crate) fn failed(words: impl Into<Cow<'static, str>>) -> Error {
    Error { code: ErrorCode::ServerError(FAILED), message: words.into(), data: None }
}

/// Takes the snapshot now (in the handler's first poll) and computes elsewhere. When the client cancels, the returned
/// future is dropped and `cancelled` answers true.
pub(crate) fn answer<T: Send + 'static>(
    session: &Arc<Session>,
    method: &'static str,
    work: impl FnOnce(&Session, &Snapshot, &dyn Fn() -> bool) -> Result<T> + Send + 'static,
) -> impl Future<Output = Result<T>> + Send + 'static {
    let session = session.clone();
    let snapshot = session.driver.snapshot();
    let token = CancellationToken::new();
    let guard = token.clone().drop_guard();
    async move {
        // The first poll happens on the reader's task and only takes the snapshot.
        tokio::task::yield_now().await;
        let working = tokio::task::spawn_blocking(move || work(&session, &snapshot, &|| token.is_cancelled()));
        let answer = working.await;
        drop(guard);
        match answer {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!(method, %error, "a request failed");
                Err(internal_error(method))
            }
        }
    }
}
