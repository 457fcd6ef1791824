//! Which files are worth the anchor's time: those that hold flagged code, or most of the words of its lines.

use std::ops::Range;

use finding::text::LineIndex;

/// Shorter code stands in many files and proves nothing.
const LEAST_TEXT: usize = 8;
/// Fewer words are in every other file.
const LEAST_WORDS: usize = 4;

/// Flagged code that may have moved, maybe edited on the way.
pub(crate) struct Flagged {
    /// White space aside; empty where it is too short.
    text: String,
    /// Of all its lines.
    words: Vec<String>,
}

impl Flagged {
    /// The code at `range` of a scanned text.
    pub(crate) fn of(text: &str, lines: &LineIndex, range: &Range<usize>) -> Option<Self> {
        let start = lines.line(lines.line_of(range.start))?.start;
        let end = lines.line(lines.line_of(range.end))?.end;
        Self::told(text.get(range.clone())?, text.get(start..end)?)
    }

    /// The same where only the code itself is known.
    pub(crate) fn of_snippet(snippet: &str) -> Option<Self> {
        Self::told(snippet, snippet)
    }

    fn told(code: &str, lines: &str) -> Option<Self> {
        // Too short by itself, it is known by its line.
        let text =
            [squeezed(code), squeezed(lines)].into_iter().find(|text| text.len() >= LEAST_TEXT).unwrap_or_default();
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let mut words: Vec<String> =
            lines.split(|character| !is_word(character)).filter(|word| word.len() > 1).map(str::to_owned).collect();
        words.sort_unstable();
        words.dedup();
        if words.len() < LEAST_WORDS {
            words.clear();
        }
        (!text.is_empty() || !words.is_empty()).then_some(Self { text, words })
    }

    /// How well `text` may hold it: 0 whole, 1 edited; `None`: hardly.
    pub(crate) fn rank_in(&self, text: &str, squeezed: &str) -> Option<u8> {
        if !self.text.is_empty() && squeezed.contains(&self.text) {
            return Some(0);
        }
        let held = self.words.iter().filter(|word| text.contains(word.as_str())).count();
        (!self.words.is_empty() && held * 3 >= self.words.len() * 2).then_some(1)
    }
}

/// Without white space, which formatters move.
pub(crate) fn squeezed(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

/// The best rank of several in one text.
pub(crate) fn best_rank(wanted: &[Flagged], text: &str) -> Option<u8> {
    let squeezed = squeezed(text);
    wanted.iter().filter_map(|flagged| flagged.rank_in(text, &squeezed)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_recognised_whole_rewrapped_or_by_most_of_its_lines_words() {
        let scanned = "def load(path):\n    return yaml.load(open(path), Loader=yaml.Loader)\n";
        let range = scanned.find("yaml.load").expect("there")..scanned.len() - 1;
        let wanted = [Flagged::of(scanned, &LineIndex::new(scanned), &range).expect("long enough")];
        for (text, rank) in [
            ("x = yaml.load(\n    open(path),\n    Loader=yaml.Loader)", Some(0)),
            ("return yaml.load(open(name), Loader=yaml.FullLoader)", Some(1)),
            ("return json.load(open(name))", None),
            ("", None),
        ] {
            assert_eq!(best_rank(&wanted, text), rank, "{text:?}");
        }
        assert!(Flagged::of_snippet("x()").is_none(), "too little to go by");
    }
}
