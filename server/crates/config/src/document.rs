//! `aspm.toml`: its types, which its schema is generated from, and how a text becomes them.

use std::collections::HashSet;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::bundle::{self, BundlePlace};
use crate::error::Problems;
use crate::origin::http_url;
use crate::reads::Reads;
use crate::source::{SourceConfig, SourceKind, SourceTable};
use crate::{ConfigError, check, path};

/// Longest name or owner, in bytes.
const MAX_WORD: usize = 200;
/// Longest source name, in characters; it becomes part of every finding's id.
const MAX_SOURCE_NAME: usize = 40;
/// Most tables of one kind.
const MAX_TABLES: usize = 1000;

/// What `aspm.toml` says, checked; or the default without one.
#[derive(Debug, Clone)]
pub struct Config {
    /// The application this repository belongs to.
    pub application: Application,
    /// Parts of the repository.
    pub components: Vec<Component>,
    /// Where findings come from; names are unique.
    pub sources: Vec<SourceConfig>,
    /// Where scanned paths lie in the repository.
    pub path_map: Vec<PathMapping>,
    /// The policy bundle that the repository names; a path is relative to the root.
    pub policy_bundle: Option<BundlePlace>,
    reads: Reads,
}

/// The application this repository belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// The application's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A part of the repository with a name and an owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Folder, relative to the repository's root; `.` is the root.
    pub path: String,
    /// The component's name.
    pub name: String,
    /// Who owns it, for example `@team-api`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// Where scanned paths lie in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathMapping {
    /// Beginning of paths as the scanner reports them, for example `/build/src` in a container.
    pub from: String,
    /// The folder it stands for, relative to the repository's root; empty or `.` is the root.
    pub to: String,
}

/// Configuration of aspm-lsp for a repository. All of it is optional.
#[derive(Deserialize, JsonSchema)]
#[schemars(title = "aspm.toml")]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    /// The application this repository belongs to.
    #[serde(default)]
    application: Application,
    /// Parts of the repository with a name and an owner.
    #[serde(default)]
    component: Vec<Component>,
    /// Where findings come from. Without any, the SARIF logs below `.aspm/`.
    #[serde(default)]
    source: Vec<SourceTable>,
    /// Where scanned paths lie in the repository, when that cannot be told from the paths alone.
    #[serde(default)]
    path_map: Vec<PathMapping>,
    /// The rules that judge findings.
    #[serde(default)]
    policy: PolicyTable,
}

/// The rules that judge findings.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
struct PolicyTable {
    /// The bundle: a folder or `.tar.gz` relative to the repository's root, or a URL. It may only add to a bundle that
    /// the user's own configuration names.
    #[serde(default)]
    bundle: Option<String>,
}

impl Config {
    /// Reads the text of an `aspm.toml`. `file_name` is only for messages. All mistakes are told at once.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut problems = Problems::new(text);
        let root = match DeTable::parse(text) {
            Ok(root) => root,
            Err(error) => {
                let what = error.message().replace('\n', ", ");
                problems.add(&error.span().unwrap_or(0..0), format!("this is not TOML: {what}"));
                return Err(problems.into_error(file_name));
            }
        };
        check::table(root.get_ref(), &root.span(), &crate::schema::aspm_toml_value(), "", &mut problems);
        if !problems.is_empty() {
            return Err(problems.into_error(file_name));
        }
        let document = match Document::deserialize(toml::de::Deserializer::from(root.clone())) {
            Ok(document) => document,
            Err(error) => {
                problems.add(&error.span().unwrap_or(0..0), error.message());
                return Err(problems.into_error(file_name));
            }
        };
        let (sources, bundle) = Meaning { root: &root, problems: &mut problems }.check(&document);
        if !problems.is_empty() {
            return Err(problems.into_error(file_name));
        }
        let Document { application, component, path_map, .. } = document;
        Ok(Self { policy_bundle: bundle, ..Self::new(application, component, sources, path_map) })
    }

    /// What holds without a file: the SARIF logs below `.aspm/`.
    #[must_use]
    pub fn default_for_root() -> Self {
        Self::new(Application::default(), Vec::new(), vec![default_source()], Vec::new())
    }

    /// A configuration of one source and nothing else: to ask which files that source reads.
    #[must_use]
    pub fn of_source(source: SourceConfig) -> Self {
        Self::new(Application::default(), Vec::new(), vec![source], Vec::new())
    }

    fn new(
        application: Application,
        components: Vec<Component>,
        sources: Vec<SourceConfig>,
        path_map: Vec<PathMapping>,
    ) -> Self {
        let reads = Reads::of(&sources);
        Self { application, components, sources, path_map, policy_bundle: None, reads }
    }

    /// Whether `path` (relative to the root, `/` as separator) is read by a source, so its change changes findings.
    #[must_use]
    pub fn reads(&self, path: &str) -> bool {
        self.reads.includes(path)
    }

    /// The policy bundle that lies in the repository: a folder or file relative to the root, `/` as separator.
    #[must_use]
    pub fn bundle_path(&self) -> Option<&str> {
        match self.policy_bundle.as_ref()? {
            BundlePlace::Path(path) => path.to_str(),
            BundlePlace::Url(_) => None,
        }
    }

    /// Drops the sources that `keep` refuses.
    pub(crate) fn retain_sources(&mut self, keep: impl FnMut(&SourceConfig) -> bool) {
        self.sources.retain(keep);
        self.reads = Reads::of(&self.sources);
    }
}

fn default_source() -> SourceConfig {
    // A folder stands for all logs below it: .sarif, .sarif.json, and both gzipped.
    SourceConfig::files(SourceKind::Sarif.name(), ".aspm")
}

/// What the schema cannot say.
struct Meaning<'a, 't> {
    root: &'a Spanned<DeTable<'t>>,
    problems: &'a mut Problems<'t>,
}

impl Meaning<'_, '_> {
    fn check(mut self, document: &Document) -> (Vec<SourceConfig>, Option<BundlePlace>) {
        if let Some(name) = &document.application.name {
            let value = self.root.get_ref().get("application").and_then(|table| table.get_ref().get("name"));
            self.word("application.name", name, &value.map_or(0..0, Spanned::span));
        }
        for (number, component) in self.numbered("component", &document.component) {
            self.word("component.name", &component.name, &self.span("component", number, "name"));
            if let Some(owner) = &component.owner {
                self.word("component.owner", owner, &self.span("component", number, "owner"));
            }
            self.path("component", number, "path", &component.path, path::relative);
        }
        for (number, mapping) in self.numbered("path_map", &document.path_map) {
            self.path("path_map", number, "from", &mapping.from, path::prefix);
            self.path("path_map", number, "to", &mapping.to, path::relative_or_empty);
        }
        let bundle = document.policy.bundle.as_deref().and_then(|text| self.bundle(text));
        (self.sources(&document.source), bundle)
    }

    fn bundle(&mut self, text: &str) -> Option<BundlePlace> {
        let place = if bundle::is_url(text) {
            http_url(text).map(BundlePlace::Url)
        } else {
            path::relative(text).map(|()| BundlePlace::Path(path::trimmed(text).into()))
        };
        let value = self.root.get_ref().get("policy").and_then(|table| table.get_ref().get("bundle"));
        let at = value.map_or(0..0, Spanned::span);
        place.map_err(|why| self.problems.add(&at, format!("policy.bundle {why}"))).ok()
    }

    fn sources(&mut self, tables: &[SourceTable]) -> Vec<SourceConfig> {
        let mut names = HashSet::new();
        let mut sources = Vec::new();
        for (number, table) in self.numbered("source", tables) {
            let name = table.name.clone().unwrap_or_else(|| table.kind.name().to_owned());
            let at = self.span("source", number, "name");
            if !is_source_name(&name) {
                let what = format!("source.name must be 1 to {MAX_SOURCE_NAME} of a-z, 0-9, _ and -, not {name:?}");
                self.problems.add(&at, what);
            } else if !names.insert(name.clone()) {
                self.problems.add(&at, format!("two sources are named \"{name}\": give each its own `name`"));
            }
            let mut mistakes = Vec::new();
            sources.push(table.source(name, |key, what| mistakes.push((key.to_owned(), what.to_owned()))));
            for (key, what) in mistakes {
                let at = self.span("source", number, &key);
                self.problems.add(&at, format!("source.{key} {what}"));
            }
        }
        if sources.is_empty() { vec![default_source()] } else { sources }
    }

    /// The tables with their numbers, at most so many.
    fn numbered<'d, T>(&mut self, name: &str, tables: &'d [T]) -> impl Iterator<Item = (usize, &'d T)> + use<'d, T> {
        if tables.len() > MAX_TABLES {
            let at = self.span(name, MAX_TABLES, "");
            self.problems.add(&at, format!("more than {MAX_TABLES} [[{name}]] tables"));
        }
        tables.iter().take(MAX_TABLES).enumerate()
    }

    fn word(&mut self, key: &str, text: &str, at: &Range<usize>) {
        if let Err(why) = word(text) {
            self.problems.add(at, format!("{key} {why}"));
        }
    }

    fn path(&mut self, table: &str, number: usize, key: &str, path: &str, rule: impl Fn(&str) -> Result<(), String>) {
        if let Err(why) = rule(path) {
            let at = self.span(table, number, key);
            self.problems.add(&at, format!("{table}.{key} {why}"));
        }
    }

    /// Where a key's value stands; the table itself when it has no such key.
    fn span(&self, table: &str, number: usize, key: &str) -> Range<usize> {
        let tables = self.root.get_ref().get(table).and_then(|value| value.get_ref().as_array());
        let Some(table) = tables.and_then(|tables| tables.get(number)) else { return 0..0 };
        let value: Option<&Spanned<DeValue<'_>>> = table.get_ref().get(key);
        value.unwrap_or(table).span()
    }
}

/// A name or owner. The error reads on after the key's name.
pub(crate) fn word(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        Err("must not be empty".to_owned())
    } else if text.len() > MAX_WORD || text.chars().any(char::is_control) {
        Err(format!("must be one line of at most {MAX_WORD} bytes"))
    } else {
        Ok(())
    }
}

fn is_source_name(name: &str) -> bool {
    (1..=MAX_SOURCE_NAME).contains(&name.len())
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}
