//! A workspace folder and its sources.

use std::path::PathBuf;
use std::sync::Arc;

use config::{Config, SourceConfig};
use finding::Index;
use finding::wire::SourceState;
use rpds::HashTrieMapSync;

use crate::group::Group;
use crate::judged::Law;

/// Number of a root in this process; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RootId(pub u32);

/// Where git stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Commit; `None` before the first.
    pub commit: Option<String>,
    /// Branch; `None` when detached.
    pub branch: Option<String>,
}

/// What is known of a source's data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceMeta {
    /// Counts changes of the stored content.
    pub revision: u64,
    /// RFC 3339.
    pub synced_at: Option<String>,
    /// RFC 3339.
    pub scanned_at: Option<String>,
    /// The one commit that was scanned.
    pub scan_commit: Option<String>,
    /// The commit assumed where the data names none.
    pub assumed_commit: Option<String>,
    /// What is missing or doubtful.
    pub problems: Vec<String>,
    /// There may be findings that were not read.
    pub is_incomplete: bool,
    /// Names of the tools that ran.
    pub tools: Vec<String>,
}

/// A source and what it said last.
#[derive(Debug, Clone)]
pub struct Source {
    /// How it is configured.
    pub config: SourceConfig,
    /// Its name, shared.
    pub name: Arc<str>,
    /// How complete.
    pub state: SourceState,
    /// About the data.
    pub meta: SourceMeta,
    /// The findings.
    pub index: Arc<Index>,
    /// Why the last read failed.
    pub failure: Option<String>,
}

/// A workspace folder.
#[derive(Debug, Clone)]
pub struct Root {
    /// Its number.
    pub id: RootId,
    /// Where.
    pub path: PathBuf,
    /// For people.
    pub name: String,
    /// Its configuration; `None` until read.
    pub config: Option<Arc<Config>>,
    /// Whether it has an `aspm.toml`.
    pub is_configured: bool,
    /// What is wrong with it.
    pub problems: Vec<String>,
    /// Where git stands.
    pub head: Option<Head>,
    /// What is in force.
    pub law: Arc<Law>,
    /// In the order of the configuration.
    pub sources: Arc<[Source]>,
    /// Sorted; `None` until listed.
    pub files: Option<Arc<[Arc<str>]>>,
    /// What the listing left out.
    pub listing_notices: Vec<String>,
    /// By home path.
    pub groups: HashTrieMapSync<Arc<str>, Arc<Group>>,
    /// Path → homes of groups other than its own with findings there.
    pub visitors: HashTrieMapSync<Arc<str>, Vec<Arc<str>>>,
    /// Path → homes of groups with data flows that pass through it and no finding there.
    pub passers: HashTrieMapSync<Arc<str>, Vec<Arc<str>>>,
    /// Counts mapping jobs.
    pub mapping_generation: u64,
    /// Whether `groups` reflects the sources, files and HEAD of now.
    pub is_mapped: bool,
}

impl Root {
    pub(crate) fn new(id: RootId, path: PathBuf, name: String) -> Self {
        Self {
            id,
            path,
            name,
            config: None,
            is_configured: false,
            problems: Vec::new(),
            head: None,
            law: Arc::new(Law::default()),
            sources: Arc::new([]),
            files: None,
            listing_notices: Vec::new(),
            groups: HashTrieMapSync::new_sync(),
            visitors: HashTrieMapSync::new_sync(),
            passers: HashTrieMapSync::new_sync(),
            mapping_generation: 0,
            is_mapped: false,
        }
    }

    /// Whether all sources were read, or failed to be.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.config.is_some() && self.sources.iter().all(|source| source.state != SourceState::Loading)
    }

    /// Prefix rules of `aspm.toml`.
    pub(crate) fn rules(&self) -> Vec<(String, String)> {
        let rules = self.config.iter().flat_map(|config| &config.path_map);
        rules.map(|rule| (rule.from.clone(), rule.to.clone())).collect()
    }

    pub(crate) fn indexes(&self) -> Arc<[Arc<Index>]> {
        self.sources.iter().map(|source| source.index.clone()).collect()
    }

    pub(crate) fn source_names(&self) -> Arc<[Arc<str>]> {
        self.sources.iter().map(|source| source.name.clone()).collect()
    }
}
