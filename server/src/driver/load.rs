//! A root's configuration, git state and files.

use std::path::Path;
use std::sync::Arc;

use config::Config;
use engine::{Change, Head, RootFacts, RootId};

use super::Inner;
use super::baselines::prefix;

pub(super) fn root(inner: &Inner, root: RootId, path: &Path, trusted: bool) -> Change {
    let loaded = Config::load(path, trusted);
    let mut problems = loaded.problems;
    // HEAD may have become a repository since (git init): look again unless one is known.
    inner.repos.remove_if(path, |_, repo| repo.is_none());
    let head = match inner.repo(path).map(|repo| repo.head()) {
        None => None,
        Some(Ok(head)) => Some(Head { commit: head.commit, branch: head.branch }),
        Some(Err(error)) => {
            problems.push(format!("Git: {error}. Findings are placed without history."));
            None
        }
    };
    Change::RootLoaded {
        root,
        facts: Box::new(RootFacts { config: loaded.config, is_configured: loaded.from.is_some(), problems, head }),
    }
}

pub(super) fn list(inner: &Inner, root: RootId, path: &Path) -> Change {
    let listing = repo::files::list(path, repo::files::Limits::default(), &|| inner.is_stopped());
    let mut notices = listing.skipped;
    if listing.truncated {
        notices.push(format!(
            "{} has more than {} files: findings of the rest are found only when their path is the scanned one.",
            path.display(),
            listing.paths.len()
        ));
    }
    let mut files = listing.paths;
    // What git tracks is there, also where an ignore rule matches it.
    if let Some(repo) = inner.repo(path)
        && let Some(tracked) = repo.tracked_files(repo::files::Limits::default().files)
    {
        let prefix = prefix(&repo, path);
        let inside = tracked.iter().filter_map(|file| file.path.strip_prefix(&prefix));
        let more: Vec<Arc<str>> = inside
            .filter(|file| files.binary_search_by(|known| (**known).cmp(*file)).is_err() && path.join(file).is_file())
            .map(Arc::from)
            .collect();
        files.extend(more);
        files.sort_unstable();
    }
    Change::Listed { root, files: files.into(), notices }
}
