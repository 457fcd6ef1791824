//! Where a finding is now: what was scanned and what is open go in, a [`finding::Placement`] for each finding comes out.
//!
//! In: the evidence of findings, the texts at the scanned commit (where git still has them) and the current texts with
//! their parse. Out: placements with a state, a range, a confidence and a reason in words; ranges carried through live
//! edits; scanned paths mapped onto workspace files; renames found by content.
//! Never: reads a file, asks git, keeps state between calls, or guesses silently: what cannot be decided is `uncertain`
//! or `unplaced` and says why.

mod agree;
mod assign;
mod carry;
mod confidence;
mod content;
mod elsewhere;
mod evidence;
mod field;
mod follow;
mod line_hash;
mod lines;
pub mod paths;
mod place;
mod portrait;
mod query;
mod reason;
pub mod renames;
mod reworded;
mod score;
mod search;
mod settle;
mod shift;
mod siblings;
mod source;
mod squashed;
mod stand_in;
mod suppressed;
mod tokens;
mod told;
mod track;
mod trust;

pub use carry::{Version, carry};
pub use follow::follow;
pub use place::place;
pub use query::{Basis, Item, Scan, Target};
pub use shift::shift;
pub use source::Source;
/// What [`shift`] moves ranges by.
pub use syntax::Edit;

/// Names this way of placing: another value may place the same finding differently. Answers that are kept say which one
/// gave them.
pub const FINGERPRINT: &str = env!("ANCHOR_FINGERPRINT");
