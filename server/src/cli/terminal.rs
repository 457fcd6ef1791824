//! What is at the other end of standard output: its width, whether it shows colours, and how text is fitted to it.

use std::env::var_os;
use std::ffi::OsString;
use std::io::{IsTerminal, stderr, stdout};

/// Layout width where nobody looks, and the most that is comfortable to read.
const PIPED: usize = 100;
const WIDEST: usize = 120;
const NARROWEST: usize = 40;

/// How to write for whoever reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    /// Columns to lay out for.
    pub(super) width: usize,
    /// Whether running text is broken to the width; for a program at the other end, a line stays a line.
    pub(super) wraps: bool,
    /// Whether to use colours.
    pub(super) paint: Paint,
    /// Whether standard error is a terminal, so that progress may be shown and wiped.
    pub(super) shows_progress: bool,
}

impl Terminal {
    pub(super) fn of_process() -> Self {
        let is_terminal = stdout().is_terminal();
        let width = var_os("COLUMNS").and_then(|text| text.to_str()?.parse().ok());
        let width = width.or_else(|| is_terminal.then(columns).flatten());
        Self {
            width: width.unwrap_or(PIPED).clamp(NARROWEST, WIDEST),
            wraps: is_terminal || width.is_some(),
            paint: Paint(is_coloured(is_terminal, |name| var_os(name).filter(|value| !value.is_empty()))),
            shows_progress: stderr().is_terminal(),
        }
    }
}

impl Terminal {
    /// Columns to break running text at.
    pub(super) fn text_width(&self) -> usize {
        if self.wraps { self.width } else { usize::MAX }
    }
}

#[cfg(unix)]
fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(not(unix))]
fn columns() -> Option<usize> {
    None
}

/// no-color.org and bixense.com/clicolors.
fn is_coloured(is_terminal: bool, env: impl Fn(&str) -> Option<OsString>) -> bool {
    if env("NO_COLOR").is_some() {
        return false;
    }
    if env("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    is_terminal && env("TERM").is_none_or(|term| term != "dumb") && env("CLICOLOR").is_none_or(|value| value != "0")
}

/// Colours, or none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    pub(super) fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub(super) fn yellow(self, text: &str) -> String {
        self.with("1;33", text)
    }

    pub(super) fn green(self, text: &str) -> String {
        self.with("1;32", text)
    }

    pub(super) fn cyan(self, text: &str) -> String {
        self.with("1;36", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Breaks a line between words so that no piece is longer than `width` characters; a longer word stands alone.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split_whitespace() {
        let more = word.chars().count();
        if length > 0 && length + 1 + more > width {
            lines.push(String::new());
            length = 0;
        }
        if let Some(line) = lines.last_mut() {
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += more;
        }
    }
    lines
}

/// At most `width` characters; what is longer ends in `…`.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}\u{2026}", kept.trim_end())
}

/// `wrap`, each line behind `indent` spaces, the first behind `first`.
pub(super) fn hang(first: &str, text: &str, indent: usize, width: usize) -> String {
    let lines = wrap(text, width.saturating_sub(indent).max(20));
    let gap = format!("\n{}", " ".repeat(indent));
    format!("{first}{}", lines.join(&gap))
}

/// `1 finding`, `2 findings`.
pub(super) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_unless_the_environment_says_otherwise() {
        for (is_terminal, variables, expected) in [
            (true, vec![], true),
            (false, vec![], false),
            (true, vec![("NO_COLOR", "1")], false),
            (true, vec![("TERM", "dumb")], false),
            (true, vec![("CLICOLOR", "0")], false),
            (false, vec![("CLICOLOR_FORCE", "1")], true),
            (false, vec![("CLICOLOR_FORCE", "0")], false),
            (false, vec![("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        ] {
            let env = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
            assert_eq!(is_coloured(is_terminal, env), expected, "{is_terminal} {variables:?}");
        }
    }

    #[test]
    fn text_is_broken_between_words_only() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a extraordinary b", 5), ["a", "extraordinary", "b"]);
        assert_eq!(wrap("", 5), [""]);
    }
}
