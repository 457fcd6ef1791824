//! Findings about packages: placed by what the dependency files of the repository say, not by the anchor.

mod parsed;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use engine::{HomeNote, Packaged, PlaceJob, Priority, Spot};
use finding::text::LineIndex;
use finding::{ChangeKind, Component, Exception, Kind, Placement, State};
use manifests::{Before, Ecosystem, File, Files, Format, Located, Manifest, Place, Purl, Reported};
use policy::exceptions::{self, Candidate, Subject};
use repo::files::Read;

use super::change::Told;
use super::scans::Scans;
use super::{Member, Texts};
use crate::driver::MAX_TEXT;
use crate::driver::law::Base;
pub(in crate::driver) use parsed::Parsed;

/// Dependency files of a repository that are read for findings that name none.
const MOST_FILES: usize = 400;
/// Bytes of a line up to a place in it that is shown.
const LONGEST_LINE: usize = 4_000;

/// A finding about a package, placed.
pub(super) struct PlacedPackage {
    pub(super) placement: Placement,
    pub(super) told: Told,
    pub(super) exception: Option<Exception>,
    pub(super) packaged: Option<Arc<Packaged>>,
}

/// A dependency file that was read.
pub(super) struct Consulted {
    pub(super) path: Arc<str>,
    pub(super) is_changed: bool,
}

/// All of a group.
#[derive(Default)]
pub(super) struct Packed {
    /// In the order of the findings.
    pub(super) placed: Vec<PlacedPackage>,
    pub(super) consulted: Vec<Consulted>,
}

/// Whether a finding is placed by dependency files.
pub(super) fn is_one(member: &Member, job: &PlaceJob) -> bool {
    let finding = &member.finding;
    let Some(component) = finding.component.as_ref().filter(|_| finding.kind == Kind::Dependency) else { return false };
    let purl = Purl::of(&component.name);
    let is_understood = |ecosystem: Option<Ecosystem>| {
        !purl.is_foreign && (purl.ecosystem.is_none() || ecosystem.is_none() || purl.ecosystem == ecosystem)
    };
    match &job.note {
        HomeNote::Packages => is_understood(None),
        // The tool saw a file that is not here: an image's, a build's. The package may still be declared.
        HomeNote::Missing(_) => is_understood(None) && purl.ecosystem.is_some(),
        HomeNote::Ambiguous(_) => false,
        HomeNote::Same | HomeNote::Mapped(_) | HomeNote::Renamed(_) | HomeNote::Deleted => {
            Format::of_path(&job.home).is_some_and(|format| is_understood(Some(format.ecosystem())))
        }
    }
}

/// A dependency file's text now, and what it says.
struct Now {
    path: Arc<str>,
    text: Arc<str>,
    manifest: Arc<Manifest>,
}

impl Texts<'_> {
    /// Places these findings; nothing is read when there are none.
    pub(super) fn packages(&mut self, members: &[Member]) -> Packed {
        if members.is_empty() {
            return Packed::default();
        }
        let job = self.job;
        let paths = wanted(job, members);
        let now: Vec<Now> = paths.iter().filter_map(|path| self.read(path)).collect();
        let is_live = job.priority == Priority::Live;
        let mut scans = Scans::new(self.inner, job, is_live);
        let files = Files::new(now.iter().map(|now| file(&now.path, &now.manifest)).collect());
        let lines = RefCell::new(HashMap::new());
        let mut placed: Vec<PlacedPackage> = members
            .iter()
            .map(|member| {
                let commit = self.commit_of(member);
                let then = Then { texts: self, scans: &scans, commit: commit.as_deref(), now: &now };
                let located = locate(member, job, &files, &then);
                let spot = located.locked.as_ref().and_then(|place| spot(place, &now, &lines));
                let placement = located.placement.clone();
                PlacedPackage {
                    placement,
                    told: Told::default(),
                    exception: None,
                    packaged: Some(Arc::new(packaged(located, spot))),
                }
            })
            .collect();
        self.tell(&scans, members, &now, &mut placed);
        self.except(&mut scans, members, &mut placed);
        let head = self.inner.repo(&job.path).and_then(|repo| self.inner.head(&repo));
        let is_open = |path: &Arc<str>| job.documents.iter().any(|document| document.path == *path);
        let is_changed = |now: &Now| {
            let then = head.as_deref().and_then(|head| scans.text_at(head, &now.path));
            is_open(&now.path) && then.is_none_or(|then| then.text != now.text)
        };
        let consulted =
            now.iter().map(|now| Consulted { path: now.path.clone(), is_changed: is_changed(now) }).collect();
        Packed { placed, consulted }
    }

    /// The commit that the tool looked at, as far as anybody knows; else the one before the change.
    fn commit_of(&self, member: &Member) -> Option<String> {
        let assumed = || self.job.assumed.get(member.source).cloned().flatten();
        let base = || match self.law.base() {
            Base::Commit(base) => Some(base.to_owned()),
            _ => None,
        };
        member.finding.evidence.commit.clone().or_else(assumed).or_else(base)
    }

    fn read(&mut self, path: &Arc<str>) -> Option<Now> {
        let format = Format::of_path(path)?;
        let document = self.job.documents.iter().find(|document| document.path == *path);
        let text: Arc<str> = if let Some(document) = document {
            self.opened.push((document.uri.clone(), document.edition, document.path.clone()));
            document.text.clone()
        } else {
            match self.inner.read(&self.job.path, path, MAX_TEXT).ok()? {
                Read::Text(text) => text.into(),
                other => other.decoded()?.into(),
            }
        };
        let (text, manifest) = self.inner.manifests.of((&self.job.path, None, path), format, text);
        Some(Now { path: path.clone(), text, manifest })
    }

    /// What the change at hand did to each package.
    fn tell(&self, scans: &Scans<'_>, members: &[Member], now: &[Now], placed: &mut [PlacedPackage]) {
        let base = match self.law.base() {
            Base::Unknown => return,
            Base::Nothing => {
                for package in placed.iter_mut().filter(|package| package.placement.state.is_on_code()) {
                    package.told.kind = ChangeKind::Introduced;
                }
                return;
            }
            Base::Commit(base) => base,
        };
        let then: Vec<Option<Now>> = now.iter().map(|now| self.then(scans, base, &now.path)).collect();
        let is_same = now.iter().zip(&then).all(|(now, then)| then.as_ref().is_some_and(|then| then.text == now.text));
        if is_same {
            return;
        }
        let files = Files::new(then.iter().flatten().map(|then| file(&then.path, &then.manifest)).collect());
        let nothing = Nothing;
        for (member, package) in members.iter().zip(placed) {
            if !package.placement.state.is_on_code() {
                continue;
            }
            let before = locate(member, self.job, &files, &nothing);
            let is_same = package.packaged.as_ref().is_some_and(|known| {
                known.current == before.current
                    && known.way == before.way
                    && package.placement.path == before.placement.path
            });
            package.told.kind = match before.placement.state {
                State::Gone | State::Unplaced => ChangeKind::Introduced,
                _ if is_same => ChangeKind::Existing,
                _ => ChangeKind::Touched,
            };
        }
    }

    /// A dependency file at a commit, under the name it has now.
    fn then(&self, scans: &Scans<'_>, commit: &str, path: &Arc<str>) -> Option<Now> {
        let format = Format::of_path(path)?;
        let text = scans.text_at(commit, path).or_else(|| {
            let changes = scans.changes(commit);
            let renamed = changes.iter().find_map(|change| match &change.kind {
                repo::ChangeKind::Renamed { from } if change.path == *path => Some(from.clone()),
                _ => None,
            });
            scans.text_at(commit, &renamed?)
        })?;
        let (text, manifest) = self.inner.manifests.of((&self.job.path, Some(commit), path), format, text.text.clone());
        Some(Now { path: path.clone(), text, manifest })
    }

    /// Exceptions name a package's finding by its id and path: there is no code to compare.
    fn except(&self, scans: &mut Scans<'_>, members: &[Member], placed: &mut [PlacedPackage]) {
        let is_about = |path: &str| {
            scans.is_about(path) || placed.iter().any(|package| package.placement.path.as_deref() == Some(path))
        };
        let here: Vec<_> = self.law.exceptions().iter().filter(|(entry, _)| is_about(&entry.finding.path)).collect();
        let entries: Vec<Candidate<'_>> =
            here.iter().map(|(entry, state)| Candidate { entry, state: *state, placement: None }).collect();
        let subjects: Vec<Subject<'_>> = members
            .iter()
            .zip(placed.iter())
            .map(|(member, package)| Subject::of(&member.finding, &package.placement))
            .collect();
        let chosen = exceptions::assign(&entries, &subjects);
        for (entry, finding) in chosen.into_iter().enumerate() {
            if let Some(finding) = finding {
                let (entry, state) = here[entry];
                placed[finding].exception = Some(entry.exception(*state));
            }
        }
    }
}

fn file(path: &Arc<str>, manifest: &Arc<Manifest>) -> File {
    File { path: path.clone(), manifest: manifest.clone() }
}

/// The dependency files that may say where these packages are.
fn wanted(job: &PlaceJob, members: &[Member]) -> Vec<Arc<str>> {
    let files = job.files.as_deref().unwrap_or(&[]);
    let open = job.documents.iter().map(|document| &document.path);
    let mut paths: Vec<Arc<str>> =
        files.iter().chain(open).filter(|path| Format::of_path(path).is_some()).cloned().collect();
    paths.sort_unstable();
    paths.dedup();
    if is_home_known(job) {
        return manifests::of_home(&job.home, &paths);
    }
    let ecosystems: Vec<Option<Ecosystem>> = members
        .iter()
        .filter_map(|member| member.finding.component.as_ref())
        .map(|c| Purl::of(&c.name).ecosystem)
        .collect();
    let is_any = ecosystems.contains(&None);
    paths.retain(|path| is_any || ecosystems.contains(&Format::of_path(path).map(Format::ecosystem)));
    // The nearest to the root say most.
    paths.sort_by_key(|path| path.matches('/').count());
    paths.truncate(MOST_FILES);
    paths
}

fn is_home_known(job: &PlaceJob) -> bool {
    matches!(job.note, HomeNote::Same | HomeNote::Mapped(_) | HomeNote::Renamed(_))
}

fn locate(member: &Member, job: &PlaceJob, files: &Files, before: &dyn Before) -> Located {
    let nothing = Component::default();
    let component = member.finding.component.as_ref().unwrap_or(&nothing);
    let purl = Purl::of(&component.name);
    let of_file = || member.finding.evidence.path.as_deref().and_then(Format::of_path).map(Format::ecosystem);
    let reported = Reported {
        ecosystem: purl.ecosystem.or_else(of_file),
        name: &purl.name,
        version: component.version.as_deref(),
        fixed: &component.fixed,
        home: is_home_known(job).then_some(&*job.home),
    };
    manifests::locate(reported, files, before)
}

fn packaged(located: Located, locked: Option<Spot>) -> Packaged {
    let Located { way, name, current, fix, advice, run, .. } = located;
    Packaged { name, current, way, locked, fix, advice, run }
}

/// A place in words that need no text.
fn spot(place: &Place, now: &[Now], lines: &RefCell<HashMap<Arc<str>, LineIndex>>) -> Option<Spot> {
    let text = &now.iter().find(|now| now.path == place.path)?.text;
    let mut lines = lines.borrow_mut();
    let lines = lines.entry(place.path.clone()).or_insert_with(|| LineIndex::new(text));
    let line = lines.line_of(place.range.start);
    let start = lines.line(line)?.start;
    // A file in one line has no place that anybody could look at.
    if place.range.end - start > LONGEST_LINE {
        return None;
    }
    Some(Spot {
        path: place.path.clone(),
        line: u32::try_from(line).ok()?,
        before: text.get(start..place.range.start)?.into(),
        text: text.get(place.range.clone())?.into(),
    })
}

/// The files as they were when the tool looked; read when somebody asks.
struct Then<'a, 't> {
    texts: &'a Texts<'t>,
    scans: &'a Scans<'t>,
    commit: Option<&'a str>,
    now: &'a [Now],
}

impl Before for Then<'_, '_> {
    fn manifest(&self, path: &str) -> Option<Arc<Manifest>> {
        Some(self.texts.then(self.scans, self.commit?, &path.into())?.manifest)
    }

    fn is_unchanged(&self, path: &str) -> bool {
        let now = self.now.iter().find(|now| *now.path == *path);
        let then = self.commit.and_then(|commit| self.texts.then(self.scans, commit, &path.into()));
        now.zip(then).is_some_and(|(now, then)| now.text == then.text)
    }
}

/// For the commit before the change nothing older is asked.
struct Nothing;

impl Before for Nothing {
    fn manifest(&self, _: &str) -> Option<Arc<Manifest>> {
        None
    }

    fn is_unchanged(&self, _: &str) -> bool {
        true
    }
}
