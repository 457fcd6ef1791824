//! Ranges written as operators and versions: npm, Cargo, Python, Composer, Ruby, Go.

use std::ops::Range;

use super::bounds::{Bound, Op, behind, caret, pessimistic, tilde, wildcard, written};
use super::{Part, Requirement, Style};
use crate::ecosystem::Ecosystem;
use crate::format::Format;
use crate::version::Version;

/// The longest first.
const OPERATORS: [&str; 12] = ["===", "~>", "~=", ">=", "<=", "==", "!=", "^", "~", "=", ">", "<"];

pub(super) fn read(format: Format, text: &str) -> Option<Requirement> {
    let ecosystem = format.ecosystem();
    let mut alternatives = Vec::new();
    let mut parts = Vec::new();
    for range in alternatives_of(ecosystem, text) {
        alternatives.push(one(ecosystem, text, range, &mut parts)?);
    }
    Some(Requirement { alternatives, parts })
}

/// The ranges between `||` (Composer: also `|`).
fn alternatives_of(ecosystem: Ecosystem, text: &str) -> Vec<Range<usize>> {
    if !matches!(ecosystem, Ecosystem::Npm | Ecosystem::Composer | Ecosystem::Pypi) {
        return std::iter::once(0..text.len()).collect();
    }
    let mut ranges = Vec::new();
    let mut start = 0;
    for part in text.split('|') {
        // Nothing stands between the two bars.
        if !part.is_empty() || text.is_empty() {
            ranges.push(start..start + part.len());
        }
        start += part.len() + 1;
    }
    ranges
}

fn one(ecosystem: Ecosystem, text: &str, range: Range<usize>, parts: &mut Vec<Part>) -> Option<Vec<Bound>> {
    let mut bounds = Vec::new();
    let words = words_of(text, range)?;
    if words.is_empty() {
        parts.push(Part { style: Style::Any, version: 0..0 });
        return (ecosystem == Ecosystem::Npm).then_some(bounds);
    }
    let mut words = words.into_iter().peekable();
    while let Some((op, version)) = words.next() {
        let is_hyphen = words.peek().is_some_and(|(op, next)| op.is_empty() && &text[next.clone()] == "-");
        if op.is_empty() && is_hyphen {
            words.next();
            let (_, end) = words.next().filter(|(op, _)| op.is_empty())?;
            bounds.extend(hyphen(ecosystem, &text[version.clone()], &text[end.clone()])?);
            parts.push(Part { style: Style::AtLeast, version });
            parts.push(Part { style: Style::Limit, version: end });
            continue;
        }
        let (style, more) = bounds_of(ecosystem, op, &text[version.clone()])?;
        bounds.extend(more);
        parts.push(Part { style, version });
    }
    Some(bounds)
}

/// Operators with the place of their version.
fn words_of(text: &str, range: Range<usize>) -> Option<Vec<(&str, Range<usize>)>> {
    let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\'' | '(' | ')' | '[' | ']' | '\\');
    let mut words = Vec::new();
    let mut at = range.start;
    loop {
        let rest = text.get(at..range.end)?;
        let trimmed = rest.trim_start_matches(is_between);
        at += rest.len() - trimmed.len();
        if trimmed.is_empty() {
            return Some(words);
        }
        let op = OPERATORS.into_iter().find(|op| trimmed.starts_with(op)).unwrap_or("");
        at += op.len();
        let rest = text.get(at..range.end)?;
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        let is_end = |c: char| is_between(c) || "<>=!~^".contains(c);
        let len = trimmed.find(is_end).unwrap_or(trimmed.len());
        if len == 0 {
            return None;
        }
        words.push((op, at..at + len));
        at += len;
    }
}

fn hyphen(ecosystem: Ecosystem, from: &str, to: &str) -> Option<Vec<Bound>> {
    let upper = written(to);
    let end = if upper.len() < 3 && !to.contains('-') {
        Bound::new(Op::Below, behind(ecosystem, &upper, upper.len().checked_sub(1)?)?)
    } else {
        Bound::new(Op::AtMost, Version::of(ecosystem, to)?)
    };
    Some(vec![Bound::new(Op::AtLeast, Version::of(ecosystem, from)?), end])
}

fn bounds_of(ecosystem: Ecosystem, op: &str, version: &str) -> Option<(Style, Vec<Bound>)> {
    use Ecosystem::{Cargo, Composer, Gem, Golang, Npm, Pypi};
    // Composer's flag of stability says nothing of the number.
    let version = if ecosystem == Composer { version.split('@').next()? } else { version };
    if is_wildcard(version) {
        let is_plain = matches!((ecosystem, op), (_, "" | "=" | ">=") | (Pypi, "==") | (Npm | Cargo, "^" | "~"));
        let style = if written(version).is_empty() { Style::Any } else { Style::Wildcard };
        return if is_plain { Some((style, wildcard(ecosystem, version)?)) } else { None };
    }
    let just = |op: Op| Some(vec![Bound::new(op, Version::of(ecosystem, version)?)]);
    Some(match (ecosystem, op) {
        (Cargo, "" | "^") | (_, "^") => (Style::Caret, caret(ecosystem, version)?),
        (Composer, "~") | (Gem, "~>") | (Pypi, "~=") => (Style::Pessimistic, pessimistic(ecosystem, version)?),
        (Npm, "~" | "~>") | (Cargo | Pypi, "~") => (Style::Tilde, tilde(ecosystem, version)?),
        (Npm, "" | "=") | (Cargo, "=") if is_short(version) => (Style::Wildcard, wildcard(ecosystem, version)?),
        (Npm | Cargo | Composer | Gem, "" | "=" | "==") | (Pypi, "" | "==" | "===") | (Golang, "") => {
            (Style::Exact, just(Op::Equal)?)
        }
        (_, ">=") => (Style::AtLeast, just(Op::AtLeast)?),
        (_, ">") => (Style::Above, just(Op::Above)?),
        (_, "<=") => (Style::Limit, just(Op::AtMost)?),
        (_, "<") => (Style::Limit, just(Op::Below)?),
        (Pypi | Gem | Composer, "!=") => (Style::Limit, just(Op::Not)?),
        _ => return None,
    })
}

/// `1`, `1.2`: fewer than three numbers and nothing else.
fn is_short(version: &str) -> bool {
    let bare = version.strip_prefix('v').unwrap_or(version);
    (1..3).contains(&written(version).len()) && bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// `*`, `1.*`, `1.x`, `1.2.X`.
fn is_wildcard(version: &str) -> bool {
    version.split('.').any(|part| matches!(part, "*" | "x" | "X"))
        && version.split('.').all(|part| matches!(part, "*" | "x" | "X") || part.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_admit_what_their_tools_would_install() {
        use Format::{CargoToml, ComposerJson, Gemfile, GoMod, PackageJson, Requirements};
        for (format, range, yes, no) in [
            (PackageJson, "^4.17.15", "4.17.15 4.17.21 4.99.0", "4.17.14 5.0.0 5.0.0-rc.1"),
            (PackageJson, "^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"),
            (PackageJson, "^0.0.3", "0.0.3", "0.0.4"),
            (PackageJson, "~1.2", "1.2.0 1.2.9", "1.3.0"),
            (PackageJson, "~1", "1.9.0", "2.0.0"),
            (PackageJson, "1.2.3", "1.2.3", "1.2.4"),
            (PackageJson, "1.x", "1.0.0 1.9.9", "2.0.0 0.9.0"),
            (PackageJson, "1", "1.9.9", "2.0.0"),
            (PackageJson, "", "0.0.1 9.9.9", ""),
            (PackageJson, "*", "0.0.1 9.9.9", ""),
            (PackageJson, ">=1.2.3 <2", "1.2.3 1.9.9", "2.0.0 2.0.0-a"),
            (PackageJson, ">= 1.2.3", "1.2.3 7.0.0", "1.2.2"),
            (PackageJson, "^1.2 || ^3.0.0", "1.5.0 3.1.0", "2.0.0"),
            (PackageJson, "1.2.3 - 2.3", "1.2.3 2.3.9", "2.4.0"),
            (CargoToml, "1.2", "1.2.0 1.9.0", "2.0.0"),
            (CargoToml, "=1.2.3", "1.2.3", "1.2.4"),
            (CargoToml, ">=1, <1.5", "1.4.9", "1.5.0"),
            (CargoToml, "1.*", "1.9.0", "2.0.0"),
            (Requirements, "==1.2.*", "1.2 1.2.9", "1.3"),
            (Requirements, "~=1.4.2", "1.4.2 1.4.9", "1.5"),
            (Requirements, "~=1.4", "1.9", "2.0"),
            (Requirements, ">=1,!=1.5,<2", "1.4 1.6", "1.5 2.0"),
            (Requirements, "===1.0", "1.0", "1.1"),
            (Requirements, "^1.2", "1.9", "2.0"),
            (ComposerJson, "~1.2", "1.9", "2.0"),
            (ComposerJson, "~1.2.3", "1.2.9", "1.3"),
            (ComposerJson, "^1.2|^2.0", "1.5 2.5", "3.0"),
            (ComposerJson, "1.2.*", "1.2.9", "1.3.0"),
            (Gemfile, "~> 1.2.3', '!= 1.2.5", "1.2.4", "1.2.5 1.3.0"),
            (GoMod, "v1.2.3", "v1.2.3", "v1.2.4"),
        ] {
            let requirement = Requirement::of(format, range).unwrap_or_else(|| panic!("{range} is understood"));
            for (versions, expected) in [(yes, true), (no, false)] {
                for version in versions.split_whitespace() {
                    let version = Version::of(format.ecosystem(), version).expect(version);
                    assert_eq!(requirement.admits(&version), expected, "{range} {version}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_range_is_not_understood() {
        for (format, range) in [
            (Format::PackageJson, "latest"),
            (Format::PackageJson, "git+https://x/y.git#v1"),
            (Format::PackageJson, "workspace:*"),
            (Format::PackageJson, "file:../a"),
            (Format::ComposerJson, "dev-main"),
            (Format::Requirements, "@ https://x/y.whl"),
            (Format::Requirements, "<=>"),
            (Format::CargoToml, "1.2.3.4"),
            (Format::Dockerfile, "3.18"),
        ] {
            assert!(Requirement::of(format, range).is_none(), "{range}");
        }
    }
}
