//! What an entry may say, key by key, and what it says of itself that nobody has to believe.

use std::collections::HashSet;

use finding::StatusValue;

use super::entry::{About, Entry, Expiry, STATUSES, date};
use super::read::{Problem, Weight};
use super::yaml::{Node, What};

const ENTRY_KEYS: [&str; 7] = ["id", "finding", "status", "reason", "requested_by", "expires", "ticket"];
const FINDING_KEYS: [&str; 8] = ["source", "id", "rule", "path", "line", "symbol", "text", "commit"];
/// Keys by which an entry would approve itself.
const APPROVALS: [&str; 14] = [
    "accepted",
    "accepted_by",
    "approval",
    "approvals",
    "approved",
    "approved_at",
    "approved_by",
    "approver",
    "approvers",
    "authorized_by",
    "reviewed",
    "reviewed_by",
    "signed_off_by",
    "state",
];
/// Longest id, and longest name of any kind.
const MAX_NAME: usize = 200;

/// Reads one entry; `None` when a mistake makes it not count. Every mistake is told.
pub(super) fn entry(node: &Node, problems: &mut Vec<Problem>) -> Option<Entry> {
    let mut reader = Reader { name: name_of(node), problems, is_refused: false };
    let What::Map { pairs, .. } = &node.what else {
        reader.refuse(node.line, "must be a map with `id`, `finding`, `status` and `reason`");
        return None;
    };
    let fields = reader.fields(pairs, &ENTRY_KEYS, "", node.line);
    let id = reader.needed(&fields, "id").unwrap_or_default();
    if !is_id(&id) {
        reader.refuse(fields.line("id"), format!("`id` must be 1 to {MAX_NAME} of letters, digits, `.`, `_` and `-`"));
    }
    let finding = match fields.get("finding").map(|finding| &finding.what) {
        Some(What::Map { pairs, .. }) => reader.finding(pairs, fields.line("finding")),
        Some(_) => {
            reader.refuse(fields.line("finding"), "`finding` must be a map with at least `rule` and `path`");
            About::default()
        }
        None => {
            reader.refuse(node.line, "has no `finding`: name its `rule` and `path`");
            About::default()
        }
    };
    let status = reader.status(&fields);
    let reason = reader.needed(&fields, "reason").unwrap_or_default();
    let requested_by = reader.optional(&fields, "requested_by");
    let ticket = reader.optional(&fields, "ticket");
    let expires = reader.expires(&fields, status);
    reader.claims(pairs, requested_by.as_deref());
    if reader.is_refused {
        return None;
    }
    Some(Entry { id, line: node.line, finding, status: status?, reason, requested_by, expires, ticket })
}

/// The id as it stands, for finding two entries of one id even where one of them has other mistakes.
pub(super) fn raw_id(node: &Node) -> Option<&str> {
    let What::Map { pairs, .. } = &node.what else { return None };
    let (_, id) = pairs.iter().find(|(key, _)| key.word().is_some_and(|word| word.text == "id"))?;
    id.word().map(|word| word.text.as_str())
}

fn name_of(node: &Node) -> String {
    raw_id(node)
        .filter(|id| is_id(id))
        .map_or_else(|| "an exception without a name".to_owned(), |id| format!("exception `{id}`"))
}

fn is_id(id: &str) -> bool {
    (1..=MAX_NAME).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// The known keys of a map with their values, in the order of the format.
struct Fields<'n> {
    of: Vec<(&'n str, &'n Node)>,
    /// Line of the map.
    line: u32,
}

impl<'n> Fields<'n> {
    fn get(&self, key: &str) -> Option<&'n Node> {
        self.of.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    /// Line of a key's value, or of the map.
    fn line(&self, key: &str) -> u32 {
        self.get(key).map_or(self.line, |value| value.line)
    }
}

struct Reader<'p> {
    name: String,
    problems: &'p mut Vec<Problem>,
    is_refused: bool,
}

impl Reader<'_> {
    fn tell(&mut self, line: u32, weight: Weight, what: &str) {
        self.problems.push(Problem { line, what: format!("{} {what}", self.name), weight });
    }

    fn refuse(&mut self, line: u32, what: impl AsRef<str>) {
        self.is_refused = true;
        self.tell(line, Weight::Entry, &format!("does not count: {}", what.as_ref()));
    }

    fn notice(&mut self, line: u32, what: impl AsRef<str>) {
        self.tell(line, Weight::Notice, what.as_ref());
    }

    /// Refuses keys that are unknown or written twice.
    fn fields<'n>(&mut self, pairs: &'n [(Node, Node)], known: &[&str], place: &str, line: u32) -> Fields<'n> {
        let mut seen = HashSet::new();
        let mut of = Vec::new();
        for (key, value) in pairs {
            let Some(word) = key.word() else {
                self.refuse(key.line, "a key must be a word");
                continue;
            };
            let word = word.text.as_str();
            if !seen.insert(word) {
                self.refuse(key.line, format!("`{place}{}` is written twice", shown(word)));
            } else if known.contains(&word) {
                if !value.is_nothing() {
                    of.push((word, value));
                }
            } else if !is_approval(word) {
                self.refuse(key.line, format!("unknown key `{place}{}`{}", shown(word), hint(word, known)));
            }
        }
        Fields { of, line }
    }

    /// A word that may be left out.
    fn optional(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        let value = fields.get(key)?;
        let Some(word) = value.word() else {
            self.refuse(value.line, format!("`{key}` must be a text"));
            return None;
        };
        let text = word.text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn needed(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        let word = self.optional(fields, key);
        if word.is_none() && fields.get(key).is_none_or(|value| value.word().is_some()) {
            self.refuse(fields.line(key), format!("it has no `{key}`"));
        }
        word
    }

    fn status(&mut self, fields: &Fields<'_>) -> Option<StatusValue> {
        let written = self.needed(fields, "status")?;
        let found = STATUSES.iter().find(|(word, _)| *word == written);
        if found.is_none() {
            let words = STATUSES.map(|(word, _)| word);
            self.refuse(
                fields.line("status"),
                format!("`status` cannot be `{}`{}", shown(&written), hint(&written, &words)),
            );
        }
        found.map(|(_, status)| *status)
    }

    fn expires(&mut self, fields: &Fields<'_>, status: Option<StatusValue>) -> Expiry {
        let Some(value) = fields.get("expires") else {
            if status == Some(StatusValue::RiskAccepted) {
                self.notice(fields.line, "accepts a risk without an end: give it `expires: YYYY-MM-DD`");
            }
            return Expiry::Never;
        };
        let text = value.word().map_or("", |word| word.text.trim());
        if let Some(date) = date(text) {
            return Expiry::On(date);
        }
        let what = format!("is taken as expired: `expires` must be a date such as 2027-01-31, not `{}`", shown(text));
        self.tell(value.line, Weight::Entry, &what);
        Expiry::Unreadable(text.to_owned())
    }

    fn finding(&mut self, pairs: &[(Node, Node)], line: u32) -> About {
        let fields = self.fields(pairs, &FINDING_KEYS, "finding.", line);
        let text = self.optional(&fields, "text").and_then(|_| fields.get("text")?.word());
        let about = About {
            source: self.optional(&fields, "source"),
            id: self.optional(&fields, "id"),
            rule: self.needed(&fields, "rule").unwrap_or_default(),
            path: self.path(&fields),
            line: self.line_number(&fields),
            symbol: self.optional(&fields, "symbol"),
            text: text.map(|word| word.text.clone()),
            commit: self.commit(&fields),
        };
        if has_wildcard(&about.rule) {
            self.refuse(
                fields.line("rule"),
                format!("`finding.rule` must name one rule, not `{}`{ELSEWHERE}", shown(&about.rule)),
            );
        }
        if about.id.is_none() && about.line.is_none() && about.text.is_none() {
            self.refuse(
                line,
                format!("it would cover a whole file: name the finding's `id`, `line` or `text`{ELSEWHERE}"),
            );
        }
        about
    }

    fn path(&mut self, fields: &Fields<'_>) -> String {
        let Some(path) = self.needed(fields, "path") else { return String::new() };
        let short = path.strip_prefix("./").unwrap_or(&path);
        let line = fields.line("path");
        if has_wildcard(short) || short.ends_with('/') || matches!(short, "" | ".") {
            self.refuse(line, format!("`finding.path` must name one file, not `{}`{ELSEWHERE}", shown(&path)));
        } else if short.contains('\\')
            || short.chars().any(char::is_control)
            || short.split('/').any(|part| part == "..")
        {
            let what = format!("`finding.path` must be a plain path with `/` and without `..`, not `{}`", shown(&path));
            self.refuse(line, what);
        }
        short.to_owned()
    }

    fn line_number(&mut self, fields: &Fields<'_>) -> Option<u32> {
        let written = self.optional(fields, "line")?;
        let number = written.parse().ok().filter(|&number: &u32| number > 0 && !written.starts_with('+'));
        if number.is_none() {
            self.refuse(
                fields.line("line"),
                format!("`finding.line` must be a number from 1, not `{}`", shown(&written)),
            );
        }
        number
    }

    fn commit(&mut self, fields: &Fields<'_>) -> Option<String> {
        let commit = self.optional(fields, "commit")?.to_ascii_lowercase();
        if matches!(commit.len(), 40 | 64) && commit.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Some(commit);
        }
        let what =
            format!("names a commit that is not used: `finding.commit` must be a full id, not `{}`", shown(&commit));
        self.notice(fields.line("commit"), what);
        None
    }

    /// Approval is not for the file to say, least of all by whoever asks.
    fn claims(&mut self, pairs: &[(Node, Node)], requested_by: Option<&str>) {
        for (key, value) in pairs {
            let Some(key_word) = key.word().filter(|word| is_approval(&word.text)) else { continue };
            let key_text = shown(&key_word.text);
            let is_own = requested_by.is_some() && value.word().map(|word| word.text.trim()) == requested_by;
            let what = if is_own {
                format!("is approved by whoever asks for it: `{key_text}` is ignored")
            } else {
                format!("says that it is approved: `{key_text}` is ignored")
            };
            self.notice(
                key.line,
                format!("{what}. It counts once it is merged, or once an approver accepts it at the source"),
            );
        }
    }
}

const ELSEWHERE: &str = " (exceptions for many findings belong in the policy bundle)";

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

fn is_approval(key: &str) -> bool {
    APPROVALS.iter().any(|claim| claim.eq_ignore_ascii_case(key))
}

/// A word of the file for a message: one line, not long.
pub(super) fn shown(word: &str) -> String {
    let clean: String = word.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.len() < word.len() { format!("{clean}…") } else { clean }
}

/// What may have been meant.
pub(super) fn hint(word: &str, known: &[&str]) -> String {
    let lower = word.to_lowercase();
    let near = |known: &&&str| strsim::osa_distance(&lower, known) <= known.len().div_ceil(3);
    let nearest = known.iter().filter(near).min_by_key(|known| strsim::osa_distance(&lower, known));
    match nearest {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => format!(". Possible: {}", known.join(", ")),
    }
}
