//! What a bundle cannot do: it is refused when it is loaded, with file, line and rule.

use aspm_policy::bundle::{Bundle, Manifest};
use aspm_policy::{Error, Policy};
use serde_json::{Value, json};

use crate::support::{bundle, policy};

const VERDICT: &str = r#"verdict := {"action": "hide", "risk": 0, "factors": [], "reasons": []}"#;

#[test]
fn impure_functions_are_refused_wherever_they_hide() {
    let cases = [
        ("x := http.send({\"url\": \"http://127.0.0.1\"})", "http.send is not available"),
        ("x := opa.runtime()", "opa.runtime is not available"),
        ("x := rand.intn(\"a\", 9)", "rand.intn is not available"),
        ("x := uuid.rfc4122(\"a\")", "uuid.rfc4122 is not available"),
        ("x := time.now_ns()", "time.now_ns is not available: use input.now"),
        ("x := time[\"now_ns\"]()", "time.now_ns is not available"),
        ("f(y) := time.now_ns() + y", "time.now_ns is not available"),
        ("x if { every y in [1] { time.now_ns() > y } }", "time.now_ns is not available"),
        ("x := [y | some y in [time.now_ns()]]", "time.now_ns is not available"),
        ("x := {\"a\": {time.now_ns()}}", "time.now_ns is not available"),
        ("x if not time.now_ns()", "time.now_ns is not available"),
        ("x := 1 if false else := time.now_ns()", "time.now_ns is not available"),
        ("x := input.a[time.now_ns()]", "time.now_ns is not available"),
        ("x contains time.now_ns()", "time.now_ns is not available"),
        ("x[y] := 1 if y := time.now_ns()", "time.now_ns is not available"),
        ("default x := 1\nx := 2 if time.now_ns() > 1", "time.now_ns is not available"),
        ("x := y if { y := count([1]) with count as rand.intn }", "rand.intn is not available"),
        ("x := y if { y := input with input as time.now_ns() }", "time.now_ns is not available"),
        ("x if time.now_ns(y)", "time.now_ns is not available"),
        ("x := io.jwt.decode(\"a\")", "there is no function io.jwt.decode"),
        ("x := made_up(1)", "there is no function made_up"),
        ("x := data.other.made_up(1)", "it calls data.other.made_up, which no module defines"),
        ("x := {1: count}[1](2)", ""),
    ];
    for (rule, said) in cases {
        let text = format!("package aspm\n\n{VERDICT}\n\n{rule}\n");
        let error = policy(&text).expect_err(rule);
        let text = error.to_string();
        assert!(text.contains(said), "{rule}: {text}");
        if !said.is_empty() {
            let Error::Refused { spot, rule: named, .. } = &error else { panic!("{rule}: {error:?}") };
            let line = if rule.starts_with("default") { 6 } else { 5 };
            assert_eq!((&*spot.file, spot.line), ("policy.rego", line), "{rule}: {text}");
            assert!(named.as_deref().is_some_and(|named| named.starts_with("aspm.")), "{rule}: {named:?}");
            assert!(rule.contains(&spot.text) && !spot.text.is_empty(), "{rule}: {:?}", spot.text);
        }
    }
}

#[test]
fn an_alias_hides_nothing() {
    let texts = [
        ("policy.rego", "package aspm\n\nimport data.mine as time\n\nx := time.now_ns()\n"),
        ("mine.rego", "package mine\n\ny := 1\n"),
    ];
    let error = Policy::of_bundle(&bundle(&texts, Value::Null)).expect_err("no such function");
    assert!(error.to_string().contains("it calls data.mine.now_ns, which no module defines"), "{error}");
}

#[test]
fn a_function_of_ones_own_may_have_any_name() {
    let texts = [
        ("policy.rego", "package aspm\n\nimport data.mine as time\n\nx := time.now_ns(1)\n"),
        ("mine.rego", "package mine\n\nnow_ns(x) := x\n"),
    ];
    Policy::of_bundle(&bundle(&texts, Value::Null)).expect("a policy");
}

#[test]
fn functions_that_call_themselves_are_refused() {
    for rules in [
        "f(x) := f(x)",
        "f(x) := g(x)\ng(x) := f(x)",
        "f(x) := data.aspm.f(x)",
        "f(x) := y if { y := g(x) with data.aspm.g as f }\ng(x) := x",
    ] {
        let error = policy(&format!("package aspm\n{rules}\n")).expect_err(rules);
        assert!(error.to_string().contains("it calls itself"), "{rules}: {error}");
    }
}

#[test]
fn a_file_that_is_no_rego_is_named_with_its_line() {
    let error = policy("package aspm\n\nx := := 1\n").expect_err("no Rego");
    let spot = error.spot().expect("a place");
    assert_eq!((&*spot.file, spot.line, &*spot.text), ("policy.rego", 3, "x := := 1"), "{error}");
    assert!(error.to_string().starts_with("policy acme.tar.gz: policy.rego:3: "), "{error}");
}

#[test]
fn the_built_in_policys_names_are_its_own() {
    let texts = [
        "package aspm.defaults\n\nrisk := 0\n",
        "package aspm.defaults.deeper\n\nx := 0\n",
        "package aspm\n\ndefaults := {\"risk\": 0}\n",
        "package aspm\n\ndefaults.risk := 0\n",
    ];
    for text in texts {
        let error = policy(text).expect_err(text);
        assert!(error.to_string().contains("data.aspm.defaults is the built-in policy's"), "{text}: {error}");
    }
    let data = json!({"aspm": {"defaults": {"risk": 0}}});
    let error = Policy::of_bundle(&bundle(&[], data)).expect_err("data");
    assert!(error.to_string().contains("its data has aspm.defaults"), "{error}");
}

#[test]
fn data_may_not_stand_in_for_a_rule() {
    let data = json!({"aspm": {"verdict": {"action": "hide", "risk": 0, "factors": [], "reasons": []}}});
    let error = Policy::of_bundle(&bundle(&[], data)).expect_err("data");
    assert!(error.to_string().contains("its data has aspm.verdict"), "{error}");
    let twice = bundle(&[("p.rego", "package acme\nlimit := 3\n")], json!({"acme": {"limit": 4}}));
    let error = Policy::of_bundle(&twice).expect_err("both");
    assert!(error.to_string().contains("data.acme.limit is defined both by its data and by p.rego"), "{error}");
}

#[test]
fn a_bundle_keeps_to_its_roots() {
    let rooted = |modules: &[(&str, &str)], data: Value, roots: &[&str]| {
        let roots = roots.iter().map(|root| (*root).to_owned()).collect();
        Policy::of_bundle(&Bundle { manifest: Manifest { roots, ..Manifest::default() }, ..bundle(modules, data) })
    };
    let module = [("p.rego", "package acme.team\n\nx := 1\n")];
    rooted(&module, json!({"aspm": {"settings": {"block_at": 50}}}), &["acme", "aspm/settings"]).expect("inside");
    rooted(&module, json!({"other": 1}), &[""]).expect("everywhere");
    rooted(&module, json!({"other": 1}), &[]).expect("everywhere");
    let error = rooted(&module, Value::Null, &["acme/other"]).expect_err("a module outside");
    assert!(error.to_string().contains("p.rego: package acme.team lies outside its manifest's roots"), "{error}");
    let error = rooted(&module, json!({"aspm": {"settings": {}, "rules": []}}), &["acme", "aspm/settings"]);
    assert!(error.expect_err("data outside").to_string().contains("data.aspm.rules lies outside"));
}

#[test]
fn settings_of_the_wrong_kind_are_refused_and_unknown_ones_are_told() {
    let tuned = |settings: Value| Policy::of_bundle(&bundle(&[], json!({"aspm": {"settings": settings}})));
    let wrong = [
        (json!({"block_at": "70"}), "aspm.settings.block_at must be a number, not \"70\""),
        (json!({"secrets_block": 0}), "aspm.settings.secrets_block must be true or false"),
        (json!({"points": {"severity": {"high": null}}}), "aspm.settings.points.severity.high must be a number"),
        (json!({"points": 3}), "aspm.settings.points must be an object"),
        (json!({"required_scanners": [1]}), "aspm.settings.required_scanners must be a list of texts"),
        (json!([]), "aspm.settings must be an object"),
    ];
    for (settings, said) in wrong {
        let error = tuned(settings).expect_err(said);
        assert!(error.to_string().contains(said), "{error}");
    }
    let policy = tuned(json!({"block_att": 1, "points": {"exposure": {"dmz": 3}}})).expect("a policy");
    assert_eq!(policy.notices(), ["aspm.settings.block_att is not a setting of the built-in policy"]);
}
