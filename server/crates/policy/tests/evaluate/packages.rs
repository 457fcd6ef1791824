//! Packages of several files and imports of them: what OPA makes of them, or an error; never something else.

use aspm_policy::input::VerdictInput;
use aspm_policy::{Policy, run_tests};
use finding::{Application, ChangeKind, Severity};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{NOW, bundle, finding, verdict};

/// A package in two files whose first rule needs the second file's, taken by an import from a third.
fn split(user: &str) -> Vec<(&'static str, String)> {
    vec![
        (
            "a.rego",
            "package team\n\nlimit := high if not strict\n\nelse := low\n\nstrict if input.finding.cvss > 5\n"
                .to_owned(),
        ),
        ("b.rego", "package team\n\nhigh := 90\n\nlow := 10\n".to_owned()),
        ("policy.rego", format!("package aspm\n\nimport data.team\nimport data.team as other\n\n{user}\n")),
    ]
}

fn risk(user: &str) -> Result<u8, aspm_policy::Error> {
    let texts = split(user);
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (*path, &**text)).collect();
    let policy = Policy::of_bundle(&bundle(&texts, Value::Null))?;
    let mut finding = finding(Severity::Low);
    finding.cvss = Some(9.0);
    verdict(&policy, &finding, ChangeKind::Existing).map(|verdict| verdict.risk)
}

#[test]
fn rules_of_a_split_package_have_their_values() {
    let rest = r#""action": "inform", "factors": [], "reasons": []"#;
    for limit in ["team.limit", "other.limit", "data.team.limit", "team[\"limit\"]", "data[\"team\"].limit"] {
        assert_eq!(risk(&format!("verdict := {{\"risk\": {limit}, {rest}}}")), Ok(10), "{limit}");
    }
    let mocked =
        format!("verdict := {{\"risk\": r, {rest}}} if r := team.limit with input as {{\"finding\": {{\"cvss\": 1}}}}");
    assert_eq!(risk(&mocked), Ok(90));
}

#[test]
fn a_split_package_is_not_taken_as_a_whole() {
    for whole in [
        "x := team",
        "x := data.team",
        "x := data[input.change]",
        "x := [y | some y in team]",
        "x := data.aspm.defaults",
    ] {
        let error = risk(whole).expect_err(whole);
        assert!(error.to_string().contains("as a whole, which lies in several files"), "{whole}: {error}");
        assert_eq!(error.spot().map(|spot| (&*spot.file, spot.line)), Some(("policy.rego", 6)), "{whole}");
    }
}

#[test]
fn a_variable_may_have_the_name_of_an_import() {
    let user = "f(other) := other.limit\n\nverdict := {\"risk\": f({\"limit\": 7}), \"action\": \"inform\", \"factors\": [], \"reasons\": []}";
    let error = risk(user).expect_err("the whole package may be meant");
    assert!(error.to_string().contains("as a whole"), "{error}");
    let one = "package aspm\n\nimport data.alone\n\nf(alone) := alone.limit\n\nverdict := {\"risk\": f({\"limit\": 7}), \"action\": \
               \"inform\", \"factors\": [], \"reasons\": []}\n";
    let policy = Policy::of_bundle(&bundle(&[("p.rego", one)], json!({"alone": {"limit": 9}}))).expect("a policy");
    assert_eq!(verdict(&policy, &finding(Severity::Low), ChangeKind::Existing).expect("a verdict").risk, 7);
}

#[test]
fn tests_of_a_split_package_see_it_too() {
    let mut texts = split("");
    texts.push((
        "team_test.rego",
        "package team_test\n\nimport data.team\n\ntest_strict if team.limit == 10 with input as {\"finding\": {\"cvss\": 9}}\n".to_owned(),
    ));
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (*path, &**text)).collect();
    let results = run_tests(&bundle(&texts, Value::Null), &|| false).expect("tests");
    assert_eq!(results.len(), 1);
    assert_eq!(results[0].message, None);
}

proptest! {
    #[test]
    fn a_batch_says_of_each_what_is_said_of_it_alone(
        given in prop::collection::vec((0usize..5, 0u8..3, prop::option::of("202[56]-0[1-4]-0[12]"), any::<bool>()), 1..20),
    ) {
        let policy = Policy::built_in();
        let application = Application::default();
        let findings: Vec<_> = given
            .iter()
            .map(|(severity, _, due, exploited)| {
                let mut finding = finding(Severity::ALL[*severity]);
                finding.due.clone_from(due);
                finding.known_exploited = Some(*exploited);
                finding
            })
            .collect();
        let inputs: Vec<_> = findings
            .iter()
            .zip(&given)
            .map(|(finding, (_, change, ..))| VerdictInput {
                finding,
                path: None,
                application: &application,
                change: [ChangeKind::Introduced, ChangeKind::Touched, ChangeKind::Existing][usize::from(*change)],
                exception: None,
                now: NOW,
            })
            .collect();
        let together = policy.verdicts(&inputs, &|| false);
        let alone: Vec<_> = inputs.iter().map(|input| policy.verdicts(&[*input], &|| false).remove(0)).collect();
        prop_assert_eq!(together, alone);
    }
}
