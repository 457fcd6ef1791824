//! A finding's file as it was scanned, from the clone's history.

use std::path::Path;

use finding::Finding;
use finding::text::LineIndex;
use repo::{Content, Repo};

use super::render::Scanned;

/// `None` when this clone does not have it under the reported path.
pub(super) fn of(root: &Path, finding: &Finding) -> Option<Scanned> {
    let (commit, path) = (finding.evidence.commit.clone()?, finding.evidence.path.clone()?);
    let repo = Repo::discover(root).ok().flatten()?;
    let inner = root.strip_prefix(repo.root()).ok()?.to_str()?.replace('\\', "/");
    let inside = if inner.is_empty() { path.clone() } else { format!("{inner}/{path}") };
    let text = repo.text_at(&commit, &inside).ok().and_then(Content::decoded)?;
    let lines = LineIndex::new(&text);
    let range = lines.resolve(&text, &finding.evidence.region?)?;
    Some(Scanned { commit, path, text, lines, range })
}
