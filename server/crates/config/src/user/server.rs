//! `[[server]]`: one origin, and how it is reached.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use crate::Origin;

/// One origin that may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Scheme, host and port; nothing else is allowed by this entry.
    pub origin: Origin,
    /// Where its credential comes from.
    pub auth: Auth,
    /// PEM file with certificates of authorities to trust beside the platform's.
    pub ca: Option<PathBuf>,
    /// PEM file with the certificate that this computer shows; there exactly when `client_key` is.
    pub client_cert: Option<PathBuf>,
    /// PEM file with its private key.
    pub client_key: Option<PathBuf>,
    /// The proxy to go through; without it, the system's (never for a loopback origin).
    pub proxy: Option<Url>,
    /// Where the proxy's `user:password` comes from; only [`Auth::Env`] and [`Auth::Command`], or [`Auth::None`].
    pub proxy_auth: Auth,
    /// Plain http although the origin is another computer.
    pub allow_http: bool,
}

impl Server {
    /// A server with nothing but its origin: no credential, the platform's authorities, the system's proxy.
    #[must_use]
    pub fn new(origin: Origin) -> Self {
        Self {
            origin,
            auth: Auth::None,
            ca: None,
            client_cert: None,
            client_key: None,
            proxy: None,
            proxy_auth: Auth::None,
            allow_http: false,
        }
    }
}

/// Where a credential comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Auth {
    /// There is none.
    #[default]
    None,
    /// The keyring of the operating system, where `aspm-lsp login` puts it.
    Keyring,
    /// An environment variable.
    Env(String),
    /// The first line that a command prints; program and arguments, no shell.
    Command(Vec<String>),
    /// A file that only the user can read, where `aspm-lsp login --store file` puts it.
    File,
}

/// An origin that may be asked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServerTable {
    /// Scheme, host and port, for example `https://dojo.example.com`.
    pub(super) url: String,
    /// Where its credential comes from; without it, there is none.
    #[serde(default)]
    pub(super) auth: Option<AuthValue>,
    /// PEM file with certificates of authorities to trust beside the platform's.
    #[serde(default)]
    pub(super) ca: Option<String>,
    /// PEM file with the certificate that this computer shows the server; needs `client_key`.
    #[serde(default)]
    pub(super) client_cert: Option<String>,
    /// PEM file with the private key of `client_cert`.
    #[serde(default)]
    pub(super) client_key: Option<String>,
    /// The proxy to go through, for example `http://proxy.example.com:3128`; without it, the system's.
    #[serde(default)]
    pub(super) proxy: Option<String>,
    /// Where the proxy's `user:password` comes from: `env` or `command`.
    #[serde(default)]
    pub(super) proxy_auth: Option<AuthValue>,
    /// Allows http, which everybody on the way can read, to another computer than this one.
    #[serde(default)]
    pub(super) allow_http: bool,
}

/// Where a credential comes from: `"none"`, or exactly one of the keys.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum AuthValue {
    Word(AuthWord),
    Table(AuthTable),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum AuthWord {
    /// There is no credential.
    None,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthTable {
    /// `true`: the keyring of the operating system, where `aspm-lsp login` puts it.
    #[serde(default)]
    keyring: Option<bool>,
    /// The name of an environment variable.
    #[serde(default)]
    env: Option<String>,
    /// Program and arguments; the first line it prints is the credential. No shell reads it.
    #[serde(default)]
    command: Option<Vec<String>>,
    /// `true`: a file that only the user can read, where `aspm-lsp login --store file` puts it.
    #[serde(default)]
    file: Option<bool>,
}

impl AuthValue {
    /// The error reads on after the key's name.
    pub(super) fn read(&self) -> Result<Auth, String> {
        let Self::Table(table) = self else { return Ok(Auth::None) };
        let mut ways = Vec::new();
        match table.keyring {
            Some(true) => ways.push(Auth::Keyring),
            Some(false) => return Err(must_be_true("keyring")),
            None => {}
        }
        match table.file {
            Some(true) => ways.push(Auth::File),
            Some(false) => return Err(must_be_true("file")),
            None => {}
        }
        if let Some(name) = &table.env {
            if !is_variable(name) {
                return Err("must give `env` the name of a variable, such as DOJO_TOKEN, not its value".to_owned());
            }
            ways.push(Auth::Env(name.clone()));
        }
        if let Some(command) = &table.command {
            let Some(program) = command.first().filter(|program| !program.is_empty()) else {
                return Err("must give `command` a program and its arguments: [\"pass\", \"dojo\"]".to_owned());
            };
            // A relative path would mean another program wherever an editor happens to run.
            let is_name = !program.contains(['/', '\\']);
            if !is_name && !std::path::Path::new(program).is_absolute() {
                return Err("must give `command` a program by its name or its absolute path".to_owned());
            }
            if command.iter().any(|part| part.contains('\0')) {
                return Err("must have no control characters in `command`".to_owned());
            }
            ways.push(Auth::Command(command.clone()));
        }
        match ways.len() {
            1 => Ok(ways.remove(0)),
            0 => Err("needs one of keyring, env, command, file, or to be \"none\"".to_owned()),
            _ => Err("must have only one of keyring, env, command, file".to_owned()),
        }
    }
}

fn must_be_true(key: &str) -> String {
    format!("can have `{key}` only as true; \"none\" means no credential")
}

/// A name that shells take: so a token pasted in place of a name is noticed in most cases.
pub(super) fn is_variable(name: &str) -> bool {
    name.len() <= 200
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
