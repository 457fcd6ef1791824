//! The compact index: what the engine keeps in memory of every finding of a source.

use std::collections::HashMap;
use std::mem::size_of;
use std::sync::Arc;

use crate::{Finding, FindingId, Kind, Severity, StatusValue};

/// One finding in the index. Strings are interned in the [`Index`] it belongs to.
#[derive(Debug, Clone)]
pub struct Row {
    /// Identity.
    pub id: FindingId,
    rule: u32,
    path: u32,
    message: u32,
    tool: u32,
    /// Line as reported, from 1; 0 without one.
    pub line: u32,
    /// How bad.
    pub severity: Severity,
    /// What people decided.
    pub status: StatusValue,
    /// What it is about.
    pub kind: Kind,
}

// Design budget: at most 200 bytes a finding, the id's own text (about 50) included.
const _: () = assert!(size_of::<Row>() <= 64);

/// The findings of one source at one revision: immutable, shared, sorted by path.
#[derive(Debug, Clone, Default)]
pub struct Index {
    strings: Vec<Arc<str>>,
    rows: Vec<Row>,
}

impl Index {
    /// All rows, sorted by path and line.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Rows of one scanned path (`""`: those without).
    #[must_use]
    pub fn of_path(&self, path: &str) -> &[Row] {
        let start = self.rows.partition_point(|row| self.path(row) < path);
        let len = self.rows[start..].partition_point(|row| self.path(row) == path);
        &self.rows[start..start + len]
    }

    /// Distinct scanned paths in order; findings without a path are left out.
    #[must_use]
    pub fn paths(&self) -> Vec<Arc<str>> {
        let mut paths: Vec<Arc<str>> = self.rows.iter().map(|row| self.strings[row.path as usize].clone()).collect();
        paths.dedup();
        paths.retain(|path| !path.is_empty());
        paths
    }

    /// The rule's id.
    #[must_use]
    pub fn rule(&self, row: &Row) -> &str {
        &self.strings[row.rule as usize]
    }

    /// The path as scanned; empty without one.
    #[must_use]
    pub fn path(&self, row: &Row) -> &str {
        &self.strings[row.path as usize]
    }

    /// The message's first line.
    #[must_use]
    pub fn message(&self, row: &Row) -> &str {
        &self.strings[row.message as usize]
    }

    /// The tool's name.
    #[must_use]
    pub fn tool(&self, row: &Row) -> &str {
        &self.strings[row.tool as usize]
    }
}

/// Builds an [`Index`] row by row.
#[derive(Debug, Default)]
pub struct IndexBuilder {
    index: Index,
    interned: HashMap<Arc<str>, u32>,
}

/// The plain facts of one row, however they were stored.
#[derive(Debug, Clone, Copy)]
pub struct RowFacts<'a> {
    /// See [`Row`].
    pub id: &'a str,
    /// Rule id.
    pub rule: &'a str,
    /// Path as scanned or empty.
    pub path: &'a str,
    /// Message; cut to its first line here.
    pub message: &'a str,
    /// Tool name.
    pub tool: &'a str,
    /// Line from 1, or 0.
    pub line: u32,
    /// How bad.
    pub severity: Severity,
    /// What people decided.
    pub status: StatusValue,
    /// What it is about.
    pub kind: Kind,
}

impl<'a> RowFacts<'a> {
    /// The facts of a whole finding.
    #[must_use]
    pub fn of(finding: &'a Finding) -> Self {
        Self {
            id: finding.id.as_str(),
            rule: &finding.rule.id,
            path: finding.evidence.path.as_deref().unwrap_or(""),
            message: &finding.message,
            tool: &finding.tool.name,
            line: finding.evidence.region.map_or(0, |region| region.line),
            severity: finding.severity,
            status: finding.status.value,
            kind: finding.kind,
        }
    }
}

impl IndexBuilder {
    /// Adds one finding.
    pub fn push(&mut self, facts: RowFacts<'_>) {
        let row = Row {
            id: FindingId::from_stored(facts.id),
            rule: self.intern(facts.rule),
            path: self.intern(facts.path),
            message: self.intern(crate::text::first_line(facts.message)),
            tool: self.intern(facts.tool),
            line: facts.line,
            severity: facts.severity,
            status: facts.status,
            kind: facts.kind,
        };
        self.index.rows.push(row);
    }

    /// The finished index.
    #[must_use]
    pub fn finish(mut self) -> Index {
        let strings = &self.index.strings;
        self.index.rows.sort_by(|a, b| {
            (&strings[a.path as usize], a.line, &a.id).cmp(&(&strings[b.path as usize], b.line, &b.id))
        });
        self.index.rows.shrink_to_fit();
        self.index.strings.shrink_to_fit();
        self.index
    }

    fn intern(&mut self, text: &str) -> u32 {
        if let Some(&known) = self.interned.get(text) {
            return known;
        }
        let number = u32::try_from(self.index.strings.len()).expect("fewer than 2^32 distinct strings");
        let text: Arc<str> = text.into();
        self.index.strings.push(text.clone());
        self.interned.insert(text, number);
        number
    }
}
