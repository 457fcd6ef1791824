//! Names that people give commits: `main`, `origin/main`, `v1.2`, `HEAD~1`, `1a2b3c4`.
//!
//! A part of git's own language, read here: what searches messages, dates or reflogs has no place in a gate.

use gix::{ObjectId, objs};

use crate::head::{Reference, follow};
use crate::repository::commit_id;
use crate::{Error, Repo};

/// Generations that `~` may go back in one revision.
const MAX_STEPS: usize = 100_000;
/// Tags of tags.
const MAX_TAGS: usize = 8;
const MAX_LENGTH: usize = 1000;

impl Repo {
    /// The commit (full id) that a person's revision names: a full or abbreviated id (at least seven digits), `HEAD`,
    /// a tag, a branch, a remote's branch, a full `refs/…` name; each followed by any of `~`, `~3`, `^`, `^2`, `^{}`,
    /// `^{commit}`. Precedence as in git. Nothing else of git's language is understood.
    ///
    /// For ids that come with findings use [`Repo::resolve_commit`], which takes no names.
    pub fn resolve(&self, revision: &str) -> Result<String, Error> {
        let wrong = |detail: &str| Error::NoRevision { rev: shown(revision), detail: detail.to_owned() };
        if revision.is_empty() || revision.len() > MAX_LENGTH {
            return Err(wrong("it is empty or too long"));
        }
        if revision.contains("..") || revision.contains("@{") || revision.contains([':', '\\', '?', '*', '[', ' ']) {
            return Err(wrong("only ids, branches, tags and HEAD are understood, each with `~N` or `^N`"));
        }
        let (name, mut steps) = revision.split_at(revision.find(['~', '^']).unwrap_or(revision.len()));
        self.with(|repo| {
            let named = self.named(repo, if name == "@" { "HEAD" } else { name })?;
            let mut commit = named.ok_or_else(|| wrong(why_missing(repo)))?;
            while let Some(step) = steps.chars().next() {
                let after = &steps[1..];
                if let Some(rest) = after.strip_prefix("{}").or_else(|| after.strip_prefix("{commit}")) {
                    steps = rest;
                    continue;
                }
                let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
                let count = if digits == 0 { Some(1) } else { after[..digits].parse().ok() };
                let count =
                    count.filter(|count| *count <= MAX_STEPS).ok_or_else(|| wrong("the number is too large"))?;
                steps = &after[digits..];
                let too_far = || wrong(&format!("its history ends before. {}", why_missing(repo)));
                commit = match step {
                    '~' => (0..count).try_fold(commit, |at, _| parent(repo, at, 1)).ok_or_else(too_far)?,
                    '^' if count == 0 => commit,
                    '^' => parent(repo, commit, count).ok_or_else(too_far)?,
                    _ => return Err(wrong("after the name only `~N`, `^N` and `^{commit}` are understood")),
                };
            }
            Ok(commit.to_string())
        })
    }

    /// The commit of a name without steps.
    fn named(&self, repo: &gix::Repository, name: &str) -> Result<Option<ObjectId>, Error> {
        if name.len() == repo.object_hash().len_in_hex()
            && let Some(id) = commit_of(repo, name)
        {
            return Ok(Some(id));
        }
        let is_pseudo = name.ends_with("HEAD") && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        let is_plain = gix::validate::reference::name_partial(name.into()).is_ok();
        let exact = (is_pseudo || name.starts_with("refs/")).then(|| name.to_owned());
        let in_folders =
            ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"].map(|folder| format!("{folder}{name}"));
        let remote_head = format!("refs/remotes/{name}/HEAD");
        for full in exact.into_iter().chain(in_folders).chain([remote_head]).filter(|_| is_plain) {
            if let Some(id) = self.reference(repo, &full)? {
                return Ok(Some(id));
            }
        }
        Ok(commit_of(repo, name))
    }

    /// The commit of a full reference name, through annotated tags.
    pub(crate) fn reference(&self, repo: &gix::Repository, full: &str) -> Result<Option<ObjectId>, Error> {
        match follow(repo, self.root(), self.dirs(), full)? {
            Reference::Object { id, .. } => Ok(peel(repo, id)),
            Reference::Unborn { .. } | Reference::Missing => Ok(None),
        }
    }
}

/// What may be the reason that a commit is not here, and what brings it.
pub(crate) fn why_missing(repo: &gix::Repository) -> &'static str {
    if repo.is_shallow().unwrap_or(false) {
        "The clone is shallow: `git fetch --unshallow` brings the rest"
    } else {
        "`git fetch` brings what only the remote has"
    }
}

/// An id of a commit or an annotated tag.
fn commit_of(repo: &gix::Repository, id: &str) -> Option<ObjectId> {
    if id.len() == repo.object_hash().len_in_hex() {
        return peel(repo, ObjectId::from_hex(id.as_bytes()).ok()?);
    }
    commit_id(repo, id)
}

fn peel(repo: &gix::Repository, mut id: ObjectId) -> Option<ObjectId> {
    for _ in 0..MAX_TAGS {
        let object = repo.try_find_object(id).ok()??;
        match object.kind {
            objs::Kind::Commit => return Some(id),
            objs::Kind::Tag => id = objs::TagRefIter::from_bytes(&object.data, id.kind()).target_id().ok()?,
            objs::Kind::Tree | objs::Kind::Blob => return None,
        }
    }
    None
}

/// The `number`th parent, counted from one, when it is here.
fn parent(repo: &gix::Repository, commit: ObjectId, number: usize) -> Option<ObjectId> {
    let parent = repo.find_commit(commit).ok()?.parent_ids().nth(number.checked_sub(1)?)?.detach();
    repo.has_object(parent).then_some(parent)
}

/// A revision as it may stand in a message.
fn shown(revision: &str) -> String {
    revision.chars().take(100).flat_map(char::escape_debug).collect()
}
