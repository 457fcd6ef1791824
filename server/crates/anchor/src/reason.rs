//! The words a placement explains itself with: one line, plain, lower-case start, at most 120 characters.

use finding::Reason;

const LONGEST: usize = 120;

/// Parts joined by `; `, empty ones left out, cut to one line of bearable length.
pub(crate) fn of(parts: &[&str]) -> Reason {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    let joined = parts.join("; ").replace(['\n', '\r'], " ");
    if joined.chars().count() <= LONGEST {
        return Reason::new(joined);
    }
    let mut cut: String = joined.chars().take(LONGEST - 1).collect();
    cut.push('\u{2026}');
    Reason::new(cut)
}

pub(crate) const UNCHANGED: &str = "the scanned text is unchanged";
pub(crate) const WHOLE_FILE: &str = "about the whole file";
pub(crate) const REFORMATTED: &str = "re-formatted: the same code in another layout";
pub(crate) const LINE_CHANGED_AROUND: &str = "the flagged code is unchanged, the code around it changed";
pub(crate) const FEWER_CHANGED: &str = "the flagged code changed since the scan";
pub(crate) const BROKEN: &str = "the code here does not parse at the moment";
pub(crate) const DOUBT: &str = "similar code, but too much changed to be sure";
pub(crate) const HURRIED: &str = "too much changed to look at every place: about here";
pub(crate) const MAYBE_ELSEWHERE: &str = "removed from its file; similar code is new here";
pub(crate) const WAYS_DIFFER: &str = "removed on the way, but the same code stands here";
pub(crate) const TWINS: &str = "several places look the same";
pub(crate) const TOO_SHORT: &str = "the same few characters stand here, among other code";
pub(crate) const CANCELLED: &str = "placing was interrupted";
pub(crate) const NO_PATH: &str = "the finding names no file";
pub(crate) const TEXT_OF_ANOTHER_COMMIT: &str = "the text at that commit is not what the tool saw";
pub(crate) const TOO_LARGE: &str = "too much of a very large file changed to search it";
pub(crate) const NOT_FOUND: &str = "the reported text is not in the file any more";

/// `from` and `to` count from 1.
pub(crate) fn shifted(from: usize, to: usize) -> String {
    let by = from.abs_diff(to);
    let lines = if by == 1 { "line" } else { "lines" };
    match to.cmp(&from) {
        std::cmp::Ordering::Greater => format!("moved from line {from}: {by} {lines} inserted above"),
        std::cmp::Ordering::Less => format!("moved from line {from}: {by} {lines} removed above"),
        std::cmp::Ordering::Equal => String::new(),
    }
}

/// Somewhere else in its file, from line `from` (from 1).
pub(crate) fn moved_within(from: usize) -> String {
    format!("moved from line {from}")
}

pub(crate) fn renamed(from: &str) -> String {
    format!("file renamed from {from}")
}

pub(crate) fn moved_between(from: &str, line: usize) -> String {
    format!("moved here from {from} line {line}")
}

pub(crate) fn arguments_changed(callee: &str) -> String {
    format!("argument changed since the scan: `{callee}(\u{2026})`")
}

pub(crate) fn call_replaced(callee: &str) -> String {
    format!("flagged call `{callee}(\u{2026})` was replaced")
}

pub(crate) fn call_varied(callee: &str) -> String {
    format!("flagged call `{callee}(\u{2026})` became another call of its family: verify")
}

pub(crate) fn code_replaced(line: usize) -> String {
    format!("the flagged code of line {line} was replaced")
}

pub(crate) fn deleted(line: usize) -> String {
    format!("line {line} was deleted")
}

pub(crate) fn file_deleted(path: &str) -> String {
    format!("file {path} was deleted")
}

pub(crate) fn file_missing(path: &str) -> String {
    format!("{path} is not in this workspace")
}

pub(crate) fn assumed(commit: &str) -> String {
    format!("assuming the scan saw commit {}", short(commit))
}

pub(crate) fn as_reported(line: u32) -> String {
    format!("no scanned text to check by: line {line} as reported")
}

pub(crate) fn past_the_end(line: u32) -> String {
    format!("no scanned text to check by, and the file has no such line {line} now")
}

pub(crate) fn hashed(line: usize) -> String {
    format!("found by the line hash that the tool sent, line {line}")
}

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_of_bearable_length() {
        let long = "x".repeat(200);
        let reason = of(&["", "moved\nfrom line 3", &long]).to_string();
        assert_eq!(reason.chars().count(), LONGEST);
        assert!(reason.starts_with("moved from line 3; xxx") && reason.ends_with('\u{2026}'));
    }

    #[test]
    fn a_shift_says_how_far_and_which_way() {
        assert_eq!(shifted(41, 53), "moved from line 41: 12 lines inserted above");
        assert_eq!(shifted(41, 40), "moved from line 41: 1 line removed above");
    }
}
