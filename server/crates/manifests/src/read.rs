//! Readers that keep the place of every word, and keep what came before a break.

pub(crate) mod indented;
pub(crate) mod json;
pub(crate) mod table;
