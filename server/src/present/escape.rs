//! Writes text into Markdown so that no character of it is syntax, with as few back-slashes as that takes: many editors
//! show them.

/// What is around a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    /// Nothing stands before it on its line.
    pub(super) starts_line: bool,
    /// There may be another dollar: two of them are a formula in some previews, and formulas win over code.
    pub(super) dollars: bool,
}

/// Text in a paragraph.
pub(super) fn text(text: &str, around: Around) -> String {
    let Around { starts_line, dollars } = around;
    let mut out = String::with_capacity(text.len() + 8);
    let number = if starts_line { list_number(text) } else { None };
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|&(_, next)| next);
        let escaped = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '~' => true,
            '$' => dollars,
            '_' => !(is_word(before) && is_word(next)),
            '&' => next.is_some_and(|next| next.is_ascii_alphanumeric() || next == '#'),
            '!' => next.is_none_or(|next| next == '['),
            // Clients turn bare addresses into links of their own.
            '@' => is_word(before) && is_word(next),
            ':' => (starts_line && at == 0) || text[at..].starts_with("://"),
            '.' => Some(at) == number || (before_is_www(&text[..at]) && is_word(next)),
            ')' => Some(at) == number,
            '#' | '>' | '-' | '+' | '=' | '|' | '^' => starts_line && at == 0,
            _ => false,
        };
        if escaped {
            out.push('\\');
        }
        out.push(character);
        before = Some(character);
    }
    out
}

/// A code span that holds any text; nothing for nothing.
pub(super) fn code(code: &str) -> String {
    let code = code.trim();
    if code.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(code) + 1);
    let pad = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{code}{pad}{fence}")
}

/// The length of the longest run of back-ticks.
pub(super) fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

fn is_word(character: Option<char>) -> bool {
    character.is_some_and(char::is_alphanumeric)
}

fn before_is_www(text: &str) -> bool {
    let Some(head) = text.len().checked_sub(3).and_then(|at| text.is_char_boundary(at).then(|| text.split_at(at)))
    else {
        return false;
    };
    head.1.eq_ignore_ascii_case("www") && !is_word(head.0.chars().next_back())
}

/// Where the dot or parenthesis of `12. ` or `12) ` stands, if the text starts like an item of a numbered list.
fn list_number(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mark = text[digits..].starts_with(['.', ')']);
    let ends = text[digits..].chars().nth(1).is_none_or(char::is_whitespace);
    (digits > 0 && mark && ends).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_could_be_syntax_is_escaped() {
        for (plain, written) in [
            ("snake_case -> a || b, 50% (x) #3", "snake_case -> a || b, 50% (x) #3"),
            ("__init__", "\\_\\_init\\_\\_"),
            ("- item", "\\- item"),
            ("12. item", "12\\. item"),
            ("12.5 mm", "12.5 mm"),
            ("> quote", "\\> quote"),
            ("a > b & c &amp; <b>", "a > b & c \\&amp; \\<b>"),
            ("![x](y)!", "\\!\\[x\\](y)\\!"),
            ("$_GET", "\\$\\_GET"),
            ("lodash@4.17.20 @me", "lodash\\@4.17.20 @me"),
            ("ftp://x www.x.example", "ftp\\://x www\\.x.example"),
        ] {
            assert_eq!(text(plain, Around { starts_line: true, dollars: true }), written);
        }
        assert_eq!(text("- $x", Around { starts_line: false, dollars: false }), "- $x");
    }

    #[test]
    fn code_holds_back_ticks() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(" "), "");
    }
}
