//! Where the base of a change is not here: for which findings it decides whether the change introduced them.
//!
//! Compared with HEAD, what an earlier commit of the branch introduced looks as if it had always been there. Such a
//! finding is judged a second time as introduced; where the gate would then say otherwise, nobody can say.

use std::collections::HashMap;
use std::sync::Arc;

use engine::Root;
use finding::wire::Violation;
use finding::{Action, ChangeKind, ExceptionOrigin, Finding, State};

use super::details;
use super::entries::Entry;
use super::gate::Told;
use crate::driver::Driver;
use crate::driver::law::{Case, Law};

/// Findings named in the sentence; more are counted.
const NAMED: usize = 3;

/// The findings, as "B307 in app.py", that would not pass if the change had introduced them, and pass as it is.
#[expect(clippy::too_many_arguments, reason = "all that one answer of the gate is made of")]
pub(super) fn deciding<'e, 's>(
    driver: &Driver,
    law: &Law,
    root: &Root,
    all: &'e [Entry<'s>],
    told: &[Told<'e, 's>],
    violations: &[Violation],
    fails_on: Action,
    ask: &dyn Fn(&[Told<'e, 's>]) -> Vec<Violation>,
) -> Result<Vec<String>, store::Error> {
    let mut whole = details(driver, root, all)?;
    let is_open = |entry: &&'e Entry<'s>| {
        let change = entry.judged.map(|judged| judged.change);
        entry.placement.state.is_on_code() && change.is_some_and(|change| change != ChangeKind::Introduced)
    };
    let open: Vec<(&'e Entry<'s>, Finding)> =
        all.iter().filter(is_open).filter_map(|entry| Some((entry, whole.remove(&entry.row.id)?))).collect();
    let cases: Vec<Case<'_>> = open
        .iter()
        .map(|(entry, finding)| Case {
            finding,
            placement: &entry.placement,
            change: ChangeKind::Introduced,
            is_newly_suppressed: entry.placement.suppressed_by.is_some(),
            exception: entry
                .judged
                .and_then(|judged| judged.exception.as_deref())
                .filter(|exception| exception.origin == ExceptionOrigin::File)
                .cloned(),
        })
        .collect();
    let judged = law.judge(&cases, &HashMap::new(), &|| false, &mut Vec::new());
    drop(cases);
    let now: HashMap<&str, Action> = told.iter().map(|told| (told.finding.id.as_str(), told.verdict.action)).collect();
    let mut stricter: Vec<Told<'e, 's>> = Vec::new();
    for ((entry, finding), judged) in open.into_iter().zip(judged) {
        let Some(verdict) = judged.verdict.as_deref().cloned() else { continue };
        if verdict.action > now.get(finding.id.as_str()).copied().unwrap_or(Action::Hide) {
            stricter.push(Told { entry, finding: Arc::new(finding), judged, verdict });
        }
    }
    if stricter.is_empty() {
        return Ok(Vec::new());
    }
    let is_stricter = |one: &Told<'e, 's>| stricter.iter().any(|other| other.finding.id == one.finding.id);
    let mut as_introduced: Vec<Told<'e, 's>> = told.iter().filter(|told| !is_stricter(told)).cloned().collect();
    as_introduced.extend(stricter.iter().cloned());
    let passes = |asked: &Violation| !violations.iter().any(|known| known.finding == asked.finding);
    let more: Vec<Violation> = ask(&as_introduced).into_iter().filter(passes).collect();
    let fails = |told: &Told<'e, 's>| {
        // A violation of the change as a whole may come of any of them.
        more.iter().any(|violation| violation.finding.as_deref().is_none_or(|id| id == told.finding.id.as_str()))
            || (told.verdict.action >= fails_on
                && fails_on < Action::Block
                && told.entry.placement.state != State::Uncertain)
    };
    Ok(stricter.iter().filter(|told| fails(told)).map(name).collect())
}

fn name(told: &Told<'_, '_>) -> String {
    format!("{} in {}", told.finding.rule.id, told.entry.path())
}

/// Why nobody can say; `None` where it decides nothing.
pub(super) fn words(why: &str, is_whole: bool, deciding: &[String]) -> Option<String> {
    if is_whole {
        return Some(why.to_owned());
    }
    let named = deciding.get(..NAMED.min(deciding.len()))?.join(", ");
    let rest = deciding.len().saturating_sub(NAMED);
    let named = if rest == 0 { named } else { format!("{named} and {rest} more") };
    (!deciding.is_empty()).then(|| format!("Whether this change introduced {named} decides. {why}"))
}
