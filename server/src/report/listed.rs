//! Findings chosen, ordered and put together as a panel asks for them.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use engine::{Root, Snapshot};
use finding::wire::{FindingGroup, FindingsQuery, GroupBy, SortBy, StatusFilter};
use finding::{Action, Severity, StatusValue};

use super::entries::{self, Entry};

/// A finding of a folder.
pub(crate) struct Chosen<'s> {
    pub(crate) root: &'s Root,
    pub(crate) entry: Entry<'s>,
    /// What it shares with its group.
    pub(crate) group: Option<String>,
}

/// A whole list.
pub(crate) struct List<'s> {
    pub(crate) chosen: Vec<Chosen<'s>>,
    pub(crate) groups: Vec<FindingGroup>,
    /// Of all that the list depends on.
    pub(crate) digest: u64,
}

/// All findings that `query` asks for, those below `below` alone where it is given, whatever page.
pub(crate) fn list<'s>(snapshot: &'s Snapshot, query: &FindingsQuery, below: Option<&Path>) -> List<'s> {
    let text = query.text.as_deref().map(str::to_lowercase).filter(|text| !text.is_empty());
    let mut chosen = Vec::new();
    for root in snapshot.roots() {
        let Some(part) = part_of(root, below) else { continue };
        for entry in entries::all(snapshot, root) {
            let is_there = part.is_empty() || is_below(entry.path(), &part) || is_scanned_below(&entry, &part);
            if is_there && is_wanted(&entry, query) && text.as_ref().is_none_or(|text| says(&entry, text)) {
                let group = query.group_by.map(|by| key(&entry, by));
                chosen.push(Chosen { root, entry, group });
            }
        }
    }
    if query.sort == SortBy::Risk {
        // The order of places stands among equals.
        chosen.sort_by_key(|chosen| Reverse(weight(&chosen.entry)));
    }
    let groups = if query.group_by.is_some() { grouped(&mut chosen) } else { Vec::new() };
    let digest = digest(&chosen);
    List { chosen, groups, digest }
}

/// The part of a root that is asked for, relative to it; `None`: nothing of it.
fn part_of(root: &Root, below: Option<&Path>) -> Option<String> {
    let Some(below) = below else { return Some(String::new()) };
    if let Ok(part) = below.strip_prefix(&root.path) {
        let parts: Vec<&str> = part.components().filter_map(|part| part.as_os_str().to_str()).collect();
        return Some(parts.join("/"));
    }
    root.path.starts_with(below).then(String::new)
}

fn is_below(path: &str, part: &str) -> bool {
    path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_scanned_below(entry: &Entry<'_>, part: &str) -> bool {
    entry.scanned_path().is_some_and(|path| is_below(path, part))
}

fn is_wanted(entry: &Entry<'_>, query: &FindingsQuery) -> bool {
    fn has<T: PartialEq>(wanted: &[T], is: Option<T>) -> bool {
        wanted.is_empty() || is.is_some_and(|is| wanted.contains(&is))
    }
    let names = |wanted: &[String], is: Option<&str>| {
        wanted.is_empty() || wanted.iter().any(|wanted| Some(wanted.as_str()) == is)
    };
    let row = entry.row;
    let application = entry.judged.and_then(|judged| judged.application.as_deref());
    let is_of_status = match query.status {
        StatusFilter::Open => row.status == StatusValue::Open,
        StatusFilter::Decided => row.status != StatusValue::Open,
        StatusFilter::All => true,
    };
    is_of_status
        && has(&query.states, Some(entry.placement.state))
        && has(&query.actions, action(entry))
        && has(&query.changes, entry.judged.map(|judged| judged.change))
        && has(&query.kinds, Some(row.kind))
        && query.minimum_severity.is_none_or(|minimum| row.severity >= minimum)
        && names(&query.rules, Some(entry.index.rule(row)))
        && names(&query.tools, Some(entry.index.tool(row)))
        && names(&query.owners, application.and_then(|known| known.owner.as_deref()))
        && names(&query.components, application.and_then(|known| known.component.as_deref()))
}

fn action(entry: &Entry<'_>) -> Option<Action> {
    Some(entry.judged?.verdict.as_ref()?.action)
}

fn risk(entry: &Entry<'_>) -> Option<u8> {
    Some(entry.judged?.verdict.as_ref()?.risk)
}

/// What weighs in the order by risk: what blocks, the risk, and without a verdict how bad it is.
fn weight(entry: &Entry<'_>) -> (bool, bool, Option<u8>, Severity) {
    let is_on_code = entry.placement.state.is_on_code();
    (is_on_code, action(entry) == Some(Action::Block), risk(entry), entry.row.severity)
}

fn says(entry: &Entry<'_>, text: &str) -> bool {
    let row = entry.row;
    let words = [
        row.id.as_str(),
        entry.path(),
        entry.scanned_path().unwrap_or(""),
        entry.index.rule(row),
        entry.index.tool(row),
        entry.index.message(row),
    ];
    words.iter().any(|words| words.to_lowercase().contains(text))
}

fn key(entry: &Entry<'_>, by: GroupBy) -> String {
    let application = entry.judged.and_then(|judged| judged.application.as_deref());
    match by {
        GroupBy::File => entry.path().to_owned(),
        GroupBy::Rule => format!("{}: {}", entry.index.tool(entry.row), entry.index.rule(entry.row)),
        GroupBy::Component => application.and_then(|known| known.component.clone()).unwrap_or_default(),
        GroupBy::Owner => application.and_then(|known| known.owner.clone()).unwrap_or_default(),
    }
}

/// Puts what belongs together side by side: the group that weighs most first.
fn grouped(chosen: &mut [Chosen<'_>]) -> Vec<FindingGroup> {
    let mut heaviest: HashMap<String, (bool, bool, Option<u8>, Severity)> = HashMap::new();
    let mut groups: HashMap<String, FindingGroup> = HashMap::new();
    for Chosen { entry, group, .. } in chosen.iter() {
        let key = group.clone().unwrap_or_default();
        let weight = weight(entry);
        heaviest.entry(key.clone()).and_modify(|known| *known = weight.max(*known)).or_insert(weight);
        let group = groups.entry(key.clone()).or_insert(FindingGroup {
            key,
            count: 0,
            block: 0,
            severity: Severity::Info,
            risk: None,
        });
        group.count += 1;
        group.block += usize::from(action(entry) == Some(Action::Block) && weight.0);
        group.severity = group.severity.max(entry.row.severity);
        group.risk = group.risk.max(risk(entry));
    }
    let rank = |key: &str| (Reverse(heaviest.get(key).copied()), key.to_owned());
    chosen.sort_by_cached_key(|chosen| rank(chosen.group.as_deref().unwrap_or("")));
    let mut groups: Vec<FindingGroup> = groups.into_values().collect();
    groups.sort_by_cached_key(|group| rank(&group.key));
    groups
}

fn digest(chosen: &[Chosen<'_>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for Chosen { entry, group, .. } in chosen {
        let placement = &entry.placement;
        (entry.row.id.as_str(), &placement.path, &placement.range, placement.state, group).hash(&mut hasher);
        entry.judged.map(|judged| judged.digest).hash(&mut hasher);
    }
    hasher.finish()
}
