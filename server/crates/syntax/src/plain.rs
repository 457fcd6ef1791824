//! Tokens without a grammar: words, numbers, strings and single punctuation characters, for files of unknown languages
//! and for running text inside known ones.

use std::borrow::Cow;
use std::ops::Range;

use crate::{
    place::clamp,
    tokens::{Token, TokenKind},
};

/// The tokens of a range of any text. White space separates and is no token; a string is one token when it closes on
/// its line.
#[must_use]
pub fn fallback_tokens(text: &str, range: Range<usize>) -> Vec<Token<'_>> {
    let range = clamp(text, range);
    let part = &text[range.clone()];
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = part[at..].chars().next() {
        let rest = &part[at..];
        let (kind, length) = match first {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            c if c.is_ascii_digit() => (TokenKind::Number, number(rest)),
            c if is_word(c) => (TokenKind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
            '"' | '\'' | '`' => match quoted(rest, first) {
                Some(length) => (TokenKind::String, length),
                None => (TokenKind::Punctuation, 1),
            },
            c => (TokenKind::Punctuation, c.len_utf8()),
        };
        let token = at..at + length;
        at = token.end;
        let source = &part[token.clone()];
        tokens.push(Token {
            kind,
            text: Cow::Borrowed(source),
            range: range.start + token.start..range.start + token.end,
        });
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn number(rest: &str) -> usize {
    let mut dots = 0;
    let ends = rest.find(|c: char| {
        dots += usize::from(c == '.');
        !(c.is_alphanumeric() || c == '_' || (c == '.' && dots == 1))
    });
    rest[..ends.unwrap_or(rest.len())].trim_end_matches('.').len()
}

/// Bytes of the string that starts here, if it closes before its line ends.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' | '\r' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        fallback_tokens(text, 0..text.len()).into_iter().map(|token| token.text.into_owned()).collect()
    }

    #[test]
    fn words_numbers_strings_and_punctuation_are_told_apart() {
        for (text, expected) in [
            ("exec(\"a b\", 1.5);", vec!["exec", "(", "\"a b\"", ",", "1.5", ")", ";"]),
            ("don't stop", vec!["don", "'", "t", "stop"]),
            ("x = 0xFF..3", vec!["x", "=", "0xFF", ".", ".", "3"]),
            ("'a\\'b' \u{e9}t\u{e9}\u{2260}", vec!["'a\\'b'", "\u{e9}t\u{e9}", "\u{2260}"]),
            ("  \n\t", vec![]),
        ] {
            assert_eq!(texts(text), expected, "{text}");
        }
    }

    #[test]
    fn white_space_and_line_breaks_change_nothing() {
        assert_eq!(texts("call(a,b)"), texts("call (\n\ta,\r\n  b )"));
    }
}
