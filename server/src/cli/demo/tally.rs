//! What line numbers alone would have said.

use finding::State;

use crate::cli::entries::Entry;

/// How many findings there are, and for how many the reported path and line lead astray now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) all: usize,
    /// The code stands on another line or in another file.
    pub(super) elsewhere: usize,
    /// The code is gone and its line holds something else, or nothing.
    pub(super) gone: usize,
}

impl Tally {
    /// `line`: the first line of an entry's placement, from 1.
    pub(super) fn of<'e>(entries: impl Iterator<Item = (&'e Entry<'e>, Option<u32>)>) -> Self {
        let mut tally = Self { all: 0, elsewhere: 0, gone: 0 };
        for (entry, line) in entries {
            tally.all += 1;
            let placement = &entry.placement;
            let is_there = placement.path.as_deref() == entry.scanned_path() && line == Some(entry.row.line);
            match placement.state {
                State::Gone => tally.gone += 1,
                state if state.is_on_code() && !is_there => tally.elsewhere += 1,
                _ => {}
            }
        }
        tally
    }

    /// In two sentences.
    pub(super) fn words(self) -> String {
        format!(
            "By line number alone, {} of {} findings would point at the wrong line now: for {} the code stands \
             elsewhere, for {} it is gone.",
            self.elsewhere + self.gone,
            self.all,
            self.elsewhere,
            self.gone
        )
    }
}
