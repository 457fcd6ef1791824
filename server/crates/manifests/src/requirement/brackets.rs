//! Maven's and Gradle's ranges: one version, or brackets such as `[1.0,2.0)`, or Gradle's `1.+`.

use super::bounds::{Bound, Op, wildcard};
use super::{Part, Requirement, Style};
use crate::ecosystem::Ecosystem;
use crate::format::Format;
use crate::version::Version;

const MAVEN: Ecosystem = Ecosystem::Maven;

pub(super) fn read(format: Format, text: &str) -> Option<Requirement> {
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    if !trimmed.starts_with(['[', '(', ']']) {
        let (style, bounds) = match trimmed.strip_suffix(".+") {
            Some(stem) if format != Format::Pom => (Style::Wildcard, wildcard(MAVEN, stem)?),
            // `1.2!!` is Gradle's word for strictly.
            _ => (Style::Exact, vec![Bound::new(Op::Equal, Version::of(MAVEN, trimmed.trim_end_matches("!!"))?)]),
        };
        let len = trimmed.trim_end_matches("!!").len();
        return Some(Requirement {
            alternatives: vec![bounds],
            parts: vec![Part { style, version: start..start + len }],
        });
    }
    let mut alternatives = Vec::new();
    let mut parts = Vec::new();
    let mut at = start;
    while let Some(open) = text[at..].find(['[', '(', ']']).map(|found| at + found) {
        let close = text[open + 1..].find([']', ')', '[']).map(|found| open + 1 + found)?;
        alternatives.push(one(text, open, close, &mut parts)?);
        at = close + 1;
    }
    Some(Requirement { alternatives, parts })
}

/// What stands between one pair of brackets.
fn one(text: &str, open: usize, close: usize, parts: &mut Vec<Part>) -> Option<Vec<Bound>> {
    let is_lower_in = text.as_bytes()[open] == b'[';
    let is_upper_in = text.as_bytes()[close] == b']';
    let inner = &text[open + 1..close];
    let mut place = |from: usize, said: &str, style: Style| {
        let start = open + 1 + from + (said.len() - said.trim_start().len());
        parts.push(Part { style, version: start..start + said.trim().len() });
        Version::of(MAVEN, said.trim())
    };
    let Some((from, to)) = inner.split_once(',') else {
        return Some(vec![Bound::new(Op::Equal, place(0, inner, Style::Exact)?)]);
    };
    let mut bounds = Vec::new();
    if !from.trim().is_empty() {
        let (op, style) = if is_lower_in { (Op::AtLeast, Style::AtLeast) } else { (Op::Above, Style::Above) };
        bounds.push(Bound::new(op, place(0, from, style)?));
    }
    if !to.trim().is_empty() {
        let op = if is_upper_in { Op::AtMost } else { Op::Below };
        bounds.push(Bound::new(op, place(from.len() + 1, to, Style::Limit)?));
    }
    Some(bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_admit_what_they_hold() {
        for (range, yes, no) in [
            ("[1.0,2.0)", "1.0 1.9", "2.0 0.9"),
            ("[1.0]", "1.0", "1.1"),
            ("(,1.0],[1.2,)", "0.9 1.0 1.3", "1.1"),
            ("(1.0,2.0]", "2.0", "1.0"),
            ("2.14.1", "2.14.1", "2.15"),
            ("1.+", "1.9", "2.0"),
            ("1.2!!", "1.2", "1.3"),
        ] {
            let requirement = Requirement::of(Format::Gradle, range).expect(range);
            for (versions, expected) in [(yes, true), (no, false)] {
                for version in versions.split_whitespace() {
                    let version = Version::of(MAVEN, version).expect(version);
                    assert_eq!(requirement.admits(&version), expected, "{range} {version}");
                }
            }
        }
        for range in ["latest.release", "${x}", "[1.0", "[a,b)", "1.+ "] {
            assert!(Requirement::of(Format::Pom, range).is_none(), "{range}");
        }
    }
}
