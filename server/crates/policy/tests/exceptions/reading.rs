//! What the file may say: lenient by entry, strict by file.

use aspm_policy::exceptions::{Expiry, MAX_BYTES, MAX_ENTRIES, Weight, parse};
use finding::{Region, StatusValue};
use proptest::prelude::*;

use crate::{GOOD, entry, file, good, today, with};

#[test]
fn an_entry_says_what_was_written() {
    let entry = entry(&with(
        "  line: 41",
        "  source: ci\n  id: ci:0123\n  symbol: login\n  commit: 3F2A9C0D5E6F708192A3B4C5D6E7F8091A2B3C4D\n  line: 41",
    ));
    assert_eq!((&*entry.id, entry.line, entry.status), ("a", 3, StatusValue::RiskAccepted));
    assert_eq!(entry.expires, Expiry::On(jiff::civil::date(2027, 1, 31)));
    let evidence = entry.evidence();
    assert_eq!(evidence.path.as_deref(), Some("app/views.py"));
    assert_eq!(evidence.region, Some(Region::line(41)));
    assert_eq!(evidence.snippet.as_deref(), Some("md5(x)"));
    assert_eq!(evidence.symbol.as_deref(), Some("login"));
    assert_eq!(evidence.commit.as_deref(), Some("3f2a9c0d5e6f708192a3b4c5d6e7f8091a2b3c4d"));
}

#[test]
fn a_text_of_several_lines_is_evidence_of_all_of_them() {
    let entry = entry(&with("text: md5(x)", "text: |-\n    md5(\n      x)"));
    assert_eq!(entry.evidence().region.map(|region| (region.line, region.end_line)), Some((41, 42)));
    assert_eq!(entry.evidence().snippet.as_deref(), Some("md5(\n  x)"));
}

#[test]
fn a_file_without_entries_is_fine() {
    for text in [
        "",
        "\n\n",
        "# nothing yet\n",
        "version: 1\n",
        "version: 1\nexceptions:\n",
        "version: 1\nexceptions: []\n",
        "---\nversion: 1\n...\n",
        "{\"version\": 1, \"exceptions\": []}",
        "\u{feff}version: 1\r\nexceptions:\r\n",
    ] {
        assert_eq!(good(text).entries, [], "{text:?}");
    }
}

/// What is replaced in a good entry, by what, the line of the file that is named, and words of the message.
const MISTAKES: [(&str, &str, u32, &str); 32] = [
    ("status", "staus", 9, "unknown key `staus`; did you mean `status`?"),
    ("reason", "because", 10, "unknown key `because`. Possible: id, finding"),
    ("  line", "  lnie", 7, "unknown key `finding.lnie`; did you mean `line`?"),
    ("reason: legacy", "reason:", 3, "has no `reason`"),
    ("reason: legacy", "reason: '  '", 10, "has no `reason`"),
    ("reason: legacy", "reason: ~", 3, "has no `reason`"),
    ("reason: legacy", "reason: [legacy]", 10, "`reason` must be a text"),
    ("reason: legacy", "reason: legacy\nreason: other", 11, "`reason` is written twice"),
    ("  rule: B303", "  symbol: x", 5, "has no `rule`"),
    ("  path: app/views.py", "  symbol: x", 5, "has no `path`"),
    ("  path: app/views.py", "  path: a.py\n  path: b.py", 7, "`finding.path` is written twice"),
    ("B303", "'B*'", 5, "must name one rule"),
    ("B303", "'B30?'", 5, "must name one rule"),
    ("app/views.py", "app/**", 6, "must name one file"),
    ("app/views.py", "'*'", 6, "must name one file"),
    ("app/views.py", "app/", 6, "must name one file"),
    ("app/views.py", ".", 6, "must name one file"),
    ("app/views.py", "../other/views.py", 6, "without `..`"),
    ("app/views.py", "app\\views.py", 6, "must be a plain path"),
    ("status: risk_accepted", "status: accepted", 9, "`status` cannot be `accepted`"),
    ("risk_accepted", "risk_acepted", 9, "did you mean `risk_accepted`?"),
    ("risk_accepted", "mitigated", 9, "`status` cannot be `mitigated`"),
    ("risk_accepted", "open", 9, "`status` cannot be `open`"),
    ("risk_accepted", "duplicate", 9, "`status` cannot be `duplicate`"),
    ("status: risk_accepted", "ticket: T-1", 3, "has no `status`"),
    ("id: a\n", "id: ''\n", 3, "`id`"),
    ("id: a\n", "id: a b\n", 3, "letters, digits"),
    ("line: 41", "line: 0", 7, "number from 1"),
    ("line: 41", "line: 4-9", 7, "number from 1"),
    ("  line: 41\n  text: md5(x)", "  symbol: login", 5, "cover a whole file"),
    (
        "finding:\n  rule: B303\n  path: app/views.py\n  line: 41\n  text: md5(x)",
        "finding: B303",
        4,
        "`finding` must be a map",
    ),
    ("finding:\n  rule: B303\n  path: app/views.py\n  line: 41\n  text: md5(x)\n", "", 3, "has no `finding`"),
];

#[test]
fn an_entry_with_a_mistake_does_not_count_is_named_with_its_line_and_spares_the_others() {
    for (replaced, by, line, message) in MISTAKES {
        let parsed = parse(&file(&[&with(replaced, by), &with("id: a", "id: b")]));
        assert_eq!(parsed.entries.iter().map(|entry| &*entry.id).collect::<Vec<_>>(), ["b"], "{by}");
        let found = parsed.problems.iter().find(|problem| problem.line == line && problem.what.contains(message));
        let found = found.unwrap_or_else(|| panic!("{by:?}: {line} {message:?} in {:#?}", parsed.problems));
        assert_eq!(found.weight, Weight::Entry, "{by}");
        assert!(found.what.contains("does not count"), "{}", found.what);
    }
}

#[test]
fn two_entries_of_one_id_are_both_refused_even_where_one_has_another_mistake() {
    for second in [GOOD.to_owned(), with("B303", "B304"), with("reason: legacy", "reason:")] {
        let parsed = parse(&file(&[GOOD, &second]));
        assert_eq!(parsed.entries, [], "{second}");
        for (line, other) in [(3, "line 12"), (12, "line 3")] {
            let is_it =
                |problem: &&aspm_policy::exceptions::Problem| problem.line == line && problem.what.contains(other);
            assert!(parsed.problems.iter().any(|problem| is_it(&problem)), "{:#?}", parsed.problems);
        }
    }
}

#[test]
fn a_date_that_nobody_can_read_never_counts() {
    for date in [
        "31.01.2027",
        "2027-02-30",
        "9999-99-99",
        "2027-01-31T00:00:00Z",
        "tomorrow",
        "2027-1-31",
        "[2027-01-31]",
        "+12027-01-01",
        "２０２７-01-31",
    ] {
        let parsed = parse(&file(&[&with("2027-01-31", date)]));
        assert!(parsed.entries[0].is_expired(jiff::civil::Date::MIN), "{date}");
        assert_eq!((parsed.problems[0].line, parsed.problems[0].weight), (11, Weight::Entry), "{date}");
        assert!(parsed.problems[0].what.contains("taken as expired"), "{date}");
        let given_on = parsed.entries[0].exception(finding::ExceptionState::Approved);
        assert_eq!(
            given_on.expires.as_deref(),
            Some("0001-01-01"),
            "a policy that compares texts sees it past: {date}"
        );
    }
}

#[test]
fn the_last_day_counts_and_the_next_does_not() {
    let parsed = good(&file(&[GOOD]));
    let last = jiff::civil::date(2027, 1, 31);
    assert!(!parsed.entries[0].is_expired(last));
    assert_eq!(parsed.expired(last), []);
    let next = last.tomorrow().unwrap();
    assert!(parsed.entries[0].is_expired(next));
    let told = parsed.expired(next);
    assert_eq!((told.len(), told[0].line), (1, 3));
    assert!(told[0].what.contains("expired on 2027-01-31"), "{}", told[0].what);
}

#[test]
fn an_accepted_risk_without_an_end_counts_with_a_notice() {
    let parsed = parse(&file(&[&with("\nexpires: 2027-01-31", "")]));
    assert!(!parsed.entries[0].is_expired(today()));
    assert_eq!((parsed.problems.len(), parsed.problems[0].weight), (1, Weight::Notice));
    good(&file(&[&with("\nexpires: 2027-01-31", "").replace("risk_accepted", "false_positive")]));
}

#[test]
fn an_entry_cannot_approve_itself() {
    let claims = [
        "approved_by: dana",
        "accepted_by: dana",
        "approved: true",
        "state: approved",
        "Approved_By: ciso",
        "approvers: [dana, ciso]",
        "reviewed_by: {name: ciso}",
    ];
    for claim in claims {
        let text = format!("{GOOD}\nrequested_by: dana\n{claim}");
        let parsed = parse(&file(&[&text]));
        assert_eq!(
            (parsed.problems.len(), parsed.problems[0].line, parsed.problems[0].weight),
            (1, 13, Weight::Notice),
            "{claim}"
        );
        assert!(parsed.problems[0].what.contains("is ignored"), "{claim}");
        let is_own = matches!(claim, "approved_by: dana" | "accepted_by: dana");
        assert_eq!(parsed.problems[0].what.contains("by whoever asks for it"), is_own, "{claim}");
        // What is left is the same as without the claim, and nobody accepted it.
        assert_eq!(parsed.entries[0], entry(&format!("{GOOD}\nrequested_by: dana")), "{claim}");
        assert_eq!(parsed.entries[0].exception(finding::ExceptionState::Requested).accepted_by, None);
    }
}

#[test]
fn a_commit_that_is_no_full_id_is_not_asked_for() {
    for commit in ["3f2a9c0", "HEAD", "--upload-pack=x", "3f2a9c0d5e6f708192a3b4c5d6e7f8091a2b3c4z"] {
        let parsed = parse(&file(&[&with("  line: 41", &format!("  commit: {commit}\n  line: 41"))]));
        assert_eq!(parsed.entries[0].evidence().commit, None, "{commit}");
        assert_eq!((parsed.problems[0].line, parsed.problems[0].weight), (7, Weight::Notice), "{commit}");
    }
}

#[test]
fn where_the_file_cannot_be_understood_no_entry_counts_and_one_problem_says_why() {
    let good = file(&[GOOD]);
    let deep = format!("version: 1\nexceptions: {}{}\n", "[".repeat(40), "]".repeat(40));
    let bomb = "version: 1\nexceptions:\n  - &a [x, x]\n  - &b [*a, *a]\n  - [*b, *b]\n".to_owned();
    let conflict = good.replace("    status:", "<<<<<<< HEAD\n    status:") + "=======\n>>>>>>> topic\n";
    for (text, line, message) in [
        (conflict, 9, "merge conflict"),
        (good.clone() + "=======\n", 12, "merge conflict"),
        (good.replace("version: 1", "version: 2"), 1, "only `version: 1`"),
        (good.replace("version: 1", "version: 1.0"), 1, "only `version: 1`"),
        (good.replace("version: 1\n", ""), 1, "begin with `version: 1`"),
        (format!("version: 1\n{good}"), 2, "`version` is written twice"),
        (format!("{good}exceptions: []\n"), 12, "`exceptions` is written twice"),
        (good.replace("exceptions:", "exception:"), 2, "did you mean `exceptions`?"),
        (good.clone() + "---\n" + &good, 12, "second document"),
        (good.replace("id: a", "id: a: b"), 3, "not YAML"),
        (good.replace("reason: legacy", "reason: \"legacy"), 10, "not YAML"),
        ("- a\n".to_owned(), 1, "must be a map"),
        ("just words".to_owned(), 1, "must be a map"),
        ("version: 1\nexceptions: all\n".to_owned(), 2, "must be a list"),
        ("version: 1\nexceptions: {id: a}\n".to_owned(), 2, "must be a list"),
        (bomb, 3, "an anchor"),
        (good.replace("reason: legacy", "reason: !!str legacy"), 10, "a tag"),
        (good.replace("reason: legacy", "reason: !include /etc/passwd"), 10, "a tag"),
        (deep, 2, "nested deeper"),
        (format!("version: 1\nexceptions:{}", "\n- a".repeat(MAX_ENTRIES + 1)), 3, "more than 10000"),
        (format!("{good}#{}", "x".repeat(MAX_BYTES)), 1, "larger than 1 MiB"),
        ("[".repeat(MAX_BYTES - 1), 1, ""),
        ("- ".repeat(MAX_BYTES / 2 - 1), 1, ""),
    ] {
        let parsed = parse(&text);
        let shown = &text[..text.floor_char_boundary(200)];
        assert!(parsed.is_broken(), "{shown}");
        assert_eq!((parsed.entries.len(), parsed.problems.len()), (0, 1), "{shown}");
        assert_eq!(parsed.problems[0].line, line, "{shown}\n{}", parsed.problems[0].what);
        assert!(parsed.problems[0].what.contains(message), "{shown}\n{}", parsed.problems[0].what);
    }
}

#[test]
fn a_message_about_a_hostile_word_is_one_short_line() {
    let parsed =
        parse(&file(&[&with("status: risk_accepted", &format!("status: \"x\\n\\e[31m{}\"", "y".repeat(5000)))]));
    assert!(parsed.problems.iter().all(|problem| problem.what.len() < 400 && !problem.what.contains(char::is_control)));
}

#[test]
fn many_mistakes_are_not_told_one_by_one() {
    let parsed = parse(&format!("version: 1\nexceptions:\n{}", "- {}\n".repeat(MAX_ENTRIES)));
    assert_eq!((parsed.entries.len(), parsed.problems.len()), (0, 1_001));
    assert!(parsed.problems[1_000].what.contains("more mistakes"), "{}", parsed.problems[1_000].what);
    assert!(!parsed.is_broken());
}

#[test]
fn the_most_entries_are_read() {
    let entries: Vec<String> = (0..MAX_ENTRIES)
        .map(|number| {
            format!("id: e{number}\nfinding: {{rule: B, path: a, line: 1}}\nstatus: false_positive\nreason: x")
        })
        .collect();
    let text = file(&entries.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(text.len() < MAX_BYTES);
    assert_eq!(good(&text).entries.len(), MAX_ENTRIES);
}

proptest! {
    #[test]
    fn no_text_is_too_odd_to_read(text in "\\PC{0,40}|[-:{}\\[\\]&*!|>'\"%@`#?, \n\tav1]{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn a_good_file_with_a_character_changed_never_says_more(at in 0usize..400, by in any::<char>()) {
        let text = file(&[GOOD, &with("id: a", "id: b")]);
        let mut chars: Vec<char> = text.chars().collect();
        let at = at % chars.len();
        chars[at] = by;
        let parsed = parse(&chars.into_iter().collect::<String>());
        prop_assert!(parsed.entries.len() <= 2);
        for entry in parsed.entries {
            prop_assert!(!entry.finding.rule.is_empty() && !entry.finding.path.is_empty() && !entry.reason.is_empty());
            prop_assert!(entry.finding.line.is_some() || entry.finding.text.is_some());
        }
    }
}
