//! Which files the scanned paths became.

use engine::{HomeNote, Root};

use super::Report;

/// Examples given of each kind.
const EXAMPLES: usize = 3;

/// In the order of the report.
const KINDS: [&str; 7] =
    ["as they are", "mapped", "renamed since", "deleted since", "ambiguous", "missing", "looked for by their package"];

fn kind(note: &HomeNote) -> &'static str {
    KINDS[match note {
        HomeNote::Same => 0,
        HomeNote::Mapped(_) => 1,
        HomeNote::Renamed(_) => 2,
        HomeNote::Deleted => 3,
        HomeNote::Ambiguous(_) => 4,
        HomeNote::Missing(_) => 5,
        HomeNote::Packages => 6,
    }]
}

pub(super) fn examine(root: &Root, report: &mut Report) {
    report.section("Scanned paths");
    let groups = || root.groups.values().filter(|group| !group.scanned.is_empty());
    if groups().next().is_none() {
        report.line("none");
    }
    for name in KINDS {
        let of_kind: Vec<_> = groups().filter(|group| kind(&group.note) == name).collect();
        if of_kind.is_empty() {
            continue;
        }
        let mut examples: Vec<String> = of_kind
            .iter()
            .filter(|group| !matches!(group.note, HomeNote::Same | HomeNote::Packages))
            .map(|group| {
                let from = group.scanned.first().map_or("", |scanned| &*scanned.path);
                if *from == *group.home { from.to_owned() } else { format!("{from} is {}", group.home) }
            })
            .collect();
        examples.sort_unstable();
        let more = examples.len().saturating_sub(EXAMPLES);
        examples.truncate(EXAMPLES);
        if more > 0 {
            examples.push(format!("{more} more"));
        }
        let examples = if examples.is_empty() { String::new() } else { format!(": {}", examples.join(", ")) };
        report.line(format!("{} {name}{examples}", of_kind.len()));
        if matches!(of_kind[0].note, HomeNote::Ambiguous(_) | HomeNote::Missing(_)) {
            let what = if name == "missing" { "no file" } else { "several files" };
            report.problem(
                format!("Scanned paths that fit {what} here{examples}"),
                "say in aspm.toml where the scanner's paths lie: [[path_map]] from = \"/build/src\", to = \"src\"",
            );
        }
    }
}
