//! What a finding is about: code, a package, a secret, infrastructure. SARIF does not say, the tools' habits do.

use finding::{Component, Kind};

use super::schema::Properties;

/// Tools that report nothing but secrets.
const SECRET_TOOLS: [&str; 6] = ["gitleaks", "trufflehog", "detect-secrets", "ggshield", "noseyparker", "whispers"];
/// Tools that report nothing but vulnerable packages.
const PACKAGE_TOOLS: [&str; 9] = [
    "grype",
    "osv-scanner",
    "dependency-check",
    "npm-audit",
    "npm audit",
    "pip-audit",
    "cargo-audit",
    "cargo audit",
    "govulncheck",
];
/// Tools that report nothing but infrastructure as code.
const INFRASTRUCTURE_TOOLS: [&str; 9] =
    ["kics", "checkov", "tfsec", "terrascan", "hadolint", "kube-linter", "kubesec", "kube-score", "snyk iac"];

/// What is known of a result when its kind is decided.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked once")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traits<'a> {
    pub(crate) tool: &'a str,
    pub(crate) tags: &'a [String],
    pub(crate) rule: &'a str,
    pub(crate) has_vulnerability: bool,
    pub(crate) has_component: bool,
    pub(crate) is_image: bool,
    pub(crate) is_elsewhere: bool,
}

/// Decides the kind.
pub(crate) fn kind(traits: Traits<'_>) -> Kind {
    let tool = traits.tool.to_ascii_lowercase();
    let is_tool = |names: &[&str]| names.iter().any(|name| tool.contains(name));
    let tagged = |names: &[&str]| traits.tags.iter().any(|tag| names.iter().any(|name| tag.eq_ignore_ascii_case(name)));
    let packaged = if traits.is_image { Kind::Container } else { Kind::Dependency };
    if is_tool(&SECRET_TOOLS) || tagged(&["secret", "secrets"]) || rule_speaks_of_secrets(traits.rule) {
        Kind::Secret
    } else if is_tool(&INFRASTRUCTURE_TOOLS) || tagged(&["misconfiguration", "iac", "infrastructure"]) {
        Kind::Infrastructure
    } else if is_tool(&PACKAGE_TOOLS)
        || (traits.has_vulnerability && (traits.has_component || tagged(&["vulnerability", "sca"])))
    {
        packaged
    } else if traits.is_elsewhere {
        Kind::Endpoint
    } else {
        Kind::Code
    }
}

/// Semgrep's secret rules are told by a part of their id, e.g. `generic.secrets.security.detected-aws-key`.
fn rule_speaks_of_secrets(rule: &str) -> bool {
    rule.split(['.', '/']).any(|part| part.eq_ignore_ascii_case("secrets"))
}

/// The package of a result, from a package URL, from properties, or from the message of the tools that write it there.
pub(super) fn component(result: Option<&Properties>, rule: Option<&Properties>, message: &str) -> Option<Component> {
    let (mut component, fixed) = of_bag(result)
        .or_else(|| of_message(message).map(|found| (found, Vec::new())))
        .or_else(|| of_bag(rule.filter(|bag| bag.purl.is_some() || bag.purls.len() == 1)))?;
    if component.fixed.is_empty() {
        component.fixed = fixed;
    }
    component.fixed.retain(|version| !version.trim().is_empty());
    (!component.name.trim().is_empty()).then_some(component)
}

fn of_bag(bag: Option<&Properties>) -> Option<(Component, Vec<String>)> {
    let bag = bag?;
    let purl = bag.purl.as_deref().or_else(|| bag.purls.first().map(String::as_str));
    let component = match (purl, &bag.package_name) {
        (Some(purl), _) if purl.starts_with("pkg:") => {
            let mut component = of_purl(purl);
            component.version = component.version.or_else(|| bag.package_version.clone());
            component
        }
        (_, Some(name)) => Component { name: name.clone(), version: bag.package_version.clone(), fixed: Vec::new() },
        _ => return None,
    };
    Some((component, bag.fixed_version.clone()))
}

/// `pkg:npm/%40babel/core@7.0.0?x=y#z` without its version, qualifiers and subpath.
fn of_purl(purl: &str) -> Component {
    let plain = purl.split(['?', '#']).next().unwrap_or(purl);
    let (name, version) = match plain.rsplit_once('@') {
        // An unescaped scope (`pkg:npm/@babel/core`) is no version.
        Some((name, version)) if !version.contains('/') => (name, Some(version)),
        _ => (plain, None),
    };
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    Component { name: name.to_owned(), version: version.map(decode), fixed: Vec::new() }
}

fn of_message(message: &str) -> Option<Component> {
    of_trivy(message).or_else(|| of_osv(message)).or_else(|| of_grype(message))
}

/// Trivy: `Package: x`, `Installed Version: 1`, `Fixed Version: 2, 3`, a line each.
fn of_trivy(message: &str) -> Option<Component> {
    let field = |name: &str| {
        let found = message.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
        found.map(str::trim).filter(|value| !value.is_empty())
    };
    Some(Component {
        name: field("Package")?.to_owned(),
        version: Some(field("Installed Version")?.to_owned()),
        fixed: field("Fixed Version")
            .map_or_else(Vec::new, |list| list.split(',').map(|version| version.trim().to_owned()).collect()),
    })
}

/// A message that is a sheet of facts (Trivy's) gets a sentence in front: only its first line is seen in most places.
pub(super) fn led_by_a_sentence(message: String, rule: &str, component: Option<&Component>) -> String {
    let Some(component) = component.filter(|_| message.trim_start().starts_with("Package:")) else { return message };
    let version = component.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
    let fixed = component.fixed.first().map_or_else(String::new, |fixed| format!(", fixed in {fixed}"));
    format!("{}{version} has {rule}{fixed}\n\n{message}", component.name)
}

/// OSV-Scanner: `Package 'x@1' is vulnerable to …`.
fn of_osv(message: &str) -> Option<Component> {
    let quoted = message.strip_prefix("Package '")?.split_once('\'')?.0;
    let (name, version) = quoted.rsplit_once('@').filter(|(name, _)| !name.is_empty())?;
    Some(Component { name: name.to_owned(), version: Some(version.to_owned()), fixed: Vec::new() })
}

/// Grype: `… vulnerability in npm package: x, version 1 was found …`.
fn of_grype(message: &str) -> Option<Component> {
    let (before, rest) = message.split_once(" package: ")?;
    let (name, rest) = rest.split_once(", version ")?;
    let version = rest.split_whitespace().next()?;
    let kind = match before.rsplit(' ').next()? {
        "python" => "pypi",
        "go-module" => "golang",
        "rust-crate" => "cargo",
        "php-composer" => "composer",
        kind @ ("npm" | "gem") => kind,
        // A Java archive is told by its artifact alone, a system's package belongs to no project.
        _ => return Some(Component { name: name.to_owned(), version: Some(version.to_owned()), fixed: Vec::new() }),
    };
    let name = format!("pkg:{kind}/{}", name.replace('@', "%40"));
    Some(Component { name, version: Some(version.to_owned()), fixed: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Traits<'static> = Traits {
        tool: "Semgrep OSS",
        tags: &[],
        rule: "r",
        has_vulnerability: false,
        has_component: false,
        is_image: false,
        is_elsewhere: false,
    };

    #[test]
    fn the_kind_follows_the_tools_habits() {
        let tags = |tag: &str| vec![tag.to_owned()];
        let (secret, wrong, weak) = (tags("secret"), tags("Misconfiguration"), tags("vulnerability"));
        for (kind_expected, traits) in [
            (Kind::Code, NOTHING),
            (Kind::Secret, Traits { tool: "gitleaks", ..NOTHING }),
            (Kind::Secret, Traits { tags: &secret, ..NOTHING }),
            (Kind::Secret, Traits { rule: "generic.secrets.security.aws", ..NOTHING }),
            (Kind::Infrastructure, Traits { tool: "Checkov", ..NOTHING }),
            (Kind::Infrastructure, Traits { tool: "Trivy", tags: &wrong, ..NOTHING }),
            (Kind::Dependency, Traits { tool: "Trivy", tags: &weak, has_vulnerability: true, ..NOTHING }),
            (Kind::Dependency, Traits { tool: "Grype", ..NOTHING }),
            (Kind::Dependency, Traits { has_vulnerability: true, has_component: true, ..NOTHING }),
            (Kind::Container, Traits { has_vulnerability: true, has_component: true, is_image: true, ..NOTHING }),
            (Kind::Code, Traits { has_vulnerability: true, ..NOTHING }),
            (Kind::Endpoint, Traits { tool: "ZAP", is_elsewhere: true, ..NOTHING }),
        ] {
            assert_eq!(kind(traits), kind_expected, "{traits:?}");
        }
    }

    #[test]
    fn a_sheet_of_facts_is_led_by_a_sentence() {
        let sheet = "Package: qs\nInstalled Version: 6.7.0\nFixed Version: 6.7.3, 7";
        let led = led_by_a_sentence(sheet.to_owned(), "CVE-2022-24999", of_trivy(sheet).as_ref());
        assert_eq!(led, format!("qs 6.7.0 has CVE-2022-24999, fixed in 6.7.3\n\n{sheet}"));
        let words = "Package 'qs@6.7.0' is vulnerable.";
        assert_eq!(led_by_a_sentence(words.to_owned(), "X", of_osv(words).as_ref()), words);
    }

    #[test]
    fn the_package_is_read_from_where_each_tool_puts_it() {
        let made = |name: &str, version: Option<&str>, fixed: &[&str]| {
            let fixed = fixed.iter().map(|&v| v.to_owned()).collect();
            Some(Component { name: name.to_owned(), version: version.map(str::to_owned), fixed })
        };
        let purl = |purl: &str| Properties { purl: Some(purl.to_owned()), ..Properties::default() };
        let trivy =
            "Package: lodash\nInstalled Version: 4.17.15\nVulnerability CVE-2020-8203\nFixed Version: 4.17.19, 5";
        for (message, component_expected) in [
            (trivy, made("lodash", Some("4.17.15"), &["4.17.19", "5"])),
            ("Package 'lodash@4.17.15' is vulnerable to 'CVE-2020-8203'.", made("lodash", Some("4.17.15"), &[])),
            (
                "A high vulnerability in npm package: lodash, version 4.17.15 was found at: /package-lock.json",
                made("pkg:npm/lodash", Some("4.17.15"), &[]),
            ),
            (
                "A high vulnerability in deb package: curl, version 7.1 was found at: /var/lib/dpkg/status",
                made("curl", Some("7.1"), &[]),
            ),
            ("eval is bad", None),
            ("Package: ", None),
        ] {
            assert_eq!(component(None, None, message), component_expected, "{message}");
        }
        for (written, component_expected) in [
            ("pkg:npm/lodash@4.17.15", made("pkg:npm/lodash", Some("4.17.15"), &[])),
            ("pkg:npm/@babel/core", made("pkg:npm/@babel/core", None, &[])),
            ("pkg:deb/debian/curl@7%2B1?arch=x#y", made("pkg:deb/debian/curl", Some("7+1"), &[])),
        ] {
            assert_eq!(component(Some(&purl(written)), None, ""), component_expected, "{written}");
        }
        let several = Properties { purls: vec!["pkg:npm/a@1".into(), "pkg:npm/b@1".into()], ..Properties::default() };
        assert_eq!(component(None, Some(&several), ""), None, "a rule that covers several packages names none");
    }
}
