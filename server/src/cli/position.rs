//! Byte ranges as people count: lines and columns from 1, columns in code points.

use std::ops::Range;

use finding::text::LineIndex;
use finding::wire;

/// `bytes` of `text`; offsets past its end (the file changed meanwhile) are cut to it.
pub(super) fn range(text: &str, lines: &LineIndex, bytes: &Range<usize>) -> wire::Range {
    wire::Range { start: position(text, lines, bytes.start), end: position(text, lines, bytes.end.max(bytes.start)) }
}

fn position(text: &str, lines: &LineIndex, offset: usize) -> wire::Position {
    let offset = text.floor_char_boundary(offset);
    let line = lines.line_of(offset);
    let start = lines.line(line).map_or(0, |range| range.start);
    let column = text[start.min(offset)..offset].chars().count();
    wire::Position { line: count(line + 1), column: count(column + 1) }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_code_points() {
        let text = "a\n\u{1F600}\u{e9}b\n";
        let lines = LineIndex::new(text);
        for (offset, expected) in [(0, (1, 1)), (2, (2, 1)), (6, (2, 2)), (8, (2, 3)), (10, (3, 1)), (99, (3, 1))] {
            let found = position(text, &lines, offset);
            assert_eq!((found.line, found.column), expected, "offset {offset}");
        }
    }
}
