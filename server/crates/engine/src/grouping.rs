//! Twins: findings of several tools about one weakness in one statement are shown as one.

use std::collections::HashMap;
use std::ops::Range;

use finding::taxonomy::is_ancestor_or_equal;

/// What grouping looks at.
#[derive(Debug, Clone)]
pub struct Twin<'a> {
    /// The file it stands in.
    pub path: Option<&'a str>,
    /// The innermost statement around its range.
    pub statement: Option<Range<usize>>,
    /// CWE numbers as reported.
    pub cwes: &'a [u32],
    /// For a vulnerable package its name, and the CVE and GHSA ids of the vulnerability.
    pub package: Option<(&'a str, &'a [String])>,
    /// How loud it is; the loudest of equals leads.
    pub weight: u8,
}

/// For each finding the index of the one that leads its group (itself when alone): same file, same innermost
/// statement, and one CWE of the group is equal to or an ancestor of all others. A finding without a known CWE never
/// groups (design section 3).
#[must_use]
pub fn leaders(twins: &[Twin<'_>]) -> Vec<u32> {
    let mut leader: Vec<usize> = (0..twins.len()).collect();
    let mut order: Vec<usize> = (0..twins.len()).filter(|&at| twins[at].statement.is_some()).collect();
    // Most specific first among equals: a CWE that has another of the group as ancestor names the group.
    order.sort_by_key(|&at| {
        let twin = &twins[at];
        (twin.path, twin.statement.as_ref().map(|range| (range.start, range.end)), std::cmp::Reverse(twin.weight), at)
    });
    let mut start = 0;
    while start < order.len() {
        let first = &twins[order[start]];
        let same = |at: &usize| twins[*at].path == first.path && twins[*at].statement == first.statement;
        let len = order[start..].iter().take_while(|at| same(at)).count();
        group_statement(twins, &order[start..start + len], &mut leader);
        start += len;
    }
    group_packages(twins, &mut leader);
    leader.into_iter().map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect()
}

/// What several tools say of one vulnerability of one package is one, whatever CWE each names.
fn group_packages(twins: &[Twin<'_>], leader: &mut [usize]) {
    let mut order: Vec<usize> = (0..twins.len()).filter(|&at| twins[at].package.is_some()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(twins[at].weight), at));
    let mut known: HashMap<(Option<&str>, &str, &str), usize> = HashMap::new();
    for at in order {
        let Some((name, ids)) = twins[at].package else { continue };
        let key = |id| (twins[at].path, name, id);
        let found = ids.iter().find_map(|id| known.get(&key(id.as_str())).copied());
        leader[at] = found.unwrap_or(at);
        for id in ids {
            known.entry(key(id.as_str())).or_insert(leader[at]);
        }
    }
}

/// Whether one of two findings' CWEs is equal to or an ancestor of one of the other's.
#[must_use]
pub fn are_related(one: &[u32], other: &[u32]) -> bool {
    one.iter().any(|&a| other.iter().any(|&b| is_ancestor_or_equal(a, b) || is_ancestor_or_equal(b, a)))
}

fn group_statement(twins: &[Twin<'_>], members: &[usize], leader: &mut [usize]) {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for &at in members {
        match groups.iter_mut().find(|group| fits(twins, group, at)) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    for group in groups {
        for &at in &group {
            leader[at] = group[0];
        }
    }
}

/// Whether with `new` one CWE still is equal to or an ancestor of all others.
fn fits(twins: &[Twin<'_>], group: &[usize], new: usize) -> bool {
    let all = || group.iter().copied().chain([new]);
    all().any(|top| {
        twins[top]
            .cwes
            .iter()
            .any(|&ancestor| all().all(|at| twins[at].cwes.iter().any(|&cwe| is_ancestor_or_equal(ancestor, cwe))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twin(statement: Range<usize>, cwes: &[u32]) -> Twin<'_> {
        Twin { path: Some("a.py"), statement: Some(statement), cwes, package: None, weight: 1 }
    }

    #[test]
    fn one_vulnerability_of_one_package_is_one_whoever_tells_it() {
        let ids = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
        let (both, cve, other) = (ids(&["CVE-1", "GHSA-1"]), ids(&["CVE-1"]), ids(&["CVE-2"]));
        let of = |name, ids, weight| Twin { statement: None, package: Some((name, ids)), weight, ..twin(0..0, &[79]) };
        let twins = [of("qs", &both, 1), of("qs", &cve, 2), of("qs", &other, 1), of("ms", &cve, 1)];
        assert_eq!(leaders(&twins), [1, 1, 2, 3]);
    }

    #[test]
    fn equal_or_related_weaknesses_of_one_statement_are_one() {
        assert_eq!(leaders(&[twin(0..9, &[89]), twin(0..9, &[89])]), [0, 0]);
        assert_eq!(leaders(&[twin(0..9, &[78]), twin(0..9, &[77])]), [0, 0]);
    }

    #[test]
    fn other_statements_other_weaknesses_and_unknown_ones_stay_apart() {
        assert_eq!(leaders(&[twin(0..9, &[89]), twin(10..19, &[89])]), [0, 1]);
        assert_eq!(leaders(&[twin(0..9, &[89]), twin(0..9, &[327])]), [0, 1]);
        assert_eq!(leaders(&[twin(0..9, &[]), twin(0..9, &[])]), [0, 1]);
    }

    #[test]
    fn the_loudest_leads() {
        let loud = Twin { weight: 3, ..twin(0..9, &[89]) };
        assert_eq!(leaders(&[twin(0..9, &[89]), loud]), [1, 1]);
    }
}
