//! Collects what went wrong, without growing with the log.

use crate::Problem;

/// Problems of one pull, each once, up to a limit.
#[derive(Debug)]
pub(super) struct Problems {
    list: Vec<Problem>,
    limit: usize,
    further: usize,
}

impl Problems {
    pub(super) fn new(limit: usize) -> Self {
        Self { list: Vec::new(), limit, further: 0 }
    }

    /// Adds one, unless the same is there already.
    pub(super) fn add(&mut self, place: impl Into<String>, what: impl Into<String>) {
        let problem = Problem { place: place.into(), what: what.into() };
        if self.list.contains(&problem) {
            return;
        }
        if self.list.len() < self.limit {
            self.list.push(problem);
        } else {
            self.further += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All that were added, with a last one for those past the limit.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        if self.further > 0 {
            let what = format!("has {} further problems, which are not listed", self.further);
            self.list.push(Problem { place: "the source".to_owned(), what });
        }
        self.list
    }
}
