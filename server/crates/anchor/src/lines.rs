//! Which lines of an older text are which lines of a newer one: a line diff that line endings and trailing white space
//! do not disturb, with its cost bounded.

use std::collections::HashMap;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput, TokenSource};

use crate::Source;

/// More changed lines than this on either side are matched by unique lines only.
const MAX_DIFFED_LINES: usize = 40_000;

/// A stretch of old lines that became a stretch of new ones; either may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hunk {
    pub(crate) before: Range<usize>,
    pub(crate) after: Range<usize>,
}

/// The lines two texts share, in order.
#[derive(Debug)]
pub(crate) struct LineMap {
    /// Equal lines at the start and, behind the last hunk, to the end: kept as the hunks between equal stretches.
    hunks: Vec<Hunk>,
    old_lines: usize,
    new_lines: usize,
}

impl LineMap {
    pub(crate) fn new(old: &Source, new: &Source) -> Self {
        let (old_lines, new_lines) = (old.lines.lines(), new.lines.lines());
        if old.text == new.text {
            return Self { hunks: Vec::new(), old_lines, new_lines };
        }
        let equal = |a: usize, b: usize| line(old, a) == line(new, b);
        let shorter = old_lines.min(new_lines);
        let prefix = (0..shorter).take_while(|&at| equal(at, at)).count();
        let suffix = (0..shorter - prefix).take_while(|&at| equal(old_lines - 1 - at, new_lines - 1 - at)).count();
        let before = Lines { source: old, range: prefix..old_lines - suffix };
        let after = Lines { source: new, range: prefix..new_lines - suffix };
        let hunks = if before.range.is_empty() && after.range.is_empty() {
            Vec::new()
        } else if before.range.is_empty() || after.range.is_empty() {
            vec![Hunk { before: before.range, after: after.range }]
        } else if before.range.len().max(after.range.len()) > MAX_DIFFED_LINES {
            unique_lines_only(&before, &after)
        } else {
            let input = InternedInput::new(before, after);
            let mut diff = Diff::compute(Algorithm::Histogram, &input);
            diff.postprocess_lines(&input);
            let moved = |range: Range<u32>| range.start as usize + prefix..range.end as usize + prefix;
            diff.hunks().map(|hunk| Hunk { before: moved(hunk.before), after: moved(hunk.after) }).collect()
        };
        Self { hunks, old_lines, new_lines }
    }

    /// The new line that old line `line` is, unless it changed.
    pub(crate) fn new_line(&self, line: usize) -> Option<usize> {
        if line >= self.old_lines {
            return None;
        }
        let passed = self.hunks.partition_point(|hunk| hunk.before.end <= line);
        if self.hunks.get(passed).is_some_and(|hunk| hunk.before.start <= line) {
            return None;
        }
        Some(match passed.checked_sub(1).map(|last| &self.hunks[last]) {
            Some(hunk) => line - hunk.before.end + hunk.after.end,
            None => line,
        })
    }

    /// The old line that new line `line` was, unless it is new.
    pub(crate) fn old_line(&self, line: usize) -> Option<usize> {
        if line >= self.new_lines {
            return None;
        }
        let passed = self.hunks.partition_point(|hunk| hunk.after.end <= line);
        if self.hunks.get(passed).is_some_and(|hunk| hunk.after.start <= line) {
            return None;
        }
        Some(match passed.checked_sub(1).map(|last| &self.hunks[last]) {
            Some(hunk) => line - hunk.after.end + hunk.before.end,
            None => line,
        })
    }

    /// The hunk that old line `line` lies in.
    pub(crate) fn hunk_of_old(&self, line: usize) -> Option<&Hunk> {
        let passed = self.hunks.partition_point(|hunk| hunk.before.end <= line);
        self.hunks.get(passed).filter(|hunk| hunk.before.contains(&line))
    }
}

/// Line `at` without what a save or a checkout may change: its ending and trailing white space.
pub(crate) fn line(source: &Source, at: usize) -> &str {
    source.lines.line(at).map_or("", |range| source.text[range].trim_end())
}

/// Bytes of line `at` without the white space around; `None` for an empty line.
pub(crate) fn written(source: &Source, at: usize) -> Option<Range<usize>> {
    let start = source.lines.line(at)?.start;
    let text = line(source, at);
    (!text.is_empty()).then(|| start + text.len() - text.trim_start().len()..start + text.len())
}

struct Lines<'a> {
    source: &'a Source,
    range: Range<usize>,
}

impl<'a> TokenSource for Lines<'a> {
    type Token = &'a str;
    type Tokenizer =
        std::iter::Map<std::iter::Zip<Range<usize>, std::iter::Repeat<&'a Source>>, fn((usize, &'a Source)) -> &'a str>;

    fn tokenize(&self) -> Self::Tokenizer {
        self.range.clone().zip(std::iter::repeat(self.source)).map(|(at, source)| line(source, at))
    }

    fn estimate_tokens(&self) -> u32 {
        u32::try_from(self.range.len()).unwrap_or(u32::MAX)
    }
}

/// Linear: lines that occur once on both sides pair up where the pairs keep their order, then equal neighbours join.
fn unique_lines_only(before: &Lines<'_>, after: &Lines<'_>) -> Vec<Hunk> {
    let mut seen: HashMap<&str, (usize, usize, usize, usize)> = HashMap::new();
    for at in before.range.clone() {
        let entry = seen.entry(line(before.source, at)).or_default();
        (entry.0, entry.1) = (entry.0 + 1, at);
    }
    for at in after.range.clone() {
        if let Some(entry) = seen.get_mut(line(after.source, at)) {
            (entry.2, entry.3) = (entry.2 + 1, at);
        }
    }
    let mut hunks = Vec::new();
    let (mut old, mut new) = (before.range.start, after.range.start);
    for at in before.range.clone() {
        if at < old {
            continue;
        }
        let Some(&(1, _, 1, other)) = seen.get(line(before.source, at)) else { continue };
        if other < new {
            continue;
        }
        if at > old || other > new {
            hunks.push(Hunk { before: old..at, after: new..other });
        }
        let same = (at..before.range.end)
            .zip(other..after.range.end)
            .take_while(|&(a, b)| line(before.source, a) == line(after.source, b))
            .count();
        (old, new) = (at + same, other + same);
    }
    if old < before.range.end || new < after.range.end {
        hunks.push(Hunk { before: old..before.range.end, after: new..after.range.end });
    }
    hunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn source(text: &str) -> Source {
        Source::with_parsed(text.into(), None, None)
    }

    #[test]
    fn line_endings_and_trailing_space_change_nothing() {
        let map = LineMap::new(&source("a\nb  \nc\n"), &source("a\r\nb\r\nc\r\n"));
        assert!(map.hunks.is_empty());
    }

    #[test]
    fn lines_behind_an_insertion_move_and_the_inserted_are_nobodys() {
        let map = LineMap::new(&source("a\nb\nc\n"), &source("a\nx\ny\nb\nc\n"));
        assert_eq!((map.new_line(0), map.new_line(1)), (Some(0), Some(3)));
        assert_eq!((map.old_line(1), map.old_line(3)), (None, Some(1)));
    }

    proptest! {
        #[test]
        fn the_map_pairs_equal_lines_in_order_both_ways(
            old in "([a-d]{1,2}\n){0,12}", new in "([a-d]{1,2}\n){0,12}", bounded in any::<bool>(),
        ) {
            let (old, new) = (source(&old), source(&new));
            let map = if bounded {
                let (old_lines, new_lines) = (old.lines.lines(), new.lines.lines());
                let hunks = unique_lines_only(
                    &Lines { source: &old, range: 0..old_lines }, &Lines { source: &new, range: 0..new_lines });
                LineMap { hunks, old_lines, new_lines }
            } else {
                LineMap::new(&old, &new)
            };
            let mut last = None;
            for at in 0..old.lines.lines() {
                let Some(to) = map.new_line(at) else { continue };
                prop_assert_eq!(line(&old, at), line(&new, to));
                prop_assert_eq!(map.old_line(to), Some(at));
                prop_assert!(last < Some(to));
                last = Some(to);
            }
            for at in 0..new.lines.lines() {
                if let Some(from) = map.old_line(at) {
                    prop_assert_eq!(map.new_line(from), Some(at));
                }
            }
        }
    }
}
