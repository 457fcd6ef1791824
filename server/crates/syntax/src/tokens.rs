//! The tokens of code as a formatter leaves them: white space, comments, quote style, trailing commas, idle semicolons
//! and brackets that say nothing make no difference.

use std::borrow::Cow;
use std::ops::Range;

use tree_sitter::{Node, TreeCursor};

use crate::{
    Parsed, fallback_tokens,
    grammar::{Flags, Grammar},
    place::{clamp, next, trim},
    table::Row,
};

/// What a token is, roughly; enough to weigh a name above a bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// A string literal, or the part of one between interpolations, with its quotes and prefix.
    String,
    /// Anything else.
    Punctuation,
}

/// One token of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'t> {
    /// What it is.
    pub kind: TokenKind,
    /// Its text, normalised; compare this.
    pub text: Cow<'t, str>,
    /// Its bytes in the text as they were.
    pub range: Range<usize>,
}

impl Parsed {
    /// The tokens of the range in order. A token that the range covers only in part (a line of a long string) counts by
    /// the words of the covered part; so does the inside of a comment when the range is nothing but comment.
    #[must_use]
    pub fn tokens<'t>(&self, text: &'t str, range: Range<usize>) -> Vec<Token<'t>> {
        let range = trim(text, range);
        if range.is_empty() {
            return Vec::new();
        }
        let path = self.path(&range);
        let grammar = self.grammar();
        if path.iter().any(|node| grammar.flags(*node).has(Flags::COMMENT)) {
            return fallback_tokens(text, range);
        }
        let in_string = path.iter().position(|node| grammar.flags(*node).has(Flags::STRING));
        // The parent's kind decides about brackets, and a string is read from its start: begin above both.
        let above = path.len().saturating_sub(2);
        let top = path[in_string.map_or(above, |at| at.saturating_sub(1).min(above))];
        let row = self.language.row();
        let mut walk = Walk { text, range: range.clone(), row, grammar, out: Vec::new(), strings: Vec::new() };
        walk.run(top);
        self.fill_gaps(text, &range, walk.out)
    }
}

/// A string literal being read: up to where its text was taken, and how deep its node is.
struct OpenString {
    level: u32,
    end: usize,
    taken: usize,
    first: bool,
    quotes: Quotes,
    /// Inside an interpolation at this level.
    code: Option<(u32, usize)>,
}

#[derive(Clone, Copy)]
struct Quotes {
    doubled: bool,
}

struct Walk<'t> {
    text: &'t str,
    range: Range<usize>,
    row: &'static Row,
    grammar: &'static Grammar,
    out: Vec<Token<'t>>,
    strings: Vec<OpenString>,
}

impl Walk<'_> {
    fn run(&mut self, top: Node<'_>) {
        let mut cursor = top.walk();
        let mut parents: Vec<Flags> = Vec::new();
        loop {
            let node = cursor.node();
            let level = cursor.depth();
            self.leave(level);
            parents.truncate(level as usize);
            let flags = self.grammar.flags(node);
            if node.start_byte() >= self.range.end {
                break;
            }
            let down = node.end_byte() > self.range.start && self.enter(node, flags, level, &parents);
            parents.push(flags);
            if !(down && self.first_child(&mut cursor) || next(&mut cursor)) {
                break;
            }
        }
        self.leave(0);
    }

    /// To the first child that can matter; inside a string every child does, since its text is read in one go.
    fn first_child(&self, cursor: &mut TreeCursor<'_>) -> bool {
        if self.strings.is_empty() {
            cursor.goto_first_child_for_byte(self.range.start).is_some()
        } else {
            cursor.goto_first_child()
        }
    }

    /// Closes the strings and interpolations that do not reach to a node at this level.
    fn leave(&mut self, level: u32) {
        while let Some(open) = self.strings.last_mut() {
            if let Some((code_level, end)) = open.code
                && level <= code_level
            {
                open.taken = end;
                open.code = None;
            }
            if level > open.level {
                return;
            }
            if let Some(open) = self.strings.pop() {
                self.string_part(&open, open.taken..open.end, true);
            }
        }
    }

    /// Takes what the node itself gives; true when its children are to be visited.
    fn enter(&mut self, node: Node<'_>, flags: Flags, level: u32, parents: &[Flags]) -> bool {
        let range = node.byte_range();
        if range.is_empty() || flags.has(Flags::COMMENT) {
            return false;
        }
        if let Some(open) = self.strings.last()
            && open.code.is_none()
        {
            if !flags.has(Flags::INTERPOLATION) {
                return true;
            }
            let part = open.taken..range.start;
            if let Some(mut open) = self.strings.pop() {
                self.string_part(&open, part, false);
                open.first = false;
                open.code = Some((level, range.end));
                self.strings.push(open);
            }
            return true;
        }
        if flags.has(Flags::STRING) {
            let doubled = self.row.language == crate::Language::Yaml && self.text[range.start..].starts_with('\'');
            let quotes = Quotes { doubled };
            self.strings.push(OpenString {
                level,
                end: range.end,
                taken: range.start,
                first: true,
                quotes,
                code: None,
            });
            return true;
        }
        if flags.has(Flags::PROSE) {
            self.words(range);
            return false;
        }
        if node.child_count() > 0 {
            return true;
        }
        self.leaf(node, parents);
        false
    }

    fn leaf(&mut self, node: Node<'_>, parents: &[Flags]) {
        let range = clamp(self.text, node.byte_range());
        let source = self.text[range.clone()].trim();
        if source.is_empty() {
            return;
        }
        let parent = parents.last().copied().unwrap_or_default();
        let above = parents.iter().rev().nth(1).copied().unwrap_or_default();
        match source {
            ";" if self.row.idle_semicolons => return,
            "(" | ")" if is_silent(parent, above) => {
                if source == ")" {
                    self.drop_comma();
                }
                return;
            }
            ")" | "]" | "}" | ">" => self.drop_comma(),
            _ => {}
        }
        if range.start < self.range.start || range.end > self.range.end || source.contains(['\n', '\r']) {
            self.words(range);
        } else {
            self.out.push(Token { kind: kind_of(source), text: Cow::Borrowed(source), range });
        }
    }

    fn drop_comma(&mut self) {
        if self.out.last().is_some_and(|token| token.text == ",") {
            self.out.pop();
        }
    }

    fn words(&mut self, range: Range<usize>) {
        let covered = range.start.max(self.range.start)..range.end.min(self.range.end);
        self.out.extend(fallback_tokens(self.text, covered));
    }

    /// One run of a string's text: from the opening quote or an interpolation to the next or to the closing quote.
    fn string_part(&mut self, open: &OpenString, part: Range<usize>, last: bool) {
        let part = clamp(self.text, part);
        let covered = part.start < self.range.end && part.end > self.range.start;
        if part.is_empty() || !covered {
            return;
        }
        if part.start < self.range.start || part.end > self.range.end {
            self.words(part);
            return;
        }
        let source = &self.text[part.clone()];
        let text = if self.row.equal_quotes {
            with_equal_quotes(source, open.first, last, open.quotes)
        } else {
            Cow::Borrowed(source)
        };
        self.out.push(Token { kind: TokenKind::String, text, range: part });
    }
}

/// Brackets that formatters add and drop.
fn is_silent(parent: Flags, above: Flags) -> bool {
    (parent.has(Flags::PARENTHESIZED) && above.has(Flags::LOOSE_PARENTHESES)) || parent.has(Flags::BARE_PARENTHESES)
}

fn kind_of(source: &str) -> TokenKind {
    match source.chars().next() {
        Some(c) if c.is_ascii_digit() => TokenKind::Number,
        Some(c) if c.is_alphanumeric() || matches!(c, '_' | '$' | '@') => TokenKind::Word,
        _ => TokenKind::Punctuation,
    }
}

/// The text with `"` for `'` as its quotes, quotes inside unescaped, and the prefix (as in `F"…"`) in lower case.
fn with_equal_quotes(source: &str, first: bool, last: bool, quotes: Quotes) -> Cow<'_, str> {
    let is_quote = |c: char| c == '"' || c == '\'';
    let prefix = if first { source.find(is_quote).unwrap_or(0) } else { 0 };
    let prefix = if source[..prefix].chars().all(|c| c.is_ascii_alphabetic() || c == '$') { prefix } else { 0 };
    let plain = !source.contains(['\'', '\\']) && !source[..prefix].contains(|c: char| c.is_ascii_uppercase());
    if plain {
        return Cow::Borrowed(source);
    }
    let mut body = &source[prefix..];
    let opening = if first { body.len() - body.trim_start_matches(is_quote).len() } else { 0 };
    // An empty string is all quotes; three in a row open a long string.
    let opening = if opening >= 6 || opening == 3 { 3 } else { opening.min(1) };
    let mut made = source[..prefix].to_ascii_lowercase();
    made.extend(std::iter::repeat_n('"', opening));
    body = &body[opening..];
    let closing = if last && body.ends_with(is_quote) { if opening == 3 { 3 } else { 1 } } else { 0 };
    let closing = closing.min(body.len() - body.trim_end_matches(is_quote).len());
    let inner = &body[..body.len() - closing];
    let mut characters = inner.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('\\', Some('"' | '\'')) => {}
            ('\\', Some('\\')) => {
                made.push_str("\\\\");
                characters.next();
            }
            ('\'', Some('\'')) if quotes.doubled => {
                made.push('\'');
                characters.next();
            }
            (c, _) => made.push(c),
        }
    }
    made.extend(std::iter::repeat_n('"', closing));
    Cow::Owned(made)
}
