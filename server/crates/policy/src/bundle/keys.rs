//! Keys that verify bundles, and keys that sign them.

use std::fmt;

pub use config::Algorithm;

/// A key that bundles of an origin must be signed with; from the user's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What a signature calls it (`kid`, `keyid`).
    pub id: String,
    /// The only algorithm that counts, whatever a signature says of itself.
    pub algorithm: Algorithm,
    /// The key.
    pub material: Material,
    /// What a signature must state as `scope`; `None`: a signature must state none, as for OPA.
    pub scope: Option<String>,
}

/// What signatures are checked with.
#[derive(Clone, PartialEq, Eq)]
pub enum Material {
    /// A public key or certificate as PEM text.
    PublicKey(String),
    /// The shared secret of HS256.
    Secret(Vec<u8>),
}

/// A key that signs what [`super::build`] makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// What the signature calls the key; those who verify look it up by this name.
    pub id: Option<String>,
    /// How it signs.
    pub algorithm: Algorithm,
    /// The key.
    pub material: SigningMaterial,
    /// What the signature states as `scope`.
    pub scope: Option<String>,
}

/// What signatures are made with.
#[derive(Clone, PartialEq, Eq)]
pub enum SigningMaterial {
    /// A private key as PEM text: PKCS#8 (`BEGIN PRIVATE KEY`), for RSA also PKCS#1.
    PrivateKey(String),
    /// The shared secret of HS256.
    Secret(Vec<u8>),
}

// Keys never reach a log by way of `{:?}`.
impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PublicKey(_) => "PublicKey(…)",
            Self::Secret(_) => "Secret(…)",
        })
    }
}

impl fmt::Debug for SigningMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrivateKey(_) => "PrivateKey(…)",
            Self::Secret(_) => "Secret(…)",
        })
    }
}
