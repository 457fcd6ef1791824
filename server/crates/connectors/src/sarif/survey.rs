//! The first pass over a log: everything but the results, and which fingerprints those carry.

use std::cell::RefCell;

use serde::Deserialize;

use super::embedded::EmbeddedText;
use super::fingerprints::{Print, candidates};
use super::lenient::{self, from_bytes};
use super::limits::Limits;
use super::problems::Problems;
use super::rules::Component;
use super::run::{ArtifactFacts, RunFacts, Taxonomy};
use super::scan::{Scanner, Stop};
use super::schema::{Artifact, Identifying, Named, Notification, Properties, Taxon};
use super::walk::Members;

/// What the first pass learned of one log.
pub(super) struct Survey<'a> {
    pub(super) name: &'a str,
    limits: &'a Limits,
    problems: &'a RefCell<Problems>,
    pub(super) version: Option<String>,
    /// `None`: no `runs` at all; false: something that is no list.
    pub(super) has_runs: Option<bool>,
    pub(super) runs: Vec<RunFacts>,
    /// Fingerprints by run.
    pub(super) prints: Vec<Vec<Print>>,
    results: usize,
    table_bytes: usize,
    embedded_bytes: usize,
}

impl<'a> Survey<'a> {
    pub(super) fn new(name: &'a str, limits: &'a Limits, problems: &'a RefCell<Problems>) -> Self {
        Self {
            name,
            limits,
            problems,
            version: None,
            has_runs: None,
            runs: Vec::new(),
            prints: Vec::new(),
            results: 0,
            table_bytes: 0,
            embedded_bytes: 0,
        }
    }

    /// Starts another file of the same log: `name` is told in problems from here on.
    pub(super) fn continue_in(&mut self, name: &'a str) {
        self.name = name;
    }

    fn problem(&self, run: usize, part: &str, what: impl Into<String>) {
        self.problems.borrow_mut().add(format!("{}: runs[{run}]{part}", self.name), what);
    }

    /// The next value as `T`; a problem and the default where it is no such thing.
    fn object<T: for<'de> Deserialize<'de> + Default>(
        &mut self,
        scanner: &mut Scanner<'_>,
        run: usize,
        part: &str,
    ) -> Result<T, Stop> {
        let Some(raw) = scanner.capture(self.limits.object_bytes)? else {
            self.problem(run, part, format!("is longer than {} bytes and was left out", self.limits.object_bytes));
            return Ok(T::default());
        };
        if raw == b"null" {
            return Ok(T::default());
        }
        // An empty object takes two bytes in the log and many more here.
        self.table_bytes += raw.len() + size_of::<T>();
        Ok(from_bytes(&raw).unwrap_or_else(|error| {
            self.problem(run, part, format!("{error} and was left out"));
            T::default()
        }))
    }

    /// The elements of the next value, a list, as far as the tables' limit allows.
    fn table<T: for<'de> Deserialize<'de> + Default>(
        &mut self,
        scanner: &mut Scanner<'_>,
        run: usize,
        part: &str,
    ) -> Result<Vec<T>, Stop> {
        let mut out = Vec::new();
        scanner.array(&mut |scanner, index| {
            if self.is_full(run, &format!("{part}[{index}]")) {
                return scanner.skip();
            }
            out.push(self.object(scanner, run, &format!("{part}[{index}]"))?);
            Ok(())
        })?;
        Ok(out)
    }

    fn component(&mut self, scanner: &mut Scanner<'_>, run: usize, part: &str) -> Result<Component, Stop> {
        let mut component = Component::default();
        scanner.object(&mut |scanner, key| {
            match key {
                "name" => component.name = self.word(scanner)?,
                "version" => component.version = self.word(scanner)?,
                "semanticVersion" => component.semantic_version = self.word(scanner)?,
                "guid" => component.guid = self.word(scanner)?,
                "globalMessageStrings" => {
                    component.strings =
                        self.object::<Named<_>>(scanner, run, &format!("{part}.globalMessageStrings"))?.0;
                }
                "rules" => component.descriptors = self.table(scanner, run, &format!("{part}.rules"))?,
                _ => scanner.skip()?,
            }
            Ok(())
        })?;
        Ok(component)
    }

    fn taxonomy(&mut self, scanner: &mut Scanner<'_>, run: usize, part: &str) -> Result<Taxonomy, Stop> {
        let mut taxonomy = Taxonomy::default();
        scanner.object(&mut |scanner, key| {
            match key {
                "name" => taxonomy.name = self.word(scanner)?,
                "guid" => taxonomy.guid = self.word(scanner)?,
                "taxa" => {
                    let taxa: Vec<Taxon> = self.table(scanner, run, &format!("{part}.taxa"))?;
                    taxonomy.ids = taxa.into_iter().map(|taxon| taxon.id).collect();
                }
                _ => scanner.skip()?,
            }
            Ok(())
        })?;
        Ok(taxonomy)
    }

    /// A short text.
    fn word(&self, scanner: &mut Scanner<'_>) -> Result<Option<String>, Stop> {
        let raw = scanner.capture(self.limits.text_bytes.min(4_096))?;
        Ok(raw.and_then(|raw| lenient::text(&mut serde_json::Deserializer::from_slice(&raw)).ok().flatten()))
    }

    fn artifacts(&mut self, scanner: &mut Scanner<'_>, run: usize) -> Result<(), Stop> {
        scanner.array(&mut |scanner, index| {
            if self.is_full(run, &format!(".artifacts[{index}]")) {
                return scanner.skip();
            }
            let artifact: Artifact = self.object(scanner, run, &format!(".artifacts[{index}]"))?;
            let mut text = artifact.contents.and_then(|contents| contents.text);
            // Embedded texts have a limit of their own.
            let size = text.as_ref().map_or(0, String::len);
            self.table_bytes = self.table_bytes.saturating_sub(size);
            if self.embedded_bytes + size > self.limits.embedded_bytes {
                let limit = self.limits.embedded_bytes;
                let what = format!("and others embed more than {limit} bytes of text: not all of it was kept");
                self.problem(run, &format!(".artifacts[{index}].contents"), what);
                text = None;
            } else {
                self.embedded_bytes += size;
            }
            let location = artifact.location.map_or_else(Default::default, |location| *location);
            self.runs[run].artifacts.push(ArtifactFacts { location, text: text.map(EmbeddedText::new) });
            Ok(())
        })?;
        Ok(())
    }

    /// Whether the tables took what they may; leaves a problem.
    fn is_full(&self, run: usize, part: &str) -> bool {
        let is_full = self.table_bytes > self.limits.table_bytes;
        if is_full {
            let list = part.rsplit_once('[').map_or(part, |(list, _)| list);
            let what = format!("was not read to its end: a log's tables may take {} bytes", self.limits.table_bytes);
            self.problem(run, list, what);
        }
        is_full
    }

    fn results(&mut self, scanner: &mut Scanner<'_>, run: usize) -> Result<(), Stop> {
        let is_list = scanner.array(&mut |scanner, _| {
            self.results += 1;
            if self.results > self.limits.results {
                return scanner.skip();
            }
            let raw = scanner.capture(self.limits.object_bytes)?;
            // What is wrong with a result is told by the second pass.
            if let Some(result) = raw.and_then(|raw| from_bytes::<Identifying>(&raw).ok()) {
                self.prints[run].extend(candidates(result.correlation_guid.as_deref(), &result.fingerprints));
            }
            Ok(())
        })?;
        self.runs[run].has_results |= is_list;
        Ok(())
    }

    /// Whether the scan behind run `run` says that it failed; leaves a problem for that and for each error it tells of.
    pub(super) fn scan_failures(&self, run: usize) -> bool {
        let mut failed = false;
        for (index, invocation) in self.runs[run].invocations.iter().enumerate() {
            let part = format!(".invocations[{index}]");
            if invocation.execution_successful == Some(false) {
                failed = true;
                let why = invocation
                    .exit_code_description
                    .as_deref()
                    .map_or_else(String::new, |why| format!(" ({})", finding::text::first_line(why)));
                self.problem(run, &part, format!("says that the scan itself failed{why}: results may be incomplete"));
            }
            let is_error = |notification: &&Notification| notification.level.as_deref() == Some("error");
            for notification in invocation.tool_execution_notifications.iter().filter(is_error) {
                let text = notification.message.as_deref().and_then(|m| m.text.as_deref().or(m.markdown.as_deref()));
                let text = finding::text::first_line(text.unwrap_or("no message"));
                self.problem(run, &part, format!("tells of an error during the scan: {text}"));
            }
        }
        failed
    }
}

impl<'s> Members<'s> for Survey<'_> {
    fn of_log(&mut self, key: &str, scanner: &mut Scanner<'s>) -> Result<(), Stop> {
        match key {
            "version" => self.version = self.word(scanner)?,
            "inlineExternalProperties" => {
                let what = "is not read: let the tool write the results into the runs";
                self.problems.borrow_mut().add(format!("{}: inlineExternalProperties", self.name), what);
                scanner.skip()?;
            }
            _ => scanner.skip()?,
        }
        Ok(())
    }

    fn runs(&mut self, is_list: bool) {
        self.has_runs = Some(is_list);
    }

    fn of_run(&mut self, run: usize, key: &str, scanner: &mut Scanner<'s>) -> Result<(), Stop> {
        while self.runs.len() <= run {
            self.runs.push(RunFacts::default());
            self.prints.push(Vec::new());
        }
        match key {
            "tool" => {
                scanner.object(&mut |scanner, key| match key {
                    "driver" | "extensions" => self.of_run(run, key, scanner),
                    _ => scanner.skip(),
                })?;
            }
            "driver" => self.runs[run].driver = self.component(scanner, run, ".tool.driver")?,
            "extensions" => {
                scanner.array(&mut |scanner, index| {
                    let part = format!(".tool.extensions[{index}]");
                    if self.is_full(run, &part) {
                        return scanner.skip();
                    }
                    self.table_bytes += size_of::<Component>();
                    let component = self.component(scanner, run, &part)?;
                    self.runs[run].extensions.push(component);
                    Ok(())
                })?;
            }
            "taxonomies" => {
                scanner.array(&mut |scanner, index| {
                    let part = format!(".taxonomies[{index}]");
                    if self.is_full(run, &part) {
                        return scanner.skip();
                    }
                    self.table_bytes += size_of::<Taxonomy>();
                    let taxonomy = self.taxonomy(scanner, run, &part)?;
                    self.runs[run].taxonomies.push(taxonomy);
                    Ok(())
                })?;
            }
            "originalUriBaseIds" => {
                self.runs[run].bases = self.object::<Named<_>>(scanner, run, ".originalUriBaseIds")?.0;
            }
            "artifacts" => self.artifacts(scanner, run)?,
            "logicalLocations" => {
                let more = self.table(scanner, run, ".logicalLocations")?;
                self.runs[run].logical.extend(more);
            }
            "threadFlowLocations" => {
                let more = self.table(scanner, run, ".threadFlowLocations")?;
                self.runs[run].flow_places.extend(more);
            }
            "invocations" => {
                let more = self.table(scanner, run, ".invocations")?;
                self.runs[run].invocations.extend(more);
            }
            "versionControlProvenance" => {
                self.runs[run].provenance = self.table(scanner, run, ".versionControlProvenance")?;
            }
            "externalPropertyFileReferences" => {
                self.runs[run].external = self.object(scanner, run, ".externalPropertyFileReferences")?;
            }
            "columnKind" => self.runs[run].column_kind = self.word(scanner)?,
            "properties" => {
                let bag: Properties = self.object(scanner, run, ".properties")?;
                self.runs[run].is_image = bag.image_name.is_some();
            }
            "results" => self.results(scanner, run)?,
            _ => scanner.skip()?,
        }
        Ok(())
    }

    fn not_a_run(&mut self, run: usize) {
        self.problem(run, "", "is not a JSON object and was left out");
    }
}
