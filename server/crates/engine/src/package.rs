//! What is known of a finding about a package, besides where it stands.

use std::sync::Arc;

/// A place in another file, ready to be shown without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Relative to the root.
    pub path: Arc<str>,
    /// From 0.
    pub line: u32,
    /// What stands before it on its line.
    pub before: Arc<str>,
    /// What it says.
    pub text: Arc<str>,
}

/// How a vulnerable package comes into the project, and what can be done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packaged {
    /// As its ecosystem writes it; untrusted.
    pub name: String,
    /// The version in use now; untrusted.
    pub current: Option<String>,
    /// From the declared package to this one, name and version each; empty when it is declared itself. Untrusted.
    pub way: Vec<String>,
    /// Where the lock file says its version.
    pub locked: Option<Spot>,
    /// The first version that fixes it; untrusted.
    pub fix: Option<String>,
    /// Why the declaration cannot simply be raised, in words.
    pub advice: Option<String>,
    /// What to run after the declaration was edited.
    pub run: &'static str,
}

impl Packaged {
    /// The way in one line; `None` for a package that is declared itself.
    #[must_use]
    pub fn way_words(&self) -> Option<String> {
        (self.way.len() > 1).then(|| self.way.join(" \u{2192} "))
    }
}
