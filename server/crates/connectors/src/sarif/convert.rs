//! One SARIF result to one finding.

use std::cell::RefCell;
use std::collections::BTreeSet;

use finding::{Confidence, Evidence, Finding, FlowStep, IdentityBuilder, NaturalKey, Note, Rule, Severity, Tool};

use super::fingerprints::{self, Ledger};
use super::kind::{self, Traits};
use super::limits::Limits;
use super::places::Reading;
use super::problems::Problems;
use super::rules::{self, Meant, web_address};
use super::run::RunFacts;
use super::schema::{Location, PhysicalLocation, ReportingConfiguration, SarifResult};
use super::severity::{self, Level};
use super::{fixes, flow, status, taxa, timestamp};

/// Longest name of a rule, package or version, or tag, in bytes; what is longer is none.
const LONGEST_NAME: usize = 4 << 10;

/// Why a result is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Fail,
    /// Needs a person, or could not be decided.
    Open,
    Informational,
}

/// What all results of a pull share.
#[derive(Debug)]
pub(super) struct Converter<'a> {
    pub(super) source: &'a str,
    pub(super) limits: &'a Limits,
    pub(super) problems: &'a RefCell<Problems>,
    pub(super) ids: IdentityBuilder,
    pub(super) ledger: Ledger,
}

impl Converter<'_> {
    /// The finding of `result` at `place`; `None` when the result is none (a passed or inapplicable check).
    pub(super) fn finding(&mut self, result: &SarifResult, run: &RunFacts, place: &str) -> Option<Finding> {
        let sort = match result.kind.as_deref().unwrap_or("fail") {
            "pass" | "notApplicable" => return None,
            "informational" => Sort::Informational,
            "review" | "open" => Sort::Open,
            _ => Sort::Fail,
        };
        let meant = rules::meant(result, run);
        let empty = std::collections::BTreeMap::new();
        let strings = [meant.descriptor().map_or(&empty, |rule| &rule.message_strings), &meant.component.strings];
        let ids = location_ids(result);
        let reading =
            Reading { run, limits: self.limits, place, problems: self.problems, strings: &strings, ids: &ids };

        let (evidence, elsewhere) = self.evidence(result, reading);
        let rule = self.rule(result, &meant, reading);
        let mut message = reading.words(result.message.as_deref(), ".message");
        if message.trim().is_empty() {
            message = stand_in(&meant, &rule);
        }
        let (bag, rule_bag) =
            (result.properties.as_deref(), meant.descriptor().and_then(|rule| rule.properties.as_deref()));
        let vulnerability_ids = vulnerabilities(result, &meant, &rule);
        let component = kind::component(bag, rule_bag, &message).filter(|component| {
            let words = [&component.name].into_iter().chain(&component.version).chain(&component.fixed);
            component.fixed.len() <= self.limits.list && words.into_iter().all(|word| word.len() <= LONGEST_NAME)
        });
        let score =
            severity::score(bag).or_else(|| severity::score(rule_bag).filter(|_| !vulnerability_ids.is_empty()));
        let kind = kind::kind(Traits {
            tool: run.tool_name(),
            tags: &rule.tags,
            rule: &rule.id,
            has_vulnerability: !vulnerability_ids.is_empty(),
            has_component: component.is_some(),
            is_image: run.is_image,
            is_elsewhere: elsewhere.as_deref().is_some_and(|what| what.starts_with("http")),
        });
        let configuration = rules::configuration(result, &meant, run);
        let confidence = severity::confidence(bag).or_else(|| severity::confidence(rule_bag));
        let provenance = result.provenance.as_ref();
        let seen = |at: fn(&super::schema::ResultProvenance) -> &Option<String>| {
            provenance.and_then(|provenance| timestamp::read(at(provenance).as_deref()?))
        };
        let tool = run.tool.clone().unwrap_or_else(|| Tool { name: run.tool_name().to_owned(), version: None });
        let id = self.id(result, &tool, &rule, &evidence, &message);
        Some(Finding {
            id,
            source: self.source.to_owned(),
            kind,
            tool,
            severity: severity_of(result, &meant, configuration, sort),
            confidence: confidence.or((sort == Sort::Open).then_some(Confidence::Low)),
            #[expect(clippy::cast_possible_truncation, reason = "a score has one decimal")]
            cvss: score.filter(|_| !vulnerability_ids.is_empty()).map(|score| score as f32),
            epss: None,
            known_exploited: None,
            due: None,
            vulnerability_ids,
            related: related(result, reading),
            flow: flow::flow(&result.code_flows, reading),
            status: {
                let mut status = status::status(result);
                status.reason = status.reason.map(|reason| reading.bounded(reason, ".suppressions"));
                status
            },
            first_seen: seen(|provenance| &provenance.first_detection_time_utc),
            last_seen: run.ended.clone().or_else(|| seen(|provenance| &provenance.last_detection_time_utc)),
            notes: elsewhere
                .map(|what| Note {
                    by: None,
                    at: None,
                    text: reading.bounded(format!("Reported at {what}"), ".locations[0]"),
                })
                .into_iter()
                .collect(),
            fixes: fixes::fixes(&result.fixes, reading),
            link: result.hosted_viewer_uri.iter().chain(&result.work_item_uris).find_map(|uri| web_address(uri)),
            message: kind::led_by_a_sentence(message, &rule.id, component.as_ref()),
            component,
            rule,
            evidence,
        })
    }

    fn evidence(&self, result: &SarifResult, reading: Reading<'_>) -> (Evidence, Option<String>) {
        let (mut evidence, elsewhere) = match result.locations.first() {
            Some(location) => reading.evidence(location, ".locations[0]"),
            None => (Evidence::default(), None),
        };
        if evidence.path.is_none()
            && elsewhere.is_none()
            && let Some(target) = &result.analysis_target
        {
            let physical = PhysicalLocation { artifact_location: Some(target.clone()), ..PhysicalLocation::default() };
            let location = Location { physical_location: Some(Box::new(physical)), ..Location::default() };
            let symbol = evidence.symbol.take();
            evidence = Evidence { symbol, ..reading.evidence(&location, ".analysisTarget").0 };
        }
        let named = result.fingerprints.iter().chain(&result.partial_fingerprints);
        let correlation = result.correlation_guid.as_ref().map(|guid| ("correlationGuid".to_owned(), guid.clone()));
        let prints = correlation.into_iter().chain(named.map(|(name, value)| (name.clone(), value.clone())));
        evidence.fingerprints =
            prints.filter(|(name, value)| name.len() + value.len() <= 4_096).take(self.limits.list.min(64)).collect();
        (evidence, elsewhere)
    }

    fn rule(&self, result: &SarifResult, meant: &Meant<'_>, reading: Reading<'_>) -> Rule {
        let mut rule = meant.rule();
        let mut cwes = Vec::new();
        for taxon in reading.first_of(&result.taxa, ".taxa") {
            taxa::extend(&mut cwes, taxa::of_reference(taxon, &reading.run.taxonomies));
        }
        if let Some(bag) = &result.properties {
            taxa::extend(&mut cwes, taxa::of_words(&bag.cwe));
            for tag in reading.first_of(&bag.tags, ".properties.tags") {
                taxa::extend(&mut cwes, finding::taxonomy::cwe_in(tag));
                if !rule.tags.contains(tag) {
                    rule.tags.push(tag.clone());
                }
            }
        }
        taxa::extend(&mut cwes, rule.cwes);
        cwes.truncate(64);
        rule.tags.retain(|tag| tag.len() <= LONGEST_NAME);
        rule.tags.truncate(self.limits.list);
        let bounded = |text: Option<String>| text.map(|text| reading.bounded(text, " (its rule)"));
        Rule {
            cwes,
            id: reading.bounded(rule.id, ".ruleId"),
            name: rule.name.filter(|name| name.len() <= LONGEST_NAME),
            explanation: bounded(rule.explanation),
            remediation: bounded(rule.remediation),
            ..rule
        }
    }

    fn id(
        &mut self,
        result: &SarifResult,
        tool: &Tool,
        rule: &Rule,
        evidence: &Evidence,
        message: &str,
    ) -> finding::FindingId {
        let candidates = fingerprints::candidates(result.correlation_guid.as_deref(), &result.fingerprints);
        let trusted = self.ledger.trusted(&tool.name, &candidates);
        let line_hash = result.partial_fingerprints.get("primaryLocationLineHash");
        let partial = line_hash.or_else(|| result.partial_fingerprints.values().next()).filter(|hash| !hash.is_empty());
        let snippet = evidence.snippet.as_deref().filter(|text| !text.trim().is_empty());
        let line = snippet.or(partial.map(String::as_str)).unwrap_or(message);
        let path = evidence.path.as_deref().unwrap_or("");
        self.ids.id(None, trusted.as_deref(), NaturalKey { tool: &tool.name, rule: &rule.id, path, line })
    }
}

/// Words for a result that has none of its own.
fn stand_in(meant: &Meant<'_>, rule: &Rule) -> String {
    let short = meant.descriptor().and_then(|rule| rule.short_description.as_deref()?.text.clone());
    let first_line = |text: &String| finding::text::first_line(text).to_owned();
    short
        .as_ref()
        .or(rule.explanation.as_ref())
        .map(first_line)
        .filter(|text| !text.is_empty())
        .or_else(|| rule.name.clone())
        .unwrap_or_else(|| format!("{} reported this place without a message", rule.id))
}

/// Other places: the further locations of the result, then the related ones.
fn related(result: &SarifResult, reading: Reading<'_>) -> Vec<FlowStep> {
    let further = reading.first_of(result.locations.get(1..).unwrap_or(&[]), ".locations");
    let further =
        further.iter().enumerate().map(|(index, place)| reading.step(place, &format!(".locations[{}]", index + 1)));
    let related = reading.first_of(&result.related_locations, ".relatedLocations").iter().enumerate();
    let related = related.map(|(index, place)| reading.step(place, &format!(".relatedLocations[{index}]")));
    further.chain(related).filter(|step| step.evidence.path.is_some() || !step.message.is_empty()).collect()
}

fn location_ids(result: &SarifResult) -> BTreeSet<i64> {
    result.locations.iter().chain(&result.related_locations).filter_map(|place| place.id).collect()
}

fn vulnerabilities(result: &SarifResult, meant: &Meant<'_>, rule: &Rule) -> Vec<String> {
    let bags = [result.properties.as_deref(), meant.descriptor().and_then(|rule| rule.properties.as_deref())];
    let deprecated = meant.descriptor().map_or(&[][..], |rule| &rule.deprecated_ids);
    let texts = std::iter::once(&rule.id).chain(&rule.name).chain(deprecated).chain(&rule.tags);
    let mut ids = Vec::new();
    for text in texts.chain(bags.into_iter().flatten().flat_map(|bag| &bag.cve)) {
        for id in taxa::vulnerabilities_in(text) {
            if !ids.contains(&id) && ids.len() < 64 {
                ids.push(id);
            }
        }
    }
    ids
}

/// Properties of the result, then of the rule, then the level in force, then its rank.
fn severity_of(
    result: &SarifResult,
    meant: &Meant<'_>,
    configuration: Option<&ReportingConfiguration>,
    sort: Sort,
) -> Severity {
    let rule_bag = meant.descriptor().and_then(|rule| rule.properties.as_deref());
    let own = severity::of_properties(result.properties.as_deref());
    if sort == Sort::Informational {
        return own.unwrap_or(Severity::Info);
    }
    if let Some(severity) = own.or_else(|| severity::of_properties(rule_bag)) {
        return severity;
    }
    let configured = configuration.and_then(|configuration| severity::level(configuration.level.as_deref()?));
    // A level of `none` is what the standard prescribes for undecided results; it says nothing of their weight.
    let level =
        result.level.as_deref().and_then(severity::level).filter(|&level| sort == Sort::Fail || level != Level::None);
    let rank = || severity::of_rank(result.rank.or(configuration.and_then(|configuration| configuration.rank)));
    level.or(configured).map(Level::severity).or_else(rank).unwrap_or(Level::Warning.severity())
}
