//! Which finding an entry is about: evidence decides, an id only helps, and each entry is about one finding at most.

use std::collections::HashMap;

use finding::{ExceptionState, Finding, FindingId, Placement, State};

use super::Entry;

/// What of a finding an entry is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Identity.
    pub id: &'a FindingId,
    /// Name of its source.
    pub source: &'a str,
    /// Rule id.
    pub rule: &'a str,
    /// Path as scanned.
    pub path: Option<&'a str>,
    /// The flagged code as reported, where it is at hand.
    pub text: Option<&'a str>,
    /// Where it is now.
    pub placement: &'a Placement,
}

impl<'a> Subject<'a> {
    /// A finding at its placement.
    #[must_use]
    pub fn of(finding: &'a Finding, placement: &'a Placement) -> Self {
        Self {
            id: &finding.id,
            source: &finding.source,
            rule: &finding.rule.id,
            path: finding.evidence.path.as_deref(),
            text: finding.evidence.snippet.as_deref(),
            placement,
        }
    }
}

/// An entry that looks for its finding.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// Approved entries choose first.
    pub state: ExceptionState,
    /// Where [`Entry::evidence`] is now; `None` when the anchor was not asked.
    pub placement: Option<&'a Placement>,
}

/// Whether an entry may be about a finding. The rule is equal, and the source where the entry names one; and either
/// - the entry, placed by its own evidence (exact, moved or edited, never uncertain), stands on the finding's place, or
/// - it names the finding's id and its path (as scanned, or where it is now), and its own evidence does not say
///   otherwise: code that is gone, or that stands elsewhere for certain, was another finding of the same id.
#[must_use]
pub fn matches(entry: &Entry, finding: &Subject<'_>, placed: Option<&Placement>) -> bool {
    fit(entry, finding, placed).is_some()
}

/// For each entry the finding it is about: an index into `findings`. The best pairs first: by id and by place or text, by
/// id, by place and text, by place. Approved entries choose before all others, and a finding is given to a second entry
/// only when that names its id or has nowhere else to go; so a new entry cannot push an approved one onto a new finding.
#[must_use]
pub fn assign(entries: &[Candidate<'_>], findings: &[Subject<'_>]) -> Vec<Option<usize>> {
    let mut of_rule: HashMap<&str, HashMap<&str, Vec<usize>>> = HashMap::new();
    for (at, finding) in findings.iter().enumerate() {
        let of_path = of_rule.entry(finding.rule).or_default();
        let (scanned, now) = (finding.path, finding.placement.path.as_deref());
        for path in scanned.into_iter().chain(now.filter(|now| scanned != Some(now))) {
            of_path.entry(path).or_default().push(at);
        }
    }
    let mut pairs: Vec<(bool, Fit, usize, usize)> = Vec::new();
    for (number, candidate) in entries.iter().enumerate() {
        let Some(of_path) = of_rule.get(candidate.entry.finding.rule.as_str()) else { continue };
        let named = candidate.entry.finding.path.as_str();
        let stands = candidate.placement.and_then(|placement| placement.path.as_deref()).filter(|path| *path != named);
        let near = [Some(named), stands].into_iter().flatten().filter_map(|path| of_path.get(path)).flatten();
        let mut fits: Vec<(Fit, usize)> =
            near.filter_map(|&at| Some((fit(candidate.entry, &findings[at], candidate.placement)?, at))).collect();
        fits.sort_unstable();
        fits.dedup();
        fits.truncate(MAX_CHOICES);
        let waits = candidate.state != ExceptionState::Approved;
        pairs.extend(fits.into_iter().map(|(fit, at)| (waits, fit, number, at)));
    }
    pairs.sort_unstable();
    let mut chosen = vec![None; entries.len()];
    let mut taken: HashMap<usize, &str> = HashMap::new();
    for &(_, fit, number, at) in &pairs {
        let id = entries[number].entry.id.as_str();
        // What a finding's id names is about that one; so are the two versions of an altered entry.
        let is_free = fit.by <= By::Id || taken.get(&at).is_none_or(|taken_by| *taken_by == id);
        if chosen[number].is_none() && is_free {
            taken.entry(at).or_insert(id);
            chosen[number] = Some(at);
        }
    }
    for (_, _, number, at) in pairs {
        chosen[number].get_or_insert(at);
    }
    chosen
}

/// Of how many findings an entry chooses; bounds what a hostile file can make of a large list.
const MAX_CHOICES: usize = 16;

/// How well an entry fits a finding; the best is the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    by: By,
    /// Whether the ranges differ, then how far they start from each other.
    differs: bool,
    distance: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    IdAndMore,
    Id,
    PlaceAndText,
    Place,
}

fn fit(entry: &Entry, finding: &Subject<'_>, placed: Option<&Placement>) -> Option<Fit> {
    let about = &entry.finding;
    if about.rule != finding.rule || about.source.as_deref().is_some_and(|source| source != finding.source) {
        return None;
    }
    let stands = stands(placed, finding.placement);
    let same_path =
        finding.path.map(bare) == Some(&*about.path) || finding.placement.path.as_deref() == Some(&*about.path);
    let by_id = same_path && about.id.as_deref().is_some_and(|id| names(id, about.source.as_deref(), finding.id));
    let same_text = matches!((&about.text, finding.text), (Some(a), Some(b)) if folded(a) == folded(b));
    let by = match (by_id, stands) {
        (_, Stands::Elsewhere) | (false, Stands::Unknown) => return None,
        (true, Stands::There) => By::IdAndMore,
        (true, Stands::Unknown) if same_text => By::IdAndMore,
        (true, Stands::Unknown) => By::Id,
        (false, Stands::There) if same_text => By::PlaceAndText,
        (false, Stands::There) => By::Place,
    };
    let ranges = placed.and_then(|placed| placed.range.as_ref()).zip(finding.placement.range.as_ref());
    let (differs, distance) = ranges.map_or((true, usize::MAX), |(a, b)| (a != b, a.start.abs_diff(b.start)));
    Some(Fit { by, differs, distance })
}

/// Where an entry's own evidence stands, seen from a finding.
enum Stands {
    There,
    Elsewhere,
    Unknown,
}

fn stands(entry: Option<&Placement>, finding: &Placement) -> Stands {
    let Some(entry) = entry else { return Stands::Unknown };
    let is_sure = |state| matches!(state, State::Exact | State::Moved | State::Edited);
    if entry.state == State::Gone {
        return if finding.state.is_on_code() { Stands::Elsewhere } else { Stands::Unknown };
    }
    if !is_sure(entry.state) || !is_sure(finding.state) {
        return Stands::Unknown;
    }
    let (Some(a), Some(b)) = (&entry.range, &finding.range) else { return Stands::Unknown };
    let overlap = a.start < b.end && b.start < a.end;
    let touch = (a.is_empty() || b.is_empty()) && a.start <= b.end && b.start <= a.end;
    if entry.path.is_some() && entry.path == finding.path && (overlap || touch) {
        Stands::There
    } else {
        Stands::Elsewhere
    }
}

/// Whether a written id is a finding's: all of it, or its digits where the source is named beside it.
fn names(written: &str, source: Option<&str>, id: &FindingId) -> bool {
    written == id.as_str() || (source.is_some() && written == id.digest())
}

fn bare(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}

/// Without what formatting changes.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
