//! One replacement in a text, in the terms a tree needs to follow it: bytes, and rows with byte columns.

use std::ops::Range;

/// A row (from 0, rows end at `\n` only) and a byte column (from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Number of `\n` before it.
    pub row: usize,
    /// Bytes since the last `\n`.
    pub column: usize,
}

impl Position {
    /// The position of byte `offset` of `text`; past the end is the end.
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        Self::default().after(&text.as_bytes()[..offset.min(text.len())])
    }

    fn after(self, passed: &[u8]) -> Self {
        match passed.iter().rposition(|&byte| byte == b'\n') {
            None => Self { row: self.row, column: self.column + passed.len() },
            Some(last) => {
                let rows = passed.iter().map(|&byte| usize::from(byte == b'\n')).sum::<usize>();
                Self { row: self.row + rows, column: passed.len() - last - 1 }
            }
        }
    }

    pub(crate) fn point(self) -> tree_sitter::Point {
        tree_sitter::Point { row: self.row, column: self.column }
    }
}

/// One replacement: bytes `start..old_end` of the old text became bytes `start..new_end` of the new text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// First byte that differs, in both texts.
    pub start: usize,
    /// End of the replaced bytes in the old text.
    pub old_end: usize,
    /// End of the inserted bytes in the new text.
    pub new_end: usize,
    /// Where `start` is, in both texts.
    pub start_position: Position,
    /// Where `old_end` is in the old text.
    pub old_end_position: Position,
    /// Where `new_end` is in the new text.
    pub new_end_position: Position,
}

impl Edit {
    /// The replacement of `range` of `old` by `inserted`. Reads `old` up to the range's end.
    #[must_use]
    pub fn replace(old: &str, range: Range<usize>, inserted: &str) -> Self {
        let start = range.start.min(old.len());
        let old_end = range.end.clamp(start, old.len());
        let start_position = Position::of(old, start);
        Self {
            start,
            old_end,
            new_end: start + inserted.len(),
            start_position,
            old_end_position: start_position.after(&old.as_bytes()[start..old_end]),
            new_end_position: start_position.after(inserted.as_bytes()),
        }
    }

    /// The smallest single replacement that turns `old` into `new`; `None` when they are equal.
    #[must_use]
    pub fn between(old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        let equal = |(a, b): &(u8, u8)| a == b;
        let mut start = old.bytes().zip(new.bytes()).take_while(equal).count();
        while !(old.is_char_boundary(start) && new.is_char_boundary(start)) {
            start -= 1;
        }
        let rest = (old.len() - start).min(new.len() - start);
        let mut tail = old.bytes().rev().zip(new.bytes().rev()).take(rest).take_while(equal).count();
        while !(old.is_char_boundary(old.len() - tail) && new.is_char_boundary(new.len() - tail)) {
            tail -= 1;
        }
        Some(Self::replace(old, start..old.len() - tail, &new[start..new.len() - tail]))
    }

    pub(crate) fn input(&self) -> tree_sitter::InputEdit {
        tree_sitter::InputEdit {
            start_byte: self.start,
            old_end_byte: self.old_end,
            new_end_byte: self.new_end,
            start_position: self.start_position.point(),
            old_end_position: self.old_end_position.point(),
            new_end_position: self.new_end_position.point(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn positions_count_line_feeds_and_bytes() {
        let edit = Edit::replace("ab\ncd\nef", 4..7, "x\r\ny\u{e9}");
        assert_eq!(edit.start_position, Position { row: 1, column: 1 });
        assert_eq!(edit.old_end_position, Position { row: 2, column: 1 });
        assert_eq!(edit.new_end_position, Position { row: 2, column: 3 });
        assert_eq!((edit.start, edit.old_end, edit.new_end), (4, 7, 10));
    }

    proptest! {
        #[test]
        fn the_edit_between_two_texts_turns_one_into_the_other(
            old in "[ab\n\u{e9}\u{ea}]{0,12}", new in "[ab\n\u{e9}\u{ea}]{0,12}",
        ) {
            match Edit::between(&old, &new) {
                None => prop_assert_eq!(old, new),
                Some(edit) => {
                    let mut made = old.clone();
                    made.replace_range(edit.start..edit.old_end, &new[edit.start..edit.new_end]);
                    prop_assert_eq!(&made, &new);
                    prop_assert_eq!(edit.new_end_position, Position::of(&new, edit.new_end));
                    prop_assert_eq!(edit.old_end_position, Position::of(&old, edit.old_end));
                }
            }
        }
    }
}
