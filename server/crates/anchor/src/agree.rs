//! What two ways to the same text say of one finding, made into one placement.

use finding::{Placement, State};

use crate::Target;
use crate::{confidence, reason};

/// From here on a placement rests on lines that did not change.
const UNCHANGED: f32 = 0.97;

/// `direct` is from end to end, `stepped` commit by commit, both in `home`.
pub(crate) fn agreed(direct: Placement, stepped: Placement, home: &Target<'_>) -> Placement {
    let is_away = direct.path.as_ref().is_some_and(|path| *path != home.path);
    match (direct.state, stepped.state) {
        (State::Gone, State::Gone) => Placement { confidence: surer(direct.confidence, stepped.confidence), ..stepped },
        // Searching other files is the end-point way's alone.
        (_, State::Gone | State::Unplaced) if is_away => direct,
        (State::Uncertain, State::Gone) => Placement { confidence: stepped.confidence * 0.8, ..stepped },
        (State::Gone, State::Uncertain) => stepped,
        (_, State::Gone) if direct.confidence >= UNCHANGED => doubted(direct, 0.8),
        (_, State::Gone) => Placement { confidence: stepped.confidence * 0.8, ..stepped },
        (State::Gone, _) => unsure(stepped),
        (State::Unplaced, _) => stepped,
        _ => present(direct, stepped),
    }
}

/// Both see it in the current text.
fn present(direct: Placement, stepped: Placement) -> Placement {
    let overlap = |a: &Placement, b: &Placement| {
        a.range
            .as_ref()
            .zip(b.range.as_ref())
            .is_some_and(|(a, b)| a.start < b.end.max(b.start + 1) && b.start < a.end.max(a.start + 1))
    };
    match (direct.state, stepped.state) {
        (State::Uncertain, State::Uncertain) => stepped,
        (State::Uncertain, _) => doubted(stepped, 0.9),
        (_, State::Uncertain) => doubted(direct, 0.9),
        _ if overlap(&direct, &stepped) => {
            // No surer for it: the same words mislead both ways alike.
            if direct.confidence >= stepped.confidence { direct } else { stepped }
        }
        _ if stepped.confidence + 0.05 >= direct.confidence => doubted(stepped, 0.8),
        _ => doubted(direct, 0.8),
    }
}

/// Two ways to one answer: half the doubt of the surer one is left.
fn surer(a: f32, b: f32) -> f32 {
    let most = a.max(b);
    if most < UNCHANGED { most + (1.0 - most) * a.min(b) * 0.5 } else { most }
}

fn doubted(placement: Placement, factor: f32) -> Placement {
    Placement { confidence: placement.confidence * factor, ..placement }
}

fn unsure(placement: Placement) -> Placement {
    let why = placement.reason.to_string();
    Placement {
        state: State::Uncertain,
        confidence: confidence::WAYS_DIFFER,
        reason: reason::of(&[reason::WAYS_DIFFER, &why]),
        ..placement
    }
}
