//! Placements in committed texts, from the cache: a way through history that was gone once is not gone again.
//!
//! The question holds all that the answer depends on by its content: the evidence of every finding that is placed along,
//! the scanned text, the texts on the way, and the anchor that answers. So the same commits give the same placements
//! with a full cache, an empty one, and none.

use std::sync::Arc;

use anchor::{Basis, Item, Scan};
use finding::{Placement, State};
use sha2::{Digest as _, Sha256};
use store::PlacementKey;

use crate::driver::history::Steps;
use crate::driver::{Inner, lock, sources};

/// Where the findings of one scan are in the last text of a way.
pub(super) struct Question<'a> {
    inner: &'a Inner,
    job: &'a engine::PlaceJob,
    /// Of each finding, in order: its source, and the digest of all besides the last text.
    asked: Vec<(usize, [u8; 32])>,
    blob: &'a str,
}

impl<'a> Question<'a> {
    /// `None` when nothing changed since the scan: there is nothing to remember.
    pub(super) fn new(
        (inner, job): (&'a Inner, &'a engine::PlaceJob),
        items: &[(usize, Item<'_>)],
        scan: &Scan,
        steps: &'a Steps,
    ) -> Option<Self> {
        let last = steps.versions.last()?;
        let source = scan.source.as_ref()?;
        let mut sha = Sha256::new();
        let mut add = |part: &[u8]| {
            sha.update((part.len() as u64).to_le_bytes());
            sha.update(part);
        };
        add(anchor::FINGERPRINT.as_bytes());
        match &scan.basis {
            Basis::Commit(commit) => add(format!("commit {commit}").as_bytes()),
            Basis::Assumed(commit) => add(format!("assumed {commit}").as_bytes()),
            Basis::Nothing(_) => return None,
        }
        add(scan.path.as_bytes());
        add(source.text.as_bytes());
        add(&(steps.versions.len() as u64).to_le_bytes());
        for version in &steps.versions {
            add(version.path.as_bytes());
            add(version.blob.as_bytes());
        }
        for (_, item) in items {
            add(&serde_json::to_vec(item.evidence).ok()?);
            add(item.tool.as_bytes());
            add(item.rule.as_bytes());
        }
        let group = sha.finalize();
        let of =
            |at: usize| Sha256::new().chain_update(group).chain_update((at as u64).to_le_bytes()).finalize().into();
        let asked = items.iter().enumerate().map(|(at, (source, _))| (*source, of(at))).collect();
        Some(Self { inner, job, asked, blob: &last.blob })
    }

    /// What was answered before, when it can be about `text`, the last of the way at `path`. All findings or none: they
    /// were placed together.
    pub(super) fn answer(&self, path: &str, text: &str) -> Option<Vec<Placement>> {
        let mut answers: Vec<Option<Placement>> = vec![None; self.asked.len()];
        for (source, at) in self.by_source() {
            let keys: Vec<_> = at.iter().map(|at| self.key(*at)).collect();
            let store = sources::open(self.inner, &self.job.path, source);
            let found = lock(&store).cached_placements(&keys).ok()?;
            for (at, bytes) in at.into_iter().zip(found) {
                let placement: Placement = serde_json::from_slice(&bytes?).ok()?;
                answers[at] = Some(placement).filter(|placement| is_sound(placement, path, text));
            }
        }
        answers.into_iter().collect()
    }

    /// Keeps `placements` for the next time. Where that fails they are found out again.
    pub(super) fn remember(&self, placements: &[Placement]) {
        for (source, at) in self.by_source() {
            let Ok(rows) = at
                .iter()
                .map(|at| Ok((self.key(*at), serde_json::to_vec(&placements[*at])?)))
                .collect::<Result<Vec<_>, serde_json::Error>>()
            else {
                continue;
            };
            let rows: Vec<(PlacementKey<'_>, &[u8])> = rows.iter().map(|(key, bytes)| (*key, &**bytes)).collect();
            let store = sources::open(self.inner, &self.job.path, source);
            if let Err(error) = lock(&store).remember_placements(&rows) {
                tracing::debug!(%error, "placements were not kept");
            }
        }
    }

    fn key(&self, at: usize) -> PlacementKey<'_> {
        PlacementKey { evidence: self.asked[at].1, blob: self.blob }
    }

    /// The findings of each source, by their place in the question.
    fn by_source(&self) -> Vec<(&Arc<str>, Vec<usize>)> {
        let mut sources: Vec<(&Arc<str>, Vec<usize>)> = Vec::new();
        for (at, (source, _)) in self.asked.iter().enumerate() {
            let name = &self.job.sources[*source];
            match sources.iter_mut().find(|(known, _)| *known == name) {
                Some((_, of_source)) => of_source.push(at),
                None => sources.push((name, vec![at])),
            }
        }
        sources
    }
}

/// Whether a placement can be one in this text: the cache is not trusted to hold what was put there.
fn is_sound(placement: &Placement, path: &str, text: &str) -> bool {
    (0.0..=1.0).contains(&placement.confidence)
        && placement.path.as_deref().is_none_or(|at| at == path)
        && match (&placement.range, placement.state) {
            (Some(range), state) => state.is_on_code() && text.get(range.clone()).is_some(),
            (None, State::Gone | State::Unplaced) => true,
            // Findings about a whole file have no range.
            (None, _) => placement.path.is_some(),
        }
}
