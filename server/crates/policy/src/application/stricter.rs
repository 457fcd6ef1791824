//! Two things said of the same code: of each value the stricter one.

use finding::Application;

use super::data::{CRITICALITY, EXPOSURE, Part, Record};

/// Of two records the stricter values; names and owners of the first that has them.
pub(super) fn of(first: Record, second: Record) -> Record {
    let mut components = first.components;
    for part in second.components {
        match components.iter_mut().find(|known| known.path == part.path) {
            Some(known) => *known = of_parts(known.clone(), part),
            None => components.push(part),
        }
    }
    let (a, b) = (first.application, second.application);
    let mut sla = a.sla;
    for (severity, days) in b.sla {
        sla.entry(severity).and_modify(|known| *known = days.min(*known)).or_insert(days);
    }
    let mut required_scanners = a.required_scanners;
    required_scanners.extend(b.required_scanners);
    required_scanners.sort();
    required_scanners.dedup();
    let application = Application {
        name: a.name.or(b.name),
        repository: a.repository.or(b.repository),
        criticality: higher(a.criticality, b.criticality, &CRITICALITY),
        exposure: higher(a.exposure, b.exposure, &EXPOSURE),
        platform: a.platform.or(b.platform),
        lifecycle: a.lifecycle.or(b.lifecycle),
        component: None,
        owner: a.owner.or(b.owner),
        sla,
        approvers: approvers(a.approvers, b.approvers),
        required_scanners,
    };
    Record { application, components }
}

/// The same for two parts of one path.
pub(super) fn of_parts(first: Part, second: Part) -> Part {
    Part {
        path: first.path,
        name: first.name.or(second.name),
        owner: first.owner.or(second.owner),
        criticality: higher(first.criticality, second.criticality, &CRITICALITY),
        exposure: higher(first.exposure, second.exposure, &EXPOSURE),
    }
}

pub(super) fn higher(a: Option<String>, b: Option<String>, ranks: &[&str]) -> Option<String> {
    let rank = |word: &String| ranks.iter().position(|known| known == word).unwrap_or(ranks.len());
    [a, b].into_iter().flatten().min_by_key(rank)
}

/// Those whom both name; where only one names somebody, those. Where both do and agree on nobody, nobody.
fn approvers(a: Vec<String>, b: Vec<String>) -> Vec<String> {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b,
        (_, true) => a,
        _ => {
            let both: Vec<String> =
                a.into_iter().filter(|name| b.iter().any(|other| other.eq_ignore_ascii_case(name))).collect();
            if both.is_empty() { vec![String::new()] } else { both }
        }
    }
}
