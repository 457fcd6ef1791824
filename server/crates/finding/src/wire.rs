//! What leaves the process as JSON: `list --format json`, `check --format json`, `aspm/status`, `aspm/findings`,
//! `aspm/finding`, `aspm/gate`.
//!
//! `snake_case`, `version: 1`; positions count from 1 on the command line and are LSP positions over LSP; byte offsets
//! never leave.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ChangeKind, Exception, Kind, Severity, State, StatusValue, Verdict};

mod gate;
mod input;
mod lists;

pub use gate::{GateChange, GateOutcome, GateReport, GateScope, PolicyInfo, ScopeKind, Violation};
pub use input::{InputAnswer, InputChoice, InputField, InputKind, InputRequest};
pub use lists::{
    FindingDetail, FindingGroup, FindingsPage, FindingsQuery, GroupBy, Listed, LocationInfo, LocationList, SortBy,
    StatusFilter, StepInfo,
};

/// The version all shapes of this module carry.
pub const VERSION: u32 = 1;

/// A position on the command line: line and column from 1, columns in Unicode code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

/// A range on the command line; the end is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// First character.
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
}

/// Where a finding is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlacementInfo<R> {
    /// Relation to what was scanned.
    pub state: State,
    /// File relative to the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Range in the current text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<R>,
    /// 0–1.
    pub confidence: f32,
    /// In words.
    pub reason: String,
    /// The suppression comment that covers the place now, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed_by: Option<String>,
}

/// Where a finding was when it was scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scanned {
    /// Path as the tool reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Line from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// The answer to `aspm/login { url, token, store? }`: whose the token is, and where it is kept now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoginAnswer {
    /// 1.
    pub version: u32,
    /// Scheme, host and port.
    pub origin: String,
    /// The account at the server.
    pub account: String,
    /// The server's version, where it told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_version: Option<String>,
    /// Where the token is.
    pub store: LoginStore,
    /// What else there is to know, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// Where a token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoginStore {
    /// In the keyring of the operating system.
    Keyring,
    /// In a file that only the user can read.
    File,
}

/// One finding with its placement. `R` is [`Range`] on the command line, an LSP range over LSP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingInfo<R> {
    /// Identity.
    pub id: String,
    /// Source name.
    pub source: String,
    /// Tool name.
    pub tool: String,
    /// Rule id.
    pub rule: String,
    /// Rule name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_name: Option<String>,
    /// What it is about.
    pub kind: Kind,
    /// How bad.
    pub severity: Severity,
    /// What people decided.
    pub status: StatusValue,
    /// What is wrong here; untrusted text.
    pub message: String,
    /// CWE numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cwes: Vec<u32>,
    /// Rule documentation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help_url: Option<String>,
    /// Where it was reported.
    pub scanned: Scanned,
    /// Where it is now.
    pub placement: PlacementInfo<R>,
    /// What the change at hand did to it; absent while it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeKind>,
    /// What policy says; absent while it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The exception that applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
}

/// The answer of `list --format json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingList<R> {
    /// [`VERSION`].
    pub version: u32,
    /// In order of path and line.
    pub findings: Vec<FindingInfo<R>>,
    /// Whether anything is missing or doubtful, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
}

/// What a source knows, as far as this process can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Being read for the first time: findings are not known yet.
    Loading,
    /// Read whole.
    Ready,
    /// Read in part, or from an older copy; `problems` say what is missing.
    Partial,
    /// Nothing could be read: "no data", not "no findings".
    NoData,
}

/// One source in [`StatusInfo`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceStatus {
    /// Name.
    pub name: String,
    /// `sarif`, …
    pub kind: String,
    /// How complete.
    pub state: SourceState,
    /// Findings in the source, all statuses.
    pub findings: usize,
    /// When it was last read, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<String>,
    /// When the newest scan in it ended, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanned_at: Option<String>,
    /// Commit that was scanned; absent when the logs name none or several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_commit: Option<String>,
    /// What is missing or doubtful, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// Open findings by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Open findings in all sources.
    pub open: usize,
    /// Of those, not yet looked at in this process.
    pub pending: usize,
    /// Of those, on code now: exact, moved or edited.
    pub placed: usize,
    /// Best guesses.
    pub uncertain: usize,
    /// Code is gone: fixed here, pending scan.
    pub gone: usize,
    /// Without a place.
    pub unplaced: usize,
    /// Of those on code, what policy blocks.
    #[serde(default)]
    pub block: usize,
    /// Of those on code, what policy warns of.
    #[serde(default)]
    pub warn: usize,
}

/// The server's overall state in [`StatusInfo`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerState {
    /// Sources are being read.
    Loading,
    /// All is read and placed.
    Ready,
    /// Something is missing: see the sources' problems and `messages`.
    Degraded,
    /// No folder names a source and none has a log where logs are looked for by default: nothing to be quiet or loud
    /// about.
    NotConfigured,
}

/// The parameters of the notification `aspm/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatusInfo {
    /// [`VERSION`].
    pub version: u32,
    /// Overall.
    pub state: ServerState,
    /// Each source of each root.
    pub sources: Vec<SourceStatus>,
    /// Findings.
    pub counts: Counts,
    /// The policies that decide, the organisation's first.
    #[serde(default)]
    pub policies: Vec<PolicyInfo>,
    /// Configuration errors and notices, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
}
