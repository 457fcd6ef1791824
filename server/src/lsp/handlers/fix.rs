//! The tool's fix, moved to where the finding is now; refused when the text is not the one the tool saw.

use std::ops::Range;

use engine::Document;
use finding::{Finding, Fix, Placement, Region, Replacement, State};

/// A fix where the code is now.
pub(super) struct Fitted {
    /// Byte ranges of the current text and what to put there, in its order.
    pub(super) replacements: Vec<(Range<usize>, String)>,
    /// All of it is in the code that was flagged, of which alone it is known that it is what the tool saw.
    pub(super) is_in_flagged: bool,
}

/// Where and what it replaces now, or why it does not fit.
pub(super) fn fitted(
    document: &Document,
    finding: &Finding,
    placement: &Placement,
    fix: &Fix,
) -> Result<Fitted, String> {
    let changed = || "the code changed since the scan; the tool's fix may not fit any more".to_owned();
    if !matches!(placement.state, State::Exact | State::Moved) {
        return Err(changed());
    }
    let (Some(region), Some(range)) = (finding.evidence.region, placement.range.clone()) else { return Err(changed()) };
    let line_now = u32::try_from(document.lines.line_of(range.start) + 1).unwrap_or(u32::MAX);
    let moved = fix
        .replacements
        .iter()
        .map(|replacement| {
            // Only the flagged lines are known to be as the tool saw them.
            let is_inside = replacement.region.line >= region.line && replacement.region.end_line <= region.end_line;
            if finding.evidence.path.as_ref() != Some(&replacement.path) || !is_inside {
                return Err(
                    "the fix reaches beyond the flagged lines, which may have changed since the scan".to_owned()
                );
            }
            let moved = |line: u32| (line + line_now).checked_sub(region.line);
            let (Some(line), Some(end_line)) = (moved(replacement.region.line), moved(replacement.region.end_line))
            else {
                return Err(changed());
            };
            let there = Region { line, end_line, ..replacement.region };
            let exact = document.lines.resolve(&document.text, &there).ok_or_else(changed)?;
            // The flagged range must begin where the tool's would: a re-indented line would be cut at the wrong column.
            let flagged = Region { line: line_now, end_line: line_now + region.end_line - region.line, ..region };
            if document.lines.resolve(&document.text, &flagged).is_none_or(|flagged| flagged.start != range.start) {
                return Err(changed());
            }
            Ok((exact.clone(), inserted(document, &exact, replacement)))
        })
        .collect::<Result<Vec<_>, String>>();
    let mut replacements = moved?;
    replacements.sort_by_key(|(range, _)| (range.start, range.end));
    if replacements.is_empty() || replacements.windows(2).any(|pair| pair[1].0.start < pair[0].0.end) {
        return Err("the tool's fix contradicts itself".to_owned());
    }
    let is_in_flagged = replacements.iter().all(|(at, _)| range.start <= at.start && at.end <= range.end);
    Ok(Fitted { replacements, is_in_flagged })
}

/// What to insert. Semgrep deletes the match but inserts whole lines: what already stands before and behind the match
/// on its lines is taken off again.
fn inserted(document: &Document, range: &Range<usize>, replacement: &Replacement) -> String {
    let mut text = replacement.text.as_str();
    let line_start = document.lines.line(document.lines.line_of(range.start)).map_or(0, |line| line.start);
    let before = &document.text[line_start..range.start];
    let behind_end = document
        .lines
        .line_content(&document.text, document.lines.line_of(range.end))
        .map_or(range.end, |line| line.end);
    let behind = &document.text[range.end..behind_end.max(range.end)];
    if !before.is_empty()
        && let Some(rest) = text.strip_prefix(before)
    {
        let rest_trimmed = rest.strip_suffix('\n').unwrap_or(rest);
        text = rest_trimmed.strip_suffix(behind).unwrap_or(rest_trimmed);
    }
    text.to_owned()
}
