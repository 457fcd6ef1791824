//! `list`: what is found, where it is, and how sure and fresh that is.

use serde_json::Value;

use crate::sandbox::{Sandbox, assert_scrubbed};

const LOG: &str = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": [
    {"ruleId": "R1", "message": {"text": "bad \u001b[31mred\u202e"}, "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": "a.py"}, "region": {"startLine": 1, "startColumn": 5, "snippet": {"text": "eval(x)"}}}}]},
    {"ruleId": "R2", "message": {"text": "an image"}}]}]}"#;

#[test]
fn for_people_each_finding_has_its_place_first() {
    let (sandbox, shop) = Sandbox::with_demo();
    let ran = sandbox.run_wide(80, &shop, &["list"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_scrubbed!("list_human", sandbox, &ran.out);
    let too_wide: Vec<&str> = ran.out.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(too_wide.is_empty(), "{too_wide:?}");
    // For another program every finding is two lines, whatever their length.
    let piped = sandbox.run_in(&shop, &["list", "api/app.py"]);
    assert_eq!(piped.out.lines().take_while(|line| !line.is_empty()).count(), 4, "{}", piped.out);
}

#[test]
fn for_programs_it_is_json_with_lines_and_columns_from_one() {
    let (sandbox, shop) = Sandbox::with_demo();
    let ran = sandbox.run_in(&shop, &["list", "--format", "json", "api/app.py", "web"]);
    assert_eq!(ran.code, 0);
    assert_scrubbed!("list_json", sandbox, &ran.out);
}

#[test]
fn every_finding_of_the_logs_is_listed_whatever_its_status_and_state() {
    let (sandbox, shop) = Sandbox::with_demo();
    let of = |args: &[&str]| {
        let args = [&["list", "--format", "json"], args].concat();
        let list: Value = serde_json::from_str(&sandbox.run_in(&shop, &args).out).unwrap();
        list["findings"].as_array().unwrap().len()
    };
    assert_eq!(of(&["--status", "all"]), 30);
    let states = ["exact", "moved", "edited", "uncertain", "gone", "unplaced"];
    let sum: usize = states.iter().map(|state| of(&["--status", "all", "--state", state])).sum();
    assert_eq!(sum, 30);
    assert_eq!(of(&["--status", "all", "--state", &states.join(",")]), 30);
}

#[test]
fn a_path_narrows_the_list_from_any_folder() {
    let (sandbox, shop) = Sandbox::with_demo();
    let here = sandbox.run_in(&shop.join("api"), &["list", "app.py"]);
    let there = sandbox.run(&["list", "--root", "shop", "shop/api/app.py"]);
    assert_eq!(here.code, 0, "{}", here.err);
    assert!(here.out.contains("api/app.py:90:18: medium: "), "{}", here.out);
    assert!(!here.out.contains("orders.py"), "{}", here.out);
    assert_eq!(here.out, there.out);
    let nothing = sandbox.run_in(&shop, &["list", "web/themes"]);
    assert!(nothing.out.starts_with("No open findings here.\n"), "{}", nothing.out);
    assert_eq!(nothing.code, 0);
}

#[test]
fn no_data_is_told_from_no_findings() {
    let sandbox = Sandbox::new();
    sandbox.write("shop/a.py", "x\n");
    let shop = sandbox.path("shop");
    let no_data = sandbox.run_in(&shop, &["list"]);
    assert_eq!((no_data.code, no_data.out.as_str()), (3, ""));
    assert_scrubbed!("list_no_data", sandbox, &no_data.err);
    let json = sandbox.run_in(&shop, &["list", "--format", "json"]);
    let list: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.code, list["findings"].as_array().unwrap().len()), (3, 0));
    assert!(list["notices"].as_array().unwrap().iter().any(|notice| notice.as_str().unwrap().starts_with("No data")));

    sandbox.write(
        "shop/.aspm/a.sarif",
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": []}]}"#,
    );
    let none = sandbox.run_in(&shop, &["list"]);
    assert_eq!(none.code, 0, "{}", none.err);
    assert!(none.out.starts_with("No open findings.\nsarif: 0 findings"), "{}", none.out);
}

#[test]
fn a_log_that_is_cut_off_takes_no_finding_away_and_its_warning_goes_with_it() {
    let sandbox = Sandbox::new();
    sandbox.write("shop/a.py", "x = eval(x)\n");
    sandbox.write("shop/.aspm/a.sarif", LOG);
    let shop = sandbox.path("shop");
    let count = |ran: &crate::sandbox::Ran| ran.out.lines().filter(|line| line.contains(" · ")).count();
    let whole = sandbox.run_in(&shop, &["list"]);
    assert_eq!(count(&whole), 2, "{}", whole.out);
    let half = LOG.find("R2").unwrap();
    sandbox.write("shop/.aspm/a.sarif", &LOG[..half]);
    let cut = sandbox.run_in(&shop, &["list"]);
    assert_eq!(count(&cut), 2, "{}", cut.out);
    assert!(cut.err.contains("is cut off at byte"), "{}", cut.err);
    assert!(cut.err.contains("1 of the findings read before are kept"), "{}", cut.err);
    sandbox.write("shop/.aspm/a.sarif", &LOG.replace("2.1.0", "2.0.0"));
    let old = sandbox.run_in(&shop, &["list"]);
    assert_eq!(count(&old), 2, "{}", old.out);
    assert!(old.err.contains("2.0.0") && !old.err.contains("cut off"), "{}", old.err);
    sandbox.write(
        "shop/.aspm/a.sarif",
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": []}]}"#,
    );
    let fixed = sandbox.run_in(&shop, &["list"]);
    assert_eq!((count(&fixed), fixed.err.as_str()), (0, ""), "{}", fixed.out);
}

#[test]
fn a_path_that_nothing_knows_is_an_error_not_an_empty_list() {
    let (sandbox, shop) = Sandbox::with_demo();
    let ran = sandbox.run_in(&shop, &["list", "api/no_such_file.py"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("no such file"), "{}", ran.err);
}

#[test]
fn hostile_text_is_harmless_and_findings_without_a_file_are_listed() {
    let sandbox = Sandbox::new();
    sandbox.write("shop/a.py", "x = eval(x)\n");
    sandbox.write("shop/.aspm/a.sarif", LOG);
    let ran = sandbox.run_in(&sandbox.path("shop"), &["list"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_scrubbed!("list_hostile", sandbox, &ran.out);
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{}", ran.out);
}

#[test]
fn colours_come_when_forced_and_never_by_themselves() {
    let (sandbox, shop) = Sandbox::with_demo();
    let mut command = sandbox.command(&shop, &["list", "api/app.py"]);
    let output = command.env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("\u{1b}[1;31mhigh\u{1b}[0m"));
    assert!(!sandbox.run_in(&shop, &["list", "api/app.py"]).out.contains('\u{1b}'));
}

#[test]
fn a_broken_configuration_is_an_error_not_an_empty_list() {
    let sandbox = Sandbox::new();
    sandbox.write("shop/.aspm/a.sarif", LOG);
    sandbox.write("shop/aspm.toml", "[[source]]\nkind = \"sariff\"\npath = \"x\"\n");
    let shop = sandbox.path("shop");
    for args in [&["list"][..], &["show", "abcdef"]] {
        let ran = sandbox.run_in(&shop, args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.starts_with("error: aspm.toml:2:8: "), "{}", ran.err);
        assert!(ran.err.contains("did you mean \"sarif\"?"), "{}", ran.err);
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let (sandbox, shop) = Sandbox::with_demo();
    let mut child = sandbox.command(&shop, &["list", "--format", "json"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}
