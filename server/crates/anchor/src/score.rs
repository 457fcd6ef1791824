//! How likely a candidate is the flagged place, and from where on it counts.

use crate::portrait::Portrait;
use crate::search::{Candidate, Role};
use crate::tokens::total;

/// From here on a similar place is the flagged one, edited.
pub(crate) const EDITED: f32 = 0.6;
/// From here on a place is worth naming as a guess.
pub(crate) const GUESS: f32 = 0.48;

/// What the surroundings say for a candidate.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Surroundings {
    /// It stands where the flagged lines were: the same hunk of the diff, or the flagged lines' own remains.
    pub(crate) in_place: bool,
    /// How well its relative position agrees, 0–1.
    pub(crate) order: f32,
    /// Likeness of the neighbouring lines, 0–1.
    pub(crate) neighbours: f32,
}

/// Likelihood 0–1 that the candidate is the place; decides alone.
pub(crate) fn likelihood(portrait: &Portrait, candidate: &Candidate, around: Surroundings) -> f32 {
    let symbol = f32::from(u8::from(candidate.same_symbol));
    let in_place = f32::from(u8::from(around.in_place));
    let context = 0.4 * in_place + 0.25 * symbol + 0.35 * around.neighbours;
    if candidate.equal {
        // The fewer tokens, the less their equality says by itself.
        let own = (total(&portrait.tokens) / 4.0).min(1.0) * if portrait.called_outside { 0.5 } else { 1.0 };
        let far = 0.2 + 0.4 * candidate.statement + 0.4 * context;
        return (own * (0.75 + 0.25 * candidate.statement.max(context)) + (1.0 - own) * far).min(1.0);
    }
    // Without a call the construct itself is what was flagged.
    let kind = match (candidate.same_kind, portrait.kind.is_empty() || portrait.is_call()) {
        (true, _) => 0.05,
        (false, true) => 0.0,
        (false, false) => -0.12,
    };
    let is_stray = !around.in_place && around.neighbours < 0.3 && !candidate.same_symbol;
    let stray = if is_stray { 0.1 } else { 0.0 };
    let likelihood = 0.5 * candidate.flagged + 0.2 * candidate.statement + 0.25 * context + kind - stray;
    match candidate.role {
        Role::Itself => likelihood,
        Role::Led => likelihood.max(GUESS),
        Role::Kin => likelihood.clamp(GUESS, EDITED - 0.01),
    }
}

/// Worth of giving this place to this finding, for sharing places among siblings.
pub(crate) fn worth(portrait: &Portrait, candidate: &Candidate, around: Surroundings) -> f32 {
    let equal = match (candidate.equal, candidate.statement >= 1.0) {
        (true, true) => 0.8,
        (true, false) => 0.5,
        (false, _) => 0.0,
    };
    let likelihood = likelihood(portrait, candidate, around);
    let symbol = if candidate.same_symbol { 0.1 } else { 0.0 };
    let in_place = if around.in_place { 0.1 } else { 0.0 };
    (likelihood
        + equal
        + symbol
        + in_place
        + 0.15 * around.neighbours
        + 0.1 * candidate.statement
        + 0.05 * around.order)
        .max(0.01)
}

/// `part` of `whole`, 0 for nothing of nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of lines and tokens, far below 2^24; a rounded share is as good"
)]
pub(crate) fn ratio(part: usize, whole: usize) -> f32 {
    part as f32 / whole.max(1) as f32
}
