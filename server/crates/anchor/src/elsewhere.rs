//! Code that left its file: token-equal in the new lines of another one, in one place only, and with enough tokens to
//! be recognised by.

use std::ops::Range;

use memchr::memmem;
use syntax::TokenKind;

use crate::field::Field;
use crate::lines::{LineMap, written};
use crate::portrait::{Portrait, statement_range};
use crate::search::{Candidate, candidates, equal_places};
use crate::siblings::neighbours;
use crate::tokens::{Lexer, lex};
use crate::{Source, Target};

/// Fewer flagged tokens are not distinctive by themselves; then their statement must be equal, and long enough.
const DISTINCTIVE: usize = 4;

/// With this share of its neighbours it came along with the code around it.
const IN_ITS_BLOCK: f32 = 0.5;

/// With this share of them it may have.
const NEAR_ITS_BLOCK: f32 = 0.3;

/// Least likeness of the flagged code and of its statement, where either changed on the way.
const LEAST_ALIKE: f32 = 0.6;

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
        let flagged = words_of(source, range);
        let around = words_of(source, &statement_range(source, range));
        let line = source.lines.line_of(range.start);
        let text = written(source, line).map_or("", |range| &source.text[range]);
        for number in 0..self.targets.len() {
            let target = &self.targets[number];
            let holds = |word: &&&str| memmem::find(target.source.text.as_bytes(), word.as_bytes()).is_some();
            // Most files lack too many of the words, and need no parse to say so.
            let may_be_equal = flagged.iter().all(|word| holds(&word));
            let may_be_similar = around.iter().filter(holds).count() * 3 >= around.len() * 2;
            if !may_be_equal && !may_be_similar {
                continue;
            }
            let lexer = Lexer::shared(self.source, target.source);
            let kept = &mut portraits[usize::from(lexer == Lexer::Plain)];
            let portrait = kept.get_or_insert_with(|| Portrait::of(source, range, lexer));
            let field = self.fields[number].get_or_insert_with(|| {
                let map = target.before.map(|before| LineMap::new(before, target.source));
                Field::new(target.source, lexer, &|line| map.as_ref().is_none_or(|map| map.old_line(line).is_none()))
            });
            // Of too many places those around the very line are looked at.
            let near = memmem::find(target.source.text.as_bytes(), text.as_bytes()).unwrap_or(0);
            let places =
                if may_be_similar { candidates(portrait, field, near) } else { equal_places(portrait, field, near) };
            seen.extend(places.into_iter().filter_map(|place| {
                let neighbours = neighbours(source, line, target.source, field.line_of(place.range.start));
                let kind = Kind::of(portrait, &place, neighbours, is_deleted)?;
                Some(Seen { number, place, neighbours, kind })
            }));
        }
        let rule = (rule.0.to_owned(), rule.1.to_owned());
        seen.retain(|seen| !self.taken.contains(&(rule.clone(), seen.number, seen.place.range.clone())));
        seen.sort_by(|a, b| b.kind.cmp(&a.kind).then(b.worth().total_cmp(&a.worth())));
        let best = seen.first()?;
        let is_tied = seen.get(1).is_some_and(|second| second.kind == best.kind && second.worth() > best.worth() - 0.1);
        let kind = if is_tied { Kind::Doubt } else { best.kind };
        let (target, range) = (&self.targets[best.number], best.place.range.clone());
        if kind != Kind::Doubt {
            self.taken.push((rule, best.number, range.clone()));
        }
        Some(Found { target, range, kind })
    }
}

/// A place in another file.
pub(crate) struct Found<'a> {
    pub(crate) target: &'a Target<'a>,
    pub(crate) range: Range<usize>,
    pub(crate) kind: Kind,
}

/// What a place in another file is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A guess.
    Doubt,
    /// Moved with the code around it, and changed on the way.
    Edited,
    /// The same code, with enough of it to be told by.
    Same,
}

impl Kind {
    fn of(portrait: &Portrait, place: &Candidate, neighbours: f32, is_deleted: bool) -> Option<Self> {
        let is_distinctive = portrait.tokens.len() >= DISTINCTIVE;
        let is_block = neighbours >= IN_ITS_BLOCK;
        let least = match (is_distinctive, is_deleted) {
            (false, _) => 0.95,
            (true, true) => 0.4,
            (true, false) => 0.8,
        };
        if place.equal
            && place.statement >= least
            && (is_distinctive || is_block || portrait.statement.len() > DISTINCTIVE)
        {
            return Some(Self::Same);
        }
        if place.flagged < LEAST_ALIKE || place.statement < LEAST_ALIKE {
            return (place.equal && is_distinctive && place.same_symbol).then_some(Self::Doubt);
        }
        if is_block {
            return Some(Self::Edited);
        }
        let is_near = neighbours >= NEAR_ITS_BLOCK;
        (is_near || place.same_symbol && (is_distinctive || !place.equal)).then_some(Self::Doubt)
    }
}

struct Seen {
    number: usize,
    place: Candidate,
    neighbours: f32,
    kind: Kind,
}

impl Seen {
    fn worth(&self) -> f32 {
        self.place.statement + self.neighbours + if self.place.same_symbol { 1.0 } else { 0.0 }
    }
}

fn words_of<'s>(source: &'s Source, range: &Range<usize>) -> Vec<&'s str> {
    let tokens = lex(source, range.clone(), Lexer::Plain);
    let words = tokens.iter().filter(|token| token.kind == TokenKind::Word);
    words.map(|token| &source.text[token.range.clone()]).collect()
}
