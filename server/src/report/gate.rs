//! May this change pass? One answer for the editor's `aspm/gate`, the hook and CI.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use engine::{HomeNote, Judged, Root, Snapshot};
use finding::wire::{
    GateChange, GateOutcome, GateReport, GateScope, ScopeKind, SourceState, SourceStatus, VERSION, Violation,
};
use finding::{Action, Finding, FindingId, Placement, State, Verdict};
use jiff::{SignedDuration, Timestamp};
use policy::input::{GateFinding, GateInput, GatePlace, GateSource};

use super::entries::{self, Entry};
use super::{details, doubt, info, unmapped};
use crate::driver::Driver;
use crate::driver::law::{Case, Law, gate_changes};

/// What is asked.
pub(crate) struct Asked<'a> {
    pub(crate) scope: GateScope,
    /// Paths of the change, relative to the root; `None`: all.
    pub(crate) files: Option<&'a HashSet<Arc<str>>>,
    pub(crate) place: GatePlace,
    /// Data older than this decides nothing.
    pub(crate) max_age: Option<SignedDuration>,
    /// The mildest verdict that does not pass.
    pub(crate) fails_on: Action,
}

/// The answer, and the whole findings of its scope in the order of the report.
pub(crate) struct Answer<R> {
    pub(crate) report: GateReport<R>,
    pub(crate) findings: Vec<Arc<Finding>>,
    /// What is undecided is so for want of data, not by what the change did.
    pub(crate) is_for_want_of_data: bool,
    /// What is undecided also where no file of this repository is changed.
    pub(crate) submodules: Vec<String>,
}

/// Judges what is placed in `snapshot`; `range` says places as the receiver counts.
pub(crate) fn answer<R>(
    driver: &Driver,
    snapshot: &Snapshot,
    root: &Root,
    asked: Asked<'_>,
    range: &mut dyn FnMut(&Placement) -> Option<R>,
) -> Result<Answer<R>, store::Error> {
    let law = driver.law(&root.path);
    let status = snapshot.status();
    let mut undecided: Vec<String> = law.undecided().to_vec();
    undecided.extend(data(root, &status.sources, asked.max_age, law.now()));
    let is_in = |path: &str| asked.files.is_none_or(|files| files.contains(path));
    let unmapped = unmapped::told(driver, root);
    let (mut by_change, mut notices) = (false, unmapped.notices);
    undecided.extend(unmapped.undecided.into_iter().chain(unmapped.submodules.iter().cloned()));
    for group in root.groups.values() {
        match &group.note {
            // Any of the files that fit may be one of the change.
            HomeNote::Ambiguous(words) if may_be_in(&group.home, asked.files) && group.open() > 0 => {
                by_change = true;
                undecided.push(format!("Findings of {}: {words}; path_map in aspm.toml says which.", group.home));
            }
            HomeNote::Missing(_) => {}
            _ if is_in(&group.home) => {
                if !group.problems.is_empty() || !group.is_placed {
                    let base = root.law.base.as_ref();
                    by_change |= base.is_some_and(|(base, _)| driver.text_at(&root.path, base, &group.home).is_some())
                        || base.is_none_or(|(base, _)| !driver.is_at(&root.path, base, &group.home));
                }
                undecided.extend(group.problems.iter().cloned());
                if !group.is_placed {
                    undecided.push(format!("The findings of {} could not be placed.", group.home));
                }
            }
            _ => {}
        }
    }
    if let Some((base, words)) = root.law.base.as_ref().filter(|_| asked.scope.kind == ScopeKind::All)
        && root.head.as_ref().is_some_and(|head| head.commit.as_ref() == Some(base))
    {
        notices.push(format!("Compared with {words}: of what is committed, nothing counts as introduced."));
    }
    // What was not placed belongs to no change, only to the whole.
    let mut all = if asked.files.is_some() { entries::placed(snapshot, root) } else { entries::all(snapshot, root) };
    all.retain(|entry| entry.judged.is_none() || entry.is_about(is_in));
    let told = told(driver, &law, root, &all, &mut undecided)?;
    undecided.sort_unstable();
    undecided.dedup();
    let changes = gate_changes(driver, &root.path);
    let violations = decide(&law, root, &told, &mut undecided, &changes, asked.place);
    if let Some(why) = law.doubt() {
        let is_whole = matches!(asked.scope.kind, ScopeKind::All | ScopeKind::Paths);
        let deciding = if is_whole {
            Vec::new()
        } else {
            let ask = |told: &[Told<'_, '_>]| decide(&law, root, told, &mut undecided.clone(), &changes, asked.place);
            doubt::deciding(driver, &law, root, &all, &told, &violations, asked.fails_on, &ask)?
        };
        undecided.extend(doubt::words(why, is_whole, &deciding));
    }
    let outcome = match (violations.is_empty(), undecided.is_empty()) {
        (false, _) => GateOutcome::Violations,
        (true, false) => GateOutcome::Undecided,
        (true, true) => GateOutcome::Pass,
    };
    let findings = told
        .iter()
        .map(|told| {
            let on_code = told.entry.placement.state.is_on_code();
            let place = if on_code { range(&told.entry.placement) } else { None };
            let mut info = info(told.entry, Some(&told.finding), place);
            (info.change, info.verdict) = (Some(told.judged.change), Some(told.verdict.clone()));
            info.exception = told.judged.exception.as_deref().cloned();
            info
        })
        .collect();
    let base = root.law.base.as_ref();
    // What is said with the policy it is about, or as a reason to be undecided, is not said again.
    let is_said = |message: &String| {
        undecided.contains(message) || law.policies().iter().any(|policy| policy.problems.contains(message))
    };
    let is_notice = |message: &String| {
        !is_said(message)
            && law.doubt().is_none_or(|why| why != message || !undecided.iter().any(|it| it.ends_with(why)))
    };
    let messages: Vec<String> = status.messages.into_iter().filter(is_notice).collect();
    let report = GateReport {
        version: VERSION,
        outcome,
        scope: GateScope { base: asked.scope.base.or_else(|| base.map(|(commit, _)| commit.clone())), ..asked.scope },
        policies: law.policies().to_vec(),
        findings,
        violations,
        undecided,
        gate_changes: changes,
        sources: status.sources,
        notices: notices.into_iter().chain(messages).collect(),
    };
    let is_for_want_of_data = !by_change;
    let findings = told.into_iter().map(|told| told.finding).collect();
    Ok(Answer { report, findings, is_for_want_of_data, submodules: unmapped.submodules })
}

/// Whether a path that fits several files fits one of the change.
fn may_be_in(path: &str, files: Option<&HashSet<Arc<str>>>) -> bool {
    let fits = |file: &str| file == path || file.strip_suffix(path).is_some_and(|rest| rest.ends_with('/'));
    files.is_none_or(|files| files.iter().any(|file| fits(file)))
}

/// A finding that policy does not hide.
#[derive(Clone)]
pub(super) struct Told<'e, 's> {
    pub(super) entry: &'e Entry<'s>,
    pub(super) finding: Arc<Finding>,
    pub(super) judged: Judged,
    pub(super) verdict: Verdict,
}

/// The findings that count, in order; what could not be judged is told in `undecided`.
fn told<'e, 's>(
    driver: &Driver,
    law: &Law,
    root: &Root,
    all: &'e [Entry<'s>],
    undecided: &mut Vec<String>,
) -> Result<Vec<Told<'e, 's>>, store::Error> {
    let mut whole = details(driver, root, all)?;
    let late = judge_rest(law, all, &whole, undecided);
    let mut told = Vec::new();
    let mut silent: Vec<&FindingId> = Vec::new();
    for (entry, late) in all.iter().zip(late) {
        let Some(finding) = whole.remove(&entry.row.id) else {
            undecided.push(format!("{} is not in the cache any more: it is being read anew.", entry.row.id));
            continue;
        };
        let Some(judged) = entry.judged.cloned().or(late) else { continue };
        let Some(verdict) = judged.verdict.as_deref().cloned() else {
            silent.push(&entry.row.id);
            continue;
        };
        if entry.placement.state != State::Gone && verdict.action != Action::Hide {
            told.push(Told { entry, finding: Arc::new(finding), judged, verdict });
        }
    }
    if let Some(first) = silent.first().filter(|_| silent.iter().any(|id| !is_told(undecided, id))) {
        undecided.push(match silent.len() {
            1 => format!("Policy could not decide about {first}."),
            many => format!("Policy could not decide about {many} findings, such as {first}."),
        });
    }
    Ok(told)
}

/// Whether it is said why there is no verdict on a finding.
fn is_told(undecided: &[String], id: &FindingId) -> bool {
    undecided.iter().any(|why| why.strip_prefix("No verdict for ").is_some_and(|rest| rest.starts_with(id.as_str())))
}

/// Asks the policy's gate.
fn decide(
    law: &Law,
    root: &Root,
    told: &[Told<'_, '_>],
    undecided: &mut Vec<String>,
    gate_changes: &[GateChange],
    place: GatePlace,
) -> Vec<Violation> {
    let source = |source: &engine::Source| GateSource {
        id: source.name.to_string(),
        synced_at: source.meta.synced_at.clone(),
        scan_commit: source.meta.scan_commit.clone(),
        tools: source.meta.tools.clone(),
    };
    let sources: Vec<GateSource> = root.sources.iter().map(source).collect();
    let findings: Vec<GateFinding<'_>> = told
        .iter()
        .map(|told| GateFinding {
            finding: &told.finding,
            path: told.entry.placement.path.as_deref(),
            placement: &told.entry.placement,
            change: told.judged.change,
            verdict: &told.verdict,
            exception: told.judged.exception.as_deref(),
        })
        .collect();
    let application = law.application("");
    let input = GateInput {
        findings: &findings,
        undecided,
        sources: &sources,
        gate_changes,
        application: &application,
        place,
        branch: root.head.as_ref().and_then(|head| head.branch.as_deref()),
    };
    match law.gate(&input) {
        Ok(gate) if !gate.pass && gate.violations.is_empty() && undecided.is_empty() => vec![Violation {
            finding: None,
            clause: "gate".to_owned(),
            message: "The policy's gate does not let this pass and names no reason.".to_owned(),
        }],
        Ok(gate) => gate.violations,
        Err(why) => {
            undecided.push(why);
            Vec::new()
        }
    }
}

/// Verdicts on findings without a file: nothing places them, so nothing has judged them yet.
fn judge_rest(
    law: &Law,
    all: &[Entry<'_>],
    whole: &HashMap<FindingId, Finding>,
    undecided: &mut Vec<String>,
) -> Vec<Option<Judged>> {
    let open: Vec<usize> = (0..all.len()).filter(|&at| all[at].judged.is_none()).collect();
    let cases: Vec<(usize, Case<'_>)> = open
        .iter()
        .filter_map(|&at| {
            let case = Case {
                finding: whole.get(&all[at].row.id)?,
                placement: &all[at].placement,
                change: finding::ChangeKind::Existing,
                is_newly_suppressed: false,
                exception: None,
            };
            Some((at, case))
        })
        .collect();
    let (at, cases): (Vec<usize>, Vec<Case<'_>>) = cases.into_iter().unzip();
    let judged = law.judge(&cases, &HashMap::new(), &|| false, undecided);
    let mut late: Vec<Option<Judged>> = vec![None; all.len()];
    for (at, judged) in at.into_iter().zip(judged) {
        late[at] = Some(judged);
    }
    late
}

/// What is missing of the data itself.
fn data(root: &Root, told: &[SourceStatus], max_age: Option<SignedDuration>, now: Timestamp) -> Vec<String> {
    let mut missing = Vec::new();
    if root.sources.is_empty() {
        missing.push("No source of findings is configured.".to_owned());
    }
    for (source, told) in root.sources.iter().zip(told) {
        let name = &told.name;
        let why = told.problems.first().map(|problem| format!(" {problem}")).unwrap_or_default();
        match source.state {
            SourceState::NoData => missing.push(format!("Source \"{name}\" has no data.{why}")),
            SourceState::Loading => missing.push(format!("Source \"{name}\" is still being read.")),
            SourceState::Ready | SourceState::Partial if source.meta.is_incomplete => {
                missing.push(format!("Source \"{name}\" was read in part only.{why}"));
            }
            SourceState::Ready | SourceState::Partial => {}
        }
        let Some(most) = max_age else { continue };
        // A log on disk is as old as its scan, however often it is read.
        let meta = &source.meta;
        let at = meta.scanned_at.as_ref().filter(|_| !source.config.is_remote()).or(meta.synced_at.as_ref());
        match at.and_then(|at| at.parse::<Timestamp>().ok()) {
            Some(at) if now.duration_since(at) <= most => {}
            Some(at) => missing.push(format!("Source \"{name}\" is of {at}: older than --max-age allows.")),
            None => missing.push(format!("Source \"{name}\" was never read: --max-age cannot be kept.")),
        }
    }
    missing
}
