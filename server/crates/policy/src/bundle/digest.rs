//! What OPA hashes of a file, and by which algorithms.

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

use super::document::{Document, from_json, from_yaml};

/// The algorithm that our signatures use, as OPA's do.
pub(super) const DEFAULT: &str = "SHA-256";

/// The bytes that stand for a file: OPA hashes `data.json`, `data.yaml` and `.manifest` as parsed, so that white space
/// and the order of keys do not matter, and every other file as it is. (`data.yml` is one of the others.)
///
/// The error says why a file of the parsed kind does not parse.
pub(super) fn hashed_bytes<'f>(path: &str, content: &'f [u8]) -> Result<std::borrow::Cow<'f, [u8]>, String> {
    Ok(match parsed(path, content) {
        Some(document) => document?.canonical().into(),
        None => content.into(),
    })
}

/// The file as parsed, if it is of the parsed kind.
pub(super) fn parsed(path: &str, content: &[u8]) -> Option<Result<Document, String>> {
    match path.rsplit('/').next().unwrap_or(path) {
        "data.json" | ".manifest" => Some(from_json(content)),
        "data.yaml" => Some(from_yaml(content)),
        _ => None,
    }
}

/// The digest in hex; the error continues a sentence.
pub(super) fn hex_digest(algorithm: &str, bytes: &[u8]) -> Result<String, String> {
    let digest = match algorithm {
        "SHA-224" => Sha224::digest(bytes).to_vec(),
        "SHA-256" => Sha256::digest(bytes).to_vec(),
        "SHA-384" => Sha384::digest(bytes).to_vec(),
        "SHA-512" => Sha512::digest(bytes).to_vec(),
        "SHA-512-224" => Sha512_224::digest(bytes).to_vec(),
        "SHA-512-256" => Sha512_256::digest(bytes).to_vec(),
        "" => return Err("it names no hash algorithm".to_owned()),
        "MD5" | "SHA-1" => return Err(format!("{algorithm} can be forged; sign with SHA-256")),
        other => return Err(format!("the hash algorithm {other:?} is not known; sign with SHA-256")),
    };
    Ok(base16(&digest))
}

fn base16(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('?');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
