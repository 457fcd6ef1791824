//! A best guess that policy would block: it does not, and every format says so in the same words.

use finding::{Action, State};

use super::{github, gitlab, human, junit, reports, sarif};
use crate::cli::check::format::GateReport;
use crate::present::verdict;

/// One finding that policy blocks, at a place that nobody is sure of; the gate lets it pass.
fn guess() -> GateReport {
    let mut report = reports::pass();
    let mut info = reports::info(0xb602, "B602", "api/labels.py", Some(reports::range((6, 5), (6, 41))));
    info.placement.state = State::Uncertain;
    info.verdict = Some(reports::verdict(Action::Block, 82, "introduced-high-risk", "It is new and risky."));
    report.findings.push(info);
    report
}

/// In one line, whatever the layout.
fn flat(text: &str) -> String {
    text.replace("%0A", " ").split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ")
}

#[test]
fn a_best_guess_says_that_it_would_block_and_does_not_and_what_to_do() {
    let report = guess();
    let info = report.findings.last().expect("the guess");
    let in_editor = verdict::line(info.verdict.as_ref().expect("a verdict"), State::Uncertain).expect("words");
    assert_eq!(
        in_editor,
        "Would block: It is new and risky; it does not block while its place is uncertain: scan again to know"
    );
    // Reports name the clause between the reason and the rest.
    let expected = "Would block: It is new and risky [introduced-high-risk]; it does not block while its place is \
                    uncertain: scan again to know";
    let all = [
        ("human", human(&report)),
        ("github", github(&report).0),
        ("junit", junit(&report)),
        ("sarif", sarif(&report)["runs"][1]["results"].to_string().replace("\\n", " ")),
        ("gitlab", serde_json::to_string(&gitlab(&report)).expect("JSON")),
    ];
    for (name, text) in all {
        let text = flat(&text);
        let text = text.replace("\\[", "[").replace("\\]", "]").replace("\\\\", "");
        assert!(text.contains(expected), "{name}: {text}");
        assert!(!text.contains("Blocks"), "{name}: {text}");
    }
    assert!(human(&report).contains("would block[B602]"), "{}", human(&report));
    assert!(human(&report).contains("Passed"), "{}", human(&report));
}

#[test]
fn no_guess_is_an_error_for_a_host() {
    let report = guess();
    let results = sarif(&report)["runs"][1]["results"].clone();
    let results = results.as_array().expect("results");
    assert!(results.iter().all(|result| result["level"] != "error"), "{results:#?}");
    assert!(gitlab(&report).iter().all(|issue| issue["severity"] != "critical" && issue["severity"] != "blocker"));
    assert!(!github(&report).0.contains("::error"));
    assert!(!junit(&report).contains("<failure"));
}
