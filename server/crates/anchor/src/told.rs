//! The text that the tool sent along: where it occurs in the current text, and which occurrence is whose.

use std::ops::Range;

use finding::{Columns, Evidence};

use crate::Source;
use crate::lines::line;
use crate::score::ratio;
use crate::squashed::Squashed;

/// Occurrences of one text that are told apart; a text that is everywhere says nothing.
const OCCURRENCES: usize = 400;

/// Findings with the same text that share its occurrences; more of them are searched for one by one.
const SIBLINGS: usize = 400;

/// The reported text, taken apart.
pub(crate) struct Told {
    pub(crate) source: Source,
    pub(crate) squashed: Squashed,
    /// Flagged bytes of the text.
    pub(crate) flagged: Range<usize>,
}

/// One occurrence of the reported text in the current one.
#[derive(Clone)]
pub(crate) struct Occurrence {
    pub(crate) range: Range<usize>,
    pub(crate) line: usize,
}

impl Told {
    /// The flagged part of one occurrence.
    pub(crate) fn flagged_in(&self, squashed: &Squashed, occurrence: &Occurrence) -> Range<usize> {
        let kept = |offset: usize| occurrence.range.start + self.squashed.kept_before(offset);
        squashed.original(&(kept(self.flagged.start)..kept(self.flagged.end)))
    }

    pub(crate) fn of(evidence: &Evidence) -> Self {
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
    let trimmed = text.trim();
    let width = match region.columns {
        Columns::Characters => trimmed.chars().count(),
        Columns::Utf16 => trimmed.encode_utf16().count(),
        Columns::Bytes => trimmed.len(),
    };
    if trimmed.contains('\n') || end <= column || width <= end - column {
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
        columns: region.columns,
    };
    let range = finding::text::LineIndex::new(text).resolve(text, &one)?;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let splits = |at: usize| text[..at].ends_with(is_word) && text[at..].starts_with(is_word);
    (!text[range.clone()].trim().is_empty() && !splits(range.start) && !splits(range.end)).then_some(range)
}

pub(crate) fn reported_line(evidence: &Evidence) -> Option<usize> {
    evidence.region.map(|region| (region.line as usize).saturating_sub(1))
}

pub(crate) fn occurrences(squashed: &Squashed, told: &Told, source: &Source) -> Vec<Occurrence> {
    let found = squashed.occurrences(&told.squashed, OCCURRENCES);
    found
        .into_iter()
        .map(|range| Occurrence { line: source.lines.line_of(squashed.original(&range).start), range })
        .collect()
}

/// Another occurrence of the same text that no sibling took.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rival {
    None,
    Weaker,
    Equal,
}

/// Gives each finding an occurrence, keeping both orders: as many as possible, then the best total.
pub(crate) fn in_order(
    members: &[&Evidence],
    told: &[Told],
    occurrences: &[Occurrence],
    source: &Source,
) -> Vec<Option<(usize, Rival)>> {
    let width = occurrences.len() + 1;
    let considered = members.len().min(SIBLINGS);
    let score = |member: usize, occurrence: &Occurrence| {
        let evidence = members[member];
        let distance = reported_line(evidence)
            .map_or(100, |line| line.abs_diff(occurrence.line - first_offset(&told[member]).min(occurrence.line)));
        let near = ratio(10, 10 + distance);
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
    let taken: Vec<usize> = chosen.iter().flatten().copied().collect();
    let with_rival = |(member, chosen): (usize, Option<usize>)| {
        let chosen: usize = chosen?;
        let free = occurrences.iter().enumerate().filter(|(other, _)| !taken.contains(other));
        let strongest = free.map(|(_, other)| score(member, other)).max_by(f32::total_cmp);
        Some((
            chosen,
            match strongest {
                None => Rival::None,
                Some(other) if other > score(member, &occurrences[chosen]) - 0.08 => Rival::Equal,
                Some(_) => Rival::Weaker,
            },
        ))
    };
    chosen.into_iter().enumerate().map(with_rival).collect()
}

/// Lines of the reported text before its first written one.
fn first_offset(told: &Told) -> usize {
    told.source.text[..told.source.text.len() - told.source.text.trim_start().len()].matches('\n').count()
}

/// Share of the lines sent along that stand where they would stand around `at`; `None` when none were sent.
pub(crate) fn context_share(evidence: &Evidence, source: &Source, at: usize) -> Option<f32> {
    let (first, text) = evidence.context.as_ref()?;
    let region = evidence.region?;
    let (mut all, mut equal) = (0, 0);
    for (number, wanted) in (*first..).zip(text.lines()) {
        if (region.line..=region.end_line).contains(&number) || wanted.trim().is_empty() {
            continue;
        }
        all += 1;
        let now = (at + number as usize).checked_sub(region.line as usize);
        equal += usize::from(now.is_some_and(|now| line(source, now).trim_start() == wanted.trim()));
    }
    (all > 0).then(|| ratio(equal, all))
}
