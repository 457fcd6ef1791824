//! What a developer asks of a source about one finding, and what became of it.

use std::time::Duration;

use finding::{Finding, FindingId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Error;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// It is no weakness.
    FalsePositive,
    /// It is known and accepted.
    AcceptRisk {
        /// The last day on which that holds; `None`: until somebody takes it back.
        until: Option<Date>,
        /// Who accepts it; `None`: the account.
        accepted_by: Option<String>,
    },
    /// It is not this project's concern.
    OutOfScope,
    /// It is fixed.
    Close,
    /// Whatever was decided is taken back.
    Reopen,
    /// It was looked at and is real.
    Verify,
    /// The reason is a remark, and nothing else changes.
    Note,
    /// These tags are added.
    AddTags {
        /// The tags.
        tags: Vec<String>,
    },
    /// These tags are taken away.
    RemoveTags {
        /// The tags.
        tags: Vec<String>,
    },
}

impl Action {
    /// The word for it in texts and marks, e.g. `false positive`.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::FalsePositive => "false positive",
            Self::AcceptRisk { .. } => "risk accepted",
            Self::OutOfScope => "out of scope",
            Self::Close => "closed",
            Self::Reopen => "reopened",
            Self::Verify => "verified",
            Self::Note => "note",
            Self::AddTags { .. } => "tags added",
            Self::RemoveTags { .. } => "tags removed",
        }
    }

    /// Its name on the command line and in policy, e.g. `false_positive`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::FalsePositive => "false_positive",
            Self::AcceptRisk { .. } => "accept",
            Self::OutOfScope => "out_of_scope",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Verify => "verify",
            Self::Note => "note",
            Self::AddTags { .. } => "tag",
            Self::RemoveTags { .. } => "untag",
        }
    }

    /// The last day that was asked for.
    #[must_use]
    pub fn until(&self) -> Option<Date> {
        match self {
            Self::AcceptRisk { until, .. } => *until,
            _ => None,
        }
    }

    /// The tags that come or go.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        match self {
            Self::AddTags { tags } | Self::RemoveTags { tags } => tags,
            _ => &[],
        }
    }
}

/// One triage of one finding, as the outbox keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triage {
    /// Unlike that of any other triage, the same in every attempt: 8 to 40 of `0-9a-z-`. It is written into what the
    /// source stores, so that a later attempt recognises an earlier one's work.
    pub key: String,
    /// The finding.
    pub finding: FindingId,
    /// Its number at the source ([`Finding`]'s fingerprint `defectdojo/id`).
    pub number: String,
    /// The state that the user saw when deciding ([`Finding`]'s fingerprint `defectdojo/state`), as it was given out.
    /// `None` sends whatever the state is now: the user was shown a conflict and decided again.
    pub seen: Option<String>,
    /// What is asked for.
    pub action: Action,
    /// Why, in the user's words; may be empty where policy allows it.
    pub reason: String,
    /// An earlier attempt ended without a known outcome.
    pub is_retry: bool,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Pushed {
    /// The source has it, once.
    Done {
        /// The finding as the source has it now.
        finding: Box<Finding>,
        /// The source had it before: by an earlier attempt, or because somebody else did the same.
        was_there: bool,
    },
    /// The finding changed since the user saw it; nothing was sent.
    Conflict {
        /// The state that was seen, in words.
        seen: String,
        /// The state now, in words.
        now: String,
        /// The finding as the source has it now.
        finding: Box<Finding>,
    },
    /// The source will not do it, now or later.
    Refused {
        /// Why, in the source's own words where it gave any.
        reason: String,
    },
    /// Not now; the same triage is to be pushed again.
    Later {
        /// What went wrong.
        reason: String,
        /// How long the source asks to wait.
        after: Option<Duration>,
        /// The source may have done it or a part of it: set [`Triage::is_retry`].
        is_outcome_unknown: bool,
        /// Whatever is pushed to this source now would fare the same.
        is_source_wide: bool,
    },
}

/// A finding asked for again.
#[derive(Debug, Clone, PartialEq)]
pub enum Refreshed {
    /// As it is now.
    Now(Box<Finding>),
    /// It is not there any more, or this account may not see it any more.
    Gone,
    /// This source cannot be asked for one finding.
    Unsupported,
}

/// What can be asked of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked once")]
pub struct Capabilities {
    /// Pulls can bring only what changed.
    pub reads_changes: bool,
    /// One finding can be refreshed.
    pub refreshes: bool,
    /// Every [`Action`] can be pushed.
    pub takes_triage: bool,
    /// An accepted risk can have an end.
    pub takes_expiry: bool,
}

/// Whom a source takes us for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Account {
    /// The same for one account always, and another for every other of the server; 1 to 64 visible characters.
    pub id: String,
    /// Its name, fit to be shown.
    pub name: String,
}

/// That a source answers, and who it takes us for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The account.
    pub account: Option<String>,
    /// What of the source is read; `None` where it is all one. The error: the account is good, and what belongs to this
    /// repository is not clear or not for it to see.
    pub reads: Result<Option<Reads>, Error>,
    /// How far the source's clock is ahead of this computer's, in seconds, where it told the time.
    pub clock_ahead: Option<i64>,
}

impl Default for Health {
    fn default() -> Self {
        Self { account: None, reads: Ok(None), clock_ahead: None }
    }
}

/// What of a source belongs to this repository, and how that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reads {
    /// Its name at the source.
    pub name: String,
    /// Why this one: reads on after the name.
    pub why: String,
    /// Which parts of it, one line; empty where there are none.
    pub parts: String,
}
