//! Declared ranges: what they admit, where they begin, and which part of the text says so.

mod bounds;
mod brackets;
mod words;

use std::ops::Range;

use crate::format::Format;
use crate::version::Version;

pub(crate) use bounds::{Bound, Op};

/// Characters of a range that is read, and parts of it.
const LONGEST: usize = 500;
const MOST_PARTS: usize = 64;

/// How a part of a range is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `^1.2`, and Cargo's bare `1.2`.
    Caret,
    /// `~1.2`
    Tilde,
    /// `~> 1.2`, `~=1.2`, Composer's `~1.2`: the last number but one may not grow.
    Pessimistic,
    /// One version.
    Exact,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<`, `<=`, `!=`
    Limit,
    /// `1.2.*`, `1.x`, `1.+`
    Wildcard,
    /// `*`
    Any,
}

/// One part of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) style: Style,
    /// Bytes of the range's text that hold the version.
    pub(crate) version: Range<usize>,
}

/// A range that is understood.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// One of these must hold, all bounds of it.
    alternatives: Vec<Vec<Bound>>,
    pub(crate) parts: Vec<Part>,
}

impl Requirement {
    /// Reads a range as files of `format` write it; `None`: not understood (a tag, an address, a variable).
    #[must_use]
    pub fn of(format: Format, text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let found = match format {
            Format::Pom | Format::Gradle | Format::Catalog => brackets::read(format, text),
            Format::Dockerfile => None,
            _ => words::read(format, text),
        }?;
        (found.parts.len() <= MOST_PARTS && !found.alternatives.is_empty()).then_some(found)
    }

    /// Whether `version` may be chosen.
    #[must_use]
    pub fn admits(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|bounds| bounds.iter().all(|bound| bound.admits(version)))
    }

    /// The lowest version that may be chosen; `None` without a lower end.
    #[must_use]
    pub fn lower(&self) -> Option<&Version> {
        let mut lowest: Option<&Version> = None;
        for bounds in &self.alternatives {
            let of_this = bounds.iter().filter(|bound| bound.op.is_lower()).map(|bound| &bound.version);
            let highest = of_this.reduce(|a, b| if a < b { b } else { a })?;
            lowest = Some(match lowest {
                Some(known) if known < highest => known,
                _ => highest,
            });
        }
        lowest
    }

    /// The one version that may be chosen.
    #[must_use]
    pub fn exact(&self) -> Option<&Version> {
        match &*self.alternatives {
            [bounds] => bounds.iter().find(|bound| bound.op == Op::Equal).map(|bound| &bound.version),
            _ => None,
        }
    }

    /// Whether it lists several ranges of which one must hold.
    pub(crate) fn has_alternatives(&self) -> bool {
        self.alternatives.len() > 1
    }
}
