//! A finding's identity: stable across syncs, distinct for twins.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// `source:` followed by 20 hexadecimal digits. Unique in a workspace, stable across syncs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct FindingId(Arc<str>);

impl FindingId {
    /// Wraps an id that was made by [`IdentityBuilder`] before (read from the store, the wire, the command line).
    #[must_use]
    pub fn from_stored(id: &str) -> Self {
        Self(id.into())
    }

    /// An id that somebody else wrote; `None`: it cannot be one.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        const LONGEST: usize = 512;
        (!id.is_empty() && id.len() <= LONGEST && !id.chars().any(char::is_control)).then(|| Self(id.into()))
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id without its source: what a person may type.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.0.rsplit_once(':').map_or(&*self.0, |(_, digest)| digest)
    }

    /// Whether `typed` (with or without the source, at least four characters) is the start of this id.
    #[must_use]
    pub fn answers_to(&self, typed: &str) -> bool {
        typed.len() >= 4 && (self.0.starts_with(typed) || self.digest().starts_with(typed))
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What identity is made of when the source has no id and no trustworthy fingerprint of its own.
#[derive(Debug, Clone, Copy)]
pub struct NaturalKey<'a> {
    /// Tool name.
    pub tool: &'a str,
    /// Rule id.
    pub rule: &'a str,
    /// Path as scanned.
    pub path: &'a str,
    /// The flagged line's text; white space is folded here. Without a text, the message.
    pub line: &'a str,
}

/// Gives ids in the order findings appear in a log, counting equals (twins get ordinals).
///
/// A fingerprint is trustworthy when no other finding of the same scan carries it: call [`Self::note_fingerprint`] for
/// every finding first, or pass fingerprints through [`Self::id`] only after a first pass (a Semgrep log carried
/// "requires login" as the fingerprint of every result).
#[derive(Debug)]
pub struct IdentityBuilder {
    source: String,
    equals: HashMap<[u8; 10], u32>,
    fingerprints: HashMap<[u8; 10], u32>,
}

impl IdentityBuilder {
    /// For the findings of one source.
    #[must_use]
    pub fn new(source: &str) -> Self {
        Self { source: source.to_owned(), equals: HashMap::new(), fingerprints: HashMap::new() }
    }

    /// First pass: counts a fingerprint, so that one that is shared is not taken for an identity.
    pub fn note_fingerprint(&mut self, tool: &str, rule: &str, fingerprint: &str) {
        *self.fingerprints.entry(hash(&["fingerprint", tool, rule, fingerprint])).or_default() += 1;
        *self.fingerprints.entry(hash(&["any", tool, fingerprint])).or_default() += 1;
    }

    /// The id: from `guid`, else from a `fingerprint` that was noted exactly once for this tool, else from `natural`
    /// with an ordinal among equals.
    pub fn id(&mut self, guid: Option<&str>, fingerprint: Option<&str>, natural: NaturalKey<'_>) -> FindingId {
        let NaturalKey { tool, rule, path, line } = natural;
        let mut key = match (guid.filter(|g| !g.is_empty()), fingerprint) {
            (Some(guid), _) => hash(&["guid", guid]),
            (None, Some(print)) if self.fingerprints.get(&hash(&["any", tool, print])) == Some(&1) => {
                hash(&["fingerprint", tool, rule, print])
            }
            _ => {
                let folded = line.split_whitespace().collect::<Vec<_>>().join(" ");
                hash(&["natural", tool, rule, path, &folded])
            }
        };
        let ordinal = self.equals.entry(key).or_default();
        *ordinal += 1;
        if *ordinal > 1 {
            key = hash(&["ordinal", &hex(&key), &ordinal.to_string()]);
        }
        FindingId(format!("{}:{}", self.source, hex(&key)).into())
    }
}

fn hash(parts: &[&str]) -> [u8; 10] {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part.as_bytes());
    }
    let full = sha.finalize();
    let mut short = [0; 10];
    short.copy_from_slice(&full[..10]);
    short
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: NaturalKey<'_> = NaturalKey { tool: "bandit", rule: "B101", path: "a.py", line: "assert x" };

    #[test]
    fn same_input_gives_the_same_id_and_white_space_does_not_matter() {
        let one = IdentityBuilder::new("ci").id(None, None, KEY);
        let two = IdentityBuilder::new("ci").id(None, None, NaturalKey { line: "  assert   x ", ..KEY });
        assert_eq!(one, two);
        assert!(one.as_str().starts_with("ci:"));
    }

    #[test]
    fn twins_get_ids_of_their_own() {
        let mut ids = IdentityBuilder::new("ci");
        assert_ne!(ids.id(None, None, KEY), ids.id(None, None, KEY));
    }

    #[test]
    fn a_fingerprint_that_every_result_carries_is_no_identity() {
        let mut ids = IdentityBuilder::new("ci");
        for rule in ["B101", "B102"] {
            ids.note_fingerprint("semgrep", rule, "requires login");
        }
        let semgrep = NaturalKey { tool: "semgrep", ..KEY };
        let with = ids.id(None, Some("requires login"), semgrep);
        let without = IdentityBuilder::new("ci").id(None, None, semgrep);
        assert_eq!(with, without);
    }

    #[test]
    fn a_unique_fingerprint_outlives_a_change_of_path_and_text() {
        let id = |path, line| {
            let mut ids = IdentityBuilder::new("ci");
            ids.note_fingerprint("bandit", "B101", "abc");
            ids.id(None, Some("abc"), NaturalKey { path, line, ..KEY })
        };
        assert_eq!(id("a.py", "x"), id("b.py", "y"));
    }

    #[test]
    fn a_person_may_type_the_start_of_the_digest() {
        let id = FindingId::from_stored("ci:0123456789abcdef0123");
        assert!(id.answers_to("0123"));
        assert!(id.answers_to("ci:012345"));
        assert!(!id.answers_to("012"));
    }
}
