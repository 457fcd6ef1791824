//! Entries in and out of the file's text, everything else left as it stands: comments, order, blank lines, quotes, line
//! endings. What was written is read again before it is given out, so a text that would say something else never is.

use finding::StatusValue;
use jiff::civil::Date;

use super::edit::Source;
use super::entry::{About, Entry, Expiry, status_word};
use super::naming::id_for;
use super::read::{Listed, Parsed, Weight, listed, parse};
use super::scalar::quoted;
use super::yaml::{Node, What};

/// What a file begins with when there was none.
const STARTER: &str = "\
# Findings that this project lives with, each for a reason and best until a date.
# An entry counts once it is merged. Written by `aspm-lsp triage`, or by hand.
version: 1
";

/// An exception to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The finding it is about; give `commit` with `line` and `text`, so that it can be found after the code moved.
    pub finding: About,
    /// `FalsePositive`, `RiskAccepted` or `OutOfScope`.
    pub status: StatusValue,
    /// Why.
    pub reason: String,
    /// Who asks.
    pub requested_by: Option<String>,
    /// The last day it counts.
    pub expires: Option<Date>,
    /// Where it is tracked.
    pub ticket: Option<String>,
}

/// A text with an entry added to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The whole file.
    pub text: String,
    /// The new entry's id.
    pub id: String,
}

/// Why a text was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The file has to be put right by hand first.
    #[error(".aspm/exceptions.yaml, line {line}: {what}; correct the file first")]
    Broken {
        /// Line of the file, from 1.
        line: u32,
        /// What is wrong.
        what: String,
    },
    /// The entry would not count.
    #[error("this exception cannot be written: {0}")]
    Entry(String),
    /// The file has no such entry.
    #[error(".aspm/exceptions.yaml has no exception `{0}`")]
    NoSuch(String),
    /// The file is written in a way that cannot be edited without touching more than the entry.
    #[error(".aspm/exceptions.yaml, line {line}: {what}; edit the file by hand")]
    ByHand {
        /// Line of the file, from 1.
        line: u32,
        /// What stands in the way.
        what: String,
    },
}

/// Adds an entry at the list's end. `text` is the file as it is, `None` when there is none. The new entry reads back as it
/// was given, less white space around its texts (`finding.text` is kept to the letter). Entries that do not count are no
/// obstacle; a file that cannot be understood is.
pub fn add(text: Option<&str>, entry: &NewEntry, today: Date) -> Result<Added, WriteError> {
    let before = text.unwrap_or_default();
    let parsed = understood(before)?;
    check(entry, today)?;
    let listed = read(before)?;
    let is_taken = |id: &str| {
        let is_it = |item: &Node| super::claims::raw_id(item) == Some(id);
        listed.as_ref().is_some_and(|listed| listed.items().iter().any(is_it))
    };
    let id = id_for(&entry.finding, is_taken);
    let fields = Written { id: &id, entry };
    let text = match &listed {
        None => started(before, &fields),
        Some(listed) => inserted(&Source::new(before), listed, &fields)?,
    };
    let after = parse(&text);
    let Some((written, others)) = after.entries.split_last().filter(|(written, _)| written.id == id) else {
        let reason = after.problems.iter().find(|problem| problem.weight != Weight::Notice);
        return Err(WriteError::Entry(
            reason.map_or_else(|| "it does not read back".to_owned(), |problem| problem.what.clone()),
        ));
    };
    if !is_as_given(written, entry) || !same(others, &parsed.entries) {
        return Err(WriteError::ByHand {
            line: written.line,
            what: "the entry would not read back as it was given".to_owned(),
        });
    }
    Ok(Added { text, id })
}

/// Takes an entry out, with the comments inside it. Comments above it stay: they may be about those that follow.
pub fn remove(text: &str, id: &str) -> Result<String, WriteError> {
    let parsed = understood(text)?;
    let listed = read(text)?;
    let is_it = |item: &Node| super::claims::raw_id(item) == Some(id);
    let items = listed.as_ref().map_or(&[][..], Listed::items);
    let mut found = items.iter().enumerate().filter(|(_, item)| is_it(item));
    let (Some((at, item)), Some(file)) = (found.next(), &listed) else { return Err(WriteError::NoSuch(id.to_owned())) };
    if let Some((_, twin)) = found.next() {
        return Err(WriteError::ByHand { line: twin.line, what: format!("there are two exceptions `{id}`") });
    }
    let after = taken_out(&Source::new(text), file, at)?;
    let left: Vec<Entry> = parsed.entries.into_iter().filter(|entry| entry.id != id).collect();
    let now = parse(&after);
    if now.is_broken() || !same(&now.entries, &left) {
        return Err(WriteError::ByHand { line: item.line, what: format!("`{id}` cannot be taken out alone") });
    }
    Ok(after)
}

fn understood(text: &str) -> Result<Parsed, WriteError> {
    let parsed = parse(text);
    match parsed.problems.iter().find(|problem| problem.weight == Weight::File) {
        Some(problem) => Err(WriteError::Broken { line: problem.line, what: problem.what.clone() }),
        None => Ok(parsed),
    }
}

fn read(text: &str) -> Result<Option<Listed>, WriteError> {
    listed(text).map_err(|broken| WriteError::Broken { line: broken.line, what: broken.what })
}

fn check(entry: &NewEntry, today: Date) -> Result<(), WriteError> {
    let refuse = |what: &str| Err(WriteError::Entry(what.to_owned()));
    if entry.reason.trim().is_empty() {
        return refuse("give a reason");
    }
    if status_word(entry.status).is_none() {
        return refuse("its status must be false_positive, risk_accepted or out_of_scope");
    }
    match entry.expires {
        Some(last) if last < today => refuse(&format!("it would have expired on {last}; give a day from {today} on")),
        _ => Ok(()),
    }
}

/// Equal, but for where they stand in the file.
fn same(left: &[Entry], right: &[Entry]) -> bool {
    let but_for_line = |(a, b): (&Entry, &Entry)| Entry { line: b.line, ..a.clone() } == *b;
    left.len() == right.len() && left.iter().zip(right).all(but_for_line)
}

fn is_as_given(written: &Entry, given: &NewEntry) -> bool {
    let trimmed =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let (about, path) = (&given.finding, given.finding.path.trim());
    let finding = About {
        source: trimmed(&about.source),
        id: trimmed(&about.id),
        rule: about.rule.trim().to_owned(),
        path: path.strip_prefix("./").unwrap_or(path).to_owned(),
        line: about.line,
        symbol: trimmed(&about.symbol),
        text: about.text.clone().filter(|text| !text.trim().is_empty()),
        commit: trimmed(&about.commit).map(|commit| commit.to_ascii_lowercase()),
    };
    written.finding == finding
        && written.status == given.status
        && written.reason == given.reason.trim()
        && written.requested_by == trimmed(&given.requested_by)
        && written.ticket == trimmed(&given.ticket)
        && written.expires == given.expires.map_or(Expiry::Never, Expiry::On)
}

/// An entry as lines or in braces.
struct Written<'e> {
    id: &'e str,
    entry: &'e NewEntry,
}

impl Written<'_> {
    fn finding(&self) -> Vec<(&'static str, String)> {
        let about = &self.entry.finding;
        let text = |text: &Option<String>| text.as_deref().filter(|text| !text.trim().is_empty()).map(quoted);
        let pairs = [
            ("source", text(&about.source)),
            ("id", text(&about.id)),
            ("rule", Some(quoted(&about.rule))),
            ("path", Some(quoted(&about.path))),
            ("line", about.line.map(|line| line.to_string())),
            ("symbol", text(&about.symbol)),
            ("text", text(&about.text)),
            ("commit", text(&about.commit)),
        ];
        pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    fn rest(&self) -> Vec<(&'static str, String)> {
        let entry = self.entry;
        let text = |text: &Option<String>| text.as_deref().filter(|text| !text.trim().is_empty()).map(quoted);
        let pairs = [
            ("status", status_word(entry.status).map(str::to_owned)),
            ("reason", Some(quoted(&entry.reason))),
            ("requested_by", text(&entry.requested_by)),
            ("expires", entry.expires.map(|date| date.to_string())),
            ("ticket", text(&entry.ticket)),
        ];
        pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// Lines with the dash after `indent` spaces.
    fn lines(&self, indent: usize) -> Vec<String> {
        let dash = " ".repeat(indent);
        let mut lines = vec![format!("{dash}- id: {}", quoted(self.id)), format!("{dash}  finding:")];
        lines.extend(self.finding().into_iter().map(|(key, value)| format!("{dash}    {key}: {value}")));
        lines.extend(self.rest().into_iter().map(|(key, value)| format!("{dash}  {key}: {value}")));
        lines
    }

    fn braces(&self) -> String {
        let joined = |pairs: Vec<(&str, String)>| {
            pairs.into_iter().map(|(key, value)| format!("\"{key}\": {value}")).collect::<Vec<_>>().join(", ")
        };
        let (finding, rest) = (joined(self.finding()), joined(self.rest()));
        format!("{{\"id\": {}, \"finding\": {{{finding}}}, {rest}}}", quoted(self.id))
    }
}

/// The first entry of a file that has none, below what comments there are.
fn started(before: &str, entry: &Written<'_>) -> String {
    let source = Source::new(before);
    let mut lines: Vec<String> = Vec::new();
    if before.trim().is_empty() {
        lines.extend(STARTER.lines().map(str::to_owned));
    } else {
        lines.push("version: 1".to_owned());
    }
    lines.push("exceptions:".to_owned());
    lines.extend(entry.lines(2));
    if before.trim().is_empty() {
        return lines.join(source.eol) + source.eol;
    }
    source.with_lines(before.len(), &lines)
}

fn inserted(source: &Source<'_>, listed: &Listed, entry: &Written<'_>) -> Result<String, WriteError> {
    let by_hand = |node: &Node, what: &str| Err(WriteError::ByHand { line: node.line, what: what.to_owned() });
    let is_flow_root = matches!(listed.root().what, What::Map { is_flow: true, .. });
    let Some((key, list)) = listed.list() else {
        if is_flow_root {
            return by_hand(listed.root(), "the file is written in braces and has no `exceptions`");
        }
        let mut lines = vec!["exceptions:".to_owned()];
        lines.extend(entry.lines(2));
        return Ok(source.with_lines(source.content_end(listed.root()), &lines));
    };
    match &list.what {
        What::List { items, is_flow: true } => match items.last() {
            Some(end) => {
                Ok(source.replaced(source.byte(end.end)..source.byte(end.end), &format!(", {}", entry.braces())))
            }
            None if is_flow_root || source.of(list).contains('#') => {
                let at = source.byte(list.start) + 1;
                Ok(source.replaced(at..at, &format!("{} ", entry.braces())))
            }
            None => Ok(source.with_list(key, list, &entry.lines(2))),
        },
        What::List { items, is_flow: false } => {
            let Some(end) = items.last() else { return by_hand(list, "the list has no entries") };
            let mut lines = entry.lines(source.dash_column(list));
            if let [.., before, _] = items.as_slice()
                && source.has_blank_between(before, end)
            {
                lines.insert(0, String::new());
            }
            Ok(source.with_lines(source.content_end(end), &lines))
        }
        _ if is_flow_root => by_hand(list, "the file is written in braces and `exceptions` is empty"),
        _ => Ok(source.with_list(key, list, &entry.lines(2))),
    }
}

fn taken_out(source: &Source<'_>, listed: &Listed, at: usize) -> Result<String, WriteError> {
    let items = listed.items();
    let item = &items[at];
    let Some((key, list)) = listed.list() else { return Err(WriteError::NoSuch(String::new())) };
    if matches!(list.what, What::List { is_flow: true, .. }) {
        let range = match (at.checked_sub(1), items.get(at + 1)) {
            (_, Some(next)) => item.start..next.start,
            (Some(before), None) => items[before].end..item.end,
            (None, None) => item.start..item.end,
        };
        let bytes = source.byte(range.start)..source.byte(range.end);
        let own = source.of(item);
        if source.text[bytes.clone()].replace(own, "").contains('#') {
            return Err(WriteError::ByHand {
                line: item.line,
                what: "a comment stands between the entries".to_owned(),
            });
        }
        return Ok(source.replaced(bytes, ""));
    }
    let lines = source.lines_of(list, item);
    Ok(if items.len() == 1 { source.emptied(key, lines) } else { source.replaced(lines, "") })
}
