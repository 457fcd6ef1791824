//! A rule more in a comment of the same tool that is there already.

use super::{
    Suppression,
    candidates::Here,
    lines_of,
    markers::Reach,
    ways::{List, Place, Reason, WAYS, Way},
    write::Candidate,
};

/// The comment that would silence this tool at this place if it named the rule, with the rule in it; `None` where there
/// is none, or where each rule has a comment of its own.
pub(super) fn into_existing(here: &Here<'_>) -> Option<Candidate> {
    let existing = here.before.at(here.text, here.range.clone()).find(|one| is_extensible(here, one))?;
    let way = WAYS
        .iter()
        .filter(|way| way.tool == existing.tool && reads(way.word, existing))
        .max_by_key(|way| way.word.len())?;
    let text = existing.text.as_str();
    let mut end = way.word.len();
    for rule in &existing.rules {
        end += text.get(end..)?.find(rule.as_str())? + rule.len();
    }
    let mut rest = &text[end..];
    let mut added = String::new();
    if way.reason == Reason::Brackets
        && let Some(reason) = rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'))
    {
        added.extend([" (", reason.0, ")"]);
        rest = reason.1;
    }
    match way.list {
        List::By(usual) => {
            let listed = &text[..end];
            added.push_str(match usual {
                _ if listed.contains(", ") => ", ",
                _ if listed.contains(',') => ",",
                usual => usual,
            });
            added.push_str(here.rule);
        }
        List::Words => added.extend([" ", way.spelled, here.rule]),
        List::None | List::Comments => return None,
    }
    if let (Reason::Brackets, false) = (way.reason, here.reason.is_empty()) {
        added.extend([" (", here.reason, ")"]);
    }
    added.push_str(rest);
    if let Reason::Behind(sign) = way.reason
        && !here.reason.is_empty()
        && !rest.contains(here.reason)
    {
        let is_given = !rest.trim_start_matches(way.closed).trim().is_empty();
        added.push_str(if is_given { "; " } else { sign });
        added.push_str(here.reason);
    }
    Some(Candidate {
        edits: vec![(existing.range.start + end..existing.range.end, added)],
        adds: usize::from(way.list == List::Words),
        looks_at: here.range.start..here.range.end.max(existing.range.start.min(here.range.end)),
    })
}

fn reads(word: &str, one: &Suppression) -> bool {
    one.text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// It is this tool's, names rules, and is about these lines alone.
fn is_extensible(here: &Here<'_>, one: &Suppression) -> bool {
    if one.tool != here.way.tool || one.rules.is_empty() {
        return false;
    }
    let own = lines_of(here.text, one.range.clone());
    let first = lines_of(here.text, here.range.start..here.range.start);
    let is_on_first = one.covers.start <= first.start && first.start < one.covers.end;
    let markers = WAYS.iter().filter(|way| way.tool == one.tool && reads(way.word, one)).filter_map(Way::marker);
    let marker = markers.max_by_key(|marker| marker.word.len());
    let is_short = marker.is_some_and(|marker| match marker.reach {
        Reach::Line | Reach::Next | Reach::LineOrNext => true,
        Reach::LineOrUntil(_) | Reach::LineOrScope => one.covers == own,
        Reach::Until(_) | Reach::Inside | Reach::File => false,
    });
    is_short && (is_on_first || here.way.place == Place::SameOrEnd)
}
