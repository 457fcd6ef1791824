//! The rules of one tool, each told once, as a code host wants them told.

use std::collections::HashMap;

use finding::{Finding, Severity};
use serde_json::{Value, json};

use crate::cli::check::format::{FindingInfo, Material};
use crate::present::{page, safe};

/// Tags of a rule that a code host keeps.
const MOST_TAGS: usize = 20;

/// Rules in the order in which results name them.
#[derive(Default)]
pub(super) struct Rules {
    known: HashMap<String, usize>,
    list: Vec<Known>,
    version: Option<String>,
}

struct Known {
    id: String,
    severity: Severity,
    descriptor: Value,
}

impl Rules {
    /// The place of the finding's rule; the first finding of a rule tells what it is.
    pub(super) fn index(&mut self, info: &FindingInfo, material: &Material<'_>) -> usize {
        let id = Some(safe::line(&info.rule)).filter(|id| !id.is_empty()).unwrap_or_else(|| "unnamed-rule".to_owned());
        if let Some(&index) = self.known.get(&id) {
            let known = &mut self.list[index];
            known.severity = known.severity.max(info.severity);
            return index;
        }
        let finding = material.finding(info);
        if self.version.is_none() {
            self.version = finding.tool.version.as_deref().map(safe::line).filter(|version| !version.is_empty());
        }
        let index = self.list.len();
        self.list.push(Known { id: id.clone(), severity: info.severity, descriptor: descriptor(&id, &finding) });
        self.known.insert(id, index);
        index
    }

    /// Id of the rule at `index`.
    pub(super) fn id(&self, index: usize) -> &str {
        self.list.get(index).map_or("", |known| &known.id)
    }

    /// The tool's version, as the first finding that knows it says.
    pub(super) fn tool_version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    pub(super) fn into_descriptors(self) -> Vec<Value> {
        let told = |known: Known| {
            let mut descriptor = known.descriptor;
            descriptor["properties"]["security-severity"] = Value::from(score(known.severity));
            descriptor["defaultConfiguration"] = json!({ "level": level(known.severity) });
            descriptor
        };
        self.list.into_iter().map(told).collect()
    }
}

fn descriptor(id: &str, finding: &Finding) -> Value {
    let rule = &finding.rule;
    let title = page::title(finding);
    let plain = |markdown: &str| safe::terminal(&safe::plain_from_markdown(markdown));
    let explanation = rule.explanation.as_deref().map(plain).filter(|text| !text.is_empty());
    let remediation = rule.remediation.as_deref().filter(|text| !text.trim().is_empty());
    let url = rule.help_url.as_deref().and_then(safe::link);
    let help = remediation.map(plain).filter(|text| !text.is_empty());
    let help_text = help.clone().or_else(|| url.clone()).unwrap_or_else(|| title.clone());
    let mut descriptor = json!({
        "id": id,
        "shortDescription": { "text": super::unlinked(&title) },
        "fullDescription": { "text": super::unlinked(explanation.as_deref().unwrap_or(&title)) },
        "help": { "text": super::unlinked(&help_text) },
        "properties": { "tags": tags(finding) },
    });
    if let Some(markdown) = remediation.map(safe::markdown).filter(|markdown| help.is_some() && !markdown.is_empty()) {
        descriptor["help"]["markdown"] = Value::from(markdown);
    }
    if let Some(name) = rule.name.as_deref().map(safe::line).filter(|name| !name.is_empty() && name != id) {
        descriptor["name"] = Value::from(name);
    }
    if let Some(url) = url {
        descriptor["helpUri"] = Value::from(url);
    }
    descriptor
}

/// `security` files the alert under security; weaknesses in the form that code hosts know.
fn tags(finding: &Finding) -> Vec<String> {
    let cwes = finding.rule.cwes.iter().map(|cwe| format!("external/cwe/cwe-{cwe:03}"));
    let own = finding.rule.tags.iter().map(|tag| safe::line(tag)).filter(|tag| !tag.is_empty());
    let mut tags: Vec<String> = Vec::new();
    for tag in std::iter::once("security".to_owned()).chain(cwes).chain(own) {
        if !tags.contains(&tag) && tags.len() < MOST_TAGS {
            tags.push(tag);
        }
    }
    tags
}

/// A score in the middle of the span that code hosts read as the severity.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}
