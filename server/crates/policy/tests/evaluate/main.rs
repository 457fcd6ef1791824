//! Policies from outside: what a bundle can do, what it cannot, and what comes out.

mod answers;
mod bundles;
mod gate;
mod hostile;
mod packages;
mod refused;
mod rego_tests;
mod stack;
mod support;
mod triage;
