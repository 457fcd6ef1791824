//! What a dependency file says: its packages, where in the text, and who needs whom.

use std::collections::HashMap;
use std::ops::Range;

use crate::format::Format;
use crate::formats;

/// Bytes of a file that is read; a lock file of the largest projects has a few megabytes.
pub(crate) const MOST_BYTES: usize = 16 << 20;
/// Packages of one file that are kept.
pub(crate) const MOST_PACKAGES: usize = 200_000;
/// Needs of all packages of one file that are kept.
pub(crate) const MOST_EDGES: usize = 2_000_000;

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it says, quotes and escapes resolved.
    pub text: String,
    /// Bytes of the text it is written in, without quotes.
    pub range: Range<usize>,
}

impl Token {
    pub(crate) fn new(text: impl Into<String>, range: Range<usize>) -> Self {
        Self { text: text.into(), range }
    }

    /// A part of a larger text as it stands there.
    pub(crate) fn of(text: &str, range: Range<usize>) -> Self {
        Self { text: text.get(range.clone()).unwrap_or_default().to_owned(), range }
    }
}

/// How a package comes to be in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// A person declared it.
    Direct,
    /// A person declared it for development, tests or the build only.
    Development,
    /// Its version is chosen here, if something else needs it: constraints, overrides, dependencyManagement.
    Managed,
    /// Another package brought it.
    Transitive,
    /// The project itself or a part of it.
    Own,
}

/// A package of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The spelling under which the ecosystem compares names.
    pub key: String,
    /// Its name as written.
    pub name: Token,
    /// In a manifest the range that is asked for, in a lock file the version that was chosen; `None` where neither is
    /// said.
    pub version: Option<Token>,
    /// Where the version is written when `version` only names it (a property, a variable), in this file.
    pub definition: Option<Token>,
    /// Why it is here.
    pub relation: Relation,
    /// Why the version cannot be changed by writing another one here, in words.
    pub pinned_by: Option<&'static str>,
    /// In a lock file: the packages it needs, by their place in [`Manifest::packages`].
    pub needs: Vec<u32>,
}

impl Package {
    pub(crate) fn new(format: Format, name: Token, version: Option<Token>, relation: Relation) -> Self {
        let key = format.ecosystem().key(&name.text);
        Self { key, name, version, definition: None, relation, pinned_by: None, needs: Vec::new() }
    }

    /// The version or range with names resolved.
    #[must_use]
    pub fn stated(&self) -> Option<&str> {
        self.definition.as_ref().or(self.version.as_ref()).map(|token| token.text.as_str())
    }

    /// What to underline: the version, else the name.
    #[must_use]
    pub fn span(&self) -> &Range<usize> {
        self.version.as_ref().map_or(&self.name.range, |token| &token.range)
    }
}

/// A dependency file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its format.
    pub format: Format,
    /// Its packages in the order of the text.
    pub packages: Vec<Package>,
    /// In a lock file: what the projects themselves need, with the project's folder relative to the file's (`""`).
    pub roots: Vec<(String, u32)>,
    /// Other files it takes in, as written there.
    pub includes: Vec<Token>,
    /// Whether it names all packages in use, those that others bring too.
    pub names_all: bool,
    /// Names that stand for versions, for files below this one as well (Maven's properties).
    pub definitions: HashMap<String, Token>,
    /// What could not be read, one sentence each; empty when all was.
    pub notices: Vec<String>,
    by_key: HashMap<String, Vec<u32>>,
}

impl Manifest {
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            packages: Vec::new(),
            roots: Vec::new(),
            includes: Vec::new(),
            names_all: format.is_lock(),
            definitions: HashMap::new(),
            notices: Vec::new(),
            by_key: HashMap::new(),
        }
    }

    /// Takes a package; its place, or `None` when the file has too many.
    pub(crate) fn push(&mut self, package: Package) -> Option<u32> {
        let at = u32::try_from(self.packages.len()).ok().filter(|_| self.packages.len() < MOST_PACKAGES);
        match at {
            Some(at) if !package.key.is_empty() => {
                self.packages.push(package);
                Some(at)
            }
            Some(_) => None,
            None => {
                self.notice(format!("only the first {MOST_PACKAGES} packages are read"));
                None
            }
        }
    }

    pub(crate) fn notice(&mut self, words: impl Into<String>) {
        let words = words.into();
        if self.notices.len() < 8 && !self.notices.contains(&words) {
            self.notices.push(words);
        }
    }

    fn index(&mut self) {
        let mut edges = 0;
        let count = self.packages.len();
        for (at, package) in self.packages.iter_mut().enumerate() {
            package.needs.retain(|need| (*need as usize) < count && *need as usize != at);
            package.needs.sort_unstable();
            package.needs.dedup();
            edges += package.needs.len();
            if edges > MOST_EDGES {
                package.needs.clear();
            }
            if let Ok(at) = u32::try_from(at) {
                self.by_key.entry(package.key.clone()).or_default().push(at);
            }
        }
        if edges > MOST_EDGES {
            self.notice(format!("only the first {MOST_EDGES} needs of packages are read"));
        }
        self.roots.retain(|(_, root)| (*root as usize) < count);
    }

    /// All packages of a name, as the ecosystem compares names.
    pub fn named(&self, key: &str) -> impl Iterator<Item = (u32, &Package)> {
        let places = self.by_key.get(key).map_or(&[][..], Vec::as_slice);
        places.iter().map(|at| (*at, &self.packages[*at as usize]))
    }

    /// Whether the end of the file, or some part of it, was not understood.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.notices.is_empty()
    }
}

/// Reads a file. Never fails: what is not understood is left out and told in [`Manifest::notices`].
#[must_use]
pub fn parse(format: Format, text: &str) -> Manifest {
    let mut manifest = Manifest::new(format);
    if text.len() > MOST_BYTES {
        manifest.notice(format!("the file has {} MB; up to {} MB are read", text.len() >> 20, MOST_BYTES >> 20));
        return manifest;
    }
    formats::read(format, text, &mut manifest);
    manifest.index();
    manifest
}
