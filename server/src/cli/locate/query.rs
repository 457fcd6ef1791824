//! What is asked and answered, one JSON object a line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use finding::{Columns, Evidence, Region};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A range as `[line, column, end line, end column]`: from 1, columns in code points, the end exclusive.
pub(super) type Place = [u32; 4];

/// One finding to place.
#[derive(Debug, Deserialize)]
pub(super) struct Query {
    /// Echoed in the answer.
    pub(super) id: Value,
    /// The file it was reported in.
    pub(super) path_a: String,
    /// Where in it.
    pub(super) range_a: Place,
    /// What reported it.
    pub(super) rule: String,
    /// The tool, whose suppression comments count.
    #[serde(default)]
    pub(super) tool: Option<String>,
    /// The flagged line and lines around it.
    #[serde(default)]
    pub(super) snippet: Option<Snippet>,
    /// Findings of the same rule in the same file.
    #[serde(default)]
    pub(super) siblings_a: Vec<Place>,
    /// The file's text when it was scanned.
    #[serde(default)]
    pub(super) content_a: Option<String>,
    /// Texts now, by path.
    #[serde(default)]
    pub(super) files_b: Option<BTreeMap<String, String>>,
    /// A repository on disk, in place of texts.
    #[serde(default)]
    pub(super) clone: Option<PathBuf>,
    /// The scanned commit.
    #[serde(default)]
    pub(super) commit_a: Option<String>,
    /// The commit to place in.
    #[serde(default)]
    pub(super) commit_b: Option<String>,
}

/// The flagged line, at most a few lines before and after it.
#[derive(Debug, Deserialize)]
pub(super) struct Snippet {
    pub(super) line: String,
    #[serde(default)]
    pub(super) before: Vec<String>,
    #[serde(default)]
    pub(super) after: Vec<String>,
}

/// Whether the code is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answered {
    Present,
    Gone,
    Uncertain,
}

/// Where the finding is.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) id: Value,
    pub(super) state: Answered,
    pub(super) path: Option<String>,
    pub(super) line: Option<u32>,
    pub(super) range: Option<Place>,
    pub(super) placement: finding::State,
    pub(super) confidence: f64,
    pub(super) reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suppressed_by: Option<String>,
}

impl Query {
    /// The finding itself, then its siblings: they are placed together, so that none takes another's place. Without the
    /// scanned text (`has_text`) nothing is known of the siblings but numbers, and they are left out.
    pub(super) fn evidence(&self, has_text: bool) -> Vec<Evidence> {
        let mut ranges = vec![self.range_a];
        ranges.extend(self.siblings_a.iter().filter(|range| **range != self.range_a));
        ranges
            .into_iter()
            .map(|range| {
                let mut evidence = Evidence {
                    path: Some(self.path_a.clone()),
                    region: Some(region(range)),
                    commit: self.commit_a.clone(),
                    ..Evidence::default()
                };
                if !has_text && let Some(snippet) = &self.snippet {
                    evidence.snippet = Some(snippet.line.clone());
                    evidence.context = Some(snippet.context(range[0]));
                }
                evidence
            })
            .take(if has_text { usize::MAX } else { 1 })
            .collect()
    }
}

impl Snippet {
    /// All lines, with the number of the first; `flagged` is the number of the flagged one.
    fn context(&self, flagged: u32) -> (u32, String) {
        let before = u32::try_from(self.before.len()).unwrap_or(u32::MAX);
        let lines: Vec<&str> = self.before.iter().chain([&self.line]).chain(&self.after).map(String::as_str).collect();
        (flagged.saturating_sub(before).max(1), lines.join("\n"))
    }
}

fn region([line, column, end_line, end_column]: Place) -> Region {
    Region { line, column: Some(column), end_line, end_column: Some(end_column), columns: Columns::Characters }
}
