//! The store as its users see it.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test, in what tests share as well")]

mod content;
mod damage;
mod processes;
mod support;
#[cfg(unix)]
mod surroundings;
mod updates;
