//! What is asked: findings, the scans that reported them, and the texts they may stand in now.

use std::sync::Arc;

use finding::Evidence;

use crate::Source;

/// How the scanned text is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// The text at this commit, which the scan names.
    Commit(String),
    /// The text at this commit, which was current when the scan ran; the scan itself names none.
    Assumed(String),
    /// There is no scanned text, and why in words ("commit 1a2b3c4 is not in this clone").
    Nothing(String),
}

/// One file as one scan saw it.
#[derive(Debug, Clone)]
pub struct Scan {
    /// Repository path at the scanned commit, `/`-separated.
    pub path: Arc<str>,
    /// How `source` is known.
    pub basis: Basis,
    /// The scanned text, where it is known.
    pub source: Option<Arc<Source>>,
}

/// One finding to place.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// What it says of its place.
    pub evidence: &'a Evidence,
    /// Tool that reported it; suppression comments are the tool's.
    pub tool: &'a str,
    /// Rule id; findings of one tool and rule are siblings.
    pub rule: &'a str,
    /// Its scan: an index into the `scans` given along.
    pub scan: usize,
}

/// A file a finding may stand in now.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// Path now, relative to the root, `/`-separated.
    pub path: Arc<str>,
    /// Its text now.
    pub source: &'a Source,
    /// This path's text at the scanned commit: lines that were there then are nobody's new place. `None`: the file is
    /// new since.
    pub before: Option<&'a Source>,
}
