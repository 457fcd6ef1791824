//! The bundle's data → applications by repository. A mistake costs the value it is in and is told; where less would be
//! looser, the value stays strict.

use std::collections::{BTreeMap, HashMap};

use finding::Application;
use serde_json::{Map, Value};

use super::stricter;
use super::url::normalised;

const KEYS: [&str; 10] = [
    "name",
    "criticality",
    "exposure",
    "platform",
    "lifecycle",
    "owner",
    "sla",
    "approvers",
    "required_scanners",
    "components",
];
const COMPONENT_KEYS: [&str; 5] = ["path", "name", "owner", "criticality", "exposure"];
/// How critical an application may be, the most first.
pub(super) const CRITICALITY: [&str; 4] = ["critical", "high", "medium", "low"];
/// Who can reach it, the widest first.
pub(super) const EXPOSURE: [&str; 4] = ["internet", "partner", "internal", "isolated"];
const LIFECYCLE: [&str; 3] = ["production", "construction", "retirement"];
const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];
/// Longest time to fix that makes sense, in days: a hundred years.
const MAX_DAYS: u64 = 36_500;
/// Most problems that are told one by one.
const MAX_PROBLEMS: usize = 100;

/// Applications by repository, from policy data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applications {
    of: HashMap<String, Record>,
}

/// What the data says of one repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) application: Application,
    pub(super) components: Vec<Part>,
}

/// A part of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// Folder from the root without slashes at its ends; empty for the root.
    pub(super) path: String,
    pub(super) name: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) criticality: Option<String>,
    pub(super) exposure: Option<String>,
}

impl Applications {
    /// Reads `aspm.applications` of the whole data document (what Rego sees as `data`) of the bundles that may judge.
    /// Also gives what is wrong with it, one sentence each that names the key. What is wrong is left out, except for
    /// approvers: where who they are cannot be read, nobody is one.
    #[must_use]
    pub fn of(data: &Value) -> (Self, Vec<String>) {
        let mut reader = Reader { problems: Vec::new() };
        let mut applications = Self::default();
        match data.get("aspm").and_then(|aspm| aspm.get("applications")) {
            Some(Value::Object(map)) => applications.read(map, &mut reader),
            None | Some(Value::Null) => {
                if data.get("applications").is_some() {
                    reader.tell("applications", "is not read: write it below `aspm`, as `aspm.applications`");
                }
            }
            Some(other) => reader.wrong("aspm.applications", "a map from repository URLs to applications", other),
        }
        (applications, reader.told())
    }

    fn read(&mut self, map: &Map<String, Value>, reader: &mut Reader) {
        // By name, whatever the order of the document's parts, so that the same data always means the same.
        let sorted: BTreeMap<&String, &Value> = map.iter().collect();
        for (url, value) in sorted {
            let key = format!("aspm.applications[\"{}\"]", shown(url));
            let Some(repository) = normalised(url) else {
                reader.tell(&key, "is not the URL of one repository; write it as `github.com/acme/shop`");
                continue;
            };
            let Value::Object(fields) = value else {
                reader.wrong(&key, "a map", value);
                continue;
            };
            let record = reader.record(fields, &key, &repository);
            match self.of.remove(&repository) {
                None => self.of.insert(repository, record),
                Some(other) => {
                    reader
                        .tell(&key, &format!("is a second entry for `{repository}`; the stricter of each value holds"));
                    self.of.insert(repository, stricter::of(other, record))
                }
            };
        }
    }

    /// What is said of a repository, by its normalised URL.
    pub(super) fn get(&self, repository: &str) -> Option<&Record> {
        self.of.get(repository)
    }

    /// How many repositories there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }
}

struct Reader {
    problems: Vec<String>,
}

impl Reader {
    fn tell(&mut self, key: &str, what: &str) {
        self.problems.push(format!("policy data: `{key}` {what}"));
    }

    fn wrong(&mut self, key: &str, wanted: &str, found: &Value) {
        let found = match found {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "a map",
        };
        self.tell(key, &format!("must be {wanted}, not {found}"));
    }

    fn told(mut self) -> Vec<String> {
        let more = self.problems.len().saturating_sub(MAX_PROBLEMS);
        if more > 0 {
            self.problems.truncate(MAX_PROBLEMS);
            self.problems.push(format!("policy data: {more} more mistakes of this kind"));
        }
        self.problems
    }

    fn record(&mut self, fields: &Map<String, Value>, key: &str, repository: &str) -> Record {
        self.known(fields, key, &KEYS);
        let application = Application {
            name: self.text(fields, key, "name"),
            repository: Some(repository.to_owned()),
            criticality: self.one_of(fields, key, "criticality", &CRITICALITY),
            exposure: self.one_of(fields, key, "exposure", &EXPOSURE),
            platform: self.text(fields, key, "platform"),
            lifecycle: self.one_of(fields, key, "lifecycle", &LIFECYCLE),
            component: None,
            owner: self.text(fields, key, "owner"),
            sla: self.sla(fields, key),
            approvers: self.approvers(fields, key),
            required_scanners: self.texts(fields, key, "required_scanners").0,
        };
        Record { application, components: self.components(fields, key) }
    }

    fn known(&mut self, fields: &Map<String, Value>, key: &str, known: &[&str]) {
        for word in fields.keys().filter(|word| !known.contains(&word.as_str())) {
            let near =
                known.iter().find(|known| strsim::osa_distance(&word.to_lowercase(), known) <= known.len().div_ceil(3));
            let meant = near
                .map_or_else(|| format!("possible: {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
            self.tell(&format!("{key}.{}", shown(word)), &format!("is not known; {meant}"));
        }
    }

    fn text(&mut self, fields: &Map<String, Value>, key: &str, word: &str) -> Option<String> {
        match fields.get(word)? {
            Value::Null => None,
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) => Some(text.trim().to_owned()),
            other => {
                self.wrong(&format!("{key}.{word}"), "a text", other);
                None
            }
        }
    }

    fn one_of(&mut self, fields: &Map<String, Value>, key: &str, word: &str, known: &[&str]) -> Option<String> {
        let text = self.text(fields, key, word)?.to_ascii_lowercase();
        if !known.contains(&text.as_str()) {
            self.tell(
                &format!("{key}.{word}"),
                &format!("cannot be `{}`; possible: {}", shown(&text), known.join(", ")),
            );
            return None;
        }
        Some(text)
    }

    /// A list of texts (one text is a list of one), and whether something was written that could not be read.
    fn texts(&mut self, fields: &Map<String, Value>, key: &str, word: &str) -> (Vec<String>, bool) {
        let key = format!("{key}.{word}");
        let items = match fields.get(word) {
            None | Some(Value::Null) => return (Vec::new(), false),
            Some(Value::Array(items)) => items.as_slice(),
            Some(one @ Value::String(_)) => std::slice::from_ref(one),
            Some(other) => {
                self.wrong(&key, "a list of texts", other);
                return (Vec::new(), true);
            }
        };
        let mut texts: Vec<String> = Vec::new();
        for (number, item) in items.iter().enumerate() {
            match item.as_str().map(str::trim).filter(|text| !text.is_empty()) {
                Some(text) if texts.iter().any(|known| known == text) => {}
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong(&format!("{key}[{number}]"), "a text that is not empty", item),
            }
        }
        let is_unreadable = texts.is_empty() && !items.is_empty();
        (texts, is_unreadable)
    }

    fn approvers(&mut self, fields: &Map<String, Value>, key: &str) -> Vec<String> {
        match self.texts(fields, key, "approvers") {
            // Empty would mean that anybody may; nobody has the empty name.
            (_, true) => vec![String::new()],
            (approvers, false) => approvers,
        }
    }

    fn sla(&mut self, fields: &Map<String, Value>, key: &str) -> BTreeMap<String, u32> {
        let key = format!("{key}.sla");
        let map = match fields.get("sla") {
            None | Some(Value::Null) => return BTreeMap::new(),
            Some(Value::Object(map)) => map,
            Some(other) => {
                self.wrong(&key, "a map from severities to days", other);
                return BTreeMap::new();
            }
        };
        self.known(map, &key, &SEVERITIES);
        let mut sla = BTreeMap::new();
        for severity in SEVERITIES {
            let Some(value) = map.get(severity) else { continue };
            match value.as_u64().filter(|days| *days <= MAX_DAYS).and_then(|days| u32::try_from(days).ok()) {
                Some(days) => drop(sla.insert(severity.to_owned(), days)),
                None => self.tell(&format!("{key}.{severity}"), &format!("must be whole days from 0 to {MAX_DAYS}")),
            }
        }
        sla
    }

    fn components(&mut self, fields: &Map<String, Value>, key: &str) -> Vec<Part> {
        let key = format!("{key}.components");
        let items = match fields.get("components") {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(other) => {
                self.wrong(&key, "a list of maps", other);
                return Vec::new();
            }
        };
        let mut parts: Vec<Part> = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let key = format!("{key}[{number}]");
            let Value::Object(fields) = item else {
                self.wrong(&key, "a map", item);
                continue;
            };
            self.known(fields, &key, &COMPONENT_KEYS);
            let Some(path) = self.text(fields, &key, "path").as_deref().and_then(folder) else {
                self.tell(&key, "needs a `path`: a folder below the repository's root, without `..` and patterns");
                continue;
            };
            let part = Part {
                path,
                name: self.text(fields, &key, "name"),
                owner: self.text(fields, &key, "owner"),
                criticality: self.one_of(fields, &key, "criticality", &CRITICALITY),
                exposure: self.one_of(fields, &key, "exposure", &EXPOSURE),
            };
            match parts.iter_mut().find(|known| known.path == part.path) {
                None => parts.push(part),
                Some(known) => {
                    self.tell(&key, "is a second component of the same path; the stricter of each value holds");
                    *known = stricter::of_parts(known.clone(), part);
                }
            }
        }
        parts
    }
}

/// A folder without `./` and slashes at its ends; empty for the root; `None` for what is no plain folder.
pub(super) fn folder(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let is_plain = !path.contains(['*', '?', '\\']) && !parts.contains(&"..");
    is_plain.then(|| parts.join("/"))
}

/// A word of the data for a message.
fn shown(word: &str) -> String {
    word.chars().take(100).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
