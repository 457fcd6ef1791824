//! What the files of a bundle come to.

use aspm_policy::bundle::{Error, check_sequence};
use serde_json::json;

use crate::{GATE, read, refusal};

#[test]
fn modules_data_rules_and_manifest_are_found_in_any_folder() {
    let bundle = read(&[
        (".manifest", r#"{"revision":"r1","roots":["aspm","shop"],"metadata":{"aspm":{"sequence":7},"x":1},"new":[]}"#),
        ("z/gate.rego", GATE),
        ("gate_test.rego", "package aspm.gate_test\n"),
        ("shop/data.json", r#"{"owner":"a"}"#),
        ("shop/more/data.yaml", "level: 0644\n"),
        ("shop/other/data.yml", "- 1\n"),
        ("rules/python/eval.yml", "id: eval\n"),
        ("rules/python/eval.py", "eval(x)\n"),
        ("rules/secrets.toml", "[[rules]]\n"),
        ("README.md", "words"),
    ])
    .unwrap();
    let paths: Vec<&str> = bundle.modules.iter().map(|module| module.path.as_str()).collect();
    assert_eq!(paths, ["gate_test.rego", "z/gate.rego"]);
    assert_eq!(bundle.data, json!({"shop": {"owner": "a", "more": {"level": 420}, "other": [1]}}));
    assert_eq!(bundle.manifest.revision.as_deref(), Some("r1"));
    assert_eq!(bundle.manifest.roots, ["aspm", "shop"]);
    assert_eq!(bundle.manifest.sequence, Some(7));
    assert_eq!(bundle.signed_by, None);
    let rules: Vec<&str> = bundle.rules.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(rules, ["rules/python/eval.yml", "rules/secrets.toml"]);
}

#[test]
fn rules_in_data_are_the_same_rules() {
    let from_data = read(&[("data.json", r#"{"aspm":{"rules":{"rules/a.yml":"id: a\n"}},"x":1}"#)]).unwrap();
    let from_files = read(&[("data.json", r#"{"x":1}"#), ("rules/a.yml", "id: a\n")]).unwrap();
    assert_eq!(from_data, from_files);
    for (rules, said) in [
        (r#"{"a.yml":""}"#, "no path of a rule"),
        (r#"{"rules/../a.yml":""}"#, "no path of a rule"),
        (r#"{"rules/a.yml":1}"#, "the text of a rule is expected"),
        ("[]", "an object of path to text is expected"),
    ] {
        let refusal = refusal(&[("aspm/data.json", &format!(r#"{{"rules":{rules}}}"#))]);
        assert!(refusal.contains(said), "{rules}: {refusal}");
    }
    let both = [("aspm/rules/data.json", r#"{"rules/a.yml":"x"}"#), ("rules/a.yml", "y")];
    assert!(refusal(&both).contains("both define"), "a rule has one text");
}

#[test]
fn a_conflict_names_both_files() {
    let cases: &[[(&str, &str); 2]] = &[
        [("data.json", r#"{"a":{"b":1}}"#), ("a/data.yaml", "b: 1\n")],
        [("data.json", r#"{"a":{"b":1}}"#), ("a/b/data.yaml", "c: 1\n")],
        [("data.json", r#"{"a":{"b":{}}}"#), ("a/data.yaml", "b: []\n")],
    ];
    for files in cases {
        let refusal = refusal(files);
        assert!(refusal.contains("data.json") && refusal.contains("data.yaml"), "{refusal}");
        assert!(refusal.contains("at /a/b"), "{refusal}");
    }
}

#[test]
fn only_what_the_roots_permit_is_defined() {
    let with =
        |roots: &str, path: &str, text: &str| read(&[(".manifest", &format!(r#"{{"roots":{roots}}}"#)), (path, text)]);
    for (roots, path, text) in [
        (r#"["aspm"]"#, "x.rego", "package aspm"),
        (r#"["/aspm/"]"#, "x.rego", "# c\n\n  package aspm.a.b # c\n"),
        (r#"["a/b c"]"#, "x.rego", "package a[\"b c\"].d\n"),
        (r#"["a/b","a/c"]"#, "data.json", r#"{"a":{"b":1,"c":{"d":2}}}"#),
        (r#"[""]"#, "x.rego", "package anything"),
        (r#"["a"]"#, "data.json", "{}"),
    ] {
        with(roots, path, text).unwrap_or_else(|error| panic!("{roots} {text}: {error}"));
    }
    for (roots, path, text) in [
        (r#"["aspm"]"#, "x.rego", "package aspmx"),
        (r#"["aspm/gate"]"#, "x.rego", "package aspm"),
        (r#"["a/b"]"#, "data.json", r#"{"a":{"c":1}}"#),
        (r#"["a/b"]"#, "data.json", r#"{"a":1}"#),
        (r#"["a"]"#, "data.json", r#"{"ab":{}}"#),
        (r#"["a/b"]"#, "x.rego", "package a[\"b/c\"]\n"),
        (r#"["a"]"#, "x.rego", "x := 1"),
        (r#"["package"]"#, "x.rego", "# package a\npackaged := 1"),
    ] {
        let error = with(roots, path, text).expect_err(text);
        assert!(matches!(error, Error::OutsideRoots { .. } | Error::File { .. }), "{text}: {error}");
        assert!(error.to_string().contains("roots of .manifest"), "{text}: {error}");
    }
}

#[test]
fn a_manifest_that_means_two_things_is_refused() {
    for (manifest, said) in [
        (r#"{"roots":["a","a/b"]}"#, "overlap"),
        (r#"{"roots":["","a"]}"#, "overlap"),
        (r#"{"roots":["a","a/"]}"#, "overlap"),
        (r#"{"roots":[]}"#, "permits nothing"),
        (r#"{"roots":"a"}"#, "a list of texts is expected"),
        (r#"{"Roots":["a"]}"#, r#"as "roots""#),
        (r#"{"revision":1}"#, "a text is expected"),
        (r#"{"metadata":{"aspm":{"sequence":-1}}}"#, "whole number"),
        (r#"{"metadata":{"aspm":{"sequence":1.5}}}"#, "whole number"),
        (r#"{"metadata":{"aspm":{"sequence":"7"}}}"#, "whole number"),
        (r#"{"metadata":{"aspm":{"sequence":99999999999999999999}}}"#, "whole number"),
        (r#"{"rego_version":0}"#, "another Rego than v1"),
        (r#"{"rego_version":1,"file_rego_versions":{"/a.rego":0}}"#, "another Rego than v1"),
        ("[]", "an object is expected"),
        (r#"{"revision":"a","revision":"b"}"#, "given twice"),
        (r#"{"revision":"a"} {}"#, "follows the end"),
        ("", "ends where a value should be"),
    ] {
        let refusal = refusal(&[(".manifest", manifest)]);
        assert!(refusal.contains(said), "{manifest}: {refusal}");
    }
}

#[test]
fn names_that_opa_reads_otherwise_are_refused() {
    for path in ["a/.manifest", "x.manifest", "a/.signatures.json", "xsignatures.json", "patch.json", "a/patch.json"] {
        let error = read(&[(path, "{}")]).expect_err(path);
        assert!(matches!(error, Error::File { .. }), "{path}: {error}");
    }
}

#[test]
fn a_lower_sequence_or_none_is_a_replay() {
    for (new, seen, passes) in [
        (None, None, true),
        (Some(0), None, true),
        (Some(7), Some(7), true),
        (Some(8), Some(7), true),
        (Some(6), Some(7), false),
        (None, Some(0), false),
    ] {
        assert_eq!(check_sequence(new, seen).is_ok(), passes, "{new:?} after {seen:?}");
    }
}
