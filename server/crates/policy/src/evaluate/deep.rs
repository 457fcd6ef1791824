//! A stack deep enough for any policy within bounds: the evaluator recurses once for every rule that waits for another.

use std::panic;

use super::Error;

/// Address space, not memory: pages count only once touched.
const STACK_BYTES: usize = 256 << 20;

/// Runs `work` on its own thread with a deep stack; a panic in it is an error, never the end of the caller.
pub(crate) fn on_a_deep_stack<T: Send>(origin: &str, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
    let failed = |message: String| Error::Internal { origin: origin.to_owned(), message };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("policy".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || panic::catch_unwind(panic::AssertUnwindSafe(work)))
            .map_err(|error| failed(format!("no thread: {error}")))?;
        match thread.join() {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(panic)) | Err(panic) => Err(failed(words(&*panic))),
        }
    })
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    said.unwrap_or("no message").chars().take(200).collect()
}
