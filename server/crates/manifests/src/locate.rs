//! Where a package that a tool reported is declared now, and whether it still is what was reported.

mod candidates;
mod files;

use std::ops::Range;
use std::sync::Arc;

use finding::{Placement, Reason, State};

use crate::ecosystem::Ecosystem;
use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation};
use crate::standing::{Claim, Standing};
use candidates::Candidate;
pub use files::Files;
use files::World;

/// What a tool said of a package.
#[derive(Debug, Clone, Copy)]
pub struct Reported<'a> {
    /// Whose; `None` where the tool does not say.
    pub ecosystem: Option<Ecosystem>,
    /// As its ecosystem writes it.
    pub name: &'a str,
    /// In use when it was reported.
    pub version: Option<&'a str>,
    /// Versions that fix it.
    pub fixed: &'a [String],
    /// The dependency file it was reported in; `None`: any of the repository.
    pub home: Option<&'a str>,
}

/// A dependency file of now.
#[derive(Debug, Clone)]
pub struct File {
    /// Relative to the root.
    pub path: Arc<str>,
    /// What it says.
    pub manifest: Arc<Manifest>,
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Relative to the root.
    pub path: Arc<str>,
    /// Bytes.
    pub range: Range<usize>,
}

/// Where a reported package is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// Where, how sure, why.
    pub placement: Placement,
    /// From the declared package to the reported one, name and version each; empty when it is declared itself.
    pub way: Vec<String>,
    /// Where the lock file says the version.
    pub locked: Option<Place>,
    /// Name of the package as written, for commands and titles.
    pub name: String,
    /// The version in use now.
    pub current: Option<String>,
    /// The first version after it that fixes the weakness.
    pub fix: Option<String>,
    /// Why the declaration cannot simply be raised, in words; `None`: it can be tried.
    pub advice: Option<String>,
    /// What to run after an edit of the declaration.
    pub run: &'static str,
}

/// The files of a repository as they were when the tool looked, where that is known.
pub trait Before {
    /// What the file said.
    fn manifest(&self, path: &str) -> Option<Arc<Manifest>>;
    /// Whether its text is the same now.
    fn is_unchanged(&self, path: &str) -> bool;
}

/// Where a reported package is now in `files`: those of [`crate::of_home`], or all dependency files of the repository.
#[must_use]
pub fn locate(reported: Reported<'_>, files: &Files, before: &dyn Before) -> Located {
    let home = reported.home.and_then(|home| files.all().iter().find(|file| *file.path == *home));
    let ecosystem = reported.ecosystem.or(home.map(|home| home.manifest.format.ecosystem()));
    let mut best: Option<(Candidate<'_>, Claim)> = None;
    let mut others = 0;
    let worlds: Vec<&World> =
        files.worlds().iter().filter(|world| ecosystem.is_none_or(|wanted| wanted == world.ecosystem)).collect();
    for world in &worlds {
        let ecosystem = world.ecosystem;
        let claim = Claim::new(ecosystem, reported.version, reported.fixed);
        let key = ecosystem.key(reported.name);
        for candidate in candidates::of(&key, &claim, (files, world), home, before) {
            let is_better = best.as_ref().is_none_or(|(known, _)| candidate.order() < known.order());
            others += usize::from(best.is_some() && candidate.standing == Standing::Same);
            if is_better {
                best = Some((candidate, Claim::new(ecosystem, reported.version, reported.fixed)));
            }
        }
    }
    if let Some((candidate, claim)) = best {
        return candidate.located(reported.name, &claim, others);
    }
    let files: Vec<&File> = worlds.iter().flat_map(|world| world.files(files)).collect();
    absent(reported, &files, home, before)
}

/// Nothing names it.
fn absent(reported: Reported<'_>, files: &[&File], home: Option<&File>, before: &dyn Before) -> Located {
    let name = reported.name;
    let nowhere = |placement: Placement| Located {
        placement,
        way: Vec::new(),
        locked: None,
        name: name.to_owned(),
        current: None,
        fix: None,
        advice: Some("it is not declared here".to_owned()),
        run: "",
    };
    if files.is_empty() {
        return nowhere(Placement::unplaced(format!("no dependency file of this repository could name {name}")));
    }
    let key = |file: &File| file.manifest.format.ecosystem().key(name);
    if let Some(broken) = files.iter().find(|file| file.manifest.is_partial()) {
        let why = broken.manifest.notices.first().cloned().unwrap_or_default();
        return nowhere(whole(
            &broken.path,
            State::Uncertain,
            0.3,
            format!("{} could not be read whole: {why}", broken.path),
        ));
    }
    let was_in = |file: &&&File| {
        before.manifest(&file.path).is_some_and(|then| then.named(&key(file)).any(|(_, package)| is_there(package)))
    };
    let lost = files.iter().find(was_in);
    if let Some(lost) = lost {
        return nowhere(Placement::gone(lost.path.clone(), 0.95, format!("{name} is not in {} any more", lost.path)));
    }
    let is_whole = |file: &&File| candidates::names_all(file, files);
    if files.iter().all(is_whole) {
        let place = home.map_or_else(|| files[0].path.clone(), |home| home.path.clone());
        return nowhere(Placement::gone(
            place,
            0.9,
            format!("{name} is no dependency any more: no lock file here names it"),
        ));
    }
    match home {
        Some(home) => {
            let (state, confidence) =
                if before.is_unchanged(&home.path) { (State::Exact, 0.9) } else { (State::Uncertain, 0.4) };
            let words = format!(
                "{} does not name {name}: another dependency brings it, and no lock file says which",
                home.path
            );
            nowhere(whole(&home.path, state, confidence, words))
        }
        None => nowhere(Placement::unplaced(format!(
            "no dependency file of this repository names {name}; another dependency may bring it"
        ))),
    }
}

pub(crate) fn is_there(package: &Package) -> bool {
    package.relation != Relation::Own
}

/// About a file as a whole.
fn whole(path: &Arc<str>, state: State, confidence: f32, words: String) -> Placement {
    Placement {
        state,
        path: Some(path.clone()),
        range: None,
        confidence,
        reason: Reason::new(words),
        suppressed_by: None,
    }
}

/// The format whose tool writes the lock file that belongs to a manifest, else the manifest's own.
pub(crate) fn run_after(manifest: Format, lock: Option<Format>) -> &'static str {
    lock.map_or_else(|| manifest.after_edit(), Format::relock)
}
