//! The dependency files of a repository by ecosystem and project, made ready once for many questions.

use std::cell::OnceCell;

use super::File;
use crate::ecosystem::Ecosystem;
use crate::graph::Ways;
use crate::scope::{folder, governing};

/// Dependency files that are asked together.
#[derive(Debug)]
pub struct Files {
    all: Vec<File>,
    worlds: Vec<World>,
}

/// The files of one ecosystem.
#[derive(Debug)]
pub(super) struct World {
    pub(super) ecosystem: Ecosystem,
    files: Vec<usize>,
    /// Manifests that no lock file is made from.
    open: Vec<usize>,
    pub(super) projects: Vec<Project>,
}

/// A lock file and the manifests it is made from.
#[derive(Debug)]
pub(super) struct Project {
    lock: usize,
    manifests: Vec<usize>,
    pub(super) ways: OnceCell<Ways>,
}

impl Files {
    /// Sorts files into projects.
    #[must_use]
    pub fn new(all: Vec<File>) -> Self {
        let mut ecosystems: Vec<Ecosystem> = all.iter().map(|file| file.manifest.format.ecosystem()).collect();
        ecosystems.sort_unstable();
        ecosystems.dedup();
        let worlds = ecosystems.into_iter().map(|ecosystem| World::new(ecosystem, &all)).collect();
        Self { all, worlds }
    }

    /// The files.
    #[must_use]
    pub fn all(&self) -> &[File] {
        &self.all
    }

    pub(super) fn worlds(&self) -> &[World] {
        &self.worlds
    }
}

impl World {
    fn new(ecosystem: Ecosystem, all: &[File]) -> Self {
        let files: Vec<usize> = (0..all.len()).filter(|&at| all[at].manifest.format.ecosystem() == ecosystem).collect();
        let is_lock = |at: &usize| all[*at].manifest.format.is_lock();
        let (locks, manifests): (Vec<usize>, Vec<usize>) = files.iter().partition(|at| is_lock(at));
        let folders: Vec<&str> = locks.iter().map(|&at| folder(&all[at].path)).collect();
        let above = |at: usize| governing(folder(&all[at].path), &folders);
        let projects = locks
            .iter()
            .map(|&lock| Project {
                lock,
                manifests: manifests.iter().copied().filter(|&at| above(at) == Some(folder(&all[lock].path))).collect(),
                ways: OnceCell::new(),
            })
            .collect();
        let open = manifests.iter().copied().filter(|&at| above(at).is_none()).collect();
        Self { ecosystem, files, open, projects }
    }

    pub(super) fn files<'f>(&'f self, files: &'f Files) -> impl Iterator<Item = &'f File> {
        self.files.iter().map(|at| &files.all[*at])
    }

    pub(super) fn manifests<'f>(&'f self, files: &'f Files) -> impl Iterator<Item = &'f File> {
        self.files(files).filter(|file| !file.manifest.format.is_lock())
    }

    pub(super) fn without_lock<'f>(&'f self, files: &'f Files) -> impl Iterator<Item = &'f File> {
        self.open.iter().map(|at| &files.all[*at])
    }
}

impl Project {
    pub(super) fn lock<'f>(&self, files: &'f Files) -> &'f File {
        &files.all[self.lock]
    }

    pub(super) fn manifests<'f>(&'f self, files: &'f Files) -> impl Iterator<Item = &'f File> {
        self.manifests.iter().map(|at| &files.all[*at])
    }
}
