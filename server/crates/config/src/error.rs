//! What is wrong with a configuration file, place by place.

use std::fmt;
use std::ops::Range;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// All mistakes of a file, top to bottom. Displayed one a line as `file:line:column: message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The file as named by the caller.
    pub file: String,
    /// At least one.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    /// The display's lines, one a problem.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.problems.iter().map(|at| format!("{}:{}:{}: {}", self.file, at.line, at.column, at.message))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().collect::<Vec<_>>().join("\n"))
    }
}

/// Gathers mistakes by byte offset while the text is at hand.
pub(crate) struct Problems<'t> {
    text: &'t str,
    found: Vec<Problem>,
}

impl<'t> Problems<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    pub(crate) fn add(&mut self, span: &Range<usize>, message: impl Into<String>) {
        // An offset inside a character could only come from the parser; it then counts as the character's start.
        let before = (0..=span.start.min(self.text.len())).rev().find_map(|at| self.text.get(..at)).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        self.found.push(Problem {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn into_error(mut self, file: &str) -> ConfigError {
        self.found.sort();
        self.found.dedup();
        ConfigError { file: file.to_owned(), problems: self.found }
    }
}
