//! A verdict in words: the same in diagnostics, hovers, the terminal and reports.

use finding::{Action, ChangeKind, Verdict};

use super::safe;

/// What the verdict asks for, for the head of a line.
#[must_use]
pub fn word(action: Action) -> &'static str {
    match action {
        Action::Hide => "Hidden",
        Action::Inform => "Informs",
        Action::Warn => "Warns",
        Action::Block => "Blocks",
    }
}

/// The deciding clause's sentence, of strangers: cleaned, without a full stop.
#[must_use]
pub fn why(verdict: &Verdict) -> Option<String> {
    let said = safe::line(&verdict.reasons.first()?.message);
    let said = said.trim_end_matches('.');
    (!said.is_empty()).then(|| said.to_owned())
}

/// "Blocks: introduced with high risk (74 of 100)": what a diagnostic adds to its message. `None` where policy has
/// nothing to add to what the finding says.
#[must_use]
pub fn line(verdict: &Verdict) -> Option<String> {
    matches!(verdict.action, Action::Warn | Action::Block).then(|| {
        let word = word(verdict.action);
        why(verdict).map_or_else(|| word.to_owned(), |why| format!("{word}: {why}"))
    })
}

/// What the change did, for the eye.
#[must_use]
pub fn change(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Introduced => "introduced by this change",
        ChangeKind::Touched => "touched by this change",
        ChangeKind::Existing => "there before this change",
    }
}
