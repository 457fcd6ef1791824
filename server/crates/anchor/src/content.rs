//! Placement by the scanned text: lines the diff calls unchanged are certain; for the rest, the new lines are searched
//! and siblings share what is found.

use std::collections::HashMap;
use std::ops::Range;

use finding::{Placement, State};

use crate::assign::assign;
use crate::elsewhere::Elsewhere;
use crate::field::Field;
use crate::lines::{LineMap, line};
use crate::portrait::Portrait;
use crate::score::{EDITED, GUESS, Surroundings, likelihood, worth};
use crate::search::{Candidate, arguments, candidates};
use crate::tokens::Lexer;
use crate::{Basis, Item, Scan, Source, Target, reason};

/// Lines looked at for syntax errors in place of the flagged ones.
const LOOKED_AT: usize = 100;

/// One finding with its flagged bytes in the scanned text.
pub(crate) struct Asked {
    pub(crate) item: usize,
    pub(crate) range: Range<usize>,
}

impl Asked {
    /// `None` when the scanned text cannot be what the tool saw: the region does not fit, or its text is not there.
    pub(crate) fn of(at: usize, item: &Item<'_>, source: &Source) -> Option<Self> {
        let region = item.evidence.region?;
        let range = source.lines.resolve(&source.text, &region)?;
        if let Some(snippet) = &item.evidence.snippet {
            let last = source.lines.line_of(range.end);
            let around = source.lines.line(source.lines.line_of(range.start))?.start..source.lines.line(last)?.end;
            let (seen, told) = (without_space(&source.text[around]), without_space(snippet));
            if !seen.contains(&told) && !told.contains(&seen) {
                return None;
            }
        }
        Some(Self { item: at, range })
    }
}

fn without_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Findings of one rule on one place: they go together.
struct Unit<'a> {
    items: Vec<usize>,
    range: Range<usize>,
    rule: (&'a str, &'a str),
    window: Window,
    portrait: Portrait,
}

/// New lines that stand where the flagged old lines stood.
#[derive(Debug, Clone)]
struct Window {
    old: Range<usize>,
    new: Range<usize>,
}

/// Everything `by_content` knows of one scanned file.
struct Job<'a> {
    scan: &'a Scan,
    source: &'a Source,
    home: &'a Target<'a>,
    map: LineMap,
    trust: Trust,
}

/// How far the basis is to be believed.
pub(crate) struct Trust {
    factor: f32,
    note: String,
}

impl Trust {
    pub(crate) fn of(basis: &Basis) -> Self {
        match basis {
            Basis::Assumed(commit) => Self { factor: 0.95, note: reason::assumed(commit) },
            Basis::Commit(_) | Basis::Nothing(_) => Self { factor: 1.0, note: String::new() },
        }
    }

    pub(crate) fn placement(
        &self,
        state: State,
        place: (&Target<'_>, Range<usize>),
        confidence: f32,
        why: &[&str],
    ) -> Placement {
        let mut parts = why.to_vec();
        parts.push(&self.note);
        Placement {
            state,
            path: Some(place.0.path.clone()),
            range: Some(place.1),
            confidence: confidence * self.factor,
            reason: reason::of(&parts),
            suppressed_by: None,
        }
    }

    pub(crate) fn gone(&self, path: &std::sync::Arc<str>, confidence: f32, why: &str) -> Placement {
        Placement {
            reason: reason::of(&[why, &self.note]),
            ..Placement::gone(path.clone(), confidence * self.factor, "")
        }
    }
}

pub(crate) fn by_content(
    asked: &[Asked],
    items: &[Item<'_>],
    (scan, source): (&Scan, &Source),
    home: Option<&Target<'_>>,
    elsewhere: &[Target<'_>],
    cancelled: &dyn Fn() -> bool,
    placed: &mut [Option<Placement>],
) {
    let trust = Trust::of(&scan.basis);
    let mut others = Elsewhere::new(elsewhere, source);
    let Some(home) = home else {
        for one in asked {
            if cancelled() {
                return;
            }
            let line = source.lines.line_of(one.range.start);
            placed[one.item] = Some(
                others
                    .find(source, &one.range, true)
                    .map(|found| moved_between(&trust, scan, line, &found))
                    .unwrap_or_else(|| trust.gone(&scan.path, 0.9, &reason::file_deleted(&scan.path))),
            );
        }
        return;
    };
    let job = Job { scan, source, home, map: LineMap::new(source, home.source), trust };
    let mut open: Vec<Unit<'_>> = Vec::new();
    let mut held: HashMap<(&str, &str), Vec<Range<usize>>> = HashMap::new();
    let lexer = Lexer::shared(source, home.source);
    for one in asked {
        if cancelled() {
            return;
        }
        let item = &items[one.item];
        let rule = (item.tool, item.rule);
        if let Some((range, placement)) = job.unchanged(&one.range) {
            held.entry(rule).or_default().push(range);
            placed[one.item] = Some(placement);
        } else if let Some(unit) = open.iter_mut().find(|unit| unit.range == one.range && unit.rule == rule) {
            unit.items.push(one.item);
        } else {
            let portrait = Portrait::of(source, &one.range, lexer);
            let window = job.window(&one.range);
            open.push(Unit { items: vec![one.item], range: one.range.clone(), rule, window, portrait });
        }
    }
    if open.is_empty() {
        return;
    }
    let before =
        home.before.filter(|before| before.text != source.text).map(|before| LineMap::new(before, home.source));
    let is_free = |line: usize| {
        job.map.old_line(line).is_none() && before.as_ref().is_none_or(|before| before.old_line(line).is_none())
    };
    let field = Field::new(home.source, lexer, &is_free);
    let mut rules: Vec<(&str, &str)> = open.iter().map(|unit| unit.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    for rule in rules {
        if cancelled() {
            return;
        }
        let units: Vec<&Unit<'_>> = open.iter().filter(|unit| unit.rule == rule).collect();
        let held = held.get(&rule).map_or(&[][..], Vec::as_slice);
        for (unit, placement) in units.iter().zip(job.share(&units, &field, held, &mut others)) {
            for &item in &unit.items {
                placed[item] = Some(placement.clone());
            }
        }
    }
}

/// A candidate as one sibling sees it.
struct Choice {
    candidate: Candidate,
    around: Surroundings,
    likelihood: f32,
}

impl Job<'_> {
    /// Where the range is when the diff calls all its lines unchanged.
    fn unchanged(&self, range: &Range<usize>) -> Option<(Range<usize>, Placement)> {
        let lines = lines_of(self.source, range);
        let first = self.map.new_line(lines.start)?;
        if !lines.clone().all(|old| self.map.new_line(old) == Some(first + old - lines.start)) {
            return None;
        }
        let carried = |offset: usize| {
            let old = self.source.lines.line_of(offset).min(lines.end - 1);
            let new = first + old - lines.start;
            let column = offset - self.source.lines.line(old).map_or(0, |line| line.start);
            let start = self.home.source.lines.line(new).map_or(0, |line| line.start);
            start + column.min(line(self.home.source, new).len())
        };
        let (start, end) = (carried(range.start), carried(range.end));
        let now = start..end.max(start);
        let renamed = if self.home.path == self.scan.path { String::new() } else { reason::renamed(&self.scan.path) };
        let shifted = reason::shifted(lines.start + 1, first + 1);
        let placement = if renamed.is_empty() && shifted.is_empty() {
            self.trust.placement(State::Exact, (self.home, now.clone()), 0.99, &[reason::UNCHANGED])
        } else {
            self.trust.placement(State::Moved, (self.home, now.clone()), 0.98, &[&renamed, &shifted])
        };
        Some((now, placement))
    }

    /// The new lines in place of the range's lines.
    fn window(&self, range: &Range<usize>) -> Window {
        let old = lines_of(self.source, range);
        let start = self.map.new_line(old.start).or_else(|| Some(self.map.hunk_of_old(old.start)?.after.start));
        let last = old.end - 1;
        let end = self.map.new_line(last).map(|line| line + 1).or_else(|| Some(self.map.hunk_of_old(last)?.after.end));
        let start = start.unwrap_or(0);
        Window { old, new: start..end.unwrap_or(start).max(start) }
    }

    /// Places the open findings of one rule, jointly.
    fn share(
        &self,
        units: &[&Unit<'_>],
        field: &Field<'_>,
        held: &[Range<usize>],
        others: &mut Elsewhere<'_>,
    ) -> Vec<Placement> {
        let mut columns: Vec<Range<usize>> = Vec::new();
        let mut options: Vec<HashMap<usize, Choice>> = Vec::new();
        for unit in units {
            let mut of_unit = HashMap::new();
            for candidate in self.candidates(unit, field) {
                if held.contains(&candidate.range) {
                    continue;
                }
                let column = columns.iter().position(|known| *known == candidate.range).unwrap_or_else(|| {
                    columns.push(candidate.range.clone());
                    columns.len() - 1
                });
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
                self.settle(unit, option, rivals > units.len(), options, others)
            })
            .collect()
    }

    fn candidates(&self, unit: &Unit<'_>, field: &Field<'_>) -> Vec<Candidate> {
        let near = self.home.source.lines.line(unit.window.new.start).map_or(0, |line| line.start);
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
        found
    }

    fn surroundings(&self, unit: &Unit<'_>, candidate: &Candidate) -> Surroundings {
        let at = self.home.source.lines.line_of(candidate.range.start);
        let in_place = unit.window.new.contains(&at);
        let order = if in_place {
            let hunk = self.map.hunk_of_old(unit.window.old.start);
            let share = |at: usize, of: &Range<usize>| (at - of.start.min(at)) as f32 / of.len().max(1) as f32;
            hunk.map_or(1.0, |hunk| 1.0 - (share(unit.window.old.start, &hunk.before) - share(at, &hunk.after)).abs())
        } else {
            0.0
        };
        let neighbours = neighbours(self.source, unit.window.old.start, self.home.source, at);
        Surroundings { in_place, order, neighbours }
    }

    fn settle(
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
        if let Some(found) = others.find(self.source, &unit.range, unit.window.new.is_empty()) {
            return moved_between(&self.trust, self.scan, from, &found);
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
            None => self.trust.gone(&self.home.path, 0.9, &self.why_gone(unit)),
        }
    }

    fn found(&self, unit: &Unit<'_>, option: &Choice, has_twins: bool) -> Placement {
        let range = option.candidate.range.clone();
        let (from, to) = (unit.window.old.start, self.home.source.lines.line_of(range.start));
        let renamed = if self.home.path == self.scan.path { String::new() } else { reason::renamed(&self.scan.path) };
        let place = (self.home, range.clone());
        if !option.candidate.equal {
            let why = self.what_changed(unit, &range);
            let share = ((option.likelihood - EDITED) / (1.0 - EDITED)).clamp(0.0, 1.0);
            return self.trust.placement(State::Edited, place, 0.55 + 0.35 * share, &[&why, &renamed]);
        }
        let lexer = Lexer::shared(self.source, self.home.source);
        if unit.portrait.called_outside
            && !crate::tokens::equal(
                &arguments(self.source, unit.range.end, lexer),
                &arguments(self.home.source, range.end, lexer),
            )
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
                crate::tokens::equal(&portrait.tokens[..=old], &current.tokens[..=new])
            }
            _ => false,
        };
        if callee_kept { reason::arguments_changed(&portrait.head_name) } else { reason::FEWER_CHANGED.to_owned() }
    }

    fn why_gone(&self, unit: &Unit<'_>) -> String {
        let first = unit.window.old.start + 1;
        if unit.window.new.is_empty() {
            reason::deleted(first)
        } else if unit.portrait.is_call() {
            reason::call_replaced(&unit.portrait.head_name)
        } else {
            reason::code_replaced(first)
        }
    }

    /// A range to stand on for now, when the code in the flagged place does not parse and did when scanned.
    fn broken(&self, unit: &Unit<'_>, best: Option<&Choice>) -> Option<Range<usize>> {
        let (now, then) = (self.home.source.parsed.as_ref()?, self.source.parsed.as_ref()?);
        let last = self.home.source.lines.lines() - 1;
        let new = &unit.window.new;
        // Where nothing is left, the lines on both sides of the gap.
        let (start, end) =
            if new.is_empty() { (new.start.saturating_sub(1), new.start) } else { (new.start, new.end - 1) };
        let (start, end) = (start.min(last), end.min(last));
        let written = |at: usize| {
            let from = self.home.source.lines.line(at).map_or(0, |line| line.start);
            let text = line(self.home.source, at);
            (!text.is_empty()).then(|| from + text.len() - text.trim_start().len()..from + text.len())
        };
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

pub(crate) fn moved_between(
    trust: &Trust,
    scan: &Scan,
    line: usize,
    (target, range): &(&Target<'_>, Range<usize>),
) -> Placement {
    let why = reason::moved_between(&scan.path, line + 1);
    trust.placement(State::Moved, (target, range.clone()), 0.9, &[&why])
}

/// Lines (from 0) that the range touches.
pub(crate) fn lines_of(source: &Source, range: &Range<usize>) -> Range<usize> {
    let first = source.lines.line_of(range.start);
    let last = source.lines.line_of(range.end.saturating_sub(1).max(range.start));
    first..last + 1
}

fn same_but_line_ends(a: &str, b: &str) -> bool {
    a == b || a.lines().eq(b.lines())
}

/// Share of the three written lines above and the three below that are equal but for indentation.
pub(crate) fn neighbours(old: &Source, old_at: usize, new: &Source, new_at: usize) -> f32 {
    fn written<'a>(source: &'a Source, lines: impl Iterator<Item = usize> + 'a) -> impl Iterator<Item = &'a str> + 'a {
        lines.map(|at| line(source, at).trim_start()).filter(|line| !line.is_empty()).take(3)
    }
    let count = |old: usize, new: usize| old.max(new).max(1) as f32;
    let above_old: Vec<&str> = written(old, (0..old_at).rev().take(12)).collect();
    let above_new: Vec<&str> = written(new, (0..new_at).rev().take(12)).collect();
    let below_old: Vec<&str> = written(old, (old_at + 1..old.lines.lines()).take(12)).collect();
    let below_new: Vec<&str> = written(new, (new_at + 1..new.lines.lines()).take(12)).collect();
    let equal = above_old.iter().filter(|line| above_new.contains(line)).count()
        + below_old.iter().filter(|line| below_new.contains(line)).count();
    (equal as f32 / count(above_old.len() + below_old.len(), above_new.len() + below_new.len())).min(1.0)
}
