//! The outbox as its users see it.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test, in what tests share as well")]

mod deciding;
mod sending;
mod support;
