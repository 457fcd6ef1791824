//! Flagged text (a query, a command line) that is put together in another way now: the same words in the same place,
//! in strings of another make. `"… %s" % name` and `f"… {name}"` are one query; so are a command and its list of words.

use std::collections::HashMap;
use std::ops::Range;

use syntax::TokenKind;

use crate::Source;
use crate::field::Field;
use crate::portrait::{Head, Portrait};
use crate::score::ratio;
use crate::search::{Candidate, Role, described, is};
use crate::tokens::{Tok, lex};

/// Fewer words are no text to be told by.
const LEAST_WORDS: usize = 3;

/// Share of words in common from which on it is the same text.
const SAME_TEXT: f32 = 0.6;

/// Strings looked at in the flagged code's place.
const LOOKED_AT: usize = 60;

/// Statements in `window` (bytes of the field's text) whose strings hold the words of the flagged ones. `source` is what
/// the portrait is of. A text with values put in stands for one with values put in; without them it is the fix.
pub(crate) fn reworded(
    portrait: &Portrait,
    source: &Source,
    field: &Field<'_>,
    window: Range<usize>,
) -> Vec<Candidate> {
    let flagged = words(source, &portrait.tokens);
    if portrait.head != Head::None || flagged.values().sum::<usize>() < LEAST_WORDS {
        return Vec::new();
    }
    let was_filled = is_filled(&portrait.tokens);
    let mut found: Vec<Candidate> = Vec::new();
    let strings = lex(field.source, window.clone(), field.lexer);
    for string in strings.iter().filter(|token| token.kind == TokenKind::String).take(LOOKED_AT) {
        if found.last().is_some_and(|last| last.range.end >= string.range.end) {
            continue;
        }
        let statement = field.statement(&string.range);
        let inside = |token: &Tok| token.range.start >= window.start && token.kind == TokenKind::String;
        let (Some(first), Some(last)) =
            (statement.tokens.iter().position(inside), statement.tokens.iter().rposition(inside))
        else {
            continue;
        };
        let tokens = &statement.tokens[first..(last + 2).min(statement.tokens.len())];
        let likeness = in_common(&flagged, &words(field.source, tokens));
        if likeness < SAME_TEXT || was_filled && !is_filled(tokens) {
            continue;
        }
        let range = statement.tokens[first].range.start..statement.tokens[last].range.end;
        let mut candidate = described(portrait, field, range, false, likeness);
        if !was_filled {
            candidate.role = Role::Kin;
        }
        found.push(candidate);
    }
    found
}

/// How often each word stands in the strings among `tokens`.
fn words<'s>(source: &'s Source, tokens: &[Tok]) -> HashMap<&'s str, usize> {
    let mut words = HashMap::new();
    for string in tokens.iter().filter(|token| token.kind == TokenKind::String) {
        let text = &source.text[string.range.clone()];
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| word.len() > 1) {
            *words.entry(word).or_default() += 1;
        }
    }
    words
}

fn in_common(a: &HashMap<&str, usize>, b: &HashMap<&str, usize>) -> f32 {
    let both: usize = a.iter().map(|(word, count)| (*count).min(b.get(word).copied().unwrap_or(0))).sum();
    ratio(2 * both, a.values().sum::<usize>() + b.values().sum::<usize>())
}

/// Values go into the text: between its parts, or by what follows it.
fn is_filled(tokens: &[Tok]) -> bool {
    tokens
        .iter()
        .any(|token| token.kind == TokenKind::Word || ["%", "+", ".", "${"].iter().any(|sign| is(Some(token), sign)))
}
