//! What is known of one run before its results are read: tool, rules, bases, shared tables, provenance.

use std::collections::{BTreeMap, HashMap};

use finding::{Columns, Tool};

use super::columns;
use super::embedded::EmbeddedText;
use super::rules::Component;
use super::schema::{
    ArtifactLocation, ExternalFiles, Invocation, LogicalLocation, ThreadFlowLocation, VersionControlDetails,
};
use super::{timestamp, uri};

/// A file the run speaks of by index.
#[derive(Debug, Default)]
pub(super) struct ArtifactFacts {
    pub(super) location: ArtifactLocation,
    pub(super) text: Option<EmbeddedText>,
}

/// A list of weaknesses (CWE, OWASP, …) that results refer to by index.
#[derive(Debug, Default)]
pub(super) struct Taxonomy {
    pub(super) name: Option<String>,
    pub(super) guid: Option<String>,
    pub(super) ids: Vec<Option<String>>,
}

/// One run, as far as the first pass saw it.
#[derive(Debug, Default)]
pub(super) struct RunFacts {
    pub(super) tool: Option<Tool>,
    pub(super) driver: Component,
    pub(super) extensions: Vec<Component>,
    pub(super) taxonomies: Vec<Taxonomy>,
    pub(super) bases: BTreeMap<String, ArtifactLocation>,
    pub(super) artifacts: Vec<ArtifactFacts>,
    /// Artifacts with a text, by path.
    pub(super) with_text: HashMap<String, usize>,
    pub(super) logical: Vec<LogicalLocation>,
    pub(super) flow_places: Vec<ThreadFlowLocation>,
    pub(super) invocations: Vec<Invocation>,
    pub(super) provenance: Vec<VersionControlDetails>,
    pub(super) external: ExternalFiles,
    /// What columns and character offsets count, as the log says it.
    pub(super) column_kind: Option<String>,
    /// What they count, known once the run is settled.
    pub(super) columns: Columns,
    /// The run examined a container image.
    pub(super) is_image: bool,
    /// There is a list of results, be it empty.
    pub(super) has_results: bool,
    /// Absolute folders that `versionControlProvenance` says are the repository's root.
    pub(super) roots: Vec<String>,
    pub(super) commits: Vec<Option<String>>,
    pub(super) ended: Option<String>,
}

impl RunFacts {
    /// Tool name, or a stand-in when the log was cut off before it.
    pub(super) fn tool_name(&self) -> &str {
        self.tool.as_ref().map_or("unknown tool", |tool| tool.name.as_str())
    }

    /// Derives what needs the whole run; the reason when the scanned commit cannot be used.
    pub(super) fn settle(&mut self) -> Option<String> {
        let mut driver = std::mem::take(&mut self.driver);
        let mut extensions = std::mem::take(&mut self.extensions);
        for component in std::iter::once(&mut driver).chain(&mut extensions) {
            component.settle(&self.taxonomies);
        }
        self.tool = driver.tool();
        self.columns = columns::of(self.column_kind.as_deref(), driver.name.as_deref());
        (self.driver, self.extensions) = (driver, extensions);
        let mapped = self.provenance.iter().filter_map(|details| details.mapped_to.as_deref());
        self.roots = mapped
            .filter_map(|location| {
                // A base alone names a folder.
                let here = location.uri.clone().unwrap_or_else(|| ".".to_owned());
                match uri::target(&ArtifactLocation { uri: Some(here), ..location.clone() }, self) {
                    uri::Target::File(path) if uri::is_absolute(&path) => Some(path),
                    _ => None,
                }
            })
            .map(|path| path.trim_end_matches("/.").trim_end_matches('/').to_owned())
            .filter(|root| !root.is_empty())
            .collect();
        let embedded = self.artifacts.iter().enumerate().filter(|(_, artifact)| artifact.text.is_some());
        self.with_text = embedded
            .filter_map(|(index, artifact)| match uri::target(&artifact.location, self) {
                uri::Target::File(path) => Some((path, index)),
                _ => None,
            })
            .collect();
        self.commits = self.provenance.iter().map(|details| commit(details.revision_id.as_deref())).collect();
        self.ended = self.invocations.iter().filter_map(|i| timestamp::read(i.end_time_utc.as_deref()?)).max();
        let named = self.provenance.iter().filter_map(|details| details.revision_id.as_deref());
        let mut unusable = named.zip(&self.commits).filter(|(_, commit)| commit.is_none());
        unusable.next().map(|(revision, _)| {
            let revision: String = revision.chars().take(80).collect();
            format!("names the revision `{revision}`, which is no full commit id: places are found without history")
        })
    }

    /// Commit and branch of a file reported against `base`: the only repository's, or the one mapped to that base.
    pub(super) fn revision_of(&self, base: Option<&str>) -> (Option<String>, Option<String>) {
        let details = match self.provenance.as_slice() {
            [] => return (None, None),
            [_] => 0,
            several => {
                let belongs = |details: &VersionControlDetails| {
                    let mapped = details.mapped_to.as_deref();
                    base.is_some() && mapped.is_some_and(|m| m.uri_base_id.as_deref() == base && m.uri.is_none())
                };
                let Some(at) = several.iter().position(belongs) else { return (None, None) };
                at
            }
        };
        (self.commits[details].clone(), self.branch(details))
    }

    /// Branch of entry number `details` of the provenance.
    pub(super) fn branch(&self, details: usize) -> Option<String> {
        let name = self.provenance.get(details)?.branch.as_deref()?.trim();
        let name = name.strip_prefix("refs/heads/").unwrap_or(name);
        (!name.is_empty() && name.len() <= 1_024).then(|| name.to_owned())
    }
}

fn commit(revision: Option<&str>) -> Option<String> {
    let revision = revision?.trim();
    let is_full = matches!(revision.len(), 40 | 64) && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_full && revision.bytes().any(|byte| byte != b'0')).then(|| revision.to_ascii_lowercase())
}
