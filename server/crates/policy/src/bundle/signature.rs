//! `.signatures.json`: one signed list of all files with their digests, as OPA makes and checks it.
//!
//! With a key configured nothing is taken on trust: exactly the listed files, each with its digest, under a signature by
//! that key and its algorithm, for the expected scope, at a time at which it holds.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::document::{Document, from_json};
use super::jws::{self, Token};
use super::keys::{Key, SigningKey};
use super::{Error, Raw, digest};

/// Where it lies in a bundle.
pub(super) const PATH: &str = ".signatures.json";

/// How far the makers' clock may be ahead of ours, in seconds.
const CLOCK_SKEW: f64 = 60.0;

/// The id of the key that vouches for exactly these files.
pub(super) fn verify(raw: &Raw, keys: &[Key], now: Timestamp) -> Result<String, Error> {
    let refused = |why: String| Error::Signature(why);
    let Some(content) = raw.get(PATH) else {
        let why = format!("the bundle has no {PATH}, and its origin has a key configured, so it must be signed");
        return Err(refused(why));
    };
    let token = the_token(content).map_err(refused)?;
    let token = Token::parse(&token).map_err(refused)?;
    let key = signer(&token, keys)?;
    check_claims(&token.payload, key, now).map_err(refused)?;
    let listed = listed_files(&token.payload).map_err(refused)?;
    check_files(raw, listed)?;
    Ok(key.id.clone())
}

fn the_token(content: &[u8]) -> Result<String, String> {
    let document = from_json(content).map_err(|why| format!("{PATH} is no JSON ({why})"))?;
    match document.get("plugin") {
        None | Some(Document::Null) => {}
        Some(Document::Text(plugin)) if plugin.is_empty() || plugin == "_default" => {}
        Some(_) => return Err(format!("{PATH} asks for a plugin, and only OPA's own way of signing is known")),
    }
    match document.get("signatures") {
        Some(Document::List(tokens)) => match tokens.as_slice() {
            [Document::Text(token)] => Ok(token.clone()),
            _ => Err(format!("{PATH} must hold exactly one token, and it holds {}", tokens.len())),
        },
        _ => Err(format!("{PATH} has no list of signatures")),
    }
}

/// The configured key that made the signature: the one that the token names; if it names none, the one that fits.
fn signer<'k>(token: &Token<'_>, keys: &'k [Key]) -> Result<&'k Key, Error> {
    if token.header.get("crit").is_some() {
        return Err(Error::Signature("its token asks for extensions (crit) that are not known".to_owned()));
    }
    let Some(Document::Text(claimed)) = token.header.get("alg") else {
        return Err(Error::Signature("its token names no algorithm".to_owned()));
    };
    let named = [token.header.get("kid"), token.payload.get("keyid")];
    let named = named.into_iter().flatten().find_map(|id| match id {
        Document::Text(id) if !id.is_empty() => Some(id.as_str()),
        _ => None,
    });
    let candidates: Vec<&Key> = keys.iter().filter(|key| named.is_none_or(|id| key.id == id)).collect();
    if let (Some(id), true) = (named, candidates.is_empty()) {
        let known: Vec<String> = keys.iter().map(|key| format!("{:?}", key.id)).collect();
        return Err(Error::Signature(format!(
            "it names the key {id:?}, and the keys configured for this origin are {}",
            known.join(", ")
        )));
    }
    let fitting: Vec<&Key> = candidates.iter().copied().filter(|key| key.algorithm.to_string() == *claimed).collect();
    if fitting.is_empty() {
        let expected: Vec<String> =
            candidates.iter().map(|key| format!("{} for {:?}", key.algorithm, key.id)).collect();
        return Err(Error::Signature(format!(
            "it uses the algorithm {claimed:?}, and configured is {}",
            expected.join(", ")
        )));
    }
    for key in &fitting {
        if token.is_by(key)? {
            return Ok(key);
        }
    }
    let tried: Vec<String> = fitting.iter().map(|key| format!("{:?}", key.id)).collect();
    Err(Error::Signature(format!("it was not made with the key {}, or was changed since", tried.join(" or "))))
}

fn check_claims(payload: &Document, key: &Key, now: Timestamp) -> Result<(), String> {
    let scope = match payload.get("scope") {
        None | Some(Document::Null) => "",
        Some(Document::Text(scope)) => scope,
        Some(other) => return Err(format!("its scope is {}, and a text is expected", other.kind())),
    };
    let expected = key.scope.as_deref().unwrap_or("");
    if scope != expected {
        return Err(format!("it is for the scope {scope:?}, and configured is {expected:?}"));
    }
    let now = now.as_duration().as_secs_f64();
    if let Some(end) = time(payload, "exp")?.filter(|end| now >= *end) {
        return Err(format!("it expired at {}", shown(end)));
    }
    if let Some(start) = time(payload, "nbf")?.filter(|start| now + CLOCK_SKEW < *start) {
        return Err(format!("it holds only from {} on; check the clock here and there", shown(start)));
    }
    Ok(())
}

/// A time of the token in seconds since 1970.
fn time(payload: &Document, claim: &str) -> Result<Option<f64>, String> {
    match payload.get(claim) {
        None | Some(Document::Null) => Ok(None),
        Some(Document::Number(spelled)) => match spelled.parse::<f64>() {
            Ok(seconds) if seconds.is_finite() => Ok(Some(seconds)),
            _ => Err(format!("its {claim} is no time")),
        },
        Some(_) => Err(format!("its {claim} is no time (seconds since 1970)")),
    }
}

fn shown(seconds: f64) -> String {
    let time = jiff::SignedDuration::try_from_secs_f64(seconds).ok();
    let time = time.and_then(|since| Timestamp::from_duration(since).ok());
    time.map_or_else(|| format!("{seconds} seconds since 1970"), |time| time.to_string())
}

/// Name to algorithm and digest.
fn listed_files(payload: &Document) -> Result<BTreeMap<String, (String, String)>, String> {
    let Some(Document::List(files)) = payload.get("files") else {
        return Err("its token lists no files".to_owned());
    };
    let mut listed = BTreeMap::new();
    for file in files {
        let field = |name: &str| match file.get(name) {
            Some(Document::Text(text)) => Ok(text.clone()),
            None => Ok(String::new()),
            Some(other) => Err(format!("its token lists a file whose {name} is {}", other.kind())),
        };
        let name = field("name")?;
        if listed.insert(name.clone(), (field("algorithm")?, field("hash")?)).is_some() {
            return Err(format!("its token lists {name} twice"));
        }
    }
    Ok(listed)
}

fn check_files(raw: &Raw, mut listed: BTreeMap<String, (String, String)>) -> Result<(), Error> {
    for (path, content) in raw.iter().filter(|(path, _)| *path != PATH) {
        let Some((algorithm, expected)) = listed.remove(path) else {
            return Err(Error::Signature(format!("{path} is in the bundle and not covered by it")));
        };
        let bytes = digest::hashed_bytes(path, content).map_err(|why| Error::file(path, why))?;
        let found = digest::hex_digest(&algorithm, &bytes)
            .map_err(|why| Error::Signature(format!("{path} is covered by a hash that does not count: {why}")))?;
        if !found.eq_ignore_ascii_case(&expected) {
            return Err(Error::Signature(format!("{path} was changed after it was made (its digest is another)")));
        }
    }
    match listed.keys().next() {
        None => Ok(()),
        Some(name) => {
            let rest = listed.len() - 1;
            let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
            Err(Error::Signature(format!("it covers {name}{more}, missing in the bundle")))
        }
    }
}

/// The content of `.signatures.json` for files as they will be in the bundle.
pub(super) fn make(raw: &Raw, key: &SigningKey) -> Result<Vec<u8>, Error> {
    let text = |text: &str| Document::Text(text.to_owned());
    let mut files = Vec::new();
    for (path, content) in raw.iter().filter(|(path, _)| *path != PATH) {
        let bytes = digest::hashed_bytes(path, content).map_err(|why| Error::file(path, why))?;
        let hash = digest::hex_digest(digest::DEFAULT, &bytes).map_err(Error::Signature)?;
        let members = [("name", text(path)), ("hash", text(&hash)), ("algorithm", text(digest::DEFAULT))];
        files.push(Document::Map(members.map(|(name, value)| (name.to_owned(), value)).into()));
    }
    let mut header = BTreeMap::new();
    let mut payload = BTreeMap::from([("files".to_owned(), Document::List(files))]);
    if let Some(id) = &key.id {
        header.insert("kid".to_owned(), text(id));
        // Where older versions of OPA look.
        payload.insert("keyid".to_owned(), text(id));
    }
    if let Some(scope) = &key.scope {
        payload.insert("scope".to_owned(), text(scope));
    }
    let token = jws::sign(Document::Map(header), &Document::Map(payload), key)?;
    let signatures = Document::List(vec![Document::Text(token)]);
    Ok(Document::Map(BTreeMap::from([("signatures".to_owned(), signatures)])).canonical())
}
