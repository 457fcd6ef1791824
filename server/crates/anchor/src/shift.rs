//! Live: a range carried through one edit, before anything is verified again.

use std::ops::Range;

use syntax::Edit;

/// Where `range` of the old text is in the new one.
///
/// Behind the edit it moves along; an edit inside it, or one that replaces its very head or tail, stretches or shrinks
/// it; where an edit reaches in from outside the rest is kept; an edit that covers it collapses it to where the
/// replacement starts. Text inserted at an edge stays outside. The result lies inside the new text and its ends are
/// edges of the edit or of untouched text, so never inside a character.
#[must_use]
pub fn shift(range: &Range<usize>, edit: &Edit) -> Range<usize> {
    let behind = |offset: usize| offset - edit.old_end + edit.new_end;
    if range.end <= edit.start && (edit.start < edit.old_end || range.start < edit.start) {
        return range.clone();
    }
    if range.start >= edit.old_end {
        return behind(range.start)..behind(range.end.max(range.start));
    }
    match (range.start < edit.start, range.end > edit.old_end) {
        (true, true) => range.start..behind(range.end),
        // The edit's text counts as the range's own where it begins or ends exactly with the range.
        (true, false) if range.end == edit.old_end => range.start..edit.new_end,
        (true, false) => range.start..edit.start,
        (false, true) if range.start == edit.start => edit.start..behind(range.end),
        (false, true) => edit.new_end..behind(range.end),
        (false, false) if *range == (edit.start..edit.old_end) => edit.start..edit.new_end,
        (false, false) => edit.start..edit.start,
    }
}
