//! The lines of a text that a picture shows: harmless, and cut around the range where they are too long to go through.

use std::ops::Range;

use finding::text::LineIndex;

use crate::cli::position;
use crate::present::safe;

/// More lines than this are told by their first.
const MOST_LINES: usize = 6;
/// Longer lines, in bytes, are cut by us; shorter ones by the renderer, which knows their columns.
const LONGEST_LINE: usize = 4_000;
/// Columns that line numbers and marks take.
const GUTTER: usize = 9;
/// Characters kept before a range in a line that is cut.
const BEFORE: usize = 24;

/// A few lines and the bytes of them that are underlined.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) struct Window {
    /// The lines, joined by `\n`.
    pub(in crate::cli) source: String,
    /// Number of the first, from 1.
    pub(in crate::cli) line: usize,
    /// Column of the range's start in the file, from 1, in code points.
    pub(in crate::cli) column: usize,
    /// Bytes of `source`.
    pub(in crate::cli) span: Range<usize>,
    /// Whether the first line lacks its beginning, so that columns cannot be counted in it.
    pub(in crate::cli) is_cut: bool,
}

impl Window {
    /// `range` is cut to the text: the file may have changed since it was placed.
    pub(in crate::cli) fn of(text: &str, lines: &LineIndex, range: &Range<usize>, width: usize) -> Self {
        let start = text.floor_char_boundary(range.start.min(text.len()));
        let end = text.floor_char_boundary(range.end.clamp(start, text.len()));
        let first = lines.line_of(start);
        let content = |line| lines.line_content(text, line).unwrap_or(start..start);
        // An end at the beginning of a line is the end of the one before.
        let last = if end > start { lines.line_of(end - 1) } else { first };
        let is_long = |line| content(line).len() > LONGEST_LINE;
        let is_whole = last - first < MOST_LINES && !(first..=last).any(is_long);
        let last = if is_whole { last } else { first };
        let column = position::range(text, lines, &(start..end)).start.column as usize;
        let mut window = Self { source: String::new(), line: first + 1, column, span: 0..0, is_cut: false };
        for line in first..=last {
            let content = content(line);
            let shown = match (is_long(line), first == last) {
                (true, _) => around(text, &content, start, width),
                (false, true) => content.start..fitting(text, &content, &(start..end), width),
                (false, false) => content.clone(),
            };
            if line > first {
                window.source.push('\n');
            }
            window.push(text, &shown, &content, &(start..end));
        }
        window.span.end = window.span.end.max(window.span.start);
        window
    }

    fn push(&mut self, text: &str, shown: &Range<usize>, line: &Range<usize>, range: &Range<usize>) {
        let is_cut_before = shown.start > line.start;
        let is_first = range.start >= line.start;
        if is_cut_before {
            self.source.push('\u{2026}');
            self.is_cut = true;
        }
        if is_first {
            self.span = self.source.len()..self.source.len();
        }
        for (at, character) in text[shown.clone()].char_indices().map(|(at, character)| (shown.start + at, character)) {
            if is_first && at == range.start {
                self.span.start = self.source.len();
            }
            self.source.push(harmless(character));
            if at < range.end {
                self.span.end = self.source.len();
            }
        }
        if is_first && range.start >= shown.end {
            self.span = self.source.len()..self.source.len();
        }
        if shown.end < line.end {
            self.source.push('\u{2026}');
        }
    }

    /// Whether `label` can stand behind the underline.
    pub(in crate::cli) fn fits(&self, label: &str, width: usize) -> bool {
        let line_start = self.source[..self.span.end].rfind('\n').map_or(0, |at| at + 1);
        let line = &self.source[line_start..];
        if self.source[..self.span.start].len() < line_start || line.contains('\n') {
            return false;
        }
        let tabs = line.matches('\t').count() * 3;
        let before = self.source[line_start..self.span.end].chars().count() + tabs;
        let gutter = self.line.to_string().len() + 4;
        gutter + before + 1 + label.chars().count() <= width
    }
}

/// Where to end a line whose range is wider than the terminal, which the renderer would let run over.
fn fitting(text: &str, line: &Range<usize>, range: &Range<usize>, width: usize) -> usize {
    let room = width.saturating_sub(GUTTER);
    let start = range.start.clamp(line.start, line.end);
    let before = text[line.start..start].chars().count();
    if before + text[start..range.end.clamp(start, line.end)].chars().count() <= room {
        return line.end;
    }
    let kept = room - before.min(room / 2);
    text[start..line.end].char_indices().nth(kept).map_or(line.end, |(at, _)| start + at)
}

fn around(text: &str, line: &Range<usize>, start: usize, width: usize) -> Range<usize> {
    let start = start.clamp(line.start, line.end);
    let from =
        text[line.start..start].char_indices().rev().nth(BEFORE - 1).map_or(line.start, |(at, _)| line.start + at);
    let kept = width.saturating_sub(BEFORE).max(BEFORE);
    let to = text[start..line.end].char_indices().nth(kept).map_or(line.end, |(at, _)| start + at);
    from..to
}

/// The character, or a mark in place of one that shows nothing itself but changes what is shown.
fn harmless(character: char) -> char {
    if character == '\t' || character == ' ' || character.is_ascii_graphic() {
        return character;
    }
    let between = format!("x{character}x");
    if character != '\n' && safe::terminal(&between) == between { character } else { '\u{fffd}' }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window(text: &str, range: Range<usize>) -> Window {
        Window::of(text, &LineIndex::new(text), &range, 80)
    }

    #[test]
    fn a_short_line_is_shown_whole_with_its_range() {
        let found = window("a\n  eval(x)\nb\n", 4..11);
        assert_eq!((found.source.as_str(), found.line, found.column), ("  eval(x)", 2, 3));
        assert_eq!(&found.source[found.span], "eval(x)");
    }

    #[test]
    fn a_minified_line_is_cut_around_the_range() {
        let text = format!("{}eval(x){}", "a;".repeat(50_000), "b;".repeat(50_000));
        let found = window(&text, 100_000..100_007);
        assert_eq!(&found.source[found.span.clone()], "eval(x)");
        assert!(found.source.chars().count() < 90, "{}", found.source);
        assert_eq!(found.column, 100_001);
    }

    #[test]
    fn a_range_wider_than_the_terminal_ends_with_it() {
        let text = format!("  f({})\n", "x, ".repeat(60));
        let found = window(&text, 2..text.len() - 1);
        assert!(found.source.ends_with('\u{2026}') && found.source.chars().count() <= 80, "{}", found.source);
        assert_eq!((found.span, found.is_cut), (2..found.source.len() - '\u{2026}'.len_utf8(), false));
    }

    #[test]
    fn a_long_block_is_told_by_its_first_line() {
        let text = "f(\n1,\n2,\n3,\n4,\n5,\n6,\n)\n";
        assert_eq!(window(text, 0..22).source, "f(");
        assert_eq!(window("f(\n1\n)\n", 0..6).source, "f(\n1\n)");
    }

    #[test]
    fn what_would_move_the_cursor_or_reorder_text_is_marked() {
        let found = window("a\u{1b}[31m\u{202e}b\n", 0..1);
        assert_eq!(found.source, "a\u{fffd}[31m\u{fffd}b");
    }

    proptest! {
        #[test]
        fn any_range_of_any_text_has_a_window(
            text in "[a-z\u{e9}\u{1F600}\t\r\n ]{0,400}", start in 0usize..2000, len in 0usize..500,
        ) {
            let found = window(&text, start..start + len);
            prop_assert!(found.source.get(found.span.clone()).is_some(), "{found:?}");
        }
    }
}
