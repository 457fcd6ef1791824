//! The whole findings of a group: from memory, else from the stores.

use std::collections::HashMap;
use std::sync::Arc;

use engine::PlaceJob;
use finding::{Finding, FindingId};

use crate::driver::{Inner, lock, sources};

/// One finding of the group and its place in the index.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) source: usize,
    pub(super) row: u32,
    pub(super) finding: Arc<Finding>,
}

/// All findings of the group that the index of now has, in index order.
pub(super) fn load(inner: &Inner, job: &mut PlaceJob, problems: &mut Vec<String>) -> Vec<Member> {
    let mut known: HashMap<FindingId, Arc<Finding>> = job
        .details
        .take()
        .map(|details| details.iter().map(|finding| (finding.id.clone(), finding.clone())).collect())
        .unwrap_or_default();
    let mut members = Vec::new();
    for scanned in job.scanned.iter() {
        let rows: Vec<_> = scanned.rows(&job.indexes).collect();
        if rows.iter().any(|(_, row)| !known.contains_key(&row.id)) {
            let store = sources::open(inner, &job.path, &job.sources[scanned.source]);
            let loaded = lock(&store).findings_at(&[&scanned.path]);
            match loaded {
                Ok(findings) => {
                    known.extend(findings.into_iter().map(|finding| (finding.id.clone(), Arc::new(finding))));
                }
                Err(error) => {
                    problems.push(format!("Findings of {} could not be read from the cache: {error}", scanned.path));
                }
            }
        }
        for (at, row) in rows {
            if let Some(finding) = known.get(&row.id)
                && let Ok(row) = u32::try_from(at)
            {
                members.push(Member { source: scanned.source, row, finding: finding.clone() });
            }
        }
    }
    members
}
