//! How much room each part of a hover or a page has.

/// Lines that each part may take, and items of lists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) message: usize,
    pub(super) explanation: usize,
    pub(super) code: usize,
    pub(super) fix: usize,
    pub(super) offers: usize,
    pub(super) steps: usize,
    pub(super) twins: usize,
    pub(super) identifiers: usize,
}

impl Room {
    /// A hover of a usual finding.
    pub(super) const WIDE: Self =
        Self { message: 4, explanation: 4, code: 6, fix: 7, offers: 2, steps: 6, twins: 3, identifiers: 6 };
    /// A hover of a finding that would be too long otherwise.
    pub(super) const TIGHT: Self =
        Self { message: 2, explanation: 2, code: 0, fix: 3, offers: 1, steps: 4, twins: 1, identifiers: 4 };
    /// A page: bounded only against floods.
    pub(super) const ALL: Self = Self {
        message: usize::MAX,
        explanation: usize::MAX,
        code: usize::MAX,
        fix: usize::MAX,
        offers: 20,
        steps: 200,
        twins: 200,
        identifiers: 200,
    };
}

/// Lines of a hover with text on them.
pub(super) const HOVER_LINES: usize = 25;
