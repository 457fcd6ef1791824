//! What people decided already, as far as a log tells: suppressions and the comparison with a baseline.

use finding::{Status, StatusValue};

use super::schema::{SarifResult, Suppression};

/// Who decided, where a comment in the scanned code did: whoever may write the code.
pub const IN_SOURCE: &str = "a comment in the source";

/// The status of `result`.
///
/// By the standard a result is suppressed when it has a suppression that is accepted (also when it says nothing of its
/// state) and none that is under review or rejected. A suppression is an acceptance of risk, and a false positive where
/// its justification says so; who decided, and whether they may, a log does not tell.
pub(super) fn status(result: &SarifResult) -> Status {
    let is_absent = result.baseline_state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("absent"));
    if is_absent {
        let reason = Some("the scan compared with its baseline and did not find it any more".to_owned());
        return Status { value: StatusValue::Mitigated, reason, ..Status::default() };
    }
    let undecided = |suppression: &Suppression| {
        suppression.status.as_deref().is_some_and(|status| !status.eq_ignore_ascii_case("accepted"))
    };
    let Some(first) = result.suppressions.first() else { return Status::default() };
    if result.suppressions.iter().any(undecided) {
        return Status::default();
    }
    let justified =
        |suppression: &&Suppression| suppression.justification.as_deref().is_some_and(|j| !j.trim().is_empty());
    let suppression = result.suppressions.iter().find(justified).unwrap_or(first);
    let value = match suppression.justification.as_deref() {
        Some(reason) if says_false_positive(reason) => StatusValue::FalsePositive,
        _ => StatusValue::RiskAccepted,
    };
    let is_in_source = suppression.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("inSource"));
    let reason = suppression.justification.clone().filter(|reason| !reason.trim().is_empty()).unwrap_or_else(|| {
        let how = if is_in_source { "by a comment in the source" } else { "outside the source, without a reason" };
        format!("suppressed {how}")
    });
    let by = is_in_source.then(|| IN_SOURCE.to_owned());
    Status { value, reason: Some(reason), by, ..Status::default() }
}

fn says_false_positive(reason: &str) -> bool {
    let folded = reason.to_ascii_lowercase().replace(['-', '_'], " ");
    let negated = ["not a false positive", "no false positive", "isn't a false positive"];
    folded.contains("false positive") && !negated.iter().any(|phrase| folded.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_accepted_suppressions_count() {
        for (result, value, reason) in [
            (json!({}), StatusValue::Open, None),
            (json!({"suppressions": []}), StatusValue::Open, None),
            (
                json!({"suppressions": [{"kind": "inSource"}]}),
                StatusValue::RiskAccepted,
                Some("suppressed by a comment in the source"),
            ),
            (
                json!({"suppressions": [{"kind": "external", "status": "accepted", "justification": "legacy"}]}),
                StatusValue::RiskAccepted,
                Some("legacy"),
            ),
            (
                json!({"suppressions": [{"kind": "external", "justification": "False-positive: test data"}]}),
                StatusValue::FalsePositive,
                Some("False-positive: test data"),
            ),
            (
                json!({"suppressions": [{"kind": "external", "justification": "not a false positive, but rare"}]}),
                StatusValue::RiskAccepted,
                Some("not a false positive, but rare"),
            ),
            (json!({"suppressions": [{"kind": "external", "status": "underReview"}]}), StatusValue::Open, None),
            (json!({"suppressions": [{"kind": "inSource"}, {"status": "rejected"}]}), StatusValue::Open, None),
            (json!({"baselineState": "unchanged"}), StatusValue::Open, None),
            (
                json!({"baselineState": "absent", "suppressions": [{"kind": "inSource"}]}),
                StatusValue::Mitigated,
                Some("the scan compared with its baseline and did not find it any more"),
            ),
        ] {
            let parsed: SarifResult = serde_json::from_value(result.clone()).expect("a result");
            let status = status(&parsed);
            assert_eq!((status.value, status.reason.as_deref()), (value, reason), "{result}");
        }
    }
}
