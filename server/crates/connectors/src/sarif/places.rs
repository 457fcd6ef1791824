//! Turns SARIF locations into evidence: path, region, text, symbol, commit.

use std::cell::RefCell;
use std::collections::BTreeSet;

use finding::{Evidence, FlowStep, Region};

use super::embedded::EmbeddedText;
use super::limits::Limits;
use super::message;
use super::problems::Problems;
use super::region::{Counting, region};
use super::run::RunFacts;
use super::schema::{self, Location, Message, PhysicalLocation, at};
use super::uri::{self, Target};

/// Everything the parts of one result are read with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) run: &'a RunFacts,
    pub(super) limits: &'a Limits,
    /// The result's place, for problems.
    pub(super) place: &'a str,
    pub(super) problems: &'a RefCell<Problems>,
    /// Named texts of the rule and its tool.
    pub(super) strings: &'a message::Strings<'a>,
    /// Ids of this result's locations, which messages may link to.
    pub(super) ids: &'a BTreeSet<i64>,
}

impl Reading<'_> {
    pub(super) fn problem(&self, part: &str, what: impl Into<String>) {
        self.problems.borrow_mut().add(format!("{}{part}", self.place), what);
    }

    /// `text` cut to the limit, with a problem when it was longer.
    pub(super) fn bounded(&self, mut text: String, part: &str) -> String {
        let limit = self.limits.text_bytes;
        if text.len() > limit {
            text.truncate(text.floor_char_boundary(limit));
            self.problem(part, format!("has a text longer than {limit} bytes, which was cut"));
        }
        text
    }

    /// `items` cut to the limit, with a problem when there were more.
    pub(super) fn first_of<'i, T>(&self, items: &'i [T], part: &str) -> &'i [T] {
        let limit = self.limits.list;
        if items.len() > limit {
            self.problem(part, format!("has {} entries, of which the first {limit} were read", items.len()));
        }
        &items[..items.len().min(limit)]
    }

    pub(super) fn words(&self, message: Option<&Message>, part: &str) -> String {
        let words = message.and_then(|message| message::words(message, self.strings, self.ids));
        self.bounded(words.unwrap_or_default(), part)
    }

    /// Evidence of `location`, and what it names when that is no file.
    pub(super) fn evidence(&self, location: &Location, part: &str) -> (Evidence, Option<String>) {
        let nothing = PhysicalLocation::default();
        let physical = location.physical_location.as_deref().unwrap_or(&nothing);
        let mut evidence = Evidence { symbol: self.symbol(location), ..Evidence::default() };
        let Some(artifact) = &physical.artifact_location else { return (evidence, None) };
        match uri::target(artifact, self.run) {
            Target::File(path) => evidence.path = Some(path),
            Target::Elsewhere(what) => return (evidence, Some(what)),
            Target::Nothing => return (evidence, None),
        }
        (evidence.commit, evidence.branch) = self.run.revision_of(artifact.uri_base_id.as_deref());
        let file = self.embedded(artifact, evidence.path.as_deref());
        if let Some(from) = &physical.region {
            let how = Counting { file, context: physical.context_region.as_deref(), columns: self.run.columns };
            match region(from, how) {
                Ok(found) => evidence.region = found,
                Err(what) => self.problem(&format!("{part}.physicalLocation.region"), what),
            }
            let given = from.snippet.as_ref().and_then(|snippet| snippet.text.clone());
            let cut = || Some(file?.slice(evidence.region.as_ref()?)?.to_owned());
            let snippet = given.filter(|text| !text.is_empty()).or_else(cut);
            evidence.snippet =
                snippet.map(|text| self.bounded(text, &format!("{part}.physicalLocation.region.snippet")));
        }
        evidence.context = physical.context_region.as_deref().and_then(|context| {
            let text = context.snippet.as_ref()?.text.clone().filter(|text| !text.is_empty())?;
            let first = u32::try_from(context.start_line?).ok().filter(|&line| line > 0)?;
            Some((first, self.bounded(text, &format!("{part}.physicalLocation.contextRegion"))))
        });
        (evidence, None)
    }

    /// A step of a flow or a related place.
    pub(super) fn step(&self, location: &Location, part: &str) -> FlowStep {
        let (evidence, elsewhere) = self.evidence(location, part);
        let mut message = self.words(location.message.as_deref(), &format!("{part}.message"));
        if let Some(elsewhere) = elsewhere.filter(|_| message.is_empty()) {
            message = self.bounded(elsewhere, part);
        }
        FlowStep { evidence, message }
    }

    /// The text of the file, where the log embeds it.
    pub(super) fn embedded(&self, artifact: &schema::ArtifactLocation, path: Option<&str>) -> Option<&EmbeddedText> {
        let by_index = at(&self.run.artifacts, artifact.index);
        let by_path = || self.run.with_text.get(path?).and_then(|&index| self.run.artifacts.get(index));
        by_index.or_else(by_path)?.text.as_ref()
    }

    fn symbol(&self, location: &Location) -> Option<String> {
        location.logical_locations.iter().find_map(|logical| {
            let shared = at(&self.run.logical, logical.index);
            let named =
                |from: &schema::LogicalLocation| from.fully_qualified_name.clone().or_else(|| from.name.clone());
            named(logical)
                .or_else(|| shared.and_then(named))
                .filter(|name| !name.trim().is_empty() && name.len() <= 4_096)
        })
    }
}

/// A region of a fix, whose missing columns mean the line's edges rather than "somewhere in it".
pub(super) fn exact(mut region: Region) -> Region {
    region.column = region.column.or(Some(1));
    region
}
