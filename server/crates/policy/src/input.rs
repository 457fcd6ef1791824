//! What a policy is asked: one finding, or a whole change.

use finding::wire::GateChange;
use finding::{Application, ChangeKind, Exception, Finding, Placement, Verdict};

use crate::evaluate::{Applications, Error, Reads, gate_input, triage_input, verdict_input};

/// One finding to judge. The same inputs give the same verdict, wherever they are put together.
#[derive(Debug, Clone, Copy)]
pub struct VerdictInput<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Its file in the tree, `/`-separated; `None`: as reported.
    pub path: Option<&'a str>,
    /// The application that its code belongs to.
    pub application: &'a Application,
    /// What the change did to it.
    pub change: ChangeKind,
    /// The exception that applies to it.
    pub exception: Option<&'a Exception>,
    /// RFC 3339 date or time; must be one.
    pub now: &'a str,
}

/// Where triage is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TriagePlace {
    /// At the finding's source.
    Source,
    /// In the repository's exceptions file.
    File,
}

impl TriagePlace {
    /// The word in the policy's input.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::File => "file",
        }
    }
}

/// What somebody wants to say of one finding.
#[derive(Debug, Clone, Copy)]
pub struct TriageInput<'a> {
    /// `false_positive`, `accept`, `out_of_scope`, `close`, `reopen`, `verify`, `note`, `tag` or `untag`.
    pub action: &'a str,
    /// Why, in their words; empty when they gave none.
    pub reason: &'a str,
    /// The last day it is to count.
    pub until: Option<&'a str>,
    /// Where it is tracked.
    pub ticket: Option<&'a str>,
    /// The tags to add or take away.
    pub tags: &'a [String],
    /// Where it would be written down.
    pub to: TriagePlace,
    /// The finding.
    pub finding: &'a Finding,
    /// See [`VerdictInput::path`].
    pub path: Option<&'a str>,
    /// The application that its code belongs to.
    pub application: &'a Application,
    /// RFC 3339 date or time; must be one.
    pub now: &'a str,
}

/// A judged finding of the change.
#[derive(Debug, Clone, Copy)]
pub struct GateFinding<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// See [`VerdictInput::path`].
    pub path: Option<&'a str>,
    /// Where it is now.
    pub placement: &'a Placement,
    /// What the change did to it.
    pub change: ChangeKind,
    /// What policy says of it.
    pub verdict: &'a Verdict,
    /// The exception that applies to it.
    pub exception: Option<&'a Exception>,
}

/// A source behind the findings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GateSource {
    /// Its name.
    pub id: String,
    /// Last successful synchronisation, RFC 3339.
    pub synced_at: Option<String>,
    /// Commit of its latest scan.
    pub scan_commit: Option<String>,
    /// Tools that have reported to it.
    pub tools: Vec<String>,
}

/// Where a gate is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GatePlace {
    /// While editing.
    Editor,
    /// Before a commit or a push.
    Hook,
    /// In a pipeline.
    Ci,
}

impl GatePlace {
    /// The word in the policy's input.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Editor => "editor",
            Self::Hook => "hook",
            Self::Ci => "ci",
        }
    }
}

/// A change to judge.
#[derive(Debug, Clone, Copy)]
pub struct GateInput<'a> {
    /// Its findings.
    pub findings: &'a [GateFinding<'a>],
    /// Why nobody can say, one sentence each; any closes the gate of the built-in policy.
    pub undecided: &'a [String],
    /// The data behind the findings.
    pub sources: &'a [GateSource],
    /// Changes to what the gate reads.
    pub gate_changes: &'a [GateChange],
    /// The application (of the repository's root): its required scanners.
    pub application: &'a Application,
    /// Where it is asked.
    pub place: GatePlace,
    /// The branch, where known.
    pub branch: Option<&'a str>,
}

impl VerdictInput<'_> {
    /// The whole input as a policy sees it, for people and for OPA itself.
    pub fn to_json(&self) -> Result<serde_json::Value, Error> {
        json(&verdict_input(self, &Reads::All, &mut Applications::default())?)
    }
}

impl TriageInput<'_> {
    /// See [`VerdictInput::to_json`].
    pub fn to_json(&self) -> Result<serde_json::Value, Error> {
        json(&triage_input(self, &Reads::All, &mut Applications::default())?)
    }
}

impl GateInput<'_> {
    /// See [`VerdictInput::to_json`].
    pub fn to_json(&self) -> Result<serde_json::Value, Error> {
        json(&gate_input(self, &Reads::All))
    }
}

fn json(value: &regorus::Value) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(|error| Error::Input { what: format!("the input cannot be shown: {error}") })
}
