//! The package behind a dependency finding: its purl and the versions that fix it.

use finding::Component;

use super::code::field;
use super::schema::Row;

/// Which packages a tool looks at, by a part of its name.
const OF_TOOL: [(&str, &str); 14] = [
    ("npm", "npm"),
    ("yarn", "npm"),
    ("pnpm", "npm"),
    ("retire", "npm"),
    ("pip-audit", "pypi"),
    ("pip audit", "pypi"),
    ("safety", "pypi"),
    ("cargo", "cargo"),
    ("bundler", "gem"),
    ("govulncheck", "golang"),
    ("nancy", "golang"),
    ("composer", "composer"),
    ("php security audit", "composer"),
    ("mix audit", "hex"),
];
/// OSV's names of ecosystems as purl types.
const OF_ECOSYSTEM: [(&str, &str); 10] = [
    ("npm", "npm"),
    ("pypi", "pypi"),
    ("packagist", "composer"),
    ("crates.io", "cargo"),
    ("rubygems", "gem"),
    ("go", "golang"),
    ("maven", "maven"),
    ("nuget", "nuget"),
    ("pub", "pub"),
    ("hex", "hex"),
];

/// The package that `row` is about.
pub(super) fn component(row: &Row, tool: &str) -> Option<Component> {
    let name = row.component_name.as_deref().map(str::trim).filter(|name| !name.is_empty())?;
    let given =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let fixed = match given(&row.fix_version) {
        Some(versions) => versions.split([',', ' ']).filter(|version| !version.is_empty()).map(str::to_owned).collect(),
        None => row.mitigation.as_deref().map_or_else(Vec::new, upgrades),
    };
    Some(Component {
        name: purl(name, tool, row.description.as_deref()),
        version: given(&row.component_version),
        fixed,
    })
}

fn purl(name: &str, tool: &str, description: Option<&str>) -> String {
    if name.starts_with("pkg:") {
        return name.to_owned();
    }
    let tool = tool.to_ascii_lowercase();
    let ecosystem = description.and_then(|text| field(text, "Package ecosystem")).map(str::to_ascii_lowercase);
    let kind = match &ecosystem {
        Some(ecosystem) => OF_ECOSYSTEM.iter().find(|(known, _)| known == ecosystem),
        None => OF_TOOL.iter().find(|(part, _)| tool.contains(part)),
    };
    match kind {
        // A group stands before the name in Maven's own writing.
        Some((_, kind @ "maven")) => format!("pkg:{kind}/{}", name.replace(':', "/")),
        Some((_, kind @ "pypi")) => format!("pkg:{kind}/{}", name.to_ascii_lowercase().replace('_', "-")),
        Some((_, kind)) => format!("pkg:{kind}/{}", name.replace('@', "%40")),
        None => name.to_owned(),
    }
}

/// The versions that pip-audit's `Upgrade to version: 1` or a list below it names, OSV's `Upgrade to versions` and
/// cargo-audit's `Update x to >=1.2, <2`.
fn upgrades(mitigation: &str) -> Vec<String> {
    let is_version = |text: &&str| text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(' ');
    if let Some((_, ranges)) = mitigation.split_once("**Update ").and_then(|(_, rest)| rest.split_once(" to** ")) {
        let lower = ranges.split(',').filter_map(|range| range.trim().strip_prefix(">=")).map(str::trim);
        return lower.filter(is_version).map(str::to_owned).collect();
    }
    let osv = mitigation.split_once("**Upgrade to versions**:");
    let Some((_, rest)) = osv.or_else(|| mitigation.split_once("Upgrade to version:")) else { return Vec::new() };
    let mut lines = rest.lines();
    let first = lines.next().map(str::trim).filter(|version| !version.is_empty());
    let is_heading = |line: &&str| line.trim().is_empty() || line.trim().ends_with(':');
    let listed = lines.skip_while(is_heading).map_while(|line| line.trim().strip_prefix("- "));
    first.into_iter().chain(listed).map(str::trim).filter(is_version).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, tool: &str, description: &str, mitigation: &str, fix: Option<&str>) -> (String, Vec<String>) {
        let row = Row {
            component_name: Some(name.to_owned()),
            description: Some(description.to_owned()),
            mitigation: Some(mitigation.to_owned()),
            fix_version: fix.map(str::to_owned),
            ..Row::default()
        };
        let found = component(&row, tool).unwrap();
        (found.name, found.fixed)
    }

    #[test]
    fn a_package_is_named_by_its_purl_where_the_ecosystem_is_known() {
        for (name, tool, description, purl) in [
            ("aiohttp", "pip-audit", "", "pkg:pypi/aiohttp"),
            ("@vercel/fun", "NPM Audit", "", "pkg:npm/%40vercel/fun"),
            ("arc-swap", "CargoAudit", "", "pkg:cargo/arc-swap"),
            ("guzzlehttp/guzzle", "OSV", "x\n**Package ecosystem**: Packagist\n**y", "pkg:composer/guzzlehttp/guzzle"),
            ("guzzlehttp/guzzle", "OSV", "x\n**Package ecosystem:** Packagist\n**y", "pkg:composer/guzzlehttp/guzzle"),
            ("org.a:b", "OSV", "**Package ecosystem:** Maven", "pkg:maven/org.a/b"),
            ("gcc-10", "Snyk", "", "gcc-10"),
            ("pkg:npm/x", "Snyk", "", "pkg:npm/x"),
        ] {
            assert_eq!(of(name, tool, description, "", None).0, purl);
        }
        assert_eq!(component(&Row { component_name: Some(" ".to_owned()), ..Row::default() }, "x"), None);
    }

    #[test]
    fn fixing_versions_are_read_where_they_are_named() {
        for (mitigation, fix, fixed) in [
            ("Upgrade to version: 3.7.4", None, vec!["3.7.4"]),
            ("Upgrade to version:\n- 2.2.25\n- 3.1.14\n- 3.2.10\nor leave", None, vec!["2.2.25", "3.1.14", "3.2.10"]),
            ("Upgrade to version: the latest", None, vec![]),
            ("Update vercel to version 32.3.0", None, vec![]),
            ("**Upgrade to versions**:\n\tECOSYSTEM :\n\t\t- 6.5.8\n\t\t- 7.4.5\n", None, vec!["6.5.8", "7.4.5"]),
            ("**Update hyper to** >=0.14.3, >=0.13.10, <0.14.0", None, vec!["0.14.3", "0.13.10"]),
            ("", Some("1.2, 1.3"), vec!["1.2", "1.3"]),
        ] {
            assert_eq!(of("x", "y", "", mitigation, fix).1, fixed, "{mitigation}");
        }
    }
}
