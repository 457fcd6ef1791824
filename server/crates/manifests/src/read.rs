//! Readers that keep the place of every word, and keep what came before a break.

pub(crate) mod indented;
pub(crate) mod json;
pub(crate) mod table;

/// The line, from 1, that holds a byte.
pub(crate) fn line(text: &str, at: usize) -> usize {
    text[..text.floor_char_boundary(at.min(text.len()))].matches('\n').count() + 1
}
