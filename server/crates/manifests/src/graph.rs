//! Who brings whom: the shortest way from what a project declares to every package of a lock file.

use std::collections::VecDeque;

use crate::manifest::{Manifest, Relation};

/// Packages named on a way at most; the middle of a longer one is left out.
const MOST_STEPS: usize = 8;

/// The shortest ways of one lock file.
#[derive(Debug)]
pub(crate) struct Ways {
    /// For each package the one before it on its way; itself for those a project declares, `None` out of reach.
    before: Vec<Option<u32>>,
}

impl Ways {
    /// From these packages to all others.
    pub(crate) fn from(lock: &Manifest, roots: impl Iterator<Item = u32>) -> Self {
        let mut before = vec![None; lock.packages.len()];
        let mut queue = VecDeque::new();
        for root in roots {
            if let Some(slot @ None) = before.get_mut(root as usize) {
                *slot = Some(root);
                queue.push_back(root);
            }
        }
        while let Some(at) = queue.pop_front() {
            for &need in &lock.packages[at as usize].needs {
                if let Some(slot @ None) = before.get_mut(need as usize) {
                    *slot = Some(at);
                    queue.push_back(need);
                }
            }
        }
        Self { before }
    }

    /// The packages from a declared one to `at`, both with it; just `at` when nobody knows who brings it.
    pub(crate) fn to(&self, lock: &Manifest, at: u32) -> Vec<u32> {
        let mut way = vec![at];
        let mut here = at;
        while let Some(before) = self.before.get(here as usize).copied().flatten().filter(|before| *before != here) {
            way.push(before);
            here = before;
            if way.len() > lock.packages.len() {
                break;
            }
        }
        way.reverse();
        let is_own = |at: &u32| lock.packages[*at as usize].relation == Relation::Own;
        way.retain(|at| !is_own(at));
        way
    }

    /// Whether a project's way leads to it at all.
    pub(crate) fn reaches(&self, at: u32) -> bool {
        self.before.get(at as usize).copied().flatten().is_some()
    }
}

/// The way in words, a package and its version each.
pub(crate) fn words(lock: &Manifest, way: &[u32]) -> Vec<String> {
    let step = |at: &u32| {
        let package = &lock.packages[*at as usize];
        match package.stated() {
            Some(version) => format!("{} {version}", package.name.text),
            None => package.name.text.clone(),
        }
    };
    if way.len() <= MOST_STEPS {
        return way.iter().map(step).collect();
    }
    let mut words: Vec<String> = way[..MOST_STEPS - 2].iter().map(step).collect();
    words.push(format!("… {} more …", way.len() - (MOST_STEPS - 1)));
    words.extend(way.last().map(step));
    words
}
