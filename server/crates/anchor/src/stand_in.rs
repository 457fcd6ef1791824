//! What stands now where the flagged code stood, when the name it stood with is gone: code of the same kind under
//! another name. A renamed variable is still the same access; another function is another call, unless it is of the
//! same family.

use std::collections::HashSet;
use std::ops::Range;

use syntax::TokenKind;

use crate::Source;
use crate::field::Field;
use crate::portrait::{Head, Portrait};
use crate::search::{Candidate, Role, arguments, described, is};
use crate::tokens::{Tok, equal, lex_outline, similarity};

/// Nodes of the flagged kind looked at in the flagged code's place.
const LOOKED_AT: usize = 60;

/// Callees that findings of one rule flag, each as the hashes of its path: `subprocess`, `.`, `run`.
pub(crate) type Callees = HashSet<Vec<u64>>;

/// The callees flagged at `ranges` of `source`.
pub(crate) fn callees(source: &Source, ranges: &[Range<usize>], field: &Field<'_>) -> Callees {
    let of = |range: &Range<usize>| {
        let tokens = lex_outline(source, range.clone(), field.lexer);
        let at = Head::of(source, range, &tokens).callee()?;
        is_path(&tokens[..=at]).then(|| tokens[..=at].iter().map(|token| token.hash).collect())
    };
    ranges.iter().filter_map(of).collect()
}

/// Places in `window` (bytes of the field's text) that may stand in for the flagged code. `source` is what the
/// portrait is of, `range` where; `kin` tells which callees its rule is known to flag.
pub(crate) fn stand_ins(
    portrait: &Portrait,
    (source, range): (&Source, &Range<usize>),
    field: &Field<'_>,
    window: Range<usize>,
    kin: &dyn Fn() -> Callees,
) -> Vec<Candidate> {
    let Some(parsed) = field.source.parsed().filter(|_| !portrait.kind.is_empty()) else { return Vec::new() };
    if portrait.is_definition() || (portrait.tokens.len() == 1 && !portrait.is_call()) {
        return Vec::new();
    }
    let mut known = None;
    let mut found = Vec::new();
    for node in parsed.nodes_of_kind(window, portrait.kind, LOOKED_AT) {
        let tokens = lex_outline(field.source, node.clone(), field.lexer);
        let likeness = similarity(&portrait.tokens, &tokens);
        let mut candidate = described(portrait, field, node.clone(), equal(&portrait.tokens, &tokens), likeness);
        if let Some(head) = portrait.head.callee() {
            let Some(now) = Head::of(field.source, &node, &tokens).callee() else { continue };
            let is_bare = portrait.called_outside && now + 1 != tokens.len();
            if is_bare || !is_path(&portrait.tokens[..=head]) || !is_path(&tokens[..=now]) {
                continue;
            }
            let path: Vec<u64> = tokens[..=now].iter().map(|token| token.hash).collect();
            if !known.get_or_insert_with(kin).contains(&path) {
                let (old, new) = (&portrait.tokens[..head], &tokens[..now]);
                if old.is_empty() || !equal(old, new) {
                    continue;
                }
                let given = |source: &Source, at: &Range<usize>, tokens: &[Tok]| {
                    if portrait.called_outside { arguments(source, at.end, field.lexer) } else { tokens.to_vec() }
                };
                let before = given(source, range, &portrait.tokens[head + 1..]);
                let after = given(field.source, &node, &tokens[now + 1..]);
                let name = &field.source.text[tokens[now].range.clone()];
                if !is_variant(&portrait.head_name, name) && !keeps_named_argument(&before, &after) {
                    continue;
                }
                candidate.role = Role::Kin;
            }
        }
        found.push(candidate);
    }
    found
}

/// Names joined by dots and colons, and nothing else.
fn is_path(tokens: &[Tok]) -> bool {
    tokens.iter().all(|token| token.kind == TokenKind::Word || [".", "::"].iter().any(|dot| is(Some(token), dot)))
}

/// One name is the other with words added at its end: `writeFile` and `writeFileSync`, `load` and `load_all`.
fn is_variant(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let is_start = |c: char| c == '_' || c.is_uppercase() || c.is_ascii_digit();
    !short.is_empty() && long.strip_prefix(short).is_some_and(|rest| rest.starts_with(is_start))
}

/// An argument given by name, with its value, that both have: what made the call dangerous may be still there.
fn keeps_named_argument(before: &[Tok], after: &[Tok]) -> bool {
    let named = |tokens: &[Tok]| -> HashSet<(u64, u64)> {
        let triples = tokens.windows(3).filter(|three| three[0].kind == TokenKind::Word && is(three.get(1), "="));
        triples.map(|three| (three[0].hash, three[2].hash)).collect()
    };
    let after = named(after);
    named(before).iter().any(|argument| after.contains(argument))
}
