//! A strict client for the real server process, and workspaces for it.
//!
//! Strict: a test fails when the server says anything nobody agreed on, answers twice or not at all, publishes ranges
//! outside the text, writes anything but LSP to standard output, panics, or does not leave with code 0.

mod central;
mod checks;
mod disk;
mod document;
mod editor;
mod held;
mod process;
mod profile;
mod sarif;
mod sealed;
mod shop;
mod waiting;
mod web;
mod workspace;

pub(crate) use central::{Central, TOKEN};
pub(crate) use disk::Disk;
pub(crate) use document::{Document, Encoding, Place};
pub(crate) use editor::{Answers, Editor, Shown};
pub(crate) use held::Held;
pub(crate) use process::{Frame, Process, binary, deadline};
pub(crate) use profile::Profile;
pub(crate) use sarif::{Log, about_file, result};
pub(crate) use sealed::Sealed;
pub(crate) use shop::{both, shop, synced_shop};
pub(crate) use web::{Heard, Web, say};
pub(crate) use workspace::{Workspace, uri_of};
