//! What policy says of a finding, and what it is told about it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::StatusValue;

/// What policy wants done about a finding; ordered, strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Not shown.
    Hide,
    /// Worth knowing.
    Inform,
    /// Worth fixing.
    Warn,
    /// May not pass.
    Block,
}

impl Action {
    /// The word for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Hide => "hide",
            Self::Inform => "inform",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

/// What the change at hand did to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It stood there before; also what is taken where no earlier state is known.
    #[default]
    Existing,
    /// The change edits the code it stands on.
    Touched,
    /// Placed now, and nothing of its identity before the change.
    Introduced,
}

impl ChangeKind {
    /// The word for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Existing => "existing",
            Self::Touched => "touched",
            Self::Introduced => "introduced",
        }
    }
}

/// One thing that a risk was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Factor {
    /// What was looked at (`severity`, `exposure`, …).
    pub name: String,
    /// What it was, for people.
    pub value: String,
    /// What it added to the risk, in points; may be negative.
    pub weight: f64,
}

/// One clause of the policy that had a say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clause {
    /// Its stable name (`introduced-high-risk`).
    pub clause: String,
    /// What it says, one sentence.
    pub message: String,
    /// Where to read more, `http(s)` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What policy says of one finding. The same inputs give the same verdict in editor, hook and CI.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// What is to be done.
    pub action: Action,
    /// 0–100.
    pub risk: u8,
    /// Until when it is to be fixed, RFC 3339 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// What the risk was made of.
    #[serde(default)]
    pub factors: Vec<Factor>,
    /// Which clauses had a say, the deciding ones first.
    #[serde(default)]
    pub reasons: Vec<Clause>,
}

/// The application that a finding's code belongs to, as far as it is known. Everything that weighs comes from the
/// organisation's policy data or the source, never from the repository.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Application {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Normalised repository URL it was bound by (`github.com/acme/shop`); absent when bound otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// `critical`, `high`, `medium`, `low`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criticality: Option<String>,
    /// `internet`, `partner`, `internal`, `isolated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<String>,
    /// Platform, as the organisation names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Lifecycle (`production`, `construction`, `retirement`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<String>,
    /// Component that the finding's path belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// Who answers for the code at the finding's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Days to fix by severity (`critical`, `high`, …).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sla: BTreeMap<String, u32>,
    /// Who may accept risks; empty: nobody is named, so any status of the source counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<String>,
    /// Tools without whose scan no gate passes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_scanners: Vec<String>,
}

/// What a source knows of the application that its findings belong to, in its own words as far as they are ours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceApplication {
    /// Name.
    pub name: Option<String>,
    /// `critical`, `high`, `medium` or `low`; another word is not taken.
    pub criticality: Option<String>,
    /// `internet`, `partner`, `internal` or `isolated`; another word is not taken.
    pub exposure: Option<String>,
    /// Platform.
    pub platform: Option<String>,
    /// Lifecycle.
    pub lifecycle: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
}

/// Where an exception was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionOrigin {
    /// `.aspm/exceptions.yaml`.
    File,
    /// A status at the source.
    Source,
    /// A suppression comment in the code.
    Comment,
}

/// Whether an exception counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionState {
    /// Reviewed: it was there before the change, or an approver accepted it at the source.
    Approved,
    /// Written in this change only.
    Requested,
    /// Set by somebody who may not, where policy names approvers.
    Unauthorized,
}

/// An exception as it applies to one finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exception {
    /// Its id in the file; empty elsewhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Where it was written down.
    pub origin: ExceptionOrigin,
    /// Whether it counts.
    pub state: ExceptionState,
    /// What it makes of the finding.
    pub status: StatusValue,
    /// Why; untrusted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// Who accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<String>,
    /// RFC 3339 date; the last day it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Where it is tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}
