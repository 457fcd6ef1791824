//! A text that is changed by whole lines, everything else untouched.

use std::ops::Range;

use super::yaml::Node;

/// A text and how it is written.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    /// `\r\n` where the text has it, else `\n`.
    pub(super) eol: &'static str,
    /// Byte offset of each character, and of the end.
    bytes: Vec<usize>,
}

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let bytes = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        Self { text, eol: if text.contains("\r\n") { "\r\n" } else { "\n" }, bytes }
    }

    /// Byte offset of a character.
    pub(super) fn byte(&self, character: usize) -> usize {
        self.bytes.get(character).copied().unwrap_or(self.text.len())
    }

    /// A value as it is written.
    pub(super) fn of(&self, node: &Node) -> &'t str {
        &self.text[self.byte(node.start)..self.byte(node.end)]
    }

    pub(super) fn replaced(&self, range: Range<usize>, with: &str) -> String {
        [&self.text[..range.start], with, &self.text[range.end..]].concat()
    }

    /// Lines below the line that holds byte `at`. A text without a last line ending stays so.
    pub(super) fn with_lines(&self, at: usize, lines: &[String]) -> String {
        let lines = lines.join(self.eol);
        match self.text[at..].find('\n') {
            Some(end) => self.replaced(at + end + 1..at + end + 1, &(lines + self.eol)),
            None if at > 0 && self.text[..at].ends_with('\n') => self.text.to_owned() + &lines + self.eol,
            None => [self.text, self.eol, &lines].concat(),
        }
    }

    /// Lines below a key in place of its value, which is empty.
    pub(super) fn with_list(&self, key: &Node, value: &Node, lines: &[String]) -> String {
        let (start, end) = (self.byte(value.start), self.byte(value.end));
        let at = self.byte(key.end);
        if start == end {
            return self.with_lines(at, lines);
        }
        let bare = self.text[..start].trim_end_matches(' ').len();
        Source::new(&self.replaced(bare..end, "")).with_lines(at, lines)
    }

    /// A byte of the last line that belongs to a block value.
    pub(super) fn content_end(&self, node: &Node) -> usize {
        let last = node.last_word().unwrap_or(node);
        let end = self.byte(last.end);
        match last.word() {
            Some(word) if word.is_block && !word.text.ends_with("\n\n") => {
                let written = self.text[..end].trim_end_matches([' ', '\t', '\r', '\n']);
                written.len()
            }
            // Its blank lines are part of the text: the last one is right before where the next thing starts.
            Some(word) if word.is_block => self.text[..end].rfind('\n').unwrap_or(end),
            _ => end,
        }
    }

    /// Column of a block list's dashes, from 0.
    pub(super) fn dash_column(&self, list: &Node) -> usize {
        let start = self.byte(list.start);
        let dash =
            if self.text[start..].starts_with('-') { start } else { self.text[..start].rfind('-').unwrap_or(start) };
        dash - self.line_start(dash)
    }

    /// Whether a blank line parts two neighbours of a list.
    pub(super) fn has_blank_between(&self, one: &Node, next: &Node) -> bool {
        let between = &self.text[self.content_end(one)..self.byte(next.start)];
        between.split('\n').skip(1).any(|line| line.trim().is_empty() && line.len() <= 1)
    }

    /// The lines of one entry of a block list, with one of the blank lines around it where both sides have one.
    pub(super) fn lines_of(&self, list: &Node, item: &Node) -> Range<usize> {
        let column = self.dash_column(list);
        let mut start = self.line_start(self.byte(item.start));
        while start > 0 && self.indent_of_dash(start) != Some(column) {
            start = self.line_start(start - 1);
        }
        let content = self.content_end(item);
        let end = self.text[content..].find('\n').map_or(self.text.len(), |newline| content + newline + 1);
        let (above, below) = (&self.text[..start], &self.text[end..]);
        let blank_above =
            above.strip_suffix('\n').map(|above| above.trim_end_matches('\r')).filter(|above| above.ends_with('\n'));
        let blank_below = below.strip_prefix("\r\n").or(below.strip_prefix('\n'));
        match (blank_above, blank_below) {
            _ if below.is_empty() && !self.text.ends_with('\n') => above.trim_end_matches(['\r', '\n']).len()..end,
            (Some(_), Some(rest)) => start..self.text.len() - rest.len(),
            (Some(above), None) if below.is_empty() => above.len()..end,
            _ => start..end,
        }
    }

    /// A list's last entry taken out: the key says that the list is empty.
    pub(super) fn emptied(&self, key: &Node, lines: Range<usize>) -> String {
        let key_end = self.byte(key.end);
        let colon = self.text[key_end..].find(':').map_or(key_end, |colon| key_end + colon + 1);
        let (start, end) = (lines.start.max(colon), lines.end);
        [&self.text[..colon], " []", &self.text[colon..start], &self.text[end..]].concat()
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The column of the dash that a line begins with.
    fn indent_of_dash(&self, line: usize) -> Option<usize> {
        let rest = &self.text[line..];
        let bare = rest.trim_start_matches(' ');
        bare.starts_with('-').then(|| rest.len() - bare.len())
    }
}
