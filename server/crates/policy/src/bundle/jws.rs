//! JSON Web Signatures in compact form. The algorithm is the key's: what a token says of itself is only compared.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm as Jwa, DecodingKey, EncodingKey, crypto};
use p521::ecdsa::signature::{Signer as _, Verifier as _};
use p521::ecdsa::{Signature as P521Signature, SigningKey as P521SigningKey, VerifyingKey as P521VerifyingKey};
use p521::pkcs8::DecodePrivateKey as _;

use super::Error;
use super::document::{Document, from_json};
use super::keys::{Algorithm, Key, Material, SigningKey, SigningMaterial};

/// A token, taken apart but not yet believed.
pub(super) struct Token<'t> {
    signed: &'t str,
    signature: &'t str,
    /// What the token says of its signature.
    pub(super) header: Document,
    /// What it vouches for.
    pub(super) payload: Document,
}

impl<'t> Token<'t> {
    /// Takes a token apart. The error continues a sentence.
    pub(super) fn parse(token: &'t str) -> Result<Self, String> {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            return Err(format!("its token has {} parts, and a JSON Web Token has 3", parts.len()));
        };
        let part = |name: &str, text: &str| {
            let bytes =
                URL_SAFE_NO_PAD.decode(text).map_err(|_| format!("the {name} of its token is not base64url"))?;
            let document = from_json(&bytes).map_err(|why| format!("the {name} of its token is no JSON ({why})"))?;
            match document {
                Document::Map(_) => Ok(document),
                other => Err(format!("the {name} of its token is {}, and an object is expected", other.kind())),
            }
        };
        let signed = &token[..header.len() + 1 + payload.len()];
        Ok(Self { signed, signature, header: part("header", header)?, payload: part("payload", payload)? })
    }

    /// Whether the key made the signature, by the key's algorithm.
    pub(super) fn is_by(&self, key: &Key) -> Result<bool, Error> {
        let (algorithm, decoding) = (jwa(key.algorithm), decoding_key(key)?);
        let unusable = |_| unusable(&key.id, &format!("it does not fit {}", key.algorithm));
        if let Some(algorithm) = algorithm {
            // Bytes that are no base64 are no signature; what is wrong with the key shows below, with any signature.
            if URL_SAFE_NO_PAD.decode(self.signature).is_err() {
                return Ok(false);
            }
            return crypto::verify(self.signature, self.signed.as_bytes(), &decoding, algorithm).map_err(unusable);
        }
        let point = decoding.try_get_as_bytes().map_err(unusable)?;
        let verifying = P521VerifyingKey::from_sec1_bytes(point)
            .map_err(|_| self::unusable(&key.id, "ES512 needs a public key on the curve P-521"))?;
        let signature = URL_SAFE_NO_PAD.decode(self.signature).ok();
        let signature = signature.and_then(|bytes| P521Signature::from_slice(&bytes).ok());
        Ok(signature.is_some_and(|signature| verifying.verify(self.signed.as_bytes(), &signature).is_ok()))
    }
}

/// Signs a header (without `alg`, which the key gives) and a payload.
pub(super) fn sign(mut header: Document, payload: &Document, key: &SigningKey) -> Result<String, Error> {
    if let Document::Map(members) = &mut header {
        members.insert("alg".to_owned(), Document::Text(key.algorithm.to_string()));
    }
    let encode = |document: &Document| URL_SAFE_NO_PAD.encode(document.canonical());
    let signed = format!("{}.{}", encode(&header), encode(payload));
    let id = key.id.as_deref().unwrap_or("for signing");
    let failed = |_| unusable(id, &format!("it does not fit {}", key.algorithm));
    let signature = match (jwa(key.algorithm), &key.material) {
        (Some(Jwa::HS256), SigningMaterial::Secret(secret)) => {
            let secret = EncodingKey::from_secret(checked_secret(id, secret)?);
            crypto::sign(signed.as_bytes(), &secret, Jwa::HS256).map_err(failed)?
        }
        (Some(Jwa::HS256), SigningMaterial::PrivateKey(_)) => return Err(unusable(id, NEEDS_SECRET)),
        (_, SigningMaterial::Secret(_)) => return Err(unusable(id, NEEDS_PRIVATE)),
        (Some(algorithm), SigningMaterial::PrivateKey(pem)) => {
            let private = if is_rsa(algorithm) {
                EncodingKey::from_rsa_pem(pem.as_bytes())
            } else {
                EncodingKey::from_ec_pem(pem.as_bytes())
            };
            let private = private.map_err(|_| unusable(id, NEEDS_PRIVATE))?;
            crypto::sign(signed.as_bytes(), &private, algorithm).map_err(failed)?
        }
        (None, SigningMaterial::PrivateKey(pem)) => {
            let secret = p521::SecretKey::from_pkcs8_pem(pem).map_err(|_| unusable(id, NEEDS_PRIVATE))?;
            let private =
                P521SigningKey::from_bytes(&secret.to_bytes()).map_err(|_| unusable(id, "it does not fit ES512"))?;
            let signature: P521Signature = private
                .try_sign(signed.as_bytes())
                .map_err(|_| unusable(id, "the system gave no random numbers to sign with"))?;
            URL_SAFE_NO_PAD.encode(signature.to_bytes())
        }
    };
    Ok(format!("{signed}.{signature}"))
}

const NEEDS_SECRET: &str = "HS256 needs a shared secret, and this is a key pair's";
const NEEDS_PUBLIC: &str = "its algorithm needs a public key of that kind as PEM (-----BEGIN PUBLIC KEY-----)";
const NEEDS_PRIVATE: &str = "its algorithm needs a private key of that kind as unencrypted PEM \
                             (-----BEGIN PRIVATE KEY-----; `openssl pkcs8 -topk8 -nocrypt` makes one of other forms)";

/// `None`: ES512, on the curve that `jsonwebtoken` leaves out.
fn jwa(algorithm: Algorithm) -> Option<Jwa> {
    Some(match algorithm {
        Algorithm::RS256 => Jwa::RS256,
        Algorithm::RS384 => Jwa::RS384,
        Algorithm::RS512 => Jwa::RS512,
        Algorithm::PS256 => Jwa::PS256,
        Algorithm::PS384 => Jwa::PS384,
        Algorithm::PS512 => Jwa::PS512,
        Algorithm::ES256 => Jwa::ES256,
        Algorithm::ES384 => Jwa::ES384,
        Algorithm::HS256 => Jwa::HS256,
        Algorithm::ES512 => return None,
    })
}

fn is_rsa(algorithm: Jwa) -> bool {
    matches!(algorithm, Jwa::RS256 | Jwa::RS384 | Jwa::RS512 | Jwa::PS256 | Jwa::PS384 | Jwa::PS512)
}

/// A public key is never used as a secret, nor a secret as a key: the kind must be the algorithm's.
fn decoding_key(key: &Key) -> Result<DecodingKey, Error> {
    match (jwa(key.algorithm), &key.material) {
        (Some(Jwa::HS256), Material::Secret(secret)) => Ok(DecodingKey::from_secret(checked_secret(&key.id, secret)?)),
        (Some(Jwa::HS256), Material::PublicKey(_)) => Err(unusable(&key.id, NEEDS_SECRET)),
        (_, Material::Secret(_)) => Err(unusable(&key.id, NEEDS_PUBLIC)),
        (Some(algorithm), Material::PublicKey(pem)) if is_rsa(algorithm) => {
            DecodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| unusable(&key.id, NEEDS_PUBLIC))
        }
        (_, Material::PublicKey(pem)) => {
            DecodingKey::from_ec_pem(pem.as_bytes()).map_err(|_| unusable(&key.id, NEEDS_PUBLIC))
        }
    }
}

fn checked_secret<'s>(id: &str, secret: &'s [u8]) -> Result<&'s [u8], Error> {
    if secret.is_empty() {
        return Err(unusable(id, "the shared secret is empty"));
    }
    Ok(secret)
}

fn unusable(id: &str, why: &str) -> Error {
    Error::Key { id: id.to_owned(), why: why.to_owned() }
}
