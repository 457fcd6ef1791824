//! Rego, run within bounds: what may be loaded, how long it may take, and what may come out.

mod aliases;
mod answer;
mod bounded;
mod bounds;
mod calls;
mod compiled;
mod deep;
mod engine;
mod error;
mod known;
mod nesting;
mod packages;
mod project;
mod reads;
mod roots;
mod settings;
mod syntax;

pub use answer::{Gate, Ruling};
pub use bounds::Bounds;
pub use error::{Error, Spot};

pub(crate) use aliases::spelled_out;
pub(crate) use answer::{gate, ruling, verdict};
pub(crate) use calls::check_calls;
pub(crate) use deep::on_a_deep_stack;
pub(crate) use engine::{Entry, Rego, parse};
pub(crate) use known::Known;
pub(crate) use nesting::check_nesting;
pub(crate) use packages::check_whole_packages;
pub(crate) use project::{Applications, gate_input, triage_input, verdict_input};
pub(crate) use reads::Reads;
pub(crate) use roots::{check_data, check_roots, check_shadowing};
pub(crate) use settings::check_settings;
pub(crate) use syntax::{RuleSyntax, Unit, reference_text, units};
