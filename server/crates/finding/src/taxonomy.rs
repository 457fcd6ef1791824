//! CWE numbers: reading them from the tags and ids that tools write, and which is an ancestor of which.

mod cwe;

pub use cwe::{cwe_in, cwe_name, is_ancestor_or_equal};
