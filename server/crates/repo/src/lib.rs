//! The only git, and the only lister and reader of work tree files.
//!
//! In: a folder, commit ids, repository paths. Out: plain values: ids as hex, paths with `/`, text.
//! No type of the git library leaves this crate.
//!
//! Never: start a process, use the network (a missing object of a partial clone is [`Content::Absent`]), follow an
//! `include` of a repository's configuration, open a file outside the root it was given, or write to a repository of
//! the user ([`history`] only creates new ones, for the demo and for tests). Every repository is opened with the least
//! trust, whoever owns it, so an owner other than the user is ordinary.

mod change_base;
mod changed;
mod changes;
mod codeowners;
mod content;
mod decode;
mod discover;
mod error;
mod file_history;
pub mod files;
mod guard;
mod head;
pub mod history;
mod index;
mod merge_base;
mod remote_url;
mod remotes;
mod repository;
mod revision;
mod sparse;
mod tree;
mod view;

pub use change_base::{ChangeBase, DefaultBranch};
pub use changed::{ChangeKind, PathChange, PathChanges};
pub use codeowners::{CODEOWNERS_PATHS, Codeowners, OwnersFlavour};
pub use content::{Content, MAX_TEXT};
pub use decode::{Decoded, Encoding, decode};
pub use error::Error;
pub use file_history::{FileHistory, HistoryLimits, Renamed, Version};
pub use head::Head;
pub use merge_base::MergeBase;
pub use remote_url::normalise_url;
pub use remotes::Remote;
pub use repository::{FileChange, FileChanges, Repo, TrackedFile};
pub use tree::{TreeFile, TreeListing};
pub use view::{TreeView, View};
