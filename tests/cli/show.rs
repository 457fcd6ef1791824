//! `show`: one finding, whole, by its id or the start of it.

use serde_json::Value;

use crate::sandbox::{Ran, Sandbox, assert_scrubbed};

/// Ids of the findings of a rule, as `list` gives them.
fn ids(sandbox: &Sandbox, rule: &str) -> Vec<String> {
    let ran: Ran = sandbox.run_in(&sandbox.path("shop"), &["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&ran.out).unwrap();
    let of_rule = list["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule);
    of_rule.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_edited_finding_is_shown_as_it_was_and_as_it_is() {
    let (sandbox, shop) = Sandbox::with_demo();
    let id = &ids(&sandbox, "B602")[0];
    let ran = sandbox.run_in(&shop, &["show", id]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_scrubbed!("show_edited", sandbox, &ran.out);
    let digest = id.split_once(':').unwrap().1;
    assert_eq!(sandbox.run_in(&shop, &["show", &digest[..6]]).out, ran.out, "by the start of the id");
}

#[test]
fn a_gone_finding_is_shown_as_it_was() {
    let (sandbox, shop) = Sandbox::with_demo();
    let ran = sandbox.run_in(&shop, &["show", &ids(&sandbox, "B324")[0]]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_scrubbed!("show_gone", sandbox, &ran.out);
}

#[test]
fn an_id_that_several_findings_have_lists_them_and_an_unknown_one_says_how_to_find_ids() {
    let (sandbox, shop) = Sandbox::with_demo();
    let several = sandbox.run_in(&shop, &["show", "sarif"]);
    assert_eq!((several.code, several.out.as_str()), (2, ""));
    assert!(
        several.err.starts_with("error: 30 ids start with sarif; type more of the one you mean:\n"),
        "{}",
        several.err
    );
    assert!(several.err.contains("  and 10 more\n"), "{}", several.err);
    let unknown = sandbox.run_in(&shop, &["show", "zzzz"]);
    assert_eq!(
        (unknown.code, unknown.err.as_str()),
        (2, "error: no finding's id is or starts with \"zzzz\"; `aspm-lsp list --status all` shows the ids\n")
    );
}
