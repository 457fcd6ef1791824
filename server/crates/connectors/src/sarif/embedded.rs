//! The text of a scanned file that the log carries along, with quick ways between offsets, lines and bytes.

use std::cmp::Ordering;
use std::ops::Range;

use finding::{Columns, Region};

/// A position in the text, by every count a log may use. Line and columns from 1.
#[derive(Debug, Clone, Copy)]
struct Mark {
    byte: usize,
    points: u64,
    units: u64,
    line: u32,
    /// Byte of the line's first character.
    line_start: usize,
    column_points: u32,
    column_units: u32,
}

impl Mark {
    const START: Self =
        Self { byte: 0, points: 0, units: 0, line: 1, line_start: 0, column_points: 1, column_units: 1 };

    /// How much of the text lies before it.
    fn offset(&self, count: Columns) -> u64 {
        match count {
            Columns::Bytes => self.byte as u64,
            Columns::Characters => self.points,
            Columns::Utf16 => self.units,
        }
    }

    fn column(&self, count: Columns) -> u32 {
        match count {
            Columns::Bytes => u32::try_from(self.byte - self.line_start + 1).unwrap_or(u32::MAX),
            Columns::Characters => self.column_points,
            Columns::Utf16 => self.column_units,
        }
    }
}

const STEP: u64 = 1_024;

/// A text with marks every 1,024 characters, so that one look-up costs the same in a file of any size or line length.
#[derive(Debug)]
pub(super) struct EmbeddedText {
    text: String,
    marks: Vec<Mark>,
}

impl EmbeddedText {
    pub(super) fn new(text: String) -> Self {
        let mut mark = Mark::START;
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

    /// The region of `length` from `offset`, both in `count`, with columns in `columns`; `None` when it does not lie in
    /// the text.
    pub(super) fn region(&self, offset: u64, length: u64, count: Columns, columns: Columns) -> Option<Region> {
        let end = offset.checked_add(length)?;
        let start = self.seek(|mark| mark.offset(count).cmp(&offset))?;
        let end = self.seek(|mark| mark.offset(count).cmp(&end))?;
        Some(Region {
            line: start.line,
            column: Some(start.column(columns)),
            end_line: end.line,
            end_column: Some(end.column(columns)),
            columns,
        })
    }

    /// The text of `region`, whole lines where it names no columns.
    pub(super) fn slice(&self, region: &Region) -> Option<&str> {
        self.text.get(self.bytes(region)?)
    }

    fn bytes(&self, region: &Region) -> Option<Range<usize>> {
        let place = |mark: &Mark| (mark.line, mark.column(region.columns));
        let start = self.seek(|mark| place(mark).cmp(&(region.line, region.column.unwrap_or(1))))?;
        let end = if let Some(column) = region.end_column {
            self.seek(|mark| place(mark).cmp(&(region.end_line, column)))?.byte
        } else {
            let from = self.seek(|mark| mark.line.cmp(&region.end_line))?.byte.max(start.byte);
            self.text[from..].find(['\n', '\r']).map_or(self.text.len(), |at| from + at)
        };
        (start.line == region.line).then_some(start.byte..end.max(start.byte))
    }

    /// The first position that is not less than the wanted one by `order`, which must grow along the text; the start
    /// of the character when the wanted one lies inside of it; `None` past the text's end.
    fn seek(&self, order: impl Fn(&Mark) -> Ordering) -> Option<Mark> {
        let before = self.marks.partition_point(|mark| order(mark).is_lt()).saturating_sub(1);
        let mut mark = self.marks[before];
        let mut last = mark;
        let mut characters = self.text[mark.byte..].chars().peekable();
        loop {
            match order(&mark) {
                Ordering::Less => last = mark,
                Ordering::Greater if last.line == mark.line => return Some(last),
                Ordering::Equal | Ordering::Greater => return Some(mark),
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
        (out.line, out.line_start, out.column_points, out.column_units) = (mark.line + 1, out.byte, 1, 1);
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
            let region = text.region(offset, length, count, Columns::Characters)?;
            text.slice(&region).map(|slice| (slice, region.line, region.column))
        };
        assert_eq!(found(5, 3, Columns::Characters), Some(("md5", 2, Some(1))));
        assert_eq!(found(6, 3, Columns::Utf16), Some(("md5", 2, Some(1))));
        assert_eq!(found(8, 3, Columns::Bytes), Some(("md5", 2, Some(1))));
        assert_eq!(found(8, 300, Columns::Bytes), None);
        assert_eq!(found(u64::MAX, 2, Columns::Bytes), None);
    }

    #[test]
    fn a_line_alone_is_sliced_whole() {
        let text = EmbeddedText::new("one\n  two\nthree".to_owned());
        assert_eq!(text.slice(&Region::line(2)), Some("  two"));
        assert_eq!(text.slice(&Region { end_line: 3, ..Region::line(2) }), Some("  two\nthree"));
        assert_eq!(text.slice(&Region::line(4)), None);
    }

    #[test]
    fn what_starts_or_ends_inside_a_character_does_so_at_its_start() {
        let text = EmbeddedText::new("one\na\u{1F600}bc\n".to_owned());
        for (columns, column) in [(Columns::Utf16, 3), (Columns::Bytes, 3), (Columns::Bytes, 5)] {
            let from = Region { column: Some(column), columns, ..Region::line(2) };
            let until = Region { column: Some(1), end_column: Some(column), ..from };
            assert_eq!(text.slice(&until), Some("a"), "{columns:?} {column}");
            assert_eq!(text.slice(&from), Some("\u{1F600}bc"), "{columns:?} {column}");
            let region = text.region(4 + u64::from(column) - 1, 0, columns, columns).expect("inside");
            assert_eq!(region.column, Some(2), "{columns:?} {column}");
        }
    }

    fn unit() -> impl Strategy<Value = Columns> {
        prop_oneof![Just(Columns::Characters), Just(Columns::Utf16), Just(Columns::Bytes)]
    }

    fn width(text: &str, count: Columns) -> u64 {
        let width = match count {
            Columns::Characters => text.chars().count(),
            Columns::Utf16 => text.encode_utf16().count(),
            Columns::Bytes => text.len(),
        };
        width as u64
    }

    proptest! {
        #[test]
        fn what_an_offset_names_is_what_the_shared_line_index_finds(
            text in "[a-z\u{e9}\u{2026}\u{1F600}\r\n ]{0,3000}", at in 0usize..3000, length in 0usize..40,
            count in unit(), columns in unit(),
        ) {
            let characters: Vec<char> = text.chars().collect();
            let start = at.min(characters.len());
            let end = (start + length).min(characters.len());
            let wanted: String = characters[start..end].iter().collect();
            let before: String = characters[..start].iter().collect();
            let embedded = EmbeddedText::new(text.clone());
            let region = embedded.region(width(&before, count), width(&wanted, count), count, columns).expect("inside");
            let found = LineIndex::new(&text).resolve(&text, &region).expect("resolves");
            // The line index leaves out a line ending at either end.
            prop_assert_eq!(text[found].trim_matches(['\r', '\n']), wanted.trim_matches(['\r', '\n']));
        }
    }
}
