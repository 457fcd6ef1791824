//! What a finding says about its place at the moment it was reported.

use serde::{Deserialize, Serialize};

/// A path as the tool reported it, `/`-separated, percent-decoded, without a leading `./`; may still be absolute or
/// start with a container's prefix. Mapping it onto the workspace is `anchor::paths`' work.
pub type ScanPath = String;

/// What a column counts. Tools differ, and their columns are kept as they came: only a text can translate them
/// ([`LineIndex::resolve`](crate::text::LineIndex::resolve)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Columns {
    /// Unicode code points.
    #[default]
    Characters,
    /// UTF-16 code units.
    Utf16,
    /// Bytes of the line in UTF-8.
    Bytes,
}

/// A range in the scanned text. Lines and columns count from 1; `end_column` is exclusive; `columns` says what a column
/// counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Region {
    /// First line, from 1.
    pub line: u32,
    /// First column, from 1; `None` where the tool named only the line.
    pub column: Option<u32>,
    /// Last line, from 1.
    pub end_line: u32,
    /// Column behind the last character, from 1; `None`: to the end of the line.
    pub end_column: Option<u32>,
    /// What `column` and `end_column` count.
    #[serde(default)]
    pub columns: Columns,
}

impl Region {
    /// A whole line.
    #[must_use]
    pub fn line(line: u32) -> Self {
        Self { line, column: None, end_line: line, end_column: None, columns: Columns::default() }
    }
}

/// A place and its text, as reported.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// File the tool named; `None` for findings without one (an image, an endpoint).
    pub path: Option<ScanPath>,
    /// Where in the file; `None` when the tool flagged the whole file.
    pub region: Option<Region>,
    /// Text of exactly `region`, or of its lines, when the tool sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
    /// Lines around the region with the line number of the first, when the tool sent them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<(u32, String)>,
    /// Commit that was scanned (full hexadecimal id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Branch that was scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Tool and platform fingerprints by name (`primaryLocationLineHash`, …).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fingerprints: Vec<(String, String)>,
    /// Enclosing symbol as the tool named it (SARIF `logicalLocations`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
}

/// One step of a data flow, source first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowStep {
    /// Where the step is.
    pub evidence: Evidence,
    /// What happens there, in the tool's words.
    pub message: String,
}
