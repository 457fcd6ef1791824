//! Everything that can happen.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use config::{Config, Settings};
use finding::{Finding, Index};
use syntax::Parsed;

use crate::group::{HomeNote, Placed, ScannedPath};
use crate::judged::Law;
use crate::root::{Head, RootId, SourceMeta};

/// A workspace folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootSpec {
    /// Where.
    pub path: PathBuf,
    /// For people.
    pub name: String,
}

/// One replacement in a document's text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByteEdit {
    /// What goes; on character boundaries.
    pub range: Range<usize>,
    /// What comes.
    pub text: String,
}

/// What a root's folder says of itself.
#[derive(Debug, Clone)]
pub struct RootFacts {
    /// Its configuration, or the default.
    pub config: Config,
    /// Whether it has an `aspm.toml`.
    pub is_configured: bool,
    /// What is wrong with it, one sentence each.
    pub problems: Vec<String>,
    /// Where git stands; `None` outside a repository.
    pub head: Option<Head>,
    /// What is in force.
    pub law: Law,
}

/// Which findings of files that nobody looks at are placed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Survey {
    /// None.
    #[default]
    Nothing,
    /// Those of these files, sorted; a renamed file counts under both names.
    Only(Arc<[Arc<str>]>),
    /// All.
    All,
}

/// What a source said.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// About the data.
    pub meta: SourceMeta,
    /// The findings; `None`: as before.
    pub index: Option<Arc<Index>>,
    /// Whether there is anything to have findings in: "no data" is not "no findings".
    pub has_data: bool,
}

/// Where scanned paths are now.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// Home path → the scanned paths that map to it, and how.
    pub homes: BTreeMap<Arc<str>, (Vec<ScannedPath>, HomeNote)>,
}

/// A finished placement job.
#[derive(Debug)]
pub struct Placing {
    /// Which group.
    pub home: Arc<str>,
    /// Of the job.
    pub generation: u64,
    /// Whole findings, in the order of `placed`.
    pub details: Arc<[Arc<Finding>]>,
    /// Where each is.
    pub placed: Vec<Placed>,
    /// Open documents it was placed in: URI, edition, and the parse made on the way.
    pub documents: Vec<(Arc<str>, u64, Option<Parsed>)>,
    /// Whether the home differs from the last commit.
    pub is_changed: bool,
    /// Dependency files that were read for it.
    pub consulted: Vec<Arc<str>>,
    /// Of those, open ones that differ from the last commit.
    pub changed: Vec<Arc<str>>,
    /// What could not be read, one sentence each.
    pub problems: Vec<String>,
}

/// How a file on disk changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskChange {
    /// New or gone.
    CameOrWent,
    /// Other content.
    Content,
    /// Git's HEAD or its refs moved.
    Head,
}

/// Everything that can happen to the [`crate::Host`].
#[derive(Debug)]
pub enum Change {
    /// Workspace folders come and go; whether the client trusts them.
    Roots {
        /// New.
        added: Vec<RootSpec>,
        /// Gone.
        removed: Vec<PathBuf>,
    },
    /// The client says whether it trusts the workspace; before any root.
    Trusted(bool),
    /// Editor settings, and what is wrong with them.
    Settings(Settings, Vec<String>),
    /// A root's configuration was read.
    RootLoaded {
        /// Which.
        root: RootId,
        /// What it says.
        facts: Box<RootFacts>,
    },
    /// A source was read, or why it could not be.
    Pulled {
        /// Whose.
        root: RootId,
        /// Its name.
        source: Arc<str>,
        /// What came, or a sentence for people.
        result: Result<Pulled, String>,
    },
    /// A root's files were listed.
    Listed {
        /// Which.
        root: RootId,
        /// Sorted, `/`-separated.
        files: Arc<[Arc<str>]>,
        /// What was left out, one sentence each.
        notices: Vec<String>,
    },
    /// Scanned paths were mapped.
    Mapped {
        /// Which.
        root: RootId,
        /// Of the job.
        generation: u64,
        /// Where they are.
        mapping: Mapping,
    },
    /// A group was placed.
    Placed {
        /// Which root.
        root: RootId,
        /// Where things are.
        placing: Box<Placing>,
    },
    /// A group's placement takes long: show the shifted set meanwhile.
    Late {
        /// Which root.
        root: RootId,
        /// Which group.
        home: Arc<str>,
        /// Of the job.
        generation: u64,
    },
    /// A job died; the group stays as it is.
    Failed {
        /// Which root.
        root: RootId,
        /// Which group.
        home: Arc<str>,
        /// Of the job.
        generation: u64,
        /// For people.
        why: String,
    },
    /// A document was opened.
    Opened {
        /// As the client names it.
        uri: Arc<str>,
        /// Its file, if it is one.
        path: Option<PathBuf>,
        /// LSP language id.
        language: String,
        /// The client's version.
        version: i32,
        /// All of it.
        text: String,
    },
    /// A document was edited.
    Edited {
        /// Which.
        uri: Arc<str>,
        /// The version after the edits.
        version: i32,
        /// In order.
        edits: Vec<ByteEdit>,
    },
    /// A document was closed; its file counts again.
    Closed {
        /// Which.
        uri: Arc<str>,
    },
    /// A document was saved: a moment to look for code that left its file.
    Saved {
        /// Which.
        uri: Arc<str>,
    },
    /// Files changed on disk.
    Disk {
        /// Absolute paths.
        changes: Vec<(PathBuf, DiskChange)>,
    },
    /// Somebody asks for everything to be read again now; sources behind the network are synchronised without a pause.
    Refresh,
    /// The same because it is time: nobody waits for it.
    Due,
    /// Look whether another process brought news of sources behind the network.
    Peek,
    /// Place groups of files nobody looks at as well.
    Survey(Survey),
    /// A day began, or something else that verdicts depend on changed: look at what is in force again.
    Reconsider,
}
