//! An id for a new entry that a person can read: the rule, the file, and six digits that tell twins apart.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::About;

/// Longest part of an id that is taken from a rule or a path, in characters.
const MAX_PART: usize = 24;

/// An id that `is_taken` does not know, the same for the same finding and the same file.
pub(super) fn id_for(about: &About, is_taken: impl Fn(&str) -> bool) -> String {
    let rule = about.rule.rsplit(['.', '/', ':']).find(|part| !slug(part).is_empty()).unwrap_or_default();
    let file = about.path.rsplit('/').take(2).collect::<Vec<_>>();
    let file = file.into_iter().rev().map(without_ending).collect::<Vec<_>>().join("-");
    let parts = [slug(rule), slug(&file), digits(about)];
    let base = parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("-");
    let mut id = base.clone();
    let mut number = 2u32;
    while is_taken(&id) {
        id = format!("{base}-{number}");
        number += 1;
    }
    id
}

fn without_ending(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().take(200) {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(MAX_PART);
    slug.trim_end_matches('-').to_owned()
}

fn digits(about: &About) -> String {
    let line = about.line.map(|line| line.to_string());
    let parts = [
        about.source.as_deref(),
        about.id.as_deref(),
        Some(&about.rule),
        Some(&about.path),
        line.as_deref(),
        about.text.as_deref(),
    ];
    let mut sha = Sha256::new();
    for part in parts {
        let part = part.unwrap_or_default();
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part.as_bytes());
    }
    sha.finalize().iter().take(3).fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
