//! Exceptions as code: what the file may say, what counts, and what a change cannot grant itself.

mod authority;
mod matching;
mod reading;
mod review;
mod writing;

use aspm_policy::exceptions::{Entry, Parsed, parse};

/// A file with these entries; each line of an entry is indented.
fn file(entries: &[&str]) -> String {
    let mut text = "version: 1\nexceptions:\n".to_owned();
    for entry in entries {
        for (number, line) in entry.lines().enumerate() {
            text.push_str(if number == 0 { "  - " } else { "    " });
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// An entry that counts.
const GOOD: &str = "id: a\nfinding:\n  rule: B303\n  path: app/views.py\n  line: 41\n  text: md5(x)\nstatus: risk_accepted\nreason: legacy\nexpires: 2027-01-31";

/// `GOOD` with something else in it.
fn with(replaced: &str, by: &str) -> String {
    assert!(GOOD.contains(replaced), "{replaced}");
    GOOD.replacen(replaced, by, 1)
}

fn good(text: &str) -> Parsed {
    let parsed = parse(text);
    assert_eq!(parsed.problems, [], "{text}");
    parsed
}

fn entry(text: &str) -> Entry {
    good(&file(&[text])).entries.remove(0)
}

fn today() -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 23)
}
