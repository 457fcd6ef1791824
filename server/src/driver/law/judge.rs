//! Verdicts, made once for equal inputs and kept while nothing they depend on changes.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use connectors::sarif::IN_SOURCE;
use engine::Judged;
use finding::{Application, ChangeKind, Exception, Finding, FindingId, Placement, Verdict};
use policy::exceptions;
use policy::input::VerdictInput;

use super::Law;
use crate::driver::lock;

/// One placed finding to judge.
pub(crate) struct Case<'a> {
    pub(crate) finding: &'a Finding,
    pub(crate) placement: &'a Placement,
    /// What the change did to it.
    pub(crate) change: ChangeKind,
    /// The suppression comment over it came with the change.
    pub(crate) is_newly_suppressed: bool,
    /// What the exceptions file says of it.
    pub(crate) exception: Option<Exception>,
}

impl Law {
    /// Judges `cases`, in their order. A policy that fails leaves the verdict that was known; where none was, there is
    /// none, and whoever shows the finding goes by its severity.
    pub(crate) fn judge(
        &self,
        cases: &[Case<'_>],
        known: &HashMap<&FindingId, &Judged>,
        cancelled: &(dyn Fn() -> bool + Sync),
        problems: &mut Vec<String>,
    ) -> Vec<Judged> {
        let mut judged: Vec<Judged> = cases.iter().map(|case| self.prepared(case)).collect();
        let mut open = Vec::new();
        for (at, (case, judged)) in cases.iter().zip(&mut judged).enumerate() {
            match known.get(&case.finding.id) {
                Some(known) if known.digest == judged.digest && known.verdict.is_some() => {
                    judged.verdict.clone_from(&known.verdict);
                }
                _ => open.push(at),
            }
        }
        let now = self.now.to_string();
        let nobody = Arc::new(Application::default());
        let inputs: Vec<VerdictInput<'_>> = open
            .iter()
            .map(|&at| VerdictInput {
                finding: cases[at].finding,
                path: cases[at].placement.path.as_deref(),
                application: judged[at].application.as_deref().unwrap_or(&nobody),
                change: judged[at].change,
                exception: judged[at].exception.as_deref(),
                now: &now,
            })
            .collect();
        let answers = self.stack.verdicts(&inputs, cancelled);
        drop(inputs);
        for (at, answer) in open.into_iter().zip(answers) {
            match answer {
                Ok(verdict) => judged[at].verdict = Some(self.shared(verdict)),
                Err(policy::Error::Cancelled) => {}
                Err(error) => {
                    judged[at].verdict = known.get(&cases[at].finding.id).and_then(|known| known.verdict.clone());
                    // Judged again when next looked at.
                    judged[at].digest = 0;
                    let why = error.to_string();
                    let told = format!("No verdict for {}: {}.", cases[at].finding.id, why.trim_end_matches('.'));
                    if problems.len() < 5 {
                        problems.push(told);
                    }
                }
            }
        }
        judged
    }

    /// Everything but the verdict.
    fn prepared(&self, case: &Case<'_>) -> Judged {
        let path = case.placement.path.as_deref().or(case.finding.evidence.path.as_deref()).unwrap_or("");
        let application = self.application(path);
        let comment = case.placement.suppressed_by.as_deref();
        let comment = comment.map(|comment| exceptions::comment(comment, case.is_newly_suppressed));
        // A comment that the scan saw is one of the code, and as new as the code.
        let status = &case.finding.status;
        let is_comment = status.by.as_deref() == Some(IN_SOURCE);
        let seen = is_comment.then(|| status.reason.as_deref().unwrap_or(IN_SOURCE));
        let seen = seen.map(|words| exceptions::comment(words, case.change != ChangeKind::Existing));
        let at_source = exceptions::status_at_source(status, &application.approvers).filter(|_| !is_comment);
        let today = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let all = case.exception.clone().into_iter().chain(at_source).chain(comment).chain(seen);
        let exception = exceptions::strongest(all, today).map(Arc::new);
        let mut hasher = DefaultHasher::new();
        self.facts.revision.hash(&mut hasher);
        (case.change, path).hash(&mut hasher);
        format!("{exception:?}").hash(&mut hasher);
        // 0 stands for "judge again".
        let digest = hasher.finish().max(1);
        let pending = self.pending.get(case.finding.id.as_str()).cloned();
        Judged { change: case.change, verdict: None, exception, pending, application: Some(application), digest }
    }

    /// The same verdict once in memory, however many findings have it.
    fn shared(&self, verdict: Verdict) -> Arc<Verdict> {
        let mut hasher = DefaultHasher::new();
        format!("{verdict:?}").hash(&mut hasher);
        let mut known = lock(&self.verdicts);
        let alike = known.entry(hasher.finish()).or_default();
        if let Some(same) = alike.iter().find(|known| ***known == verdict) {
            return same.clone();
        }
        let verdict = Arc::new(verdict);
        alike.push(verdict.clone());
        verdict
    }
}
