//! The findings of a report in the order in which they matter, each with what the gate holds against it.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use finding::wire::Violation;
use finding::{Action, Severity};

use super::{FindingInfo, GateReport};

/// How a finding stands before the gate; ordered, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Told, asks for nothing.
    Informs,
    /// Worth fixing, or not judged: what nobody judged is no all-clear.
    Warns,
    /// A reason why the change may not pass.
    Violates,
}

/// A finding and what the gate says of it.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    pub(super) info: &'a FindingInfo,
    pub(super) standing: Standing,
    pub(super) violations: Vec<&'a Violation>,
}

impl Judged<'_> {
    /// 0–100; 0 where policy has not spoken.
    pub(super) fn risk(&self) -> u8 {
        self.info.verdict.as_ref().map_or(0, |verdict| verdict.risk.min(100))
    }

    fn rank(&self) -> (Standing, Option<Action>, u8, Severity) {
        let action = self.info.verdict.as_ref().map(|verdict| verdict.action);
        (self.standing, action, self.risk(), self.info.severity)
    }
}

/// What a report holds, by how it stands.
#[derive(Debug)]
pub(super) struct Judgement<'a> {
    /// Violations of the change as a whole, or of findings that the report does not hold.
    pub(super) of_change: Vec<&'a Violation>,
    /// Every finding that policy does not hide, worst first.
    pub(super) findings: Vec<Judged<'a>>,
}

impl<'a> Judgement<'a> {
    pub(super) fn of(report: &'a GateReport) -> Self {
        let mut of_finding: HashMap<&str, Vec<&Violation>> = HashMap::new();
        let known: HashSet<&str> = report.findings.iter().map(|info| info.id.as_str()).collect();
        let mut of_change = Vec::new();
        for violation in &report.violations {
            match violation.finding.as_deref().filter(|id| known.contains(id)) {
                Some(id) => of_finding.entry(id).or_default().push(violation),
                None => of_change.push(violation),
            }
        }
        let judge = |info: &'a FindingInfo| {
            let violations = of_finding.get(info.id.as_str()).cloned().unwrap_or_default();
            let action = info.verdict.as_ref().map(|verdict| verdict.action);
            let standing = match action {
                _ if !violations.is_empty() => Standing::Violates,
                Some(Action::Hide) => return None,
                Some(Action::Inform) => Standing::Informs,
                Some(Action::Warn | Action::Block) | None => Standing::Warns,
            };
            Some(Judged { info, standing, violations })
        };
        let mut findings: Vec<Judged<'a>> = report.findings.iter().filter_map(judge).collect();
        findings.sort_by_cached_key(|judged| {
            let info = judged.info;
            let line = info.placement.range.map_or(0, |range| range.start.line);
            (Reverse(judged.rank()), info.placement.path.clone(), line, info.id.clone())
        });
        Self { of_change, findings }
    }

    /// Findings that stand so, worst first.
    pub(super) fn standing(&self, standing: Standing) -> impl Iterator<Item = &Judged<'a>> {
        self.findings.iter().filter(move |judged| judged.standing == standing)
    }

    /// Reasons why the change may not pass: findings, and what concerns the change as a whole.
    pub(super) fn violating(&self) -> usize {
        self.standing(Standing::Violates).count() + self.of_change.len()
    }

    pub(super) fn warning(&self) -> usize {
        self.standing(Standing::Warns).count()
    }
}
