//! What the sources know of the application. Those of `aspm.toml` before the change count whole. One that only the change
//! names counts where it raises the risk: naming another product does not make the application matter less.

use std::path::Path;

use config::Config;
use finding::SourceApplication;
use policy::application;
use store::Key;

use crate::driver::{Inner, lock, remote, sources};

/// By source, as last read; only of those that said something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SourceFacts {
    merged: SourceApplication,
    /// Those that say something that weighs.
    names: Vec<String>,
}

impl SourceFacts {
    /// `before` and `now`: the repository's configuration before the change, and as it is.
    pub(super) fn read(inner: &Inner, root: &Path, before: &Config, now: &Config) -> Self {
        let mut facts = Vec::new();
        let mut names: Vec<String> = Vec::new();
        let mut seen: Vec<Key> = Vec::new();
        let reviewed = before.sources.iter().map(|source| (source, true));
        let all = reviewed.chain(now.sources.iter().map(|source| (source, false)));
        for (source, is_reviewed) in all.filter(|(source, _)| source.is_remote()) {
            let Some(key) = remote::key(inner, root, source).filter(|key| !seen.contains(key)) else { continue };
            seen.push(key.clone());
            let name = (root.to_path_buf(), source.name.clone());
            // The one in use may live in memory; of another product there is only what is kept.
            let is_in_use = lock(&inner.keys).get(&name) == Some(&key);
            let meta = if is_in_use {
                lock(&sources::open(inner, root, &source.name)).meta()
            } else {
                sources::look(inner, root, &source.name, &key).meta()
            };
            let Ok(Some(said)) = meta.map(|meta| meta.and_then(|meta| meta.application)) else { continue };
            let said = if is_reviewed { said } else { raising(said) };
            if (said.criticality.is_some() || said.exposure.is_some()) && !names.contains(&source.name) {
                names.push(source.name.clone());
            }
            facts.push(said);
        }
        Self { merged: application::of_sources(&facts), names }
    }

    pub(super) fn merged(&self) -> Option<&SourceApplication> {
        (self.merged != SourceApplication::default()).then_some(&self.merged)
    }

    /// "source central".
    pub(super) fn words(&self) -> String {
        format!("source {}", self.names.join(" and "))
    }
}

/// Without what could lower a risk.
fn raising(said: SourceApplication) -> SourceApplication {
    SourceApplication {
        criticality: said.criticality.filter(|word| word != "low"),
        exposure: said.exposure.filter(|word| matches!(word.as_str(), "internet" | "partner")),
        ..said
    }
}
