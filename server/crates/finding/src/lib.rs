//! What things are: findings, the evidence of their place, placements, and the wire types built from them.
//!
//! In: nothing. Out: plain data that every other crate speaks.
//! Never: files, network, clock, threads, an opinion about where a finding stands now (that is `anchor`).

mod evidence;
mod identity;
mod model;
mod placement;
mod row;
mod severity;
pub mod taxonomy;
pub mod text;
mod verdict;
pub mod wire;

pub use evidence::{Columns, Evidence, FlowStep, Region, ScanPath};
pub use identity::{FindingId, IdentityBuilder, NaturalKey};
pub use model::{Component, Finding, Fix, Kind, Note, Replacement, Rule, Safety, Status, StatusValue, Tool};
pub use placement::{Placement, Reason, State};
pub use row::{Index, IndexBuilder, Interned, Row, RowFacts};
pub use severity::{Confidence, Severity};
pub use verdict::{
    Action, Application, ChangeKind, Clause, Exception, ExceptionOrigin, ExceptionState, Factor, SourceApplication,
    Verdict,
};
