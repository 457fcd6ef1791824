//! The compact index: what the engine keeps in memory of every finding of a source.

use std::cmp::Ordering;
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

/// A string that an [`IndexBuilder`] holds already; good for that builder only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interned(u32);

/// The plain facts of one row, however they were stored. `S` is how strings that many rows share are given.
#[derive(Debug, Clone, Copy)]
pub struct RowFacts<'a, S = &'a str> {
    /// See [`Row`].
    pub id: &'a str,
    /// Rule id.
    pub rule: S,
    /// Path as scanned or empty.
    pub path: S,
    /// Message; [`IndexBuilder::push`] cuts it to its first line.
    pub message: S,
    /// Tool name.
    pub tool: S,
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
        let RowFacts { id, rule, path, message, tool, line, severity, status, kind } = facts;
        let facts = RowFacts {
            id,
            rule: self.intern(rule),
            path: self.intern(path),
            message: self.intern(crate::text::first_line(message)),
            tool: self.intern(tool),
            line,
            severity,
            status,
            kind,
        };
        self.push_interned(facts);
    }

    /// Adds one finding whose strings this builder holds already; the message is taken as it is.
    ///
    /// # Panics
    /// When a string is another builder's and this one holds fewer.
    pub fn push_interned(&mut self, facts: RowFacts<'_, Interned>) {
        let [rule, path, message, tool] = [facts.rule, facts.path, facts.message, facts.tool].map(|text| text.0);
        assert!(
            (rule.max(path).max(message).max(tool) as usize) < self.index.strings.len(),
            "a string of another builder"
        );
        self.index.rows.push(Row {
            id: FindingId::from_stored(facts.id),
            rule,
            path,
            message,
            tool,
            line: facts.line,
            severity: facts.severity,
            status: facts.status,
            kind: facts.kind,
        });
    }

    /// The finished index.
    #[must_use]
    pub fn finish(mut self) -> Index {
        let strings = &self.index.strings;
        self.index.rows.sort_by(|a, b| {
            // Mostly neighbours are of one file: its number tells faster than its name.
            let path = if a.path == b.path {
                Ordering::Equal
            } else {
                strings[a.path as usize].cmp(&strings[b.path as usize])
            };
            path.then_with(|| a.line.cmp(&b.line)).then_with(|| a.id.cmp(&b.id))
        });
        self.index.rows.shrink_to_fit();
        self.index.strings.shrink_to_fit();
        self.index
    }

    /// Holds `text`, once however often it is given.
    ///
    /// # Panics
    /// At 2^32 distinct strings, far beyond any memory.
    pub fn intern(&mut self, text: &str) -> Interned {
        if let Some(&known) = self.interned.get(text) {
            return Interned(known);
        }
        let number = u32::try_from(self.index.strings.len()).expect("fewer than 2^32 distinct strings");
        let text: Arc<str> = text.into();
        self.index.strings.push(text.clone());
        self.interned.insert(text, number);
        Interned(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn facts<S>(id: &str, path: S, rule: S, message: S, tool: S, line: u32) -> RowFacts<'_, S> {
        let (severity, status, kind) = (Severity::High, StatusValue::Open, Kind::Code);
        RowFacts { id, rule, path, message, tool, line, severity, status, kind }
    }

    type Plain<'i> = (&'i str, u32, &'i str, &'i str, &'i str, &'i str);

    fn plain(index: &Index) -> Vec<Plain<'_>> {
        let fields = |row| (index.path(row), index.rule(row), index.message(row), index.tool(row));
        index
            .rows()
            .iter()
            .map(|row| {
                let (path, rule, message, tool) = fields(row);
                (path, row.line, row.id.as_str(), rule, message, tool)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn rows_come_sorted_and_whole_whether_their_strings_were_held_before_or_not(
            rows in prop::collection::vec(("[ab]{1,3}", "[ab/]{0,3}", "[rs]", "[a-c ]{0,4}", "[tu]", 0u32..4), 0..30),
        ) {
            let (mut one, mut two) = (IndexBuilder::default(), IndexBuilder::default());
            for (id, path, rule, message, tool, line) in &rows {
                one.push(facts(id, path, rule, message, tool, *line));
                let cut = crate::text::first_line(message);
                let [path, rule, message, tool] = [path, rule, cut, tool].map(|text| two.intern(text));
                two.push_interned(facts(id, path, rule, message, tool, *line));
            }
            let (one, two) = (one.finish(), two.finish());
            let mut expected: Vec<Plain<'_>> = rows
                .iter()
                .map(|(id, path, rule, message, tool, line)| {
                    (path.as_str(), *line, id.as_str(), rule.as_str(), crate::text::first_line(message), tool.as_str())
                })
                .collect();
            expected.sort_by_key(|&(path, line, id, ..)| (path, line, id));
            prop_assert_eq!(plain(&one), expected.clone());
            prop_assert_eq!(plain(&two), expected);
            for (_, path, ..) in &rows {
                let of_path = rows.iter().filter(|row| row.1 == *path).count();
                prop_assert_eq!(one.of_path(path).len(), of_path);
            }
        }
    }
}
