//! `demo`: the example is placed as a person judged it, and told so that it can be read.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sandbox::{Sandbox, assert_scrubbed};

fn expected() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/server/src/cli/demo/assets/expected.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// `rule path:line` as scanned → what is said of it now.
fn by_scan<'v>(
    findings: &'v Value,
    line_of: impl Fn(&Value) -> Option<u64>,
    path_of: impl Fn(&Value) -> Option<&str>,
) -> BTreeMap<(String, String), String>
where
{
    let mut found = BTreeMap::new();
    for finding in findings.as_array().unwrap().iter().collect::<Vec<&'v Value>>() {
        let scanned = &finding["scanned"];
        let scan = format!("{}:{}", scanned["path"].as_str().unwrap(), scanned["line"]);
        let state = finding["state"].as_str().or(finding["placement"]["state"].as_str()).unwrap();
        let place = match (path_of(finding), line_of(finding)) {
            (Some(path), Some(line)) if state != "gone" => format!("{state} at {path}:{line}"),
            _ => state.to_owned(),
        };
        found.insert((scan, finding["rule"].as_str().unwrap().to_owned()), place);
    }
    found
}

#[test]
fn every_finding_is_placed_as_a_person_judged_it() {
    let (sandbox, shop) = Sandbox::with_demo();
    let ran = sandbox.run_in(&shop, &["list", "--status", "all", "--format", "json"]);
    let list: Value = serde_json::from_str(&ran.out).unwrap();
    let expected = expected();
    let judged = by_scan(
        &expected["findings"],
        |finding| finding["now"]["line"].as_u64(),
        |finding| finding["now"]["path"].as_str(),
    );
    let placed = by_scan(
        &list["findings"],
        |finding| finding["placement"]["range"]["start"]["line"].as_u64(),
        |finding| finding["placement"]["path"].as_str(),
    );
    assert_eq!(placed.len(), 30);
    let differences: Vec<String> = judged
        .iter()
        .filter(|(key, judged)| placed.get(*key) != Some(judged))
        .map(|(key, judged)| format!("{key:?}: a person says {judged}, we say {:?}", placed.get(key)))
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn it_is_told_in_sections_with_pictures_and_a_tally() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run_wide(80, &sandbox.path(""), &["demo", "shop"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_scrubbed!("demo", sandbox, &ran.out);
    let expected = expected();
    let astray = expected["findings"].as_array().unwrap().iter().filter(|finding| {
        let (now, scanned) = (&finding["now"], &finding["scanned"]);
        now["path"] != scanned["path"] || now["line"] != scanned["line"]
    });
    let words = format!("By line number alone, {} of 30 findings", astray.count());
    assert!(ran.out.contains(&words), "{words}");
}

#[test]
fn all_of_it_can_be_shown_in_full() {
    let sandbox = Sandbox::new();
    let some = sandbox.run(&["demo", "shop"]).out.matches(" --> ").count();
    let all = sandbox.run(&["demo", "--all", "shop"]).out.matches("--> ").count();
    assert!(some < all, "{some} of {all}");
    // Twins share a picture.
    let twins = expected()["one_diagnostic"].as_array().unwrap().len();
    assert!((30 - 2 * twins..=30).contains(&all), "{all}");
}

#[test]
fn git_sees_only_the_uncommitted_change() {
    let (_sandbox, shop) = Sandbox::with_demo();
    let status = std::process::Command::new("git").args(["status", "--porcelain"]).current_dir(&shop).output();
    let Ok(status) = status else {
        eprintln!("skipped: no git");
        return;
    };
    assert_eq!(String::from_utf8(status.stdout).unwrap(), " M deploy/Dockerfile\n M worker/deliver.go\n");
}

#[test]
fn a_folder_of_somebody_else_is_refused_and_the_default_lies_in_the_cache() {
    let sandbox = Sandbox::new();
    sandbox.write("mine/notes.txt", "x");
    let refused = sandbox.run(&["demo", "mine"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("was not made by `aspm-lsp demo`"), "{}", refused.err);
    assert!(sandbox.path("mine/notes.txt").exists());
    assert_eq!(sandbox.run(&["demo"]).code, 0);
    assert!(sandbox.path("home/.cache/aspm/demo/parcel-shop/README.md").exists());
}
