//! What a finding is called.

use finding::{Component, Confidence, Finding, Kind, taxonomy};

use crate::present::document::Span;
use crate::present::safe;

/// The rule's name where it is one for people, else the weakness's, else words made of the rule's id, else the id; a
/// dependency's comes first.
pub(super) fn of(finding: &Finding) -> String {
    let weakness = weakness(finding);
    match finding.component.as_ref().filter(|_| finding.kind == Kind::Dependency) {
        Some(component) => format!("{}: {weakness}", package(component)),
        None => weakness,
    }
}

fn weakness(finding: &Finding) -> String {
    let rule = &finding.rule;
    let name = rule.name.as_deref().map(safe::line).unwrap_or_default();
    if name.contains(' ') {
        return name;
    }
    let of_its_own = !name.is_empty() && name != rule.id;
    // A dotted path is the rule's address, not its name.
    let words = if of_its_own && !name.contains('.') { words(&name) } else { None };
    words
        .or_else(|| most_specific_cwe(&rule.cwes).and_then(taxonomy::cwe_name).map(|name| short(name).to_owned()))
        .or_else(|| self::words(safe::line(&rule.id).rsplit(['.', '/']).next().unwrap_or_default()))
        .or_else(|| Some(safe::line(&rule.id)).filter(|id| !id.is_empty()))
        .unwrap_or_else(|| "Finding without a name".to_owned())
}

/// `hardcoded_bind-all` as "Hardcoded bind all"; `None` for a single word, which says too little.
fn words(slug: &str) -> Option<String> {
    let words: Vec<&str> = slug.split(['_', '-']).filter(|word| !word.is_empty()).collect();
    let has_letters = words.iter().filter(|word| word.chars().all(char::is_alphabetic)).count() > 1;
    if !has_letters {
        return None;
    }
    let sentence = words.join(" ");
    let mut characters = sentence.chars();
    let first = characters.next()?;
    Some(first.to_uppercase().chain(characters).collect())
}

/// The one that no other is a kind of.
fn most_specific_cwe(cwes: &[u32]) -> Option<u32> {
    let has_kind = |cwe: u32| cwes.iter().any(|&other| other != cwe && taxonomy::is_ancestor_or_equal(cwe, other));
    cwes.iter().copied().find(|&cwe| !has_kind(cwe)).or_else(|| cwes.first().copied())
}

/// MITRE puts the name people use in quotes behind the definition: "… ('SQL Injection')".
fn short(name: &'static str) -> &'static str {
    let common = name.split_once("('").and_then(|(_, rest)| rest.split_once("')"));
    common.map_or(name, |(common, _)| common)
}

/// `lodash 4.17.20` of `pkg:npm/lodash`.
pub(super) fn package(component: &Component) -> String {
    let name = package_name(&component.name);
    match &component.version {
        Some(version) => format!("{name} {}", safe::line(version)),
        None => name,
    }
}

/// The name inside a package URL, or what stands there instead.
pub(super) fn package_name(name: &str) -> String {
    let name = safe::line(name);
    let Some((_, path)) = name.strip_prefix("pkg:").and_then(|rest| rest.split_once('/')) else { return name };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let path = path.rsplit_once('@').map_or(path, |(path, _)| if path.is_empty() { "" } else { path });
    path.replace("%40", "@").replace("%2F", "/").replace("%2f", "/")
}

/// How bad, and who says so: "high · CVSS 9.8 · Bandit `B303`".
pub(super) fn facts(finding: &Finding) -> Vec<Span> {
    let mut words = finding.severity.label().to_owned();
    if let Some(score) = finding.cvss.filter(|score| (0.0..=10.0).contains(score)) {
        words = format!("{words} \u{b7} CVSS {score:.1}");
    }
    if finding.confidence == Some(Confidence::Low) {
        words.push_str(" \u{b7} low confidence");
    }
    let mut spans = vec![Span::text(format!("{words} \u{b7} "))];
    spans.extend(tool_and_rule(finding));
    spans
}

/// "Bandit `B303`".
pub(super) fn tool_and_rule(finding: &Finding) -> Vec<Span> {
    let mut spans = vec![Span::text(safe::line(&finding.tool.name))];
    if !finding.rule.id.trim().is_empty() {
        spans.extend([Span::text(" "), Span::name(&safe::line(&finding.rule.id))]);
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_are_told_by_name() {
        for (url, name) in [
            ("pkg:npm/lodash", "lodash"),
            ("pkg:npm/%40types/node@20.1.0", "@types/node"),
            ("pkg:maven/org.apache/log4j?type=jar", "org.apache/log4j"),
            ("requests", "requests"),
        ] {
            assert_eq!(package_name(url), name);
        }
    }

    #[test]
    fn slugs_become_words_and_single_words_do_not() {
        assert_eq!(words("hardcoded_bind_all_interfaces").as_deref(), Some("Hardcoded bind all interfaces"));
        assert_eq!(words("detect-eval"), Some("Detect eval".to_owned()));
        assert_eq!(words("blacklist"), None);
        assert_eq!(words("CVE-2021-23337"), None);
    }
}
