//! The report for people.

use finding::ChangeKind;

use super::{human, human_on, reports, terminal};

#[test]
fn each_sample_reads_like_this() {
    for name in ["pass", "nothing", "violations", "undecided", "places"] {
        let report = reports::all().into_iter().find(|(known, _)| *known == name).expect("a sample").1;
        insta::assert_snapshot!(format!("human_{name}"), human(&report));
    }
}

#[test]
fn our_own_text_keeps_to_eighty_columns() {
    for (name, report) in reports::all() {
        for width in [80, 120] {
            let text = human_on(&report, &terminal(width, false));
            for line in text.lines().filter(|line| line.contains(" = ") || line.starts_with("  ")) {
                // What was taken from a build system's commands is a column wider for it.
                let is_code = line.contains(" | ") || line.contains("## [") || line.contains("## vso[");
                let widest_word = line.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
                assert!(is_code || line.chars().count() <= 80 || widest_word > 40, "{name} at {width}: {line:?}");
            }
        }
    }
}

#[test]
fn two_hundred_violations_are_all_told_and_twenty_are_shown() {
    let report = reports::many();
    let text = human(&report);
    assert_eq!(text.matches(" --> ").count(), 20);
    assert!(text.contains("and 180 more, in order of risk:\n"), "{text}");
    assert_eq!(text.lines().filter(|line| line.contains(": block[B602] (risk ")).count(), 180);
    let risks: Vec<&str> =
        text.lines().filter_map(|line| line.split("risk ").nth(1)?.split(' ').next()).take(3).collect();
    assert_eq!(risks.first(), Some(&"99"), "the worst comes first");
    assert!(text.contains("Blocked: 200 violations (3 staged files)\n"), "{text}");
}

#[test]
fn colours_change_nothing_but_colours() {
    for (name, report) in reports::all() {
        let plain = human(&report);
        assert!(!plain.contains('\u{1b}'), "{name}");
        let coloured = human_on(&report, &terminal(80, true));
        let stripped: Vec<&str> = coloured.split('\u{1b}').collect();
        let stripped: String = stripped
            .iter()
            .enumerate()
            .map(|(at, part)| if at == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) })
            .collect();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&stripped), words(&plain), "{name}");
    }
}

#[test]
fn what_strangers_wrote_moves_no_cursor_and_commands_no_build_system() {
    let text = human(&reports::hostile());
    let hidden = |character: char| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(text.chars().find(|character| hidden(*character)), None);
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{line}");
    }
    assert!(text.len() < 40_000, "a long message is cut: {}", text.len());
}

#[test]
fn findings_that_inform_are_called_existing_only_if_all_are() {
    let mut report = reports::pass();
    assert!(human(&report).contains("1 existing finding informs; `aspm-lsp list` shows it"));
    let mut touched = report.findings[0].clone();
    touched.change = Some(ChangeKind::Touched);
    report.findings.push(touched);
    assert!(human(&report).contains("2 findings inform; `aspm-lsp list` shows them"));
}

#[test]
fn the_verdict_reads_as_the_editor_says_it() {
    let report = reports::violations();
    for info in report.findings.iter().filter(|info| info.rule != "B404") {
        let words = crate::present::verdict::line(info.verdict.as_ref().expect("a verdict"), info.placement.state)
            .expect("words");
        assert!(human(&report).contains(&format!("= {words}")), "{words}");
    }
}

#[test]
fn a_message_of_any_length_is_told_by_its_beginning() {
    let text = human(&reports::hostile());
    assert!(text.contains("= note: long long long"), "{text}");
}
