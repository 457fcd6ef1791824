//! Lock files that tools write line by line, with two spaces for each level: yarn's and pnpm's. Every line stands for
//! itself, so a broken one costs only itself.

use std::ops::Range;

/// One line: how deep, its key, its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line<'t> {
    /// Spaces before it.
    pub(crate) indent: usize,
    /// What stands before the colon (or the first blank, in yarn's first format), without quotes.
    pub(crate) key: &'t str,
    pub(crate) key_range: Range<usize>,
    /// What stands behind, without quotes and comments; `""` for the head of a block.
    pub(crate) value: &'t str,
    pub(crate) value_range: Range<usize>,
}

/// The lines that say something.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        one(text, at, line.trim_end())
    })
}

fn one<'t>(text: &'t str, at: usize, line: &str) -> Option<Line<'t>> {
    let said = line.trim_start_matches(' ');
    if said.is_empty() || said.starts_with('#') || said.starts_with("---") {
        return None;
    }
    let indent = line.len() - said.len();
    let start = at + indent;
    let (key_end, value_start) = split(said);
    let key_range = unquoted(text, start..start + key_end);
    let value = &said[value_start..];
    let value_start = start + value_start + (value.len() - value.trim_start().len());
    let value_range = unquoted(text, value_start..at + line.len());
    Some(Line {
        indent,
        key: text.get(key_range.clone())?,
        key_range,
        value: text.get(value_range.clone())?,
        value_range,
    })
}

/// Where the key ends and where the value starts.
fn split(said: &str) -> (usize, usize) {
    let quote = said.chars().next().filter(|first| matches!(first, '"' | '\''));
    let mut from = 0;
    if let Some(quote) = quote {
        let closed = said[1..].find(quote).map(|at| at + 2);
        // yarn's heads hold several names: `"a@1", "b@2":`
        match closed {
            Some(closed) if said[closed..].starts_with(',') => {
                let end = said.trim_end_matches(':').len();
                return (end, said.len());
            }
            Some(closed) => from = closed,
            None => return (said.len(), said.len()),
        }
    }
    let bytes = said.as_bytes();
    for at in from..bytes.len() {
        let is_last = at + 1 == bytes.len();
        if bytes[at] == b':' && (is_last || bytes[at + 1] == b' ') {
            return (at, at + 1);
        }
        // A comma joins names of one head.
        if bytes[at] == b' ' && at > 0 && bytes[at - 1] != b',' && !said.ends_with(':') && !said[at..].contains(": ") {
            return (at, at + 1);
        }
    }
    (said.len(), said.len())
}

fn unquoted(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(raw) = text.get(range.clone()) else { return range.start..range.start };
    let quoted = raw.len() >= 2
        && [b'"', b'\''].iter().any(|quote| raw.as_bytes()[0] == *quote && raw.as_bytes()[raw.len() - 1] == *quote);
    if quoted { range.start + 1..range.end - 1 } else { range }
}
