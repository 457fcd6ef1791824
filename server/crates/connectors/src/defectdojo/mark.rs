//! The mark that a push leaves at the end of what it writes, so that a later attempt, or another reader, recognises it.

use finding::StatusValue;

use super::schema::NoteRow;
use crate::Action;

const OPEN: &str = "[aspm-lsp ";

/// A mark, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark<'a> {
    /// The action's label.
    pub(super) action: &'a str,
    /// The triage's key.
    pub(super) key: &'a str,
}

impl<'a> Mark<'a> {
    /// The mark of a note, if it has one.
    pub(super) fn of(note: &'a NoteRow) -> Option<Self> {
        Self::in_text(note.entry.as_deref()?)
    }

    /// The mark at the end of `text`.
    pub(super) fn in_text(text: &'a str) -> Option<Self> {
        let (_, mark) = text.trim_end().strip_suffix(']')?.rsplit_once(OPEN)?;
        let (action, key) = mark.rsplit_once(' ')?;
        Some(Self { action, key })
    }

    /// Whether it was left by a decision that leads to `value`.
    pub(super) fn speaks_of(self, value: StatusValue) -> bool {
        match value {
            StatusValue::FalsePositive => self.action == Action::FalsePositive.label(),
            StatusValue::RiskAccepted => self.action == "risk accepted",
            StatusValue::OutOfScope => self.action == Action::OutOfScope.label(),
            StatusValue::Mitigated => self.action == Action::Close.label(),
            StatusValue::Open | StatusValue::Duplicate => false,
        }
    }

    /// Whether it was left by taking a decision back.
    pub(super) fn is_reopening(self) -> bool {
        self.action == Action::Reopen.label()
    }
}

/// `reason` with the mark of `action` and `key` behind it.
pub(super) fn with(reason: &str, action: &Action, key: &str) -> String {
    let reason = reason.trim();
    let mark = format!("{OPEN}{} {key}]", action.label());
    match reason {
        "" => format!("{}{} {mark}", action.label()[..1].to_uppercase(), &action.label()[1..]),
        _ => format!("{reason}\n\n{mark}"),
    }
}

/// A text without its mark.
pub(super) fn without(text: &str) -> String {
    let text = text.trim();
    if Mark::in_text(text).is_none() {
        return text.to_owned();
    }
    text.rsplit_once(OPEN).map_or_else(|| text.to_owned(), |(before, _)| before.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_and_taken_off_again() {
        for reason in ["test code only", "two\nlines", "", "  spaces ", "has [brackets] in it"] {
            let written = with(reason, &Action::FalsePositive, "0191-a1b2");
            let mark = Mark::in_text(&written).unwrap();
            assert_eq!((mark.action, mark.key), ("false positive", "0191-a1b2"), "{written}");
            assert!(mark.speaks_of(StatusValue::FalsePositive) && !mark.is_reopening());
            let expected = if reason.is_empty() { "False positive" } else { reason.trim() };
            assert_eq!(without(&written), expected);
        }
        for plain in ["", "no mark", "[aspm-lsp x]", "see [aspm-lsp note 1] above", "]"] {
            assert_eq!(Mark::in_text(plain), None, "{plain}");
            assert_eq!(without(plain), plain);
        }
    }
}
