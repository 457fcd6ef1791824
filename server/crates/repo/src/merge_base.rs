//! Where two lines of history parted.

use std::collections::{BinaryHeap, HashMap};

use gix::ObjectId;

use crate::file_history::time_of;
use crate::repository::commit_id;
use crate::revision::why_missing;
use crate::{Error, Repo};

/// Commits looked at: decades of most projects, a second or two.
const MAX_COMMITS: usize = 100_000;

/// The best common ancestor of two commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeBase {
    /// Its id in hex.
    Found(String),
    /// They share no history.
    Unrelated,
    /// It cannot be told here; why, and what to do about it, in words.
    Unknown(String),
}

impl MergeBase {
    /// The commit, when it is known.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        match self {
            Self::Found(id) => Some(id),
            Self::Unrelated | Self::Unknown(_) => None,
        }
    }
}

const ONE: u8 = 1;
const OTHER: u8 = 2;
const BOTH: u8 = ONE | OTHER;
/// An ancestor of a common ancestor.
const STALE: u8 = 4;

impl Repo {
    /// The best common ancestor of two commits, given by id: the youngest one that is no ancestor of another.
    /// Bounded; nothing is fetched. Fails when a commit is not here at all.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<MergeBase, Error> {
        self.with(|repo| {
            let commit = |id: &str| commit_id(repo, id).ok_or_else(|| Error::NoCommit { id: id.to_owned() });
            let base = walk(repo, commit(one)?, commit(other)?);
            Ok(match base {
                Walk::Found(id) => MergeBase::Found(id.to_string()),
                Walk::Unrelated => MergeBase::Unrelated,
                Walk::TooLong => MergeBase::Unknown(format!("no common ancestor among the last {MAX_COMMITS} commits")),
                Walk::Missing => {
                    MergeBase::Unknown(format!("history ends before a common ancestor. {}", why_missing(repo)))
                }
            })
        })
    }
}

enum Walk {
    Found(ObjectId),
    Unrelated,
    TooLong,
    Missing,
}

/// What is known of a commit: its colours, and whether it waits in the heap.
#[derive(Default)]
struct Mark {
    paint: u8,
    is_waiting: bool,
}

impl Mark {
    fn is_open(&self) -> bool {
        self.is_waiting && self.paint & STALE == 0
    }
}

/// Paints both histories, youngest first, until everything that waits is behind a common ancestor.
fn walk(repo: &gix::Repository, one: ObjectId, other: ObjectId) -> Walk {
    if one == other {
        return Walk::Found(one);
    }
    let mut marks: HashMap<ObjectId, Mark> = HashMap::new();
    let mut waiting: BinaryHeap<(i64, ObjectId)> = BinaryHeap::new();
    for (id, paint) in [(one, ONE), (other, OTHER)] {
        marks.insert(id, Mark { paint, is_waiting: true });
        waiting.push((time_of(repo, id), id));
    }
    let mut open = 2_usize;
    let mut common: Vec<(i64, ObjectId)> = Vec::new();
    let mut is_missing = false;
    let mut left = MAX_COMMITS;
    while open > 0 && left > 0 {
        left -= 1;
        let Some((time, id)) = waiting.pop() else { break };
        let Some(mark) = marks.get_mut(&id) else { break };
        open -= usize::from(mark.is_open());
        mark.is_waiting = false;
        let mut paint = mark.paint;
        // One that both sides name and that is not here is no use as a base.
        let Ok(commit) = repo.find_commit(id) else {
            is_missing = true;
            continue;
        };
        if paint & BOTH == BOTH && paint & STALE == 0 {
            if !common.contains(&(time, id)) {
                common.push((time, id));
            }
            paint |= STALE;
        }
        for parent in commit.parent_ids() {
            let parent = parent.detach();
            let mark = marks.entry(parent).or_default();
            if mark.paint | paint == mark.paint {
                continue;
            }
            open -= usize::from(mark.is_open());
            mark.paint |= paint;
            if !std::mem::replace(&mut mark.is_waiting, true) {
                waiting.push((time_of(repo, parent), parent));
            }
            open += usize::from(mark.is_open());
        }
    }
    // Where clocks differ, a common ancestor can turn out to be behind another one later.
    let best = common.into_iter().filter(|(_, id)| marks.get(id).is_some_and(|mark| mark.paint & STALE == 0)).max();
    match best {
        Some((_, id)) => Walk::Found(id),
        None if open > 0 => Walk::TooLong,
        None if is_missing => Walk::Missing,
        None => Walk::Unrelated,
    }
}
