//! `Host` and `Snapshot`: joins findings, documents and placements, in memory.
//!
//! In: a [`Change`] (an edit, a loaded source, a finished placement). Out: [`Effects`]: what must be shown anew and
//! which [`Job`]s somebody else must perform; their results come back as further changes, and a result for an older
//! version is dropped. Server and command line drive the same loop, so they cannot disagree.
//! Never: disk, network, git, SQL, clocks, threads, LSP types, waiting.

mod attention;
mod change;
mod counts;
mod document;
mod effects;
mod files;
mod group;
pub mod grouping;
mod host;
mod judged;
mod loading;
mod package;
mod placed;
mod root;
mod schedule;
mod shown;
mod snapshot;
mod state;
mod status;

pub use attention::Attention;
pub use change::{ByteEdit, Change, DiskChange, Mapping, Placing, Pulled, RootFacts, RootSpec, Survey};
pub use document::Document;
pub use effects::{DocumentInput, Effects, FileRef, Job, PlaceJob, Priority};
pub use group::{Group, HomeNote, Placed, ScannedPath};
pub use host::Host;
pub use judged::{Judged, Law};
pub use package::{Packaged, Spot};
pub use root::{Head, Root, RootId, Source, SourceMeta};
pub use shown::Shown;
pub use snapshot::Snapshot;
