//! Which database belongs to whom.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// What a cache file is about. Two accounts never share one: they may see different findings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Scheme, host and port, or for files the root and the pattern.
    pub origin: String,
    /// Product at the origin; empty without one.
    pub product: String,
    /// Whose view of it; empty without one.
    pub account: String,
}

impl Key {
    /// Name of the database file: says nothing about its content to who may list the folder.
    pub(crate) fn file_name(&self) -> String {
        let mut sha = Sha256::new();
        for part in [&self.origin, &self.product, &self.account] {
            sha.update((part.len() as u64).to_le_bytes());
            sha.update(part.as_bytes());
        }
        let mut name = sha.finalize().iter().fold(String::new(), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        });
        name.push_str(".db");
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let name = |origin: &str, product: &str, account: &str| {
            Key { origin: origin.into(), product: product.into(), account: account.into() }.file_name()
        };
        assert_eq!(name("a", "b", "c"), name("a", "b", "c"));
        assert_ne!(name("ab", "", "c"), name("a", "b", "c"));
        assert_ne!(name("a", "b", ""), name("a", "", "b"));
        assert_eq!(name("a", "b", "c").len(), 64 + 3);
    }
}
