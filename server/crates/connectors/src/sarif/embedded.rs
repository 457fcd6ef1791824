//! The text of a scanned file that the log carries along, with quick ways between offsets, lines and bytes.

use std::ops::Range;

use finding::Region;

/// A position in the text, by every count a log may use. Line and columns from 1.
#[derive(Debug, Clone, Copy)]
struct Mark {
    byte: usize,
    points: u64,
    units: u64,
    line: u32,
    column_points: u32,
    column_units: u32,
}

const STEP: u64 = 1_024;

/// A text with marks every 1,024 characters, so that one look-up costs the same in a file of any size or line length.
#[derive(Debug)]
pub(super) struct EmbeddedText {
    text: String,
    marks: Vec<Mark>,
}

/// What an offset counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Bytes,
    CodePoints,
    Utf16Units,
}

impl EmbeddedText {
    pub(super) fn new(text: String) -> Self {
        let mut mark = Mark { byte: 0, points: 0, units: 0, line: 1, column_points: 1, column_units: 1 };
        let mut marks = vec![mark];
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            mark = after(mark, character, characters.peek().copied());
            if mark.points.is_multiple_of(STEP) {
                marks.push(mark);
            }
        }
        Self { text, marks }
    }

    /// The region of `length` counts from `offset`; `None` when it does not lie in the text.
    pub(super) fn region(&self, offset: u64, length: u64, count: Count, utf16: bool) -> Option<Region> {
        let of = |mark: &Mark| match count {
            Count::Bytes => mark.byte as u64,
            Count::CodePoints => mark.points,
            Count::Utf16Units => mark.units,
        };
        let start = self.seek(|mark| of(mark) >= offset)?;
        let end = offset.checked_add(length)?;
        let end = self.seek(|mark| of(mark) >= end)?;
        let column = |mark: Mark| if utf16 { mark.column_units } else { mark.column_points };
        Some(Region {
            line: start.line,
            column: Some(column(start)),
            end_line: end.line,
            end_column: Some(column(end)),
            utf16_columns: utf16,
        })
    }

    /// The text of `region`, whole lines where it names no columns.
    pub(super) fn slice(&self, region: &Region) -> Option<&str> {
        self.text.get(self.bytes(region)?)
    }

    fn bytes(&self, region: &Region) -> Option<Range<usize>> {
        let reached = |mark: &Mark, line: u32, column: u32| {
            let here = if region.utf16_columns { mark.column_units } else { mark.column_points };
            mark.line > line || (mark.line == line && here >= column)
        };
        let start = self.seek(|mark| reached(mark, region.line, region.column.unwrap_or(1)))?;
        let end = if let Some(column) = region.end_column {
            self.seek(|mark| reached(mark, region.end_line, column))?.byte
        } else {
            let from = self.seek(|mark| mark.line >= region.end_line)?.byte.max(start.byte);
            self.text[from..].find(['\n', '\r']).map_or(self.text.len(), |at| from + at)
        };
        (start.line == region.line).then_some(start.byte..end.max(start.byte))
    }

    /// The first position that `is_reached`, which must stay true from there on; `None` past the text's end.
    fn seek(&self, is_reached: impl Fn(&Mark) -> bool) -> Option<Mark> {
        let before = self.marks.partition_point(|mark| !is_reached(mark)).saturating_sub(1);
        let mut mark = self.marks[before];
        let mut characters = self.text[mark.byte..].chars().peekable();
        loop {
            if is_reached(&mark) {
                return Some(mark);
            }
            let character = characters.next()?;
            mark = after(mark, character, characters.peek().copied());
        }
    }
}

fn after(mark: Mark, character: char, next: Option<char>) -> Mark {
    let units = if character.len_utf16() == 2 { 2 } else { 1 };
    let mut out = Mark {
        byte: mark.byte + character.len_utf8(),
        points: mark.points + 1,
        units: mark.units + u64::from(units),
        ..mark
    };
    if character == '\n' || (character == '\r' && next != Some('\n')) {
        (out.line, out.column_points, out.column_units) = (mark.line + 1, 1, 1);
    } else {
        out.column_points += 1;
        out.column_units += units;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use finding::text::LineIndex;
    use proptest::prelude::*;

    #[test]
    fn offsets_become_lines_and_columns() {
        let text = EmbeddedText::new("a\u{1F600}b\r\nmd5(x)\n".to_owned());
        let found = |offset, length, count| {
            let region = text.region(offset, length, count, false)?;
            text.slice(&region).map(|slice| (slice, region.line, region.column))
        };
        assert_eq!(found(5, 3, Count::CodePoints), Some(("md5", 2, Some(1))));
        assert_eq!(found(6, 3, Count::Utf16Units), Some(("md5", 2, Some(1))));
        assert_eq!(found(8, 3, Count::Bytes), Some(("md5", 2, Some(1))));
        assert_eq!(found(8, 300, Count::Bytes), None);
        assert_eq!(found(u64::MAX, 2, Count::Bytes), None);
    }

    #[test]
    fn a_line_alone_is_sliced_whole() {
        let text = EmbeddedText::new("one\n  two\nthree".to_owned());
        assert_eq!(text.slice(&Region::line(2)), Some("  two"));
        assert_eq!(text.slice(&Region { end_line: 3, ..Region::line(2) }), Some("  two\nthree"));
        assert_eq!(text.slice(&Region::line(4)), None);
    }

    proptest! {
        #[test]
        fn what_an_offset_names_is_what_the_shared_line_index_finds(
            text in "[a-z\u{e9}\u{1F600}\r\n ]{0,3000}", at in 0usize..3000, length in 0usize..40, utf16 in any::<bool>(),
        ) {
            let characters: Vec<char> = text.chars().collect();
            let start = at.min(characters.len());
            let end = (start + length).min(characters.len());
            let wanted: String = characters[start..end].iter().collect();
            let embedded = EmbeddedText::new(text.clone());
            let region = embedded.region(start as u64, (end - start) as u64, Count::CodePoints, utf16).expect("inside");
            let found = LineIndex::new(&text).resolve(&text, &region).expect("resolves");
            // The line index leaves out a line ending at either end.
            prop_assert_eq!(text[found].trim_matches(['\r', '\n']), wanted.trim_matches(['\r', '\n']));
        }
    }
}
