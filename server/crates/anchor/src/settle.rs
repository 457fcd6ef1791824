//! From a finding and the place it got to its placement: exact, moved, edited, in doubt or gone, and the words for it.

use std::collections::HashMap;
use std::ops::Range;

use finding::{Placement, State};
use memchr::memmem;

use crate::content::Job;
use crate::elsewhere::Elsewhere;
use crate::lines::written;
use crate::portrait::Portrait;
use crate::score::EDITED;
use crate::search::{Role, arguments};
use crate::siblings::{Choice, Unit};
use crate::tokens::{Lexer, equal};
use crate::{Source, confidence, reason};

/// Lines looked at for syntax errors in place of the flagged ones.
const LOOKED_AT: usize = 100;

impl Job<'_> {
    /// The placement of one finding, once it is known which place it got.
    pub(crate) fn settle(
        &self,
        unit: &Unit<'_>,
        option: Option<&Choice>,
        has_twins: bool,
        all: &HashMap<usize, Choice>,
        others: &mut Elsewhere<'_>,
    ) -> Placement {
        let from = unit.window.old.start;
        if let Some(option) = option.filter(|option| option.likelihood >= EDITED) {
            return self.found(unit, option, has_twins);
        }
        if let Some(found) = others.find(self.source, &unit.range, unit.rule, unit.window.new.is_empty()) {
            return self.trust.moved_between(self.scan, from, &found);
        }
        let best = option.or_else(|| all.values().max_by(|a, b| a.likelihood.total_cmp(&b.likelihood)));
        if let Some(range) = self.broken(unit, best) {
            return self.trust.placement(State::Uncertain, (self.home, range), confidence::BROKEN, &[reason::BROKEN]);
        }
        match option {
            Some(option) => {
                let place = (self.home, option.candidate.range.clone());
                let confidence = confidence::GUESS + confidence::GUESS_RANGE * option.likelihood;
                let varied = reason::call_varied(&unit.portrait.head_name);
                let why = match option.candidate.role {
                    Role::Kin => &varied,
                    Role::Itself | Role::Led => reason::DOUBT,
                };
                self.trust.placement(State::Uncertain, place, confidence, &[why])
            }
            None => self.trust.gone(&self.home.path, confidence::GONE, &why_gone(unit)),
        }
    }

    fn found(&self, unit: &Unit<'_>, option: &Choice, has_twins: bool) -> Placement {
        let range = option.candidate.range.clone();
        let (from, to) = (unit.window.old.start, self.home.source.lines.line_of(range.start));
        let renamed = self.renamed();
        let place = (self.home, range.clone());
        if !option.candidate.equal {
            let why = self.what_changed(unit, &range);
            let share = ((option.likelihood - EDITED) / (1.0 - EDITED)).clamp(0.0, 1.0);
            return self.trust.placement(
                State::Edited,
                place,
                confidence::EDITED + confidence::EDITED_RANGE * share,
                &[&why, &renamed],
            );
        }
        let lexer = Lexer::shared(self.source, self.home.source);
        if unit.portrait.called_outside
            && !equal(&arguments(self.source, unit.range.end, lexer), &arguments(self.home.source, range.end, lexer))
        {
            let why = reason::arguments_changed(&unit.portrait.head_name);
            let moved = if from == to { String::new() } else { reason::moved_within(from + 1) };
            return self.trust.placement(State::Edited, place, confidence::ARGUMENTS, &[&why, &moved, &renamed]);
        }
        let same_text = same_but_line_ends(&self.source.text[unit.range.clone()], &self.home.source.text[range]);
        let confidence = if has_twins {
            confidence::ONE_OF_SEVERAL
        } else if self.is_one_of_a_kind(from, to) {
            confidence::ONE_OF_A_KIND
        } else if from == to {
            confidence::TWIN_IN_PLACE
        } else {
            confidence::TWIN_MOVED
        };
        let twins = if has_twins { reason::TWINS } else { "" };
        if same_text && from == to && renamed.is_empty() {
            return self.trust.placement(State::Exact, place, confidence, &[reason::LINE_CHANGED_AROUND, twins]);
        }
        let moved = if from == to { String::new() } else { reason::moved_within(from + 1) };
        let layout = if same_text { "" } else { reason::REFORMATTED };
        self.trust.placement(State::Moved, place, confidence, &[layout, &moved, &renamed, twins])
    }

    /// The flagged line stands once in the scanned text and once now: there is nothing to mistake it for.
    fn is_one_of_a_kind(&self, from: usize, to: usize) -> bool {
        let once = |source: &Source, at: usize| {
            let needle = written(source, at).map_or("", |range| &source.text[range]);
            memmem::find_iter(source.text.as_bytes(), needle.as_bytes()).take(2).count() == 1
        };
        once(self.source, from) && once(self.home.source, to)
    }

    fn what_changed(&self, unit: &Unit<'_>, now: &Range<usize>) -> String {
        let portrait = &unit.portrait;
        let current = Portrait::of(self.home.source, now, Lexer::shared(self.source, self.home.source));
        let callee_kept = match (portrait.head.at(), current.head.at()) {
            (Some(old), Some(new)) if portrait.is_call() && current.is_call() => {
                equal(&portrait.tokens[..=old], &current.tokens[..=new])
            }
            _ => false,
        };
        if callee_kept { reason::arguments_changed(&portrait.head_name) } else { reason::FEWER_CHANGED.to_owned() }
    }

    /// A range to stand on for now, when the code in the flagged place does not parse and did when scanned.
    fn broken(&self, unit: &Unit<'_>, best: Option<&Choice>) -> Option<Range<usize>> {
        let (now, then) = (self.home.source.parsed()?, self.source.parsed()?);
        let last = self.home.source.lines.lines() - 1;
        let new = &unit.window.new;
        // Where nothing is left, the lines on both sides of the gap.
        let (start, end) =
            if new.is_empty() { (new.start.saturating_sub(1), new.start) } else { (new.start, new.end - 1) };
        let (start, end) = (start.min(last), end.min(last));
        let written = |at: usize| written(self.home.source, at);
        let is_broken = (start..=end).take(LOOKED_AT).filter_map(written).any(|line| now.has_error_near(line));
        if !is_broken || then.has_error_near(unit.range.clone()) {
            return None;
        }
        if let Some(best) = best {
            return Some(best.candidate.range.clone());
        }
        (start..=end).find_map(written)
    }
}

fn why_gone(unit: &Unit<'_>) -> String {
    let first = unit.window.old.start + 1;
    if unit.window.new.is_empty() {
        reason::deleted(first)
    } else if unit.portrait.is_call() {
        reason::call_replaced(&unit.portrait.head_name)
    } else {
        reason::code_replaced(first)
    }
}

fn same_but_line_ends(a: &str, b: &str) -> bool {
    a == b || a.lines().eq(b.lines())
}
