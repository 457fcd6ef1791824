//! Signing in to a server and out of it, for the command line and for editors alike.
//!
//! In: the URL that the user himself names, a token or a password. Out: the credential kept where it was asked for, after
//! the server accepted it, and the origin in the user's configuration. Never: anything stored that the server did not
//! accept, a credential in a text, a file with mistakes overwritten.

use std::fmt;
use std::path::{Path, PathBuf};

use config::dirs::Env;
use config::{Auth, Origin, Server, UserConfig, WriteError, Written};
use connectors::defectdojo::account::{self, Account, AccountError};
use connectors::http::{Client, HttpError, SecretError, Secrets, Store, mark};
use secrecy::SecretString;
use url::Url;

/// What proves who signs in.
pub enum Proof {
    /// A token that the user has.
    Token(SecretString),
    /// A name and its password, which the server trades for a token; the password is not kept.
    Password {
        /// The user's name at the server.
        user: String,
        /// The password.
        password: SecretString,
    },
}

/// Where things are, for this process's user or for a test.
pub struct Desk<'a> {
    /// The environment, for the home folder.
    pub env: Env<'a>,
    /// The user's configuration; `None` where there is no place for it.
    pub config_file: Option<PathBuf>,
    /// Where credentials are kept; asked for anew by whoever needs its own.
    pub secrets: &'a dyn Fn() -> Secrets,
    /// The cache folder, for whose findings are whose.
    pub cache: PathBuf,
}

/// Why somebody is not signed in or out. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The URL is none that may be asked.
    #[error("the URL {0}")]
    Url(String),
    /// There is no place for the configuration.
    #[error("there is no place for your configuration: set HOME or ASPM_CONFIG")]
    NoPlace,
    /// The configuration has mistakes; with them, no origin counts.
    #[error("your configuration has mistakes; nothing was stored or changed. Correct them first:\n{}", .0.join("\n"))]
    Broken(Vec<String>),
    /// The user has arranged for the credential to come from elsewhere.
    #[error(
        "the credential of {origin} comes from {from}, as your configuration says; put the token there. To have it kept \
         here instead, add --store keyring or --store file"
    )]
    Elsewhere {
        /// The server.
        origin: String,
        /// The variable or command, in words.
        from: String,
    },
    /// The keyring of this system cannot be used.
    #[error("the keyring of this system cannot be used: {why}")]
    NoKeyring {
        /// What the system says.
        why: String,
    },
    /// The server does not accept what was given, or is not to be had.
    #[error("{0}. Nothing was stored")]
    Refused(#[from] AccountError),
    /// The credential cannot be kept or deleted.
    #[error(transparent)]
    Secret(SecretError),
    /// The configuration was not changed, and so the new credential was not kept either.
    #[error("{0}")]
    Config(#[from] WriteError),
}

impl LoginError {
    /// Whether the usage, the configuration or the credential has to be put right; else it failed.
    #[must_use]
    pub fn is_users(&self) -> bool {
        match self {
            Self::Refused(AccountError::Http(error)) => {
                matches!(
                    error,
                    HttpError::PlainHttp { .. }
                        | HttpError::RedirectNotAllowed { .. }
                        | HttpError::Setup { .. }
                        | HttpError::Credential(_)
                )
            }
            Self::Refused(error) => !matches!(error, AccountError::Unwell { .. }),
            _ => true,
        }
    }
}

/// A sign-in that may begin: everything that needs no credential has been looked at.
pub struct Visit<'a> {
    desk: &'a Desk<'a>,
    file: PathBuf,
    known: UserConfig,
    url: Url,
    origin: Origin,
    store: Store,
}

impl fmt::Debug for Visit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").field("origin", &self.origin).field("store", &self.store).finish_non_exhaustive()
    }
}

/// What a sign-in did.
#[derive(Debug)]
pub struct SignedIn {
    /// The server.
    pub origin: Origin,
    /// Who one is there.
    pub account: Account,
    /// Where the token is.
    pub store: Store,
    /// The user's configuration, and what became of it.
    pub config: (PathBuf, Written),
    /// What else there is to know, one sentence each.
    pub remarks: Vec<String>,
}

impl<'a> Visit<'a> {
    /// Looks at the URL, the configuration and the store before anybody is asked for a credential. `store`: where the
    /// user wants it; without it, where the configuration has it, else the keyring.
    pub fn new(desk: &'a Desk<'a>, url: &str, store: Option<Store>) -> Result<Self, LoginError> {
        let (url, origin) = address(url)?;
        let file = desk.config_file.clone().ok_or(LoginError::NoPlace)?;
        let loaded = UserConfig::load_file(&file, desk.env);
        if !loaded.problems.is_empty() {
            return Err(LoginError::Broken(loaded.problems));
        }
        let known = loaded.config;
        let server = known.server(&origin);
        let may_be_plain = server.is_some_and(|server| server.allow_http);
        if !(origin.is_encrypted() || origin.is_loopback() || may_be_plain) {
            return Err(AccountError::Http(HttpError::PlainHttp { origin: origin.to_string() }).into());
        }
        let store = match (store, server.map(|server| &server.auth)) {
            (Some(store), _) => store,
            (None, Some(Auth::File)) => Store::File,
            (None, Some(auth @ (Auth::Env(_) | Auth::Command(_)))) => {
                return Err(LoginError::Elsewhere { origin: origin.to_string(), from: from(auth) });
            }
            (None, _) => Store::Keyring,
        };
        if store == Store::Keyring {
            // Found out before anybody types a password for nothing.
            let server = Server { auth: Auth::Keyring, ..Server::new(origin.clone()) };
            if let Err(SecretError::Keyring { why, .. }) = (desk.secrets)().credential(&server, &|| false) {
                return Err(LoginError::NoKeyring { why });
            }
        }
        Ok(Self { desk, file, known, url, origin, store })
    }

    /// Who is asked.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Has the server check the credential, keeps it, and lists the server in the user's configuration.
    pub fn sign_in(self, proof: Proof, cancelled: &dyn Fn() -> bool) -> Result<SignedIn, LoginError> {
        let mut allowed = self.known.clone();
        if allowed.server(&self.origin).is_none() {
            allowed.servers.push(Server::new(self.origin.clone()));
        }
        let client = Client::new(allowed, (self.desk.secrets)());
        let token = match proof {
            Proof::Token(token) => token,
            Proof::Password { user, password } => account::token(&client, &self.url, &user, &password, cancelled)?,
        };
        let account = account::account(&client, &self.url, &token, cancelled)?;
        let mut remarks = Vec::new();
        let written = self.keep(&token, &mut remarks)?;
        // From now on this account's findings are shown, and nobody else's.
        let whose = connectors::Account { id: account.id.to_string(), name: account.user.clone() };
        if let Err(why) = crate::account::remember(&self.desk.cache, &self.origin, &mark(&self.origin, &token), &whose)
        {
            remarks.push(why);
        }
        Ok(SignedIn { origin: self.origin, account, store: self.store, config: (self.file, written), remarks })
    }

    /// First the credential, then the entry that leads to it: without the first, the second is a broken promise.
    fn keep(&self, token: &SecretString, remarks: &mut Vec<String>) -> Result<Written, LoginError> {
        let secrets = (self.desk.secrets)();
        secrets.store(&self.origin, token, self.store).map_err(|error| match error {
            SecretError::Keyring { why, .. } => LoginError::NoKeyring { why },
            error => LoginError::Secret(error),
        })?;
        let auth = auth_of(self.store);
        let before = self.known.server(&self.origin).map(|server| server.auth.clone()).unwrap_or_default();
        let written = match UserConfig::write_auth(&self.file, self.desk.env, &self.origin, &auth) {
            Ok(written) => written,
            Err(error) => {
                // Nothing leads to it; a credential that lies about unused is one too many.
                if let Err(left) = secrets.delete(&self.origin, self.store) {
                    tracing::warn!("a credential that is not used stays behind: {left}");
                }
                return Err(error.into());
            }
        };
        let other = match before {
            Auth::Keyring if self.store == Store::File => Store::Keyring,
            Auth::File if self.store == Store::Keyring => Store::File,
            _ => return Ok(written),
        };
        match secrets.delete(&self.origin, other) {
            Ok(true) => remarks.push(format!("The earlier one was deleted from {}.", place(other))),
            Ok(false) => {}
            Err(error) => remarks.push(format!("The earlier one may still be in {}: {error}.", place(other))),
        }
        Ok(written)
    }
}

/// What a sign-out did.
#[derive(Debug)]
pub struct SignedOut {
    /// The server.
    pub origin: Origin,
    /// Where a credential was and is no more.
    pub deleted: Vec<Store>,
    /// The user's configuration, and whether it lists the server and was changed.
    pub config: (PathBuf, bool, Written),
    /// What else there is to know, one sentence each.
    pub remarks: Vec<String>,
}

/// Deletes the credential of the server at `url` from wherever it was kept, and keeps its entry without one.
pub fn sign_out(desk: &Desk<'_>, url: &str) -> Result<SignedOut, LoginError> {
    let (_, origin) = address(url)?;
    let file = desk.config_file.clone().ok_or(LoginError::NoPlace)?;
    let loaded = UserConfig::load_file(&file, desk.env);
    let auth = loaded.config.server(&origin).map(|server| server.auth.clone());
    let secrets = (desk.secrets)();
    let (mut deleted, mut remarks) = (Vec::new(), Vec::new());
    // The file first: it always can be reached.
    let in_file = secrets.delete(&origin, Store::File);
    let in_keyring = secrets.delete(&origin, Store::Keyring);
    if in_file.as_ref().is_ok_and(|was| *was) {
        deleted.push(Store::File);
    }
    match in_keyring {
        Ok(true) => deleted.push(Store::Keyring),
        Ok(false) => {}
        // With a broken configuration nobody knows where it was.
        Err(SecretError::Keyring { why, .. }) if auth == Some(Auth::Keyring) || !loaded.problems.is_empty() => {
            return Err(LoginError::NoKeyring { why: format!("{why}; what it holds for {origin} is still there") });
        }
        Err(SecretError::Keyring { why, .. }) => {
            remarks.push(format!("The keyring of this system could not be asked for another one ({why})."));
        }
        Err(error) => return Err(LoginError::Secret(error)),
    }
    match in_file {
        Err(SecretError::NoFolder) | Ok(_) => {}
        Err(error) => return Err(LoginError::Secret(error)),
    }
    if !loaded.problems.is_empty() {
        return Err(LoginError::Broken(loaded.problems));
    }
    let written = match &auth {
        None | Some(Auth::None) => Written::Kept,
        Some(auth @ (Auth::Env(_) | Auth::Command(_))) => {
            remarks.push(format!("Its credential comes from {}, which stays as it is.", from(auth)));
            Written::Kept
        }
        Some(Auth::Keyring | Auth::File) => UserConfig::write_auth(&file, desk.env, &origin, &Auth::None)?,
    };
    Ok(SignedOut { origin, deleted, config: (file, auth.is_some(), written), remarks })
}

/// The URL as it is asked, and its origin.
fn address(text: &str) -> Result<(Url, Origin), LoginError> {
    let url = config::http_url(text).map_err(LoginError::Url)?;
    if url.query().is_some() {
        return Err(LoginError::Url("must have no ? part: it is the server's address".to_owned()));
    }
    let origin = Origin::of(&url).ok_or_else(|| LoginError::Url("must name a host".to_owned()))?;
    Ok((url, origin))
}

fn auth_of(store: Store) -> Auth {
    match store {
        Store::Keyring => Auth::Keyring,
        Store::File => Auth::File,
    }
}

fn from(auth: &Auth) -> String {
    match auth {
        Auth::Env(name) => format!("the environment variable {name}"),
        Auth::Command(argv) => format!("the command `{}`", argv.first().map_or("", String::as_str)),
        Auth::None | Auth::Keyring | Auth::File => "elsewhere".to_owned(),
    }
}

/// In words.
#[must_use]
pub fn place(store: Store) -> &'static str {
    match store {
        Store::Keyring => "the keyring of this system",
        Store::File => "a file that only you can read",
    }
}

/// What this process's user has.
#[must_use]
pub fn config_file(env: Env<'_>) -> Option<PathBuf> {
    config::dirs::config_file(env).map(|file| std::path::absolute(&file).unwrap_or_else(|_| Path::new(&file).into()))
}
