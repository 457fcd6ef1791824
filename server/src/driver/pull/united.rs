//! The logs of a change and those that were reviewed, read together.

use std::path::Path;

use config::SourceConfig;
use connectors::sarif::{Limits, SarifFiles};
use connectors::{Connector, Sink};
use engine::Pulled;
use finding::Finding;

use super::{load, meta_of};
use crate::driver::{Inner, lock, sources};

/// What the logs of the change and those that were reviewed say together; of what both say, the reviewed one counts.
pub(super) fn read(
    inner: &Inner,
    path: &Path,
    source: &SourceConfig,
    of_change: &SarifFiles,
    reviewed: &Path,
) -> Result<Pulled, String> {
    sources::keep_in_memory(inner, path, &source.name);
    let store = sources::open(inner, path, &source.name);
    let told = |error: connectors::Error| error.to_string();
    let reviewed = SarifFiles::new(reviewed, &source.name, &source.path, Limits::default()).map_err(told)?;
    let now = crate::clock::now().to_string();
    {
        let mut store = lock(&store);
        let mut update = store.update().map_err(|error| error.to_string())?;
        let mut meta = store::SourceMeta::default();
        for connector in [of_change, &reviewed] {
            let mut sink = Upserts(&mut update);
            match connector.pull(None, &mut sink, &|| inner.is_stopped(), &|_| {}) {
                Ok(outcome) => {
                    let more = meta_of(inner, path, &outcome, now.clone());
                    meta.problems.extend(more.problems);
                    meta.tools.extend(more.tools);
                    meta.is_incomplete |= more.is_incomplete;
                    meta.scanned_at = meta.scanned_at.max(more.scanned_at);
                    meta.scan_commit = meta.scan_commit.or(more.scan_commit);
                    meta.assumed_commit = meta.assumed_commit.or(more.assumed_commit);
                }
                // The change, or the state before it, has none of its own.
                Err(connectors::Error::NoLogs { .. }) => {}
                Err(error) => {
                    meta.problems.push(error.to_string());
                    meta.is_incomplete = true;
                }
            }
        }
        meta.synced_at.clone_from(&now);
        meta.tools.sort_unstable();
        meta.tools.dedup();
        update.commit_whole(meta).map_err(|error| error.to_string())?;
    }
    load(inner, path, source, &store, None, None).map_err(|error| error.to_string())
}

struct Upserts<'u, 's>(&'u mut store::Update<'s>);

impl Sink for Upserts<'_, '_> {
    fn finding(&mut self, finding: Finding) -> Result<(), String> {
        self.0.upsert(finding).map_err(|error| error.to_string())
    }
}
