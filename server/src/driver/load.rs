//! A root's configuration, git state and files.

use std::path::Path;
use std::sync::Arc;

use engine::{Change, Head, RootFacts, RootId};
use repo::TreeView;

use super::Inner;
use super::baselines::prefix;

pub(super) fn root(inner: &Inner, root: RootId, path: &Path, trusted: bool) -> Change {
    // HEAD may have become a repository since (git init): look again unless one is known.
    inner.repos.remove_if(path, |_, repo| repo.is_none());
    let loaded = inner.config(path, trusted);
    let mut problems = loaded.problems;
    let head = match inner.repo(path).map(|repo| repo.head()) {
        None => None,
        Some(Ok(head)) => Some(Head { commit: head.commit, branch: head.branch }),
        Some(Err(error)) => {
            problems.push(format!("Git: {error}. Findings are placed without history."));
            None
        }
    };
    let law = inner.load_law(path, &loaded.config, trusted).facts().clone();
    let is_configured = loaded.from.is_some();
    let facts = RootFacts { config: loaded.config, is_configured, problems, head, law };
    Change::RootLoaded { root, facts: Box::new(facts) }
}

pub(super) fn list(inner: &Inner, root: RootId, path: &Path) -> Change {
    match inner.tree(path) {
        Ok(None) => {}
        Ok(Some(tree)) => return listed(root, &tree),
        Err(error) => return Change::Listed { root, files: Arc::new([]), notices: vec![format!("Git: {error}.")] },
    }
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
        let left_out = repo.sparse_files(repo::files::Limits::default().files);
        files.extend(left_out.iter().filter_map(|file| file.strip_prefix(&prefix)).map(Arc::from));
        files.sort_unstable();
        files.dedup();
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

/// The files of the index or of a commit.
fn listed(root: RootId, tree: &TreeView) -> Change {
    let mut notices = Vec::new();
    let listing = tree.list(repo::files::Limits::default().files).unwrap_or_else(|error| {
        notices.push(format!("Git: {error}."));
        repo::TreeListing { incomplete: true, ..repo::TreeListing::default() }
    });
    if listing.truncated || listing.incomplete {
        notices
            .push("Not all files of the judged tree could be listed: findings of the rest are not placed.".to_owned());
    }
    let mut files: Vec<Arc<str>> = listing.files.into_iter().map(|file| file.path).collect();
    files.sort_unstable();
    Change::Listed { root, files: files.into(), notices }
}
