//! One finding as it leaves the process.

use std::collections::HashMap;

use engine::Root;
use finding::wire::{FindingInfo, PlacementInfo, Scanned};
use finding::{Finding, FindingId};

use super::entries::Entry;
use crate::driver::{Driver, lock};

/// The whole findings, from the cache, file by file.
pub(crate) fn details(
    driver: &Driver,
    root: &Root,
    entries: &[Entry<'_>],
) -> Result<HashMap<FindingId, Finding>, store::Error> {
    let mut known = HashMap::new();
    for source in root.sources.iter() {
        let of_source = entries.iter().filter(|entry| entry.source.name == source.name);
        let mut paths: Vec<&str> = of_source.map(|entry| entry.index.path(entry.row)).collect();
        paths.sort_unstable();
        paths.dedup();
        let store = driver.store(&root.path, &source.name);
        let findings = lock(&store).findings_at(&paths)?;
        known.extend(findings.into_iter().map(|finding| (finding.id.clone(), finding)));
    }
    Ok(known)
}

/// The wire form of an entry; `range` is its place as the receiver counts.
pub(crate) fn info<R>(entry: &Entry<'_>, whole: Option<&Finding>, range: Option<R>) -> FindingInfo<R> {
    let (row, placement) = (entry.row, &*entry.placement);
    FindingInfo {
        id: row.id.to_string(),
        source: entry.source.name.to_string(),
        tool: entry.index.tool(row).to_owned(),
        rule: entry.index.rule(row).to_owned(),
        rule_name: whole.and_then(|finding| finding.rule.name.clone()),
        kind: row.kind,
        severity: row.severity,
        status: row.status,
        message: whole.map_or_else(|| entry.index.message(row).to_owned(), |finding| finding.message.clone()),
        cwes: whole.map(|finding| finding.rule.cwes.clone()).unwrap_or_default(),
        help_url: whole.and_then(|finding| finding.rule.help_url.clone()),
        scanned: Scanned {
            path: entry.scanned_path().map(str::to_owned),
            line: Some(row.line).filter(|line| *line > 0),
            commit: whole.and_then(|finding| finding.evidence.commit.clone()),
            at: whole.and_then(|finding| finding.last_seen.clone()),
        },
        placement: PlacementInfo {
            state: placement.state,
            path: placement.path.as_deref().map(str::to_owned),
            range,
            confidence: placement.confidence,
            reason: placement.reason.to_string(),
            suppressed_by: placement.suppressed_by.as_deref().map(str::to_owned),
        },
        change: entry.judged.map(|judged| judged.change),
        verdict: entry.judged.and_then(|judged| judged.verdict.as_deref().cloned()),
        exception: entry.judged.and_then(|judged| judged.exception.as_deref().cloned()),
    }
}
