//! Findings inside a submodule: a repository of its own, with changes and a gate of its own.

use std::path::Path;

use crate::driver::Inner;

/// The submodule that a finding lies in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Submodule {
    /// Relative to the root.
    pub(crate) path: String,
    /// What the change at hand does to it.
    pub(crate) update: Update,
}

/// What a change does to a submodule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Update {
    /// It is set to the commit it was set to.
    None,
    /// It is set to another one, or is new.
    Set,
    /// It is taken out.
    Removed,
}

/// The submodule of a scanned path in the judged tree, else in the one before the change.
pub(in crate::driver) fn of(inner: &Inner, root: &Path, scanned: &str) -> Option<Submodule> {
    let repo = inner.repo(root)?;
    let folder = repo.prefix_of(root).unwrap_or_default();
    let now = repo.view(&inner.judging.view, &folder).ok()?;
    let before = inner.reviewed(root);
    anchor::paths::readings(scanned).iter().find_map(|path| {
        let then = before.as_ref().and_then(|before| before.submodule_of(path));
        let (found, update) = match (now.submodule_of(path), then) {
            (Some(now), then) if then.as_ref() == Some(&now) => (now, Update::None),
            (Some(now), _) => (now, Update::Set),
            (None, Some(then)) => (then, Update::Removed),
            (None, None) => return None,
        };
        Some(Submodule { path: found.0, update })
    })
}
