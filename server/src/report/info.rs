//! One finding as it leaves the process.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use engine::{Judged, Root};
use finding::wire::{FindingInfo, PlacementInfo, Scanned};
use finding::{Evidence, Finding, FindingId, Placement};

use super::entries::Entry;
use crate::driver::{Driver, lock};

/// The whole findings, from the cache, file by file.
pub(crate) fn details<'e, 's: 'e>(
    driver: &Driver,
    root: &Root,
    entries: impl IntoIterator<Item = &'e Entry<'s>>,
) -> Result<HashMap<FindingId, Finding>, store::Error> {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in entries {
        wanted.entry(&entry.source.name).or_default().insert(entry.index.path(entry.row));
    }
    let mut known = HashMap::new();
    for (source, paths) in wanted {
        let paths: Vec<&str> = paths.into_iter().collect();
        let store = driver.store(&root.path, source);
        let findings = lock(&store).findings_at(&paths)?;
        known.extend(findings.into_iter().map(|finding| (finding.id.clone(), finding)));
    }
    Ok(known)
}

/// The wire form of an entry; `range` is its place as the receiver counts.
pub(crate) fn info<R>(entry: &Entry<'_>, whole: Option<&Finding>, range: Option<R>) -> FindingInfo<R> {
    if let Some(whole) = whole {
        return of_whole(whole, &entry.placement, entry.judged, range);
    }
    let row = entry.row;
    FindingInfo {
        id: row.id.to_string(),
        source: entry.source.name.to_string(),
        tool: entry.index.tool(row).to_owned(),
        rule: entry.index.rule(row).to_owned(),
        rule_name: None,
        kind: row.kind,
        severity: row.severity,
        status: row.status,
        message: entry.index.message(row).to_owned(),
        cwes: Vec::new(),
        help_url: None,
        scanned: Scanned {
            path: entry.scanned_path().map(str::to_owned),
            line: Some(row.line).filter(|line| *line > 0),
            commit: None,
            at: None,
        },
        placement: placement(&entry.placement, range),
        change: entry.judged.map(|judged| judged.change),
        verdict: entry.judged.and_then(|judged| judged.verdict.as_deref().cloned()),
        exception: entry.judged.and_then(|judged| judged.exception.as_deref().cloned()),
    }
}

/// The wire form of a whole finding.
pub(crate) fn of_whole<R>(
    finding: &Finding,
    at: &Placement,
    judged: Option<&Judged>,
    range: Option<R>,
) -> FindingInfo<R> {
    FindingInfo {
        id: finding.id.to_string(),
        source: finding.source.clone(),
        tool: finding.tool.name.clone(),
        rule: finding.rule.id.clone(),
        rule_name: finding.rule.name.clone(),
        kind: finding.kind,
        severity: finding.severity,
        status: finding.status.value,
        message: finding.message.clone(),
        cwes: finding.rule.cwes.clone(),
        help_url: finding.rule.help_url.clone(),
        scanned: Scanned { at: finding.last_seen.clone(), ..scanned(&finding.evidence) },
        placement: placement(at, range),
        change: judged.map(|judged| judged.change),
        verdict: judged.and_then(|judged| judged.verdict.as_deref().cloned()),
        exception: judged.and_then(|judged| judged.exception.as_deref().cloned()),
    }
}

/// Where it was reported.
pub(crate) fn scanned(evidence: &Evidence) -> Scanned {
    Scanned {
        path: evidence.path.clone().filter(|path| !path.is_empty()),
        line: evidence.region.map(|region| region.line).filter(|line| *line > 0),
        commit: evidence.commit.clone(),
        at: None,
    }
}

/// The wire form of a placement.
pub(crate) fn placement<R>(placement: &Placement, range: Option<R>) -> PlacementInfo<R> {
    PlacementInfo {
        state: placement.state,
        path: placement.path.as_deref().map(str::to_owned),
        range,
        confidence: placement.confidence,
        reason: placement.reason.to_string(),
        suppressed_by: placement.suppressed_by.as_deref().map(str::to_owned),
    }
}
