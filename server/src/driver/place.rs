//! Placing one group: its findings, the scanned texts, the current texts, and then `anchor` decides.

mod change;
mod elsewhere;
mod excepted;
mod findings;
mod flow;
mod packages;
mod remembered;
mod scans;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anchor::{Item, Source, Target};
use engine::{DocumentInput, HomeNote, Judged, Packaged, PlaceJob, Placed, Placing, Priority, grouping};
use finding::{Exception, Finding, FindingId, Placement, Reason, State};
use repo::files::Read;

use super::baselines::Committed;
use super::law::{Base, Case, Law};
use super::{Inner, MAX_TEXT};
use findings::Member;
pub(super) use packages::Parsed;
use scans::Scans;

pub(super) fn group(inner: &Inner, mut job: PlaceJob) -> Placing {
    let mut problems = Vec::new();
    let members = findings::load(inner, &mut job, &mut problems);
    let law = inner.law(&job.path);
    let mut texts = Texts { inner, law: &law, job: &job, opened: Vec::new(), binary: Vec::new() };
    let (of_packages, mut members): (Vec<Member>, Vec<Member>) =
        members.into_iter().partition(|member| packages::is_one(member, &job));
    let packed = texts.packages(&of_packages);
    let found = match &job.note {
        _ if members.is_empty() => Found::all(&members, || Placement::unplaced("")),
        HomeNote::Packages => Found::all(&members, || Placement::unplaced("the finding names no file")),
        HomeNote::Ambiguous(words) => Found::all(&members, || ambiguous(words)),
        HomeNote::Missing(words) => Found::all(&members, || Placement::unplaced(words.clone())),
        HomeNote::Same | HomeNote::Mapped(_) | HomeNote::Renamed(_) | HomeNote::Deleted => {
            texts.place(&members, &mut problems)
        }
    };
    let Found { mut placements, parses, mut told, mut exceptions, is_changed } = found;
    let mut steps = texts.steps(&members, &placements, &parses);
    let opened = texts.opened;
    let mut known_packages = vec![None; members.len()];
    let packages::Packed { placed, consulted } = packed;
    for (member, package) in of_packages.into_iter().zip(placed) {
        members.push(member);
        placements.push(package.placement);
        told.push(package.told);
        exceptions.push(package.exception);
        known_packages.push(package.packaged);
        steps.push(None);
    }
    share_reasons(&mut placements);
    let changed = consulted.iter().filter(|file| file.is_changed).map(|file| file.path.clone()).collect();
    let cases: Vec<Case<'_>> = members
        .iter()
        .zip(&placements)
        .zip(&told)
        .zip(exceptions)
        .map(|(((member, placement), told), exception)| Case {
            finding: &member.finding,
            placement,
            change: told.kind,
            is_newly_suppressed: told.is_newly_suppressed,
            exception,
        })
        .collect();
    let judged = law.judge(&cases, &known(&job), &|| inner.is_stopped(), &mut problems);
    let leaders = leaders(&members, &placements, &judged, &known_packages, &parses);
    let documents = opened
        .into_iter()
        .map(|(uri, edition, path)| {
            let source = parses.iter().find(|(parsed, _)| *parsed == path);
            (uri, edition, source.and_then(|(_, source)| source.parsed_so_far().cloned()))
        })
        .collect();
    let details: Arc<[Arc<Finding>]> = members.iter().map(|member| member.finding.clone()).collect();
    let placed = members
        .iter()
        .zip(placements)
        .zip(leaders)
        .zip(judged)
        .zip(known_packages)
        .zip(steps)
        .map(|(((((member, placement), leader), judged), package), steps)| Placed {
            source: member.source,
            row: member.row,
            placement,
            leader,
            judged,
            package,
            steps,
        })
        .collect();
    let consulted = consulted.into_iter().map(|file| file.path).collect();
    Placing {
        home: job.home,
        generation: job.generation,
        details,
        placed,
        documents,
        is_changed,
        consulted,
        changed,
        problems,
    }
}

/// The same words once in memory: most findings of a file have the same to say.
fn share_reasons(placements: &mut [Placement]) {
    let mut known: HashSet<Reason> = HashSet::new();
    for placement in placements {
        match known.get(&placement.reason) {
            Some(same) => placement.reason = same.clone(),
            None => drop(known.insert(placement.reason.clone())),
        }
    }
}

/// Which finding each is shown together with.
fn leaders(
    members: &[Member],
    placements: &[Placement],
    judged: &[Judged],
    packages: &[Option<Arc<Packaged>>],
    parses: &Sources,
) -> Vec<u32> {
    let statements = |placement: &Placement| {
        let (path, range) = (placement.path.as_deref()?, placement.range.clone()?);
        let (_, source) = parses.iter().find(|(parsed, _)| **parsed == *path)?;
        Some(source.parsed().map_or(range.clone(), |parsed| parsed.statement(&source.text, range)))
    };
    let attention = |at: usize| {
        let finding = &members[at].finding;
        engine::Attention::of(finding.severity, finding.status.value, &placements[at], &judged[at])
    };
    let twin = |at: usize| {
        let (member, placement, package) = (&members[at], &placements[at], &packages[at]);
        let is_code = package.is_none() && may_have_twins(members, at);
        grouping::Twin {
            path: placement.path.as_deref(),
            statement: if is_code { statements(placement) } else { None },
            cwes: &member.finding.rule.cwes,
            package: package.as_ref().map(|known| (known.name.as_str(), &*member.finding.vulnerability_ids)),
            weight: attention(at) as u8,
        }
    };
    let twins: Vec<grouping::Twin<'_>> = (0..members.len()).map(twin).collect();
    grouping::leaders(&twins)
}

/// What was judged before, of the same findings.
fn known(job: &PlaceJob) -> HashMap<&FindingId, &Judged> {
    let row = |placed: &Placed| Some(&job.indexes.get(placed.source)?.rows().get(placed.row as usize)?.id);
    job.known.iter().filter_map(|placed| Some((row(placed)?, &placed.judged))).collect()
}

/// Where the findings of a group are, and what the change at hand did to them.
struct Found {
    placements: Vec<Placement>,
    parses: Sources,
    told: Vec<change::Told>,
    /// By finding.
    exceptions: Vec<Option<Exception>>,
    /// Whether the home differs from the last commit.
    is_changed: bool,
}

impl Found {
    /// The same for all, where nothing is known of the text.
    fn all(members: &[Member], placement: impl Fn() -> Placement) -> Self {
        Self {
            placements: all(members, placement),
            parses: Vec::new(),
            told: vec![change::Told::default(); members.len()],
            exceptions: vec![None; members.len()],
            is_changed: false,
        }
    }
}

fn all(members: &[Member], placement: impl Fn() -> Placement) -> Vec<Placement> {
    members.iter().map(|_| placement()).collect()
}

/// Statements are asked for, and a file is parsed for that, only where another finding with a CWE is near. Scanners of one
/// statement name lines of it; longer ones than this are declarations.
fn may_have_twins(members: &[Member], at: usize) -> bool {
    const NEAR: u32 = 24;
    let line = |member: &Member| member.finding.evidence.region.map_or(0, |region| region.line);
    let member = &members[at];
    !member.finding.rule.cwes.is_empty()
        && members.iter().enumerate().any(|(other, twin)| {
            other != at
                && !twin.finding.rule.cwes.is_empty()
                && line(member).abs_diff(line(twin)) <= NEAR
                && grouping::are_related(&member.finding.rule.cwes, &twin.finding.rule.cwes)
        })
}

fn ambiguous(words: &Arc<str>) -> Placement {
    Placement {
        state: State::Uncertain,
        confidence: 0.2,
        reason: Reason::new(words.clone()),
        ..Placement::unplaced("")
    }
}

/// The current texts of a group's files: open documents first, then the disk.
struct Texts<'j> {
    inner: &'j Inner,
    law: &'j Law,
    job: &'j PlaceJob,
    /// Documents used: URI, edition, path.
    opened: Vec<(Arc<str>, u64, Arc<str>)>,
    /// Files with NUL bytes.
    binary: Vec<Arc<str>>,
}

type Sources = Vec<(Arc<str>, Source)>;

impl Texts<'_> {
    fn place(&mut self, members: &[Member], problems: &mut Vec<String>) -> Found {
        let (inner, job) = (self.inner, self.job);
        let cancelled = || inner.is_stopped();
        let home = match self.current(&job.home) {
            Ok(home) => home,
            Err(why) => {
                problems.push(format!("{}: {why}", job.home));
                return Found::all(members, || Placement::unplaced(why.clone()));
            }
        };
        let is_open = job.priority == Priority::Live;
        let mut scans = Scans::new(inner, job, is_open);
        let items: Vec<Item<'_>> = members
            .iter()
            .map(|member| Item {
                evidence: &member.finding.evidence,
                tool: &member.finding.tool.name,
                rule: &member.finding.rule.id,
                scan: scans.of(member.source, member.finding.evidence.commit.as_deref()),
            })
            .collect();
        let mut others: Sources = Vec::new();
        for path in &job.elsewhere {
            if let Ok(Some(source)) = self.current(path) {
                others.push((path.clone(), source));
            }
        }
        let of_source: Vec<usize> = members.iter().map(|member| member.source).collect();
        let committed = scans.committed(&of_source, &items, &cancelled);
        let known = committed.as_deref();
        let mut placements = run(&items, (&scans, known), job, home.as_ref(), &others, &cancelled);
        let is_missing = |placement: &Placement| placement.state == State::Gone;
        if job.is_search && placements.iter().any(is_missing) {
            let gone =
                items.iter().zip(&placements).filter(|(_, placement)| is_missing(placement)).map(|(item, _)| *item);
            let more = elsewhere::candidates(inner, job, &scans, gone, &others);
            if !more.is_empty() {
                for path in more {
                    if let Ok(Some(source)) = self.current(&path) {
                        others.push((path, source));
                    }
                }
                placements = run(&items, (&scans, known), job, home.as_ref(), &others, &cancelled);
            }
        }
        let mut parses = others;
        parses.extend(home.map(|home| (job.home.clone(), home)));
        let base = self.law.base();
        let told = change::tell(&scans, &of_source, &items, &placements, &parses, base, &cancelled);
        let exceptions = excepted::find(self.law, &mut scans, members, &placements, &parses, &cancelled);
        let is_changed = scans.is_changed(&parses);
        if self.became_binary(&scans) && placements.iter().any(|placement| !is_sure(placement.state)) {
            problems.push(format!("{} is no text any more: what it held cannot be told to be gone.", job.home));
        }
        Found { placements, parses, told, exceptions, is_changed }
    }

    /// Whether the change made a binary of the home: bytes that hide what they hold say nothing about what went.
    fn became_binary(&self, scans: &Scans<'_>) -> bool {
        let Base::Commit(base) = self.law.base() else { return false };
        let was_text = || scans.text_at(base, &self.job.home).is_none_or(|then| !then.text.contains('\0'));
        self.binary.contains(&self.job.home) && was_text()
    }

    /// A file's text now: `None` when there is no such file, a sentence when it cannot be looked at.
    fn current(&mut self, path: &Arc<str>) -> Result<Option<Source>, String> {
        if let Some(document) = self.job.documents.iter().find(|document| document.path == *path) {
            return self.opened(document);
        }
        match self.inner.read(&self.job.path, path, MAX_TEXT) {
            Ok(Read::Text(text)) => Ok(Some(Source::new(path, text.into()))),
            Ok(Read::Missing) => Ok(None),
            Ok(Read::Bytes(bytes)) => Ok(Some(self.decoded(path, &bytes))),
            Ok(Read::TooLarge { bytes }) => Err(too_large(bytes)),
            Ok(Read::Outside) => Err("the path leads out of the workspace and is not opened".to_owned()),
            Ok(Read::Unreadable(why)) => Err(format!("the file cannot be read: {why}")),
            Err(error) => Err(error.to_string()),
        }
    }

    /// A file in another encoding than UTF-8, or with NUL bytes, is looked at like any other.
    fn decoded(&mut self, path: &Arc<str>, bytes: &[u8]) -> Source {
        let decoded = repo::decode(bytes);
        if decoded.is_binary {
            self.binary.push(path.clone());
        }
        Source::new(path, decoded.text.into())
    }

    fn opened(&mut self, document: &DocumentInput) -> Result<Option<Source>, String> {
        self.opened.push((document.uri.clone(), document.edition, document.path.clone()));
        if document.text.len() > MAX_TEXT {
            return Err(too_large(document.text.len() as u64));
        }
        let (text, language) = (document.text.clone(), document.language);
        let parsed = document.parsed.clone();
        Ok(Some(if document.is_parse_current {
            Source::with_parsed(text, language, parsed)
        } else {
            Source::following(text, language, parsed)
        }))
    }
}

fn is_sure(state: State) -> bool {
    matches!(state, State::Exact | State::Moved | State::Edited)
}

fn too_large(bytes: u64) -> String {
    format!("the file has {} MB; findings are placed in files of up to {} MB", bytes >> 20, MAX_TEXT >> 20)
}

fn run(
    items: &[Item<'_>],
    (scans, committed): (&Scans<'_>, Option<&Committed>),
    job: &PlaceJob,
    home: Option<&Source>,
    others: &Sources,
    cancelled: &dyn Fn() -> bool,
) -> Vec<Placement> {
    let before = scans.list.iter().find_map(|scan| scan.source.as_deref());
    let home = home.map(|source| Target { path: job.home.clone(), source, before });
    let befores: Vec<Option<Arc<Source>>> = others.iter().map(|(path, _)| scans.text_of(path)).collect();
    let elsewhere: Vec<Target<'_>> = others
        .iter()
        .zip(&befores)
        .map(|((path, source), before)| Target { path: path.clone(), source, before: before.as_deref() })
        .collect();
    match committed {
        Some(Committed { version, placements }) => {
            anchor::follow(items, (version, placements), &scans.list, home.as_ref(), &elsewhere, cancelled)
        }
        None => anchor::place(items, &scans.list, home.as_ref(), &elsewhere, cancelled),
    }
}
