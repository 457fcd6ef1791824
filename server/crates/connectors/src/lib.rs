//! Where findings come in: one connector per kind of source, all behind [`Connector`]; and the only HTTP ([`http`]).
//!
//! In: a configured source and the cursor of the last pull. Out: normalised [`finding::Finding`]s, one at a time, into
//! a [`Sink`], and an [`Outcome`] that says how complete the reading was.
//! Never: ask an origin that the user's configuration does not list, show or log a credential, trust what it reads
//! (every size, depth and count is bounded, and a bound that is reached is reported), open a file outside the root,
//! follow a link out of it, decide where a finding stands now (that is `anchor`) or what may be shown of a text (that is
//! the display layer).

mod connector;
pub mod defectdojo;
mod error;
pub mod http;
pub mod sarif;
mod triage;

pub use connector::{Connector, Coverage, Lookup, Outcome, Problem, Progress, Sink, Succession};
pub use error::{Error, ServerFault};
pub use triage::{Account, Action, Capabilities, Health, Pushed, Reads, Refreshed, Triage};
