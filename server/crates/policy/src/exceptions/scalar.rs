//! A text as YAML that reads back as the same text, on one line: bare where no reader could take it for anything else,
//! in double quotes otherwise.

use std::fmt::Write as _;

/// Words that some YAML reader takes for something other than a text.
const NOT_TEXT: [&str; 12] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "infinity"];

/// `text` as a value or key, in block and flow context alike.
pub(super) fn quoted(text: &str) -> String {
    if is_safe_bare(text) { text.to_owned() } else { in_double_quotes(text) }
}

fn is_safe_bare(text: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '.' | '/' | '+' | '-' | '(' | ')' | '=' | ';');
    let starts = text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '/');
    // Some readers take a dash behind white space for the start of a list, in braces.
    starts
        && !text.contains(" -")
        && text.chars().all(inner)
        && !text.ends_with(' ')
        && !NOT_TEXT.contains(&&*text.to_lowercase())
}

fn in_double_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                let code = u32::from(c);
                // Writing to a string cannot fail.
                let _ = if code > 0xffff { write!(out, "\\U{code:08x}") } else { write!(out, "\\u{code:04x}") };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Characters that a reviewer would not see, or that would reorder what they see.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xd800..=0xf8ff | 0xfe00..=0xfe0f
            | 0xfeff | 0xfff0..=0xffff | 0x1_fffe..=0x1_ffff | 0xe_0000..=0x10_ffff)
}
