//! The gate's answer: may this change pass?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FindingInfo, SourceStatus};

/// What was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScopeKind {
    /// Every file of the tree.
    All,
    /// Files whose content in the index differs from HEAD.
    Staged,
    /// Files that differ between a base and HEAD.
    Diff,
    /// The paths that were given, as they are in the tree.
    Paths,
    /// Files of the work tree and open documents that differ from HEAD.
    Work,
}

/// What was judged, against what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateScope {
    /// What.
    pub kind: ScopeKind,
    /// In words ("3 staged files").
    pub words: String,
    /// How many files.
    pub files: usize,
    /// Commit before the change, full id; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

/// How the gate answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateOutcome {
    /// The change may pass.
    Pass,
    /// There was nothing to judge; passes.
    Nothing,
    /// The change may not pass: see the violations.
    Violations,
    /// No data, data that is too old, or a policy that could not decide: nobody can say.
    Undecided,
}

/// Why a change may not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Violation {
    /// Id of the finding; absent for a violation of the change as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// Name of the clause.
    pub clause: String,
    /// What it says.
    pub message: String,
}

/// A change to what the gate itself reads; it takes effect once merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateChange {
    /// The file.
    pub path: String,
    /// `added`, `changed` or `removed`.
    pub what: String,
}

/// A policy in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyInfo {
    /// Where it came from: a path, a URL, or `built in`.
    pub origin: String,
    /// Its revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Id of the key that signed it; absent when it is not signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// What is wrong, one sentence each (a newer bundle that was refused, …).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// The answer of `check --format json` and `aspm/gate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateReport<R> {
    /// [`VERSION`](super::VERSION).
    pub version: u32,
    /// May it pass?
    pub outcome: GateOutcome,
    /// What was judged.
    pub scope: GateScope,
    /// The policies that decided, the organisation's first.
    pub policies: Vec<PolicyInfo>,
    /// Findings of the scope that policy does not hide, in order of path and place, each with verdict and change.
    pub findings: Vec<FindingInfo<R>>,
    /// Why it may not pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
    /// Why nobody can say, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<String>,
    /// Changes to what the gate reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gate_changes: Vec<GateChange>,
    /// The data behind the answer.
    pub sources: Vec<SourceStatus>,
    /// What else is worth knowing, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
}
