//! Which tree is judged, and against which commit: the work tree with open documents, the index, or a commit.

use std::path::Path;
use std::sync::Arc;

use repo::files::Read;
use repo::{Content, Repo, TreeView, View};

use super::Inner;

/// Renames are told as everywhere: by likeness of the texts.
pub(crate) fn alike(removed: (&str, &str), added: &[(Arc<str>, Arc<str>)]) -> Option<usize> {
    anchor::renames::best(removed, added).map(|(at, _)| at)
}

/// Whether a driver asks servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// Never: what was read before counts.
    #[default]
    Silent,
    /// When it is time, and with the pauses that spare a server.
    InTurn,
    /// Now: somebody waits for it.
    Asked,
}

/// What a driver judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judging {
    /// The tree.
    pub view: View,
    /// Commit before the change; `None`: where the work parted from the default branch.
    pub base: Option<String>,
    /// Commit that the gate's own inputs are read at; `None`: the base.
    pub gate: Option<String>,
    /// Whether sources and `aspm.toml` too are read at that commit, as a gate must; an editor shows what is on disk.
    pub is_strict: bool,
    /// Whether sources are synchronised over the network.
    pub network: Network,
    /// Whether they are read whole, not only what changed.
    pub is_full: bool,
    /// The time to judge at; `None`: now.
    pub now: Option<jiff::Timestamp>,
    /// The index file that a commit under way uses, where it is not the repository's own.
    pub index_file: Option<std::path::PathBuf>,
}

impl Default for Judging {
    /// What an editor and `check --all` judge.
    fn default() -> Self {
        Self {
            view: View::WorkTree,
            base: None,
            gate: None,
            is_strict: false,
            network: Network::Silent,
            is_full: false,
            now: None,
            index_file: None,
        }
    }
}

impl Inner {
    /// The commit that the judged tree is, or stands on.
    pub(super) fn head(&self, repo: &Repo) -> Option<String> {
        match &self.judging.view {
            View::Commit(commit) => Some(commit.clone()),
            View::WorkTree | View::Index => repo.head().ok()?.commit,
        }
    }

    /// A file of the judged tree; open documents are not looked at.
    pub(super) fn read(&self, root: &Path, path: &str, most: usize) -> Result<Read, repo::Error> {
        let content = match self.tree(root)? {
            None => match (repo::files::read(root, path, most as u64)?, self.repo(root)) {
                (Read::Missing, Some(repo)) => {
                    let folder = repo.prefix_of(root).unwrap_or_default();
                    // A sparse checkout leaves files out that are there all the same.
                    repo.sparse_file(&format!("{folder}{path}")).ok().flatten().unwrap_or(Content::NoPath)
                }
                (read, _) => return Ok(read),
            },
            Some(tree) => tree.read(path)?,
        };
        Ok(match content {
            Content::Text(text) if text.len() > most => Read::TooLarge { bytes: text.len() as u64 },
            Content::Text(text) => Read::Text(text.to_string()),
            Content::Bytes(bytes) if bytes.len() > most => Read::TooLarge { bytes: bytes.len() as u64 },
            Content::Bytes(bytes) => Read::Bytes(bytes.to_vec()),
            Content::TooLarge { size } => Read::TooLarge { bytes: size },
            Content::NoPath | Content::Link | Content::NoCommit => Read::Missing,
            Content::Absent => Read::Unreadable("this clone left its text out".to_owned()),
        })
    }

    /// The judged tree where it is not the disk; it does not change while it is judged.
    pub(super) fn tree(&self, root: &Path) -> Result<Option<TreeView>, repo::Error> {
        if self.judging.view == View::WorkTree {
            return Ok(None);
        }
        if let Some(known) = self.trees.get(root) {
            return Ok(Some(known.clone()));
        }
        let Some(repo) = self.repo(root) else { return Ok(None) };
        let tree = repo.view(&self.judging.view, &repo.prefix_of(root).unwrap_or_default())?;
        self.trees.insert(root.to_path_buf(), tree.clone());
        Ok(Some(tree))
    }
}
