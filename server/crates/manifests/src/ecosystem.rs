//! The worlds that packages live in, and how each spells a name.

use std::borrow::Cow;

/// Whose packages; the words are the types of package URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ecosystem {
    /// npm, yarn, pnpm.
    Npm,
    /// pip, poetry, uv.
    Pypi,
    /// Rust.
    Cargo,
    /// Go modules.
    Golang,
    /// Maven and Gradle.
    Maven,
    /// PHP.
    Composer,
    /// Ruby.
    Gem,
    /// Container images.
    Docker,
}

impl Ecosystem {
    /// Of a package URL's type, or of a name that tools use for it.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "npm" | "javascript" | "node" | "nodejs" | "node-pkg" => Self::Npm,
            "pypi" | "python" | "python-pkg" | "pip" => Self::Pypi,
            "cargo" | "crates.io" | "rust-crate" | "rust" => Self::Cargo,
            "golang" | "go" | "go-module" | "gomod" => Self::Golang,
            "maven" | "java-archive" | "gradle" | "java" => Self::Maven,
            "composer" | "packagist" | "php-composer" => Self::Composer,
            "gem" | "rubygems" | "ruby" => Self::Gem,
            "docker" | "oci" => Self::Docker,
            _ => return None,
        })
    }

    /// The type in a package URL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pypi => "pypi",
            Self::Cargo => "cargo",
            Self::Golang => "golang",
            Self::Maven => "maven",
            Self::Composer => "composer",
            Self::Gem => "gem",
            Self::Docker => "docker",
        }
    }

    /// The spelling under which two names are the same package.
    ///
    /// Python: PEP 503 (runs of `-`, `_`, `.` are one `-`, case does not count). Composer and images: case does not
    /// count. Cargo: `-` and `_` are the same crate. Maven: `group:artifact`, whichever sign stands between. npm, Go
    /// and Ruby: as written.
    #[must_use]
    pub fn key(self, name: &str) -> String {
        let name = name.trim();
        match self {
            Self::Pypi => {
                let mut key = String::with_capacity(name.len());
                for character in name.chars() {
                    if matches!(character, '-' | '_' | '.') {
                        if !key.ends_with('-') {
                            key.push('-');
                        }
                    } else {
                        key.extend(character.to_lowercase());
                    }
                }
                key
            }
            Self::Composer | Self::Docker => name.to_lowercase(),
            Self::Cargo => name.replace('_', "-"),
            Self::Maven => name.replacen('/', ":", 1),
            Self::Npm | Self::Golang | Self::Gem => name.to_owned(),
        }
    }

    /// A version as this world compares it: Go's leading `v` and what a scanner prefixed taken off.
    pub(crate) fn bare_version(self, version: &str) -> Cow<'_, str> {
        let version = version.trim();
        let bare = match self {
            Self::Golang | Self::Composer | Self::Npm => version
                .strip_prefix(['v', 'V'])
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
                .unwrap_or(version),
            _ => version,
        };
        Cow::Borrowed(bare)
    }
}
