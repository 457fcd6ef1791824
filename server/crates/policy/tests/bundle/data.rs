//! Data files in the form that OPA hashes and Rego sees.

use std::collections::BTreeMap;

use aspm_policy::bundle::{Overrides, build, unpack};
use proptest::prelude::*;
use serde_json::Value;

use crate::{folder, read, refusal};

/// `data.json` of the bundle built from one data file: its canonical form.
fn canonical(path: &str, text: &str) -> String {
    let archive =
        build(&folder(&[(path, text)]), &Overrides::default(), None).unwrap_or_else(|e| panic!("{text}: {e}"));
    let built = unpack(&archive).expect("our own archive");
    String::from_utf8_lossy(built.get("data.json").expect("data is always there")).into_owned()
}

/// The expected forms were computed by Go's own `encoding/json` and `sigs.k8s.io/yaml`, which OPA uses.
#[test]
fn yaml_means_what_it_means_to_opa() {
    let cases: BTreeMap<String, String> = serde_json::from_str(include_str!("canonical.json")).unwrap();
    assert!(cases.len() > 400, "the cases are there: {}", cases.len());
    for (text, expected) in cases {
        assert_eq!(canonical("data.yaml", &text), expected, "{text:?}");
    }
}

#[test]
fn json_keeps_the_spelling_of_numbers_and_escapes_as_go_does() {
    for (text, expected) in [
        (r#" { "b" : 1.50 , "a" : -0 } "#, r#"{"a":-0,"b":1.50}"#),
        (r#"{"n":1E+3,"m":0.10}"#, r#"{"m":0.10,"n":1E+3}"#),
        (r#"{"e":"\u00e9\u2028<>&\u007f\u0001\/\b\f"}"#, "{\"e\":\"é\\u2028<>&\u{7f}\\u0001/\\b\\f\"}"),
        (r#"{"é":1,"e":2,"😀":3,"﹫":4}"#, r#"{"e":2,"é":1,"﹫":4,"😀":3}"#),
        ("{\"a\":\r\n[1,\t2]}", r#"{"a":[1,2]}"#),
    ] {
        assert_eq!(canonical("data.json", text), expected);
    }
}

#[test]
fn data_that_is_not_clear_is_refused_with_its_place() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    for (path, text, said) in [
        ("data.json", r#"{"a":1,"a":2}"#, r#"line 1, column 8: the key "a" is given twice"#),
        ("data.json", r#"{"a":1,"\u0061":2}"#, "given twice"),
        ("data.json", "{\"a\":\n  NaN}", "line 2, column 3"),
        ("data.json", r#"{"a":01}"#, "as JSON spells them"),
        ("data.json", r#"{"a":1e999}"#, "does not fit into 64 bits"),
        ("data.json", r#"{"a":123456789012345678901234567890}"#, "does not fit into 64 bits"),
        ("data.json", r#"{"a":"\ud800"}"#, "JSON does not allow"),
        ("data.json", "{\"a\":\"\t\"}", "JSON does not allow"),
        ("data.json", "\u{feff}{}", "byte order mark"),
        ("data.json", "{} x", "something follows"),
        ("data.json", "[1]", "data at the top of a bundle is an object"),
        ("data.json", &deep, "nested more than 128 deep"),
        ("data.json", "{\"a\":\"x", "has no end"),
        ("data.yaml", "a: 1\na: 2\n", "given twice"),
        ("data.yaml", "1: a\n\"1\": b\n", "given twice"),
        ("data.yaml", "a: .nan\n", "no number in JSON"),
        ("data.yaml", "a: 0x1FFFFFFFFFFFFFFFFF\n", "does not fit into 64 bits"),
        ("data.yaml", "a: !!binary aGk=\n", "has no meaning in data"),
        ("data.yaml", "a: !secret x\n", "has no meaning in data"),
        ("data.yaml", "1.5: a\n", "cannot be a key"),
        ("data.yaml", "? [a]\n: b\n", "cannot be a key"),
        ("data.yaml", "~: b\n", "cannot be a key"),
        ("data.yaml", "a: 1\n---\nb: 2\n", "second document"),
        ("data.yaml", "a: *nope\n", "unknown anchor"),
        ("data.yaml", "a: &a [*a]\n", "not complete"),
        ("data.yaml", "x: &x {p: 1}\nd:\n  p: 9\n  <<: *x\n", "put << first"),
        ("data.yaml", "d:\n  <<: 3\n", "merges an object"),
    ] {
        let refusal = refusal(&[(path, text)]);
        assert!(refusal.contains(said), "{text:?}: {refusal}");
    }
}

#[test]
fn aliases_cannot_stand_for_more_than_memory_holds() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for pair in ('a'..='k').zip('b'..='l') {
        let (from, to) = pair;
        bomb += &[&format!("{to}: &{to} ["), vec![format!("*{from}"); 9].join(", ").as_str(), "]\n"].concat();
    }
    assert!(refusal(&[("data.yaml", &bomb)]).contains("once its aliases are expanded"));
    let mut chain = "a0: &a0 [x]\n".to_owned();
    for at in 0..200 {
        let next = at + 1;
        chain.extend([format!("a{next}: &a{next} [*a{at}]\n")]);
    }
    assert!(refusal(&[("data.yaml", &chain)]).contains("nested more than 128 deep"));
    let nested = format!("a: {}x{}\n", "[".repeat(200), "]".repeat(200));
    assert!(refusal(&[("data.yaml", &nested)]).contains("nested more than"));
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_matter_to_yaml() {
    assert_eq!(canonical("data.yaml", "\u{feff}a: 1\r\nb: x\r\n"), r#"{"a":1,"b":"x"}"#);
}

/// Names that differ only by case or normalisation are different data, as for OPA.
#[test]
fn names_count_byte_for_byte() {
    let bundle = read(&[
        ("Shop/data.json", "1"),
        ("shop/data.json", "2"),
        ("caf\u{e9}/data.json", "3"),
        ("cafe\u{301}/data.json", "4"),
    ])
    .unwrap();
    assert_eq!(bundle.data.as_object().unwrap().len(), 4);
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_reads_as_serde_reads_it(value in json()) {
        let expected = serde_json::json!({ "x": value });
        let text = serde_json::to_string_pretty(&expected).unwrap();
        prop_assert_eq!(read(&[("data.json", &text)]).unwrap().data, expected.clone());
        prop_assert_eq!(read(&[("data.yaml", &text)]).unwrap().data, expected);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in ".*", path in "(data\\.json|data\\.yaml|\\.manifest|x\\.rego|rules/a\\.yml)") {
        drop(read(&[(&path, &text)]));
    }

    #[test]
    fn no_yaml_like_text_makes_a_reader_panic(text in "[a0:\\- \n\\[\\]{},\"'&*!|>#?%<.x]{0,60}") {
        drop(read(&[("data.yaml", &text)]));
    }
}
