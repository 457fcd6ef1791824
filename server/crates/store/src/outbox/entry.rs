//! What stands in the outbox: what was asked for, by whom for which finding, and how far it is.

use std::fmt;
use std::time::Duration;

use finding::FindingId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Key;

/// Where a triage goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Scheme, host and port.
    pub origin: String,
    /// Product at the origin; empty without one.
    pub product: String,
    /// Whose triage it is: sent by that account alone. Empty: by whoever may send. In a [`Filter`], empty means of
    /// anybody, and what is of nobody is everybody's.
    pub account: String,
    /// The source's name as configured.
    pub name: String,
}

impl Source {
    /// The source that is cached under `key` and configured as `name`.
    #[must_use]
    pub fn new(key: &Key, name: &str) -> Self {
        let Key { origin, product, account } = key.clone();
        Self { origin, product, account, name: name.to_owned() }
    }
}

/// One triage of one finding, as the user gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it goes.
    pub source: Source,
    /// The account's name, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The workspace folder it was given in, for people.
    #[serde(default)]
    pub root: Option<String>,
    /// The finding.
    pub finding: FindingId,
    /// The finding's number at the source.
    pub number: String,
    /// What is asked for, in the connector's words.
    pub action: Value,
    /// Why, in the user's words.
    pub reason: String,
    /// The finding's state that the user saw, in the connector's words; `None` sends whatever the state is now.
    #[serde(default)]
    pub seen_state: Option<Value>,
    /// When the user gave it, milliseconds since 1970.
    pub created_at: i64,
}

/// Name of one triage, unlike that of any other on any machine: 20 of `0-9a-f`. Fit to be left at the source as a mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutboxId(String);

impl OutboxId {
    /// Wraps an id that the outbox gave out before (read from the wire, the command line).
    #[must_use]
    pub fn from_stored(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OutboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who will not have a triage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refuser {
    /// Its source.
    #[default]
    Source,
    /// Policy, before it was sent.
    Policy,
    /// The outbox: it cannot vouch for the entry any more.
    Outbox,
}

/// How far a triage is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum State {
    /// Waits to be sent.
    Queued,
    /// A process is sending it.
    Sending {
        /// Since when, milliseconds since 1970.
        since: i64,
    },
    /// It may have arrived: the process that sent it died, or the answer was lost. It is sent again by looking first.
    Unknown,
    /// It will not be done; the user decides.
    Refused {
        /// The reason, in plain words.
        why: String,
        /// Who refused.
        #[serde(default)]
        by: Refuser,
    },
    /// The finding changed at the source since the user saw it, and nothing was sent; the user decides.
    Conflict {
        /// The finding's state there, in the form of [`Entry::seen_state`].
        theirs: Value,
        /// The same for people.
        words: String,
    },
    /// The source has it. Kept for a while as history.
    Done,
}

impl State {
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Sending { .. } => 1,
            Self::Unknown => 2,
            Self::Refused { .. } => 3,
            Self::Conflict { .. } => 4,
            Self::Done => 5,
        }
    }

    /// Whether it will be sent, or sent again, without the user's doing.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        matches!(self, Self::Queued | Self::Sending { .. } | Self::Unknown)
    }

    /// Whether it waits for the user.
    #[must_use]
    pub fn needs_decision(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Conflict { .. })
    }
}

/// An entry and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Counts the changes of this record, from 1. First, and under this name: salvage finds records by it.
    #[serde(rename = "aspm_outbox_change")]
    pub(crate) change: u64,
    /// Its name.
    pub id: OutboxId,
    /// What the user gave. `seen_state` moves on when an earlier triage of the same finding arrives.
    pub entry: Entry,
    /// How far it is.
    pub state: State,
    /// Attempts to send it since the user last said so.
    pub attempts: u32,
    /// Not to be sent before, milliseconds since 1970.
    pub not_before: i64,
    /// An attempt ended without a known outcome: look before sending.
    pub may_have_arrived: bool,
    /// What went wrong at the last attempt.
    pub problem: Option<String>,
    /// When its state last changed, milliseconds since 1970.
    pub changed_at: i64,
    /// The claim under which it is, or was last, sent.
    pub(crate) claim: Option<String>,
}

/// The right, of this process alone, to send one entry; ends with [`settle`](super::Outbox::settle), or with the process
/// or the [`Outbox`](super::Outbox) it came from, and the outcome then counts as unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What is to be sent.
    pub record: Record,
    pub(crate) token: String,
}

/// What became of an attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The source has it.
    Done {
        /// The finding's state there now, in the form of [`Entry::seen_state`]: what later triage of it is based on.
        now: Option<Value>,
    },
    /// It will not be done.
    Refused {
        /// Why.
        why: String,
        /// Who refused.
        by: Refuser,
    },
    /// The finding changed there; nothing was sent.
    Conflict {
        /// The finding's state there, in the form of [`Entry::seen_state`].
        theirs: Value,
        /// The same for people.
        words: String,
    },
    /// Not now.
    Later {
        /// What went wrong.
        why: String,
        /// How long the source asks to wait.
        after: Option<Duration>,
        /// It may have arrived.
        is_outcome_unknown: bool,
    },
}

/// What became of an entry that is to be queued once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Queued {
    /// It is queued now, under this name.
    New(OutboxId),
    /// The same was asked of the finding before and has not arrived yet.
    Already(Box<Record>),
}

impl Queued {
    /// The name of the entry that stands in the outbox.
    #[must_use]
    pub fn id(&self) -> &OutboxId {
        match self {
            Self::New(id) => id,
            Self::Already(record) => &record.id,
        }
    }
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// This, now: [`claim`](super::Outbox::claim) it.
    Now(Box<Record>),
    /// Nothing before this time, milliseconds since 1970.
    At(i64),
    /// Nothing, until somebody queues something or decides.
    Nothing,
}

/// Which entries are asked for; by default all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Of this source.
    pub source: Option<&'a Source>,
    /// Of this finding.
    pub finding: Option<&'a FindingId>,
    /// Without those that arrived.
    pub is_open: bool,
}

/// How many entries are how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// On their way: queued, being sent, or with an unknown outcome.
    pub pending: usize,
    /// Refused by the source.
    pub refused: usize,
    /// In conflict with what the source has.
    pub conflicts: usize,
    /// Arrived, as far as the history goes back.
    pub done: usize,
}

/// Differs from an earlier one when anybody, this process included, may have changed the outbox in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxVersion(pub(crate) u64, pub(crate) i64);
