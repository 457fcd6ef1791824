//! The text of `.aspm/exceptions.yaml` → the entries that may count, and what is wrong with the others, each on its line.
//!
//! Lenient by entry: one with a mistake does not count and the others do. Strict by file: where it cannot be told what
//! the file says (conflict markers, another version, no YAML), no entry of it counts.

use std::collections::HashMap;

use jiff::civil::Date;

use super::claims;
use super::entry::{Entry, Expiry};
use super::yaml::{self, Node, What};

/// Largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// Most entries in a file.
pub const MAX_ENTRIES: usize = 10_000;

/// Most problems that are told one by one.
const MAX_PROBLEMS: usize = 1_000;

/// What an exceptions file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// Those that may count, in the order of the file; ids are unique.
    pub entries: Vec<Entry>,
    /// What is wrong, by line.
    pub problems: Vec<Problem>,
}

/// A mistake in the file, or something worth knowing about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line of the file, from 1.
    pub line: u32,
    /// In words, naming the entry and what to do.
    pub what: String,
    /// What follows from it.
    pub weight: Weight,
}

/// What follows from a [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Nothing: the entry counts as if this were not there.
    Notice,
    /// The entry does not count.
    Entry,
    /// No entry of the file counts.
    File,
}

impl Parsed {
    /// Whether the file as a whole could not be understood: then the last one that could still holds.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.problems.iter().any(|problem| problem.weight == Weight::File)
    }

    /// One problem for each entry that has run out by a day, for showing beside `problems`.
    #[must_use]
    pub fn expired(&self, today: Date) -> Vec<Problem> {
        let past = |entry: &Entry| match entry.expires {
            Expiry::On(last) if last < today => Some(Problem {
                line: entry.line,
                what: format!("exception `{}` does not count: it expired on {last}", entry.id),
                weight: Weight::Entry,
            }),
            _ => None,
        };
        self.entries.iter().filter_map(past).collect()
    }

    fn broken(line: u32, what: impl Into<String>) -> Self {
        let what = format!("no exception of this file counts: {}", what.into());
        Self { entries: Vec::new(), problems: vec![Problem { line, what, weight: Weight::File }] }
    }
}

/// Reads the file. An empty one, and one of comments only, has no entries and no problems.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    match listed(text) {
        Ok(list) => {
            let items = list.as_ref().map_or(&[][..], Listed::items);
            entries(items)
        }
        Err(problem) => Parsed::broken(problem.line, problem.what),
    }
}

/// The file as far as all entries have in common.
pub(super) struct Listed {
    root: Node,
}

impl Listed {
    /// The value of `exceptions` with its key.
    pub(super) fn list(&self) -> Option<(&Node, &Node)> {
        let What::Map { pairs, .. } = &self.root.what else { return None };
        let found = pairs.iter().find(|(key, _)| key.word().is_some_and(|word| word.text == "exceptions"));
        found.map(|(key, value)| (key, value))
    }

    pub(super) fn root(&self) -> &Node {
        &self.root
    }

    pub(super) fn items(&self) -> &[Node] {
        match self.list().map(|(_, value)| &value.what) {
            Some(What::List { items, .. }) => items,
            _ => &[],
        }
    }
}

/// Reads and checks what is around the entries; `None` for a file without content.
pub(super) fn listed(text: &str) -> Result<Option<Listed>, yaml::Broken> {
    let broken = |line: u32, what: String| Err(yaml::Broken { line, what });
    if text.len() > MAX_BYTES {
        return broken(1, format!("it is larger than {} MiB", MAX_BYTES >> 20));
    }
    if let Some(line) = conflict(text) {
        return broken(line, "it has a merge conflict that is not resolved".to_owned());
    }
    let Some(root) = yaml::read(text)? else { return Ok(None) };
    let What::Map { pairs, .. } = &root.what else {
        return broken(root.line, "it must be a map with `version` and `exceptions`".to_owned());
    };
    let mut seen: Vec<&str> = Vec::new();
    for (key, _) in pairs {
        let word = key.word().map_or("", |word| &*word.text);
        if !["version", "exceptions"].contains(&word) {
            let hint = claims::hint(word, &["version", "exceptions"]);
            return broken(key.line, format!("unknown key `{}`{hint}", claims::shown(word)));
        }
        if seen.contains(&word) {
            return broken(key.line, format!("`{word}` is written twice"));
        }
        seen.push(word);
    }
    let version = pairs.iter().find(|(key, _)| key.word().is_some_and(|word| word.text == "version"));
    match version.map(|(_, value)| (value, value.word())) {
        Some((_, Some(word))) if word.text == "1" => {}
        Some((value, _)) => return broken(value.line, "only `version: 1` is understood".to_owned()),
        None => return broken(root.line, "it must begin with `version: 1`".to_owned()),
    }
    let listed = Listed { root };
    if let Some((_, value)) = listed.list() {
        match &value.what {
            What::List { items, .. } if items.len() > MAX_ENTRIES => {
                return broken(value.line, format!("it has more than {MAX_ENTRIES} entries"));
            }
            What::List { .. } => {}
            _ if value.is_nothing() => {}
            _ => return broken(value.line, "`exceptions` must be a list".to_owned()),
        }
    }
    Ok(Some(listed))
}

fn entries(items: &[Node]) -> Parsed {
    let mut of_id: HashMap<&str, Vec<u32>> = HashMap::new();
    for item in items {
        if let Some(id) = claims::raw_id(item) {
            of_id.entry(id).or_default().push(item.line);
        }
    }
    let mut parsed = Parsed::default();
    for item in items {
        let entry = claims::entry(item, &mut parsed.problems);
        let twins = claims::raw_id(item).and_then(|id| of_id.get(id)).filter(|lines| lines.len() > 1);
        if let Some(lines) = twins {
            let other = lines.iter().find(|&&line| line != item.line).unwrap_or(&item.line);
            let id = claims::shown(claims::raw_id(item).unwrap_or_default());
            let what = format!("exception `{id}` does not count: line {other} has the same `id`");
            parsed.problems.push(Problem { line: item.line, what, weight: Weight::Entry });
        } else {
            parsed.entries.extend(entry);
        }
    }
    parsed.problems.sort_by_key(|problem| problem.line);
    let more = parsed.problems.len().saturating_sub(MAX_PROBLEMS);
    if let Some(first) = parsed.problems.get(MAX_PROBLEMS).filter(|_| more > 0) {
        let rest =
            Problem { line: first.line, what: format!("{more} more mistakes from here on"), weight: Weight::Entry };
        parsed.problems.truncate(MAX_PROBLEMS);
        parsed.problems.push(rest);
    }
    parsed
}

/// Line of a conflict marker. They stand at a line's start, where YAML of this format never has such a thing.
fn conflict(text: &str) -> Option<u32> {
    let is_marker = |line: &str| {
        ["<<<<<<<", ">>>>>>>", "|||||||"].iter().any(|marker| line.starts_with(marker)) || line.trim_end() == "======="
    };
    text.lines().position(is_marker).and_then(|at| u32::try_from(at + 1).ok())
}
