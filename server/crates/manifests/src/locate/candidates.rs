//! Every place of a package in the files of a repository, each with what is known of its version there.

use std::collections::HashSet;
use std::sync::Arc;

use finding::{Placement, Reason, State};

use super::files::{Files, Project, World};
use super::{Before, File, Located, Place, is_there, run_after};
use crate::format::Format;
use crate::formats::property;
use crate::graph::{Ways, words};
use crate::manifest::{Package, Relation};
use crate::requirement::Requirement;
use crate::scope::{folder, is_in};
use crate::standing::{Claim, Standing};
use crate::version::Version;

/// A place of the package, and what stands there.
#[derive(Debug)]
pub(super) struct Candidate<'f> {
    pub(super) standing: Standing,
    file: &'f File,
    package: &'f Package,
    way: Vec<String>,
    locked: Option<(&'f File, &'f Package)>,
    /// How far from what a project declares.
    depth: usize,
    /// What the lock file has not taken over yet, in words.
    stale: Option<String>,
    /// The version, where a file above says it by a name.
    inherited: Option<&'f str>,
    is_declared: bool,
}

/// All places of `key` in the files of one ecosystem.
pub(super) fn of<'f>(
    key: &str,
    claim: &Claim,
    (files, world): (&'f Files, &'f World),
    home: Option<&File>,
    before: &dyn Before,
) -> Vec<Candidate<'f>> {
    let mut found = Vec::new();
    let mut open: Vec<&File> = world.without_lock(files).collect();
    for project in &world.projects {
        let hits = of_lock(key, claim, project, files);
        if hits.is_empty() {
            // What no lock file names yet counts as it is declared.
            open.extend(project.manifests(files));
        }
        found.extend(hits);
    }
    let manifests: Vec<&File> = world.manifests(files).collect();
    let scope = home.filter(|home| !home.manifest.format.is_lock()).map(|home| included(home, &manifests));
    let mut seen = HashSet::new();
    for file in open {
        if scope.as_ref().is_none_or(|scope| scope.contains(&*file.path)) && seen.insert(&file.path) {
            found.extend(of_manifest(key, claim, file, &manifests, before));
        }
    }
    found
}

/// The home and what it takes in or inherits from.
fn included<'f>(home: &File, manifests: &[&'f File]) -> HashSet<&'f str> {
    let mut scope: HashSet<&str> = HashSet::new();
    let Some(home) = manifests.iter().find(|file| file.path == home.path) else { return scope };
    let mut waiting = vec![*home];
    while let Some(file) = waiting.pop() {
        if !scope.insert(&file.path) {
            continue;
        }
        for include in &file.manifest.includes {
            let path = joined(folder(&file.path), &include.text);
            waiting.extend(manifests.iter().copied().filter(|other| *other.path == *path));
        }
        if file.manifest.format != Format::Requirements {
            waiting.extend(manifests.iter().copied().filter(|other| {
                is_in(folder(&file.path), folder(&other.path)) || other.manifest.format == Format::Catalog
            }));
        }
    }
    scope
}

/// `..` and `.` resolved; what leads out of the repository matches nothing.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return String::new();
                }
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn of_lock<'f>(key: &str, claim: &Claim, project: &'f Project, files: &'f Files) -> Vec<Candidate<'f>> {
    let lock = project.lock(files);
    let hits: Vec<(u32, &Package)> = lock.manifest.named(key).filter(|(_, package)| is_there(package)).collect();
    if hits.is_empty() {
        return Vec::new();
    }
    let manifests: Vec<&File> = project.manifests(files).collect();
    let ways = project.ways.get_or_init(|| Ways::from(&lock.manifest, roots(lock, &manifests).into_iter()));
    hits.into_iter()
        .map(|(at, package)| {
            let standing = package.stated().map_or_else(
                || Standing::Unknown(format!("{} does not say its version", lock.path)),
                |version| claim.of_version(version),
            );
            let way = ways.to(&lock.manifest, at);
            let direct = way.first().filter(|_| ways.reaches(at)).map(|first| &lock.manifest.packages[*first as usize]);
            let declaration = direct.and_then(|direct| declaration(direct, &manifests));
            let stale = declaration
                .filter(|_| way.len() == 1)
                .and_then(|(file, declared)| stale(file, declared, lock, package));
            let (file, place) = declaration.unwrap_or((lock, package));
            let depth = if ways.reaches(at) { way.len() } else { usize::MAX };
            Candidate {
                standing,
                file,
                package: place,
                way: if way.len() > 1 { words(&lock.manifest, &way) } else { Vec::new() },
                locked: Some((lock, package)),
                depth,
                stale,
                inherited: None,
                is_declared: declaration.is_some(),
            }
        })
        .collect()
}

/// What the projects of a lock file need themselves: as the lock file says, else as their manifests do.
fn roots(lock: &File, manifests: &[&File]) -> Vec<u32> {
    if !lock.manifest.roots.is_empty() {
        return lock.manifest.roots.iter().map(|(_, root)| *root).collect();
    }
    let mut roots = Vec::new();
    for file in manifests {
        for declared in file.manifest.packages.iter().filter(|package| is_declared(package)) {
            let range = declared.stated().and_then(|text| Requirement::of(file.manifest.format, text));
            let named: Vec<(u32, &Package)> = lock.manifest.named(&declared.key).collect();
            let fits = |package: &Package| {
                let version = package.stated().and_then(|text| Version::of(file.manifest.format.ecosystem(), text));
                range.as_ref().zip(version).is_none_or(|(range, version)| range.admits(&version))
            };
            let fitting: Vec<u32> = named.iter().filter(|(_, package)| fits(package)).map(|(at, _)| *at).collect();
            // An edited range may fit none of what is locked yet.
            roots.extend(if fitting.is_empty() { named.iter().map(|(at, _)| *at).collect() } else { fitting });
        }
    }
    roots
}

fn is_declared(package: &Package) -> bool {
    matches!(package.relation, Relation::Direct | Relation::Development)
}

/// Where the projects of a lock file declare a package.
fn declaration<'f>(direct: &Package, manifests: &[&'f File]) -> Option<(&'f File, &'f Package)> {
    let declared = |file: &&'f File| {
        let of_name = || file.manifest.named(&direct.key).map(|(_, package)| package);
        // With a version before without: a workspace's root says it for its members.
        let found = of_name().filter(|p| is_declared(p)).max_by_key(|package| package.version.is_some());
        found.map(|package| (*file, package))
    };
    let all: Vec<(&File, &Package)> = manifests.iter().filter_map(declared).collect();
    let is_said = |(_, package): &&(&File, &Package)| package.version.is_some();
    if let Some(found) = all.iter().find(is_said) {
        return Some(*found);
    }
    let managed = manifests.iter().copied().find_map(|file| {
        let mut of_name = file.manifest.named(&direct.key).map(|(_, package)| package);
        of_name.find(|package| package.relation == Relation::Managed && package.version.is_some()).map(|p| (file, p))
    });
    managed.filter(|_| !all.is_empty()).or(all.first().copied())
}

/// The manifest asks for another version than the lock file has.
fn stale(file: &File, declared: &Package, lock: &File, locked: &Package) -> Option<String> {
    let format = file.manifest.format;
    let range = Requirement::of(format, declared.stated()?)?;
    let version = Version::of(format.ecosystem(), locked.stated()?)?;
    (!range.admits(&version)).then(|| {
        format!(
            "{} asks for `{}`, {} still has {}: run {}",
            file.path,
            declared.stated().unwrap_or_default(),
            lock.path,
            version,
            lock.manifest.format.relock()
        )
    })
}

fn of_manifest<'f>(
    key: &str,
    claim: &Claim,
    file: &'f File,
    manifests: &[&'f File],
    before: &dyn Before,
) -> Vec<Candidate<'f>> {
    let format = file.manifest.format;
    let own = file.manifest.named(key).map(|(_, package)| package).filter(|package| is_there(package));
    own.map(|package| {
        // Where a version is said for it elsewhere, that is the place.
        let managed = || {
            let above = manifests.iter().copied().filter(|other| is_in(folder(&file.path), folder(&other.path)));
            above
                .filter_map(|other| {
                    let mut named = other.manifest.named(key).map(|(_, package)| package);
                    Some((other, named.find(|p| p.relation == Relation::Managed && p.version.is_some())?))
                })
                .max_by_key(|(other, _)| other.path.len())
        };
        let elsewhere = if package.version.is_none() { managed() } else { None };
        let (at, place) = elsewhere.unwrap_or((file, package));
        let inherited = place.stated().and_then(property).and_then(|name| inherited(name, at, manifests));
        let said = inherited.or(place.stated());
        let mut standing = match said {
            Some(text) => claim.of_range(format, text),
            None => Standing::Unknown(format!("{} does not say its version", file.path)),
        };
        // What cannot be compared but is as it was when the tool looked is what the tool saw.
        if matches!(standing, Standing::Unknown(_)) && is_as_scanned(key, at, place, before) {
            standing = Standing::Same;
        }
        let way = if package.relation == Relation::Transitive { brought(file, package) } else { Vec::new() };
        Candidate {
            standing,
            file: at,
            package: place,
            way,
            locked: None,
            depth: if package.relation == Relation::Transitive { 2 } else { 1 },
            stale: None,
            inherited,
            is_declared: true,
        }
    })
    .collect()
}

/// What a name stands for in the nearest file above that defines it; one that stands for another name stays unknown.
fn inherited<'f>(name: &str, file: &File, manifests: &[&'f File]) -> Option<&'f str> {
    let above = manifests.iter().filter(|other| is_in(folder(&file.path), folder(&other.path)));
    let defined = above.filter_map(|other| Some((other.path.len(), other.manifest.definitions.get(name)?)));
    let (_, token) = defined.max_by_key(|(len, _)| *len)?;
    property(&token.text).is_none().then_some(token.text.as_str())
}

/// Who brings a package, where the manifest itself says (`# via`).
fn brought(file: &File, package: &Package) -> Vec<String> {
    let ways = Ways::from(
        &file.manifest,
        (0..).zip(&file.manifest.packages).filter(|(_, package)| is_declared(package)).map(|(at, _)| at),
    );
    let at = file.manifest.packages.iter().position(|other| std::ptr::eq(other, package));
    let Some(at) = at.and_then(|at| u32::try_from(at).ok()).filter(|at| ways.reaches(*at)) else { return Vec::new() };
    let way = ways.to(&file.manifest, at);
    if way.len() > 1 { words(&file.manifest, &way) } else { Vec::new() }
}

fn is_as_scanned(key: &str, file: &File, package: &Package, before: &dyn Before) -> bool {
    before.is_unchanged(&file.path)
        || before
            .manifest(&file.path)
            .is_some_and(|then| then.named(key).any(|(_, other)| other.stated() == package.stated()))
}

/// Whether a file together with the lock files of its project names all that is in use.
pub(super) fn names_all(file: &File, files: &[&File]) -> bool {
    let is_lock = |other: &&&File| other.manifest.format.is_lock() && is_in(folder(&file.path), folder(&other.path));
    file.manifest.names_all || files.iter().any(|other| is_lock(&other))
}

impl Candidate<'_> {
    /// The worst first, then what is declared nearest, then by name.
    pub(super) fn order(&self) -> (&Standing, usize, usize, &str) {
        (&self.standing, self.depth, self.file.path.matches('/').count(), &self.file.path)
    }

    pub(super) fn located(self, reported: &str, claim: &Claim, others: usize) -> Located {
        let Self { standing, file, package, way, locked, stale, inherited, is_declared, .. } = self;
        let in_use = locked.map_or(package, |(_, locked)| locked);
        let name = in_use.name.text.clone();
        let current = inherited.or(in_use.stated()).map(str::to_owned);
        let at = locked.map_or(&file.path, |(lock, _)| &lock.path);
        let version = current.as_deref().unwrap_or("of an unsaid version");
        let was = claim.reported().map(|was| format!(" (reported: {was})")).unwrap_or_default();
        let also = match others {
            0 => String::new(),
            1 => "; one more place of this repository has it".to_owned(),
            many => format!("; {many} more places of this repository have it"),
        };
        let (state, confidence, words) = match (&standing, &stale) {
            (Standing::Same, None) => (State::Exact, 1.0, format!("{at} has {name} {version}{also}")),
            (Standing::Same | Standing::Below, Some(stale)) => (State::Edited, 0.9, stale.clone()),
            (Standing::Below, None) => {
                (State::Edited, 0.9, format!("{at} has {name} {version} now{was}, which is not fixed yet"))
            }
            (Standing::Unknown(why), _) => {
                (State::Uncertain, 0.5, format!("{at} has {name} {version} now{was}: {why}"))
            }
            (Standing::Fixed(why), _) => (State::Gone, 0.95, format!("{at} has {name} {version} now{was}: {why}")),
        };
        let path: Arc<str> = file.path.clone();
        let placement = if state == State::Gone {
            Placement::gone(path, confidence, words)
        } else {
            let range = Some(package.span().clone());
            Placement { state, path: Some(path), range, confidence, reason: Reason::new(words), suppressed_by: None }
        };
        let fix = claim.first_fix_after(current.as_deref()).map(ToString::to_string);
        let advice = advice(&way, is_declared, file, locked, &name, fix.as_deref());
        let run = run_after(file.manifest.format, locked.map(|(lock, _)| lock.manifest.format));
        let locked = locked.map(|(lock, package)| Place { path: lock.path.clone(), range: package.span().clone() });
        let locked = locked.filter(|locked| Some(&locked.path) != placement.path.as_ref());
        let name = if name.is_empty() { reported.to_owned() } else { name };
        Located { placement, way, locked, name, current, fix, advice, run }
    }
}

/// Why the declaration cannot simply be raised.
fn advice(
    way: &[String],
    is_declared: bool,
    file: &File,
    locked: Option<(&File, &Package)>,
    name: &str,
    fix: Option<&str>,
) -> Option<String> {
    let tool = locked.map_or(file.manifest.format, |(lock, _)| lock.manifest.format);
    let Some(fix) = fix else { return Some("no version is known that fixes it".to_owned()) };
    if let Some(direct) = way.first() {
        return Some(format!(
            "{name} comes with {direct}: run `{}`; where that does not choose {fix}, upgrade {} or override {name}",
            tool.update(name),
            direct.split(' ').next().unwrap_or(direct)
        ));
    }
    if !is_declared {
        return Some(format!("only {} names it, which a tool writes: run `{}`", file.path, tool.update(name)));
    }
    None
}
