//! Policies that loop, swell, recurse or make no sense end by a bound, and never end the program.

use std::time::Duration;

use aspm_policy::input::VerdictInput;
use aspm_policy::{Bounds, Error, Policy};
use finding::{Application, ChangeKind, Severity};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{NOW, bundle, finding, policy, verdict};

fn hasty(text: &str) -> Result<Policy, Error> {
    let bounds = Bounds { verdict: Duration::from_millis(50), ..Bounds::default() };
    Policy::with_bounds(&bundle(&[("policy.rego", text)], Value::Null), bounds)
}

const SPIN: &str = "package aspm\n\nverdict := count([1 | some a in numbers.range(1, 9999); some b in numbers.range(1, 9999); \
                    a + b == input.finding.cvss])\n";

#[test]
fn a_policy_that_loops_ends_by_its_time_and_is_not_tried_for_ever() {
    let policy = hasty(SPIN).expect("a policy");
    let application = Application::default();
    let findings: Vec<_> = (0..40u8)
        .map(|number| {
            let mut finding = finding(Severity::High);
            finding.cvss = Some(f32::from(number) / 10.0);
            finding
        })
        .collect();
    let inputs: Vec<_> = findings
        .iter()
        .map(|finding| VerdictInput {
            finding,
            path: None,
            application: &application,
            change: ChangeKind::Existing,
            exception: None,
            now: NOW,
        })
        .collect();
    let verdicts = policy.verdicts(&inputs, &|| false);
    assert!(verdicts.iter().all(|verdict| matches!(verdict, Err(Error::TimeLimit { .. }))), "{:?}", verdicts[0]);
    let said = verdicts[0].as_ref().expect_err("late").to_string();
    assert!(said.contains("data.aspm.defaults") || said.contains("data.aspm.verdict"), "{said}");
}

#[test]
fn what_failed_once_leaves_nothing_behind() {
    let text = "package aspm\n\nverdict := data.aspm.defaults.verdict if not slow\n\nslow if {\n\tinput.finding.severity == \"low\"\n\t\
                some a in numbers.range(1, 9999)\n\tsome b in numbers.range(1, 9999)\n\ta + b == -1\n}\n";
    let policy = hasty(text).expect("a policy");
    for _ in 0..3 {
        let late = verdict(&policy, &finding(Severity::Low), ChangeKind::Existing);
        assert!(matches!(late, Err(Error::TimeLimit { .. })), "{late:?}");
        verdict(&policy, &finding(Severity::High), ChangeKind::Existing).expect("a verdict");
    }
}

#[test]
fn rules_that_need_themselves_are_an_error() {
    for rules in ["verdict := x\nx := y\ny := x", "verdict := data.aspm", "verdict := data.aspm[\"verdict\"]"] {
        let answer = policy(&format!("package aspm\n{rules}\n"))
            .and_then(|policy| verdict(&policy, &finding(Severity::High), ChangeKind::Existing));
        answer.expect_err(rules);
    }
}

#[test]
fn a_long_chain_of_rules_is_refused_and_one_within_bounds_runs() {
    let chain = |length: usize| {
        // Each link nested about as deep as the language allows, to take as much stack as it can.
        let link = |at: usize| {
            let (open, close) = ("[z | z := abs(".repeat(3), ")][0]".repeat(3));
            format!("r{at} := {}{open}r{}{close}{}\n", "abs(".repeat(18), at + 1, ")".repeat(18))
        };
        let links: String = (0..length).map(link).collect();
        format!("package aspm\n{links}r{length} := 1\nverdict := r0\n")
    };
    let error = policy(&chain(300)).expect_err("too long");
    assert!(error.to_string().contains("more than 64 rules wait for one another"), "{error}");
    let policy = policy(&chain(60)).expect("within bounds");
    let error = verdict(&policy, &finding(Severity::High), ChangeKind::Existing).expect_err("no verdict");
    assert!(matches!(error, Error::Answer { .. }), "{error:?}");
}

#[test]
fn expressions_that_nest_without_end_are_an_error() {
    for text in ["[".repeat(20_000), "(".repeat(20_000), "{1:".repeat(20_000), "x[".repeat(300), "not ".repeat(400)] {
        policy(&format!("package aspm\nx := {text}\n")).expect_err("too deep");
    }
}

#[test]
fn bounds_hold() {
    let small = Bounds {
        modules: 1,
        module_bytes: 100,
        all_module_bytes: 150,
        data_values: 10,
        data_bytes: 100,
        data_depth: 4,
        ..Bounds::default()
    };
    let text = "package a\nx := 1\n";
    let with = |modules: &[(&str, &str)], data: Value| Policy::with_bounds(&bundle(modules, data), small.clone());
    with(&[("a.rego", text), ("a_test.rego", text)], json!({"a": {"b": 1}}))
        .expect("within bounds; tests do not count");
    let long = format!("{text}# {}\n", "x".repeat(200));
    let deep = json!([[[[[[1]]]]]]);
    let many: Value = (0..20).collect();
    for (modules, data, said) in [
        (vec![("a.rego", text), ("b.rego", text)], Value::Null, "the number of its Rego files"),
        (vec![("a.rego", &*long)], Value::Null, "a.rego is larger than 100 bytes"),
        (vec![], json!({"a": deep}), "the depth of its data"),
        (vec![], json!({"a": many}), "its data is larger than 10 values"),
        (vec![], json!({"a": "x".repeat(200)}), "its data is larger than 100 bytes"),
    ] {
        let error = with(&modules, data).expect_err(said);
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn a_cancelled_batch_stops() {
    let policy = Policy::built_in();
    let (finding, application) = (finding(Severity::High), Application::default());
    let input = VerdictInput {
        finding: &finding,
        path: None,
        application: &application,
        change: ChangeKind::Existing,
        exception: None,
        now: NOW,
    };
    let verdicts = policy.verdicts(&[input; 5], &|| true);
    assert!(verdicts.iter().all(|verdict| *verdict == Err(Error::Cancelled)));
}

/// Text that looks like Rego: its tokens in any order.
fn rego() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "package",
        "aspm",
        "import",
        "data",
        "input",
        "rego.v1",
        "verdict",
        "default",
        "if",
        "else",
        "contains",
        "some",
        "every",
        "in",
        "not",
        "with",
        "as",
        ":=",
        "=",
        "==",
        "!=",
        "<",
        "+",
        "-",
        "*",
        "/",
        "%",
        "&",
        "|",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        ":",
        ";",
        "\n",
        "\n",
        "_",
        "x",
        "y",
        "f(",
        "count(",
        "time.now_ns()",
        "walk(",
        "sprintf(",
        "print(",
        "1",
        "1e999",
        "0x",
        "-0",
        "\"a\"",
        "\"\\u00zz\"",
        "`raw",
        "`",
        "true",
        "null",
        "set()",
        "é",
        "\u{1F600}",
        "#",
        "\t",
        "$\"{x}\"",
        "\u{0}",
    ]);
    prop::collection::vec(token, 0..40).prop_map(|tokens| format!("package aspm\n{}", tokens.join(" ")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn anything_like_rego_is_a_policy_or_an_error(text in rego()) {
        if let Ok(policy) = hasty(&text) {
            let _ = verdict(&policy, &finding(Severity::High), ChangeKind::Introduced);
        }
    }

    #[test]
    fn a_broken_built_in_policy_is_a_policy_or_an_error(cut in 0usize..6000, insert in "[\\PC\n]{0,6}", file in 0usize..6) {
        let (_, text) = aspm_policy::BUILT_IN_MODULES[file];
        let at = text.floor_char_boundary(cut.min(text.len()));
        let end = text.ceil_char_boundary((at + insert.len()).min(text.len()));
        let broken = format!("{}{insert}{}", &text[..at], &text[end..]).replace("aspm.defaults", "aspm");
        if let Ok(policy) = hasty(&broken) {
            let _ = verdict(&policy, &finding(Severity::High), ChangeKind::Introduced);
        }
    }
}

#[test]
fn one_call_cannot_take_all_memory() {
    for swelling in [
        "numbers.range(0, 1000000000)",
        "numbers.range(-9223372036854775807, 9223372036854775807)",
        "numbers.range_step(0, 9000000000000, 2)",
        "concat(\"\", [x | some _ in numbers.range(1, 90000); x := input.finding.message + \"\"])",
    ] {
        let text = format!("package aspm\n\nverdict := {swelling}\n");
        let answer = policy(&text).and_then(|policy| verdict(&policy, &finding(Severity::High), ChangeKind::Existing));
        answer.expect_err(swelling);
    }
    let doubling: Vec<String> = (0..40).map(|at| format!("\tx{} := concat(\"\", [x{at}, x{at}])\n", at + 1)).collect();
    let doubling = doubling.concat();
    let text = format!("package aspm\n\nverdict := x40 if {{\n\tx0 := input.finding.message\n{doubling}}}\n");
    let policy = policy(&text).expect("a policy");
    let error = verdict(&policy, &finding(Severity::High), ChangeKind::Existing).expect_err("too long");
    assert!(error.to_string().contains("too long: at most 8 MiB"), "{error}");
}

#[test]
fn bounded_functions_answer_as_the_evaluators_own() {
    for (call, expected) in [
        ("numbers.range(1, 3)", "[1, 2, 3]"),
        ("numbers.range(3, 1)", "[3, 2, 1]"),
        ("numbers.range(2, 2)", "[2]"),
        ("numbers.range_step(0, 5, 2)", "[0, 2, 4]"),
        ("numbers.range_step(5, 0, 2)", "[5, 3, 1]"),
        ("concat(\", \", [\"a\", \"b\"])", "\"a, b\""),
        ("concat(\"-\", {\"b\", \"a\"})", "\"a-b\""),
        ("array.concat([1], [2, [3]])", "[1, 2, [3]]"),
        ("replace(\"a.b.c\", \".\", \"::\")", "\"a::b::c\""),
    ] {
        let text = format!(
            "package aspm\n\nverdict := {{\"action\": \"inform\", \"risk\": 0, \"factors\": [], \"reasons\": []}} if \
             {call} == {expected}\n"
        );
        let answer = policy(&text).and_then(|policy| verdict(&policy, &finding(Severity::High), ChangeKind::Existing));
        answer.unwrap_or_else(|error| panic!("{call}: {error}"));
    }
}
