//! Steps of data flows and other places of findings, placed by the same anchor as the findings themselves.
//!
//! Only what somebody looks at has its steps placed. While typing, those in the file itself are looked at again; those
//! in other files move with edits and are looked at when something is opened, saved or changed on disk.

use std::collections::HashMap;
use std::sync::Arc;

use anchor::Item;
use engine::{HomeNote, PlaceJob, Priority, ScannedPath};
use finding::{Evidence, FindingId, FlowStep, Placement, Region};

use super::findings::Member;
use super::scans::Scans;
use super::{Sources, Texts, ambiguous, run};
use crate::driver::map;

/// Steps of one finding placed at most; the first ones count.
const MOST: usize = 200;

/// One place to look for: steps of several findings often share it.
type Place<'m> = (usize, &'m str, Option<Region>, Option<&'m str>);

/// A step that is looked for now, and the findings and steps it is of.
struct Wanted<'m> {
    member: &'m Member,
    evidence: &'m Evidence,
    of: Vec<(usize, usize)>,
}

impl Texts<'_> {
    /// By finding; `None` where nobody looks or nothing is to be placed.
    pub(super) fn steps(
        &mut self,
        members: &[Member],
        placements: &[Placement],
        parses: &Sources,
    ) -> Vec<Option<Arc<[Placement]>>> {
        let job = self.job;
        let has_steps = |member: &Member| !member.finding.flow.is_empty() || !member.finding.related.is_empty();
        if job.priority != Priority::Live || !members.iter().any(has_steps) {
            return vec![None; members.len()];
        }
        let known = known(job);
        let mut found: Vec<Vec<Placement>> = Vec::with_capacity(members.len());
        let mut wanted: HashMap<Place<'_>, Wanted<'_>> = HashMap::new();
        for (number, member) in members.iter().enumerate() {
            let finding = &*member.finding;
            let before = known.get(&finding.id).copied().unwrap_or_default();
            let mut placed = Vec::new();
            for (at, step) in steps_of(member).enumerate() {
                let evidence = &step.evidence;
                let path = evidence.path.as_deref().or(finding.evidence.path.as_deref()).unwrap_or("");
                let is_itself = finding.evidence.path.as_deref() == Some(path)
                    && evidence.region.is_some()
                    && evidence.region == finding.evidence.region;
                let kept = before.get(at).filter(|known| !job.is_search && known.path.as_ref() != Some(&job.home));
                placed.push(match (is_itself, kept) {
                    (true, _) => placements[number].clone(),
                    (false, Some(known)) => known.clone(),
                    (false, None) => {
                        let commit = evidence.commit.as_deref().or(finding.evidence.commit.as_deref());
                        let place = (member.source, path, evidence.region, commit);
                        let entry = wanted.entry(place).or_insert(Wanted { member, evidence, of: Vec::new() });
                        entry.of.push((number, at));
                        Placement::unplaced("")
                    }
                });
            }
            found.push(placed);
        }
        for (home, note, asked) in self.homes(wanted) {
            let placed = self.in_file(home, note, &asked, parses);
            for ((_, wanted), placement) in asked.iter().zip(placed) {
                for &(number, at) in &wanted.of {
                    found[number][at] = placement.clone();
                }
            }
        }
        found.into_iter().map(|steps| (!steps.is_empty()).then(|| steps.into())).collect()
    }

    /// The files that the places are in now.
    fn homes<'m>(&self, wanted: HashMap<Place<'m>, Wanted<'m>>) -> Vec<(Arc<str>, HomeNote, Vec<Asked<'m>>)> {
        let job = self.job;
        let own = Scans::new(self.inner, job, false);
        let mut by_path: HashMap<(usize, &'m str), Vec<Asked<'m>>> = HashMap::new();
        for (place, wanted) in wanted {
            by_path.entry((place.0, place.1)).or_default().push((place, wanted));
        }
        let mut homes = Vec::new();
        let mut unknown: HashMap<usize, Vec<Unmapped<'m>>> = HashMap::new();
        for ((source, path), mut asked) in by_path {
            asked.sort_unstable_by_key(|(_, wanted)| wanted.of[0]);
            let listed = job.files.as_deref().unwrap_or_default();
            if path.is_empty() {
                homes.push(("".into(), HomeNote::Missing("the step names no file".into()), asked));
            } else if own.is_about(path) {
                homes.push((job.home.clone(), job.note.clone(), asked));
            } else if let Ok(at) = listed.binary_search_by(|file| (**file).cmp(path)) {
                homes.push((listed[at].clone(), HomeNote::Same, asked));
            } else {
                unknown.entry(source).or_default().push((path.into(), asked));
            }
        }
        for (source, asked) in unknown {
            let paths: Vec<Arc<str>> = asked.iter().map(|(path, _)| path.clone()).collect();
            let commit = asked.iter().find_map(|(_, asked)| asked.iter().find_map(|(place, _)| place.3));
            let commit = commit.map(str::to_owned).or_else(|| job.assumed.get(source).cloned().flatten());
            let mapped = match (&job.files, job.indexes.get(source)) {
                (Some(files), Some(index)) => {
                    map::others(self.inner, (&job.path, commit), index, &paths, files, &job.rules)
                }
                _ => paths.iter().map(|path| (path.clone(), HomeNote::Missing(NOT_LISTED.into()))).collect(),
            };
            homes.extend(mapped.into_iter().zip(asked).map(|((home, note), (_, asked))| (home, note, asked)));
        }
        homes
    }

    /// Where the places are in one file.
    fn in_file(&mut self, home: Arc<str>, note: HomeNote, asked: &[Asked<'_>], parses: &Sources) -> Vec<Placement> {
        let all = |placement: &dyn Fn() -> Placement| asked.iter().map(|_| placement()).collect();
        match &note {
            HomeNote::Ambiguous(words) => return all(&|| ambiguous(words)),
            HomeNote::Missing(words) => return all(&|| Placement::unplaced(words.clone())),
            HomeNote::Packages => return all(&|| Placement::unplaced("the step names no file")),
            HomeNote::Same | HomeNote::Mapped(_) | HomeNote::Renamed(_) | HomeNote::Deleted => {}
        }
        let inner = self.inner;
        let known = parses.iter().find(|(path, _)| *path == home).map(|(_, source)| source.clone());
        let now = match known {
            Some(source) => Some(source),
            None => match self.current(&home) {
                Ok(now) => now,
                Err(why) => return all(&|| Placement::unplaced(why.clone())),
            },
        };
        let paths = asked.iter().map(|(place, _)| ScannedPath { source: place.0, path: place.1.into() }).collect();
        let job = in_another_file(self.job, home, note, paths);
        let mut scans = Scans::new(inner, &job, true);
        let items: Vec<Item<'_>> = asked
            .iter()
            .map(|(place, wanted)| Item {
                evidence: wanted.evidence,
                tool: &wanted.member.finding.tool.name,
                rule: &wanted.member.finding.rule.id,
                scan: scans.of(place.0, place.3),
            })
            .collect();
        let sources: Vec<usize> = asked.iter().map(|(place, _)| place.0).collect();
        let cancelled = || inner.is_stopped();
        let committed = scans.committed(&sources, &items, &cancelled);
        run(&items, (&scans, committed.as_deref()), &job, now.as_ref(), &Vec::new(), &cancelled)
    }
}

type Asked<'m> = (Place<'m>, Wanted<'m>);

/// A scanned path that is no file's, and what is looked for in it.
type Unmapped<'m> = (Arc<str>, Vec<Asked<'m>>);

const NOT_LISTED: &str = "the files of this folder are not listed yet";

fn steps_of(member: &Member) -> impl Iterator<Item = &FlowStep> {
    member.finding.flow.iter().chain(&member.finding.related).take(MOST)
}

/// The steps of each finding as they were placed before.
fn known(job: &PlaceJob) -> HashMap<&FindingId, &[Placement]> {
    let with_steps = job.known.iter().filter_map(|placed| Some((placed, placed.steps.as_deref()?)));
    let row = |placed: &engine::Placed| job.indexes.get(placed.source)?.rows().get(placed.row as usize);
    with_steps.filter_map(|(placed, steps)| Some((&row(placed)?.id, steps))).collect()
}

/// The job for places of the same findings in another file.
fn in_another_file(job: &PlaceJob, home: Arc<str>, note: HomeNote, scanned: Arc<[ScannedPath]>) -> PlaceJob {
    PlaceJob {
        root: job.root,
        path: job.path.clone(),
        documents: job.documents.iter().filter(|document| document.path == home).cloned().collect(),
        home,
        generation: job.generation,
        priority: job.priority,
        note,
        scanned,
        assumed: job.assumed.clone(),
        files: job.files.clone(),
        is_search: false,
        sources: job.sources.clone(),
        indexes: job.indexes.clone(),
        details: None,
        known: Arc::new([]),
        elsewhere: Vec::new(),
        rules: job.rules.clone(),
    }
}
