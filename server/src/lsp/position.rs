//! Between LSP positions in the client's encoding and byte offsets. Nothing else converts.

use std::ops::Range as Bytes;

use engine::ByteEdit;
use finding::text::LineIndex;
use lsp_types::{Position, PositionEncodingKind, Range};
use serde::{Deserialize, Serialize};

/// One change of a text. A type of our own: the protocol's, an untagged union, takes a change whose range cannot be read
/// for a whole text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ContentChange {
    /// What is replaced; without it, all.
    pub(crate) range: Option<Range>,
    pub(crate) text: String,
}

/// How a client counts columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Encoding {
    Utf8,
    #[default]
    Utf16,
    Utf32,
}

impl Encoding {
    /// The best both sides know: bytes if offered, for they need no conversion.
    pub(crate) fn negotiate(offered: Option<&[PositionEncodingKind]>) -> Self {
        let offered = offered.unwrap_or_default();
        if offered.contains(&PositionEncodingKind::UTF8) {
            Self::Utf8
        } else if !offered.contains(&PositionEncodingKind::UTF16) && offered.contains(&PositionEncodingKind::UTF32) {
            Self::Utf32
        } else {
            Self::Utf16
        }
    }

    pub(crate) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn width(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// Byte offset of a position. Past a line's end is its end, past the text is the text's end (LSP 3.17, Position).
pub(crate) fn offset(text: &str, lines: &LineIndex, position: Position, encoding: Encoding) -> usize {
    let Some(line) = lines.line_content(text, position.line as usize) else { return text.len() };
    let mut left = position.character as usize;
    for (at, character) in text[line.clone()].char_indices() {
        let width = encoding.width(character);
        if left < width {
            return line.start + at;
        }
        left -= width;
    }
    line.end
}

/// Byte range of a range; inverted ones are turned round.
pub(crate) fn bytes(text: &str, lines: &LineIndex, range: Range, encoding: Encoding) -> Bytes<usize> {
    let start = offset(text, lines, range.start, encoding);
    let end = offset(text, lines, range.end, encoding);
    start.min(end)..start.max(end)
}

/// How many columns a text takes, as the client counts.
pub(crate) fn width(text: &str, encoding: Encoding) -> u32 {
    let width: usize = text.chars().map(|character| encoding.width(character)).sum();
    u32::try_from(width).unwrap_or(u32::MAX)
}

/// Position of a byte offset.
pub(crate) fn position(text: &str, lines: &LineIndex, offset: usize, encoding: Encoding) -> Position {
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let line = lines.line_of(offset);
    let start = lines.line(line).map_or(0, |line| line.start);
    let passed = &text[start..offset];
    let character = match encoding {
        Encoding::Utf8 => passed.len(),
        _ if passed.is_ascii() => passed.len(),
        _ => passed.chars().map(|character| encoding.width(character)).sum(),
    };
    Position { line: to_u32(line), character: to_u32(character) }
}

/// Range of a byte range.
pub(crate) fn range(text: &str, lines: &LineIndex, bytes: &Bytes<usize>, encoding: Encoding) -> Range {
    Range { start: position(text, lines, bytes.start, encoding), end: position(text, lines, bytes.end, encoding) }
}

/// The client's changes as byte edits, in order; each is read against the text after those before it.
pub(crate) fn edits(text: &str, lines: &LineIndex, changes: Vec<ContentChange>, encoding: Encoding) -> Vec<ByteEdit> {
    let mut edits: Vec<ByteEdit> = Vec::with_capacity(changes.len());
    let mut now: Option<(String, LineIndex)> = None;
    for change in changes {
        // A second change is rare; only then the text after the first is made here.
        if let Some(last) = edits.last() {
            let mut current = now.take().map_or_else(|| text.to_owned(), |(text, _)| text);
            current.replace_range(last.range.clone(), &last.text);
            let lines = LineIndex::new(&current);
            now = Some((current, lines));
        }
        let (text, lines) = now.as_ref().map_or((text, lines), |(text, lines)| (text.as_str(), lines));
        edits.push(match change.range {
            Some(range) => ByteEdit { range: bytes(text, lines, range, encoding), text: change.text },
            None => replaced(text, &change.text),
        });
    }
    edits
}

/// A whole new text as the smallest edit, so that clients without incremental sync keep their placements.
fn replaced(old: &str, new: &str) -> ByteEdit {
    let mut start = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    start = old.floor_char_boundary(start).min(new.floor_char_boundary(start));
    let most = old.len().min(new.len()) - start;
    let mut tail = old.bytes().rev().zip(new.bytes().rev()).take(most).take_while(|(a, b)| a == b).count();
    while !old.is_char_boundary(old.len() - tail) || !new.is_char_boundary(new.len() - tail) {
        tail -= 1;
    }
    ByteEdit { range: start..old.len() - tail, text: new[start..new.len() - tail].to_owned() }
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "[a-z\u{e9}\u{1F600}\r\n]{0,40}";

    /// The simplest possible reading of the specification.
    fn reference(text: &str, position: Position, encoding: Encoding) -> usize {
        let mut at = 0;
        let mut line = 0;
        let bytes = text.as_bytes();
        while line < position.line {
            match bytes[at..].iter().position(|b| *b == b'\n' || *b == b'\r') {
                None => return text.len(),
                Some(found) => {
                    at += found;
                    at += if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
                    line += 1;
                }
            }
        }
        let mut units = 0;
        for character in text[at..].chars() {
            let width = match encoding {
                Encoding::Utf8 => character.len_utf8(),
                Encoding::Utf16 => character.len_utf16(),
                Encoding::Utf32 => 1,
            };
            if character == '\n' || character == '\r' || units + width > position.character as usize {
                break;
            }
            units += width;
            at += character.len_utf8();
        }
        at
    }

    fn encoding() -> impl Strategy<Value = Encoding> {
        prop_oneof![Just(Encoding::Utf8), Just(Encoding::Utf16), Just(Encoding::Utf32)]
    }

    proptest! {
        #[test]
        fn offsets_are_what_the_specification_says(text in TEXT, line in 0u32..6, character in 0u32..50, encoding in encoding()) {
            let position = Position { line, character };
            prop_assert_eq!(offset(&text, &LineIndex::new(&text), position, encoding), reference(&text, position, encoding));
        }

        #[test]
        fn an_offset_survives_the_way_out_and_back(text in TEXT, at in 0usize..60, encoding in encoding()) {
            let lines = LineIndex::new(&text);
            let at = text.floor_char_boundary(at.min(text.len()));
            let back = offset(&text, &lines, position(&text, &lines, at, encoding), encoding);
            // Inside a line ending every position is the line's end.
            prop_assert!(back == at || text[back..at].chars().all(|c| c == '\r' || c == '\n'));
        }

        #[test]
        fn changes_give_the_text_the_client_has(
            text in TEXT, encoding in encoding(),
            changes in proptest::collection::vec((0u32..5, 0u32..9, 0u32..5, 0u32..9, "[x\u{e9}\n]{0,4}"), 1..5), whole in proptest::option::of(TEXT),
        ) {
            let mut expected = text.clone();
            let mut events = Vec::new();
            for (a, b, c, d, new) in changes {
                let range = Range { start: Position { line: a, character: b }, end: Position { line: c, character: d } };
                let (start, end) = (reference(&expected, range.start, encoding), reference(&expected, range.end, encoding));
                expected.replace_range(start.min(end)..start.max(end), &new);
                events.push(ContentChange { range: Some(range), text: new });
            }
            if let Some(whole) = whole {
                events.push(ContentChange { range: None, text: whole.clone() });
                expected = whole;
            }
            let mut got = text.clone();
            for edit in edits(&text, &LineIndex::new(&text), events, encoding) {
                got.replace_range(edit.range, &edit.text);
            }
            prop_assert_eq!(got, expected);
        }
    }
}
