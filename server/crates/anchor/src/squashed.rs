//! A text without its white space, searchable, with the way back to where each byte was.

use std::ops::Range;

use memchr::memmem;

/// The text's bytes that are not white space.
pub(crate) struct Squashed {
    bytes: Vec<u8>,
    /// Offset in the original of each byte kept.
    at: Vec<usize>,
}

impl Squashed {
    pub(crate) fn new(text: &str) -> Self {
        let mut squashed = Self { bytes: Vec::with_capacity(text.len()), at: Vec::with_capacity(text.len()) };
        for (at, character) in text.char_indices().filter(|(_, character)| !character.is_whitespace()) {
            squashed.bytes.extend_from_slice(&text.as_bytes()[at..at + character.len_utf8()]);
            squashed.at.extend(at..at + character.len_utf8());
        }
        squashed
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// How many kept bytes stand before `offset` of the original.
    pub(crate) fn kept_before(&self, offset: usize) -> usize {
        self.at.partition_point(|&at| at < offset)
    }

    /// Original bytes of `range` of the kept ones.
    pub(crate) fn original(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.at.get(range.start).copied().unwrap_or(0);
        let end = range.end.checked_sub(1).and_then(|last| self.at.get(last)).map_or(start, |last| last + 1);
        start..end.max(start)
    }

    /// Where `part` occurs, as ranges of kept bytes, at most `limit`; never from or to the middle of a word.
    pub(crate) fn occurrences(&self, part: &Self, limit: usize) -> Vec<Range<usize>> {
        if part.bytes.is_empty() {
            return Vec::new();
        }
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        // Two kept bytes belong to one word when both are word bytes and nothing stood between them.
        let joined = |left: usize| {
            left + 1 < self.len()
                && is_word(self.bytes[left])
                && is_word(self.bytes[left + 1])
                && self.at[left] + 1 == self.at[left + 1]
        };
        memmem::find_iter(&self.bytes, &part.bytes)
            .map(|start| start..start + part.bytes.len())
            .filter(|range| !range.start.checked_sub(1).is_some_and(joined) && !joined(range.end - 1))
            .take(limit)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_hides_nothing_and_words_stay_whole() {
        let text = "xeval(a)\neval (\n\ta )\neval(a)b";
        let squashed = Squashed::new(text);
        let found = squashed.occurrences(&Squashed::new("eval( a)"), 9);
        let texts: Vec<&str> = found.iter().map(|range| &text[squashed.original(range)]).collect();
        assert_eq!(texts, ["eval (\n\ta )", "eval(a)"]);
    }
}
