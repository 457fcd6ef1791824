//! Package URLs, and the names that tools give packages without one.

use crate::ecosystem::Ecosystem;

/// A package as a tool names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purl {
    /// Whose; `None` where the tool does not say.
    pub ecosystem: Option<Ecosystem>,
    /// Its name as that world writes it (`@scope/name`, `group:artifact`); untrusted.
    pub name: String,
    /// Whether it is a package URL of a world that is not understood here.
    pub is_foreign: bool,
}

impl Purl {
    /// Of `pkg:npm/%40scope/name` or a bare name.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let Some((kind, rest)) = text.trim().strip_prefix("pkg:").and_then(|rest| rest.split_once('/')) else {
            return Self { ecosystem: None, name: text.trim().to_owned(), is_foreign: false };
        };
        let plain = rest.split(['?', '#']).next().unwrap_or(rest);
        let plain = match plain.rsplit_once('@') {
            Some((name, version)) if !name.is_empty() && !version.contains('/') => name,
            _ => plain,
        };
        let ecosystem = Ecosystem::of_name(kind);
        let name = decode(plain.trim_matches('/'));
        let name = match (ecosystem, name.split_once('/')) {
            (Some(Ecosystem::Maven), Some((group, artifact))) => format!("{group}:{artifact}"),
            _ => name,
        };
        Self { ecosystem, name, is_foreign: ecosystem.is_none() }
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| bytes[at] == b'%');
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_as_its_own_world_writes_it() {
        for (text, ecosystem, name) in [
            ("pkg:npm/lodash", Some(Ecosystem::Npm), "lodash"),
            ("pkg:npm/%40babel/core@7.0.0?x=y#z", Some(Ecosystem::Npm), "@babel/core"),
            ("pkg:npm/@babel/core", Some(Ecosystem::Npm), "@babel/core"),
            ("pkg:maven/org.a/b@1", Some(Ecosystem::Maven), "org.a:b"),
            ("pkg:golang/github.com/a/b/v2@v2.1.0", Some(Ecosystem::Golang), "github.com/a/b/v2"),
            ("pkg:deb/debian/curl@7%2B1", None, "debian/curl"),
            ("lodash", None, "lodash"),
            ("pkg:npm/%", Some(Ecosystem::Npm), "%"),
        ] {
            let found = Purl::of(text);
            assert_eq!((found.ecosystem, found.name.as_str()), (ecosystem, name), "{text}");
        }
        assert!(Purl::of("pkg:deb/debian/curl").is_foreign && !Purl::of("curl").is_foreign);
    }
}
