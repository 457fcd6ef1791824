//! Writing suppression comments: `suppress.cases` holds texts as they are and as they shall be.
//!
//! A case is `=== what it shows | file | tool | rule | reason`, the text with the finding between « and », `---`, and the
//! text with the comment, or `! ` and words of the refusal. `ASPM_BLESS=1` writes down what comes out, for you to read.

use aspm_syntax::suppression::{Refused, Suppressions, Wish, offer, suppress};
use aspm_syntax::{Language, parse};
use proptest::prelude::*;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suppress.cases");

struct Case<'c> {
    head: &'c str,
    language: Option<Language>,
    tool: &'c str,
    rule: &'c str,
    reason: String,
    input: &'c str,
    expected: &'c str,
}

impl Case<'_> {
    /// The text without its marks, and the finding.
    fn finding(&self) -> (String, std::ops::Range<usize>) {
        let start = self.input.find('«').expect("a finding");
        let end = self.input.find('»').expect("its end") - '«'.len_utf8();
        (self.input.replace(['«', '»'], ""), start..end)
    }

    fn run(&self) -> String {
        let (text, range) = self.finding();
        match write(self.language, &text, range, (self.tool, self.rule, &self.reason)) {
            Ok(text) => text,
            Err(refused) => format!("! {refused}\n"),
        }
    }
}

fn write(
    language: Option<Language>,
    text: &str,
    range: std::ops::Range<usize>,
    (tool, rule, reason): (&str, &str, &str),
) -> Result<String, Refused> {
    let edits = suppress(language, text, None, &Wish { tool, rule, range, reason })?;
    let mut text = text.to_owned();
    for (range, new) in edits.iter().rev() {
        text.replace_range(range.clone(), new);
    }
    Ok(text)
}

fn cases(file: &str) -> Vec<Case<'_>> {
    let blocks = file.split("\n=== ").skip(1).map(|block| block.split_once('\n').expect("a case"));
    blocks
        .map(|(head, body)| {
            let fields: Vec<&str> = head.split('|').map(str::trim).collect();
            let [_, path, tool, rule, reason] = fields.as_slice() else { panic!("five fields: {head}") };
            let (input, expected) = body.split_once("---\n").expect("what is expected");
            let reason = reason.replace("\\n", "\n").replace("\\u202e", "\u{202e}").replace("\\u2028", "\u{2028}");
            Case { head, language: Language::of_path(path), tool, rule, reason, input, expected }
        })
        .collect()
}

#[test]
fn comments_are_written_as_the_cases_say() {
    let file = std::fs::read_to_string(FILE).expect("the cases");
    let all = cases(&file);
    assert!(all.len() > 100, "only {} cases", all.len());
    if std::env::var_os("ASPM_BLESS").is_some() {
        let mut blessed = file.split("\n=== ").next().unwrap_or_default().to_owned();
        for case in &all {
            blessed.extend(["\n=== ", case.head, "\n", case.input, "---\n", &case.run()]);
            if !blessed.ends_with('\n') {
                blessed.push('\n');
            }
        }
        std::fs::write(FILE, blessed).expect("written");
        return;
    }
    let mut wrong = Vec::new();
    for case in &all {
        let got = case.run();
        if got.trim_end_matches('\n') != case.expected.trim_end_matches('\n') {
            wrong.push(format!("{}\n--- expected\n{}--- got\n{got}", case.head, case.expected));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[test]
fn what_is_written_is_read_and_never_written_twice() {
    let file = std::fs::read_to_string(FILE).expect("the cases");
    let mut written = 0;
    for case in cases(&file) {
        let (text, range) = case.finding();
        let Ok(after) = write(case.language, &text, range.clone(), (case.tool, case.rule, &case.reason)) else {
            continue;
        };
        written += 1;
        let marked = text[range].lines();
        let (first, last) = (marked.clone().next().unwrap_or_default(), marked.last().unwrap_or_default());
        // The words may stand in the comment as well.
        let again = after.match_indices(first).any(|(start, _)| {
            let end = after.rfind(last).map_or(start, |at| at + last.len()).max(start + first.len());
            let again = write(case.language, &after, start..end, (case.tool, case.rule, &case.reason));
            matches!(again, Err(Refused::Already(_)))
        });
        assert!(again, "{}\n{after}", case.head);
        assert!(offer(case.language, case.tool, case.rule).is_some(), "{}", case.head);
    }
    assert!(written > 70, "only {written}");
}

/// Everything that could end a comment or a line, or silence something.
fn hostile() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("*/"),
        Just("-->"),
        Just("--!>"),
        Just("?>"),
        Just("\n"),
        Just("\r"),
        Just("\u{2028}"),
        Just("\u{85}"),
        Just("\\"),
        Just("\\u000a"),
        Just("??/"),
        Just("nosec"),
        Just("# noqa"),
        Just("// NOSONAR"),
        Just("}"),
        Just("\"\"\""),
        Just("\u{202e}"),
        Just("\u{200b}"),
        Just("*"),
        Just("/"),
        Just("-"),
        Just(">"),
        Just("<"),
        Just("!"),
        Just("ok "),
        Just(","),
        Just("gitleaks:allow"),
        Just("]"),
        Just(")"),
        Just("("),
        Just("é"),
        Just("\0"),
        Just("`"),
        Just("${x}"),
    ];
    prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_reason_and_no_rule_leaves_the_comment(case in 0usize..200, reason in hostile(), rule in hostile()) {
        let file = std::fs::read_to_string(FILE).expect("the cases");
        let all = cases(&file);
        let case = &all[case % all.len()];
        let (text, range) = case.finding();
        for rule in [case.rule, &rule] {
            let Ok(after) = write(case.language, &text, range.clone(), (case.tool, rule, &reason)) else { continue };
            let bad = |c: char| c.is_control() && c != '\n' && c != '\r' && c != '\t' || matches!(c, '\u{202e}' | '\u{200b}' | '\u{2028}');
            prop_assert!(!after.contains(bad), "{after:?}");
            let added = after.lines().count() - text.lines().count();
            prop_assert!(added <= 2, "{after}");
            // The code outside of the new comment is what it was.
            let language = case.language.expect("it was written");
            let code = |text: &str| {
                let parsed = parse(language, text, None, &|| false).expect("a tree");
                let tokens = parsed.tokens(text, 0..text.len());
                tokens.into_iter().map(|token| token.text.into_owned()).collect::<Vec<_>>()
            };
            let (then, mut now) = (code(&text), code(&after));
            if language == Language::CSharp {
                now.retain(|token| then.contains(token));
            }
            now.retain(|token| !(["{", "}"].contains(&token.as_str()) && after.contains("{/*")));
            let then: Vec<_> = then.into_iter().filter(|token| !(["{", "}"].contains(&token.as_str()) && after.contains("{/*"))).collect();
            // Inside an instruction that grammar knows no comments, though Docker does.
            prop_assert!(then == now || language == Language::Dockerfile, "{}", after);
            let count = |text: &str| Suppressions::of(case.language, text).all().len();
            prop_assert!(count(&after) <= count(&text) + 1, "{}", after);
        }
    }
}
