//! Configuration through this crate's API: what is accepted, what is said of the rest, and what is read from disk.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there; clippy.toml covers test functions only, not their helpers"
)]

mod load;
mod parse;
mod schema;
mod settings;
mod user;
