//! One source's server, examined for a person: what is configured for it, the way there, and what it says of us.

use std::path::{Path, PathBuf};

use config::{Auth, Origin, SourceConfig, UserConfig};
use connectors::defectdojo::Options;
use connectors::http::{HttpError, Way};
use connectors::{Error, Health};

use super::super::Inner;

/// Where a server's credential comes from; never the credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    /// There is none.
    None,
    /// `login` put it there; reads on after "it is".
    Kept(&'static str),
    /// The user arranged for it; reads on likewise.
    Elsewhere(String),
}

/// What was found out. Nothing of it is secret.
pub(crate) struct Examined {
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// The user's configuration; `None` where there is no place for it.
    pub(crate) config: Option<PathBuf>,
    /// Its first mistake: with one, no server is asked.
    pub(crate) broken: Option<String>,
    /// Where the credential comes from; `None`: the configuration does not list the server.
    pub(crate) credential: Option<Credential>,
    /// The file of the authorities that are trusted beside the platform's.
    pub(crate) ca: Option<PathBuf>,
    /// What was seen on the way; the error is what forbids to look.
    pub(crate) way: Option<Result<Way, HttpError>>,
    /// What the server says; not asked where there is no way.
    pub(crate) health: Option<Result<Health, Error>>,
    /// This repository's URLs, normalised.
    pub(crate) repositories: Vec<String>,
}

pub(crate) fn examine(inner: &Inner, root: &Path, source: &SourceConfig) -> Option<Examined> {
    let url = source.url.as_ref()?;
    let loaded = UserConfig::load(&config::dirs::process_env);
    let server = loaded.config.server_for(url);
    let mut examined = Examined {
        origin: Origin::of(url).map_or_else(|| url.scheme().to_owned(), |origin| origin.to_string()),
        config: config::dirs::config_file(&config::dirs::process_env),
        broken: loaded.problems.first().cloned(),
        credential: server.map(|server| credential(&server.auth)),
        ca: server.and_then(|server| server.ca.clone()),
        way: None,
        health: None,
        repositories: super::binding(inner, root, source).repositories,
    };
    if examined.broken.is_some() || examined.credential.is_none() {
        return Some(examined);
    }
    let cancelled = || inner.is_stopped();
    match inner.client() {
        Ok(client) => examined.way = Some(client.examine(url, &cancelled)),
        Err(why) => examined.broken = Some(why),
    }
    if matches!(examined.way, Some(Ok(_)))
        && let Ok(connector) = super::with(inner, root, source, Options::impatient())
    {
        examined.health = Some(connector.health(&cancelled));
    }
    Some(examined)
}

fn credential(auth: &Auth) -> Credential {
    match auth {
        Auth::None => Credential::None,
        Auth::Keyring => Credential::Kept("in the keyring of this system"),
        Auth::File => Credential::Kept("in a file that only you can read"),
        Auth::Env(name) => Credential::Elsewhere(format!("in the environment variable {name}")),
        Auth::Command(argv) => {
            Credential::Elsewhere(format!("what the command `{}` prints", argv.first().map_or("", String::as_str)))
        }
    }
}
