//! Annotations, read back as the runner reads them.

use super::{github, reports};

/// Kind, properties and message of a workflow command.
fn parsed(line: &str) -> (String, Vec<(String, String)>, String) {
    let (head, message) = line.strip_prefix("::").expect("a command").split_once("::").expect("a message");
    let (kind, properties) = head.split_once(' ').expect("properties");
    let data = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let property = |text: &str| data(&text.replace("%3A", ":").replace("%2C", ","));
    let properties = properties
        .split(',')
        .map(|pair| pair.split_once('=').expect("a value"))
        .map(|(name, value)| (name.to_owned(), property(value)))
        .collect();
    (kind.to_owned(), properties, data(message))
}

#[test]
fn each_sample_reads_like_this() {
    for name in ["pass", "nothing", "violations", "undecided", "places"] {
        let report = reports::all().into_iter().find(|(known, _)| *known == name).expect("a sample").1;
        let (commands, page) = github(&report);
        insta::assert_snapshot!(format!("github_{name}"), format!("{commands}\n---- summary ----\n{page}"));
    }
}

#[test]
fn the_older_form_of_a_command_is_in_no_line() {
    let mut report = reports::violations();
    for info in &mut report.findings {
        info.message = "it ##[error]says ##[add-mask]x".to_owned();
        info.rule = "##[error]rule".to_owned();
        info.placement.path = Some("a/##[error]b.py".to_owned());
    }
    report.undecided.push("##[error]why".to_owned());
    assert!(!github(&report).0.contains("##["), "{}", github(&report).0);
}

#[test]
fn every_line_is_one_command_of_ours() {
    for (name, report) in reports::all() {
        for line in github(&report).0.lines() {
            let (kind, properties, message) = parsed(line);
            assert!(["error", "warning", "notice"].contains(&kind.as_str()), "{name}: {line}");
            assert!(!message.is_empty(), "{name}: {line}");
            let known = ["file", "line", "endLine", "col", "endColumn", "title"];
            assert!(properties.iter().all(|(property, _)| known.contains(&property.as_str())), "{name}: {line}");
        }
    }
}

#[test]
fn a_path_comes_back_as_it_was() {
    let (commands, _) = github(&reports::places());
    let files: Vec<String> = commands
        .lines()
        .flat_map(|line| parsed(line).1)
        .filter_map(|(name, value)| (name == "file").then_some(value))
        .collect();
    assert!(files.contains(&"docs/caf\u{e9} 100%/a,b:c.py".to_owned()), "{files:?}");
}

#[test]
fn columns_are_told_within_one_line_only() {
    for line in github(&reports::places()).0.lines() {
        let properties = parsed(line).1;
        let of = |name: &str| properties.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert!(of("col").is_none() || of("line") == of("endLine"), "{line}");
    }
}

#[test]
fn errors_come_before_warnings_and_the_whole_comes_last() {
    let (commands, _) = github(&reports::violations());
    let kinds: Vec<String> = commands.lines().map(|line| parsed(line).0).collect();
    assert_eq!(kinds, ["error", "error", "warning", "notice"]);
    assert!(commands.lines().last().expect("a line").contains("Blocked%3A") || commands.contains("::Blocked: "));
}

#[test]
fn a_row_of_the_page_has_six_cells_whatever_strangers_wrote() {
    for (name, report) in reports::all() {
        for line in github(&report).1.lines().filter(|line| line.starts_with("| ")) {
            let cells = line.replace("\\\\", "").replace("\\|", "").matches('|').count() - 1;
            assert_eq!(cells, 6, "{name}: {line}");
        }
    }
}

#[test]
fn a_page_holds_no_markup_of_strangers() {
    let (_, page) = github(&reports::hostile());
    for event in pulldown_cmark::Parser::new_ext(&page, pulldown_cmark::Options::all()) {
        let is_foreign = matches!(
            event,
            pulldown_cmark::Event::Html(_)
                | pulldown_cmark::Event::InlineHtml(_)
                | pulldown_cmark::Event::Start(pulldown_cmark::Tag::Link { .. } | pulldown_cmark::Tag::Image { .. })
        );
        assert!(!is_foreign, "{event:?}");
    }
}

#[test]
fn no_line_of_the_log_is_reordered_or_cleared() {
    for (name, report) in reports::all() {
        let hidden = |character: char| {
            (character.is_control() && character != '\n')
                || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert_eq!(github(&report).0.chars().find(|character| hidden(*character)), None, "{name}");
    }
}
