//! The words that all formats share, harmless and without layout.

use finding::wire::{GateChange, GateOutcome, PolicyInfo, SourceState, SourceStatus, Violation};
use finding::{
    Action, ChangeKind, Clause, Exception, ExceptionOrigin, ExceptionState, FindingId, Placement, Reason, State,
    Verdict,
};

use super::judged::{Judged, Judgement, Standing};
use super::{FindingInfo, GateReport};
use crate::cli::terminal::count;
use crate::present::{page, safe, verdict};

/// What this program is called in reports.
pub(super) const NAME: &str = "aspm-lsp";

/// The outcome in one word for people.
pub(super) fn outcome(outcome: GateOutcome) -> &'static str {
    match outcome {
        GateOutcome::Pass => "Passed",
        GateOutcome::Nothing => "Nothing to check",
        GateOutcome::Violations => "Blocked",
        GateOutcome::Undecided => "Undecided",
    }
}

/// "Blocked: 3 violations, 2 warnings (5 staged files)".
pub(super) fn headline(report: &GateReport, judgement: &Judgement<'_>) -> String {
    let mut parts = Vec::new();
    for (number, thing) in [(judgement.violating(), "violation"), (judgement.warning(), "warning")] {
        if number > 0 {
            parts.push(count(number, thing));
        }
    }
    if parts.is_empty() && report.outcome == GateOutcome::Pass {
        parts.push("nothing stands against it".to_owned());
    }
    if report.outcome == GateOutcome::Undecided {
        parts.insert(0, "nobody can say whether this may pass".to_owned());
    }
    let said = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    let scope = safe::line(&report.scope.words);
    let scope = if scope.is_empty() { count(report.scope.files, "file") } else { scope };
    format!("{}{said} ({scope})", outcome(report.outcome))
}

/// "12 findings inform; `aspm-lsp list` shows them"; `None` where there are none.
pub(super) fn informs(judgement: &Judgement<'_>) -> Option<String> {
    let informing: Vec<_> = judgement.standing(Standing::Informs).collect();
    let thing = if informing.iter().all(|judged| judged.info.change == Some(ChangeKind::Existing)) {
        "existing finding"
    } else {
        "finding"
    };
    match informing.len() {
        0 => None,
        1 => Some(format!("1 {thing} informs; `aspm-lsp list` shows it")),
        many => Some(format!("{} inform; `aspm-lsp list` shows them", count(many, thing))),
    }
}

/// `block`, `warn` or `inform`, as the verdict says; `would block` where the place alone stands in the way.
pub(super) fn label(judged: &Judged<'_>) -> &'static str {
    match (&judged.info.verdict, judged.standing) {
        _ if is_unsure(judged) => "would block",
        (Some(said), _) => said.action.label(),
        (None, Standing::Violates) => Action::Block.label(),
        (None, _) => "not judged",
    }
}

/// "risk 82 of 100 · high · introduced by this change · fix by 2026-04-01 · Bandit".
pub(super) fn facts(judged: &Judged<'_>) -> String {
    let info = judged.info;
    let mut facts = Vec::new();
    if let Some(verdict) = &info.verdict {
        facts.push(format!("risk {} of 100", judged.risk()));
        facts.push(info.severity.label().to_owned());
        facts.extend(info.change.map(|change| verdict::change(change).to_owned()));
        facts.extend(verdict.due.as_deref().map(|due| format!("fix by {}", safe::line(due))));
    } else {
        facts.push("policy has not spoken".to_owned());
        facts.push(info.severity.label().to_owned());
        facts.extend(info.change.map(|change| verdict::change(change).to_owned()));
    }
    facts.push(safe::line(&info.tool));
    facts.retain(|fact| !fact.is_empty());
    facts.join(" \u{b7} ")
}

/// Every clause that had a say, the deciding one first, told once: "introduced with high risk (74 of 100)
/// [introduced-high-risk]".
pub(super) fn clauses(judged: &Judged<'_>) -> Vec<String> {
    let reasons = judged.info.verdict.iter().flat_map(|verdict| &verdict.reasons);
    let reasons = reasons.map(|Clause { clause, message, .. }| self::clause(clause, message));
    let of_gate = judged.violations.iter().map(|violation| clause(&violation.clause, &violation.message));
    let mut told: Vec<String> = Vec::new();
    for words in reasons.chain(of_gate) {
        if !words.is_empty() && !told.contains(&words) {
            told.push(words);
        }
    }
    told
}

/// "what it says [clause]".
pub(super) fn clause(clause: &str, message: &str) -> String {
    let (clause, message) = (safe::line(clause), safe::line(message));
    let message = message.trim_end_matches('.');
    match (clause.is_empty(), message.is_empty()) {
        (_, true) => clause,
        (true, _) => message.to_owned(),
        _ => format!("{message} [{clause}]"),
    }
}

/// A violation in words; never empty.
pub(super) fn violation(violation: &Violation) -> String {
    let words = clause(&violation.clause, &violation.message);
    if words.is_empty() { "the gate does not say why".to_owned() } else { words }
}

/// What the verdict asks for and why, a line for each clause: as diagnostics say it, with the clause's name behind.
pub(super) fn verdict_lines(judged: &Judged<'_>) -> Vec<String> {
    let word = word(judged);
    let clauses = clauses(judged);
    if clauses.is_empty() {
        return vec![word.to_owned()];
    }
    let unsure = if is_unsure(judged) { format!("; {}", verdict::UNSURE) } else { String::new() };
    clauses
        .iter()
        .enumerate()
        .map(|(at, clause)| if at == 0 { format!("{word}: {clause}{unsure}") } else { format!("and {clause}") })
        .collect()
}

/// Whether policy would block it, and nothing but its uncertain place stands in the way.
pub(super) fn is_unsure(judged: &Judged<'_>) -> bool {
    let action = judged.info.verdict.as_ref().map(|verdict| verdict.action);
    judged.standing != Standing::Violates
        && action.is_some_and(|action| verdict::is_unsure(action, judged.info.placement.state))
}

/// What the verdict asks for, for the head of a line.
pub(super) fn word(judged: &Judged<'_>) -> &'static str {
    match (&judged.info.verdict, judged.standing) {
        // A gate of an organisation's own may block a best guess all the same.
        (Some(said), Standing::Violates) => verdict::word(said.action, State::Exact),
        (Some(said), _) => verdict::word(said.action, judged.info.placement.state),
        (None, Standing::Violates) => verdict::word(Action::Block, State::Exact),
        (None, _) => "Not judged",
    }
}

/// "severity high (+50), exposure internet (+20)"; empty where nothing weighed.
pub(super) fn factors(verdict: &Verdict) -> String {
    let words: Vec<String> = verdict
        .factors
        .iter()
        .filter(|factor| points(factor.weight) != "+0")
        .map(|factor| safe::line(&format!("{} {} ({})", factor.name, factor.value, points(factor.weight))))
        .collect();
    words.join(", ")
}

fn points(weight: f64) -> String {
    let rounded = (weight * 10.0).round() / 10.0;
    match rounded {
        rounded if rounded.abs() >= 1e6 => format!("{weight:+e}"),
        rounded if rounded < 0.0 => format!("\u{2212}{}", -rounded),
        rounded => format!("+{rounded}"),
    }
}

/// The exception that applies, in a sentence.
pub(super) fn exception(exception: &Exception) -> String {
    let mut words = verdict::exception(exception);
    let by = [("requested by", &exception.requested_by), ("accepted by", &exception.accepted_by)];
    let rest = [("until", &exception.expires), ("ticket", &exception.ticket)];
    for (what, value) in by.into_iter().chain(rest) {
        if let Some(value) = value.as_deref().map(safe::line).filter(|value| !value.is_empty()) {
            words = format!("{words}, {what} {value}");
        }
    }
    match exception.reason.as_deref().map(safe::line).filter(|reason| !reason.is_empty()) {
        Some(reason) => format!("{words}: {reason}"),
        None => words,
    }
}

/// What a person types for the finding.
pub(super) fn short_id(info: &FindingInfo) -> String {
    page::short_id(&FindingId::from_stored(&info.id))
}

/// What can be done about it.
pub(super) fn way_out(info: &FindingInfo) -> String {
    match &info.exception {
        Some(exception) if exception.origin == ExceptionOrigin::File => match exception.state {
            ExceptionState::Requested => format!(
                "fix it; the exception {} in .aspm/exceptions.yaml is only asked for: it counts once it is merged",
                safe::line(&exception.id)
            ),
            ExceptionState::Approved | ExceptionState::Unauthorized => {
                format!("fix it; the exception {} is there, and policy blocks all the same", safe::line(&exception.id))
            }
        },
        Some(exception) if exception.origin == ExceptionOrigin::Source && has_clause(info, "exception-expired") => {
            let day = exception.expires.as_deref().map(|day| format!(" with {}", safe::line(day))).unwrap_or_default();
            format!("fix it, or have the decision at its source renewed: it ended{day}")
        }
        Some(exception)
            if exception.origin == ExceptionOrigin::Source && exception.state == ExceptionState::Unauthorized =>
        {
            let by = exception.accepted_by.as_deref().or(exception.requested_by.as_deref()).map(safe::line);
            format!(
                "fix it, or have the decision at its source confirmed by one of the application's approvers{}",
                by.map(|by| format!(": {by} is none")).unwrap_or_default()
            )
        }
        _ => format!("fix it, or `{}`, then `git add .aspm/exceptions.yaml`", triage(info)),
    }
}

fn has_clause(info: &FindingInfo, clause: &str) -> bool {
    info.verdict.as_ref().is_some_and(|verdict| verdict.reasons.iter().any(|reason| reason.clause == clause))
}

/// The command that asks for an exception.
pub(super) fn triage(info: &FindingInfo) -> String {
    format!("aspm-lsp triage {} --status false_positive --reason \"\u{2026}\"", short_id(info))
}

/// The tool's message in one line.
pub(super) fn said(info: &FindingInfo) -> String {
    safe::line(&message(info))
}

/// The tool's message, in several lines where it has them.
pub(super) fn message(info: &FindingInfo) -> String {
    // A text that is too long for the reader of Markdown would be left out whole.
    let end = info.message.floor_char_boundary(safe::LONGEST_TEXT);
    let cut = if end < info.message.len() { "\u{2026}" } else { "" };
    safe::terminal(&safe::plain_from_markdown(&format!("{}{cut}", &info.message[..end])))
}

/// `path:line:column` as far as it is known, else where it was scanned, else "no place in the code".
pub(super) fn place(info: &FindingInfo) -> String {
    let path = info.placement.path.as_deref().map(safe::line).filter(|path| !path.is_empty());
    match (path, info.placement.range) {
        (Some(path), Some(range)) => format!("{path}:{}:{}", range.start.line, range.start.column),
        (Some(path), None) => path,
        (None, _) => match (info.scanned.path.as_deref().map(safe::line), info.scanned.line) {
            (Some(path), Some(line)) if !path.is_empty() => format!("{path}:{line} when scanned"),
            (Some(path), None) if !path.is_empty() => format!("{path} when scanned"),
            _ => "no place in the code".to_owned(),
        },
    }
}

/// The placement as the renderer and its words know it; without bytes, which only the text can give.
pub(super) fn placement(info: &FindingInfo) -> Placement {
    let placement = &info.placement;
    Placement {
        state: placement.state,
        path: placement.path.as_deref().map(Into::into),
        range: None,
        confidence: placement.confidence,
        reason: Reason::new(placement.reason.as_str()),
        suppressed_by: placement.suppressed_by.as_deref().map(Into::into),
    }
}

/// "acme.tar.gz, revision 7, signed by release".
pub(super) fn policy(policy: &PolicyInfo) -> String {
    let mut words = safe::line(&policy.origin);
    if let Some(revision) = policy.revision.as_deref().map(safe::line).filter(|revision| !revision.is_empty()) {
        words = format!("{words}, revision {revision}");
    }
    if let Some(key) = policy.signed_by.as_deref().map(safe::line).filter(|key| !key.is_empty()) {
        words = format!("{words}, signed by {key}");
    }
    words
}

/// ".aspm/exceptions.yaml changed: takes effect once merged".
pub(super) fn gate_change(change: &GateChange) -> String {
    format!("{} {}: takes effect once merged", safe::line(&change.path), safe::line(&change.what))
}

/// What is wrong with the data and the policies behind the answer, one sentence each.
pub(super) fn problems(report: &GateReport) -> Vec<String> {
    let of_sources = report.sources.iter().flat_map(|source| {
        source.problems.iter().map(|problem| format!("{}: {}", safe::line(&source.name), safe::line(problem)))
    });
    let of_policies = report.policies.iter().flat_map(|policy| {
        policy.problems.iter().map(|problem| format!("policy {}: {}", safe::line(&policy.origin), safe::line(problem)))
    });
    // What keeps the gate from deciding is said as the reason for that.
    let is_said = |problem: &String| report.undecided.iter().any(|why| problem.ends_with(&safe::line(why)));
    of_sources.chain(of_policies).filter(|problem| !is_said(problem)).collect()
}

/// What to do about a reason why nobody can say; `None` where the reason says so itself.
pub(super) fn way_on(reason: &str, report: &GateReport) -> Option<String> {
    if reason.contains('`') {
        return None;
    }
    let is_about = |source: &&SourceStatus| !source.name.is_empty() && reason.contains(&source.name);
    // An id begins with its source's name; what policy failed to say of it is no fault of the source.
    let is_of_policy = ["No verdict for ", "Policy "].iter().any(|start| reason.starts_with(start));
    let source = report.sources.iter().find(is_about).filter(|_| !is_of_policy);
    let about_policy = ["policy", "bundle", "Rego"].iter().any(|word| reason.contains(word));
    let has_no_data = |source: &SourceStatus| source.state == SourceState::NoData;
    let way = match source {
        None if about_policy => "`aspm-lsp policy show` tells which policy is in force and what is wrong with it",
        None if report.sources.iter().all(has_no_data) => NO_LOG,
        None => "`aspm-lsp doctor` tells what is configured, reachable and fresh",
        Some(source) if has_no_data(source) && source.kind == "sarif" => NO_LOG,
        Some(_) => "`aspm-lsp sync` reads the source anew; `aspm-lsp doctor` tells what stands in the way",
    };
    Some(way.to_owned())
}

/// What to do where no scan's results were found.
const NO_LOG: &str = "put a scanner's SARIF log into .aspm/, or name a source in aspm.toml; `aspm-lsp doctor` tells what \
                      was looked at";
