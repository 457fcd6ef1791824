//! Bundles as they arrive from servers, folders and attackers.

mod archive;
mod building;
mod data;
mod hostile;
mod reading;
mod signing;

use aspm_policy::bundle::{Algorithm, Bundle, Error, Expect, Key, Material, Raw, SigningKey, SigningMaterial};

pub(crate) const SECRET: &[u8] = b"a shared secret of some length!!";

pub(crate) const GATE: &str = "package aspm.gate\n\npass := true\n";

/// A folder, from names and texts.
pub(crate) fn folder(files: &[(&str, &str)]) -> Raw {
    Raw::from_files(files.iter().map(|(path, text)| (*path, text.as_bytes().to_vec()))).expect("plain names")
}

/// Read with no key configured.
pub(crate) fn read(files: &[(&str, &str)]) -> Result<Bundle, Error> {
    Bundle::read("a test", &folder(files), &Expect { keys: &[], now: now() })
}

/// The refusal of a folder, in words.
pub(crate) fn refusal(files: &[(&str, &str)]) -> String {
    match read(files) {
        Ok(bundle) => panic!("accepted: {bundle:?}"),
        Err(error) => error.to_string(),
    }
}

pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_800_000_000).expect("a time in range")
}

pub(crate) fn secret_key(id: &str) -> Key {
    Key { id: id.to_owned(), algorithm: Algorithm::HS256, material: Material::Secret(SECRET.to_vec()), scope: None }
}

pub(crate) fn secret_signer(id: Option<&str>) -> SigningKey {
    SigningKey {
        id: id.map(str::to_owned),
        algorithm: Algorithm::HS256,
        material: SigningMaterial::Secret(SECRET.to_vec()),
        scope: None,
    }
}

pub(crate) fn public_key(id: &str, algorithm: Algorithm, pem: &str) -> Key {
    Key { id: id.to_owned(), algorithm, material: Material::PublicKey(pem.to_owned()), scope: None }
}
