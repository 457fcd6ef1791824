//! Every case of `tests/fixtures/*.json`: a run goes in, the named members of its findings come out.
//!
//! A case is `{case, run, findings, problems?, outcome?}`. `run` gets a tool named "Tool" unless it has one.
//! `findings` lists what each finding must hold: members that are not named may be anything, `null` means absent.
//! `problems` are parts of the problems, in order; none are expected where there is no list.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{folder, log, problems, pull};

fn check(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(file);
    let cases: Vec<Value> = serde_json::from_str(&fs::read_to_string(&path).expect("a fixture")).expect("JSON");
    assert!(!cases.is_empty());
    for case in cases {
        let name = case["case"].as_str().expect("a name");
        let mut run = case["run"].clone();
        if run.get("tool").is_none() {
            run["tool"] = json!({"driver": {"name": "Tool"}});
        }
        let root = folder(&[("a.sarif", log(&[run]).as_bytes())]);
        let (findings, outcome) = pull(root.path(), "a.sarif");
        let outcome = outcome.unwrap_or_else(|error| panic!("{file}: {name}: {error}"));
        let findings = serde_json::to_value(&findings).expect("JSON");
        if let Err(difference) = holds(&findings, &case["findings"], "findings") {
            panic!("{file}: {name}: {difference}\n{findings:#}");
        }
        let told = problems(&outcome);
        let expected = case.get("problems").and_then(Value::as_array).cloned().unwrap_or_default();
        let as_expected = told.len() == expected.len()
            && told.iter().zip(&expected).all(|(told, part)| told.contains(part.as_str().expect("a text")));
        assert!(as_expected, "{file}: {name}: problems {told:#?}, expected {expected:#?}");
        for (member, value) in case.get("outcome").and_then(Value::as_object).into_iter().flatten() {
            let actual = match member.as_str() {
                "scan_commit" => json!(outcome.scan_commit),
                "scan_branch" => json!(outcome.scan_branch),
                "scanned_at" => json!(outcome.scanned_at),
                "scan_failed" => json!(outcome.scan_failed),
                "complete" => json!(outcome.complete),
                "not_findings" => json!(outcome.not_findings),
                other => panic!("no member {other}"),
            };
            assert_eq!(&actual, value, "{file}: {name}: {member}");
        }
    }
}

/// Whether `actual` holds everything that `expected` names.
fn holds(actual: &Value, expected: &Value, place: &str) -> Result<(), String> {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => expected.iter().try_for_each(|(name, expected)| {
            holds(actual.get(name).unwrap_or(&Value::Null), expected, &format!("{place}.{name}"))
        }),
        (Value::Array(actual), Value::Array(expected)) if actual.len() == expected.len() => {
            let mut pairs = actual.iter().zip(expected).enumerate();
            pairs.try_for_each(|(index, (actual, expected))| holds(actual, expected, &format!("{place}[{index}]")))
        }
        (actual, expected) if actual == expected => Ok(()),
        (Value::Number(actual), Value::Number(expected))
            if (actual.as_f64().unwrap_or(f64::NAN) - expected.as_f64().unwrap_or(f64::NAN)).abs() < 1e-6 =>
        {
            Ok(())
        }
        (actual, expected) => Err(format!("{place} is {actual}, expected {expected}")),
    }
}

macro_rules! fixtures {
    ($($(#[$doc:meta])* $name:ident: $file:literal;)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            check($file);
        }
    )*};
}

fixtures! {
    rules_are_found_by_index_id_reference_and_parent_id: "rules.json";
    severity_follows_scores_words_levels_and_ranks: "severity.json";
    messages_are_resolved: "messages.json";
    places_are_resolved: "places.json";
    flows_and_related_places_keep_their_order: "flows.json";
    fixes_are_taken_whole_or_not_at_all: "fixes.json";
    weaknesses_and_vulnerabilities_are_named: "taxa.json";
    status_time_and_links_are_carried_over: "standing.json";
    the_kind_and_package_follow_the_tool: "kinds.json";
    wrong_shapes_cost_only_themselves: "shapes.json";
}
