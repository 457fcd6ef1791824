//! `doctor`: everything at a glance, each problem with what to do.

use crate::sandbox::{Sandbox, assert_scrubbed};

#[test]
fn a_folder_in_order_is_told_from_its_root_to_its_mapping() {
    let (sandbox, shop) = Sandbox::with_demo();
    let ran = sandbox.run_in(&shop, &["doctor"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_scrubbed!("doctor_demo", sandbox, &ran.out);
}

#[test]
fn each_problem_comes_with_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.write("shop/src/a.py", "eval(x)\n");
    sandbox.write("shop/aspm.toml", "[[sources]]\n");
    let ran = sandbox.run_in(&sandbox.path("shop"), &["doctor"]);
    assert_eq!(ran.code, 1);
    assert_scrubbed!("doctor_broken", sandbox, &ran.out);
}

#[test]
fn an_unknown_commit_and_paths_that_fit_nothing_are_problems_but_findings_are_there() {
    let sandbox = Sandbox::new();
    sandbox.write("shop/src/a.py", "eval(x)\n");
    sandbox.write("shop/.aspm/a.sarif", &LOG.replace("COMMIT", &"ab".repeat(20)));
    let shop = sandbox.path("shop");
    let git = std::process::Command::new("git").args(["init", "-q", "-b", "main"]).current_dir(&shop).status();
    if !git.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no git");
        return;
    }
    let ran = sandbox.run_in(&shop, &["doctor"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert_scrubbed!("doctor_unknown_commit", sandbox, &ran.out);
}

const LOG: &str = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T", "version": "1"}},
    "versionControlProvenance": [{"repositoryUri": "https://git.example/shop", "revisionId": "COMMIT"}], "results": [
    {"ruleId": "R1", "message": {"text": "m"}, "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": "/build/src/a.py"}, "region": {"startLine": 1, "snippet": {"text": "eval(x)"}}}}]},
    {"ruleId": "R1", "message": {"text": "m"}, "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": "/build/lib/b.py"}, "region": {"startLine": 1, "snippet": {"text": "eval(x)"}}}}]}]}]}"#;
