//! The only Rego: bundles of policy, verdicts, the gate, exceptions as code, and what application a finding belongs to.
//!
//! In: bytes of bundles and files that others read, findings, the time. Out: verdicts, a gate's answer, exceptions.
//! Never: disk, network, git or a clock (every input is given, so the same inputs give the same verdict everywhere); an
//! allowed finding because a policy failed.

pub mod application;
pub mod bundle;
pub mod exceptions;
