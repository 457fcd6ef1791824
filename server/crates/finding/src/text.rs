//! Lines, columns and byte offsets of one text, and the small text habits everything shares.

use std::ops::Range;

use crate::{Columns, Region};

/// Cuts a message to its first non-empty line, at most 300 characters.
#[must_use]
pub fn first_line(message: &str) -> &str {
    let line = message.trim_start().lines().next().unwrap_or("").trim_end();
    line.char_indices().nth(300).map_or(line, |(cut, _)| &line[..cut])
}

/// Where each line starts. Lines end at `\n`, `\r\n` or a lone `\r`, as in LSP and SARIF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
    len: u32,
}

impl LineIndex {
    /// Reads the whole text once.
    ///
    /// # Panics
    /// For a text of 4 GiB or more; callers bound sizes long before.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(u32::try_from(at + 1).expect("text under 4 GiB"));
            }
        }
        Self { starts, len: u32::try_from(text.len()).expect("text under 4 GiB") }
    }

    /// Number of lines; at least 1.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.starts.len()
    }

    /// Bytes of line `line` (from 0) with its line ending; `None` past the end.
    #[must_use]
    pub fn line(&self, line: usize) -> Option<Range<usize>> {
        let start = *self.starts.get(line)? as usize;
        let end = self.starts.get(line + 1).map_or(self.len as usize, |&end| end as usize);
        Some(start..end)
    }

    /// Bytes of line `line` (from 0) without its line ending.
    #[must_use]
    pub fn line_content(&self, text: &str, line: usize) -> Option<Range<usize>> {
        let range = self.line(line)?;
        let content = text[range.clone()].trim_end_matches(['\n', '\r']);
        Some(range.start..range.start + content.len())
    }

    /// Line (from 0) that holds byte `offset`.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start as usize <= offset).saturating_sub(1)
    }

    /// Byte range of `region` in `text`. Columns past a line's end are cut to it, a column inside a character means the
    /// character's start, an inverted range is empty; a line past the text's end gives `None`: never a guess.
    #[must_use]
    pub fn resolve(&self, text: &str, region: &Region) -> Option<Range<usize>> {
        let first = (region.line as usize).checked_sub(1)?;
        let last = (region.end_line as usize).checked_sub(1)?.max(first);
        let start_line = self.line_content(text, first)?;
        let start = match region.column {
            Some(column) => start_line.start + column_offset(&text[start_line.clone()], column, region.columns),
            None => start_line.start + indent(&text[start_line.clone()]),
        };
        let end = match (self.line_content(text, last), region.end_column) {
            (Some(line), Some(column)) => line.start + column_offset(&text[line], column, region.columns),
            // A region that ends on the line behind the last newline ends at the text's end.
            (Some(line), None) => line.start + text[line].trim_end().len(),
            (None, _) => text.len(),
        };
        Some(start..end.max(start))
    }
}

fn indent(line: &str) -> usize {
    if line.trim_start().is_empty() { 0 } else { line.len() - line.trim_start().len() }
}

/// Byte offset of a column (from 1) in a line; of the character's start for a column inside a character.
fn column_offset(line: &str, column: u32, columns: Columns) -> usize {
    let mut left = column.saturating_sub(1) as usize;
    if columns == Columns::Bytes {
        return line.floor_char_boundary(left);
    }
    for (at, character) in line.char_indices() {
        let width = if columns == Columns::Utf16 { character.len_utf16() } else { 1 };
        if left < width {
            return at;
        }
        left -= width;
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn region(line: u32, column: u32, end_line: u32, end_column: u32) -> Region {
        Region { line, column: Some(column), end_line, end_column: Some(end_column), columns: Columns::Characters }
    }

    #[test]
    fn columns_count_what_the_region_says() {
        let text = "x = \"\u{e9}\u{2026}\u{1F600}\"; eval(y); z = 1\n";
        let index = LineIndex::new(text);
        for (columns, column) in [(Columns::Characters, 12), (Columns::Utf16, 13), (Columns::Bytes, 18)] {
            let region = Region { columns, ..region(1, column, 1, column + 7) };
            assert_eq!(&text[index.resolve(text, &region).expect("inside")], "eval(y)", "{columns:?}");
        }
    }

    #[test]
    fn a_column_inside_a_character_means_its_start() {
        let text = "a\u{1F600}b";
        for (columns, inside) in [(Columns::Utf16, 3..=3), (Columns::Bytes, 3..=5)] {
            for column in inside {
                let region = Region { columns, ..region(1, column, 1, column) };
                assert_eq!(LineIndex::new(text).resolve(text, &region), Some(1..1), "{columns:?} {column}");
            }
        }
    }

    #[test]
    fn a_region_stored_before_columns_had_a_unit_still_reads() {
        let stored = r#"{"line": 1, "column": 2, "end_line": 1, "end_column": 3, "utf16_columns": true}"#;
        let read: Region = serde_json::from_str(stored).expect("a region");
        assert_eq!(read, region(1, 2, 1, 3));
    }

    #[test]
    fn a_region_of_a_line_alone_leaves_its_indentation_out() {
        let text = "def f():\r\n    eval(x)  \r\n";
        let index = LineIndex::new(text);
        assert_eq!(&text[index.resolve(text, &Region::line(2)).expect("inside")], "eval(x)");
        assert_eq!(index.resolve(text, &Region::line(9)), None);
    }

    fn columns() -> impl Strategy<Value = Columns> {
        prop_oneof![Just(Columns::Characters), Just(Columns::Utf16), Just(Columns::Bytes)]
    }

    fn width(text: &str, columns: Columns) -> u32 {
        let width = match columns {
            Columns::Characters => text.chars().count(),
            Columns::Utf16 => text.encode_utf16().count(),
            Columns::Bytes => text.len(),
        };
        u32::try_from(width).expect("a short text")
    }

    proptest! {
        #[test]
        fn a_part_of_a_line_is_found_by_its_columns_in_every_unit(
            before in "[a-z\u{e9}\u{2026}\u{1F600} ]{0,20}", part in "[a-z\u{e9}\u{2026}\u{1F600} ]{0,20}",
            after in "[a-z\u{e9}\u{1F600} ]{0,9}", columns in columns(),
        ) {
            let text = format!("first\n{before}{part}{after}\r\nlast");
            let column = 1 + width(&before, columns);
            let region = Region { columns, ..region(2, column, 2, column + width(&part, columns)) };
            let found = LineIndex::new(&text).resolve(&text, &region);
            prop_assert_eq!(found, Some(6 + before.len()..6 + before.len() + part.len()));
        }

        #[test]
        fn any_region_resolves_to_a_valid_range_or_nothing(
            text in "[a-z\u{e9}\u{2026}\u{1F600}\r\n ]{0,60}", columns in columns(),
            line in 0u32..9, column in 0u32..20, end_line in 0u32..9, end_column in 0u32..20,
        ) {
            let region = Region { columns, ..region(line, column, end_line, end_column) };
            if let Some(range) = LineIndex::new(&text).resolve(&text, &region) {
                prop_assert!(text.get(range).is_some());
            }
        }

        #[test]
        fn every_offset_lies_in_its_line(text in "[a-z\r\n]{0,60}", at in 0usize..60) {
            let index = LineIndex::new(&text);
            let at = at.min(text.len());
            let line = index.line(index.line_of(at)).expect("a line");
            prop_assert!(line.start <= at && (at < line.end || at == text.len()));
        }
    }
}
