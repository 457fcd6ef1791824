//! Real repositories, made by the git binary in temporary folders, read through this crate's API.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there; clippy.toml covers test functions only, not their helpers"
)]

mod change_base;
mod changed;
mod file_history;
mod files;
mod forms;
mod history;
mod hostile;
mod objects;
mod sandbox;
mod views;
