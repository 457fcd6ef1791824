//! Messages take effect in the order they came.
//!
//! The transport runs handlers concurrently, so after the first await their order is lost. Here a handler's first poll
//! happens inside `Service::call`, in order: a notification is done by then (it never awaits), a request has taken its
//! snapshot by then and goes on elsewhere.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tower::Service;
use tower_lsp::jsonrpc::{Error, Id, Request, Response};

use super::lifecycle::Lifecycle;

type Answer<E> = Result<Option<Response>, E>;
type Handling<E> = Pin<Box<dyn Future<Output = Answer<E>> + Send>>;

/// The layer; see the module.
pub(crate) struct Ordered<S> {
    inner: S,
    lifecycle: Arc<Lifecycle>,
}

impl<S> Ordered<S> {
    pub(crate) fn new(inner: S, lifecycle: Arc<Lifecycle>) -> Self {
        Self { inner, lifecycle }
    }
}

impl<S> Service<Request> for Ordered<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = Handling<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (id, method) = (request.id().cloned(), request.method().to_owned());
        if method == "exit" {
            self.lifecycle.leave();
        }
        if let Some(id) = id.clone().filter(|_| method.starts_with("$/")) {
            // The transport drops these whether they wait for an answer or not (LSP 3.17, "$ Notifications and Requests").
            return done(Ok(Some(Response::from_error(id, Error::method_not_found()))));
        }
        let inner = &mut self.inner;
        let first = catch_unwind(AssertUnwindSafe(|| {
            let mut handling = Box::pin(inner.call(request));
            let polled = handling.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            (handling, polled)
        }));
        match first {
            Err(_) => done(Ok(after_panic(id, &method))),
            Ok((_, Poll::Ready(answer))) => done(answer),
            Ok((handling, Poll::Pending)) if id.is_some() => Box::pin(elsewhere(handling, id, method)),
            Ok((handling, Poll::Pending)) => {
                // Going on is better than losing it, but whatever follows may overtake it.
                tracing::error!(method, "a notification handler awaited");
                debug_assert!(false, "the handler of {method} awaited");
                Box::pin(elsewhere(handling, id, method))
            }
        }
    }
}

fn done<E: Send + 'static>(answer: Answer<E>) -> Handling<E> {
    Box::pin(std::future::ready(answer))
}

/// Runs the rest of a request on the runtime, not on the reader's task. Dropping the answer ends the work.
async fn elsewhere<E, F>(handling: Pin<Box<F>>, id: Option<Id>, method: String) -> Answer<E>
where
    E: Send + 'static,
    F: Future<Output = Answer<E>> + Send + 'static,
{
    match AbortOnDrop(tokio::spawn(handling)).await {
        Ok(answer) => answer,
        Err(_) => Ok(after_panic(id, &method)),
    }
}

fn after_panic(id: Option<Id>, method: &str) -> Option<Response> {
    tracing::error!(method, "a handler panicked");
    id.map(|id| Response::from_error(id, internal_error(method)))
}

/// One calm sentence; the detail is in the log.
pub(crate) fn internal_error(method: &str) -> Error {
    let mut error = Error::internal_error();
    error.message = format!("aspm-lsp could not answer {method}; its log says why.").into();
    error
}

struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Result<T, tokio::task::JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tower_lsp::jsonrpc::Result;
    use tower_lsp::{LanguageServer, LspService};

    #[derive(Default)]
    struct Probe {
        version: AtomicUsize,
        seen: Mutex<Vec<usize>>,
    }

    impl LanguageServer for Probe {
        async fn initialize(&self, _: lsp_types::InitializeParams) -> Result<lsp_types::InitializeResult> {
            Ok(lsp_types::InitializeResult::default())
        }
        async fn shutdown(&self) -> Result<()> {
            Ok(())
        }
    }

    #[expect(clippy::unused_async, reason = "the transport takes async handlers")]
    impl Probe {
        async fn edit(&self) {
            self.version.fetch_add(1, Ordering::SeqCst);
        }
        async fn ask(&self) -> Result<usize> {
            let snapshot = self.version.load(Ordering::SeqCst);
            tokio::task::yield_now().await;
            self.seen.lock().expect("no panic holds it").push(snapshot);
            Ok(snapshot)
        }
        async fn panics_at_once(&self) -> Result<usize> {
            panic!("on purpose")
        }
        async fn panics_later(&self) -> Result<usize> {
            tokio::task::yield_now().await;
            panic!("on purpose")
        }
        async fn panics_unasked(&self) {
            panic!("on purpose")
        }
    }

    fn request(method: &str, id: Option<i64>) -> Request {
        let request = Request::build(method.to_owned());
        match id {
            Some(id) => request.id(id).finish(),
            None => request.finish(),
        }
    }

    async fn started() -> Ordered<LspService<Probe>> {
        let (service, _socket) = LspService::build(|_| Probe::default())
            .custom_method("edit", Probe::edit)
            .custom_method("ask", Probe::ask)
            .custom_method("panics/at_once", Probe::panics_at_once)
            .custom_method("panics/later", Probe::panics_later)
            .custom_method("panics/unasked", Probe::panics_unasked)
            .finish();
        let mut service = Ordered::new(service, Arc::default());
        let initialize = Request::build("initialize").params(serde_json::json!({"capabilities": {}})).id(0).finish();
        service.call(initialize).await.expect("served");
        service
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_request_sees_exactly_the_edits_before_it() {
        let mut service = started().await;
        let mut answers = Vec::new();
        for n in 1..=400 {
            service.call(request("edit", None)).await.expect("served");
            answers.push((n, service.call(request("ask", Some(n)))));
        }
        for (n, answer) in answers {
            let answer = answer.await.expect("served").expect("answered");
            assert_eq!(answer.result(), Some(&serde_json::json!(n)));
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panicking_handler_answers_once_and_the_server_goes_on() {
        let mut service = started().await;
        for (id, method) in [(6, "panics/at_once"), (7, "panics/later")] {
            let answer = service.call(request(method, Some(id))).await.expect("served").expect("answered");
            let error = answer.error().expect("an error");
            assert!(error.message.contains("could not answer"), "{}", error.message);
        }
        assert!(service.call(request("panics/unasked", None)).await.expect("served").is_none());
        let answer = service.call(request("ask", Some(8))).await.expect("served").expect("answered");
        assert!(answer.is_ok());
    }
}
