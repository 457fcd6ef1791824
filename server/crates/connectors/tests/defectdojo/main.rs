//! The DefectDojo connector against the stand-in server (`tests/support/defectdojo`), which the recordings of a real one
//! hold to the truth.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there; clippy.toml covers test functions only, not their helpers"
)]

mod contract;
mod faults;
mod identity;
mod matching;
mod pushing;
mod reading;
mod support;
mod walking;
