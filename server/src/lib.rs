//! The aspm-lsp server and command line: `driver` performs the engine's jobs for both, `lsp` is the only LSP, `cli` the
//! only terminal, `login` what both do to sign in, `present` the words and pages that both show, `triage` what a
//! person says of findings.
//!
//! In: an editor's messages or a command. Out: diagnostics, answers, text. Never: a decision of its own about where a
//! finding is or what it means; those live in the crates below.

mod account;
pub mod cli;
pub mod clock;
pub mod driver;
pub mod login;
pub mod lsp;
pub mod present;
mod report;
mod triage;

/// This build's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
