//! The rules of a tool and its extensions, and which one a result means.

use std::collections::{BTreeMap, HashMap};

use finding::{Rule, Tool};
use url::Url;

use super::run::{RunFacts, Taxonomy};
use super::schema::{
    MultiformatMessage, ReportingConfiguration, ReportingDescriptor, ReportingDescriptorReference, SarifResult, at,
};
use super::taxa;

/// A driver or an extension.
#[derive(Debug, Default)]
pub(super) struct Component {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) semantic_version: Option<String>,
    pub(super) guid: Option<String>,
    pub(super) strings: BTreeMap<String, MultiformatMessage>,
    pub(super) descriptors: Vec<ReportingDescriptor>,
    /// Ready-made, one per descriptor.
    rules: Vec<Rule>,
    by_id: HashMap<String, usize>,
}

impl Component {
    /// Makes the rules once everything they refer to is known.
    pub(super) fn settle(&mut self, taxonomies: &[Taxonomy]) {
        self.rules = self.descriptors.iter().map(|descriptor| rule(descriptor, taxonomies)).collect();
        for (index, descriptor) in self.descriptors.iter().enumerate() {
            if let Some(id) = &descriptor.id {
                self.by_id.entry(id.clone()).or_insert(index);
            }
        }
    }

    /// The tool, for a driver.
    pub(super) fn tool(&self) -> Option<Tool> {
        let name = self.name.clone().filter(|name| !name.trim().is_empty())?;
        Some(Tool { name, version: self.semantic_version.clone().or_else(|| self.version.clone()) })
    }

    /// By id, then by the id above it (`CA1000/1` is a sub-rule of `CA1000`).
    fn find(&self, id: &str) -> Option<usize> {
        let mut id = id;
        loop {
            if let Some(&index) = self.by_id.get(id) {
                return Some(index);
            }
            id = id.rsplit_once('/')?.0;
        }
    }
}

fn rule(from: &ReportingDescriptor, taxonomies: &[Taxonomy]) -> Rule {
    let says_something = |text: &String| !is_only_the_id(text, from.id.as_deref());
    let full = from.full_description.as_deref().and_then(markdown).filter(says_something);
    let short = from.short_description.as_deref().and_then(markdown).filter(says_something);
    Rule {
        id: from.id.clone().unwrap_or_default(),
        name: from.name.clone().filter(|name| !name.trim().is_empty()),
        cwes: taxa::of_rule(from, taxonomies),
        help_url: from.help_uri.as_deref().and_then(web_address),
        explanation: full.or(short),
        remediation: from.help.as_deref().and_then(markdown),
        tags: from.properties.as_deref().map_or_else(Vec::new, |bag| bag.tags.clone()),
    }
}

/// Semgrep gives every rule the short description "Semgrep Finding: ID".
fn is_only_the_id(text: &str, id: Option<&str>) -> bool {
    let rest = ["Semgrep Finding:", "Opengrep Finding:"].iter().find_map(|prefix| text.trim().strip_prefix(prefix));
    rest.is_some_and(|rest| id.is_none_or(|id| rest.trim() == id.trim()))
}

fn markdown(message: &MultiformatMessage) -> Option<String> {
    let filled = |text: &&String| !text.trim().is_empty();
    message.markdown.as_ref().filter(filled).or_else(|| message.text.as_ref().filter(filled)).cloned()
}

/// `text` if it is an absolute `http` or `https` address.
pub(super) fn web_address(text: &str) -> Option<String> {
    let text = text.trim();
    let url = Url::parse(text).ok()?;
    (text.len() <= 4_096 && matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| text.to_owned())
}

/// The rule a result means.
#[derive(Debug)]
pub(super) struct Meant<'a> {
    /// The id as the result gives it, which may be more specific than the rule's own.
    pub(super) id: String,
    pub(super) component: &'a Component,
    index: Option<usize>,
}

impl<'a> Meant<'a> {
    pub(super) fn descriptor(&self) -> Option<&'a ReportingDescriptor> {
        self.component.descriptors.get(self.index?)
    }

    /// The finding's rule: the ready-made one under the result's id.
    pub(super) fn rule(&self) -> Rule {
        let known = self.index.and_then(|index| self.component.rules.get(index));
        Rule { id: self.id.clone(), ..known.cloned().unwrap_or_default() }
    }
}

/// Finds the rule of `result`: where its `rule` reference, `ruleIndex` and `ruleId` agree, by index; else by id in the
/// named component, the driver, then every extension; an index alone serves where the id is nowhere.
pub(super) fn meant<'a>(result: &SarifResult, run: &'a RunFacts) -> Meant<'a> {
    let empty = ReportingDescriptorReference::default();
    let reference = result.rule.as_deref().unwrap_or(&empty);
    let id = result.rule_id.as_deref().or(reference.id.as_deref()).map(str::trim).filter(|id| !id.is_empty());
    let named = component(reference, run);
    let index = reference.index.or(result.rule_index).filter(|&index| index >= 0);
    let by_index = at(&named.descriptors, index).and(index).and_then(|index| usize::try_from(index).ok());
    let agrees = by_index.is_some_and(|index| match (id, named.descriptors[index].id.as_deref()) {
        (Some(id), Some(own)) => id == own || id.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')),
        _ => true,
    });
    let (component, index) = if agrees {
        (named, by_index)
    } else {
        let places = [named, &run.driver].into_iter().chain(&run.extensions);
        let by_guid = reference.guid.as_deref().and_then(|guid| {
            let same = |rule: &ReportingDescriptor| rule.guid.as_deref() == Some(guid);
            places.clone().find_map(|place| place.descriptors.iter().position(same).map(|index| (place, Some(index))))
        });
        let by_id = || {
            let id = id?;
            places.clone().find_map(|place| place.find(id).map(|index| (place, Some(index))))
        };
        by_guid.or_else(by_id).unwrap_or((named, by_index))
    };
    let own = index.and_then(|index| component.descriptors[index].id.as_deref());
    Meant { id: id.or(own).unwrap_or("unnamed rule").to_owned(), component, index }
}

fn component<'a>(reference: &ReportingDescriptorReference, run: &'a RunFacts) -> &'a Component {
    let Some(component) = &reference.tool_component else { return &run.driver };
    let same_guid = |c: &&Component| component.guid.is_some() && c.guid == component.guid;
    let same_name = |c: &&Component| component.name.is_some() && c.name == component.name;
    let mut all = run.extensions.iter().chain(std::iter::once(&run.driver));
    all.clone()
        .find(same_guid)
        .or_else(|| at(&run.extensions, component.index))
        .or_else(|| all.find(same_name))
        .unwrap_or(&run.driver)
}

/// The configuration in force for a rule in this run: an override of the result's invocation (or of the only one),
/// else the rule's default.
pub(super) fn configuration<'a>(
    result: &SarifResult,
    meant: &Meant<'a>,
    run: &'a RunFacts,
) -> Option<&'a ReportingConfiguration> {
    let named = result.provenance.as_ref().and_then(|provenance| at(&run.invocations, provenance.invocation_index));
    let invocation = named.or(if let [only] = run.invocations.as_slice() { Some(only) } else { None });
    let overrides = invocation.map_or(&[][..], |invocation| &invocation.rule_configuration_overrides);
    let own = meant.descriptor();
    let overriding = overrides.iter().find(|entry| {
        entry.descriptor.as_ref().is_some_and(|descriptor| {
            if !std::ptr::eq(component(descriptor, run), meant.component) {
                return false;
            }
            let same_guid = descriptor.guid.is_some() && own.is_some_and(|own| own.guid == descriptor.guid);
            let same_id = descriptor
                .id
                .as_deref()
                .is_some_and(|id| own.map_or(id == meant.id, |own| own.id.as_deref() == Some(id)));
            let same_index = descriptor
                .index
                .is_some_and(|index| usize::try_from(index).ok() == meant.index && meant.index.is_some());
            same_guid || same_id || same_index
        })
    });
    overriding
        .and_then(|entry| entry.configuration.as_deref())
        .filter(|configuration| configuration.level.is_some() || configuration.rank.is_some())
        .or_else(|| own?.default_configuration.as_deref())
}
