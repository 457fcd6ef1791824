//! What may be configured, and where: `aspm.toml` of the repository, settings of the editor, folders of the user.
//!
//! In: the text of `aspm.toml`, the JSON of an editor's settings, environment variables. Out: [`Config`], [`Settings`]
//! and paths, each with problems in words a person can act on; and the JSON Schemas of both formats.
//!
//! Never: network, commands, credentials. `aspm.toml` is trusted like the repository, not at all: it names files below
//! the root and nothing else, and a broken one never widens what is read.

mod check;
pub mod dirs;
mod document;
mod error;
mod load;
mod path;
mod reads;
pub mod schema;
mod settings;
mod suggest;

pub use document::{Application, Component, Config, PathMapping, SourceConfig, SourceKind};
pub use error::{ConfigError, Problem};
pub use load::{FILE_NAME, Loaded, MAX_FILE_BYTES};
pub use settings::Settings;
