//! Placement by what the evidence itself says: the reported text, the lines around it, a line hash, a line number.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use finding::{Evidence, Placement, State};

use crate::field::Field;
use crate::lines::written;
use crate::portrait::Portrait;
use crate::score::{EDITED, GUESS, Surroundings, likelihood};
use crate::search::candidates;
use crate::squashed::Squashed;
use crate::tokens::Lexer;
use crate::told::{Occurrence, Rival, Told, context_share, in_order, occurrences, reported_line};
use crate::{Item, Scan, Target, confidence, line_hash, reason};

/// The fingerprint that names a line by its text.
const LINE_HASH: &str = "primaryLocationLineHash";

/// Tool, rule and the reported text without its white space.
type Siblings<'a> = (&'a str, &'a str, String);

pub(crate) fn by_evidence(
    told: &[(usize, String)],
    items: &[Item<'_>],
    scan: &Scan,
    home: Option<&Target<'_>>,
    elsewhere: &[Target<'_>],
    cancelled: &dyn Fn() -> bool,
    placed: &mut [Option<Placement>],
) {
    if told.is_empty() {
        return;
    }
    let Some(home) = home else {
        let texts = squashed_of(elsewhere);
        if let Some(namesake) = namesake(&scan.path, elsewhere) {
            by_evidence(told, items, scan, Some(namesake), elsewhere, cancelled, placed);
        }
        for (at, note) in told {
            if let Some(found) = placed[*at].as_mut().filter(|found| found.state.is_on_code()) {
                found.confidence *= confidence::NAMESAKE;
                continue;
            }
            let evidence = items[*at].evidence;
            placed[*at] = Some(match (in_other_file(evidence, elsewhere, &texts), evidence.path.as_deref()) {
                (Some((target, range)), _) => {
                    let from = evidence.region.map_or(1, |region| region.line as usize);
                    on(
                        target,
                        State::Moved,
                        range,
                        confidence::TOLD_OTHER_FILE,
                        &[&reason::moved_between(&scan.path, from), note],
                    )
                }
                (None, _) if scan.source.is_some() => Placement {
                    reason: reason::of(&[&reason::file_deleted(&scan.path)]),
                    ..Placement::gone(scan.path.clone(), confidence::TOLD_FILE_GONE, "")
                },
                (None, Some(named)) => Placement::unplaced(reason::file_missing(named)),
                (None, None) => Placement::unplaced(reason::NO_PATH),
            });
            if cancelled() {
                return;
            }
        }
        return;
    };
    let squashed = Squashed::new(&home.source.text);
    // Siblings: findings of one rule with the same reported text.
    let mut groups: BTreeMap<Siblings<'_>, Vec<(usize, &str)>> = BTreeMap::new();
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
    let mut taken: HashMap<(&str, &str), Vec<Range<usize>>> = HashMap::new();
    let mut lost: Vec<(usize, &str, Told)> = Vec::new();
    for ((tool, rule, _), mut members) in groups {
        if cancelled() {
            return;
        }
        members.sort_by_key(|(at, _)| reported_line(items[*at].evidence));
        let told: Vec<Told> = members.iter().map(|(at, _)| Told::of(items[*at].evidence)).collect();
        let occurrences = occurrences(&squashed, &told[0], home.source);
        let evidence: Vec<&Evidence> = members.iter().map(|(at, _)| items[*at].evidence).collect();
        let chosen = in_order(&evidence, &told, &occurrences, home.source);
        for (((at, note), told), chosen) in members.into_iter().zip(told).zip(chosen) {
            let Some((chosen, rival)) = chosen else {
                lost.push((at, note, told));
                continue;
            };
            let seen = Seen { squashed: &squashed, occurrence: &occurrences[chosen], rival };
            let placement = found(items[at].evidence, &told, &seen, home, scan, note);
            taken.entry((tool, rule)).or_default().extend(placement.range.clone());
            placed[at] = Some(placement);
        }
    }
    let whole = 0..home.source.lines.lines();
    let field = (!lost.is_empty()).then(|| Field::of_runs(home.source, Lexer::Plain, std::slice::from_ref(&whole)));
    let mut others = None;
    for (at, note, told) in lost {
        if cancelled() {
            return;
        }
        let taken = taken.entry((items[at].tool, items[at].rule)).or_default();
        if let Some(field) = &field {
            let evidence = items[at].evidence;
            let placement = similar(evidence, &told, (field, taken), home, note);
            if placement.state == State::Gone {
                let texts = others.get_or_insert_with(|| squashed_of(elsewhere));
                if let Some((target, range)) = in_other_file(evidence, elsewhere, texts) {
                    let from = evidence.region.map_or(1, |region| region.line as usize);
                    let why = reason::moved_between(&scan.path, from);
                    placed[at] = Some(on(target, State::Moved, range, confidence::TOLD_OTHER_FILE, &[&why, note]));
                    continue;
                }
            }
            taken.extend(placement.range.clone());
            placed[at] = Some(placement);
        }
    }
}

/// The file that most likely is the missing one under another path: the only one of its name, or of several the one
/// with more of its folders than any other.
fn namesake<'t>(path: &str, elsewhere: &'t [Target<'t>]) -> Option<&'t Target<'t>> {
    let shared =
        |target: &&Target<'_>| path.rsplit('/').zip(target.path.rsplit('/')).take_while(|(a, b)| a == b).count();
    let most = elsewhere.iter().max_by_key(shared)?;
    let is_only = elsewhere.iter().filter(|target| shared(target) == shared(&most)).count() == 1;
    (is_only && shared(&most) > 0).then_some(most)
}

fn squashed_of(targets: &[Target<'_>]) -> Vec<Squashed> {
    targets.iter().map(|target| Squashed::new(&target.source.text)).collect()
}

/// The one place in other files where the text stands with at least half of its surroundings.
fn in_other_file<'t>(
    evidence: &Evidence,
    elsewhere: &'t [Target<'t>],
    texts: &[Squashed],
) -> Option<(&'t Target<'t>, Range<usize>)> {
    let told = Told::of(evidence);
    let mut found: Vec<(f32, &Target<'_>, Range<usize>)> = Vec::new();
    for (target, squashed) in elsewhere.iter().zip(texts) {
        for occurrence in occurrences(squashed, &told, target.source) {
            let share = context_share(evidence, target.source, occurrence.line).unwrap_or(0.0);
            if share >= 0.5 {
                found.push((share, target, told.flagged_in(squashed, &occurrence)));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let is_tied = found.get(1).is_some_and(|second| second.0 > found[0].0 - 0.1);
    found.into_iter().next().filter(|_| !is_tied).map(|(_, target, range)| (target, range))
}

/// The occurrence a finding got.
struct Seen<'a> {
    squashed: &'a Squashed,
    occurrence: &'a Occurrence,
    rival: Rival,
}

fn found(evidence: &Evidence, told: &Told, seen: &Seen<'_>, home: &Target<'_>, scan: &Scan, note: &str) -> Placement {
    let Seen { squashed, occurrence, rival } = *seen;
    let has_rivals = rival != Rival::None;
    let range = told.flagged_in(squashed, occurrence);
    let to = home.source.lines.line_of(range.start);
    let from = reported_line(evidence);
    let context = context_share(evidence, home.source, occurrence.line);
    let is_short = told.squashed.len() < 8;
    let is_same_line = from == Some(to);
    let is_strange = context.is_none_or(|share| share == 0.0);
    let is_tied = !is_same_line && (rival == Rival::Equal || has_rivals && is_strange);
    // A few characters prove a place among other code only where nothing speaks against it, and fewer never.
    let says_little = is_short && (context.is_some() || told.squashed.len() < 4);
    let is_too_short = !is_same_line && is_strange && says_little;
    let renamed = if home.path == scan.path { String::new() } else { reason::renamed(&scan.path) };
    let moved = match from {
        Some(from) if from != to => reason::moved_within(from + 1),
        _ => String::new(),
    };
    let (state, confidence, why) = if is_tied {
        (State::Uncertain, confidence::TOLD_SEVERAL, reason::TWINS)
    } else if is_too_short {
        (State::Uncertain, confidence::TOLD_SEVERAL, reason::TOO_SHORT)
    } else if is_same_line && renamed.is_empty() {
        (
            State::Exact,
            if has_rivals { confidence::TOLD_HERE_TWIN } else { confidence::TOLD_HERE },
            "the reported text stands here",
        )
    } else {
        let confidence = match (has_rivals, is_short) {
            (true, _) => confidence::TOLD_MOVED_TWIN,
            (false, true) => confidence::TOLD_MOVED_SHORT,
            (false, false) => confidence::TOLD_MOVED,
        };
        (State::Moved, confidence, "")
    };
    on(home, state, range, confidence, &[why, &moved, &renamed, note])
}

/// No occurrence: the most similar place, if there is one.
fn similar(
    evidence: &Evidence,
    told: &Told,
    (field, taken): (&Field<'_>, &[Range<usize>]),
    home: &Target<'_>,
    note: &str,
) -> Placement {
    let portrait = Portrait::of(&told.source, &told.flagged, Lexer::Plain);
    let reported = reported_line(evidence).unwrap_or(0);
    let near = home.source.lines.line(reported).map_or(home.source.text.len(), |line| line.start);
    let overlaps = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
    let free = candidates(&portrait, field, near).into_iter();
    let free = free.filter(|candidate| !taken.iter().any(|taken| overlaps(taken, &candidate.range)));
    let rated = free.map(|candidate| {
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
                return on(home, State::Moved, candidate.range, confidence::TOLD_LAYOUT, &why);
            }
            on(home, State::Edited, candidate.range, confidence::TOLD_EDITED, &[reason::FEWER_CHANGED, &moved, note])
        }
        Some((likelihood, candidate, _)) if likelihood >= GUESS => {
            on(home, State::Uncertain, candidate.range, confidence::TOLD_GUESS, &[reason::DOUBT, note])
        }
        _ => Placement {
            reason: reason::of(&[reason::NOT_FOUND, note]),
            ..Placement::gone(home.path.clone(), confidence::TOLD_GONE, "")
        },
    }
}

/// Neither text nor content: a line hash, else the line number with all due doubt.
fn without_text(evidence: &Evidence, home: &Target<'_>, note: &str) -> Placement {
    let hash = evidence
        .fingerprints
        .iter()
        .find(|(name, _)| name == LINE_HASH || name.starts_with("primaryLocationLineHash/"));
    if let Some(at) = hash.and_then(|(_, hash)| line_hash::find(&home.source.text, hash))
        && let Some(range) = written(home.source, at)
    {
        let from = reported_line(evidence);
        let state = if from == Some(at) { State::Exact } else { State::Moved };
        let moved = from.filter(|&from| from != at).map_or_else(String::new, |from| reason::moved_within(from + 1));
        return on(home, state, range, confidence::HASHED, &[&reason::hashed(at + 1), &moved]);
    }
    let Some(region) = evidence.region else { return Placement::unplaced("the finding names no place in its file") };
    match home.source.lines.resolve(&home.source.text, &region) {
        Some(range) if written(home.source, region.line as usize - 1).is_some() => {
            on(home, State::Uncertain, range, confidence::LINE_NUMBER, &[&reason::as_reported(region.line), note])
        }
        _ => Placement {
            path: Some(home.path.clone()),
            reason: reason::of(&[&reason::past_the_end(region.line), note]),
            ..Placement::unplaced("")
        },
    }
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
