//! One query through the anchor: from texts given along or from git to a placement, and back to lines and columns.

use std::sync::Arc;

use anchor::{Basis, Item, Scan, Source, Target, Version, renames};
use finding::{Evidence, Placement, State};

use super::git::Clones;
use super::query::{Answer, Answered, Query};
use crate::cli::position;

const NEVER: &dyn Fn() -> bool = &|| false;

/// A file now.
pub(super) struct Current {
    pub(super) path: Arc<str>,
    pub(super) source: Source,
    /// Its text at the scan; `None` when it is new or that is not known.
    pub(super) before: Option<Source>,
}

impl Current {
    fn target(&self) -> Target<'_> {
        Target { path: self.path.clone(), source: &self.source, before: self.before.as_ref() }
    }
}

/// Answers one query, or says what is wrong with it.
pub(super) fn answer(query: &Query, clones: &Clones) -> Result<Answer, String> {
    match (&query.clone, &query.commit_a, &query.commit_b, &query.files_b) {
        (Some(clone), Some(then), Some(now), _) => clones.answer(query, clone, then, now),
        (Some(_), ..) => Err("`clone` needs `commit_a` and `commit_b`".to_owned()),
        (None, _, _, Some(_)) => given(query),
        (None, ..) => Err("nothing to place in: give `files_b`, or `clone`, `commit_a` and `commit_b`".to_owned()),
    }
}

/// Everything came with the query.
fn given(query: &Query) -> Result<Answer, String> {
    if query.content_a.is_none() && query.snippet.is_none() {
        return Err("nothing says what was flagged: give `content_a`, or at least `snippet`".to_owned());
    }
    let path: Arc<str> = query.path_a.as_str().into();
    let mut files: Vec<Current> = query.files_b.iter().flatten().map(|(path, text)| current(path, text)).collect();
    let texts: Vec<(Arc<str>, Arc<str>)> =
        files.iter().map(|file| (file.path.clone(), file.source.text.clone())).collect();
    let renamed = || renames::best((&path, query.content_a.as_deref()?), &texts).map(|(at, _)| at);
    let home = files.iter().position(|file| file.path == path).or_else(renamed).map(|at| files.swap_remove(at));
    let scanned = query.content_a.as_deref().map(|text| Source::new(&path, text.into()));
    let basis = match scanned {
        Some(_) => Basis::Commit(query.commit_a.clone().unwrap_or_default()),
        None => Basis::Nothing("only the flagged line is known".to_owned()),
    };
    let scan = Scan { path, basis, source: scanned.map(Arc::new) };
    let placement = run(query, &scan, home.as_ref(), &files, &[]);
    Ok(told(query, &placement, home.iter().chain(&files)))
}

fn current(path: &str, text: &str) -> Current {
    Current { path: path.into(), source: Source::new(path, text.into()), before: None }
}

/// The first placement is the queried finding's.
pub(super) fn run(
    query: &Query,
    scan: &Scan,
    home: Option<&Current>,
    elsewhere: &[Current],
    versions: &[Version],
) -> Placement {
    let evidence: Vec<Evidence> = query.evidence(scan.source.is_some());
    let tool = query.tool.as_deref().unwrap_or("");
    let items: Vec<Item<'_>> =
        evidence.iter().map(|evidence| Item { evidence, tool, rule: &query.rule, scan: 0 }).collect();
    let elsewhere: Vec<Target<'_>> = elsewhere.iter().map(Current::target).collect();
    let placed = if versions.is_empty() {
        anchor::place(&items, std::slice::from_ref(scan), home.map(Current::target).as_ref(), &elsewhere, NEVER)
    } else {
        anchor::carry(&items, scan, versions, &elsewhere, NEVER)
    };
    placed.into_iter().next().unwrap_or_else(|| Placement::unplaced("nothing says what was flagged"))
}

/// The placement in lines and columns.
pub(super) fn told<'c>(query: &Query, placement: &Placement, mut files: impl Iterator<Item = &'c Current>) -> Answer {
    let file = files.find(|file| placement.path.as_ref() == Some(&file.path));
    let range = placement.range.as_ref().zip(file).map(|(range, file)| {
        let range = position::range(&file.source.text, &file.source.lines, range);
        [range.start.line, range.start.column, range.end.line, range.end.column]
    });
    // A finding about a whole file has no range and stands at its first line here: the shape asks for one.
    let line = range.map(|range| range[0]).or((placement.state.is_on_code() && file.is_some()).then_some(1));
    Answer {
        id: query.id.clone(),
        state: match placement.state {
            State::Exact | State::Moved | State::Edited => Answered::Present,
            State::Gone => Answered::Gone,
            State::Uncertain | State::Unplaced => Answered::Uncertain,
        },
        path: placement.path.as_deref().map(str::to_owned),
        line,
        range,
        placement: placement.state,
        // Two digits are all it is worth, and all that a 32-bit number shows well.
        confidence: (f64::from(placement.confidence) * 100.0).round() / 100.0,
        reason: placement.reason.to_string(),
        suppressed_by: placement.suppressed_by.as_deref().map(str::to_owned),
    }
}
