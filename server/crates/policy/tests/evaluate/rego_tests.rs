//! A bundle's own Rego tests.

use aspm_policy::{TestOutcome, run_built_in_tests, run_tests};
use serde_json::json;

use crate::support::bundle;

const POLICY: &str = "package aspm\n\nlimit := data.acme.limit\n\nverdict := object.union(data.aspm.defaults.verdict, {\"action\": \"warn\"}) if \
                      input.finding.cvss > limit\nelse := data.aspm.defaults.verdict\n";

const TESTS: &str = r#"package aspm_test

import data.aspm

low := {"finding": {"severity": "low", "cvss": 9, "status": {"value": "open"}}, "application": {}, "change": "existing",
    "exception": null, "now": "2026-03-01T00:00:00Z"}

test_above_the_limit_warns if aspm.verdict.action == "warn" with input as low

test_the_limit_is_data if aspm.verdict.action == "inform" with input as low with data.acme.limit as 9

test_this_one_fails if {
    print("what it is:", aspm.limit)
    aspm.limit == 4
}

test_this_one_is_false := false

test_a_function_can_be_stood_in_for if aspm.verdict.risk == 3 with input as low with round as 3

test_this_one_needs_itself if test_this_one_needs_itself

todo_test_later if false
"#;

#[test]
fn tests_run_with_mocks_and_say_why_they_failed() {
    let bundle = bundle(&[("policy.rego", POLICY), ("policy_test.rego", TESTS)], json!({"acme": {"limit": 5}}));
    let results = run_tests(&bundle, &|| false).expect("tests");
    let seen: Vec<_> = results.iter().map(|result| (&*result.name, result.line, result.outcome)).collect();
    assert_eq!(
        seen,
        [
            ("aspm_test.test_above_the_limit_warns", 8, TestOutcome::Passed),
            ("aspm_test.test_the_limit_is_data", 10, TestOutcome::Passed),
            ("aspm_test.test_this_one_fails", 12, TestOutcome::Failed),
            ("aspm_test.test_this_one_is_false", 17, TestOutcome::Failed),
            ("aspm_test.test_a_function_can_be_stood_in_for", 19, TestOutcome::Passed),
            ("aspm_test.test_this_one_needs_itself", 21, TestOutcome::Errored),
            ("aspm_test.todo_test_later", 23, TestOutcome::Skipped),
        ],
        "{results:#?}"
    );
    assert!(results.iter().all(|result| result.file == "policy_test.rego"));
    let message = results[2].message.as_deref().unwrap_or("");
    assert!(message.starts_with("it is undefined") && message.contains("what it is:"), "{message}");
    assert_eq!(results[3].message.as_deref(), Some("it is false"));
}

#[test]
fn tests_may_not_reach_out_either() {
    let text = "package p_test\n\ntest_x if time.now_ns() > 0\n";
    let error = run_tests(&bundle(&[("p_test.rego", text)], json!({})), &|| false).expect_err("impure");
    assert!(error.to_string().contains("p_test.rego:3: in p_test.test_x: time.now_ns is not available"), "{error}");
}

#[test]
fn the_built_in_policy_passes_its_own() {
    let results = run_built_in_tests().expect("tests");
    assert!(!results.is_empty());
    for result in results {
        assert_eq!(result.outcome, TestOutcome::Passed, "{result:?}");
    }
}
