//! The finding itself, normalised from whatever tool reported it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Confidence, Evidence, FindingId, FlowStep, Region, Severity};

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Source code.
    #[default]
    Code,
    /// A package that this project depends on.
    Dependency,
    /// A credential in the tree.
    Secret,
    /// Infrastructure as code.
    Infrastructure,
    /// A container image.
    Container,
    /// A running endpoint.
    Endpoint,
}

/// The tool that reported.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tool {
    /// Name as the log gives it, e.g. `Bandit`.
    pub name: String,
    /// Version, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What the tool checks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rule {
    /// Id, e.g. `B303`.
    pub id: String,
    /// Human name, e.g. `blacklist`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// CWE numbers, as reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cwes: Vec<u32>,
    /// Documentation, `http(s)` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help_url: Option<String>,
    /// What is wrong and why it matters; untrusted Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// How to fix it; untrusted Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
    /// Tags of the rule (`security`, `OWASP-A03`, …).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// What people decided about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum StatusValue {
    /// Nothing yet.
    #[default]
    Open,
    /// Not a weakness.
    FalsePositive,
    /// Known and accepted, usually until a date.
    RiskAccepted,
    /// Not this project's concern.
    OutOfScope,
    /// Fixed.
    Mitigated,
    /// Reported by another finding already.
    Duplicate,
}

/// Status with its provenance.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Status {
    /// The decision.
    pub value: StatusValue,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Until when, RFC 3339 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<String>,
}

/// A package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// Package URL without a version where possible (`pkg:npm/lodash`), else the bare name.
    pub name: String,
    /// Version in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Versions that fix the weakness, lowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<String>,
}

/// One text replacement of a fix, in the scanned text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// File, as scanned.
    pub path: String,
    /// What to delete; an empty region inserts.
    pub region: Region,
    /// What to put there.
    pub text: String,
}

/// A fix the tool proposes: all replacements together or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What the fix does; plain text.
    pub title: String,
    /// The edits.
    pub replacements: Vec<Replacement>,
    /// What the tool says of applying it unseen.
    #[serde(default, skip_serializing_if = "Safety::is_unknown")]
    pub safety: Safety,
}

/// What a tool says of a fix of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Safety {
    /// Nothing.
    #[default]
    Unknown,
    /// It keeps what the code does, and may be applied without a look.
    Safe,
    /// It may change what the code does.
    Unsafe,
}

impl Safety {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

/// A remark on a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Untrusted text.
    pub text: String,
}

/// One reported weakness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Identity.
    pub id: FindingId,
    /// Name of the source it came from.
    pub source: String,
    /// What it is about.
    pub kind: Kind,
    /// Who reported it.
    pub tool: Tool,
    /// What was checked.
    pub rule: Rule,
    /// What is wrong here, in the tool's words; untrusted plain text or Markdown.
    pub message: String,
    /// How bad.
    pub severity: Severity,
    /// How sure the tool is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// CVSS base score 0–10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvss: Option<f32>,
    /// Probability of exploitation in the next 30 days, 0–1 (FIRST, EPSS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epss: Option<f32>,
    /// Listed as exploited in the wild (CISA KEV); `None` when nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_exploited: Option<bool>,
    /// CVE and GHSA ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vulnerability_ids: Vec<String>,
    /// Its place, as reported.
    pub evidence: Evidence,
    /// Other places of the same result, with what the tool says of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<FlowStep>,
    /// Data flow, source first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flow: Vec<FlowStep>,
    /// Package, for dependency findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Component>,
    /// What people decided.
    #[serde(default)]
    pub status: Status,
    /// First and last time seen, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<String>,
    /// See `first_seen`; for a log, when the scan ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
    /// Until when the source wants it fixed, RFC 3339 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What the tool proposes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Fix>,
    /// The finding's page at its source, `http(s)` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}
