//! A verdict in words: the same in diagnostics, hovers, the terminal and reports.

use finding::{Action, ChangeKind, Exception, ExceptionOrigin, ExceptionState, State, StatusValue, Verdict};

use super::safe;

/// Why what would block does not, and what to do: a best guess of the place never blocks.
pub const UNSURE: &str = "it does not block while its place is uncertain: scan again to know";

/// What the verdict comes to for a finding placed so, for the head of a line.
#[must_use]
pub fn word(action: Action, state: State) -> &'static str {
    match action {
        Action::Hide => "Hidden",
        Action::Inform => "Informs",
        Action::Warn => "Warns",
        Action::Block if is_unsure(action, state) => "Would block",
        Action::Block => "Blocks",
    }
}

/// Whether policy would block it and its place alone stands in the way.
#[must_use]
pub fn is_unsure(action: Action, state: State) -> bool {
    action == Action::Block && state == State::Uncertain
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
pub fn line(verdict: &Verdict, state: State) -> Option<String> {
    matches!(verdict.action, Action::Warn | Action::Block).then(|| {
        let word = word(verdict.action, state);
        let said = why(verdict).map_or_else(|| word.to_owned(), |why| format!("{word}: {why}"));
        if is_unsure(verdict.action, state) { format!("{said}; {UNSURE}") } else { said }
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

/// What an exception is, where it was written down and whether it counts: "risk acceptance at the source, approved".
#[must_use]
pub fn exception(exception: &Exception) -> String {
    let what = match exception.status {
        StatusValue::FalsePositive => "false positive",
        StatusValue::RiskAccepted => "risk acceptance",
        StatusValue::OutOfScope => "out of scope",
        StatusValue::Mitigated => "fixed",
        StatusValue::Duplicate => "duplicate",
        StatusValue::Open => "exception",
    };
    let place = match exception.origin {
        ExceptionOrigin::File => "in .aspm/exceptions.yaml",
        ExceptionOrigin::Source => "at the source",
        ExceptionOrigin::Comment => "by a comment in the code",
    };
    let standing = match exception.state {
        ExceptionState::Approved => "approved",
        ExceptionState::Requested => "requested, not approved yet",
        ExceptionState::Unauthorized => "set by somebody who may not, does not count",
    };
    format!("{what} {place}, {standing}")
}
