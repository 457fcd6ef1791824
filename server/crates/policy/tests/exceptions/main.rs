//! Exceptions as code: what the file may say, what counts, and what a change cannot grant itself.

use aspm_policy::exceptions::parse;

#[test]
fn an_entry_with_all_it_needs_counts() {
    let text = "version: 1\nexceptions:\n  - id: a\n    finding: {rule: B303, path: ./a.py, line: 3}\n    status: false_positive\n    reason: x\n";
    let parsed = parse(text);
    assert_eq!(parsed.problems, []);
    assert_eq!(parsed.entries.len(), 1);
    assert_eq!((parsed.entries[0].line, &*parsed.entries[0].finding.path), (3, "a.py"));
}
