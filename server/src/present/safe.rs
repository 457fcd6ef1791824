//! Makes untrusted text safe to show: as Markdown, as one line, on a terminal, inside our own Markdown.

use super::read::LineEnds;
use super::{clean, escape, plain, read, write};

/// Bytes of untrusted text that are shown.
pub const LONGEST_TEXT: usize = 16 * 1024;
/// Characters of untrusted text in one line.
pub const LONGEST_LINE: usize = 300;
/// Bytes of Markdown that [`plain_from_markdown`] reads: a whole page of ours.
const LONGEST_PAGE: usize = 128 * 1024;

/// Untrusted Markdown as Markdown of a safe subset: paragraphs, emphasis, code, lists, quotes, and links to `http(s)`
/// addresses that show where they lead. Headings become bold lines, tables lists, images their description, HTML its
/// text. At most [`LONGEST_TEXT`] bytes are read. Making safe what is safe changes nothing.
#[must_use]
pub fn markdown(untrusted: &str) -> String {
    write::markdown(&read::document(untrusted, LONGEST_TEXT, LineEnds::Space))
}

/// One line of plain text, at most [`LONGEST_LINE`] characters: for diagnostics, titles, the status line.
#[must_use]
pub fn line(untrusted: &str) -> String {
    let line = clean::one_line(&clean::cut(untrusted, LONGEST_TEXT));
    if line.chars().nth(LONGEST_LINE).is_none() {
        return line;
    }
    let kept: String = line.chars().take(LONGEST_LINE - 1).collect();
    format!("{}\u{2026}", kept.trim_end())
}

/// Plain text of several lines that moves no cursor, changes no colour and reorders nothing.
#[must_use]
pub fn terminal(untrusted: &str) -> String {
    clean::visible(&clean::cut(untrusted, LONGEST_TEXT)).trim_end().to_owned()
}

/// One line, escaped for use inside our own Markdown, at its beginning or anywhere in it. Addresses in it stay text.
#[must_use]
pub fn inline(untrusted: &str) -> String {
    escape::text(&line(untrusted), escape::Around { starts_line: true, dollars: true })
}

/// One line as a code span for use inside our own Markdown; empty for nothing.
#[must_use]
pub fn code(untrusted: &str) -> String {
    escape::code(&line(untrusted))
}

/// `address` if it may be a link, in the form that is safe inside Markdown: absolute, `http(s)`, no user or password.
#[must_use]
pub fn link(address: &str) -> Option<String> {
    super::link::safe(address)
}

/// Markdown, ours or untrusted, as plain text: for clients that render no Markdown, and for terminals.
#[must_use]
pub fn plain_from_markdown(markdown: &str) -> String {
    plain::text(&read::document(markdown, LONGEST_PAGE, LineEnds::Space))
}

#[cfg(test)]
pub(in crate::present) mod tests;
