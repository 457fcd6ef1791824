//! What a document has to be after a change, by the protocol's words and nothing clever: every question is answered by
//! reading the text from its start.

use serde_json::Value;

use crate::support::Encoding;

/// Columns that a character takes.
fn width(encoding: Encoding, character: char) -> u64 {
    let width = match encoding {
        Encoding::Utf8 => character.len_utf8(),
        Encoding::Utf16 => character.len_utf16(),
        Encoding::Utf32 => 1,
    };
    width as u64
}

/// Where each line begins and where its content ends, in bytes.
fn lines(text: &str) -> Vec<(usize, usize)> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character != '\n' && character != '\r' {
            continue;
        }
        lines.push((start, at));
        start = at + 1;
        if character == '\r' && matches!(characters.peek(), Some((_, '\n'))) {
            characters.next();
            start += 1;
        }
    }
    lines.push((start, text.len()));
    lines
}

/// The byte that a position means: past a line's end is its end, past the text is its end, inside a character is before it.
fn offset(text: &str, position: &Value, encoding: Encoding) -> usize {
    let number = |name: &str| position[name].as_u64().expect("a position");
    let lines = lines(text);
    let line = usize::try_from(number("line")).ok().and_then(|line| lines.get(line));
    let Some(&(start, end)) = line else { return text.len() };
    let mut column = 0;
    for (at, character) in text[start..end].char_indices() {
        column += width(encoding, character);
        if column > number("character") {
            return start + at;
        }
    }
    end
}

/// Whether a server may name this position: it exists, and is not inside a character.
pub(super) fn is_exact(text: &str, position: &Value, encoding: Encoding) -> bool {
    let (Some(line), Some(character)) = (position["line"].as_u64(), position["character"].as_u64()) else {
        return false;
    };
    let lines = lines(text);
    let Some(&(start, end)) = usize::try_from(line).ok().and_then(|line| lines.get(line)) else { return false };
    let at = offset(text, position, encoding);
    (start..=end).contains(&at) && text[start..at].chars().map(|it| width(encoding, it)).sum::<u64>() == character
}

/// What is between the ends of a range, where both are exact and in order.
pub(super) fn covered<'a>(text: &'a str, range: &Value, encoding: Encoding) -> Option<&'a str> {
    let (start, end) = (&range["start"], &range["end"]);
    let is_good = is_exact(text, start, encoding) && is_exact(text, end, encoding);
    let (start, end) = (is_good).then(|| (offset(text, start, encoding), offset(text, end, encoding)))?;
    (start <= end).then(|| &text[start..end])
}

/// Does what a content change says.
pub(super) fn apply(text: &mut String, change: &Value, encoding: Encoding) {
    let new = change["text"].as_str().expect("a text").replace(HALF, "\u{fffd}");
    let Some(range) = change.get("range") else {
        *text = new;
        return;
    };
    let (one, other) = (offset(text, &range["start"], encoding), offset(text, &range["end"], encoding));
    text.replace_range(one.min(other)..one.max(other), &new);
}

/// Stands for half of a surrogate pair, which no Rust string can hold; the wire has it as `\ud83d`.
pub(super) const HALF: char = '\u{e000}';

#[test]
fn the_reference_reads_positions_as_the_protocol_says() {
    let text = "a\u{1F600}b\r\n\r\nlast";
    let at = |line: u32, character: u32, encoding| {
        offset(text, &serde_json::json!({ "line": line, "character": character }), encoding)
    };
    assert_eq!(at(0, 3, Encoding::Utf16), 5, "behind the pair");
    assert_eq!(at(0, 2, Encoding::Utf16), 1, "inside the pair");
    assert_eq!(at(0, 2, Encoding::Utf32), 5);
    assert_eq!(at(0, 5, Encoding::Utf8), 5);
    assert_eq!(at(0, 99, Encoding::Utf8), 6, "the line's end is before its ending");
    assert_eq!(at(1, 7, Encoding::Utf8), 8);
    assert_eq!(at(2, 2, Encoding::Utf8), 12);
    assert_eq!(at(3, 0, Encoding::Utf8), text.len());
}
