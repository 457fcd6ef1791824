//! `history.json`: how the example came to be, commit by commit.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::assets;

/// A repository to make.
#[derive(Debug, Deserialize)]
pub(super) struct History {
    pub(super) name: String,
    pub(super) author: Author,
    pub(super) commits: Vec<Commit>,
    /// What is changed and not committed.
    pub(super) worktree: Changes,
    /// Logs of the scanners.
    pub(super) scans: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Author {
    pub(super) name: String,
    pub(super) email: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Commit {
    pub(super) id: String,
    pub(super) message: String,
    pub(super) time_unix: i64,
    pub(super) scanned: bool,
    #[serde(flatten)]
    pub(super) changes: Changes,
}

#[derive(Debug, Deserialize)]
pub(super) struct Changes {
    /// Path in the repository → path of the asset.
    pub(super) files: BTreeMap<String, String>,
    pub(super) removed: Vec<String>,
}

impl History {
    pub(super) fn embedded() -> anyhow::Result<Self> {
        Ok(serde_json::from_slice(asset("history.json")?)?)
    }
}

impl Changes {
    /// Path and content of the files that are added or replaced.
    pub(super) fn contents(&self) -> anyhow::Result<Vec<(&str, &'static [u8])>> {
        self.files.iter().map(|(path, from)| Ok((path.as_str(), asset(from)?))).collect()
    }
}

pub(super) fn asset(path: &str) -> anyhow::Result<&'static [u8]> {
    assets::file(path).ok_or_else(|| anyhow::anyhow!("this build lacks {path} of the demo"))
}
