//! `[[bundle_key]]`: which key must have signed the bundles of an origin.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{BundlePlace, Origin};

/// Largest key file, in bytes.
const MAX_KEY: u64 = 64 << 10;

/// A key that signs bundles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleKey {
    /// Its name, which a signature can state as `keyid`.
    pub id: String,
    /// The only algorithm a signature by this key may use, whatever the signature claims.
    pub algorithm: Algorithm,
    /// The key.
    pub key: KeyMaterial,
    /// The bundles that it must have signed.
    pub origin: BundleOrigin,
}

/// Signature algorithms, by their JOSE names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Algorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    RS256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    RS384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    RS512,
    /// RSA PSS with SHA-256.
    PS256,
    /// RSA PSS with SHA-384.
    PS384,
    /// RSA PSS with SHA-512.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// ECDSA on P-521 with SHA-512.
    ES512,
    /// A shared secret with SHA-256: whoever can check a bundle can also sign one.
    HS256,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The key itself, or where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyMaterial {
    /// A public key as PEM text.
    Pem(String),
    /// A file with a public key as PEM text; absolute.
    File(PathBuf),
    /// The environment variable that holds the shared secret of HS256.
    SecretEnv(String),
}

impl KeyMaterial {
    /// The PEM text of a public key; `None` for a shared secret. The error names the file and says what to do.
    pub fn pem(&self) -> Result<Option<String>, String> {
        match self {
            Self::Pem(text) => Ok(Some(text.clone())),
            Self::File(path) => read_key(path).map(Some),
            Self::SecretEnv(_) => Ok(None),
        }
    }
}

fn read_key(path: &Path) -> Result<String, String> {
    let failed = |why: String| format!("The bundle key {} {why}", path.display());
    let mut text = String::new();
    let file = File::open(path).map_err(|error| failed(format!("cannot be read: {error}.")))?;
    let read = file.take(MAX_KEY).read_to_string(&mut text);
    read.map_err(|error| failed(format!("cannot be read: {error}.")))?;
    public_pem(&text).map_err(|why| failed(format!("{why}.")))?;
    Ok(text)
}

/// The error reads on after the key's or file's name, and repeats nothing of the text.
pub(super) fn public_pem(text: &str) -> Result<(), String> {
    if text.contains("PRIVATE KEY-----") {
        return Err("must be the public key, and this is the private one".to_owned());
    }
    let is_public = ["-----BEGIN PUBLIC KEY-----", "-----BEGIN RSA PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----"];
    if is_public.iter().any(|begin| text.contains(begin)) {
        Ok(())
    } else {
        Err("must be a public key in PEM form (-----BEGIN PUBLIC KEY-----)".to_owned())
    }
}

/// Which bundles a key is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BundleOrigin {
    /// Everything behind this URL: the same origin, and the same path or one below it.
    Url(Url),
    /// This file or folder and everything below it; absolute.
    File(PathBuf),
}

impl BundleOrigin {
    /// Whether the bundle at `place` must be signed by the key. A path is absolute.
    #[must_use]
    pub fn covers(&self, place: &BundlePlace) -> bool {
        match (self, place) {
            (Self::Url(prefix), BundlePlace::Url(url)) => {
                let below = url.path().strip_prefix(prefix.path());
                let at_segment = |rest: &str| rest.is_empty() || rest.starts_with('/') || prefix.path().ends_with('/');
                Origin::of(prefix) == Origin::of(url) && below.is_some_and(at_segment)
            }
            (Self::File(prefix), BundlePlace::Path(path)) => path.starts_with(prefix),
            _ => false,
        }
    }
}

/// A key that signs policy bundles. A bundle from its origin is refused unless such a key signed it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyTable {
    /// The key's name, as signatures state it.
    pub(super) id: String,
    /// The only algorithm that is accepted with this key.
    pub(super) algorithm: Algorithm,
    /// The public key: PEM text, or the path of a file with it.
    #[serde(default)]
    pub(super) public_key: Option<String>,
    /// For HS256 only: the environment variable that holds the shared secret.
    #[serde(default)]
    pub(super) secret_env: Option<String>,
    /// The bundles that must be signed by it: the beginning of a URL, or `file:` and the path of a file or folder.
    pub(super) origin: String,
}
