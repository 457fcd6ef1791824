//! CWE numbers and vulnerability ids, from wherever a log hides them.

use finding::taxonomy::cwe_in;

use super::run::Taxonomy;
use super::schema::{ReportingDescriptor, ReportingDescriptorReference, at};

/// CWE numbers of a rule: from its relationships, its properties, its tags and its id, in that order.
pub(super) fn of_rule(rule: &ReportingDescriptor, taxonomies: &[Taxonomy]) -> Vec<u32> {
    let mut cwes = Vec::new();
    for relationship in &rule.relationships {
        extend(
            &mut cwes,
            relationship.target.as_deref().map_or_else(Vec::new, |target| of_reference(target, taxonomies)),
        );
    }
    if let Some(bag) = &rule.properties {
        extend(&mut cwes, of_words(&bag.cwe));
        bag.tags.iter().for_each(|tag| extend(&mut cwes, cwe_in(tag)));
    }
    extend(&mut cwes, rule.id.as_deref().map_or_else(Vec::new, cwe_in));
    cwes
}

/// Adds what is not there yet.
pub(super) fn extend(cwes: &mut Vec<u32>, more: Vec<u32>) {
    for cwe in more {
        if !cwes.contains(&cwe) {
            cwes.push(cwe);
        }
    }
}

/// CWE numbers of a `cwe` property, which some tools fill with bare numbers.
pub(super) fn of_words(words: &[String]) -> Vec<u32> {
    words.iter().flat_map(|word| bare(word).map_or_else(|| cwe_in(word), |number| vec![number])).collect()
}

/// The CWE number a reference to a taxon names, if it names one of the CWE.
pub(super) fn of_reference(reference: &ReportingDescriptorReference, taxonomies: &[Taxonomy]) -> Vec<u32> {
    let component = reference.tool_component.as_deref();
    let by_guid = |guid: &str| taxonomies.iter().find(|t| t.guid.as_deref() == Some(guid));
    let by_name = |name: &str| taxonomies.iter().find(|t| t.name.as_deref() == Some(name));
    let taxonomy = component.and_then(|component| {
        let by_guid = component.guid.as_deref().and_then(by_guid);
        by_guid.or_else(|| at(taxonomies, component.index)).or_else(|| component.name.as_deref().and_then(by_name))
    });
    let id = reference.id.as_deref().or_else(|| at(&taxonomy?.ids, reference.index)?.as_deref());
    let Some(id) = id else { return Vec::new() };
    let name = component.and_then(|component| component.name.as_deref()).or_else(|| taxonomy?.name.as_deref());
    match (name, bare(id)) {
        (Some(name), Some(number)) if is_cwe(name) => vec![number],
        (Some(name), None) if !is_cwe(name) && !name.is_empty() => Vec::new(),
        _ => cwe_in(id),
    }
}

fn is_cwe(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("cwe") || name.contains("common weakness enumeration")
}

fn bare(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|&number| number > 0)
}

/// CVE and GHSA ids in `text`, in their usual spelling; a suffix that a tool glued on is left out.
pub(super) fn vulnerabilities_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        let parts: Vec<&str> = word.split('-').collect();
        for start in 0..parts.len() {
            let id = match parts[start..] {
                [tag, year, number, ..]
                    if tag.eq_ignore_ascii_case("CVE")
                        && year.len() == 4
                        && (4..=7).contains(&number.len())
                        && [year, number].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit())) =>
                {
                    format!("CVE-{year}-{number}")
                }
                [tag, a, b, c, ..]
                    if tag.eq_ignore_ascii_case("GHSA") && [a, b, c].iter().all(|part| part.len() == 4) =>
                {
                    format!("GHSA-{a}-{b}-{c}").to_ascii_lowercase().replacen("ghsa", "GHSA", 1)
                }
                _ => continue,
            };
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sarif::schema::ToolComponentReference;

    #[test]
    fn vulnerability_ids_are_found_with_and_without_suffixes() {
        for (text, ids) in [
            ("CVE-2021-44228", &["CVE-2021-44228"][..]),
            ("cve-2021-44228-log4j-core", &["CVE-2021-44228"]),
            ("grype/GHSA-JFH8-c2jp-5v3q-log4j", &["GHSA-jfh8-c2jp-5v3q"]),
            ("CVE-2021-44228, CVE-2021-45046 and CVE-2021-44228", &["CVE-2021-44228", "CVE-2021-45046"]),
            ("CVE-21-1 GHSA-a-b-c B303", &[]),
        ] {
            assert_eq!(vulnerabilities_in(text), ids, "{text}");
        }
    }

    #[test]
    fn a_reference_names_a_cwe_only_in_the_cwe() {
        let taxonomies =
            [Taxonomy { name: Some("CWE".into()), guid: Some("g".into()), ids: vec![None, Some("79".into())] }];
        let reference =
            |id: Option<&str>, index, name: Option<&str>, guid: Option<&str>| ReportingDescriptorReference {
                id: id.map(str::to_owned),
                index,
                guid: None,
                tool_component: Some(Box::new(ToolComponentReference {
                    index: None,
                    guid: guid.map(str::to_owned),
                    name: name.map(str::to_owned),
                })),
            };
        assert_eq!(of_reference(&reference(Some("327"), None, Some("CWE"), None), &[]), [327]);
        assert_eq!(of_reference(&reference(None, Some(1), None, Some("g")), &taxonomies), [79]);
        assert_eq!(of_reference(&reference(None, Some(1), Some("CWE"), None), &taxonomies), [79]);
        assert_eq!(of_reference(&reference(Some("327"), None, Some("OWASP"), None), &[]), [] as [u32; 0]);
        assert_eq!(of_reference(&reference(None, Some(9), Some("CWE"), None), &taxonomies), [] as [u32; 0]);
    }

    #[test]
    fn bare_numbers_count_in_a_cwe_property() {
        assert_eq!(of_words(&["79".to_owned(), "0".to_owned()]), [79]);
    }
}
