//! The keyring of the operating system, asked on a thread of its own: it can wait for a person who does not see it.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use config::Origin;
use secrecy::{ExposeSecret as _, SecretString};

use super::{SecretError, line};

/// The service under which credentials are kept; the account is the origin.
const SERVICE: &str = "aspm-lsp";
const POLL: Duration = Duration::from_millis(25);

/// A keeper of credentials by service and account. Errors are what the system says; they hold no credential.
pub trait Vault: Send + Sync {
    /// The credential, if there is one.
    fn get(&self, service: &str, account: &str) -> Result<Option<SecretString>, String>;
    /// Keeps it, in place of an earlier one.
    fn put(&self, service: &str, account: &str, secret: &SecretString) -> Result<(), String>;
    /// Deletes it; whether there was one.
    fn delete(&self, service: &str, account: &str) -> Result<bool, String>;
}

/// Keychain, Credential Manager or Secret Service.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemKeyring;

impl SystemKeyring {
    fn entry(service: &str, account: &str) -> Result<keyring::Entry, String> {
        match keyring::Entry::store_status() {
            Ok(()) => keyring::Entry::new(service, account).map_err(|error| said(&error)),
            Err(error) => Err(said(error)),
        }
    }
}

impl Vault for SystemKeyring {
    fn get(&self, service: &str, account: &str) -> Result<Option<SecretString>, String> {
        match Self::entry(service, account)?.get_password() {
            Ok(secret) => Ok(Some(secret.into())),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(said(&error)),
        }
    }

    fn put(&self, service: &str, account: &str, secret: &SecretString) -> Result<(), String> {
        Self::entry(service, account)?.set_password(secret.expose_secret()).map_err(|error| said(&error))
    }

    fn delete(&self, service: &str, account: &str) -> Result<bool, String> {
        match Self::entry(service, account)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(keyring::Error::NoEntry) => Ok(false),
            Err(error) => Err(said(&error)),
        }
    }
}

/// Some errors carry the stored bytes; their text is not taken from them.
fn said(error: &keyring::Error) -> String {
    match error {
        keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => "what is stored is no text".to_owned(),
        error => error.to_string().replace('\n', " "),
    }
}

pub(super) fn get(
    vault: &Arc<dyn Vault>,
    origin: &Origin,
    limit: Duration,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<SecretString>, SecretError> {
    let account = origin.to_string();
    let found = apart(vault, origin, limit, cancelled, move |vault| vault.get(SERVICE, &account))?;
    Ok(found.as_ref().and_then(line))
}

pub(super) fn put(
    vault: &Arc<dyn Vault>,
    origin: &Origin,
    secret: SecretString,
    limit: Duration,
) -> Result<(), SecretError> {
    let account = origin.to_string();
    apart(vault, origin, limit, &|| false, move |vault| vault.put(SERVICE, &account, &secret))
}

pub(super) fn delete(vault: &Arc<dyn Vault>, origin: &Origin, limit: Duration) -> Result<bool, SecretError> {
    let account = origin.to_string();
    apart(vault, origin, limit, &|| false, move |vault| vault.delete(SERVICE, &account))
}

/// Does `work` on another thread, which is left to itself when it takes too long.
fn apart<T: Send + 'static>(
    vault: &Arc<dyn Vault>,
    origin: &Origin,
    limit: Duration,
    cancelled: &dyn Fn() -> bool,
    work: impl FnOnce(&dyn Vault) -> Result<T, String> + Send + 'static,
) -> Result<T, SecretError> {
    let failed = |why: String| SecretError::Keyring { origin: origin.to_string(), why };
    let (done, result) = channel();
    let vault = vault.clone();
    thread::Builder::new()
        .name("aspm-keyring".to_owned())
        .spawn(move || {
            // Nobody listens any more when it took too long.
            let _ = done.send(work(&*vault));
        })
        .map_err(|error| failed(error.to_string()))?;
    let begun = Instant::now();
    loop {
        match result.recv_timeout(POLL) {
            Ok(answer) => return answer.map_err(failed),
            Err(RecvTimeoutError::Disconnected) => return Err(failed("it failed without a word".to_owned())),
            Err(RecvTimeoutError::Timeout) if cancelled() => return Err(SecretError::Cancelled),
            Err(RecvTimeoutError::Timeout) if begun.elapsed() >= limit => {
                return Err(failed(format!("it did not answer within {} s", limit.as_secs_f32())));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}
