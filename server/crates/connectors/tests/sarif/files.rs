//! Which files are read, when they are read again, and what never is.

use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::path::Path;

use aspm_connectors::sarif::{Limits, SarifFiles};
use aspm_connectors::{Connector, Error, Sink};
use finding::Finding;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::support::{Kept, folder, log, problems, pull, pull_bytes, pull_from, pull_within, result, run, write};

fn one(rule: &str) -> String {
    log(&[run(&[result(rule, "a.py", 1)])])
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.id.as_str()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::default());
    zip.write_all(bytes).expect("zips");
    zip.finish().expect("zips")
}

#[test]
fn a_pattern_is_a_file_a_folder_or_a_glob() {
    let zipped = gzip(one("GZ").as_bytes());
    let root = folder(&[
        ("reports/a.sarif", one("A").as_bytes()),
        ("reports/b.sarif.json", one("B").as_bytes()),
        ("reports/deep/c.sarif.gz", &zipped),
        ("reports/readme.txt", b"not a log"),
        ("reports/other.json", one("J").as_bytes()),
        (".aspm/d.sarif", one("D").as_bytes()),
        (".hidden/e.sarif", one("E").as_bytes()),
        ("node_modules/p/f.sarif", one("F").as_bytes()),
    ]);
    for (pattern, expected) in [
        ("reports/a.sarif", &["A"][..]),
        ("./reports//a.sarif", &["A"]),
        ("reports\\a.sarif", &["A"]),
        ("reports/other.json", &["J"]),
        ("reports", &["A", "B", "GZ"]),
        ("reports/", &["A", "B", "GZ"]),
        ("reports/*.sarif", &["A"]),
        ("reports/*", &["A", "B"]),
        ("reports/**", &["A", "B", "GZ"]),
        ("reports/**/*.gz", &["GZ"]),
        ("reports/*.json", &["B", "J"]),
        ("re*/{a,b}.*", &["A", "B"]),
        (".aspm/**/*.sarif", &["D"]),
        ("**/*.sarif", &["D", "A"]),
        (".", &["D", "A", "B", "GZ"]),
        (".hidden/*.sarif", &["E"]),
        ("node_modules/**/*.sarif", &["F"]),
    ] {
        let (findings, outcome) = pull(root.path(), pattern);
        let outcome = outcome.unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(rules(&findings), expected, "{pattern}");
        assert_eq!((outcome.logs, outcome.complete), (expected.len(), true), "{pattern}");
    }
}

#[test]
fn a_pattern_that_cannot_be_used_is_refused_with_the_reason() {
    for (pattern, why) in [
        ("", "is empty"),
        ("/", "is empty or the file system's root"),
        ("/etc/*.sarif", "is absolute"),
        ("C:\\logs\\*.sarif", "is absolute"),
        ("../other/*.sarif", "leads out of the repository"),
        ("reports/../../x.sarif", "leads out of the repository"),
        ("reports/[a.sarif", "is not a valid glob"),
    ] {
        let error = SarifFiles::new(Path::new("."), "ci", pattern, Limits::default()).expect_err(pattern).to_string();
        assert!(error.contains("source `ci`") && error.contains(why), "{pattern}: {error}");
    }
}

#[test]
fn no_log_is_an_error_and_an_empty_log_is_data() {
    let root = folder(&[("reports/readme.txt", b"x"), ("clean.sarif", log(&[run(&[])]).as_bytes())]);
    for pattern in ["reports", "reports/*.sarif", "missing.sarif", "missing/**/*.sarif"] {
        let (_, outcome) = pull(root.path(), pattern);
        let error = outcome.expect_err(pattern);
        assert!(matches!(error, Error::NoLogs { .. }), "{error:?}");
        assert!(error.to_string().contains(pattern) && error.to_string().contains("run the scanner"), "{error}");
    }
    let (findings, outcome) = pull(root.path(), "clean.sarif");
    let outcome = outcome.expect("data");
    assert_eq!((findings.len(), outcome.logs, outcome.complete, outcome.scan_failed), (0, 1, true, false));
    assert_eq!(outcome.tools[0].name, "Tool");
}

#[test]
fn watched_globs_cover_what_is_read() {
    let globs = |pattern: &str| {
        SarifFiles::new(Path::new("."), "ci", pattern, Limits::default()).expect("a pattern").watched_globs()
    };
    assert!(globs("reports/*.sarif").contains(&"reports/*.sarif".to_owned()));
    for glob in
        ["reports", "reports/**/*.sarif", "reports/**/*.sarif.json.gz", "reports/**/*.sarif-external-properties"]
    {
        assert!(globs("reports/").contains(&glob.to_owned()), "{glob}");
    }
    assert!(globs(".").contains(&"**/*.sarif".to_owned()));
}

#[test]
fn nothing_is_read_again_until_something_changes() {
    let root = folder(&[("a.sarif", one("A").as_bytes())]);
    let files = SarifFiles::new(root.path(), "ci", "*.sarif", Limits::default()).expect("a pattern");
    let (findings, outcome) = pull_from(&files, None);
    let cursor = outcome.expect("a pull").cursor;
    assert_eq!(findings.len(), 1);
    let (findings, outcome) = pull_from(&files, Some(&cursor));
    let outcome = outcome.expect("a pull");
    assert_eq!((findings.len(), outcome.unchanged, &outcome.cursor), (0, true, &cursor));
    let other = SarifFiles::new(root.path(), "other", "*.sarif", Limits::default()).expect("a pattern");
    assert!(!pull_from(&other, Some(&cursor)).1.expect("a pull").unchanged, "ids carry the source's name");
    for (change, name) in [("another log", "b.sarif"), ("the log itself", "a.sarif")] {
        write(root.path(), name, one("LONGER").as_bytes());
        let outcome = pull_from(&files, Some(&cursor)).1.expect("a pull");
        assert!(!outcome.unchanged && outcome.cursor != cursor, "{change}");
    }
    for nonsense in ["", "sarif:", "\n\n../../etc/passwd", "sarif:00\n/etc/passwd"] {
        assert!(!pull_from(&files, Some(nonsense)).1.expect("a pull").unchanged, "{nonsense:?}");
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_root_and_things_that_are_no_files_are_never_opened() {
    use std::os::unix::fs::symlink;
    let outside = folder(&[("secret.sarif", one("SECRET").as_bytes())]);
    let root = folder(&[("logs/a.sarif", one("A").as_bytes())]);
    symlink(outside.path().join("secret.sarif"), root.path().join("logs/link.sarif")).expect("a link");
    symlink(outside.path(), root.path().join("logs/folder")).expect("a link");
    symlink(outside.path(), root.path().join("out")).expect("a link");
    symlink(root.path().join("logs"), root.path().join("logs/loop")).expect("a link");
    symlink("nowhere", root.path().join("logs/dangling.sarif")).expect("a link");
    std::fs::create_dir(root.path().join("logs/folder.sarif")).expect("a folder");
    let (findings, outcome) = pull(root.path(), "logs");
    let outcome = outcome.expect("a pull");
    assert_eq!(rules(&findings), ["A"]);
    let told = problems(&outcome).join("\n");
    assert!(told.contains("logs/link.sarif was not opened: it is a link out of the repository"), "{told}");
    for pattern in ["out", "out/*.sarif", "out/secret.sarif", "logs/link.sarif"] {
        let (findings, outcome) = pull(root.path(), pattern);
        assert!(findings.is_empty(), "{pattern}");
        assert!(outcome.expect_err(pattern).to_string().contains("link out of the repository"), "{pattern}");
    }
}

#[test]
fn several_runs_and_logs_keep_their_own_facts() {
    let commit = |digit: &str| digit.repeat(40);
    let with_commit = |rule: &str, digit: &str, tool: &str| {
        let mut run = run(&[result(rule, "a.py", 1)]);
        run["tool"]["driver"]["name"] = json!(tool);
        run["versionControlProvenance"] = json!([{"revisionId": commit(digit)}]);
        run
    };
    let root = folder(&[
        ("a.sarif", log(&[with_commit("A", "a", "One"), with_commit("B", "b", "Two")]).as_bytes()),
        ("b.sarif", log(&[with_commit("C", "a", "One")]).as_bytes()),
    ]);
    let (findings, outcome) = pull(root.path(), "*.sarif");
    let outcome = outcome.expect("a pull");
    let facts: Vec<_> = findings.iter().map(|f| (f.tool.name.as_str(), f.evidence.commit.clone())).collect();
    let expected = [("One", Some(commit("a"))), ("Two", Some(commit("b"))), ("One", Some(commit("a")))];
    assert_eq!(facts, expected);
    assert_eq!(outcome.scan_commit, None, "several commits are none");
    assert_eq!(outcome.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), ["One", "Two"]);
    let (_, outcome) = pull(root.path(), "b.sarif");
    assert_eq!(outcome.expect("a pull").scan_commit, Some(commit("a")));
}

#[test]
fn ids_are_stable_distinct_and_follow_trustworthy_fingerprints() {
    let printed = |print: &str, path: &str| {
        let mut result = result("A", path, 1);
        result["fingerprints"] = json!({"hash/v1": print});
        result
    };
    let ids = |runs: &[serde_json::Value]| -> Vec<String> {
        let (findings, outcome) = pull_bytes(log(runs).as_bytes());
        outcome.expect("a pull");
        findings.iter().map(|finding| finding.id.to_string()).collect()
    };
    let alone = ids(&[run(&[printed("1", "a.py"), printed("2", "b.py")])]);
    assert_eq!(alone, ids(&[run(&[printed("1", "a.py"), printed("2", "b.py")])]), "stable");
    assert_eq!(alone[0], ids(&[run(&[printed("1", "moved.py")])])[0], "a unique fingerprint outlives a move");
    let shared = ids(&[run(&[printed("same", "a.py"), printed("same", "b.py")])]);
    assert_ne!(shared[0], shared[1]);
    assert_eq!(shared, ids(&[run(&[result("A", "a.py", 1), result("A", "b.py", 1)])]), "a shared one is no identity");
    let twice = ids(&[run(&[printed("1", "a.py")]), run(&[printed("1", "a.py")])]);
    assert_eq!(twice[0], alone[0], "a second run does not change the first one's ids");
    assert_ne!(twice[0], twice[1]);
    let mut correlated = printed("same", "a.py");
    correlated["correlationGuid"] = json!("c1");
    let mut moved = printed("other", "z.py");
    moved["correlationGuid"] = json!("c1");
    assert_eq!(ids(&[run(&[correlated])]), ids(&[run(&[moved])]), "the correlation id comes first");
    let mut hashed = result("A", "a.py", 1);
    hashed["partialFingerprints"] = json!({"primaryLocationLineHash": "abc:1"});
    let mut reworded = hashed.clone();
    reworded["message"] = json!({"text": "found on line 7"});
    assert_eq!(ids(&[run(&[hashed])]), ids(&[run(&[reworded])]), "the line's hash stands for its text");
}

#[test]
fn parts_in_files_beside_the_log_are_read_and_watched() {
    let main = json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "Split"}},
        "externalPropertyFileReferences": {
            "driver": {"location": {"uri": "rules.sarif-external-properties"}},
            "artifacts": [{"location": {"uri": "more.sarif-external-properties"}}],
            "results": [{"location": {"uri": "more.sarif-external-properties"}}, {"location": {"uri": "results%202.sarif-external-properties"}}],
        },
    }]});
    let rules_part = json!({"version": "2.1.0", "driver": {"name": "Split", "rules": [{"id": "A", "name": "named"}]}});
    let more = json!({
        "artifacts": [{"location": {"uri": "src/a.py"}}],
        "results": [{"ruleId": "A", "message": {"text": "m"}, "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}}}]}],
    });
    let results = json!({"results": [{"ruleId": "A", "message": {"text": "second"}}]});
    let root = folder(&[
        ("logs/a.sarif", main.to_string().as_bytes()),
        ("logs/rules.sarif-external-properties", rules_part.to_string().as_bytes()),
        ("logs/more.sarif-external-properties", more.to_string().as_bytes()),
        ("logs/results 2.sarif-external-properties", results.to_string().as_bytes()),
    ]);
    let files = SarifFiles::new(root.path(), "ci", "logs", Limits::default()).expect("a pattern");
    let (findings, outcome) = pull_from(&files, None);
    let outcome = outcome.expect("a pull");
    assert_eq!(problems(&outcome), [] as [&str; 0]);
    assert!(outcome.complete && !outcome.scan_failed);
    assert_eq!(findings.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>(), ["m", "second"]);
    assert_eq!(findings[0].rule.name.as_deref(), Some("named"));
    assert_eq!(findings[0].evidence.path.as_deref(), Some("src/a.py"));
    assert!(pull_from(&files, Some(&outcome.cursor)).1.expect("a pull").unchanged);
    write(root.path(), "logs/results 2.sarif-external-properties", b"{\"results\": []}");
    let again = pull_from(&files, Some(&outcome.cursor)).1.expect("a pull");
    assert_eq!((again.unchanged, again.findings), (false, 1));
    std::fs::remove_file(root.path().join("logs/results 2.sarif-external-properties")).expect("removed");
    let without = pull_from(&files, Some(&again.cursor)).1.expect("a pull");
    assert!(!without.complete && problems(&without)[0].contains("which cannot be opened"), "{without:?}");
}

#[test]
fn a_published_taxonomy_is_neither_fetched_nor_missed() {
    let mut run = run(&[result("A", "a.py", 1)]);
    run["externalPropertyFileReferences"] =
        json!({"taxonomies": [{"location": {"uri": "https://t.example/CWE.sarif"}}]});
    let (findings, outcome) = pull_bytes(log(&[run]).as_bytes());
    let outcome = outcome.expect("a pull");
    assert_eq!((findings.len(), outcome.complete, outcome.problems), (1, true, Vec::new()));
}

#[test]
fn parts_elsewhere_are_refused() {
    let main = json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "Split"}},
        "externalPropertyFileReferences": {"results": [{"location": {"uri": "../secret.json"}}, {"guid": "g"}]},
        "results": [],
    }]});
    let root = folder(&[("logs/a.sarif", main.to_string().as_bytes()), ("secret.json", one("SECRET").as_bytes())]);
    let (findings, outcome) = pull(root.path(), "logs");
    let outcome = outcome.expect("a pull");
    assert!(findings.is_empty() && !outcome.complete);
    assert!(problems(&outcome)[0].contains("not in the log's own folder"), "{outcome:?}");
}

#[test]
fn a_broken_log_beside_a_good_one_is_told_and_alone_it_is_an_error() {
    let old = json!({"version": "2.0.0", "runs": []}).to_string();
    for (bytes, part) in [
        (&b""[..], "is cut off at byte 0 / line 1"),
        (b"{\"a\": 1}", "is JSON but no SARIF log"),
        (b"[]", "is JSON but no SARIF log"),
        (b"<html>", "is JSON but no SARIF log"),
        (old.as_bytes(), "is SARIF version 2.0.0, and only 2.1.0 is read"),
        (b"{\"version\": \"1.0.0\", \"runs\": [{\"results\": []}]}", "is SARIF version 1.0.0"),
        (b"{\"version\": \"2.1.0\"}", "has no `runs`"),
        (b"{\"version\": \"2.1.0\", \"runs\": null}", "has no list of runs"),
        (b"{\"version\": \"2.1.0\" \"runs\"", "is not valid JSON at byte 20 / line 1: `,` or `}` is missing"),
    ] {
        let root = folder(&[("bad.sarif", bytes), ("good.sarif", one("A").as_bytes())]);
        let (findings, outcome) = pull(root.path(), "*.sarif");
        let outcome = outcome.expect("the good one");
        assert_eq!((rules(&findings), outcome.logs, outcome.complete), (vec!["A"], 1, false), "{part}");
        assert!(problems(&outcome)[0].starts_with("bad.sarif ") && problems(&outcome)[0].contains(part), "{outcome:?}");
        let error = pull(root.path(), "bad.sarif").1.expect_err(part).to_string();
        assert!(error.contains(part) && error.contains("source `ci`"), "{error}");
    }
}

#[test]
fn the_sink_and_the_caller_can_end_a_pull() {
    struct Full;
    impl Sink for Full {
        fn finding(&mut self, _: Finding) -> Result<(), String> {
            Err("disk full".to_owned())
        }
    }
    let root = folder(&[("a.sarif", one("A").as_bytes())]);
    let files = SarifFiles::new(root.path(), "ci", "a.sarif", Limits::default()).expect("a pattern");
    let refused = files.pull(None, &mut Full, &|| false, &|_| {});
    assert_eq!(refused, Err(Error::Sink("disk full".to_owned())));
    let mut kept = Kept::default();
    assert_eq!(files.pull(None, &mut kept, &|| true, &|_| {}), Err(Error::Cancelled));
    assert!(kept.0.is_empty());
    assert_eq!(files.kind(), "sarif");
}

#[test]
fn a_pull_is_cancelled_between_two_findings() {
    let results: Vec<_> = (0..50).map(|line| result("A", "a.py", line + 1)).collect();
    let root = folder(&[("a.sarif", log(&[run(&results)]).as_bytes())]);
    let files = SarifFiles::new(root.path(), "ci", "a.sarif", Limits::default()).expect("a pattern");
    let asked = Cell::new(0);
    let cancelled = || {
        asked.set(asked.get() + 1);
        asked.get() > 20
    };
    let mut kept = Kept::default();
    assert_eq!(files.pull(None, &mut kept, &cancelled, &|_| {}), Err(Error::Cancelled));
    assert!((1..50).contains(&kept.0.len()), "{}", kept.0.len());
}

#[test]
fn progress_never_goes_back_and_ends_at_the_end() {
    let filler = "x".repeat(6 << 20);
    let big = json!({"version": "2.1.0", "properties": {"filler": filler}, "runs": [run(&[result("A", "a.py", 1)])]});
    let root = folder(&[("a.sarif", big.to_string().as_bytes()), ("b.sarif", one("B").as_bytes())]);
    let files = SarifFiles::new(root.path(), "ci", "*.sarif", Limits::default()).expect("a pattern");
    let told = RefCell::new(Vec::new());
    let outcome = files.pull(None, &mut Kept::default(), &|| false, &|progress| told.borrow_mut().push(progress));
    outcome.expect("a pull");
    let told = told.into_inner();
    assert!(told.len() > 2, "{told:?}");
    assert!(told.is_sorted_by_key(|progress| (progress.done, progress.findings)), "{told:?}");
    let last = told.last().expect("one");
    assert_eq!((last.done, last.findings, last.what.as_str()), (last.total, 2, "b.sarif"));
}

#[test]
fn limits_on_logs_and_folders_are_told() {
    let root = folder(&[
        ("l/a.sarif", one("A").as_bytes()),
        ("l/b.sarif", one("B").as_bytes()),
        ("l/1/2/3/c.sarif", one("C").as_bytes()),
    ]);
    for (limits, expected, part) in [
        (Limits { logs: 1, depth: 1, ..Limits::default() }, &["A"][..], "a source has at most 1 logs"),
        (Limits { depth: 1, ..Limits::default() }, &["A", "B"], "lies more than 1 folders deep"),
        (Limits { entries: 5, ..Limits::default() }, &["C", "A"], "has more than 5 entries"),
    ] {
        let (findings, outcome) = pull_within(root.path(), "l", limits);
        let outcome = outcome.expect("a pull");
        assert!(problems(&outcome).iter().any(|problem| problem.contains(part)), "{part}: {outcome:?}");
        assert_eq!((rules(&findings), outcome.complete), (expected.to_vec(), false), "{part}");
    }
}
