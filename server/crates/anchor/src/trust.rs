//! How far the scanned text is to be believed, in every placement made from it.

use std::ops::Range;
use std::sync::Arc;

use finding::{Placement, State};

use crate::elsewhere::{Found, Kind};
use crate::{Basis, Scan, Target, confidence, reason};

/// How far the basis is to be believed.
pub(crate) struct Trust {
    factor: f32,
    note: String,
}

impl Trust {
    pub(crate) fn of(basis: &Basis) -> Self {
        match basis {
            Basis::Assumed(commit) => Self { factor: confidence::ASSUMED, note: reason::assumed(commit) },
            Basis::Commit(_) | Basis::Nothing(_) => Self { factor: 1.0, note: String::new() },
        }
    }

    /// For confidences that know the basis already: its words alone.
    pub(crate) fn noted(basis: &Basis) -> Self {
        Self { factor: 1.0, ..Self::of(basis) }
    }

    pub(crate) fn placement(
        &self,
        state: State,
        place: (&Target<'_>, Range<usize>),
        confidence: f32,
        why: &[&str],
    ) -> Placement {
        let mut parts = why.to_vec();
        parts.push(&self.note);
        Placement {
            state,
            path: Some(place.0.path.clone()),
            range: Some(place.1),
            confidence: confidence * self.factor,
            reason: reason::of(&parts),
            suppressed_by: None,
        }
    }

    pub(crate) fn gone(&self, path: &Arc<str>, confidence: f32, why: &str) -> Placement {
        Placement {
            reason: reason::of(&[why, &self.note]),
            ..Placement::gone(path.clone(), confidence * self.factor, "")
        }
    }

    /// Found in another file; `line` (from 0) is where it was scanned.
    pub(crate) fn moved_between(&self, scan: &Scan, line: usize, found: &Found<'_>) -> Placement {
        let why = reason::moved_between(&scan.path, line + 1);
        let place = (found.target, found.range.clone());
        match found.kind {
            Kind::Same => self.placement(State::Moved, place, confidence::OTHER_FILE, &[&why]),
            Kind::Edited => {
                self.placement(State::Edited, place, confidence::OTHER_FILE_EDITED, &[reason::FEWER_CHANGED, &why])
            }
            Kind::Doubt => self.placement(State::Uncertain, place, confidence::GUESS, &[reason::MAYBE_ELSEWHERE]),
        }
    }
}
