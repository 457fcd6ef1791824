//! Removes what a reader cannot see: controls, terminal escapes, direction overrides, zero-width and tag characters.

/// Bytes in which the end of a string escape is looked for.
const LONGEST_STRING_ESCAPE: usize = 512;

/// Cuts at `limit` bytes, on a character; the mark of the cut comes on top.
pub(super) fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}\u{2026}", &text[..end])
}

/// Only visible characters, spaces, tabs and `\n`. Every kind of line ending becomes `\n`.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        match character {
            '\u{1b}' | '\u{9b}' | '\u{9d}' | '\u{90}' => {
                rest = &rest[escape_sequence(rest)..];
                continue;
            }
            '\r' => {
                if !rest.starts_with("\r\n") {
                    out.push('\n');
                }
            }
            '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            _ if is_hidden(character) => {}
            _ => out.push(character),
        }
        rest = &rest[character.len_utf8()..];
    }
    out
}

/// One line: as [`visible`], with every run of white space as one space and none at the ends.
pub(super) fn one_line(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Whether a character shows nothing itself but changes what is shown, or hides data.
fn is_hidden(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        _ => character.is_control(),
    }
}

/// Bytes of the terminal escape that `text` starts with. A string escape (a title, a hyperlink) that never ends takes
/// only its introducer with it, so that it cannot swallow the rest of a message.
fn escape_sequence(text: &str) -> usize {
    let mut characters = text.chars();
    let (introducer, kind) = match (characters.next(), characters.next()) {
        (Some('\u{9b}'), _) => (2, '['),
        (Some('\u{9d}' | '\u{90}'), _) => (2, ']'),
        (_, Some(kind)) if kind.is_ascii_graphic() => (2, kind),
        _ => return text.chars().next().map_or(0, char::len_utf8),
    };
    let body = &text[introducer..];
    match kind {
        '[' => {
            let parameters = body.bytes().take_while(|byte| (0x20..=0x3f).contains(byte)).count();
            let ended = body.as_bytes().get(parameters).is_some_and(|byte| (0x40..=0x7e).contains(byte));
            introducer + parameters + usize::from(ended)
        }
        ']' | 'P' | 'X' | '^' | '_' => {
            let near = &body.as_bytes()[..body.len().min(LONGEST_STRING_ESCAPE)];
            let ends: [&[u8]; 3] = [b"\x07", b"\x1b\\", "\u{9c}".as_bytes()];
            let end = ends
                .iter()
                .filter_map(|end| Some(near.windows(end.len()).position(|at| at == *end)? + end.len()))
                .min();
            introducer + end.unwrap_or(0)
        }
        _ => introducer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_cannot_see_is_removed() {
        for (text, shown) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{9b}31mred", "red"),
            ("\u{1b}]8;;https://evil.example\u{1b}\\here\u{1b}]8;;\u{7}", "here"),
            ("\u{1b}]0;never ended", "0;never ended"),
            ("a\u{1b}", "a"),
            ("a\u{1b}\u{e9}", "a\u{e9}"),
            ("ac\u{202e}cess\u{2066}x\u{2069}", "accessx"),
            ("a\u{200b}\u{200d}\u{feff}\u{e0041}b", "ab"),
            ("a\u{0}\u{8}b\tc", "ab\tc"),
            ("a\r\nb\rc\u{2028}d\u{85}e", "a\nb\nc\nd\ne"),
            ("caf\u{e9} \u{1f600} \u{65e5}\u{672c}", "caf\u{e9} \u{1f600} \u{65e5}\u{672c}"),
        ] {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_cut_keeps_whole_characters_and_says_so() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("ab\u{e9}d", 3), "ab\u{2026}");
    }

    #[test]
    fn one_line_has_single_spaces_only() {
        assert_eq!(one_line("  a \r\n\t b\u{a0}c "), "a b c");
    }
}
