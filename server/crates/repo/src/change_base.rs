//! Which commit a change is judged by: where the work parted from the branch it will be merged into.

use std::path::Path;

use crate::head::{Reference, follow};
use crate::{Error, MergeBase, Repo};

/// Folders below which no branch is looked for: names are rarely deeper.
const DEEPEST: usize = 6;

/// Tried in this order where no remote says which branch is its default.
const NAMES: [&str; 4] = ["main", "master", "trunk", "develop"];

/// The branch that changes are merged into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultBranch {
    /// As a person names it: `origin/main`, or `main` where there is no remote's.
    pub name: String,
    /// Commit id in hex.
    pub commit: String,
    /// It is of this repository alone; no remote branch stands for it.
    pub is_local: bool,
}

/// The commit that HEAD's changes are judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeBase {
    /// Commit id in hex; `None` when there is none to be told.
    pub commit: Option<String>,
    /// For people: "the merge base with origin/main, 1a2b3c4", or why there is none.
    pub words: String,
    /// Others have the branch that this is merged into, and there is no telling where HEAD parted from it.
    pub is_lost: bool,
}

impl Repo {
    /// The default branch: what `origin` (else the only remote, else `upstream`) calls its HEAD, else that remote's
    /// `main`, `master`, `trunk` or `develop`, else the local branch of such a name.
    pub fn default_branch(&self) -> Result<Option<DefaultBranch>, Error> {
        let remotes = self.remote_names();
        let only = remotes.first().filter(|_| remotes.len() == 1).map(String::as_str);
        let mut asked: Vec<&str> = vec!["origin"];
        asked.extend(only.into_iter().chain(["upstream"]).filter(|name| *name != "origin"));
        self.with(|repo| {
            for remote in &asked {
                let head = format!("refs/remotes/{remote}/HEAD");
                if gix::validate::reference::name(head.as_str().into()).is_err() {
                    continue;
                }
                let found = follow(repo, self.root(), self.dirs(), &head)?;
                let Reference::Object { target: Some(target), .. } = found else { continue };
                if let Some(commit) = self.reference(repo, &head)? {
                    return Ok(Some(DefaultBranch { name: target, commit: commit.to_string(), is_local: false }));
                }
            }
            let of_remotes = asked.iter().flat_map(|remote| NAMES.map(|name| (format!("{remote}/{name}"), false)));
            for (name, is_local) in of_remotes.chain(NAMES.map(|name| (name.to_owned(), true))) {
                let full = format!("refs/{}/{name}", if is_local { "heads" } else { "remotes" });
                if gix::validate::reference::name(full.as_str().into()).is_err() {
                    continue;
                }
                if let Some(commit) = self.reference(repo, &full)? {
                    return Ok(Some(DefaultBranch { name, commit: commit.to_string(), is_local }));
                }
            }
            Ok(None)
        })
    }

    /// The commit that what lies between it and HEAD is judged by: the merge base of HEAD with the default branch. On a
    /// default branch without a remote counterpart, HEAD itself: only what is not committed is a change there.
    pub fn change_base(&self) -> Result<ChangeBase, Error> {
        let none = |words: String| Ok(ChangeBase { commit: None, words, is_lost: false });
        let lost = |words: String| Ok(ChangeBase { commit: None, words, is_lost: true });
        let head = self.head()?;
        let Some(commit) = head.commit else {
            return none("none: nothing is committed yet".to_owned());
        };
        let Some(branch) = self.default_branch()? else {
            let words = "none: no default branch is known here. `git fetch origin` and `git remote set-head origin \
                         --auto` make it known, or name the base"
                .to_owned();
            // A repository that nothing was fetched into has nothing before it but HEAD.
            return if has_remote_branches(&self.dirs().common) { lost(words) } else { none(words) };
        };
        if branch.is_local && head.branch.as_deref() == Some(&branch.name) {
            let words = format!("HEAD of {}, {}", branch.name, short(&commit));
            return Ok(ChangeBase { commit: Some(commit), words, is_lost: false });
        }
        match self.merge_base(&commit, &branch.commit)? {
            MergeBase::Found(base) => {
                let words = format!("the merge base with {}, {}", branch.name, short(&base));
                Ok(ChangeBase { commit: Some(base), words, is_lost: false })
            }
            MergeBase::Unrelated => lost(format!("none: HEAD shares no history with {}", branch.name)),
            MergeBase::Unknown(why) => lost(format!("none with {}: {why}", branch.name)),
        }
    }
}

/// Whether any branch of a remote is known in a repository with this folder.
fn has_remote_branches(common: &Path) -> bool {
    let packed = std::fs::read_to_string(common.join("packed-refs")).unwrap_or_default();
    packed.lines().any(|line| line.contains(" refs/remotes/")) || has_file(&common.join("refs/remotes"), DEEPEST)
}

/// Whether a folder has a file in it or further down; folders of deleted branches may stay behind empty.
fn has_file(folder: &Path, depth: usize) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut kinds = entries.filter_map(|entry| Some((entry.file_type().ok()?, entry.path())));
    kinds.any(|(kind, path)| kind.is_file() || (depth > 0 && kind.is_dir() && has_file(&path, depth - 1)))
}

/// Seven digits, as git shows ids.
fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
