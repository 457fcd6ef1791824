//! How loudly a finding speaks, until a policy says so (severity is the only voice it has without one).

use finding::{Placement, Severity, State};

/// How a finding is shown; ordered, loudest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attention {
    /// Not shown on code.
    Hidden,
    /// Greyed: suppressed in the code.
    Hint,
    /// Worth knowing.
    Inform,
    /// Worth fixing.
    Warn,
    /// Fix it first.
    Urgent,
}

impl Attention {
    /// What a finding deserves where it stands: severity decides, doubt and suppression make it quieter.
    #[must_use]
    pub fn of(severity: Severity, placement: &Placement) -> Self {
        let base = match severity {
            Severity::Critical | Severity::High => Self::Urgent,
            Severity::Medium => Self::Warn,
            Severity::Low | Severity::Info => Self::Inform,
        };
        match placement.state {
            State::Gone | State::Unplaced => Self::Hidden,
            _ if placement.suppressed_by.is_some() => Self::Hint,
            State::Uncertain => base.min(Self::Inform),
            State::Exact | State::Moved | State::Edited => base,
        }
    }
}
