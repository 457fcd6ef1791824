//! What a bundle can do: tune, wrap, replace.

use aspm_policy::Policy;
use finding::{Action, ChangeKind, Severity};
use serde_json::{Value, json};

use crate::support::{bundle, finding, policy, verdict};

#[test]
fn without_a_bundle_the_built_in_policy_judges() {
    let policy = Policy::built_in();
    let cases = [
        (Severity::High, ChangeKind::Introduced, Action::Block, "introduced-high-risk"),
        (Severity::High, ChangeKind::Touched, Action::Warn, "touched-high-risk"),
        (Severity::High, ChangeKind::Existing, Action::Inform, "existing"),
        (Severity::Medium, ChangeKind::Introduced, Action::Warn, "introduced-risk"),
        (Severity::Low, ChangeKind::Introduced, Action::Inform, "introduced-low-risk"),
    ];
    for (severity, change, action, clause) in cases {
        let verdict = verdict(&policy, &finding(severity), change).expect("a verdict");
        assert_eq!((verdict.action, &*verdict.reasons[0].clause), (action, clause), "{severity:?} {change:?}");
    }
}

#[test]
fn data_alone_moves_the_threshold() {
    let data = json!({"aspm": {"settings": {"block_at": 30}}});
    let policy = Policy::of_bundle(&bundle(&[], data)).expect("a policy");
    let verdict = verdict(&policy, &finding(Severity::Medium), ChangeKind::Introduced).expect("a verdict");
    assert_eq!(verdict.action, Action::Block);
    assert_eq!(verdict.reasons[0].message, "This change introduces it, and its risk of 35 reaches 30.");
}

#[test]
fn a_bundle_wraps_the_built_in_verdict() {
    let text = r#"
package aspm

import data.aspm.defaults

verdict := object.union(defaults.verdict, {"action": "warn", "reasons": array.concat([pilot], defaults.verdict.reasons)}) if {
    defaults.verdict.action == "block"
} else := defaults.verdict

pilot := {"clause": "pilot", "message": "Nothing blocks while we try this out."}
"#;
    let policy = policy(text).expect("a policy");
    let high = verdict(&policy, &finding(Severity::High), ChangeKind::Introduced).expect("a verdict");
    assert_eq!((high.action, &*high.reasons[0].clause), (Action::Warn, "pilot"));
    let low = verdict(&policy, &finding(Severity::Low), ChangeKind::Introduced).expect("a verdict");
    assert_eq!(low.action, Action::Inform);
}

#[test]
fn a_bundle_replaces_the_verdict_in_one_rule_or_in_parts() {
    let texts = [
        r#"
package aspm
verdict := {"action": "hide", "risk": data.aspm.defaults.risk, "factors": [], "reasons": []}
"#,
        r#"
package aspm.verdict
import data.aspm.defaults.risk
action := "hide"
risk := risk.value if false
risk := data.aspm.defaults.risk
factors := []
reasons := set()
"#,
        r#"
package aspm
verdict.action := "hide"
verdict.risk := data.aspm.defaults.risk
verdict.factors := []
verdict.reasons := []
"#,
    ];
    for text in texts {
        let policy =
            policy(&text.replace("import data.aspm.defaults.risk\n", "").replace("risk := risk.value if false\n", ""));
        let policy = policy.unwrap_or_else(|error| panic!("{error}\n{text}"));
        let verdict = verdict(&policy, &finding(Severity::High), ChangeKind::Introduced)
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!((verdict.action, verdict.risk), (Action::Hide, 60), "{text}");
    }
}

#[test]
fn a_finding_that_differs_only_where_nobody_looks_has_the_same_verdict() {
    let by_path = "package aspm\nverdict := object.union(data.aspm.defaults.verdict, {\"action\": action})\n\
                   action := \"hide\" if startswith(input.finding.path, \"vendor/\")\nelse := \"inform\"\n";
    let policy = policy(by_path).expect("a policy");
    let mut vendored = finding(Severity::High);
    vendored.evidence.path = Some("vendor/a.py".to_owned());
    let mut own = finding(Severity::High);
    own.evidence.path = Some("src/a.py".to_owned());
    let action = |finding| verdict(&policy, finding, ChangeKind::Existing).expect("a verdict").action;
    assert_eq!((action(&vendored), action(&own)), (Action::Hide, Action::Inform));
}

#[test]
fn a_bundle_of_another_subject_is_no_obstacle() {
    let texts = [("other.rego", "package kubernetes.admission\ndeny contains \"no\" if input.request\n")];
    let policy = Policy::of_bundle(&bundle(&texts, Value::Null)).expect("a policy");
    assert_eq!(verdict(&policy, &finding(Severity::High), ChangeKind::Introduced).expect("one").action, Action::Block);
}
