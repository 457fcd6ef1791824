//! Where a finding is now, how sure, and why.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a placement relates to what was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Same text, same place.
    Exact,
    /// Same text, another line or file.
    Moved,
    /// The text changed, the weakness may still be there.
    Edited,
    /// A best guess.
    Uncertain,
    /// The code is not there any more.
    Gone,
    /// No file, or the finding has no place.
    Unplaced,
}

impl State {
    /// Whether a range in the current text goes with this state.
    #[must_use]
    pub fn is_on_code(self) -> bool {
        matches!(self, Self::Exact | Self::Moved | Self::Edited | Self::Uncertain)
    }

    /// The word for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Moved => "moved",
            Self::Edited => "edited",
            Self::Uncertain => "uncertain",
            Self::Gone => "gone",
            Self::Unplaced => "unplaced",
        }
    }
}

/// Why a placement is what it is: one line a developer understands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Reason(Arc<str>);

impl Reason {
    /// From words.
    #[must_use]
    pub fn new(words: impl Into<Arc<str>>) -> Self {
        Self(words.into())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a finding is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// Relation to what was scanned.
    pub state: State,
    /// File relative to the root, `/`-separated; `None` when unplaced.
    pub path: Option<Arc<str>>,
    /// Byte range in the current text; `None` for gone, unplaced, and findings about a whole file.
    pub range: Option<Range<usize>>,
    /// Probability that `state` and `range` are right, 0–1.
    pub confidence: f32,
    /// In words.
    pub reason: Reason,
    /// The suppression comment that covers the place now, as written, if one does.
    pub suppressed_by: Option<Arc<str>>,
}

impl Placement {
    /// Not placed, and why.
    #[must_use]
    pub fn unplaced(reason: impl Into<Arc<str>>) -> Self {
        Self {
            state: State::Unplaced,
            path: None,
            range: None,
            confidence: 1.0,
            reason: Reason::new(reason),
            suppressed_by: None,
        }
    }

    /// Gone from `path`, how sure and why.
    #[must_use]
    pub fn gone(path: Arc<str>, confidence: f32, reason: impl Into<Arc<str>>) -> Self {
        Self {
            state: State::Gone,
            path: Some(path),
            range: None,
            confidence,
            reason: Reason::new(reason),
            suppressed_by: None,
        }
    }
}
