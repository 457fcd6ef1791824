//! Policies from outside: what a bundle can do, what it cannot, and what comes out.

mod bundles;
mod support;
