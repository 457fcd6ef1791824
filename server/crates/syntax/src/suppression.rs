//! The comments by which developers tell a tool to be quiet: read the way each tool reads its own, and written so that
//! they are read.
//!
//! Recognised by text, so it works in a file that does not parse; [`crate::Parsed::is_comment`] settles a doubt. Writing
//! needs a parse, and what it writes is read back before it is given out.

mod applies;
mod candidates;
mod markers;
mod merge;
mod read;
mod ways;
mod wording;
mod write;

use std::ops::Range;

pub use markers::Tool;
pub use wording::{Offer, offer};
pub use write::{Refused, Wish, suppress};

use crate::{Language, place::clamp};

/// One suppression comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Whose comment it is.
    pub tool: Tool,
    /// The rules it names, as written; empty means every rule of the tool.
    pub rules: Vec<String>,
    /// Bytes of the directive, from its first word to the end of its line or comment.
    pub range: Range<usize>,
    /// Bytes of the whole lines in which it silences the tool.
    pub covers: Range<usize>,
    /// The directive as written, with the reason if one is given.
    pub text: String,
}

/// All suppression comments of one text, found in one pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suppressions {
    found: Vec<Suppression>,
}

impl Suppressions {
    /// Reads a text. Without a language every usual comment sign counts.
    #[must_use]
    pub fn of(language: Option<Language>, text: &str) -> Self {
        Self { found: read::all(language, text) }
    }

    /// Those that silence their tool on a line of `range`, in the order of the text.
    pub fn at<'s>(&'s self, text: &str, range: Range<usize>) -> impl Iterator<Item = &'s Suppression> + use<'s> {
        let lines = lines_of(text, range);
        self.found.iter().filter(move |one| one.covers.start < lines.end && lines.start < one.covers.end)
    }

    /// Every one, in the order of the text.
    #[must_use]
    pub fn all(&self) -> &[Suppression] {
        &self.found
    }
}

/// The suppressions that hold on the lines of a byte range: on a line itself, on the line above where the tool reads
/// that, or from a block or file comment. Reads the whole text; for many ranges of one text use [`Suppressions`].
#[must_use]
pub fn suppressions_at(language: Option<Language>, text: &str, range: Range<usize>) -> Vec<Suppression> {
    Suppressions::of(language, text).at(text, range).cloned().collect()
}

/// The range widened to whole lines, never empty unless the text is.
fn lines_of(text: &str, range: Range<usize>) -> Range<usize> {
    let range = clamp(text, range);
    let last = range.end.max(range.start + 1).min(text.len()).saturating_sub(1).max(range.start.min(text.len()));
    let start = text.as_bytes()[..range.start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let end = text.as_bytes()[last..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| last + at + 1);
    start..end
}
