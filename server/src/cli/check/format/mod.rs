//! The gate's answer in the form its reader needs: people, programs, code hosts.
//!
//! Every format is a pure function of one [`GateReport`], so that none of them can know better than another. Text of
//! strangers is made harmless for the place it goes to; a report that nobody could decide looks like a pass in none.

pub(super) mod github;
pub(super) mod gitlab;
pub(super) mod human;
pub(super) mod json;
pub(super) mod junit;
pub(super) mod sarif;

mod judged;
mod words;

use std::sync::Arc;

use finding::wire::{self, Range};
use finding::{Finding, FindingId, Rule, Tool};
use jiff::Timestamp;

/// The report as the command line makes it.
pub(super) type GateReport = wire::GateReport<Range>;
/// A finding as the command line tells it.
type FindingInfo = wire::FindingInfo<Range>;

/// What a report is told with; all of it may be missing, and then less is told.
#[derive(Clone, Copy)]
pub(super) struct Material<'a> {
    /// The text of a path (`placement.path`) as it was judged: of the index, the commit or the tree.
    pub(super) text: &'a dyn Fn(&str) -> Option<Arc<str>>,
    /// The whole finding of an id: how to fix it, its flow, its tool's version.
    pub(super) detail: &'a dyn Fn(&str) -> Option<Arc<Finding>>,
    /// The checkout that was judged.
    pub(super) checkout: Checkout<'a>,
    /// The present, for ages.
    pub(super) now: Timestamp,
}

impl Material<'_> {
    /// The finding with all that is known of it; what the report says, where nothing else is known.
    fn finding(&self, info: &FindingInfo) -> Arc<Finding> {
        (self.detail)(&info.id).unwrap_or_else(|| Arc::new(bare(info)))
    }
}

/// Which code was judged.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Checkout<'a> {
    /// Address of the repository (`https://…`), as the remote names it.
    pub(super) repository: Option<&'a str>,
    /// Commit that is checked out, full id.
    pub(super) head: Option<&'a str>,
    /// Branch that is checked out.
    pub(super) branch: Option<&'a str>,
}

/// A finding made of what the report says.
fn bare(info: &FindingInfo) -> Finding {
    Finding {
        id: FindingId::from_stored(&info.id),
        source: info.source.clone(),
        kind: info.kind,
        tool: Tool { name: info.tool.clone(), version: None },
        rule: Rule {
            id: info.rule.clone(),
            name: info.rule_name.clone(),
            cwes: info.cwes.clone(),
            help_url: info.help_url.clone(),
            ..Rule::default()
        },
        message: info.message.clone(),
        severity: info.severity,
        confidence: None,
        cvss: None,
        epss: None,
        known_exploited: None,
        vulnerability_ids: Vec::new(),
        evidence: finding::Evidence::default(),
        related: Vec::new(),
        flow: Vec::new(),
        component: None,
        status: finding::Status { value: info.status, ..finding::Status::default() },
        first_seen: None,
        last_seen: info.scanned.at.clone(),
        due: None,
        notes: Vec::new(),
        fixes: Vec::new(),
        link: None,
    }
}

#[cfg(test)]
mod tests;
