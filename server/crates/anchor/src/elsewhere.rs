//! Code that left its file: token-equal in the new lines of another one, in one place only, and with enough tokens to
//! be recognised by.

use std::ops::Range;

use memchr::memmem;
use syntax::TokenKind;

use crate::field::Field;
use crate::lines::LineMap;
use crate::portrait::Portrait;
use crate::search::{Candidate, equal_places};
use crate::tokens::{Lexer, lex};
use crate::{Source, Target};

/// Fewer flagged tokens are not distinctive by themselves; then their statement must be equal, and long enough.
const DISTINCTIVE: usize = 4;

/// The other files, searched when first needed.
pub(crate) struct Elsewhere<'a> {
    targets: &'a [Target<'a>],
    fields: Vec<Option<Field<'a>>>,
    source: &'a Source,
    /// Places given away, by rule: only findings of one rule exclude each other.
    taken: Vec<((String, String), usize, Range<usize>)>,
}

impl<'a> Elsewhere<'a> {
    pub(crate) fn new(targets: &'a [Target<'a>], source: &'a Source) -> Self {
        Self { targets, fields: targets.iter().map(|_| None).collect(), source, taken: Vec::new() }
    }

    /// The one place that `range` of the scanned text moved to.
    /// `is_deleted`: nothing stands in its place.
    pub(crate) fn find(
        &mut self,
        source: &Source,
        range: &Range<usize>,
        rule: (&str, &str),
        is_deleted: bool,
    ) -> Option<(&'a Target<'a>, Range<usize>)> {
        let mut portraits: [Option<Portrait>; 2] = [None, None];
        let mut found: Vec<(usize, Candidate)> = Vec::new();
        let plain = lex(source, range.clone(), Lexer::Plain);
        let words: Vec<&str> = plain
            .iter()
            .filter(|token| token.kind == TokenKind::Word)
            .map(|token| &source.text[token.range.clone()])
            .collect();
        for number in 0..self.targets.len() {
            let target = &self.targets[number];
            // Most files lack one of the words, and need no parse to say so.
            if !words.iter().all(|word| memmem::find(target.source.text.as_bytes(), word.as_bytes()).is_some()) {
                continue;
            }
            let lexer = Lexer::shared(self.source, target.source);
            let kept = &mut portraits[usize::from(lexer == Lexer::Plain)];
            let portrait = kept.get_or_insert_with(|| Portrait::of(source, range, lexer));
            let is_distinctive = portrait.tokens.len() >= DISTINCTIVE;
            if !is_distinctive && portrait.statement.len() <= DISTINCTIVE {
                continue;
            }
            let field = self.fields[number].get_or_insert_with(|| {
                let map = target.before.map(|before| LineMap::new(before, target.source));
                Field::new(target.source, lexer, &|line| map.as_ref().is_none_or(|map| map.old_line(line).is_none()))
            });
            let least = if !is_distinctive {
                0.95
            } else if is_deleted {
                0.4
            } else {
                0.8
            };
            let places = equal_places(portrait, field, 0);
            found.extend(places.into_iter().filter(|place| place.statement >= least).map(|place| (number, place)));
        }
        let rule = (rule.0.to_owned(), rule.1.to_owned());
        found.retain(|(number, place)| !self.taken.contains(&(rule.clone(), *number, place.range.clone())));
        let worth = |place: &Candidate| place.statement + if place.same_symbol { 1.0 } else { 0.0 };
        found.sort_by(|a, b| worth(&b.1).total_cmp(&worth(&a.1)));
        let (number, best) = found.first()?;
        if found.get(1).is_some_and(|(_, second)| worth(second) > worth(best) - 0.1) {
            return None;
        }
        self.taken.push((rule, *number, best.range.clone()));
        Some((&self.targets[*number], best.range.clone()))
    }
}
