//! Findings with their placement, and the texts they stand in.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use engine::Root;
use finding::text::LineIndex;
use finding::{Placement, wire};
use repo::files::Read;

use super::position;
use crate::driver::Driver;

pub(super) use crate::report::entries::{Entry, all};

/// The current texts behind ranges, read once each.
pub(super) struct Texts {
    driver: Driver,
    root: PathBuf,
    known: HashMap<Arc<str>, Option<(Arc<str>, LineIndex)>>,
}

impl Texts {
    pub(super) fn new(driver: &Driver, root: &Root) -> Self {
        Self { driver: driver.clone(), root: root.path.clone(), known: HashMap::new() }
    }

    /// A file's text and lines; `None` when it cannot be read (any more).
    pub(super) fn of(&mut self, path: &Arc<str>) -> Option<&(Arc<str>, LineIndex)> {
        let (driver, root) = (&self.driver, &self.root);
        self.known
            .entry(path.clone())
            .or_insert_with(|| {
                let text = driver.read(root, path).ok().and_then(Read::decoded)?;
                Some((text.as_str().into(), LineIndex::new(&text)))
            })
            .as_ref()
    }

    /// The range in lines and columns.
    pub(super) fn range(&mut self, placement: &Placement) -> Option<wire::Range> {
        let (text, lines) = self.of(placement.path.as_ref()?)?;
        Some(position::range(text, lines, placement.range.as_ref()?))
    }

    /// `path:line:column`, as far as it is known.
    pub(super) fn place(&mut self, placement: &Placement) -> Option<String> {
        let path = placement.path.clone().filter(|_| placement.state.is_on_code())?;
        Some(match self.range(placement) {
            Some(range) => format!("{path}:{}:{}", range.start.line, range.start.column),
            None => path.to_string(),
        })
    }
}
