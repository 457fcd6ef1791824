//! The user's configuration: which origins may be asked, how to prove who asks, and which keys sign bundles.
//!
//! It is the only place for these, since every other one (a repository, an editor's settings) can be written by somebody
//! else. It holds no secret itself: it says where each comes from.

mod keys;
mod load;
mod meaning;
mod server;
mod write;

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::de::DeTable;
use url::Url;

use crate::dirs::Env;
use crate::error::Problems;
use crate::{BundlePlace, ConfigError, Origin, check};

pub use keys::{Algorithm, BundleKey, BundleOrigin, KeyMaterial};
pub use load::LoadedUser;
pub use server::{Auth, Server};
pub use write::{WriteError, Written};

/// What the user's configuration says, checked; empty without a file: then nothing is reached over the network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserConfig {
    /// The origins that may be asked, each once.
    pub servers: Vec<Server>,
    /// Keys that sign policy bundles, in the order of the file.
    pub bundle_keys: Vec<BundleKey>,
    /// The organisation's policy bundle, which wins over a repository's.
    pub policy_bundle: Option<BundlePlace>,
}

/// The user's configuration of aspm-lsp. All of it is optional; without it, nothing is reached over the network.
#[derive(Deserialize, JsonSchema)]
#[schemars(title = "aspm/config.toml")]
#[serde(deny_unknown_fields)]
pub(crate) struct UserDocument {
    /// Origins that may be asked for findings, logs and bundles.
    #[serde(default)]
    server: Vec<server::ServerTable>,
    /// Keys that sign policy bundles.
    #[serde(default)]
    bundle_key: Vec<keys::KeyTable>,
    /// The organisation's policy.
    #[serde(default)]
    policy: PolicyTable,
}

/// The organisation's policy.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
struct PolicyTable {
    /// The bundle: a folder, a `.tar.gz` or a URL. It wins over a repository's. A path is absolute, begins with `~/`, or
    /// is relative to the folder of this file.
    #[serde(default)]
    bundle: Option<String>,
}

impl UserConfig {
    /// Reads the text of the user's configuration. `file` is named in messages, and its folder is what relative paths
    /// are relative to; `env` knows the home folder. All mistakes are told at once, and no value of a key that could
    /// hold a secret is repeated.
    pub fn parse(text: &str, file: &Path, env: Env<'_>) -> Result<Self, ConfigError> {
        let name = file.display().to_string();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut problems = Problems::new(text);
        let root = match DeTable::parse(text) {
            Ok(root) => root,
            Err(error) => {
                let what = error.message().replace('\n', ", ");
                problems.add(&error.span().unwrap_or(0..0), format!("this is not TOML: {what}"));
                return Err(problems.into_error(&name));
            }
        };
        meaning::secrets_written_down(&root, &mut problems);
        check::table(root.get_ref(), &root.span(), &crate::schema::user_config_value(), "", &mut problems);
        if !problems.is_empty() {
            return Err(problems.into_error(&name));
        }
        let document = match UserDocument::deserialize(toml::de::Deserializer::from(root.clone())) {
            Ok(document) => document,
            Err(error) => {
                problems.add(&error.span().unwrap_or(0..0), error.message());
                return Err(problems.into_error(&name));
            }
        };
        let folder = file.parent().unwrap_or(Path::new(""));
        let config = meaning::Meaning { root: &root, problems: &mut problems, folder, env }.read(&document);
        if problems.is_empty() { Ok(config) } else { Err(problems.into_error(&name)) }
    }

    /// The server that `url` belongs to; `None` means that no request to it is allowed.
    #[must_use]
    pub fn server_for(&self, url: &Url) -> Option<&Server> {
        self.server(&Origin::of(url)?)
    }

    /// The server of an origin.
    #[must_use]
    pub fn server(&self, origin: &Origin) -> Option<&Server> {
        self.servers.iter().find(|server| server.origin == *origin)
    }

    /// The keys one of which must have signed the bundle at `place`; none means that it may be unsigned. A path is
    /// absolute.
    #[must_use]
    pub fn keys_for(&self, place: &BundlePlace) -> Vec<&BundleKey> {
        self.bundle_keys.iter().filter(|key| key.origin.covers(place)).collect()
    }
}
