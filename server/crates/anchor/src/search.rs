//! Where in a field the flagged code may be now: token-equal places, and places that kept its head.

use std::ops::Range;

use syntax::TokenKind;

use crate::Source;
use crate::field::Field;
use crate::portrait::{Head, Portrait, statement_range};
use crate::tokens::{Lexer, Tok, common, equal, hash, lex, lex_outline, similarity};

const CALL: (&str, &str) = ("(", ")");
const BRACKETS: [(&str, &str); 3] = [CALL, ("[", "]"), ("{", "}")];

/// Arguments are compared up to here.
const ARGUMENT_BYTES: usize = 4096;

/// How many nodes up from the matched tokens the flagged kind of node may be.
const CLIMBED: usize = 6;

/// One place that may be it.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) range: Range<usize>,
    /// The same tokens, however laid out.
    pub(crate) equal: bool,
    /// Likeness of the flagged tokens, 0–1.
    pub(crate) flagged: f32,
    /// Likeness of the statements around, 0–1.
    pub(crate) statement: f32,
    /// Inside the same symbols.
    pub(crate) same_symbol: bool,
    /// The same kind of node.
    pub(crate) same_kind: bool,
    pub(crate) role: Role,
}

/// What a candidate would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The flagged code itself, wherever and however changed.
    Itself,
    /// The same callee behind the same words, in the same symbols: a guess at least, whatever its arguments are now.
    Led,
    /// A call of another function of the same family: a guess at most.
    Kin,
}

/// All places in `field` for `portrait`; `near` (a byte of the field's text) says which to prefer when there are many.
pub(crate) fn candidates(portrait: &Portrait, field: &Field<'_>, near: usize) -> Vec<Candidate> {
    let mut found = equal_places(portrait, field, near);
    if let (Some(head), Some(head_at)) = (portrait.head_hash(), portrait.head.at()) {
        for at in field.nearest(field.positions(head), near) {
            let inside = |candidate: &Candidate| {
                candidate.range.start <= field.tokens[at].range.start
                    && candidate.range.end >= field.tokens[at].range.end
            };
            if !found.iter().any(|known| known.equal && inside(known))
                && let Some(candidate) = similar_place(portrait, field, head_at, at)
            {
                found.push(candidate);
            }
        }
    } else if portrait.head == Head::None {
        let more = literal_places(portrait, field, near, &found);
        found.extend(more);
        let more = bracketed_places(portrait, field, near, &found);
        found.extend(more);
        let more = interpolated_places(portrait, field, near, &found);
        found.extend(more);
    }
    found
}

/// Token-equal places only.
pub(crate) fn equal_places(portrait: &Portrait, field: &Field<'_>, near: usize) -> Vec<Candidate> {
    let flagged = &portrait.tokens;
    let rarest = flagged.iter().enumerate().min_by_key(|(_, token)| field.positions(token.hash).len());
    let Some((probe, rarest)) = rarest else { return Vec::new() };
    let mut found = Vec::new();
    for at in field.nearest(field.positions(rarest.hash), near) {
        let Some(start) = at.checked_sub(probe) else { continue };
        let Some(tokens) = field.tokens.get(start..start + flagged.len()) else { continue };
        if !equal(flagged, tokens) || (portrait.called_outside && !is(field.tokens.get(start + flagged.len()), "(")) {
            continue;
        }
        let range = tokens[0].range.start..tokens[tokens.len() - 1].range.end;
        found.push(described(portrait, field, range, true, 1.0));
    }
    found
}

pub(crate) fn described(
    portrait: &Portrait,
    field: &Field<'_>,
    range: Range<usize>,
    equal: bool,
    flagged: f32,
) -> Candidate {
    let around = field.statement(&range);
    let parsed = field.source.parsed();
    Candidate {
        equal,
        flagged,
        statement: similarity(&portrait.statement, &around.tokens),
        same_symbol: parsed
            .is_some_and(|parsed| parsed.symbol_path(&field.source.text, range.start) == portrait.symbol),
        same_kind: parsed.is_some_and(|parsed| parsed.node_kind(range.clone()) == portrait.kind),
        role: Role::Itself,
        range,
    }
}

/// The flagged tokens around one occurrence of their head.
fn similar_place(portrait: &Portrait, field: &Field<'_>, head_at: usize, at: usize) -> Option<Candidate> {
    let flagged = &portrait.tokens;
    let calls = is(field.tokens.get(at + 1), "(");
    if portrait.is_call() && !calls {
        return None;
    }
    let around = field.statement(&field.tokens[at].range);
    let from =
        field.tokens[..at].iter().rposition(|token| token.is_barrier() || token.range.start < around.range.start);
    let from = from.map_or(0, |before| before + 1);
    let reach = flagged.len() * 2 + 40;
    let end_of = |start: usize, limit: usize| {
        let rest = &field.tokens[start..];
        let stop = rest.iter().position(|token| token.is_barrier() || token.range.end > limit).unwrap_or(rest.len());
        start + stop
    };
    let limit = if portrait.spans_block { usize::MAX } else { around.range.end };
    let until = end_of(at + 1, limit).min(at + 1 + reach);
    let from = from.max(at.saturating_sub(reach));
    let behind = &field.tokens[at + 1..until];
    // Backwards from the head, so that of two equal names the nearer one is taken.
    let reversed = |tokens: &[Tok]| tokens.iter().rev().cloned().collect::<Vec<_>>();
    let left = common(&reversed(&flagged[..head_at]), &reversed(&field.tokens[from..at]));
    let start = left.last().map_or(at, |&(_, back)| at - 1 - back);
    let closes_call =
        portrait.is_call() && is(flagged.last(), ")") && closing(flagged, head_at + 1, CALL) == Some(flagged.len() - 1);
    let right = common(&flagged[head_at + 1..], behind);
    let mut last = right.last().map_or(at, |&(_, forward)| at + 1 + forward);
    if closes_call && let Some(close) = closing(&field.tokens[..until], at + 1, CALL) {
        last = close;
    }
    let span = field.tokens[start].range.start..field.tokens[last].range.end;
    let range = snapped(portrait, field, &span);
    let tokens = lex_outline(field.source, range.clone(), field.lexer);
    let mut found = described(portrait, field, range, equal(flagged, &tokens), similarity(flagged, &tokens));
    let led =
        portrait.statement.get(..=portrait.offset + head_at).filter(|_| portrait.offset > 0 && portrait.is_call());
    let is_led = led.zip(around.tokens.get(..=portrait.offset + head_at)).is_some_and(|(then, now)| equal(then, now));
    if is_led && found.same_symbol {
        found.role = Role::Led;
    }
    Some(found)
}

/// The node of the flagged kind that the matched tokens mean, else just their span.
fn snapped(portrait: &Portrait, field: &Field<'_>, span: &Range<usize>) -> Range<usize> {
    let Some(parsed) = field.source.parsed().filter(|_| !portrait.kind.is_empty() && !portrait.called_outside) else {
        return span.clone();
    };
    let text = &*field.source.text;
    let flagged = portrait.tokens.first().zip(portrait.tokens.last());
    let flagged = flagged.map_or(0, |(first, last)| last.range.end - first.range.start);
    let limit = span.len().max(flagged) * 2 + 200;
    let mut range = span.clone();
    for _ in 0..CLIMBED {
        let node = parsed.snap(text, range.clone());
        if node.start > span.start || node.end < span.end || node.len() > limit {
            break;
        }
        if parsed.node_kind(node.clone()) == portrait.kind {
            return node;
        }
        let Some(next) = text[node.end..].chars().find(|c| !c.is_whitespace()) else { break };
        let step = text[node.end..].find(next).unwrap_or(0) + next.len_utf8();
        range = node.start..node.end + step;
    }
    span.clone()
}

/// A flagged literal: literals of the same kind in the same place of a similar statement.
fn literal_places(portrait: &Portrait, field: &Field<'_>, near: usize, known: &[Candidate]) -> Vec<Candidate> {
    let [literal] = &portrait.tokens[..] else { return Vec::new() };
    if !matches!(literal.kind, TokenKind::String | TokenKind::Number) {
        return Vec::new();
    }
    let same: Vec<usize> = (0..field.tokens.len()).filter(|&at| field.tokens[at].kind == literal.kind).collect();
    let mut found = Vec::new();
    for at in field.nearest(&same, near) {
        let range = field.tokens[at].range.clone();
        if known.iter().any(|known| known.range == range) {
            continue;
        }
        // Compare what stands before it: the name it is given to, the key, the parameter.
        let around = field.statement(&range);
        let offset = around.tokens.iter().position(|token| token.range.start >= range.start).unwrap_or(0);
        let before = similarity(&portrait.statement[..portrait.offset], &around.tokens[..offset]);
        found.push(described(portrait, field, range, false, before * 0.9));
    }
    found
}

/// A flagged list or object: those that open with the same bracket.
fn bracketed_places(portrait: &Portrait, field: &Field<'_>, near: usize, known: &[Candidate]) -> Vec<Candidate> {
    let flagged = &portrait.tokens;
    let pair = BRACKETS.into_iter().find(|(open, close)| is(flagged.first(), open) && is(flagged.last(), close));
    let Some(pair) = pair else { return Vec::new() };
    let mut found = Vec::new();
    for at in field.nearest(field.positions(flagged[0].hash), near) {
        let Some(close) = closing(&field.tokens, at, pair) else { continue };
        let range = field.tokens[at].range.start..field.tokens[close].range.end;
        let likeness = similarity(flagged, &field.tokens[at..=close]);
        if likeness > 0.4 && !known.iter().any(|known| known.range == range) {
            found.push(described(portrait, field, range, false, likeness));
        }
    }
    found
}

/// A flagged string with values in it: strings that begin and end alike, whatever the values are called now.
fn interpolated_places(portrait: &Portrait, field: &Field<'_>, near: usize, known: &[Candidate]) -> Vec<Candidate> {
    let [first, .., last] = &portrait.tokens[..] else { return Vec::new() };
    if first.kind != TokenKind::String || last.kind != TokenKind::String {
        return Vec::new();
    }
    let mut found = Vec::new();
    for at in field.nearest(field.positions(first.hash), near) {
        let most = (at + 2 * portrait.tokens.len() + 1).min(field.tokens.len());
        let Some(close) = (at + 1..most).find(|&close| field.tokens[close].hash == last.hash) else { continue };
        let range = field.tokens[at].range.start..field.tokens[close].range.end;
        let likeness = similarity(&portrait.tokens, &field.tokens[at..=close]);
        if likeness > 0.4 && !known.iter().any(|known| known.range == range) {
            found.push(described(portrait, field, range, false, likeness));
        }
    }
    found
}

pub(crate) fn is(token: Option<&Tok>, what: &str) -> bool {
    token.is_some_and(|token| token.kind == TokenKind::Punctuation && token.hash == hash(what))
}

/// Index of the bracket that closes the one at `open`.
fn closing(tokens: &[Tok], open: usize, (opens, closes): (&str, &str)) -> Option<usize> {
    let mut depth = 0i32;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        depth += i32::from(is(Some(token), opens)) - i32::from(is(Some(token), closes));
        if depth == 0 {
            return is(Some(token), closes).then_some(at);
        }
        if token.is_barrier() {
            return None;
        }
    }
    None
}

/// The tokens of the brackets that follow `offset`: the arguments of a callee that ends there.
pub(crate) fn arguments(source: &Source, offset: usize, lexer: Lexer) -> Vec<Tok> {
    let around = statement_range(source, &(offset..offset));
    let end = around.end.max(offset).min(offset + ARGUMENT_BYTES);
    let end = (end..=source.text.len()).find(|&end| source.text.is_char_boundary(end)).unwrap_or(source.text.len());
    let mut tokens = lex(source, offset..end, lexer);
    if let Some(close) = closing(&tokens, 0, CALL) {
        tokens.truncate(close + 1);
    }
    tokens
}
