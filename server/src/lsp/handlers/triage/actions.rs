//! Code actions that say what a finding is: prepared reasons, and ways to be asked for one's own.

use engine::{Shown, Snapshot};
use finding::StatusValue;
use lsp_types::{CodeActionResponse, Diagnostic, LspAny};
use serde_json::json;

use super::{DAYS, REASONS};
use crate::lsp::handlers::code_action;
use crate::lsp::session::Session;
use crate::present::safe;

/// Those for one diagnostic; `all` is what its file shows. None of them changes code.
pub(in crate::lsp::handlers) fn actions(
    session: &Session,
    snapshot: &Snapshot,
    shown: &Shown,
    all: &[Shown],
    diagnostics: Option<&Vec<Diagnostic>>,
) -> Vec<CodeActionResponse> {
    let Some(root) = snapshot.root(shown.root) else { return Vec::new() };
    let takes_triage = |member: usize| {
        root.sources.get(shown.source(member)).is_some_and(|source| session.driver.takes_triage(&source.config))
    };
    let ids: Vec<String> = shown.ids().map(ToString::to_string).collect();
    let at_source: Vec<&String> =
        ids.iter().enumerate().filter(|(at, _)| takes_triage(*at)).map(|(_, id)| id).collect();
    let rule = safe::line(shown.rule(0));
    let is_waiting = (0..shown.len()).all(|member| shown.judged(member).pending.is_some());
    let mut presets: Vec<(String, LspAny)> = Vec::new();
    if (0..shown.len()).any(|member| is_open(shown, member)) {
        let today = crate::clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let until = today.checked_add(jiff::Span::new().days(DAYS)).unwrap_or(today);
        presets.extend(REASONS.map(|(short, reason)| {
            let title = format!("Mark {rule} as false positive: {short}");
            (title, json!({ "ids": ids, "status": "false_positive", "reason": reason }))
        }));
        presets.push((
            format!("Accept the risk of {rule} until {until}"),
            json!({ "ids": ids, "status": "risk_accepted", "until": until,
                        "reason": "Accepted for now; the fix is planned." }),
        ));
    }
    presets.push((format!("Triage {rule}\u{2026}"), json!({ "ids": ids })));
    if !at_source.is_empty() {
        let decided = (0..shown.len()).any(|member| takes_triage(member) && shown.status(member) != StatusValue::Open);
        if decided && !is_waiting {
            presets.push((format!("Reopen {rule}\u{2026}"), json!({ "ids": at_source, "status": "open" })));
        }
        if !decided && !is_waiting {
            presets
                .push((format!("Close {rule} as fixed\u{2026}"), json!({ "ids": at_source, "status": "mitigated" })));
            presets.push((
                format!("Verify {rule}: it is real"),
                json!({ "ids": at_source, "status": "verify", "reason": "" }),
            ));
        }
        presets.push((format!("Add a note to {rule}\u{2026}"), json!({ "ids": at_source, "status": "note" })));
        presets.push((format!("Add a tag to {rule}\u{2026}"), json!({ "ids": at_source, "status": "tag" })));
    }
    let alike = alike(shown, all);
    if alike.len() > ids.len() {
        let title = format!("Triage all {} findings of {rule} in this file\u{2026}", alike.len());
        presets.push((title, json!({ "ids": alike })));
    }
    presets
        .into_iter()
        .map(|(title, argument)| code_action::command(session, title, "aspm.triage", argument, diagnostics))
        .collect()
}

/// Nobody decided anything of it, and nobody asked to.
fn is_open(shown: &Shown, member: usize) -> bool {
    let judged = shown.judged(member);
    shown.status(member) == StatusValue::Open && judged.exception.is_none() && judged.pending.is_none()
}

/// The open findings of the same rule in the same file.
fn alike(shown: &Shown, all: &[Shown]) -> Vec<String> {
    let mut ids = Vec::new();
    for other in all.iter().filter(|other| other.root == shown.root) {
        let of_rule = |(member, _): &(usize, _)| other.rule(*member) == shown.rule(0) && is_open(other, *member);
        ids.extend(other.ids().enumerate().filter(of_rule).map(|(_, id)| id.to_string()));
    }
    ids
}
