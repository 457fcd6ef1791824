//! Which exceptions of the repository apply to which findings: by evidence, placed by the same anchor.

use anchor::{Item, Source, Target};
use finding::{Evidence, Exception, Placement};
use policy::exceptions::{self, Candidate, Subject};

use super::scans::Scans;
use super::{Member, Sources};
use crate::driver::law::Law;

/// By finding.
pub(super) fn find(
    law: &Law,
    scans: &mut Scans<'_>,
    members: &[Member],
    placements: &[Placement],
    now: &Sources,
    cancelled: &dyn Fn() -> bool,
) -> Vec<Option<Exception>> {
    let here: Vec<_> = law.exceptions().iter().filter(|(entry, _)| scans.is_about(&entry.finding.path)).collect();
    if here.is_empty() {
        return vec![None; members.len()];
    }
    let evidence: Vec<Evidence> = here.iter().map(|(entry, _)| entry.evidence()).collect();
    let items: Vec<Item<'_>> = here
        .iter()
        .zip(&evidence)
        .map(|((entry, _), evidence)| Item {
            evidence,
            tool: "",
            rule: &entry.finding.rule,
            scan: scans.of_commit(evidence.commit.as_deref(), None),
        })
        .collect();
    let before = scans.list.iter().find_map(|scan| scan.source.as_deref());
    let target = |(path, source): &'_ (std::sync::Arc<str>, Source)| (path.clone(), source.clone());
    let texts: Vec<_> = now.iter().map(target).collect();
    let (home, others): (Vec<_>, Vec<_>) = texts.iter().partition(|(path, _)| *path == scans.job().home);
    let home = home.first().map(|(path, source)| Target { path: path.clone(), source, before });
    let elsewhere: Vec<Target<'_>> =
        others.iter().map(|(path, source)| Target { path: path.clone(), source, before: None }).collect();
    let placed = anchor::place(&items, &scans.list, home.as_ref(), &elsewhere, cancelled);
    let entries: Vec<Candidate<'_>> = here
        .iter()
        .zip(&placed)
        .map(|((entry, state), placement)| Candidate { entry, state: *state, placement: Some(placement) })
        .collect();
    let findings: Vec<Subject<'_>> =
        members.iter().zip(placements).map(|(member, at)| Subject::of(&member.finding, at)).collect();
    let mut found = vec![None; members.len()];
    for (entry, finding) in exceptions::assign(&entries, &findings).into_iter().enumerate() {
        if let Some(finding) = finding {
            let (entry, state) = here[entry];
            found[finding] = Some(entry.exception(*state));
        }
    }
    found
}
