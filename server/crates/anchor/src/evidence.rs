//! Placement by what the evidence itself says: the reported text, the lines around it, a line hash, a line number.

use std::collections::BTreeMap;
use std::ops::Range;

use finding::{Evidence, Placement, State};

use crate::field::Field;
use crate::lines::line;
use crate::portrait::Portrait;
use crate::score::{EDITED, GUESS, Surroundings, likelihood};
use crate::search::candidates;
use crate::squashed::Squashed;
use crate::tokens::Lexer;
use crate::{Item, Scan, Source, Target, line_hash, reason};

/// Occurrences of one text that are told apart; a text that is everywhere says nothing.
const OCCURRENCES: usize = 400;

/// Findings that share occurrences exactly; more take theirs in order of the file as they come.
const SIBLINGS: usize = 400;

/// The fingerprint that names a line by its text.
const LINE_HASH: &str = "primaryLocationLineHash";

/// The reported text, taken apart.
struct Told {
    source: Source,
    squashed: Squashed,
    /// Flagged bytes of the text.
    flagged: Range<usize>,
}

/// One occurrence of the reported text in the current one.
#[derive(Clone)]
struct Occurrence {
    range: Range<usize>,
    line: usize,
}

pub(crate) fn by_evidence(
    told: &[(usize, String)],
    items: &[Item<'_>],
    scan: &Scan,
    home: Option<&Target<'_>>,
    cancelled: &dyn Fn() -> bool,
    placed: &mut [Option<Placement>],
) {
    if told.is_empty() {
        return;
    }
    let Some(home) = home else {
        for (at, _) in told {
            placed[*at] = Some(match (&scan.source, items[*at].evidence.path.as_deref()) {
                (Some(_), _) => Placement {
                    reason: reason::of(&[&reason::file_deleted(&scan.path)]),
                    ..Placement::gone(scan.path.clone(), 0.8, "")
                },
                (None, Some(named)) => Placement::unplaced(reason::file_missing(named)),
                (None, None) => Placement::unplaced(reason::NO_PATH),
            });
        }
        return;
    };
    let squashed = Squashed::new(&home.source.text);
    let mut plain: Option<Field<'_>> = None;
    // Siblings: findings of one rule with the same reported text.
    let mut groups: BTreeMap<(&str, &str, String), Vec<(usize, &str)>> = BTreeMap::new();
    for (at, note) in told {
        let item = &items[*at];
        let text = item.evidence.snippet.as_deref().unwrap_or_default();
        let key: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if key.is_empty() {
            placed[*at] = Some(without_text(item.evidence, home, note));
        } else {
            groups.entry((item.tool, item.rule, key)).or_default().push((*at, note));
        }
    }
    for ((tool, rule, _), mut members) in groups {
        if cancelled() {
            return;
        }
        debug_assert!(members.iter().all(|(at, _)| items[*at].tool == tool && items[*at].rule == rule));
        members.sort_by_key(|(at, _)| reported_line(items[*at].evidence));
        let told: Vec<Told> = members.iter().map(|(at, _)| Told::of(items[*at].evidence)).collect();
        let occurrences = occurrences(&squashed, &told[0], home.source);
        let chosen = in_order(&members, items, &told, &occurrences, home.source);
        for (((at, note), told), chosen) in members.iter().zip(&told).zip(chosen) {
            let evidence = items[*at].evidence;
            placed[*at] = Some(match chosen {
                Some(chosen) => {
                    found(evidence, told, (&squashed, &occurrences[chosen]), occurrences.len() > members.len(), home, scan, note)
                }
                None => {
                    let whole = [0..home.source.lines.lines()];
                    let field = plain.get_or_insert_with(|| Field::of_runs(home.source, Lexer::Plain, &whole));
                    similar(evidence, told, field, home, note)
                }
            });
        }
    }
}

impl Told {
    fn of(evidence: &Evidence) -> Self {
        let text = evidence.snippet.as_deref().unwrap_or_default().trim_end();
        let written = text.len() - text.trim_start().len()..text.len();
        let flagged = flagged_part(evidence, text).unwrap_or(written);
        let source = Source::with_parsed(text.into(), None, None);
        Self { squashed: Squashed::new(text), source, flagged }
    }
}

/// The columns' part of a reported line; `None` when the text is exactly the region or cannot be told from it.
fn flagged_part(evidence: &Evidence, text: &str) -> Option<Range<usize>> {
    let region = evidence.region.filter(|region| region.line == region.end_line)?;
    let (column, end) = (region.column? as usize, region.end_column? as usize);
    if text.trim().contains('\n') || end <= column || text.trim().chars().count() <= end - column {
        return None;
    }
    // Where the lines around were sent too, they know the indentation that a trimmed text has lost.
    let in_context = evidence.context.as_ref().and_then(|(first, lines)| {
        lines.lines().nth(region.line.checked_sub(*first)? as usize).filter(|line| line.trim() == text.trim())
    });
    let indent = |line: &str| line.chars().take_while(|c| c.is_whitespace()).count();
    let lost = in_context.map_or(0, |line| indent(line).saturating_sub(indent(text)));
    let one = finding::Region {
        line: 1,
        column: Some(u32::try_from(column.checked_sub(lost)?).ok()?),
        end_line: 1,
        end_column: Some(u32::try_from(end.checked_sub(lost)?).ok()?),
        utf16_columns: region.utf16_columns,
    };
    let range = finding::text::LineIndex::new(text).resolve(text, &one)?;
    (!text[range.clone()].trim().is_empty()).then_some(range)
}

fn reported_line(evidence: &Evidence) -> Option<usize> {
    evidence.region.map(|region| (region.line as usize).saturating_sub(1))
}

fn occurrences(squashed: &Squashed, told: &Told, source: &Source) -> Vec<Occurrence> {
    let found = squashed.occurrences(&told.squashed, OCCURRENCES);
    found
        .into_iter()
        .map(|range| Occurrence { line: source.lines.line_of(squashed.original(&range).start), range })
        .collect()
}

/// Gives each finding an occurrence, keeping both orders: as many as possible, then the best total.
fn in_order(
    members: &[(usize, &str)], items: &[Item<'_>], told: &[Told], occurrences: &[Occurrence], source: &Source,
) -> Vec<Option<usize>> {
    let width = occurrences.len() + 1;
    let considered = members.len().min(SIBLINGS);
    let score = |member: usize, occurrence: &Occurrence| {
        let evidence = items[members[member].0].evidence;
        let distance = reported_line(evidence).map_or(100, |line| line.abs_diff(occurrence.line - first_offset(&told[member]).min(occurrence.line)));
        let near = 1.0 / (1.0 + distance as f32 / 10.0);
        let same = if distance == 0 { 0.3 } else { 0.0 };
        1.0 + 0.4 * near + same + context_share(evidence, source, occurrence.line).unwrap_or(0.0)
    };
    // best[i][j]: the most that findings i.. can get from occurrences j...
    let mut best = vec![0.0f32; (considered + 1) * width];
    for i in (0..considered).rev() {
        for (j, occurrence) in occurrences.iter().enumerate().rev() {
            let skip = best[(i + 1) * width + j].max(best[i * width + j + 1]);
            best[i * width + j] = skip.max(score(i, occurrence) + best[(i + 1) * width + j + 1]);
        }
    }
    let mut chosen = vec![None; members.len()];
    let (mut i, mut j) = (0, 0);
    while i < considered && j < occurrences.len() {
        let here = best[i * width + j];
        if here > best[(i + 1) * width + j].max(best[i * width + j + 1]) {
            chosen[i] = Some(j);
            (i, j) = (i + 1, j + 1);
        } else if here <= best[i * width + j + 1] {
            j += 1;
        } else {
            i += 1;
        }
    }
    chosen
}

/// Lines of the reported text before its first written one.
fn first_offset(told: &Told) -> usize {
    told.source.text[..told.source.text.len() - told.source.text.trim_start().len()].matches('\n').count()
}

/// Share of the lines sent along that stand where they would stand around `at`; `None` when none were sent.
fn context_share(evidence: &Evidence, source: &Source, at: usize) -> Option<f32> {
    let (first, text) = evidence.context.as_ref()?;
    let region = evidence.region?;
    let (mut all, mut equal) = (0u32, 0u32);
    for (number, wanted) in (*first..).zip(text.lines()) {
        if (region.line..=region.end_line).contains(&number) || wanted.trim().is_empty() {
            continue;
        }
        all += 1;
        let now = (at + number as usize).checked_sub(region.line as usize);
        equal += u32::from(now.is_some_and(|now| line(source, now).trim_start() == wanted.trim()));
    }
    (all > 0).then(|| equal as f32 / all as f32)
}

#[expect(clippy::too_many_arguments, reason = "all of what is known of one occurrence, used once")]
fn found(
    evidence: &Evidence, told: &Told, (squashed, occurrence): (&Squashed, &Occurrence), has_rivals: bool,
    home: &Target<'_>, scan: &Scan, note: &str,
) -> Placement {
    let inside = told.squashed.kept_before(told.flagged.start)..told.squashed.kept_before(told.flagged.end);
    let range = squashed.original(&(occurrence.range.start + inside.start..occurrence.range.start + inside.end));
    let to = home.source.lines.line_of(range.start);
    let from = reported_line(evidence);
    let context = context_share(evidence, home.source, occurrence.line);
    let is_short = told.squashed.len() < 8;
    let is_same_line = from == Some(to);
    let doubtful = !is_same_line && context.is_none_or(|share| share == 0.0) && (has_rivals || is_short);
    let renamed = if home.path == scan.path { String::new() } else { reason::renamed(&scan.path) };
    let moved = match from {
        Some(from) if from != to => reason::moved_within(from + 1),
        _ => String::new(),
    };
    let (state, confidence, why) = if doubtful {
        (State::Uncertain, 0.45, reason::TWINS)
    } else if is_same_line && renamed.is_empty() {
        (State::Exact, if has_rivals { 0.85 } else { 0.92 }, "the reported text stands here")
    } else {
        (State::Moved, if has_rivals { 0.75 } else { 0.88 }, "")
    };
    on(home, state, range, confidence, &[why, &moved, &renamed, note])
}

/// No occurrence: the most similar place, if there is one.
fn similar(evidence: &Evidence, told: &Told, field: &Field<'_>, home: &Target<'_>, note: &str) -> Placement {
    let portrait = Portrait::of(&told.source, &told.flagged, Lexer::Plain);
    let reported = reported_line(evidence).unwrap_or(0);
    let near = home.source.lines.line(reported).map_or(home.source.text.len(), |line| line.start);
    let rated = candidates(&portrait, field, near).into_iter().map(|candidate| {
        let at = field.line_of(candidate.range.start);
        let around = Surroundings {
            in_place: at.abs_diff(reported) <= 3,
            order: 0.0,
            neighbours: context_share(evidence, home.source, at).unwrap_or(0.0),
        };
        (likelihood(&portrait, &candidate, around), candidate, at)
    });
    let best = rated.max_by(|a, b| a.0.total_cmp(&b.0).then(b.2.abs_diff(reported).cmp(&a.2.abs_diff(reported))));
    match best {
        Some((likelihood, candidate, at)) if likelihood >= EDITED => {
            let moved = if at == reported { String::new() } else { reason::moved_within(reported + 1) };
            if candidate.equal {
                let why = [reason::REFORMATTED, &moved, note];
                return on(home, State::Moved, candidate.range, 0.7, &why);
            }
            on(home, State::Edited, candidate.range, 0.6, &[reason::FEWER_CHANGED, &moved, note])
        }
        Some((likelihood, candidate, _)) if likelihood >= GUESS => {
            on(home, State::Uncertain, candidate.range, 0.4, &[reason::DOUBT, note])
        }
        _ => Placement {
            reason: reason::of(&[reason::NOT_FOUND, note]),
            ..Placement::gone(home.path.clone(), 0.7, "")
        },
    }
}

/// Neither text nor content: a line hash, else the line number with all due doubt.
fn without_text(evidence: &Evidence, home: &Target<'_>, note: &str) -> Placement {
    let hash = evidence.fingerprints.iter().find(|(name, _)| name == LINE_HASH || name.starts_with("primaryLocationLineHash/"));
    if let Some(at) = hash.and_then(|(_, hash)| line_hash::find(&home.source.text, hash))
        && let Some(range) = written(home.source, at)
    {
        let from = reported_line(evidence);
        let state = if from == Some(at) { State::Exact } else { State::Moved };
        let moved = from.filter(|&from| from != at).map_or_else(String::new, |from| reason::moved_within(from + 1));
        return on(home, state, range, 0.85, &[&reason::hashed(at + 1), &moved]);
    }
    let Some(region) = evidence.region else { return Placement::unplaced("the finding names no place in its file") };
    match home.source.lines.resolve(&home.source.text, &region) {
        Some(range) if written(home.source, region.line as usize - 1).is_some() => {
            on(home, State::Uncertain, range, 0.35, &[&reason::as_reported(region.line), note])
        }
        _ => Placement {
            path: Some(home.path.clone()),
            reason: reason::of(&[&reason::past_the_end(region.line), note]),
            ..Placement::unplaced("")
        },
    }
}

/// The line's text without its indentation; `None` for an empty line.
fn written(source: &Source, at: usize) -> Option<Range<usize>> {
    let start = source.lines.line(at)?.start;
    let text = line(source, at);
    (!text.is_empty()).then(|| start + text.len() - text.trim_start().len()..start + text.len())
}

fn on(home: &Target<'_>, state: State, range: Range<usize>, confidence: f32, why: &[&str]) -> Placement {
    Placement {
        state,
        path: Some(home.path.clone()),
        range: Some(range),
        confidence,
        reason: reason::of(why),
        suppressed_by: None,
    }
}
