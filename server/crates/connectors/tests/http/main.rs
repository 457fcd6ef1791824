//! The HTTP client against real servers on this machine, each rule of it, and what servers and networks do to one.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there; clippy.toml covers test functions only, not their helpers"
)]

mod bounds;
mod examine;
mod proxy;
mod redirects;
mod rules;
mod secrets;
mod status;
mod support;
mod tls;
