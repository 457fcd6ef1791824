//! The only Rego: bundles of policy, verdicts, the gate, exceptions as code, and what application a finding belongs to.
//!
//! In: bytes of bundles and files that others read, findings, the time. Out: verdicts, a gate's answer, exceptions.
//! Never: disk, network, git or a clock (every input is given, so the same inputs give the same verdict everywhere); an
//! allowed finding because a policy failed.

pub mod application;
mod built_in;
pub mod bundle;
mod evaluate;
pub mod exceptions;
pub mod input;
mod policy;
mod rego_test;
mod sample;
mod stack;

pub use built_in::{BUILT_IN_MODULES, BUILT_IN_TESTS};
pub use evaluate::{Bounds, Error, Gate, Ruling, Spot};
pub use policy::Policy;
pub use rego_test::{TestOutcome, TestResult, run_built_in_tests, run_tests};
pub use stack::Stack;
