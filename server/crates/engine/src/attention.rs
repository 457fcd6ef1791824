//! How loudly a finding speaks: as its verdict says, quieter where there is doubt.

use finding::{Action, Placement, Severity, State, StatusValue};

use crate::judged::Judged;

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
    /// What a finding deserves where it stands. Policy decides; where it could not, severity does, so that a broken
    /// policy never makes findings silent.
    #[must_use]
    pub fn of(severity: Severity, status: StatusValue, placement: &Placement, judged: &Judged) -> Self {
        let voice = match (&judged.verdict, severity) {
            (Some(verdict), _) => Self::of_action(verdict.action),
            (None, _) if status != StatusValue::Open => Self::Hidden,
            (None, Severity::Critical | Severity::High) => Self::Urgent,
            (None, Severity::Medium) => Self::Warn,
            (None, Severity::Low | Severity::Info) => Self::Inform,
        };
        match placement.state {
            State::Gone | State::Unplaced => Self::Hidden,
            // A comment that was there before the change greys; one that came with it only lowers, as policy says.
            _ if placement.suppressed_by.is_some() && (judged.verdict.is_none() || voice <= Self::Inform) => {
                voice.min(Self::Hint)
            }
            State::Uncertain => voice.min(Self::Inform),
            State::Exact | State::Moved | State::Edited => voice,
        }
    }

    fn of_action(action: Action) -> Self {
        match action {
            Action::Hide => Self::Hidden,
            Action::Inform => Self::Inform,
            Action::Warn => Self::Warn,
            Action::Block => Self::Urgent,
        }
    }
}
