//! Tests for build systems.

use super::{junit, reports};
use crate::cli::check::format::GateReport;

#[test]
fn each_sample_reads_like_this() {
    for name in ["pass", "nothing", "violations", "undecided", "places"] {
        let report = reports::all().into_iter().find(|(known, _)| *known == name).expect("a sample").1;
        insta::assert_snapshot!(format!("junit_{name}"), junit(&report));
    }
}

#[test]
fn there_is_always_a_test_and_the_counts_are_right() {
    for (name, report) in reports::all() {
        let text = junit(&report);
        let of = |element: &str| text.matches(&format!("<{element} ")).count();
        let head = text.lines().nth(1).expect("a head");
        let expected = format!(
            r#"<testsuites name="aspm-lsp" tests="{}" failures="{}" errors="{}" time="0">"#,
            of("testcase"),
            of("failure"),
            of("error"),
        );
        assert_eq!(head, expected, "{name}");
        assert!(of("testcase") > 0, "{name}");
    }
}

#[test]
fn only_violations_fail_and_what_is_undecided_is_an_error() {
    let fails =
        |report: &GateReport| (junit(report).matches("<failure ").count(), junit(report).matches("<error ").count());
    assert_eq!(fails(&reports::pass()), (0, 0));
    assert_eq!(fails(&reports::nothing()), (0, 0));
    assert_eq!(fails(&reports::violations()), (2, 0));
    assert_eq!(fails(&reports::undecided()), (0, 3));
}

#[test]
fn an_outcome_without_words_still_fails() {
    let mut report = reports::violations();
    report.violations.clear();
    report.findings.clear();
    assert_eq!(junit(&report).matches("<failure ").count(), 1);
    report.outcome = finding::wire::GateOutcome::Undecided;
    assert_eq!(junit(&report).matches("<error ").count(), 1);
}

#[test]
fn no_character_is_written_that_xml_cannot_carry() {
    let text = junit(&reports::hostile());
    let forbidden = |character: char| {
        (character.is_control() && !matches!(character, '\n' | '\t')) || matches!(character, '\u{fffe}' | '\u{ffff}')
    };
    assert_eq!(text.chars().find(|character| forbidden(*character)), None);
    assert!(!text.contains("]]>"));
}
