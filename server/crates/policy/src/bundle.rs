//! OPA bundles: Rego, data and manifest, verified before anything of them is used.
//!
//! Bytes come in ([`unpack`] for an archive, [`Raw::from_files`] for a folder or a commit), a [`Bundle`] comes out of
//! [`Bundle::read`]; [`check_sequence`] tells a replay; [`build`] makes and signs what is published.

mod build;
mod contents;
mod digest;
mod document;
mod error;
mod jws;
mod keys;
mod manifest;
mod package;
mod raw;
mod replay;
mod signature;
mod unpack;

pub use build::{Overrides, build};
pub use error::Error;
pub use keys::{Algorithm, Key, Material, SigningKey, SigningMaterial};
pub use raw::{MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES, Raw};
pub use replay::check_sequence;
pub use unpack::unpack;

use jiff::Timestamp;

/// A policy as it arrived, checked and unpacked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bundle {
    /// Where it came from, for people: a path or a URL.
    pub origin: String,
    /// Rego modules in order of path; tests (`*_test.rego`) are among them.
    pub modules: Vec<Module>,
    /// All `data.json` and `data.yaml` merged at their paths.
    pub data: serde_json::Value,
    /// What the bundle says of itself.
    pub manifest: Manifest,
    /// Id of the key that its signature was verified with; `None`: not verified.
    pub signed_by: Option<String>,
    /// Code rules that came as files (`rules/**`), in order of path: path and text.
    pub rules: Vec<(String, String)>,
}

/// One Rego file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Inside the bundle, `/`-separated.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// `.manifest`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// What the makers call this state of it.
    pub revision: Option<String>,
    /// The parts of `data` it may define; empty: all.
    pub roots: Vec<String>,
    /// `metadata.aspm.sequence`: a lower one than seen before is a replay.
    pub sequence: Option<u64>,
}

/// What a bundle must stand up to.
#[derive(Debug, Clone, Copy)]
pub struct Expect<'k> {
    /// The keys configured for its origin. With any, it must be signed by one of them; with none, a signature says
    /// nothing and is not looked at.
    pub keys: &'k [Key],
    /// The time at which the signature must hold.
    pub now: Timestamp,
}

impl Bundle {
    /// Reads a bundle, the signature before all else. `origin` is what people call it.
    pub fn read(origin: &str, raw: &Raw, expect: &Expect<'_>) -> Result<Self, Error> {
        let signed_by = match expect.keys {
            [] => None,
            keys => Some(signature::verify(raw, keys, expect.now)?),
        };
        let contents = contents::read(raw)?;
        Ok(Self {
            origin: origin.to_owned(),
            modules: contents.modules,
            data: contents.data.to_value().map_err(|why| Error::file("data", why))?,
            manifest: contents.manifest,
            signed_by,
            rules: contents.rules.into_iter().collect(),
        })
    }
}
