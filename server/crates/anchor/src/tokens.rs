//! Tokens as placement compares them: a hash of the normalised text, a kind, a weight, and where they are.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use syntax::TokenKind;

use crate::Source;

/// How a text is cut into tokens; only tokens of the same lexer compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lexer {
    /// By the parse: comments, quote style and idle commas are no difference.
    Grammar,
    /// By characters alone, for texts without a parse.
    Plain,
}

impl Lexer {
    /// The best lexer that both texts have.
    pub(crate) fn shared(a: &Source, b: &Source) -> Self {
        match (a.parsed(), b.parsed()) {
            (Some(a), Some(b)) if a.language() == b.language() => Self::Grammar,
            _ => Self::Plain,
        }
    }
}

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tok {
    pub(crate) hash: u64,
    pub(crate) kind: TokenKind,
    pub(crate) range: Range<usize>,
    /// How much it says: a long name more than a bracket.
    pub(crate) weight: f32,
}

impl Tok {
    /// Equals no token of any text.
    pub(crate) fn barrier(at: usize) -> Self {
        Self { hash: at as u64, kind: TokenKind::Punctuation, range: at..at, weight: 0.0 }
    }

    pub(crate) fn is_barrier(&self) -> bool {
        self.range.is_empty()
    }
}

/// The tokens of `range`.
pub(crate) fn lex(source: &Source, range: Range<usize>, lexer: Lexer) -> Vec<Tok> {
    let tokens = match (source.parsed(), lexer) {
        (Some(parsed), Lexer::Grammar) => parsed.tokens(&source.text, range),
        _ => syntax::fallback_tokens(&source.text, range),
    };
    tokens
        .into_iter()
        .map(|token| Tok { hash: hash(&token.text), kind: token.kind, weight: weight(&token), range: token.range })
        .collect()
}

/// The tokens of `range` as a flagged place or its statement, in which the bodies of functions written inside brackets
/// (callbacks) say less than the call they are given to: they are code of their own.
pub(crate) fn lex_outline(source: &Source, range: Range<usize>, lexer: Lexer) -> Vec<Tok> {
    let mut tokens = lex(source, range, lexer);
    let is = |token: &Tok, what: u64| token.kind == TokenKind::Punctuation && token.hash == what;
    let [round, end_of_round, open, close] = ["(", ")", "{", "}"].map(hash);
    let arrows = ["=>", "->", "|", ">"].map(hash);
    // Brackets that are open, and how many of them are bodies.
    let (mut around, mut bodies): (Vec<bool>, usize) = (Vec::new(), 0);
    for at in 0..tokens.len() {
        let token = &tokens[at];
        let is_close = is(token, close) || is(token, end_of_round);
        if is_close && around.pop() == Some(true) {
            bodies -= 1;
        }
        if bodies > 0 {
            tokens[at].weight *= BODY;
            if is_close || !is(&tokens[at], open) && !is(&tokens[at], round) {
                continue;
            }
        }
        let token = &tokens[at];
        if is(token, round) {
            around.push(false);
        } else if is(token, open) {
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let is_body = !around.is_empty()
                && before
                    .is_some_and(|before| is(before, end_of_round) || arrows.iter().any(|&arrow| is(before, arrow)));
            around.push(is_body);
            bodies += usize::from(is_body);
        }
    }
    tokens
}

/// What a token inside such a body weighs, of its weight elsewhere.
const BODY: f32 = 0.2;

/// The hash of a token's normalised text.
pub(crate) fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn weight(token: &syntax::Token<'_>) -> f32 {
    match token.kind {
        TokenKind::Punctuation => 0.25,
        TokenKind::Number => 0.8,
        TokenKind::Word if token.text.len() <= 2 => 0.6,
        TokenKind::Word => 1.0,
        TokenKind::String => 1.2,
    }
}

pub(crate) fn equal(a: &[Tok], b: &[Tok]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.hash == b.hash)
}

/// Weight of all tokens.
pub(crate) fn total(tokens: &[Tok]) -> f32 {
    tokens.iter().map(|token| token.weight).sum()
}

/// Longer inputs are cut to this many tokens before they are compared token by token.
const COMPARED: usize = 300;

/// The heaviest common subsequence: pairs of indices into `a` and `b`, ascending. Of equal choices the earliest in `b`.
pub(crate) fn common(a: &[Tok], b: &[Tok]) -> Vec<(usize, usize)> {
    let (a, b) = (&a[..a.len().min(COMPARED)], &b[..b.len().min(COMPARED)]);
    let width = b.len() + 1;
    // best[i][j]: the heaviest of a[i..] and b[j..].
    let mut best = vec![0.0f32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let skip = best[(i + 1) * width + j].max(best[i * width + j + 1]);
            let pair = if a[i].hash == b[j].hash { a[i].weight + best[(i + 1) * width + j + 1] } else { 0.0 };
            best[i * width + j] = skip.max(pair);
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let here = best[i * width + j];
        if a[i].hash == b[j].hash && here <= a[i].weight + best[(i + 1) * width + j + 1] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if here <= best[(i + 1) * width + j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Share of weight that two token sequences have in common, in order: 0–1; two empty ones are 0.
pub(crate) fn similarity(a: &[Tok], b: &[Tok]) -> f32 {
    let (a, b) = (&a[..a.len().min(COMPARED)], &b[..b.len().min(COMPARED)]);
    let both = total(a) + total(b);
    if both <= 0.0 {
        return 0.0;
    }
    // What both begin and end with needs no table.
    let prefix = a.iter().zip(b).take_while(|(a, b)| a.hash == b.hash).count();
    let suffix = a[prefix..].iter().rev().zip(b[prefix..].iter().rev()).take_while(|(a, b)| a.hash == b.hash).count();
    let (inner_a, inner_b) = (&a[prefix..a.len() - suffix], &b[prefix..b.len() - suffix]);
    let ends = total(&a[..prefix]) + total(&a[a.len() - suffix..]);
    let inner: f32 = common(inner_a, inner_b).iter().map(|&(at, _)| inner_a[at].weight).sum();
    (2.0 * (ends + inner) / both).min(1.0)
}
