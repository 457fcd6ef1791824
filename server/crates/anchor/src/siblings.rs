//! Findings of one rule in one file share the places that are found: each place goes to one of them, the best total
//! decides.

use std::collections::HashMap;
use std::ops::Range;

use finding::{Placement, State};

use crate::assign::assign;
use crate::content::Job;
use crate::elsewhere::Elsewhere;
use crate::field::Field;
use crate::lines::{line, written};
use crate::portrait::Portrait;
use crate::reworded::reworded;
use crate::score::{GUESS, Surroundings, likelihood, ratio, worth};
use crate::search::{Candidate, candidates};
use crate::stand_in::{callees, stand_ins};
use crate::{Source, confidence, reason};

/// Findings of one rule on one place: they go together.
pub(crate) struct Unit<'a> {
    pub(crate) items: Vec<usize>,
    pub(crate) range: Range<usize>,
    pub(crate) rule: (&'a str, &'a str),
    pub(crate) window: Window,
    pub(crate) portrait: Portrait,
}

/// New lines that stand where the flagged old lines stood.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) old: Range<usize>,
    pub(crate) new: Range<usize>,
}

/// A candidate as one sibling sees it.
pub(crate) struct Choice {
    pub(crate) candidate: Candidate,
    pub(crate) around: Surroundings,
    pub(crate) likelihood: f32,
}

impl Job<'_> {
    /// Places the open findings of one rule, jointly.
    /// `held`: places that unchanged findings of the rule hold; `flagged`: all ranges of the rule in the scanned text.
    /// When `cancelled` answers true it returns what little it has.
    pub(crate) fn share(
        &self,
        units: &[&Unit<'_>],
        field: &Field<'_>,
        (held, flagged): (&[Range<usize>], &[Range<usize>]),
        others: &mut Elsewhere<'_>,
        cancelled: &dyn Fn() -> bool,
    ) -> Vec<Placement> {
        let mut columns: HashMap<(usize, usize), usize> = HashMap::new();
        let mut options: Vec<HashMap<usize, Choice>> = Vec::new();
        for unit in units {
            if cancelled() {
                return Vec::new();
            }
            let mut of_unit = HashMap::new();
            for candidate in self.candidates(unit, field, flagged) {
                if held.contains(&candidate.range) {
                    continue;
                }
                let next = columns.len();
                let column = *columns.entry((candidate.range.start, candidate.range.end)).or_insert(next);
                let around = self.surroundings(unit, &candidate);
                let likelihood = likelihood(&unit.portrait, &candidate, around);
                of_unit.insert(column, Choice { candidate, around, likelihood });
            }
            options.push(of_unit);
        }
        let scores: Vec<Vec<Option<f32>>> = units
            .iter()
            .zip(&options)
            .map(|(unit, options)| {
                let score = |column| {
                    let option: &Choice = options.get(&column)?;
                    (option.likelihood >= GUESS).then(|| worth(&unit.portrait, &option.candidate, option.around))
                };
                (0..columns.len()).map(score).collect()
            })
            .collect();
        let chosen = assign(&scores);
        let settled = units.iter().zip(&options).zip(&scores).zip(chosen);
        settled
            .map(|(((unit, options), scores), column)| {
                let option = column.and_then(|column| options.get(&column));
                let rivals = column.map_or(0, |column| {
                    let best = scores[column].unwrap_or(0.0);
                    let is_rival =
                        |other: usize| other != column && scores[other].is_some_and(|score| score > best - 0.03);
                    (0..scores.len()).filter(|&other| is_rival(other)).count()
                });
                let placement = self.settle(unit, option, rivals > units.len(), options, others);
                match placement.state {
                    State::Gone if field.is_cut => too_large(placement),
                    State::Gone if field.is_hurried.get() => self.about_here(unit),
                    _ => placement,
                }
            })
            .collect()
    }

    /// Not every place could be looked at: where it would be if all lines had changed alike.
    fn about_here(&self, unit: &Unit<'_>) -> Placement {
        let line = self.proportional(unit.window.old.start).min(self.home.source.lines.lines().saturating_sub(1));
        let start = self.home.source.lines.line(line).map_or(0, |line| line.start);
        let range = written(self.home.source, line).unwrap_or(start..start);
        self.trust.placement(State::Uncertain, (self.home, range), confidence::HURRIED, &[reason::HURRIED])
    }

    fn candidates(&self, unit: &Unit<'_>, field: &Field<'_>, flagged: &[Range<usize>]) -> Vec<Candidate> {
        let near = self.proportional(unit.window.old.start);
        let near = self.home.source.lines.line(near).map_or(0, |line| line.start);
        let mut found = candidates(&unit.portrait, field, near);
        // Where only some of the flagged lines changed, the unchanged ones are its own.
        let kept = unit.window.old.clone().any(|old| self.map.new_line(old).is_some());
        if kept && !unit.window.new.is_empty() {
            let own = Field::of_runs(self.home.source, field.lexer, std::slice::from_ref(&unit.window.new));
            for candidate in candidates(&unit.portrait, &own, near) {
                if !found.iter().any(|known| known.range == candidate.range) {
                    found.push(candidate);
                }
            }
        }
        // What took its place under another name.
        let line = |at: usize| self.home.source.lines.line(at);
        let window = &unit.window.new;
        if let (Some(first), Some(last)) = (line(window.start), window.end.checked_sub(1).and_then(line)) {
            let window = first.start..last.end.max(first.start);
            let kin = || callees(self.source, flagged, field);
            for candidate in stand_ins(&unit.portrait, (self.source, &unit.range), field, window.clone(), &kin) {
                if !found.iter().any(|known| known.range == candidate.range) {
                    found.push(candidate);
                }
            }
            let holds = |whole: &Range<usize>, part: &Range<usize>| whole.start <= part.start && whole.end >= part.end;
            for candidate in reworded(&unit.portrait, self.source, field, window) {
                if !found.iter().any(|known| holds(&known.range, &candidate.range)) {
                    found.push(candidate);
                }
            }
        }
        found
    }

    fn surroundings(&self, unit: &Unit<'_>, candidate: &Candidate) -> Surroundings {
        let at = self.home.source.lines.line_of(candidate.range.start);
        let in_place = unit.window.new.contains(&at);
        let order = if in_place {
            let hunk = self.map.hunk_of_old(unit.window.old.start);
            let share = |at: usize, of: &Range<usize>| ratio(at.saturating_sub(of.start), of.len());
            hunk.map_or(1.0, |hunk| 1.0 - (share(unit.window.old.start, &hunk.before) - share(at, &hunk.after)).abs())
        } else {
            0.0
        };
        let neighbours = neighbours(self.source, unit.window.old.start, self.home.source, at);
        Surroundings { in_place, order, neighbours }
    }
}

fn too_large(gone: Placement) -> Placement {
    Placement { path: gone.path, ..Placement::unplaced(reason::TOO_LARGE) }
}

/// Share of the three written lines above and the three below that are equal but for indentation.
pub(crate) fn neighbours(old: &Source, old_at: usize, new: &Source, new_at: usize) -> f32 {
    fn written<'a>(source: &'a Source, lines: impl Iterator<Item = usize> + 'a) -> impl Iterator<Item = &'a str> + 'a {
        lines.map(|at| line(source, at).trim_start()).filter(|line| !line.is_empty()).take(3)
    }
    let above_old: Vec<&str> = written(old, (0..old_at).rev().take(12)).collect();
    let above_new: Vec<&str> = written(new, (0..new_at).rev().take(12)).collect();
    let below_old: Vec<&str> = written(old, (old_at + 1..old.lines.lines()).take(12)).collect();
    let below_new: Vec<&str> = written(new, (new_at + 1..new.lines.lines()).take(12)).collect();
    let equal = above_old.iter().filter(|line| above_new.contains(line)).count()
        + below_old.iter().filter(|line| below_new.contains(line)).count();
    let all = (above_old.len() + below_old.len()).max(above_new.len() + below_new.len());
    ratio(equal, all).min(1.0)
}
