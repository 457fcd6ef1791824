//! Dependency files that were read, kept while their text is the same: a keystroke in one does not read the others.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use manifests::{Format, Manifest};

use crate::driver::lock;

/// Files kept at most, and bytes of their texts together.
const MOST_KEPT: usize = 1_000;
const MOST_BYTES: usize = 32 << 20;

/// Root, commit (`None`: now), path.
type Key = (PathBuf, Option<String>, Arc<str>);

#[derive(Default)]
struct Kept {
    files: HashMap<Key, (Arc<str>, Arc<Manifest>)>,
    bytes: usize,
}

/// What dependency files say.
#[derive(Default)]
pub(in crate::driver) struct Parsed(Mutex<Kept>);

impl Parsed {
    /// What a file says, and its text as it is kept.
    pub(super) fn of(
        &self,
        (root, commit, path): (&Path, Option<&str>, &Arc<str>),
        format: Format,
        text: Arc<str>,
    ) -> (Arc<str>, Arc<Manifest>) {
        let key = (root.to_path_buf(), commit.map(str::to_owned), path.clone());
        let known = lock(&self.0).files.get(&key).cloned();
        if let Some((known, manifest)) = known.filter(|(known, _)| *known == text) {
            return (known, manifest);
        }
        let manifest = Arc::new(manifests::parse(format, &text));
        let mut kept = lock(&self.0);
        if kept.files.len() >= MOST_KEPT || kept.bytes + text.len() > MOST_BYTES {
            *kept = Kept::default();
        }
        kept.bytes += text.len();
        if let Some((old, _)) = kept.files.insert(key, (text.clone(), manifest.clone())) {
            kept.bytes = kept.bytes.saturating_sub(old.len());
        }
        (text, manifest)
    }
}
