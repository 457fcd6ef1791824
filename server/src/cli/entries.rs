//! Findings with their placement, and where that is for people at a terminal.

use finding::{Placement, wire};

use super::position;
pub(super) use crate::report::entries::{Entry, all};
pub(super) use crate::report::texts::Texts;

/// Lines and columns from 1.
pub(super) trait Positions {
    /// The range in lines and columns.
    fn range(&mut self, placement: &Placement) -> Option<wire::Range>;

    /// `path:line:column`, as far as it is known.
    fn place(&mut self, placement: &Placement) -> Option<String>;
}

impl Positions for Texts<'_> {
    fn range(&mut self, placement: &Placement) -> Option<wire::Range> {
        let known = self.of(placement.path.as_ref()?)?;
        Some(position::range(&known.text, &known.lines, placement.range.as_ref()?))
    }

    fn place(&mut self, placement: &Placement) -> Option<String> {
        let path = placement.path.clone().filter(|_| placement.state.is_on_code())?;
        Some(match self.range(placement) {
            Some(range) => format!("{path}:{}:{}", range.start.line, range.start.column),
            None => path.to_string(),
        })
    }
}
