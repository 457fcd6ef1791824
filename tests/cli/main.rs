//! The real binary from the outside: arguments and files in; standard output, standard error and exit code out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod demo;
mod doctor;
mod help;
mod list;
mod locate;
mod login;
mod sandbox;
mod show;
