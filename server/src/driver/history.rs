//! The texts a file had between a scanned commit and a later one, within bounds that are the same for editor and
//! command line: the same commits give the same placements everywhere.

use std::sync::Arc;

use super::judging::alike;
use anchor::{Source, Version};
use repo::{Content, HistoryLimits, Repo};

/// Commits looked at, and texts read.
const LIMITS: HistoryLimits = HistoryLimits { commits: 5_000, versions: 150, candidates: 60 };

/// Bytes of all texts together: about what is parsed and compared in a tenth of a second.
const MOST_BYTES: usize = 1 << 20;

/// The way of a file between two commits.
#[derive(Default)]
pub(crate) struct Way {
    /// What it was after each commit that changed it, oldest first; empty when it was not changed, and when the whole
    /// way is not known or too long to go.
    pub(crate) versions: Vec<Version>,
    /// It was removed on the way.
    pub(crate) is_removed: bool,
}

/// What `path` (relative to the repository) is called at `now`, when it was renamed on the way, not removed.
pub(crate) fn renamed(repo: &Repo, then: &str, now: &str, path: &str) -> Option<Arc<str>> {
    let history = repo.file_history((then, now), path, LIMITS, &alike, &|| false).ok()?;
    let last = history.versions.last().filter(|_| history.is_complete && history.removed_in.is_none())?;
    (*last.path != *path).then(|| last.path.clone())
}

/// The way of a file as git names it: no text was read yet.
#[derive(Default)]
pub(crate) struct Steps {
    /// Oldest first; empty when it was not changed, and when the whole way is not known.
    pub(crate) versions: Vec<repo::Version>,
    /// It was removed on the way.
    pub(crate) is_removed: bool,
}

/// The steps of `path` (relative to the repository) from `then` to its descendant `now`.
pub(crate) fn steps(repo: &Repo, then: &str, now: &str, path: &str, cancelled: &dyn Fn() -> bool) -> Steps {
    match repo.file_history((then, now), path, LIMITS, &alike, cancelled) {
        Ok(history) if history.is_complete => {
            Steps { versions: history.versions, is_removed: history.removed_in.is_some() }
        }
        _ => Steps::default(),
    }
}

/// The texts of all steps; empty when one has none or they are too long together.
pub(crate) fn texts(repo: &Repo, steps: &Steps) -> Vec<Version> {
    let mut versions = Vec::new();
    let mut bytes = 0;
    for version in &steps.versions {
        let Some(text) = repo.text_of(&version.blob).ok().and_then(Content::decoded) else { return Vec::new() };
        bytes += text.len();
        if bytes > MOST_BYTES {
            return Vec::new();
        }
        let source = Arc::new(Source::new(&version.path, text));
        versions.push(Version { path: version.path.clone(), source });
    }
    versions
}

/// The way of `path` (relative to the repository) from `then` to its descendant `now`.
pub(crate) fn way(repo: &Repo, then: &str, now: &str, path: &str, cancelled: &dyn Fn() -> bool) -> Way {
    let steps = steps(repo, then, now, path, cancelled);
    Way { versions: texts(repo, &steps), is_removed: steps.is_removed }
}

#[cfg(test)]
mod tests {
    use repo::history::{Author, Commit, create_repository};

    use super::*;

    /// The way of a file that was `texts[0]` when it was scanned and became each of the others in turn.
    fn way_of(texts: &[String]) -> Way {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<[(&str, &[u8]); 1]> = texts.iter().map(|text| [("app.py", text.as_bytes())]).collect();
        let commits: Vec<Commit<'_>> = files
            .iter()
            .zip(0..)
            .map(|(files, number)| Commit { files, removed: &[], message: "change", time_unix: 1_700_000_000 + number })
            .collect();
        let author = Author { name: "Test", email: "test@example.com" };
        let ids = create_repository(folder.path(), &commits, author).unwrap();
        let repo = Repo::discover(folder.path()).unwrap().unwrap();
        way(&repo, &ids[0], ids.last().unwrap(), "app.py", &|| false)
    }

    fn steps_of(count: usize) -> Vec<String> {
        (0..=count).map(|number| format!("x = {number}\n")).collect()
    }

    #[test]
    fn a_way_of_as_many_steps_as_are_looked_at_is_gone_and_one_of_more_is_not_known() {
        let last = |way: &Way| way.versions.last().map(|last| last.source.text.to_string());
        let whole = way_of(&steps_of(LIMITS.versions));
        assert_eq!((whole.versions.len(), last(&whole)), (LIMITS.versions, Some(format!("x = {}\n", LIMITS.versions))));
        assert!(way_of(&steps_of(LIMITS.versions + 1)).versions.is_empty());
    }

    #[test]
    fn a_way_of_too_many_bytes_is_not_known() {
        let line = "x = 1\n".repeat(MOST_BYTES / 60);
        let texts =
            |count: usize| -> Vec<String> { (0..=count).map(|number| format!("{number:02}\n{line}")).collect() };
        assert_eq!(way_of(&texts(9)).versions.len(), 9);
        assert!(way_of(&texts(10)).versions.is_empty());
    }
}
