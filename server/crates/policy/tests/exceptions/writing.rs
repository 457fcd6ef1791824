//! Entries in and out of the file with everything else as it was.

use aspm_policy::exceptions::{About, Expiry, NewEntry, WriteError, add, parse, remove};
use finding::StatusValue;
use proptest::prelude::*;

use crate::{GOOD, file, good, today, with};

fn new() -> NewEntry {
    NewEntry {
        finding: About {
            source: Some("ci".to_owned()),
            rule: "B303".to_owned(),
            path: "app/views.py".to_owned(),
            line: Some(41),
            text: Some("digest = md5(x)".to_owned()),
            ..About::default()
        },
        status: StatusValue::RiskAccepted,
        reason: "legacy clients".to_owned(),
        requested_by: Some("dana".to_owned()),
        expires: Some(jiff::civil::date(2027, 1, 31)),
        ticket: None,
    }
}

/// What `add` puts there, indented by `indent`.
fn written(indent: usize, id: &str) -> String {
    let lines = format!(
        "- id: {id}\n  finding:\n    source: ci\n    rule: B303\n    path: app/views.py\n    line: 41\n    text: digest = md5(x)\n  status: risk_accepted\n  reason: legacy clients\n  requested_by: dana\n  expires: 2027-01-31\n"
    );
    let margin = " ".repeat(indent);
    lines.split_inclusive('\n').flat_map(|line| [&margin, line]).collect()
}

fn added(text: Option<&str>) -> String {
    let added = add(text, &new(), today()).unwrap_or_else(|error| panic!("{error}\n{text:?}"));
    let parsed = parse(&added.text);
    let entry = parsed.entries.last().expect("the entry");
    assert_eq!((entry.id.as_str(), &entry.finding), (added.id.as_str(), &new().finding));
    added.text
}

const ID: &str = "b303-app-views-4466a9";

#[test]
fn a_file_is_begun_with_a_word_about_what_it_is() {
    for text in [None, Some(""), Some("\n \n")] {
        let text = added(text);
        assert!(text.starts_with("# "), "{text}");
        assert!(text.ends_with(&format!("version: 1\nexceptions:\n{}", written(2, ID))), "{text}");
    }
}

#[test]
fn the_rest_of_the_file_stays_as_it_is() {
    let entry = file(&[GOOD]);
    let entry = entry.strip_prefix("version: 1\nexceptions:\n").unwrap();
    let quoted = "  - 'id': \"b\"   # why\n    \"finding\": {rule: 'B1', path: a.py, line: 2,}\n    status:   false_positive\n    reason: |\n      several\n\n      lines\n";
    let dashes: String = entry.split_inclusive('\n').map(|line| line.strip_prefix("  ").unwrap()).collect();
    let alone = entry.replacen("  - id", "  -\n    id", 1);
    let new = written(2, ID);
    for (before, after) in [
        // (what is there, what comes below it)
        (format!("version: 1\nexceptions:\n{entry}"), new.clone()),
        (format!("# head\n---\nversion: 1 # one\n\nexceptions: # all\n\n  # first\n{entry}"), new.clone()),
        (format!("version: 1\nexceptions:\n{quoted}{entry}"), new.clone()),
        (format!("version: 1\nexceptions:\n{entry}{quoted}"), new.clone()),
        (format!("version: 1\nexceptions:\n{entry}\n{quoted}"), format!("\n{new}")),
        (format!("version: 1\nexceptions:\n{alone}"), new.clone()),
        (format!("version: 1\nexceptions:\n{dashes}"), written(0, ID)),
        ("version: 1\nexceptions:\n".to_owned(), new.clone()),
        ("version: 1\n".to_owned(), format!("exceptions:\n{new}")),
        ("# only words\n".to_owned(), format!("version: 1\nexceptions:\n{new}")),
    ] {
        assert_eq!(added(Some(&before)), format!("{before}{after}"));
        // Line endings stay what they are, and so does a last line without one.
        let crlf = before.replace('\n', "\r\n");
        assert_eq!(added(Some(&crlf)), format!("{crlf}{}", after.replace('\n', "\r\n")));
        let open = before.trim_end_matches('\n');
        assert_eq!(added(Some(open)), format!("{before}{}", after.trim_end_matches('\n')), "{before}");
        let marked = format!("\u{feff}{before}");
        assert_eq!(added(Some(&marked)), format!("{marked}{after}"));
    }
}

#[test]
fn what_follows_the_list_stays_below_it() {
    let entry = file(&[GOOD]);
    let entry = entry.strip_prefix("version: 1\nexceptions:\n").unwrap();
    let new = written(2, ID);
    for after in ["# the end\n", "\n\n# the end\n", "version: 1\n", "\nversion: 1 # last\n"] {
        let head = if after.contains("version") { "exceptions:\n" } else { "version: 1\nexceptions:\n" };
        assert_eq!(added(Some(&format!("{head}{entry}{after}"))), format!("{head}{entry}{new}{after}"));
    }
    assert_eq!(added(Some("exceptions:\nversion: 1\n")), format!("exceptions:\n{new}version: 1\n"));
    assert_eq!(added(Some("exceptions: [] # none\nversion: 1\n")), format!("exceptions: # none\n{new}version: 1\n"));
    assert_eq!(added(Some("exceptions: ~\nversion: 1\n")), format!("exceptions:\n{new}version: 1\n"));
}

#[test]
fn a_text_block_at_the_end_keeps_its_blank_lines() {
    for (block, between) in [("|+", ""), ("|", "\n\n"), (">-", "\n\n")] {
        let entry = with("  text: md5(x)\n", "")
            .replace("reason: legacy\nexpires: 2027-01-31", &format!("reason: {block}\n  legacy"));
        let before = file(&[&entry]) + "\n\n";
        let after = added(Some(&before));
        let start = before.trim_end().to_owned() + "\n";
        let expected = if between.is_empty() {
            format!("{before}{}", written(2, ID))
        } else {
            format!("{start}{}{between}", written(2, ID))
        };
        assert_eq!(after, expected, "{block}");
    }
}

#[test]
fn a_list_in_brackets_stays_in_brackets() {
    let entry = "{id: a, finding: {rule: B, path: a.py, line: 1}, status: false_positive, reason: x}";
    for (before, expected_start, expected_end) in [
        (
            format!("version: 1\nexceptions: [{entry}]\n"),
            format!("version: 1\nexceptions: [{entry}, {{\"id\": "),
            "}]\n",
        ),
        (
            format!("version: 1\nexceptions: [\n  {entry}, # one\n]\n"),
            format!("version: 1\nexceptions: [\n  {entry}, {{\"id\": "),
            "}, # one\n]\n",
        ),
        (
            "{\"version\": 1, \"exceptions\": []}".to_owned(),
            "{\"version\": 1, \"exceptions\": [{\"id\": ".to_owned(),
            "} ]}",
        ),
    ] {
        let after = added(Some(&before));
        assert!(after.starts_with(&expected_start) && after.ends_with(expected_end), "{after}");
    }
}

#[test]
fn entries_that_do_not_count_are_no_obstacle() {
    let before = file(&[&with("reason: legacy", "reason:"), GOOD]);
    assert_eq!(added(Some(&before)), before.clone() + &written(2, ID));
}

#[test]
fn a_file_that_cannot_be_understood_is_not_touched() {
    for (text, line) in [
        ("version: 1\n<<<<<<< HEAD\n", 2),
        ("version: 2\n", 1),
        ("version: 1\nexceptions: [\n", 3),
        ("version: 1\nexeptions: []\n", 2),
        ("- a\n", 1),
    ] {
        let error = add(Some(text), &new(), today()).unwrap_err();
        assert!(matches!(error, WriteError::Broken { line: at, .. } if at == line), "{text}: {error}");
        assert!(error.to_string().contains("correct the file first"), "{error}");
        assert!(matches!(remove(text, "a").unwrap_err(), WriteError::Broken { .. }), "{text}");
    }
    let error = add(Some("{version: 1}\n"), &new(), today()).unwrap_err();
    assert!(matches!(error, WriteError::ByHand { line: 1, .. }), "{error}");
}

#[test]
fn an_entry_that_would_not_count_is_not_written() {
    let about = |about: About| NewEntry { finding: about, ..new() };
    let finding = new().finding;
    for entry in [
        NewEntry { reason: " \n".to_owned(), ..new() },
        NewEntry { status: StatusValue::Open, ..new() },
        NewEntry { status: StatusValue::Mitigated, ..new() },
        NewEntry { expires: today().yesterday().ok(), ..new() },
        about(About { rule: "B*".to_owned(), ..finding.clone() }),
        about(About { rule: String::new(), ..finding.clone() }),
        about(About { path: "app/*".to_owned(), ..finding.clone() }),
        about(About { path: "../x".to_owned(), ..finding.clone() }),
        about(About { path: "a\nb".to_owned(), ..finding.clone() }),
        about(About { line: Some(0), ..finding.clone() }),
        about(About { line: None, text: None, ..finding.clone() }),
    ] {
        let error = add(None, &entry, today()).unwrap_err();
        assert!(matches!(error, WriteError::Entry(_)), "{entry:?}: {error}");
    }
    assert!(add(None, &NewEntry { expires: Some(today()), ..new() }, today()).is_ok(), "its last day may be today");
}

#[test]
fn ids_are_readable_and_unique() {
    let mut text = None;
    for expected in [ID.to_owned(), format!("{ID}-2"), format!("{ID}-3")] {
        let added = add(text.as_deref(), &new(), today()).unwrap();
        assert_eq!(added.id, expected);
        text = Some(added.text);
    }
    let id = |rule: &str, path: &str| {
        let finding = About { rule: rule.to_owned(), path: path.to_owned(), ..new().finding };
        let id = add(None, &NewEntry { finding, ..new() }, today()).unwrap().id;
        id.rsplit_once('-').unwrap().0.to_owned()
    };
    for (rule, path, expected) in [
        ("python.lang.security.audit.eval-detected", "a.py", "eval-detected-a"),
        ("S2068", "src/main/java/com/acme/Login.java", "s2068-acme-login"),
        ("правило", ".github/файл.yml", "github"),
        ("py/sql-injection", "x/Dockerfile", "sql-injection-x-dockerfile"),
        ("a-rule-with-a-name-that-is-far-too-long", "b", "a-rule-with-a-name-that-b"),
    ] {
        assert_eq!(id(rule, path), expected);
    }
}

#[test]
fn an_id_that_only_a_refused_entry_has_is_taken_too() {
    let refused = with("reason: legacy", "reason:").replace("id: a", &format!("id: {ID}"));
    assert_eq!(add(Some(&file(&[&refused])), &new(), today()).unwrap().id, format!("{ID}-2"));
}

#[test]
fn an_entry_is_taken_out_with_its_own_lines_only() {
    let [a, b, c] = ["a", "b", "c"]
        .map(|id| file(&[&with("id: a", &format!("id: {id}"))]).split_off("version: 1\nexceptions:\n".len()));
    let head = "version: 1\nexceptions:\n";
    for (before, id, after) in [
        (format!("{head}{a}{b}{c}"), "b", format!("{head}{a}{c}")),
        (format!("{head}{a}{b}{c}"), "a", format!("{head}{b}{c}")),
        (format!("{head}{a}{b}{c}"), "c", format!("{head}{a}{b}")),
        (format!("{head}{a}\n{b}\n{c}"), "b", format!("{head}{a}\n{c}")),
        (format!("{head}{a}\n{b}\n{c}"), "c", format!("{head}{a}\n{b}")),
        (format!("{head}{a}\n{b}"), "a", format!("{head}\n{b}")),
        (
            format!("{head}  # about a\n{a}  # about b\n{b}# end\n"),
            "a",
            format!("{head}  # about a\n  # about b\n{b}# end\n"),
        ),
        (format!("{head}{a}"), "a", "version: 1\nexceptions: []\n".to_owned()),
        (format!("# x\nexceptions: # all\n{a}version: 1\n"), "a", "# x\nexceptions: [] # all\nversion: 1\n".to_owned()),
    ] {
        assert_eq!(remove(&before, id).unwrap(), after);
        let crlf = |text: &str| text.replace('\n', "\r\n");
        assert_eq!(remove(&crlf(&before), id).unwrap(), crlf(&after));
        let open = before.trim_end_matches('\n');
        assert_eq!(remove(open, id).unwrap(), after.trim_end_matches('\n'), "{open}");
    }
}

#[test]
fn an_entry_in_brackets_is_taken_out_with_its_comma() {
    let entry = |id: &str| {
        format!("{{id: {id}, finding: {{rule: B, path: a.py, line: 1}}, status: false_positive, reason: x}}")
    };
    let list = |ids: &[&str]| {
        format!("version: 1\nexceptions: [{}]\n", ids.iter().map(|id| entry(id)).collect::<Vec<_>>().join(", "))
    };
    assert_eq!(remove(&list(&["a", "b", "c"]), "b").unwrap(), list(&["a", "c"]));
    assert_eq!(remove(&list(&["a", "b", "c"]), "c").unwrap(), list(&["a", "b"]));
    assert_eq!(remove(&list(&["a"]), "a").unwrap(), list(&[]));
}

#[test]
fn what_is_not_there_or_there_twice_is_not_taken_out() {
    assert_eq!(remove(&file(&[GOOD]), "b"), Err(WriteError::NoSuch("b".to_owned())));
    assert_eq!(remove("", "b"), Err(WriteError::NoSuch("b".to_owned())));
    assert!(matches!(remove(&file(&[GOOD, GOOD]), "a"), Err(WriteError::ByHand { line: 12, .. })));
}

/// Texts that YAML might take for something else, and any others.
fn any_text() -> impl Strategy<Value = String> {
    let tricky = [
        "true",
        "No",
        "null",
        "~",
        "1",
        "0x1f",
        "1e3",
        "-",
        "- a",
        "a -",
        "? a",
        ": ",
        "a: b",
        "a #b",
        "#a",
        "&a",
        "*a",
        "!a",
        "!!str a",
        "|",
        ">",
        "%TAG",
        "@a",
        "`a`",
        "'a'",
        "\"a\"",
        "a\"",
        "{a}",
        "[a]",
        "a, b",
        "---",
        "...",
        "<<",
        "=",
        " a ",
        "a\n",
        "\na",
        "a\n\n b\r\n",
        "\ta",
        "a\tb",
        "\\n",
        "a\u{0}b",
        "a\u{85}b",
        "a\u{2028}b",
        "\u{feff}a",
        "\u{202e}a",
        "e\u{301}",
        "日本語",
        "\u{1F600}",
        "<<<<<<< HEAD",
        "=======",
        "2027-01-31",
        "12:30",
        "a\n<<<<<<< HEAD\n=======\n>>>>>>> b",
        "inf",
        ".nan",
    ];
    prop_oneof![
        prop::sample::select(tricky.to_vec()).prop_map(str::to_owned),
        any::<String>(),
        "[ -~\n\r\t]{0,40}",
        "[a-z ]{1,20}",
    ]
}

prop_compose! {
    fn any_entry()(
        texts in prop::array::uniform7(prop::option::of(any_text())),
        rule in "[A-Za-z][A-Za-z0-9._/:#@(, '\"-]{0,20}",
        path in "[a-zà-ü_][a-z0-9_ :#'\"\\[\\]{}&,-]{0,12}(/[a-z][a-z .]{0,6}[a-z])?",
        line in 1u32..5000,
        status in 0usize..3,
        commit in prop::option::of("[0-9a-f]{40}"),
        days in prop::option::of(0i64..5000),
    ) -> NewEntry {
        let [reason, source, id, symbol, text, requested_by, ticket] = texts;
        NewEntry {
            finding: About { source, id, rule, path, line: Some(line), symbol, text, commit },
            status: [StatusValue::FalsePositive, StatusValue::RiskAccepted, StatusValue::OutOfScope][status],
            reason: reason.filter(|reason| !reason.trim().is_empty()).unwrap_or_else(|| "why".to_owned()),
            requested_by,
            expires: days.map(|days| today().saturating_add(jiff::Span::new().days(days))),
            ticket,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back_as_it_was_given_and_what_was_there_is_left_alone(
        entries in prop::collection::vec(any_entry(), 1..4),
        start in prop::sample::select(vec![
            "", "version: 1\nexceptions: []", "# a\r\nversion: 1\r\n\r\nexceptions:\r\n", "version: 1\nexceptions: [ # none\n  ]\n", "{version: 1, exceptions: [ ]}",
            "exceptions:\n- id: x\n  finding: {rule: B, path: a, line: 1}\n  status: false_positive\n  reason: |+\n    y\n\n\nversion: 1\n",
        ]),
    ) {
        let mut text = start.to_owned();
        let mut steps = Vec::new();
        for given in &entries {
            let added = add(Some(&text), given, today());
            let added = added.unwrap_or_else(|error| panic!("{error}\n{given:#?}\n{text}"));
            let parsed = parse(&added.text);
            let written = parsed.entries.last().unwrap();
            prop_assert_eq!(&written.id, &added.id);
            prop_assert_eq!(&written.finding.text, &given.finding.text.clone().filter(|text| !text.trim().is_empty()));
            prop_assert_eq!(written.finding.rule.as_str(), given.finding.rule.trim());
            prop_assert_eq!(written.finding.path.as_str(), given.finding.path.trim());
            prop_assert_eq!(written.finding.line, given.finding.line);
            prop_assert_eq!(&written.finding.commit, &given.finding.commit);
            prop_assert_eq!(written.reason.as_str(), given.reason.trim());
            prop_assert_eq!(&written.expires, &given.expires.map_or(Expiry::Never, Expiry::On));
            for (written, given) in [(&written.ticket, &given.ticket), (&written.requested_by, &given.requested_by), (&written.finding.symbol, &given.finding.symbol), (&written.finding.id, &given.finding.id), (&written.finding.source, &given.finding.source)] {
                prop_assert_eq!(written.as_deref(), given.as_deref().map(str::trim).filter(|text| !text.is_empty()));
            }
            let before = text.lines().filter(|line| line.starts_with('#')).count();
            prop_assert!(added.text.lines().filter(|line| line.starts_with('#')).count() >= before);
            steps.push((text, added.id));
            text = added.text;
        }
        // And out again, the last first.
        for (before, id) in steps.into_iter().rev() {
            text = remove(&text, &id).unwrap_or_else(|error| panic!("{error}\n{text}"));
            let (left, wanted) = (parse(&text).entries, parse(&before).entries);
            prop_assert_eq!(left.iter().map(|entry| &entry.id).collect::<Vec<_>>(), wanted.iter().map(|entry| &entry.id).collect::<Vec<_>>());
            if !wanted.is_empty() {
                prop_assert_eq!(text.clone(), before);
            }
        }
    }
}

/// Files put together from pieces that are odd, and often enough a file.
fn odd_file() -> impl Strategy<Value = String> {
    let pieces = [
        "version: 1\n",
        "exceptions:\n",
        "exceptions: [\n",
        "  - id: a\n",
        "- id: b\n",
        "-\n",
        "  -\n",
        "  - \n",
        "- - x\n",
        "  ]\n",
        "# c\n",
        "\n",
        "\r\n",
        "  # d\n",
        "    finding: {rule: B, path: a, line: 1}\n",
        "    status: false_positive\n",
        "    reason: r\n",
        "    reason: |+\n      x\n\n",
        "    reason: >\n      y\n",
        "  - {id: c, finding: {rule: B, path: a, line: 1}, status: false_positive, reason: x}\n",
        "  {id: d, reason: x}, # e\n",
        "  id: e, \n",
        "---\n",
        "...\n",
        "? x\n",
        "\t",
        "    k:\n",
        "    ticket: \"é\n      x\"\n",
        "\u{feff}",
        "  - ~\n",
        "  - # only\n",
        "null\n",
        "~",
    ];
    let several = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..14);
    (any::<bool>(), several).prop_map(|(has_head, pieces)| if has_head { "version: 1\nexceptions:\n".to_owned() } else { String::new() } + &pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn however_odd_the_file_no_other_entry_changes(text in odd_file()) {
        let ids = |text: &str| parse(text).entries.into_iter().map(|entry| (entry.id, entry.reason)).collect::<Vec<_>>();
        let before = ids(&text);
        if let Ok(added) = add(Some(&text), &new(), today()) {
            let after = ids(&added.text);
            prop_assert_eq!(&after[..after.len() - 1], before.as_slice());
        }
        for id in ["a", "b", "c", "d", "e"] {
            if let Ok(after) = remove(&text, id) {
                let expected: Vec<_> = before.iter().filter(|(other, _)| other != id).cloned().collect();
                prop_assert_eq!(ids(&after), expected);
            }
        }
    }
}

#[test]
fn a_file_written_by_add_has_nothing_wrong_with_it() {
    good(&added(None));
}
