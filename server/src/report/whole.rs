//! One finding with all that is known of it, whether its file is open or not, and those shown together with it.

use std::sync::Arc;

use engine::{Judged, Packaged, Placed, Root, Snapshot, Source};
use finding::{Finding, FindingId, Placement};

use super::texts::Texts;
use crate::driver::{Driver, lock};
use crate::present::page::{Stands, Subject};

/// A finding and its twins.
pub(crate) struct Whole<'s> {
    pub(crate) root: &'s Root,
    /// The one that leads first; never empty.
    pub(crate) members: Vec<Member<'s>>,
}

/// One of them.
pub(crate) struct Member<'s> {
    pub(crate) finding: Arc<Finding>,
    pub(crate) source: Option<&'s Source>,
    pub(crate) placement: Placement,
    /// Where its flow's steps are, then its other places.
    pub(crate) steps: Option<Arc<[Placement]>>,
    pub(crate) package: Option<Arc<Packaged>>,
    /// What policy makes of it; `None` for findings that name no file.
    pub(crate) judged: Option<Judged>,
    /// How its scanned path became the file, in words.
    path_note: Option<String>,
}

/// `None`: nobody knows such a finding (any more). `last` is how it was known before; it is told where the store has
/// it no more and the snapshot does.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn of<'s>(
    driver: &Driver,
    snapshot: &'s Snapshot,
    id: &FindingId,
    last: Option<&Arc<Finding>>,
) -> Result<Option<Whole<'s>>, store::Error> {
    let Some((root, group, at)) = snapshot.holder(id) else { return unplaced(driver, snapshot, id, last) };
    let held = match &group.details {
        Some(details) if group.is_verified && details.len() == group.placed.len() => {
            Some((group.placed.clone(), details.clone()))
        }
        _ => driver.inspect(snapshot, root.id, &group.home).map(|placing| (placing.placed.into(), placing.details)),
    };
    let member = |placed: &Placed, finding: &Arc<Finding>| Member {
        finding: finding.clone(),
        source: root.sources.get(placed.source),
        placement: placed.placement.clone(),
        steps: placed.steps.clone(),
        package: placed.package.clone(),
        judged: Some(placed.judged.clone()),
        path_note: group.note.words(),
    };
    let members = match (held.and_then(|held| together(held, id)), last) {
        (Some(together), _) => together.iter().map(|(placed, finding)| member(placed, finding)).collect(),
        (None, Some(last)) => vec![member(&group.placed[at], last)],
        (None, None) => return unplaced(driver, snapshot, id, last),
    };
    Ok(Some(Whole { root, members }))
}

/// The findings that are shown together with one of a group, the one that leads first.
fn together(
    (placed, details): (Arc<[Placed]>, Arc<[Arc<Finding>]>),
    id: &FindingId,
) -> Option<Vec<(Placed, Arc<Finding>)>> {
    let at = details.iter().position(|finding| finding.id == *id)?;
    let leader = placed.get(at)?.leader;
    let mut together: Vec<usize> = (0..placed.len()).filter(|&other| placed[other].leader == leader).collect();
    together.sort_by_key(|&other| (other != leader as usize, other));
    Some(together.into_iter().filter_map(|at| Some((placed[at].clone(), details.get(at)?.clone()))).collect())
}

/// A finding that no file holds, or that was not placed yet.
fn unplaced<'s>(
    driver: &Driver,
    snapshot: &'s Snapshot,
    id: &FindingId,
    last: Option<&Arc<Finding>>,
) -> Result<Option<Whole<'s>>, store::Error> {
    for root in snapshot.roots() {
        for source in root.sources.iter() {
            if !source.index.rows().iter().any(|row| row.id == *id) {
                continue;
            }
            let store = driver.store(&root.path, &source.name);
            let stored = lock(&store).finding(id)?.map(Arc::new);
            let Some(finding) = stored.or_else(|| last.cloned()) else { continue };
            let why = match finding.evidence.path {
                None => "the finding names no file",
                Some(_) => "it is not placed yet",
            };
            let member = Member {
                finding,
                source: Some(source),
                placement: Placement::unplaced(why),
                steps: None,
                package: None,
                judged: None,
                path_note: None,
            };
            return Ok(Some(Whole { root, members: vec![member] }));
        }
    }
    Ok(None)
}

impl Whole<'_> {
    /// Where the steps of each are, for people.
    pub(crate) fn stand(&self, texts: &mut Texts<'_>) -> Vec<Option<Vec<Stands>>> {
        self.members.iter().map(|member| Some(texts.stand(member.steps.as_deref()?))).collect()
    }

    /// As pages tell them; `stand` is what [`Self::stand`] said.
    pub(crate) fn subjects<'w>(&'w self, stand: &'w [Option<Vec<Stands>>], now: jiff::Timestamp) -> Vec<Subject<'w>> {
        let subject = |(member, steps): (&'w Member<'_>, &'w Option<Vec<Stands>>)| Subject {
            finding: &member.finding,
            placement: &member.placement,
            scanned_line: member.finding.evidence.region.map(|region| region.line),
            path_note: member.path_note.as_deref(),
            synced_at: member.source.and_then(|source| source.meta.synced_at.as_deref()),
            assumed_commit: member
                .source
                .and_then(|source| source.meta.assumed_commit.as_deref())
                .filter(|_| member.finding.evidence.commit.is_none()),
            package: member.package.as_deref(),
            steps: steps.as_deref(),
            judged: member.judged.as_ref(),
            asked: None,
            now,
        };
        self.members.iter().zip(stand).map(subject).collect()
    }
}
