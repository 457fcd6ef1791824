//! What policy made of a finding where it stands.

use std::sync::Arc;

use finding::wire::PolicyInfo;
use finding::{Application, ChangeKind, Exception, Verdict};

/// The verdict on one placed finding, and what it was made from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judged {
    /// What the change at hand did to it.
    pub change: ChangeKind,
    /// What policy says; `None` where it could not say and never did.
    pub verdict: Option<Arc<Verdict>>,
    /// The exception that applies.
    pub exception: Option<Arc<Exception>>,
    /// What a developer asked of the source and it has not confirmed yet, in words.
    pub pending: Option<Arc<str>>,
    /// Whose code it is.
    pub application: Option<Arc<Application>>,
    /// Of everything that went into the verdict: equal inputs are not judged twice.
    pub digest: u64,
}

/// What is in force in a root.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Law {
    /// Counts with everything that verdicts depend on besides the findings: policies, exceptions, owners, the day.
    pub revision: u64,
    /// The policies in force, the organisation's first.
    pub policies: Vec<PolicyInfo>,
    /// Commit that a change is told against, and what that is in words.
    pub base: Option<(String, String)>,
    /// What could not be used, one sentence each.
    pub problems: Vec<String>,
}
