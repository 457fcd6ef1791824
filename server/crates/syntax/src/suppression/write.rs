//! Writes a comment that silences one rule of one tool at one place, or says why it cannot stand there.
//!
//! Places are tried in the order the tool likes them. What would be written is applied to a copy of the text, parsed and
//! read back: the comment must be a comment, the code must have the tokens it had, every other suppression must still be
//! there, and this one must silence the finding. So what is unknown about a language here can refuse, and do no harm.

use std::ops::Range;

use super::{
    Suppression, Suppressions, candidates, lines_of,
    markers::PRAGMA,
    merge,
    ways::{Place, Reason},
    wording::{self, ways},
};
use crate::{Edit, Language, Parsed, parse, place::clamp};

/// Lines above and below the comment whose code is compared.
const AROUND: usize = 12;

/// What is to be silenced.
#[derive(Debug, Clone)]
pub struct Wish<'w> {
    /// The tool as a report or platform names it.
    pub tool: &'w str,
    /// The rule likewise.
    pub rule: &'w str,
    /// Bytes of the finding.
    pub range: Range<usize>,
    /// Why; may be empty. Left out where the tool's comment has no room for it.
    pub reason: &'w str,
}

/// Why nothing is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The tool has no comment for this rule in this language.
    Unknown,
    /// It is silenced already, by this comment.
    Already(String),
    /// No comment of the tool can stand where the tool would read it.
    NoPlace,
    /// There would be a place, but a comment of another tool needs it.
    Taken,
    /// The tool wants a reason.
    NeedsReason,
    /// The reason would silence more than the finding.
    Silences,
    /// The text is too large or too odd to be parsed.
    Unparsed,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "the tool has no comment that suppresses this rule here",
            Self::Already(comment) => return write!(f, "it is suppressed already, by {comment}"),
            Self::NoPlace => {
                "no comment can stand where the tool would read it: inside a string or other text, or in the middle of \
                 something that takes none"
            }
            Self::Taken => "the comment of another tool stands where this one would have to",
            Self::NeedsReason => "the tool takes a suppression only with a reason",
            Self::Silences => "the reason holds words that suppress something themselves",
            Self::Unparsed => "the file is too large to find a safe place for a comment",
        })
    }
}

impl std::error::Error for Refused {}

/// What is put where, in the order of the text.
pub(super) type Edits = Vec<(Range<usize>, String)>;

/// Something to try.
pub(super) struct Candidate {
    pub(super) edits: Edits,
    /// How many comments there are more than before.
    pub(super) adds: usize,
    /// Bytes of the old text on whose lines the tool looks.
    pub(super) looks_at: Range<usize>,
}

/// The edits that silence the wish's rule: ranges of `text` and what to put there. `parsed` is a parse of exactly this
/// text, where the caller has one.
///
/// # Errors
///
/// [`Refused`] says in words why nothing can be written.
pub fn suppress(
    language: Option<Language>,
    text: &str,
    parsed: Option<&Parsed>,
    wish: &Wish<'_>,
) -> Result<Edits, Refused> {
    let language = language.ok_or(Refused::Unknown)?;
    let ways: Vec<_> = ways(language, wish.tool, wish.rule).collect();
    let (first, _) = ways.first().ok_or(Refused::Unknown)?;
    let range = clamp(text, wish.range.clone());
    let before = Suppressions::of(Some(language), text);
    if let Some(one) = before.at(text, range.clone()).find(|one| one.applies_to(wish.tool, wish.rule)) {
        return Err(Refused::Already(one.text.clone()));
    }
    let reason = wording::reason(first, wish.reason).ok_or(Refused::Silences)?;
    if reason.is_empty() && matches!(first.reason, Reason::Required(_)) {
        return Err(Refused::NeedsReason);
    }
    let own;
    let parsed = if let Some(parsed) = parsed.filter(|parsed| parsed.language() == language) {
        parsed
    } else {
        own = parse(language, text, None, &|| false).ok_or(Refused::Unparsed)?;
        &own
    };
    let check = Check { text, parsed, before: &before, wish, range: range.clone() };
    let mut is_taken = false;
    for (way, rule) in &ways {
        let here = candidates::Here { text, parsed, before: &before, range: range.clone(), way, rule, reason: &reason };
        if let Some(merged) = merge::into_existing(&here) {
            // A comment of the tool is here: a second one beside it would be read by few.
            return if check.holds(&merged, way.place) { Ok(merged.edits) } else { Err(Refused::NoPlace) };
        }
    }
    for (way, rule) in &ways {
        let here = candidates::Here { text, parsed, before: &before, range: range.clone(), way, rule, reason: &reason };
        match candidates::all(&here) {
            Ok(all) => {
                if let Some(found) = all.into_iter().find(|candidate| check.holds(candidate, way.place)) {
                    return Ok(found.edits);
                }
            }
            Err(refused) => is_taken |= refused == Refused::Taken,
        }
    }
    Err(if is_taken { Refused::Taken } else { Refused::NoPlace })
}

/// What must hold of a text once it is edited.
struct Check<'c> {
    text: &'c str,
    parsed: &'c Parsed,
    before: &'c Suppressions,
    wish: &'c Wish<'c>,
    range: Range<usize>,
}

impl Check<'_> {
    fn holds(&self, candidate: &Candidate, place: Place) -> bool {
        let mut text = self.text.to_owned();
        let mut parsed = self.parsed.clone();
        for (range, new) in candidate.edits.iter().rev() {
            parsed.edit(&Edit::replace(&text, range.clone(), new));
            text.replace_range(range.clone(), new);
        }
        let language = self.parsed.language();
        let Some(parsed) = parse(language, &text, Some(&parsed), &|| false) else { return false };
        let inserted = inserted(&candidate.edits);
        let looked_at = moved(&candidate.edits, &self.range).start..moved(&candidate.edits, &candidate.looks_at).end;
        let after = Suppressions::of(Some(language), &text);
        let is_silenced = after.at(&text, looked_at).any(|one| {
            inserted.iter().any(|new| new.start < one.range.end && one.range.start < new.end)
                && one.applies_to(self.wish.tool, self.wish.rule)
        });
        is_silenced
            && after.all().len() == self.before.all().len() + candidate.adds
            && is_comment(&parsed, &text, &after, &inserted, place)
            && self.is_same_code(&parsed, &text, &inserted, &candidate.edits)
    }

    /// The code around has the tokens it had, and no syntax error that was not there.
    fn is_same_code(&self, parsed: &Parsed, text: &str, inserted: &[Range<usize>], edits: &Edits) -> bool {
        let (Some(first), Some(last)) = (edits.first(), edits.last()) else { return false };
        let old = around(self.text, first.0.start..last.0.end.max(self.range.end));
        let new = moved_start(edits, old.start)..moved(edits, &old).end;
        let untouched = |range: &Range<usize>| {
            !inserted.iter().any(|inserted| range.start < inserted.end && inserted.start < range.end)
        };
        let then = self.parsed.tokens(self.text, old.clone());
        let now = parsed.tokens(text, new.clone());
        let now: Vec<_> = now.iter().filter(|token| untouched(&token.range)).map(|token| &token.text).collect();
        then.iter().map(|token| &token.text).eq(now) && (self.parsed.has_error_near(old) || !parsed.has_error_near(new))
    }
}

/// Each new directive stands in a comment, whole and on one line.
fn is_comment(parsed: &Parsed, text: &str, after: &Suppressions, inserted: &[Range<usize>], place: Place) -> bool {
    let is_new = |one: &&Suppression| inserted.iter().any(|new| new.start < one.range.end && one.range.start < new.end);
    after.all().iter().filter(is_new).all(|one| {
        if place == Place::Around {
            return one.text.to_lowercase().starts_with(PRAGMA) && !parsed.in_string(one.range.start);
        }
        let line = lines_of(text, one.range.clone());
        parsed.comment_at(one.range.start).is_some_and(|comment| {
            comment.start >= line.start
                && comment.end <= line.end
                && comment.start <= one.range.start
                && comment.end >= one.range.end
        })
    })
}

/// Where the new text of the edits stands in the edited text.
fn inserted(edits: &Edits) -> Vec<Range<usize>> {
    let mut grown = 0;
    edits
        .iter()
        .map(|(range, new)| {
            let start = range.start + grown;
            grown = grown + new.len() - range.len();
            start..start + new.len()
        })
        .collect()
}

/// A range of the old text in the edited one; what is put at its very start stands before it.
fn moved(edits: &Edits, range: &Range<usize>) -> Range<usize> {
    let at = |offset: usize| {
        let before = edits.iter().take_while(|(replaced, _)| replaced.end <= offset);
        before.fold(offset, |at, (replaced, new)| at + new.len() - replaced.len())
    };
    at(range.start)..at(range.end)
}

/// An offset of the old text in the edited one; what is put there stands behind it.
fn moved_start(edits: &Edits, offset: usize) -> usize {
    let before = edits.iter().take_while(|(replaced, _)| replaced.end < offset);
    before.fold(offset, |at, (replaced, new)| at + new.len() - replaced.len())
}

/// The whole lines of a range and some around.
fn around(text: &str, range: Range<usize>) -> Range<usize> {
    let mut lines = lines_of(text, range);
    for _ in 0..AROUND {
        if lines.start > 0 {
            lines.start = lines_of(text, lines.start - 1..lines.start).start;
        }
        if lines.end < text.len() {
            lines.end = lines_of(text, lines.end..lines.end).end;
        }
    }
    lines
}
