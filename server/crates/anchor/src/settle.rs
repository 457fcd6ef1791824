//! From a finding and the place it got to its placement: exact, moved, edited, in doubt or gone, and the words for it.

use std::collections::HashMap;
use std::ops::Range;

use finding::{Placement, State};

use crate::content::Job;
use crate::elsewhere::Elsewhere;
use crate::lines::written;
use crate::portrait::Portrait;
use crate::reason;
use crate::score::EDITED;
use crate::search::arguments;
use crate::siblings::{Choice, Unit};
use crate::tokens::{Lexer, equal};

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
            return self.trust.placement(State::Uncertain, (self.home, range), 0.3, &[reason::BROKEN]);
        }
        match option {
            Some(option) => {
                let place = (self.home, option.candidate.range.clone());
                self.trust.placement(State::Uncertain, place, 0.3 + 0.2 * option.likelihood, &[reason::DOUBT])
            }
            None => self.trust.gone(&self.home.path, 0.9, &why_gone(unit)),
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
            return self.trust.placement(State::Edited, place, 0.55 + 0.35 * share, &[&why, &renamed]);
        }
        let lexer = Lexer::shared(self.source, self.home.source);
        if unit.portrait.called_outside
            && !equal(&arguments(self.source, unit.range.end, lexer), &arguments(self.home.source, range.end, lexer))
        {
            let why = reason::arguments_changed(&unit.portrait.head_name);
            let moved = if from == to { String::new() } else { reason::moved_within(from + 1) };
            return self.trust.placement(State::Edited, place, 0.8, &[&why, &moved, &renamed]);
        }
        let same_text = same_but_line_ends(&self.source.text[unit.range.clone()], &self.home.source.text[range]);
        let confidence = if has_twins { 0.7 } else { 0.95 };
        let twins = if has_twins { reason::TWINS } else { "" };
        if same_text && from == to && renamed.is_empty() {
            return self.trust.placement(State::Exact, place, confidence, &[reason::LINE_CHANGED_AROUND, twins]);
        }
        let moved = if from == to { String::new() } else { reason::moved_within(from + 1) };
        let layout = if same_text { "" } else { reason::REFORMATTED };
        self.trust.placement(State::Moved, place, confidence, &[layout, &moved, &renamed, twins])
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
