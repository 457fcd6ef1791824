//! Broken and hostile logs: whatever is whole comes through, nothing panics, every bound is told.

use std::io::Write as _;

use aspm_connectors::sarif::Limits;
use aspm_connectors::{Error, Outcome};
use finding::Finding;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{folder, log, problems, pull, pull_bytes, pull_within, result, run, write};

/// A log that uses most of the format, its tool before its results.
fn rich_log() -> String {
    let results: Vec<Value> = (1..=4)
        .map(|line| {
            let mut result = result("A/1", &format!("src/f%20{line}.py"), line);
            result["fingerprints"] = json!({"hash/v1": format!("print {line}")});
            result["message"] = json!({"id": "default", "arguments": ["\u{e9}\u{1F600}"]});
            result["codeFlows"] = json!([{"threadFlows": [{"locations": [{"location": result["locations"][0]}, {"index": 0}]}]}]);
            result["fixes"] = json!([{"artifactChanges": [{"artifactLocation": {"uri": "a.py"}, "replacements": [{"deletedRegion": {"startLine": line}}]}]}]);
            result["suppressions"] = json!([{"kind": "inSource"}]);
            result["properties"] = json!({"tags": ["CWE-79: \"quoted\\\" {[brackets"], "security-severity": "7.5"});
            result
        })
        .collect();
    let run = format!(
        r#"{{"tool": {{"driver": {{"name": "T", "rules": [{{"id": "A", "messageStrings": {{"default": {{"text": "bad {{0}}"}}}}}}]}}}},
            "threadFlowLocations": [{{"location": {{"message": {{"text": "shared"}}}}}}],
            "results": {},
            "invocations": [{{"executionSuccessful": true}}]}}"#,
        serde_json::to_string(&results).expect("JSON").replace("},{\"codeFlows", "},\n{\"codeFlows")
    );
    format!("{{\"version\": \"2.1.0\",\n\"runs\": [\n{run}\n]}}")
}

#[test]
fn a_log_cut_at_any_byte_yields_the_findings_before_the_cut() {
    let whole = rich_log();
    let (all, outcome) = pull_bytes(whole.as_bytes());
    assert_eq!((all.len(), outcome.expect("whole").problems), (4, Vec::new()));
    let results_end = whole.find("\"invocations\"").expect("there");
    let mut counts = [0; 5];
    let root = folder(&[]);
    for cut in 0..whole.len() {
        write(root.path(), "a.sarif", &whole.as_bytes()[..cut]);
        let (findings, outcome) = pull(root.path(), "a.sarif");
        assert_eq!(findings, all[..findings.len()], "cut at {cut}");
        counts[findings.len()] += 1;
        if cut >= results_end {
            assert_eq!(findings.len(), 4, "cut at {cut}");
        }
        let told = match outcome {
            Ok(outcome) => {
                assert!(!outcome.complete, "cut at {cut}");
                problems(&outcome).join("\n")
            }
            Err(error) => {
                assert!(matches!(error, Error::Unreadable { .. }) && findings.is_empty(), "cut at {cut}: {error}");
                error.to_string()
            }
        };
        let place = format!(
            "a.sarif is cut off at byte {cut} / line {}",
            1 + whole[..floor(&whole, cut)].matches('\n').count()
        );
        assert!(told.contains(&place), "cut at {cut}: {told}");
    }
    assert!(counts.iter().all(|&count| count > 0), "every prefix was seen: {counts:?}");
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

#[test]
fn a_gzip_stream_that_is_cut_or_damaged_yields_what_could_be_unpacked() {
    let results: Vec<Value> =
        (0..4000).map(|line| result("A", &format!("src/{}.py", line * 7919 % 1000), line + 1)).collect();
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(log(&[json!({"tool": {"driver": {"name": "T"}}, "results": results})]).as_bytes()).expect("zips");
    let whole = zip.finish().expect("zips");
    assert_eq!(pull_bytes(&whole).0.len(), 4000);
    let (findings, outcome) = pull_bytes(&whole[..whole.len() / 2]);
    assert!((100..4000).contains(&findings.len()), "{}", findings.len());
    let told = problems(&outcome.expect("a part"));
    assert!(told.len() == 1 && told[0].contains("is cut off at byte"), "{told:?}");
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    let (findings, outcome) = pull_bytes(&damaged);
    assert!(findings.len() < 4000);
    assert!(outcome.map_or(true, |outcome| !outcome.complete));
}

#[test]
fn a_result_that_is_broken_inside_costs_only_itself() {
    let text = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": [
        {"ruleId": "A"},
        {"ruleId": "B", "level": tru, "x" 5},
        {"ruleId": "C", "ruleId": "C"},
        nonsense,
        {"ruleId": "D", "message": {"text": "bad \q escape"}},
        {"ruleId": "E",},
        {"ruleId": "F"},
    ]}]}"#;
    let (findings, outcome) = pull_bytes(text.as_bytes());
    let rules: Vec<_> = findings.iter().map(|finding| finding.rule.id.as_str()).collect();
    assert_eq!(rules, ["A", "F"]);
    let told = problems(&outcome.expect("a pull"));
    let places: Vec<_> = told.iter().map(|problem| problem.split(") ").next().unwrap_or("")).collect();
    let expected = [(1, 3), (2, 4), (3, 5), (4, 6), (5, 7)]
        .map(|(at, line)| format!("a.sarif: runs[0].results[{at}] (line {line}"));
    assert_eq!(places, expected);
}

#[test]
fn mismatched_brackets_stop_the_reading_at_their_place() {
    let text = "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"T\"}}, \"results\": [{\"ruleId\": \"A\"},\n{\"a\": [}}, {}]}]}";
    let (findings, outcome) = pull_bytes(text.as_bytes());
    assert_eq!(findings.len(), 1);
    let told = problems(&outcome.expect("a part"));
    assert!(told[0].contains("/ line 2: `}` closes another bracket"), "{told:?}");
}

#[test]
fn deep_nesting_is_passed_over_without_using_the_stack() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let text = format!(
        r#"{{"version": "2.1.0", "deep": {0}, "runs": [{{"tool": {{"tool": {{"tool": {{}}}}, "driver": {{"name": "T"}}}}, "x": {0},
            "results": [{{"ruleId": "A", "properties": {0}}}, {{"ruleId": "B"}}]}}]}}"#,
        deep(50_000)
    );
    let (findings, outcome) = pull_bytes(text.as_bytes());
    assert_eq!(findings.iter().map(|finding| finding.rule.id.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    assert!(outcome.expect("a pull").problems.is_empty());
    let text =
        format!(r#"{{"version": "2.1.0", "runs": [{{"results": [{{"ruleId": "A"}}], "x": {}"#, "[".repeat(1_000_000));
    let (findings, outcome) = pull_bytes(text.as_bytes());
    assert_eq!(findings.len(), 1);
    assert!(problems(&outcome.expect("a part")).iter().any(|told| told.contains("levels of nesting are not followed")));
}

#[test]
fn utf_16_marks_and_legacy_bytes_are_read() {
    let text = rich_log();
    let (expected, _) = pull_bytes(text.as_bytes());
    let marked = format!("\u{feff}{text}");
    let units: Vec<u16> = marked.encode_utf16().collect();
    for (name, bytes) in [
        ("UTF-8 with a mark", marked.as_bytes().to_vec()),
        ("UTF-16 LE", units.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("UTF-16 BE", units.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
    ] {
        let (findings, outcome) = pull_bytes(&bytes);
        assert_eq!(findings, expected, "{name}");
        assert!(outcome.expect(name).problems.is_empty(), "{name}");
    }
    let latin = b"{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"T\"}}, \"results\": [{\"ruleId\": \"A\", \"message\": {\"text\": \"na\xefve\"}}]}]}";
    assert_eq!(pull_bytes(latin).0[0].message, "na\u{fffd}ve");
}

#[test]
fn fifty_megabytes_on_one_line_are_passed_over_or_left_out() {
    let filler = "x".repeat(50 << 20);
    let mut huge = result("HUGE", "a.py", 1);
    huge["message"]["text"] = json!(filler);
    let mut run = run(&[result("A", "a.py", 1), huge, result("B", "a.py", 1)]);
    run["unknown"] = json!(filler);
    let (findings, outcome) = pull_bytes(log(&[run]).as_bytes());
    assert_eq!(findings.iter().map(|finding| finding.rule.id.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    let outcome = outcome.expect("a pull");
    assert!(!outcome.complete);
    assert!(
        problems(&outcome)[0].contains("results[1] (line 1) is longer than 8388608 bytes and was left out"),
        "{outcome:?}"
    );
}

fn bounded(limits: Limits, text: &str) -> (Vec<Finding>, Outcome) {
    let root = folder(&[("a.sarif", text.as_bytes())]);
    let (findings, outcome) = pull_within(root.path(), "a.sarif", limits);
    (findings, outcome.expect("a part"))
}

#[test]
fn every_bound_keeps_what_comes_before_it_and_says_so() {
    let many: Vec<Value> = (1..=30).map(|line| result("A", "a.py", line)).collect();
    let mut tables = run(&many);
    tables["tool"]["driver"]["rules"] = json!((0..200).map(|n| json!({"id": format!("R{n}")})).collect::<Vec<_>>());
    let tables = log(&[tables]);
    let runs = log(&(0..5).map(|_| run(&many[..6])).collect::<Vec<_>>());
    let plain = log(&[run(&many)]);
    let limits = Limits::default;
    for (name, limits, text, expected, part) in [
        (
            "log bytes",
            Limits { log_bytes: 66_000, ..limits() },
            format!("{plain}{}", " ".repeat(70_000)),
            30,
            "is longer than 66000 bytes",
        ),
        ("runs", Limits { runs: 2, ..limits() }, runs, 12, "has more than 2 runs"),
        ("results", Limits { results: 7, ..limits() }, plain.clone(), 7, "was read only up to runs[0].results[7]"),
        (
            "object bytes",
            Limits { object_bytes: 20, ..limits() },
            plain.clone(),
            0,
            "is longer than 20 bytes and was left out",
        ),
        ("tables", Limits { table_bytes: 2_000, ..limits() }, tables, 30, "rules was not read to its end"),
        (
            "problems",
            Limits { object_bytes: 20, problems: 3, ..limits() },
            plain,
            0,
            "the source has 27 further problems",
        ),
    ] {
        let (findings, outcome) = bounded(limits, &text);
        assert_eq!(findings.len(), expected, "{name}");
        let told = problems(&outcome);
        assert!(told.iter().any(|problem| problem.contains(part)), "{name}: {told:?}");
        assert!(!outcome.complete || name == "tables", "{name}");
    }
}

#[test]
fn long_texts_and_lists_are_cut_and_told() {
    let mut long = result("A", "a.py", 1);
    long["message"]["text"] = json!("\u{e9}".repeat(100));
    long["relatedLocations"] = json!((0..9).map(|n| json!({"message": {"text": format!("m{n}")}})).collect::<Vec<_>>());
    long["codeFlows"] = json!([{"threadFlows": [{"locations": (0..9).map(|n| json!({"location": {"message": {"text": format!("s{n}")}}})).collect::<Vec<_>>()}]}]);
    let (findings, outcome) = bounded(Limits { text_bytes: 51, list: 4, ..Limits::default() }, &log(&[run(&[long])]));
    assert_eq!(findings[0].message, "\u{e9}".repeat(25));
    assert_eq!((findings[0].related.len(), findings[0].flow.len()), (4, 4));
    let told = problems(&outcome).join("\n");
    for part in [
        "results[0].message has a text longer than 51 bytes, which was cut",
        "relatedLocations has 9 entries, of which the first 4 were read",
        "codeFlows[0].threadFlows[0] has 9 entries",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_gzip_bomb_stops_at_the_bound() {
    let mut zip = GzEncoder::new(Vec::new(), Compression::best());
    zip.write_all(b"{\"version\": \"2.1.0\", \"runs\": [{\"results\": [{\"ruleId\": \"A\"}], \"x\": \"").expect("zips");
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..40 {
        zip.write_all(&zeros).expect("zips");
    }
    let bomb = zip.finish().expect("zips");
    assert!(bomb.len() < 100_000);
    let root = folder(&[("bomb.sarif.gz", &bomb)]);
    let (findings, outcome) =
        pull_within(root.path(), "bomb.sarif.gz", Limits { log_bytes: 8 << 20, ..Limits::default() });
    assert_eq!(findings.len(), 1);
    assert!(
        problems(&outcome.expect("a part")).iter().any(|told| told.contains("is longer than 8388608 bytes as text"))
    );
}

#[test]
fn bytes_of_all_logs_together_are_bounded() {
    let text = log(&[run(&[result("A", "a.py", 1)])]);
    let padded = format!("{}{}", " ".repeat(100_000), text);
    let root =
        folder(&[("a.sarif", padded.as_bytes()), ("b.sarif", padded.as_bytes()), ("c.sarif", padded.as_bytes())]);
    let (findings, outcome) = pull_within(root.path(), "*.sarif", Limits { total_bytes: 150_000, ..Limits::default() });
    let outcome = outcome.expect("a part");
    assert!(findings.len() < 3 && !outcome.complete);
    assert!(problems(&outcome).iter().any(|told| told.contains("c.sarif")), "{outcome:?}");
}

#[test]
fn a_chain_of_tiny_objects_does_not_grow_into_gigabytes() {
    let many = |count: usize| vec!["{}"; count].join(",");
    let text = format!(
        r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "T"}}, "extensions": [{0}]}}, "taxonomies": [{0}], "artifacts": [{0}],
            "results": [{{"ruleId": "A", "locations": [{1}], "codeFlows": [{{"threadFlows": [{{"locations": [{1}]}}]}}]}}]}}]}}"#,
        many(300_000),
        many(300_000)
    );
    let (findings, outcome) = pull_bytes(text.as_bytes());
    assert_eq!(findings.len(), 1);
    let told = problems(&outcome.expect("a pull")).join("\n");
    assert!(told.contains("was not read to its end"), "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_mutated_log_never_panics(
        edits in proptest::collection::vec((0usize..10_000, prop_oneof![
            any::<u8>(), Just(b'"'), Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b','), Just(b'\\'), Just(b'-'), Just(b'9'),
        ], 0u8..3), 1..12),
    ) {
        let mut bytes = rich_log().into_bytes();
        for (at, byte, how) in edits {
            let at = at % bytes.len();
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        let root = folder(&[("a.sarif", &bytes)]);
        let (findings, outcome) = pull(root.path(), "a.sarif");
        if let Ok(outcome) = outcome {
            prop_assert_eq!(findings.len(), outcome.findings);
        }
    }

    #[test]
    fn numbers_and_texts_of_any_size_never_panic(
        numbers in proptest::collection::vec(prop_oneof![any::<i64>(), Just(0), Just(-1), Just(i64::MAX), Just(4_294_967_295), 1i64..40], 8),
        uri in "[./%:\\\\a-zA-Z0-9#?\u{e9}]{0,24}", text in "\\PC{0,40}",
    ) {
        let region = json!({"startLine": numbers[0], "startColumn": numbers[1], "endLine": numbers[2], "endColumn": numbers[3],
            "charOffset": numbers[4], "charLength": numbers[5], "byteOffset": numbers[6], "byteLength": numbers[7], "snippet": {"text": text}});
        let offsets = json!({"charOffset": numbers[4], "charLength": numbers[5]});
        let location = |region: &Value| json!({"physicalLocation": {"artifactLocation": {"uri": uri, "index": numbers[0], "uriBaseId": "B"},
            "region": region, "contextRegion": {"startLine": numbers[1], "charOffset": numbers[2], "snippet": {"text": text}}}});
        let run = json!({"tool": {"driver": {"name": text}}, "originalUriBaseIds": {"B": {"uri": uri, "uriBaseId": "B"}},
            "artifacts": [{"location": {"uri": uri}, "contents": {"text": text}}],
            "results": [{"ruleId": text, "ruleIndex": numbers[3], "locations": [location(&region), location(&offsets)],
                "message": {"text": text, "arguments": [uri]}}]});
        let (findings, _) = pull_bytes(log(&[run]).as_bytes());
        prop_assert_eq!(findings.len(), 1);
        if let Some(region) = findings[0].evidence.region {
            prop_assert!(region.line > 0 && region.end_line >= region.line && region.column != Some(0) && region.end_column != Some(0));
        }
    }
}
