//! Placement by the scanned text: lines the diff calls unchanged are certain; for the rest, the new lines are searched
//! and siblings share what is found.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use finding::{Placement, State};

use crate::elsewhere::Elsewhere;
use crate::field::Field;
use crate::lines::{LineMap, line};
use crate::portrait::Portrait;
use crate::siblings::{Unit, Window};
use crate::tokens::Lexer;
use crate::trust::Trust;
use crate::{Edit, Item, Scan, Source, Target, confidence, reason, shift};

/// Bytes a line, on average of a hunk, from which on lines are too long for tokens.
const LONG_LINE: usize = 2000;

/// New lines searched for all findings of a file, and at least for each of them on either side: what an edit may take.
const SEARCHED_LINES: usize = 4000;
const SEARCHED_AROUND: usize = 8;

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

/// Everything `by_content` knows of one scanned file.
pub(crate) struct Job<'a> {
    pub(crate) scan: &'a Scan,
    pub(crate) source: &'a Source,
    pub(crate) home: &'a Target<'a>,
    pub(crate) map: LineMap,
    pub(crate) trust: Trust,
    /// The edits of hunks with long lines, by their first old line.
    edits: RefCell<HashMap<usize, Option<Edit>>>,
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
            placed[one.item] =
                Some(match others.find(source, &one.range, (items[one.item].tool, items[one.item].rule), true) {
                    Some(found) => trust.moved_between(scan, line, &found),
                    None => trust.gone(&scan.path, confidence::GONE, &reason::file_deleted(&scan.path)),
                });
        }
        return;
    };
    let job = Job { scan, source, home, map: LineMap::new(source, home.source), trust, edits: RefCell::default() };
    let mut open: Vec<Unit<'_>> = Vec::new();
    let mut held: HashMap<(&str, &str), Vec<Range<usize>>> = HashMap::new();
    let mut shared = None;
    for one in asked {
        if cancelled() {
            return;
        }
        let item = &items[one.item];
        let rule = (item.tool, item.rule);
        if let Some((range, placement)) = job.unchanged(&one.range).or_else(|| job.beside_the_edit(&one.range)) {
            held.entry(rule).or_default().push(range);
            placed[one.item] = Some(placement);
        } else if let Some(unit) = open.iter_mut().find(|unit| unit.range == one.range && unit.rule == rule) {
            unit.items.push(one.item);
        } else {
            let lexer = *shared.get_or_insert_with(|| Lexer::shared(source, home.source));
            let portrait = Portrait::of(source, &one.range, lexer);
            let window = job.window(&one.range);
            open.push(Unit { items: vec![one.item], range: one.range.clone(), rule, window, portrait });
        }
    }
    let Some(lexer) = shared else { return };
    let before =
        home.before.filter(|before| before.text != source.text).map(|before| LineMap::new(before, home.source));
    let is_free = |line: usize| {
        job.map.old_line(line).is_none() && before.as_ref().is_none_or(|before| before.old_line(line).is_none())
    };
    let near = job.near(&open, &is_free);
    let is_searched = |line: usize| is_free(line) && near.as_ref().is_none_or(|near| near[line]);
    let field = Field::new(home.source, lexer, &is_searched).shared_by(open.len(), near.is_some());
    let mut rules: Vec<(&str, &str)> = open.iter().map(|unit| unit.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    for rule in rules {
        if cancelled() {
            return;
        }
        let units: Vec<&Unit<'_>> = open.iter().filter(|unit| unit.rule == rule).collect();
        let held = held.get(&rule).map_or(&[][..], Vec::as_slice);
        let of_rule = |one: &&Asked| (items[one.item].tool, items[one.item].rule) == rule;
        let flagged: Vec<Range<usize>> = asked.iter().filter(of_rule).map(|one| one.range.clone()).collect();
        let shared = job.share(&units, &field, (held, &flagged), &mut others, cancelled);
        for (unit, placement) in units.iter().zip(shared) {
            for &item in &unit.items {
                placed[item] = Some(placement.clone());
            }
        }
    }
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
        let renamed = self.renamed();
        let shifted = reason::shifted(lines.start + 1, first + 1);
        let placement = if renamed.is_empty() && shifted.is_empty() {
            self.trust.placement(State::Exact, (self.home, now.clone()), confidence::SAME_LINES, &[reason::UNCHANGED])
        } else {
            self.trust.placement(
                State::Moved,
                (self.home, now.clone()),
                confidence::SHIFTED_LINES,
                &[&renamed, &shifted],
            )
        };
        Some((now, placement))
    }

    /// On lines that are too long to compare by tokens (minified files): where the range is when the one edit that
    /// turns the old lines into the new ones leaves it alone.
    fn beside_the_edit(&self, range: &Range<usize>) -> Option<(Range<usize>, Placement)> {
        let lines = lines_of(self.source, range);
        let hunk = self.map.hunk_of_old(lines.start).filter(|hunk| hunk.before.end >= lines.end)?;
        let bytes = |source: &Source, lines: &Range<usize>| {
            let first = source.lines.line(lines.start)?.start;
            Some(first..source.lines.line(lines.end.checked_sub(1)?)?.end.max(first))
        };
        let (old, new) = (bytes(self.source, &hunk.before)?, bytes(self.home.source, &hunk.after)?);
        if old.len() < LONG_LINE * hunk.before.len() {
            return None;
        }
        let mut edits = self.edits.borrow_mut();
        let edit = edits
            .entry(hunk.before.start)
            .or_insert_with(|| Edit::between(&self.source.text[old.clone()], &self.home.source.text[new.clone()]));
        let edit = edit.as_ref()?;
        let within = range.start.checked_sub(old.start)?..range.end.checked_sub(old.start)?;
        if within.end > edit.start && within.start < edit.old_end {
            return None;
        }
        let within = shift(&within, edit);
        let now = new.start + within.start..new.start + within.end;
        let (from, to) = (lines.start, self.home.source.lines.line_of(now.start));
        let renamed = self.renamed();
        let moved = if from == to { String::new() } else { reason::moved_within(from + 1) };
        let state = if from == to && renamed.is_empty() { State::Exact } else { State::Moved };
        let why = [reason::LINE_CHANGED_AROUND, &moved, &renamed];
        let placement = self.trust.placement(state, (self.home, now.clone()), confidence::BESIDE_EDIT, &why);
        Some((now, placement))
    }

    /// The words for a renamed file; empty when it kept its path.
    pub(crate) fn renamed(&self) -> String {
        if self.home.path == self.scan.path { String::new() } else { reason::renamed(&self.scan.path) }
    }

    /// Where more lines are new than an edit leaves time for: those around each place that a flagged line would have if
    /// all lines had changed alike. `None`: all can be searched.
    fn near(&self, open: &[Unit<'_>], is_free: &dyn Fn(usize) -> bool) -> Option<Vec<bool>> {
        let lines = self.home.source.lines.lines();
        if lines <= SEARCHED_LINES || (0..lines).filter(|&line| is_free(line)).count() <= SEARCHED_LINES {
            return None;
        }
        let each = (SEARCHED_LINES / open.len().max(1) / 2).max(SEARCHED_AROUND);
        let mut near = vec![false; lines];
        for unit in open {
            let middle = self.proportional(unit.window.old.start).min(lines - 1);
            near[middle.saturating_sub(each)..(middle + each).min(lines)].fill(true);
        }
        Some(near)
    }

    /// The new line that stands as far down in its hunk as old line `at` stood in it.
    pub(crate) fn proportional(&self, at: usize) -> usize {
        let Some(hunk) = self.map.hunk_of_old(at) else { return self.map.new_line(at).unwrap_or(0) };
        hunk.after.start + (at - hunk.before.start) * hunk.after.len() / hunk.before.len().max(1)
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
}

/// Lines (from 0) that the range touches.
pub(crate) fn lines_of(source: &Source, range: &Range<usize>) -> Range<usize> {
    let first = source.lines.line_of(range.start);
    let last = source.lines.line_of(range.end.saturating_sub(1).max(range.start));
    first..last + 1
}
