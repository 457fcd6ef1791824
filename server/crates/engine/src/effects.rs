//! What a change asks for: places to show anew, and jobs.

use std::path::PathBuf;
use std::sync::Arc;

use config::SourceConfig;
use finding::text::LineIndex;
use finding::{Finding, Index};
use syntax::{Language, Parsed};

use crate::group::{HomeNote, Placed, ScannedPath};
use crate::root::RootId;

/// A file of a root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileRef {
    /// Which root.
    pub root: RootId,
    /// Relative to it, `/`-separated.
    pub path: Arc<str>,
}

/// What has to happen because of a change.
#[derive(Debug, Default)]
pub struct Effects {
    /// Files whose findings have to be shown anew.
    pub publish: Vec<FileRef>,
    /// Whether `publish` is there only because verification takes long.
    pub is_late: bool,
    /// Whether the status is to be told anew.
    pub status: bool,
    /// Work for the driver.
    pub jobs: Vec<Job>,
}

/// How soon a job matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Nobody looks at it now.
    Background,
    /// Needed before anything can be shown.
    Loading,
    /// A developer is looking at it.
    Live,
}

/// Work that touches disk, git, SQL or much CPU. Performed by the driver, never here.
#[derive(Debug)]
pub enum Job {
    /// Read the root's configuration and its git state.
    LoadRoot {
        /// Which.
        root: RootId,
        /// Where.
        path: PathBuf,
        /// Whether `.aspm/` may be read.
        trusted: bool,
    },
    /// Read a source, from its store and, where it changed, from its origin.
    Pull {
        /// Whose.
        root: RootId,
        /// The root's folder.
        path: PathBuf,
        /// What.
        source: SourceConfig,
        /// The revision in memory, if any.
        known: Option<u64>,
    },
    /// Synchronise a source behind the network: send what waits for it, read what changed.
    Sync {
        /// Whether somebody asked for it, and so does not wait for pauses to end.
        is_asked: bool,
        /// Whose.
        root: RootId,
        /// The root's folder.
        path: PathBuf,
        /// What.
        source: SourceConfig,
        /// The revision in memory, if any.
        known: Option<u64>,
    },
    /// List the root's files.
    List {
        /// Which.
        root: RootId,
        /// Where.
        path: PathBuf,
    },
    /// Find where each scanned path is now.
    Map {
        /// Which.
        root: RootId,
        /// Echoed in [`crate::Mapping`]; an older one is dropped.
        generation: u64,
        /// The root's folder.
        path: PathBuf,
        /// Index of each source, in the order of the root's sources.
        indexes: Arc<[Arc<Index>]>,
        /// Commit that each source was scanned at, where known; same order.
        commits: Vec<Option<String>>,
        /// The root's files, sorted.
        files: Arc<[Arc<str>]>,
        /// Prefix rules of `aspm.toml`.
        rules: Vec<(String, String)>,
    },
    /// Place one group of findings.
    Place(Box<PlaceJob>),
}

impl Job {
    /// How soon it matters.
    #[must_use]
    pub fn priority(&self) -> Priority {
        match self {
            Self::Place(job) => job.priority,
            _ => Priority::Loading,
        }
    }
}

/// An open document as a job needs it.
#[derive(Debug, Clone)]
pub struct DocumentInput {
    /// As the client names it.
    pub uri: Arc<str>,
    /// Relative to the root.
    pub path: Arc<str>,
    /// See [`crate::Document::edition`].
    pub edition: u64,
    /// The text.
    pub text: Arc<str>,
    /// Its lines.
    pub lines: Arc<LineIndex>,
    /// Its language.
    pub language: Option<Language>,
    /// The last parse, moved along with the edits since.
    pub parsed: Option<Parsed>,
    /// Whether `parsed` is of exactly this text.
    pub is_parse_current: bool,
}

/// Everything that placing one group needs.
#[derive(Debug)]
pub struct PlaceJob {
    /// Which root.
    pub root: RootId,
    /// The root's folder.
    pub path: PathBuf,
    /// The file the findings belong to.
    pub home: Arc<str>,
    /// Echoed in [`crate::Placing`].
    pub generation: u64,
    /// How soon it matters.
    pub priority: Priority,
    /// How the findings came to this home.
    pub note: HomeNote,
    /// Where in the sources the findings are.
    pub scanned: Arc<[ScannedPath]>,
    /// For each source the commit assumed where its findings name none.
    pub assumed: Vec<Option<String>>,
    /// The root's files, once listed.
    pub files: Option<Arc<[Arc<str>]>>,
    /// Whether to look for gone code in other files: not on every keystroke.
    pub is_search: bool,
    /// The sources' names, by index.
    pub sources: Arc<[Arc<str>]>,
    /// The sources' indexes, by index.
    pub indexes: Arc<[Arc<Index>]>,
    /// Whole findings, when they are in memory; else the driver loads them.
    pub details: Option<Arc<[Arc<Finding>]>>,
    /// What was known of the same findings: verdicts whose inputs are the same stand.
    pub known: Arc<[Placed]>,
    /// Open documents that take part: the home and files that findings of this group moved to.
    pub documents: Vec<DocumentInput>,
    /// Files other than the home that findings of this group stand in now.
    pub elsewhere: Vec<Arc<str>>,
    /// Prefix rules of `aspm.toml`.
    pub rules: Vec<(String, String)>,
}
