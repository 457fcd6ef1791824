//! What may be configured, and where: `aspm.toml` of the repository, settings of the editor, folders of the user.
//!
//! In: the text of `aspm.toml` and of the user's configuration, the JSON of an editor's settings, environment
//! variables. Out: [`Config`], [`UserConfig`], [`Settings`] and paths, each with problems in words a person can act on;
//! the JSON Schemas of the formats; and, changed in one entry, the user's file (`login`, `logout`) and the text of
//! `aspm.toml` (`init`).
//!
//! Never: network, commands, credentials (it says where a credential comes from and holds none). `aspm.toml` is trusted
//! like the repository, not at all: it names files below the root and URLs that only the user can allow, and a broken
//! one never widens what is read. Origins, commands and keys come from [`UserConfig`] alone.

mod bind;
mod bundle;
mod check;
pub mod dirs;
mod document;
mod error;
mod load;
mod origin;
mod path;
mod reads;
pub mod schema;
mod settings;
mod source;
mod suggest;
mod user;

pub use bind::{BindError, Bound, Wanted};
pub use bundle::BundlePlace;
pub use document::{Application, Component, Config, PathMapping};
pub use error::{ConfigError, Problem};
pub use load::{FILE_NAME, Loaded, MAX_FILE_BYTES};
pub use origin::{Origin, http_url};
pub use settings::Settings;
pub use source::{SourceConfig, SourceKind};
pub use user::{
    Algorithm, Auth, BundleKey, BundleOrigin, KeyMaterial, LoadedUser, Server, UserConfig, WriteError, Written,
};
