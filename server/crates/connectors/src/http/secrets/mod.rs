//! Where credentials are: looked up for a server as its configuration says, stored and deleted for `login` and `logout`.
//! Never in an argument, a log, an error's text or a `Debug` output.

mod command;
mod error;
mod file;
mod keyring;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use config::{Auth, Origin, Server};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

pub use error::SecretError;
pub use keyring::{SystemKeyring, Vault};

/// Longest time for a credential command.
const COMMAND: Duration = Duration::from_secs(10);
/// Longest time for the keyring, which can ask the user to unlock it where nobody sees it.
const KEYRING: Duration = Duration::from_secs(5);
/// Longest credential, in bytes.
const MAX_SECRET: usize = 16 << 10;

/// Where `login` puts a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Store {
    /// The keyring of the operating system.
    Keyring,
    /// A file in the data folder that only the user can read.
    File,
}

type Lookup = Box<dyn Fn(&str) -> Option<OsString> + Send + Sync>;

/// Looks up, stores and deletes credentials.
pub struct Secrets {
    env: Lookup,
    folder: Option<PathBuf>,
    vault: Arc<dyn Vault>,
    command_limit: Duration,
    vault_limit: Duration,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Secrets {
    /// With the environment, the data folder and the keyring of this process's user.
    #[must_use]
    pub fn of_process() -> Self {
        let folder = config::dirs::data_dir(&config::dirs::process_env);
        Self::new(config::dirs::process_env, folder, Arc::new(SystemKeyring))
    }

    /// With another environment, data folder (where `credentials/` is) and keyring.
    #[must_use]
    pub fn new(
        env: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static,
        folder: Option<PathBuf>,
        vault: Arc<dyn Vault>,
    ) -> Self {
        Self { env: Box::new(env), folder, vault, command_limit: COMMAND, vault_limit: KEYRING }
    }

    /// With other time limits for a command and the keyring.
    #[must_use]
    pub fn with_limits(self, command: Duration, keyring: Duration) -> Self {
        Self { command_limit: command, vault_limit: keyring, ..self }
    }

    /// The credential of a server; `None` where it is configured to have none. `cancelled` is asked often while a
    /// command or the keyring takes its time.
    pub fn credential(
        &self,
        server: &Server,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Option<SecretString>, SecretError> {
        self.look_up(&server.auth, &server.origin, cancelled)
    }

    /// `user:password` for a server's proxy; `None` where none is configured.
    pub fn proxy_login(
        &self,
        server: &Server,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Option<SecretString>, SecretError> {
        match &server.proxy_auth {
            // Only a credential of the origin itself is ever stored there.
            Auth::None | Auth::Keyring | Auth::File => Ok(None),
            auth => self.look_up(auth, &server.origin, cancelled),
        }
    }

    /// The same where looking costs nothing and asks nobody (a variable, a file): no command is run and no keyring opened.
    #[must_use]
    pub fn at_hand(&self, server: &Server) -> Option<SecretString> {
        match &server.auth {
            Auth::Env(_) | Auth::File => self.credential(server, &|| false).ok().flatten(),
            Auth::None | Auth::Command(_) | Auth::Keyring => None,
        }
    }

    fn look_up(
        &self,
        auth: &Auth,
        origin: &Origin,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Option<SecretString>, SecretError> {
        let secret = match auth {
            Auth::None => return Ok(None),
            Auth::Env(name) => self.variable(name, origin)?,
            Auth::Command(argv) => command::run(argv, (self.env)("HOME"), self.command_limit, origin, cancelled)?,
            Auth::Keyring => {
                let stored = keyring::get(&self.vault, origin, self.vault_limit, cancelled)?;
                stored.ok_or_else(|| SecretError::Missing { origin: origin.to_string(), store: "the keyring" })?
            }
            Auth::File => {
                let stored = file::get(self.folder()?, origin)?;
                stored.ok_or_else(|| SecretError::Missing { origin: origin.to_string(), store: "the data folder" })?
            }
        };
        Ok(Some(secret))
    }

    fn variable(&self, name: &str, origin: &Origin) -> Result<SecretString, SecretError> {
        let value = (self.env)(name).and_then(|value| value.into_string().ok());
        let unset = || SecretError::Variable { origin: origin.to_string(), name: name.to_owned() };
        line(&value.unwrap_or_default().into()).ok_or_else(unset)
    }

    fn folder(&self) -> Result<&PathBuf, SecretError> {
        self.folder.as_ref().ok_or(SecretError::NoFolder)
    }

    /// Keeps the credential of an origin, in place of an earlier one.
    pub fn store(&self, origin: &Origin, secret: &SecretString, store: Store) -> Result<(), SecretError> {
        use secrecy::ExposeSecret as _;

        let text = secret.expose_secret();
        if text.is_empty() || text.len() > MAX_SECRET || text.chars().any(char::is_control) || text.trim() != text {
            return Err(SecretError::Unusable { origin: origin.to_string() });
        }
        match store {
            Store::Keyring => keyring::put(&self.vault, origin, secret.clone(), self.vault_limit),
            Store::File => file::put(self.folder()?, origin, secret),
        }
    }

    /// Deletes the credential of an origin; whether there was one.
    pub fn delete(&self, origin: &Origin, store: Store) -> Result<bool, SecretError> {
        match store {
            Store::Keyring => keyring::delete(&self.vault, origin, self.vault_limit),
            Store::File => file::delete(self.folder()?, origin),
        }
    }
}

/// What tells one credential of an origin from another and gives nothing of it away: 32 of `0-9a-f`.
#[must_use]
pub fn mark(origin: &Origin, secret: &SecretString) -> String {
    use secrecy::ExposeSecret as _;

    let mut sha = Sha256::new();
    for part in ["aspm-lsp credential", &origin.to_string(), secret.expose_secret()] {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part.as_bytes());
    }
    sha.finalize().iter().take(16).fold(String::new(), |mark, byte| mark + &format!("{byte:02x}"))
}

/// The first line of a text, without white space around it; `None` when that leaves nothing or too much.
fn line(text: &SecretString) -> Option<SecretString> {
    use secrecy::ExposeSecret as _;

    let first = text.expose_secret().lines().next().unwrap_or("").trim();
    (!first.is_empty() && first.len() <= MAX_SECRET).then(|| SecretString::from(first.to_owned()))
}
