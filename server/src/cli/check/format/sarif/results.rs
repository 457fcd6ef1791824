//! A finding as a SARIF result, with what policy says of it.

use finding::{Action, ChangeKind, Exception, ExceptionOrigin, ExceptionState, Severity, State};
use serde_json::{Map, Value, json};

use super::{location, unlinked};
use crate::cli::check::format::judged::Judged;
use crate::cli::check::format::{FindingInfo, words};
use crate::present::safe;

/// Name of our fingerprint; its value is the finding's id.
const FINGERPRINT: &str = "aspmFindingId/v1";

/// The result; `rule` is the rule's id and `index` its place in the run.
pub(super) fn result(judged: &Judged<'_>, index: usize, rule: &str) -> Value {
    let info = judged.info;
    let mut result = json!({
        "ruleId": rule,
        "ruleIndex": index,
        "level": level(info),
        "message": { "text": message(judged) },
        "locations": [location::of(info)],
        "partialFingerprints": { FINGERPRINT: info.id },
        "properties": properties(judged),
    });
    if let Some(change) = info.change {
        result["baselineState"] = Value::from(match change {
            ChangeKind::Introduced => "new",
            ChangeKind::Existing => "unchanged",
            ChangeKind::Touched => "updated",
        });
    }
    if info.verdict.is_some() {
        result["rank"] = Value::from(f64::from(judged.risk()));
    }
    if let Some(exception) = &info.exception {
        result["suppressions"] = json!([suppression(exception)]);
    }
    result
}

fn level(info: &FindingInfo) -> &'static str {
    match info.verdict.as_ref().map(|verdict| verdict.action) {
        Some(Action::Block) if info.placement.state == State::Uncertain => "warning",
        Some(Action::Block) => "error",
        Some(Action::Inform) => "note",
        Some(Action::Hide) => "none",
        None if info.severity >= Severity::High => "error",
        Some(Action::Warn) | None => "warning",
    }
}

/// The tool's words, then policy's: hosts show nothing else of a result.
fn message(judged: &Judged<'_>) -> String {
    let info = judged.info;
    let said = words::message(info);
    let said = if said.trim().is_empty() { safe::line(info.rule_name.as_deref().unwrap_or(&info.rule)) } else { said };
    let mut lines = vec![if said.is_empty() { "A finding without words".to_owned() } else { said }];
    lines.extend(words::verdict_lines(judged));
    unlinked(&lines.join("\n"))
}

fn suppression(exception: &Exception) -> Value {
    let kind = match exception.origin {
        ExceptionOrigin::Comment => "inSource",
        ExceptionOrigin::File | ExceptionOrigin::Source => "external",
    };
    let status = match exception.state {
        ExceptionState::Approved => "accepted",
        ExceptionState::Requested => "underReview",
        ExceptionState::Unauthorized => "rejected",
    };
    let mut suppression = json!({ "kind": kind, "status": status });
    if let Some(reason) = exception.reason.as_deref().map(safe::terminal).filter(|reason| !reason.is_empty()) {
        suppression["justification"] = Value::from(reason);
    }
    let id = Some(&exception.id).filter(|id| !id.is_empty());
    let said = [
        ("id", id),
        ("requestedBy", exception.requested_by.as_ref()),
        ("acceptedBy", exception.accepted_by.as_ref()),
        ("expires", exception.expires.as_ref()),
        ("ticket", exception.ticket.as_ref()),
    ];
    let mut properties = Map::new();
    properties.insert("as".to_owned(), json!(exception.status));
    for (name, value) in said {
        properties.extend(value.map(|value| (name.to_owned(), Value::from(safe::line(value)))));
    }
    suppression["properties"] = Value::from(properties);
    suppression
}

fn properties(judged: &Judged<'_>) -> Value {
    let info = judged.info;
    let placement = &info.placement;
    let mut properties = json!({
        "id": info.id,
        "source": info.source,
        "kind": info.kind,
        "severity": info.severity,
        "status": info.status,
        "placement": {
            "state": placement.state,
            "confidence": placement.confidence,
            "reason": safe::line(&placement.reason),
        },
        "scanned": info.scanned,
        "violation": !judged.violations.is_empty(),
    });
    if let Some(comment) = &placement.suppressed_by {
        properties["placement"]["suppressedBy"] = Value::from(safe::line(comment));
    }
    if let Some(change) = info.change {
        properties["change"] = json!(change);
    }
    if let Some(verdict) = &info.verdict {
        properties["verdict"] = json!(verdict.action);
        properties["risk"] = Value::from(judged.risk());
        properties["clauses"] = Value::from(words::clauses(judged));
        properties["factors"] = json!(verdict.factors);
        if let Some(due) = &verdict.due {
            properties["due"] = Value::from(safe::line(due));
        }
    }
    properties
}
