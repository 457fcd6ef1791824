//! The outbox as its users see it.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test, in what tests share as well")]

mod damage;
mod deciding;
mod interleavings;
#[cfg(unix)]
mod processes;
mod sending;
mod support;
#[cfg(unix)]
mod surroundings;
