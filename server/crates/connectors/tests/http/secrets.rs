//! Where credentials come from and go to, and what is said when they cannot.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aspm_connectors::http::secrets::{SystemKeyring, Vault};
use aspm_connectors::http::{SecretError, Secrets, Store};
use config::{Auth, Origin, Server};
use secrecy::{ExposeSecret as _, SecretString};

use crate::support::never;

const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(200);

fn origin() -> Origin {
    Origin::parse("https://dojo.example.com").unwrap()
}

fn server(auth: Auth) -> Server {
    Server { auth, ..Server::new(origin()) }
}

fn looked_up(secrets: &Secrets, auth: Auth) -> Result<Option<String>, SecretError> {
    let found = secrets.credential(&server(auth), &never)?;
    Ok(found.map(|secret| secret.expose_secret().to_owned()))
}

fn plain(folder: Option<&Path>) -> Secrets {
    Secrets::new(|_| None, folder.map(Into::into), Arc::new(SystemKeyring)).with_limits(LONG, LONG)
}

#[test]
fn a_variable_holds_it_or_is_named() {
    let secrets = |value: Option<&'static str>| {
        Secrets::new(move |name| value.filter(|_| name == "DOJO").map(Into::into), None, Arc::new(SystemKeyring))
    };
    for (value, expected) in [
        (Some("abc"), Some("abc")),
        (Some(" abc\n"), Some("abc")),
        (Some("abc\r\nmore"), Some("abc")),
        (Some(""), None),
        (Some(" \n"), None),
        (None, None),
    ] {
        match (looked_up(&secrets(value), Auth::Env("DOJO".into())), expected) {
            (Ok(Some(found)), Some(expected)) => assert_eq!(found, expected),
            (Err(error), None) => assert_eq!(
                error.to_string(),
                "the credential of https://dojo.example.com should be in the environment variable DOJO, which is not set or empty"
            ),
            (found, _) => panic!("{value:?}: {found:?}"),
        }
    }
    assert_eq!(looked_up(&secrets(Some("abc")), Auth::None), Ok(None));
}

#[test]
fn a_file_holds_it_for_its_origin_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let secrets = plain(Some(&data));
    let missing = looked_up(&secrets, Auth::File).unwrap_err();
    assert!(missing.to_string().contains("run `aspm-lsp login https://dojo.example.com`"), "{missing}");
    assert_eq!(secrets.delete(&origin(), Store::File), Ok(false));
    for secret in ["first", "second"] {
        secrets.store(&origin(), &SecretString::from(secret), Store::File).unwrap();
        assert_eq!(looked_up(&secrets, Auth::File), Ok(Some(secret.to_owned())));
    }
    let other = Server { auth: Auth::File, ..Server::new(Origin::parse("https://dojo.example.com:8443").unwrap()) };
    assert!(matches!(secrets.credential(&other, &never), Err(SecretError::Missing { .. })));
    let files: Vec<_> =
        std::fs::read_dir(data.join("credentials")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert!(!files[0].display().to_string().contains("dojo"), "{files:?}");
    assert_eq!(secrets.delete(&origin(), Store::File), Ok(true));
    assert!(looked_up(&secrets, Auth::File).is_err());
    assert!(matches!(plain(None).store(&origin(), &SecretString::from("a"), Store::File), Err(SecretError::NoFolder)));
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_not_used() {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    let folder = tempfile::tempdir().unwrap();
    let secrets = plain(Some(folder.path()));
    secrets.store(&origin(), &SecretString::from("hunter2"), Store::File).unwrap();
    let credentials = folder.path().join("credentials");
    assert_eq!(credentials.metadata().unwrap().mode() & 0o777, 0o700);
    let file = std::fs::read_dir(&credentials).unwrap().next().unwrap().unwrap().path();
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
    for mode in [0o640, 0o604, 0o620, 0o666, 0o601] {
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let error = looked_up(&secrets, Auth::File).unwrap_err().to_string();
        assert!(error.contains(&format!("(mode {mode:03o})")) && error.contains("chmod 600"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    // Storing it again makes it right.
    secrets.store(&origin(), &SecretString::from("hunter3"), Store::File).unwrap();
    assert_eq!(looked_up(&secrets, Auth::File), Ok(Some("hunter3".to_owned())));

    let elsewhere = folder.path().join("elsewhere");
    std::fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert!(looked_up(&secrets, Auth::File).unwrap_err().to_string().contains("not a regular file"));
    secrets.store(&origin(), &SecretString::from("new"), Store::File).unwrap();
    assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "hunter3\n", "a link is replaced, not followed");
}

#[test]
fn what_cannot_be_a_credential_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = plain(Some(folder.path()));
    for secret in ["", " a", "a\n", "a\0b", &"x".repeat(20_000)] {
        for store in [Store::File, Store::Keyring] {
            let error = secrets.store(&origin(), &SecretString::from(secret), store).unwrap_err();
            assert!(matches!(error, SecretError::Unusable { .. }), "{error}");
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A keyring in memory, which can be made to hang or fail.
#[derive(Default)]
struct Memory {
    kept: Mutex<HashMap<(String, String), String>>,
    hangs: AtomicBool,
    fails: AtomicBool,
}

impl Memory {
    fn answer<T>(&self, value: T) -> Result<T, String> {
        while self.hangs.load(Ordering::SeqCst) {
            std::thread::park_timeout(Duration::from_millis(10));
        }
        if self.fails.load(Ordering::SeqCst) { Err("it is locked".to_owned()) } else { Ok(value) }
    }
}

impl Vault for Memory {
    fn get(&self, service: &str, account: &str) -> Result<Option<SecretString>, String> {
        let kept = self.kept.lock().unwrap().get(&(service.to_owned(), account.to_owned())).cloned();
        self.answer(kept.map(SecretString::from))
    }

    fn put(&self, service: &str, account: &str, secret: &SecretString) -> Result<(), String> {
        let place = (service.to_owned(), account.to_owned());
        self.kept.lock().unwrap().insert(place, secret.expose_secret().to_owned());
        self.answer(())
    }

    fn delete(&self, service: &str, account: &str) -> Result<bool, String> {
        let gone = self.kept.lock().unwrap().remove(&(service.to_owned(), account.to_owned()));
        self.answer(gone.is_some())
    }
}

#[test]
fn a_keyring_holds_it_by_origin() {
    let memory = Arc::new(Memory::default());
    let secrets = Secrets::new(|_| None, None, memory.clone()).with_limits(LONG, LONG);
    assert!(matches!(looked_up(&secrets, Auth::Keyring), Err(SecretError::Missing { .. })));
    secrets.store(&origin(), &SecretString::from("abc"), Store::Keyring).unwrap();
    let place = ("aspm-lsp".to_owned(), "https://dojo.example.com".to_owned());
    assert_eq!(memory.kept.lock().unwrap()[&place], "abc");
    assert_eq!(looked_up(&secrets, Auth::Keyring), Ok(Some("abc".to_owned())));
    assert_eq!(secrets.delete(&origin(), Store::Keyring), Ok(true));
    assert_eq!(secrets.delete(&origin(), Store::Keyring), Ok(false));
}

#[test]
fn a_keyring_that_fails_or_hangs_names_the_way_out() {
    let memory = Arc::new(Memory::default());
    let secrets = Secrets::new(|_| None, None, memory.clone()).with_limits(LONG, SHORT);
    memory.fails.store(true, Ordering::SeqCst);
    let error = looked_up(&secrets, Auth::Keyring).unwrap_err().to_string();
    assert!(error.contains("it is locked") && error.contains("--store file"), "{error}");
    memory.hangs.store(true, Ordering::SeqCst);
    let error = looked_up(&secrets, Auth::Keyring).unwrap_err().to_string();
    assert!(error.contains("did not answer within 0.2 s") && error.contains("--store file"), "{error}");
    let cancelled = secrets.credential(&server(Auth::Keyring), &|| true).unwrap_err();
    assert_eq!(cancelled, SecretError::Cancelled);
    memory.hangs.store(false, Ordering::SeqCst);
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_secret_service_the_file_is_offered() {
    if std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() || std::env::var_os("XDG_RUNTIME_DIR").is_some() {
        eprintln!("skipped: this session may have a keyring, which a test must not touch");
        return;
    }
    let error = looked_up(&plain(None), Auth::Keyring).unwrap_err();
    assert!(matches!(error, SecretError::Keyring { .. }), "{error:?}");
    assert!(error.to_string().contains("run `aspm-lsp login https://dojo.example.com --store file`"), "{error}");
}

#[cfg(unix)]
mod command {
    use super::*;

    fn command(argv: &[&str]) -> Auth {
        Auth::Command(argv.iter().map(|part| (*part).to_owned()).collect())
    }

    fn sh(script: &str) -> Auth {
        command(&["sh", "-c", script])
    }

    #[test]
    fn its_first_line_is_the_credential() {
        let secrets = plain(None);
        for (auth, expected) in [
            (command(&["echo", "abc"]), "abc"),
            (sh("printf 'abc\\r\\nuser: me\\n'"), "abc"),
            (sh("echo ' abc '; echo noise >&2"), "abc"),
            // No shell reads it.
            (command(&["echo", "$HOME `id` ; ls"]), "$HOME `id` ; ls"),
            // More than is wanted neither blocks nor counts.
            (sh("echo abc; head -c 1000000 /dev/zero"), "abc"),
            (sh("head -c 1000000 /dev/zero >&2; echo abc"), "abc"),
            // It is not asked anything.
            (sh("read -r line || echo abc"), "abc"),
        ] {
            assert_eq!(looked_up(&secrets, auth.clone()), Ok(Some(expected.to_owned())), "{auth:?}");
        }
    }

    #[test]
    fn it_runs_at_home_and_not_in_a_repository() {
        let home = tempfile::tempdir().unwrap();
        let real = home.path().canonicalize().unwrap();
        let place = real.clone().into_os_string();
        let env = move |name: &str| (name == "HOME").then(|| place.clone());
        let secrets = Secrets::new(env, None, Arc::new(SystemKeyring)).with_limits(LONG, LONG);
        assert_eq!(looked_up(&secrets, command(&["pwd", "-P"])), Ok(Some(real.display().to_string())));
    }

    #[test]
    fn its_failure_is_told_with_what_it_says_but_not_with_what_it_prints() {
        let secrets = plain(None);
        for (auth, expected) in [
            (command(&["aspm-no-such-program"]), "`aspm-no-such-program`, could not be started"),
            (sh("echo hunter2; echo 'no such entry' >&2; exit 3"), "says: no such entry"),
            (sh("echo hunter2 >/dev/null; exit 1"), "failed ("),
            (sh("true"), "printed no credential on its first line"),
            (sh("echo; echo hunter2"), "printed no credential on its first line"),
            (sh("printf '\\377\\376'"), "printed no credential on its first line"),
            (sh("head -c 30000 /dev/zero | tr '\\0' x"), "printed no credential on its first line"),
        ] {
            let error = looked_up(&secrets, auth).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        let noisy = looked_up(&secrets, sh("head -c 100000 /dev/zero | tr '\\0' y >&2; exit 1")).unwrap_err();
        assert!(noisy.to_string().len() < 600, "{noisy}");
    }

    #[test]
    fn it_is_stopped_with_all_it_started_when_it_takes_too_long() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("alive");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // Holds the pipe open for writing as long as it lives; a reader then sees its end.
        let script = format!("sleep 1000 3>'{}' & wait", pipe.display());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read(pipe)
        });
        let secrets = plain(None).with_limits(SHORT, LONG);
        let error = looked_up(&secrets, sh(&script)).unwrap_err().to_string();
        assert!(error.contains("did not end within 0.2 s and was stopped"), "{error}");
        assert_eq!(reader.join().unwrap().unwrap(), b"", "nothing of it is left");
    }

    #[test]
    fn it_can_be_given_up() {
        let error = plain(None).credential(&server(sh("sleep 1000")), &|| true).unwrap_err();
        assert_eq!(error, SecretError::Cancelled);
    }
}
