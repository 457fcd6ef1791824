//! Where findings come in: one connector per kind of source, all behind [`Connector`].
//!
//! In: a configured source and the cursor of the last pull. Out: normalised [`finding::Finding`]s, one at a time, into
//! a [`Sink`], and an [`Outcome`] that says how complete the reading was.
//! Never: trust what it reads (every size, depth and count is bounded, and a bound that is reached is reported), open a
//! file outside the root, follow a link out of it, decide where a finding stands now (that is `anchor`) or what may be
//! shown of a text (that is the display layer).

mod connector;
mod error;
pub mod sarif;

pub use connector::{Connector, Outcome, Problem, Progress, Sink};
pub use error::Error;
