//! Finds the directives in a text: one search for all words, then a look at the comment each stands in.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{
    Suppression, lines_of,
    markers::{MARKERS, Marker, PRAGMA, Reach, Rules, Shape, Tool},
};
use crate::Language;

/// A comment that opened on an earlier line is looked for this many bytes back.
const LOOK_BACK: usize = 4096;
/// Directives of one text that are kept; more is a generated or hostile file.
const LIMIT: usize = 10_000;
/// Every sign that opens a comment in some language.
const ALL_SIGNS: &[&str] = &["//", "#", "/*", "<!--", "--", ";", "%"];

static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(MARKERS.iter().map(|marker| marker.word))
        .ok()
});

pub(super) fn all(language: Option<Language>, text: &str) -> Vec<Suppression> {
    let Some(words) = WORDS.as_ref() else { return Vec::new() };
    let signs = signs(language);
    let found = words.find_iter(text).filter_map(|hit| {
        let marker = MARKERS.get(hit.pattern().as_usize())?;
        directive(language, &signs, text, marker, hit.start()..hit.end())
    });
    found.take(LIMIT).collect()
}

fn signs(language: Option<Language>) -> Vec<&'static str> {
    let Some(language) = language else { return ALL_SIGNS.to_vec() };
    let mut signs: Vec<&str> = language.row().line_comments.split_ascii_whitespace().collect();
    signs.extend(language.block_comment().map(|(open, _)| open));
    if language == Language::Html {
        signs.extend(["//", "/*"]); // scripts and styles
    }
    signs
}

fn directive(
    language: Option<Language>,
    signs: &[&str],
    text: &str,
    marker: &Marker,
    word: Range<usize>,
) -> Option<Suppression> {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let is_word = marker.word.ends_with(|c: char| c.is_ascii_alphanumeric());
    if text[..word.start].ends_with(joins) || (is_word && text[word.end..].starts_with(joins)) {
        return None;
    }
    let line = lines_of(text, word.clone());
    let before = &text[line.start..word.start];
    let alone = if marker.word == PRAGMA {
        before.trim().is_empty().then_some(true)?
    } else {
        comment_before(language, text, signs, line.start..word.start, marker.leads)?
    };
    let rest = text[word.end..line.end].trim_end();
    let closed = ["*/", "-->"].into_iter().filter_map(|sign| rest.find(sign)).min();
    let rest = rest[..closed.unwrap_or(rest.len())].trim_end();
    let tool = match (marker.tool, language) {
        (Tool::Bandit, Some(Language::Go)) => Tool::Gosec,
        (Tool::Golangci, Some(known)) if known != Language::Go => Tool::ClangTidy,
        (tool, _) => tool,
    };
    let rules = match (tool, marker.rules) {
        (Tool::ClangTidy, _) => rules(rest, Rules::Brackets('(', ')')),
        (_, syntax) => rules(rest, syntax),
    };
    let bare = rules.is_empty() && matches!(marker.rules, Rules::One);
    if bare || (matches!(marker.word, "codeql") && rules.is_empty()) {
        return None; // these words mean nothing without a rule
    }
    let reach = match tool {
        Tool::Gosec => Reach::LineOrNext,
        Tool::ClangTidy if marker.word == "nolint" => Reach::Line,
        _ => marker.reach,
    };
    let range = word.start..word.end + rest.len();
    let covers = match tool {
        // These read it for the whole command or instruction, and that goes on where a line says so.
        Tool::ShellCheck | Tool::Hadolint if reach == Reach::Next => continued(text, next_code(text, signs, line.end)),
        // Python's tools take a continued line for one.
        Tool::Bandit | Tool::Ruff if reach == Reach::Line => continued_before(text, line),
        _ => covered(text, signs, reach, &line, alone, range.end),
    };
    Some(Suppression { tool, rules, text: text[range.clone()].to_owned(), range, covers })
}

/// The word stands in a comment: whether that comment is alone on its line; `None` when it does not.
fn comment_before(
    language: Option<Language>,
    text: &str,
    signs: &[&str],
    line: Range<usize>,
    leads: bool,
) -> Option<bool> {
    let (before, at) = (&text[line.clone()], line.end);
    let nearest = signs.iter().filter_map(|sign| before.rfind(sign).map(|start| (start, sign.len()))).max();
    let filler = |c: char| c.is_whitespace() || matches!(c, '*' | '#' | '/' | '!' | '{' | '(');
    if let Some((start, length)) = nearest {
        let first = signs.iter().filter_map(|sign| before.find(sign)).min().unwrap_or(start);
        let code = &before[behind_open_string(text, line.start, &before[..first], language)..];
        let code_to = |end: usize| code.get(..(end + code.len()).saturating_sub(before.len())).unwrap_or_default();
        if open_quote(code_to(first), language) && open_quote(code_to(start), language) {
            return None;
        }
        if leads && !before[start + length..].chars().all(filler) {
            return None;
        }
        return Some(before[..first].chars().all(filler));
    }
    // A line inside a block comment that opened above.
    let mut from = at.saturating_sub(LOOK_BACK);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let above = &text[from..at];
    let pairs = [("/*", "*/"), ("<!--", "-->")];
    let open = pairs
        .iter()
        .filter(|(open, _)| signs.contains(open))
        .any(|(open, close)| above.rfind(open).is_some_and(|start| above.rfind(close).is_none_or(|end| end < start)));
    (open && (!leads || before.chars().all(filler))).then_some(true)
}

/// Where the code of a line begins on which a string of several lines ends: `from t""" % x`.
fn behind_open_string(text: &str, line_start: usize, code: &str, language: Option<Language>) -> usize {
    let is_python = matches!(language, Some(Language::Python));
    open_string(text, line_start, code).filter(|_| is_python).map_or(0, |(at, _)| at + 3)
}

/// Where Python's string that is open at a line's start ends in the line, and where it began.
fn open_string(text: &str, line_start: usize, code: &str) -> Option<(usize, usize)> {
    let ends = ["\"\"\"", "'''"].into_iter().filter_map(|quotes| code.find(quotes).map(|at| (at, quotes)));
    let (at, quotes) = ends.min()?;
    let above = &text[..line_start];
    (above.matches(quotes).count() % 2 == 1).then(|| (at, above.rfind(quotes).unwrap_or_default()))
}

/// A string opens in the code before and does not close. A `'` may also be an apostrophe or a lifetime in some languages.
fn open_quote(code: &str, language: Option<Language>) -> bool {
    use Language::{Dockerfile, Hcl, Html, Rust, Yaml};
    let apostrophes = matches!(language, None | Some(Dockerfile | Hcl | Html | Rust | Yaml));
    let mut open = None;
    let mut escaped = false;
    for c in code.chars() {
        match (open, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(quote), c) if c == quote => open = None,
            (None, '\'') if apostrophes => {}
            (None, '"' | '\'' | '`') => open = Some(c),
            _ => {}
        }
    }
    open.is_some()
}

fn rules(rest: &str, syntax: Rules) -> Vec<String> {
    let (list, shape) = match syntax {
        Rules::None => return Vec::new(),
        Rules::Brackets(open, close) => {
            let inside = rest.strip_prefix(open).and_then(|rest| rest.split(close).next());
            (inside.unwrap_or_default(), Shape::Name)
        }
        Rules::One => {
            let end = |c: char| c.is_whitespace() || matches!(c, ':' | ',');
            let rule = rest.trim_start().trim_start_matches('[').split(end).next().unwrap_or_default();
            let rule = rule.trim_end_matches(']');
            return if rule.is_empty() { Vec::new() } else { vec![rule.to_owned()] };
        }
        Rules::Colon(shape) => (rest.trim_start().strip_prefix(':').unwrap_or_default(), shape),
        Rules::List(shape) => (rest.trim_start().trim_start_matches([':', '[']), shape),
    };
    let list = list.split(" --").next().unwrap_or_default();
    let list = list.split(" //").next().unwrap_or_default().split(" #").next().unwrap_or_default();
    match shape {
        Shape::Name => {
            let names = list.split(',').map(|part| part.split_whitespace().next().unwrap_or_default());
            names
                .map(|name| name.trim_matches(['"', '\'', ']']))
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        }
        Shape::Code | Shape::CodeOrSnake => {
            let words = list.split(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '['));
            let fits = |word: &&str| is_code(word) || (shape == Shape::CodeOrSnake && is_snake(word));
            words.filter(|word| !word.is_empty()).take_while(fits).map(str::to_owned).collect()
        }
    }
}

/// `S101`, `SC2086`, `B6`; for flake8 also a prefix as `S`.
pub(super) fn is_code(word: &str) -> bool {
    let letters = word.chars().take_while(char::is_ascii_alphabetic).count();
    let digits = &word[letters..];
    let upper = word[..letters].chars().all(|c| c.is_ascii_uppercase());
    (1..=6).contains(&letters)
        && digits.chars().all(|c| c.is_ascii_digit())
        && (!digits.is_empty() || (upper && letters <= 4))
}

pub(super) fn is_snake(word: &str) -> bool {
    word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn covered(text: &str, signs: &[&str], reach: Reach, line: &Range<usize>, alone: bool, from: usize) -> Range<usize> {
    match reach {
        Reach::File => 0..text.len(),
        Reach::Next => next_code(text, signs, line.end),
        Reach::LineOrNext if alone => line.start..next_code(text, signs, line.end).end,
        Reach::Until(word) => line.start..until(text, word, from),
        Reach::LineOrUntil(word) if alone => line.start..until(text, word, from),
        Reach::LineOrScope if alone => line.start..block_end(text, line.end, indent(&text[line.clone()])),
        Reach::Inside => inside(text, line),
        Reach::Line | Reach::LineOrNext | Reach::LineOrUntil(_) | Reach::LineOrScope => line.clone(),
    }
}

/// The first line from `start` that is neither blank nor only a comment.
fn next_code(text: &str, signs: &[&str], start: usize) -> Range<usize> {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        let content = line.trim_start();
        if !content.trim_end().is_empty() && !signs.iter().any(|sign| content.starts_with(sign)) {
            return at..at + line.len();
        }
        at += line.len();
    }
    text.len()..text.len()
}

/// With the lines on which the last one goes on.
fn continued(text: &str, mut lines: Range<usize>) -> Range<usize> {
    let goes_on = |line: &str| ["\\", "|", "&&"].iter().any(|sign| line.trim_end().ends_with(sign));
    while lines.end < text.len() && text[lines.clone()].lines().next_back().is_some_and(goes_on) {
        lines.end = lines_of(text, lines.end..lines.end).end;
    }
    lines
}

/// With the lines before that go on to it, in Python.
fn continued_before(text: &str, mut lines: Range<usize>) -> Range<usize> {
    if let Some((_, opened)) = open_string(text, lines.start, &text[lines.clone()]) {
        lines.start = lines_of(text, opened..opened).start;
    }
    while text[..lines.start].trim_end_matches(['\r', '\n']).ends_with('\\') {
        lines.start = lines_of(text, lines.start - 1..lines.start - 1).start;
    }
    lines
}

fn until(text: &str, word: &str, from: usize) -> usize {
    let ends = text.as_bytes()[from..].windows(word.len()).position(|part| part.eq_ignore_ascii_case(word.as_bytes()));
    ends.map_or(text.len(), |at| lines_of(text, from + at..from + at).start.max(from))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The start of the first line from `start` that is indented less than `least`.
fn block_end(text: &str, start: usize, least: usize) -> usize {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if !line.trim().is_empty() && indent(line) < least {
            return at;
        }
        at += line.len();
    }
    text.len()
}

/// The indented block around a line with the line that opens it; the file when the line is not indented.
fn inside(text: &str, line: &Range<usize>) -> Range<usize> {
    let own = indent(&text[line.clone()]);
    if own == 0 {
        return 0..text.len();
    }
    let mut start = line.start;
    for above in text[..line.start].split_inclusive('\n').rev() {
        start -= above.len();
        if !above.trim().is_empty() && indent(above) < own {
            break;
        }
    }
    start..block_end(text, line.end, own)
}
