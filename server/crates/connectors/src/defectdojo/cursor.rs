//! What a pull remembers for the next one, as JSON with a version. Anything that is not understood counts as none: then
//! everything is read anew.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::http::random;

const VERSION: u32 = 1;
/// Commits, branches and tools that are kept: what is asked is whether there is one.
const MOST_NAMES: usize = 40;

/// Where the next pull goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Cursor {
    pub(super) version: u32,
    /// What was configured; another configuration begins anew.
    pub(super) binding: String,
    pub(super) scope: Scope,
    /// The server's clock when the last complete walk began. It moves only when a walk completes.
    pub(super) watermark: Timestamp,
    /// The same of the last complete walk over everything.
    pub(super) full: Timestamp,
    /// From 0 to 1: how much later than it could the next one is due; another for each client, so that not all who begin
    /// their day at one time read everything at one time.
    #[serde(default)]
    pub(super) spread: f64,
    /// Rows the server has, as of the last complete walk.
    pub(super) count: u64,
    /// Rows without a review that stand before the others in the order of reviews, as last measured.
    #[serde(default)]
    pub(super) unreviewed: u64,
    pub(super) facts: Facts,
}

impl Cursor {
    pub(super) fn new(binding: String, scope: Scope, at: Timestamp, count: u64, facts: Facts) -> Self {
        Self {
            version: VERSION,
            binding,
            scope,
            watermark: at,
            full: at,
            spread: random(),
            count,
            unreviewed: 0,
            facts,
        }
    }

    pub(super) fn read(text: &str, binding: &str) -> Option<Self> {
        let read: Self = serde_json::from_str(text).ok()?;
        (read.version == VERSION && read.binding == binding).then_some(read)
    }

    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What of the server belongs to this repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Scope {
    /// The product's number.
    pub(super) product: i64,
    /// Its name.
    pub(super) name: String,
    /// The engagements' numbers; empty: all of the product's.
    pub(super) engagements: Vec<i64>,
}

/// What is known of the scans as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) commits: BTreeSet<String>,
    pub(super) branches: BTreeSet<String>,
    pub(super) tools: BTreeSet<String>,
    /// The newest row, RFC 3339 in UTC.
    pub(super) newest: Option<String>,
}

impl Facts {
    pub(super) fn take(&mut self, finding: &finding::Finding) {
        let add = |set: &mut BTreeSet<String>, name: Option<&String>| {
            if let Some(name) = name
                && set.len() < MOST_NAMES
                && !set.contains(name)
            {
                set.insert(name.clone());
            }
        };
        add(&mut self.commits, finding.evidence.commit.as_ref());
        add(&mut self.branches, finding.evidence.branch.as_ref());
        add(&mut self.tools, Some(&finding.tool.name));
        if finding.first_seen > self.newest {
            self.newest.clone_from(&finding.first_seen);
        }
    }

    /// The only one, if it is.
    pub(super) fn only(set: &BTreeSet<String>) -> Option<String> {
        if set.len() == 1 { set.first().cloned() } else { None }
    }
}
