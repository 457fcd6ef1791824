//! One finding on its way through the versions of its file.

use std::ops::Range;

use finding::{Placement, State};

use crate::trust::Trust;
use crate::{Scan, Target, confidence, reason};

/// Where a finding has got to.
pub(crate) struct Track {
    /// Its range in the scanned text.
    pub(crate) origin: Range<usize>,
    range: Option<Range<usize>>,
    state: State,
    confidence: f32,
    /// What happened to its text, in words.
    change: String,
    /// Lines above it came and went, and nothing else happened.
    is_shifted_only: bool,
}

impl Track {
    pub(crate) fn new(origin: Range<usize>) -> Self {
        Self {
            range: Some(origin.clone()),
            origin,
            state: State::Exact,
            confidence: confidence::SAME_LINES,
            change: String::new(),
            is_shifted_only: true,
        }
    }

    /// Where it is now, unless it is gone.
    pub(crate) fn standing(&self) -> Option<&Range<usize>> {
        self.range.as_ref()
    }

    /// One step: where it is in the next version.
    pub(crate) fn advance(&mut self, step: Placement) {
        let words = step.reason.to_string();
        let is_plain = step.confidence >= 0.97 && (step.state == State::Exact || words.ends_with(" above"));
        self.is_shifted_only &= is_plain;
        self.confidence = self.confidence.min(step.confidence);
        self.range = step.range;
        match step.state {
            State::Exact | State::Moved => {}
            State::Edited => {
                if self.state == State::Exact {
                    self.state = State::Edited;
                }
                self.change = first_part(&words);
            }
            State::Uncertain => {
                self.state = State::Uncertain;
                self.change = first_part(&words);
            }
            State::Gone | State::Unplaced => {
                self.state = step.state;
                self.change = first_part(&words);
                self.range = None;
            }
        }
    }

    /// The placement in the last version.
    pub(crate) fn placement(self, trust: &Trust, scan: &Scan, home: &Target<'_>, origin_line: usize) -> Placement {
        let Some(range) = self.range else {
            return trust.gone(&home.path, self.confidence, &self.change);
        };
        let line = home.source.lines.line_of(range.start);
        let renamed = if home.path == scan.path { String::new() } else { reason::renamed(&scan.path) };
        let moved = if self.is_shifted_only {
            reason::shifted(origin_line + 1, line + 1)
        } else if line == origin_line {
            String::new()
        } else {
            reason::moved_within(origin_line + 1)
        };
        let state = match self.state {
            State::Exact if moved.is_empty() && renamed.is_empty() => State::Exact,
            State::Exact => State::Moved,
            other => other,
        };
        let why = if state == State::Exact { reason::UNCHANGED } else { "" };
        trust.placement(state, (home, range), self.confidence, &[&self.change, why, &moved, &renamed])
    }
}

fn first_part(words: &str) -> String {
    words.split("; ").next().unwrap_or_default().to_owned()
}
