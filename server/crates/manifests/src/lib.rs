//! Dependency files: which packages a project declares and locks, where in the text, and where a vulnerable one is now.
//!
//! In: the text of manifests and lock files with their paths; what a tool reported of a package (name, version, fixing
//! versions). Out: packages with the exact spans of name and version, the way from a direct dependency to the one it
//! brings, a placement for each reported package, and the edit that raises a declared range.
//! Never: reads a file, asks a registry or runs a package manager, and never guesses: a range that is not understood is
//! told so, a broken file gives what could be read and a word about the rest.

mod ecosystem;
mod format;
mod formats;
mod graph;
mod locate;
mod manifest;
mod purl;
mod read;
mod requirement;
mod scope;
mod standing;
mod upgrade;
mod version;

pub use ecosystem::Ecosystem;
pub use format::Format;
pub use locate::{Before, File, Files, Located, Place, Reported, locate};
pub use manifest::{Manifest, Package, Relation, Token, parse};
pub use purl::Purl;
pub use requirement::Requirement;
pub use scope::of_home;
pub use upgrade::{Upgrade, upgrade};
pub use version::Version;
