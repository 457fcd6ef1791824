//! Code that left its file: token-equal in the new lines of another one, in one place only, and with enough tokens to
//! be recognised by.

use std::ops::Range;

use memchr::memmem;
use syntax::TokenKind;

use crate::field::Field;
use crate::lines::LineMap;
use crate::portrait::Portrait;
use crate::search::{Candidate, candidates, equal_places};
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

    /// The place that `range` of the scanned text most likely moved to.
    /// `is_deleted`: nothing stands in its place.
    pub(crate) fn find(
        &mut self,
        source: &Source,
        range: &Range<usize>,
        rule: (&str, &str),
        is_deleted: bool,
    ) -> Option<Found<'a>> {
        let mut portraits: [Option<Portrait>; 2] = [None, None];
        let mut seen: Vec<Seen> = Vec::new();
        let plain = lex(source, range.clone(), Lexer::Plain);
        let words: Vec<&str> = plain
            .iter()
            .filter(|token| token.kind == TokenKind::Word)
            .map(|token| &source.text[token.range.clone()])
            .collect();
        for number in 0..self.targets.len() {
            let target = &self.targets[number];
            let holds = |word: &str| memmem::find(target.source.text.as_bytes(), word.as_bytes()).is_some();
            // Most files lack one of the words, and need no parse to say so.
            let may_be_equal = words.iter().all(|word| holds(word));
            if !may_be_equal && !is_deleted {
                continue;
            }
            let own = portraits[0].get_or_insert_with(|| Portrait::of(source, range, Lexer::Grammar));
            let symbol = own.symbol.rsplit(['.', ':', '/', '#', ' ']).next().unwrap_or_default();
            let may_be_similar = is_deleted && !symbol.is_empty() && holds(symbol) && holds(&own.head_name);
            if !may_be_equal && !may_be_similar {
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
            let least = match (is_distinctive, is_deleted) {
                (false, _) => 0.95,
                (true, true) => 0.4,
                (true, false) => 0.8,
            };
            let places = if may_be_similar { candidates(portrait, field, 0) } else { equal_places(portrait, field, 0) };
            seen.extend(places.into_iter().filter_map(|place| {
                let is_sure = place.equal && place.statement >= least;
                let is_doubt = match (place.equal, is_distinctive) {
                    (true, true) => place.same_symbol,
                    (true, false) => false,
                    (false, _) => is_similar(&place),
                };
                (is_sure || is_doubt).then_some(Seen { number, place, is_sure })
            }));
        }
        let rule = (rule.0.to_owned(), rule.1.to_owned());
        seen.retain(|seen| !self.taken.contains(&(rule.clone(), seen.number, seen.place.range.clone())));
        seen.sort_by(|a, b| b.is_sure.cmp(&a.is_sure).then(b.worth().total_cmp(&a.worth())));
        let best = seen.first()?;
        let is_tied =
            seen.get(1).is_some_and(|second| second.is_sure == best.is_sure && second.worth() > best.worth() - 0.1);
        let (target, range) = (&self.targets[best.number], best.place.range.clone());
        if best.is_sure && !is_tied {
            self.taken.push((rule, best.number, range.clone()));
        }
        Some(Found { target, range, is_sure: best.is_sure && !is_tied })
    }
}

/// A place in another file.
pub(crate) struct Found<'a> {
    pub(crate) target: &'a Target<'a>,
    pub(crate) range: Range<usize>,
    /// It is the only one, and like enough; else it is a guess.
    pub(crate) is_sure: bool,
}

struct Seen {
    number: usize,
    place: Candidate,
    is_sure: bool,
}

impl Seen {
    fn worth(&self) -> f32 {
        self.place.statement + if self.place.same_symbol { 1.0 } else { 0.0 }
    }
}

/// Changed on its way to the other file, and still in the same function.
fn is_similar(place: &Candidate) -> bool {
    place.same_symbol && place.flagged >= 0.6 && place.statement >= 0.6
}
