//! The work tree on disk: which files it has, and the text of one of them.
//!
//! Nothing outside the root is ever opened, and nothing but regular files.

mod list;
mod read;

pub use list::{Limits, Listing, list};
pub(crate) use read::open_without_waiting;
pub use read::{Read, read};
