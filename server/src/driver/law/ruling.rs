//! May somebody say this of a finding? Asked of every policy in force, by whoever writes triage down or sends it.

use connectors::Action;
use finding::Finding;
use jiff::civil::Date;
use policy::input::{TriageInput, TriagePlace};

use super::Law;
use crate::present::safe;

/// What somebody wants to say of one finding.
pub(crate) struct Saying<'a> {
    pub(crate) finding: &'a Finding,
    /// Its file now; `None`: as reported.
    pub(crate) path: Option<&'a str>,
    pub(crate) action: &'a Action,
    pub(crate) reason: &'a str,
    pub(crate) until: Option<Date>,
    pub(crate) ticket: Option<&'a str>,
    pub(crate) to: TriagePlace,
}

/// What policy answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ruled {
    Allowed,
    /// Why not, in policy's words.
    Refused(String),
    /// Nobody can tell; one sentence.
    Undecided(String),
}

impl Law {
    /// Rules on each, in their order. Where policy cannot be asked nothing is allowed.
    pub(crate) fn rule(&self, sayings: &[Saying<'_>]) -> Vec<Ruled> {
        if let Some(why) = self.undecided.first() {
            return vec![Ruled::Undecided(why.clone()); sayings.len()];
        }
        let applications: Vec<_> = sayings
            .iter()
            .map(|saying| self.application(saying.path.or(saying.finding.evidence.path.as_deref()).unwrap_or("")))
            .collect();
        let ends: Vec<Option<String>> = sayings.iter().map(|saying| saying.until.map(|day| day.to_string())).collect();
        let now = self.now.to_string();
        let inputs: Vec<TriageInput<'_>> = sayings
            .iter()
            .zip(applications.iter().zip(&ends))
            .map(|(saying, (application, until))| TriageInput {
                action: saying.action.name(),
                reason: saying.reason,
                until: until.as_deref(),
                ticket: saying.ticket,
                tags: saying.action.tags(),
                to: saying.to,
                finding: saying.finding,
                path: saying.path,
                application,
                now: &now,
            })
            .collect();
        let ruled = |ruling: Result<policy::Ruling, policy::Error>| match ruling {
            Ok(ruling) if ruling.allow => Ruled::Allowed,
            Ok(ruling) => {
                let said = ruling.reasons.iter();
                let said =
                    said.map(|reason| format!("{} [{}]", safe::line(&reason.message), safe::line(&reason.clause)));
                Ruled::Refused(said.collect::<Vec<_>>().join(" "))
            }
            Err(error) => Ruled::Undecided(format!("Policy could not rule on it: {error}.")),
        };
        self.stack.rulings(&inputs).into_iter().map(ruled).collect()
    }
}
