//! The truth about the data: how complete, how fresh, what is wrong.

use finding::wire::{Counts, PolicyInfo, ServerState, SourceState, SourceStatus, StatusInfo, VERSION};

use crate::counts;
use crate::root::{Root, Source};
use crate::state::State;

pub(crate) fn counts(state: &State) -> Counts {
    let mut sum = Counts::default();
    for root in state.roots.values() {
        counts::add(&mut sum, counts::of_root(root));
    }
    sum
}

pub(crate) fn of(state: &State) -> StatusInfo {
    let sources: Vec<SourceStatus> = state
        .roots
        .values()
        .flat_map(|root| root.sources.iter().map(|source| source_status(state, root, source)))
        .collect();
    let mut messages: Vec<String> = state.settings_problems.to_vec();
    for root in state.roots.values() {
        messages.extend(root.problems.iter().cloned());
        messages.extend(root.law.problems.iter().cloned());
        messages.extend(root.listing_notices.iter().cloned());
        messages.extend(root.groups.values().flat_map(|group| group.problems.iter().cloned()).take(20));
    }
    let mut policies: Vec<PolicyInfo> = Vec::new();
    for info in state.roots.values().flat_map(|root| root.law.policies.iter()) {
        if !policies.contains(info) {
            policies.push(info.clone());
        }
    }
    let is_loading = state.roots.values().any(|root| !root.is_loaded() || !root.is_mapped);
    let is_degraded = !messages.is_empty() || sources.iter().any(|source| source.state != SourceState::Ready);
    let is_nothing = messages.is_empty()
        && state.roots.values().all(|root| !root.is_configured)
        && sources.iter().all(|source| source.state == SourceState::NoData);
    let overall = match (is_loading, is_degraded) {
        (true, _) => ServerState::Loading,
        (false, true) if is_nothing => ServerState::NotConfigured,
        (false, true) => ServerState::Degraded,
        (false, false) => ServerState::Ready,
    };
    StatusInfo { version: VERSION, state: overall, sources, counts: counts(state), policies, messages }
}

fn source_status(state: &State, root: &Root, source: &Source) -> SourceStatus {
    // With several folders the same default name would not say whose it is.
    let name = if state.roots.len() > 1 { format!("{} ({})", source.name, root.name) } else { source.name.to_string() };
    SourceStatus {
        name,
        kind: source.config.kind.name().to_owned(),
        state: source.state,
        findings: source.index.rows().len(),
        synced_at: source.meta.synced_at.clone(),
        scanned_at: source.meta.scanned_at.clone(),
        scan_commit: source.meta.scan_commit.clone(),
        problems: source.failure.iter().chain(&source.meta.problems).cloned().collect(),
    }
}
