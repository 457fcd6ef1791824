//! What a flagged place looks like: its tokens, the one token it stands or falls with, and what is around it.

use std::ops::Range;

use syntax::TokenKind;

use crate::Source;
use crate::tokens::{Lexer, Tok, hash, lex_outline};

/// The token whose loss means that the flagged code is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    /// The callee: index into the tokens.
    Call(usize),
    /// Without a call, the leading keyword or name: index into the tokens.
    Word(usize),
    /// It starts with a literal or a bracket: no single token decides.
    None,
}

impl Head {
    pub(crate) fn at(self) -> Option<usize> {
        match self {
            Self::Call(at) | Self::Word(at) => Some(at),
            Self::None => None,
        }
    }

    /// The index of the callee, where it is a call.
    pub(crate) fn callee(self) -> Option<usize> {
        self.at().filter(|_| matches!(self, Self::Call(_)))
    }

    /// Of the flagged `range` of `source` with these `tokens`.
    pub(crate) fn of(source: &Source, range: &Range<usize>, tokens: &[Tok]) -> Self {
        head_of(tokens, &source.text, is_called_outside(source, range))
    }
}

/// Brackets follow the range.
fn is_called_outside(source: &Source, range: &Range<usize>) -> bool {
    source.text[range.end..].trim_start_matches([' ', '\t']).starts_with('(')
}

/// A flagged place in the scanned text.
#[derive(Debug)]
pub(crate) struct Portrait {
    pub(crate) tokens: Vec<Tok>,
    pub(crate) head: Head,
    /// The head's name for people.
    pub(crate) head_name: String,
    /// The flagged range is a bare callee: its brackets follow it.
    pub(crate) called_outside: bool,
    /// The statement around it, without the block below it.
    pub(crate) statement: Vec<Tok>,
    /// Index of the first flagged token in `statement`.
    pub(crate) offset: usize,
    /// Enclosing symbols.
    pub(crate) symbol: String,
    /// Kind of syntax node.
    pub(crate) kind: &'static str,
    /// The flagged code reaches into a block below the statement it begins in.
    pub(crate) spans_block: bool,
}

/// Words before a bracket that call nothing.
const NO_CALLEES: [&str; 24] = [
    "if", "elif", "while", "for", "foreach", "switch", "catch", "except", "return", "and", "or", "not", "in", "is",
    "with", "assert", "await", "yield", "raise", "throw", "function", "lambda", "match", "case",
];

/// Words that start a definition: the definition stands with the keyword, whatever its name.
const DEFINITIONS: [&str; 10] =
    ["def", "class", "function", "fn", "func", "struct", "interface", "impl", "trait", "enum"];

/// What begins a block or a definition with modifiers.
const BLOCKS: [&str; 16] = [
    "if",
    "for",
    "foreach",
    "while",
    "with",
    "try",
    "switch",
    "match",
    "async",
    "export",
    "public",
    "private",
    "protected",
    "static",
    "unless",
    "case",
];

/// Bytes of a statement read before and behind the flagged range.
const STATEMENT_BYTES: usize = 4096;

impl Portrait {
    pub(crate) fn of(source: &Source, range: &Range<usize>, lexer: Lexer) -> Self {
        let tokens = lex_outline(source, range.clone(), lexer);
        let text = &*source.text;
        let called_outside = is_called_outside(source, range);
        let head = head_of(&tokens, text, called_outside);
        let around = statement_range(source, range);
        let statement = lex_outline(source, around, lexer);
        let offset = statement.iter().position(|token| token.range.start >= range.start).unwrap_or(0);
        let parsed = source.parsed();
        let begins_in = tokens.first().map_or(range.clone(), |first| statement_range(source, &first.range));
        Self {
            spans_block: begins_in.end < range.end,
            head_name: head
                .at()
                .map_or_else(String::new, |at| text[tokens[at].range.clone()].chars().take(40).collect()),
            called_outside: called_outside && head.at() == tokens.len().checked_sub(1) && matches!(head, Head::Call(_)),
            head,
            statement,
            offset,
            symbol: parsed.map_or_else(String::new, |parsed| parsed.symbol_path(text, range.start)),
            kind: parsed.map_or("", |parsed| parsed.node_kind(range.clone())),
            tokens,
        }
    }

    pub(crate) fn head_hash(&self) -> Option<u64> {
        self.head.at().map(|at| self.tokens[at].hash)
    }

    /// It is flagged for what it begins with: a definition, or a block.
    pub(crate) fn is_definition(&self) -> bool {
        DEFINITIONS.contains(&&*self.head_name) || BLOCKS.contains(&&*self.head_name)
    }

    pub(crate) fn is_call(&self) -> bool {
        matches!(self.head, Head::Call(_))
    }
}

/// The statement around `range`, without the block below it; without a parse, its lines. Cut where it is longer than
/// code ever is (a minified file on one line).
pub(crate) fn statement_range(source: &Source, range: &Range<usize>) -> Range<usize> {
    let lines = || {
        let first = source.lines.line(source.lines.line_of(range.start)).map_or(range.start, |line| line.start);
        let last = source.lines.line(source.lines.line_of(range.end)).map_or(range.end, |line| line.end);
        first..last.max(range.end)
    };
    let head = source.parsed().map(|parsed| parsed.head(&source.text, range.clone()));
    let around = head.filter(|head| head.start <= range.start && head.end >= range.end).unwrap_or_else(lines);
    let least = range.start.saturating_sub(STATEMENT_BYTES);
    let most = range.end.saturating_add(STATEMENT_BYTES).min(source.text.len());
    let (mut start, mut end) = (around.start.max(least), around.end.min(most));
    while !source.text.is_char_boundary(start) {
        start += 1;
    }
    while !source.text.is_char_boundary(end) {
        end -= 1;
    }
    start.min(range.start)..end.max(range.end)
}

fn head_of(tokens: &[Tok], text: &str, called_outside: bool) -> Head {
    let word = |at: usize| &text[tokens[at].range.clone()];
    let is = |at: usize, what: &str| tokens[at].kind == TokenKind::Punctuation && tokens[at].hash == hash(what);
    let is_word = |at: usize| tokens[at].kind == TokenKind::Word;
    let Some(last_token) = tokens.len().checked_sub(1) else { return Head::None };
    if is_word(0) && DEFINITIONS.contains(&word(0)) {
        return Head::Word(0);
    }
    // What is flagged of a whole decorated function or of a block stands with its beginning, not with a call inside.
    let is_definition = |at: usize| is_word(at) && DEFINITIONS.contains(&word(at));
    if word(0) == "@" && last_token > 0 && is_word(1) && (2..tokens.len()).any(is_definition) {
        return Head::Word(1);
    }
    let lines = text[tokens[0].range.start..tokens[last_token].range.end].lines().count();
    if lines > 2 && is_word(0) && BLOCKS.contains(&word(0)) {
        return Head::Word(0);
    }
    let callee = |open: usize| {
        let before = open.checked_sub(1)?;
        (is(open, "(") && is_word(before) && !NO_CALLEES.contains(&word(before))).then_some(before)
    };
    // The outermost call: the one whose closing bracket ends the flagged code, as in `a(b).c(d)`.
    let last = (0..tokens.len()).rev().find(|&at| !is(at, ";"));
    if let Some(last) = last.filter(|&last| is(last, ")")) {
        let mut depth = 0;
        for at in (0..=last).rev() {
            depth += i32::from(is(at, ")")) - i32::from(is(at, "("));
            if depth == 0 {
                if let Some(callee) = callee(at) {
                    return Head::Call(callee);
                }
                break;
            }
        }
    }
    if called_outside && is_word(last_token) && !NO_CALLEES.contains(&word(last_token)) {
        return Head::Call(last_token);
    }
    // A list or an object with a call in it does not stand with that call.
    let is_collection = is(0, "[") || is(0, "{");
    match (0..=last_token).find_map(callee).filter(|_| !is_collection) {
        Some(callee) => Head::Call(callee),
        None if is_word(0) => Head::Word(0),
        None => Head::None,
    }
}
