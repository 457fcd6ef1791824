//! Ends of ranges, and what short forms such as `^1.2` stand for.

use crate::ecosystem::Ecosystem;
use crate::version::Version;

/// How a version relates to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    AtLeast,
    Above,
    AtMost,
    Below,
    Equal,
    Not,
}

impl Op {
    pub(super) fn is_lower(self) -> bool {
        matches!(self, Self::AtLeast | Self::Above | Self::Equal)
    }
}

/// An end of a range.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) op: Op,
    pub(crate) version: Version,
}

impl Bound {
    pub(super) fn new(op: Op, version: Version) -> Self {
        Self { op, version }
    }

    pub(super) fn admits(&self, version: &Version) -> bool {
        match self.op {
            Op::AtLeast => *version >= self.version,
            Op::Above => *version > self.version,
            Op::AtMost => *version <= self.version,
            // `<2.0.0` leaves out what is on the way to 2.0.0 as well.
            Op::Below => {
                *version < self.version
                    && !(version.is_prerelease()
                        && !self.version.is_prerelease()
                        && trimmed(version.numbers()) == trimmed(self.version.numbers()))
            }
            Op::Equal => *version == self.version,
            Op::Not => *version != self.version,
        }
    }
}

fn trimmed(mut numbers: Vec<u64>) -> Vec<u64> {
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    numbers
}

/// The numbers as they are written: `1.2` has two.
pub(super) fn written(text: &str) -> Vec<u64> {
    let text = text.trim_start_matches(['v', 'V', '=']);
    let cut = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..cut].split('.').map_while(|number| number.parse().ok()).collect()
}

/// The version behind all that begin with these numbers up to `at`.
pub(super) fn behind(ecosystem: Ecosystem, numbers: &[u64], at: usize) -> Option<Version> {
    let mut next: Vec<u64> = numbers.get(..=at)?.to_vec();
    let last = next.last_mut()?;
    *last = last.checked_add(1)?;
    while next.len() < 3 {
        next.push(0);
    }
    let text: Vec<String> = next.iter().map(u64::to_string).collect();
    Version::of(ecosystem, &text.join("."))
}

/// `^1.2.3`: up to the next change of the first number that is not zero.
pub(super) fn caret(ecosystem: Ecosystem, text: &str) -> Option<Vec<Bound>> {
    let numbers = written(text);
    let at = numbers.iter().position(|number| *number > 0).unwrap_or(numbers.len().checked_sub(1)?);
    range(ecosystem, text, &numbers, at)
}

/// `~1.2.3`: up to the next minor version, for `~1` to the next major one.
pub(super) fn tilde(ecosystem: Ecosystem, text: &str) -> Option<Vec<Bound>> {
    let numbers = written(text);
    let at = numbers.len().checked_sub(1)?.min(1);
    range(ecosystem, text, &numbers, at)
}

/// `~> 1.2.3`: all numbers but the last stay.
pub(super) fn pessimistic(ecosystem: Ecosystem, text: &str) -> Option<Vec<Bound>> {
    let numbers = written(text);
    let at = numbers.len().checked_sub(1)?.saturating_sub(1);
    range(ecosystem, text, &numbers, at)
}

fn range(ecosystem: Ecosystem, text: &str, numbers: &[u64], at: usize) -> Option<Vec<Bound>> {
    let lower = Version::of(ecosystem, text)?;
    Some(vec![Bound::new(Op::AtLeast, lower), Bound::new(Op::Below, behind(ecosystem, numbers, at)?)])
}

/// `1.2.*`: all that begin with these numbers; none for `*`.
pub(super) fn wildcard(ecosystem: Ecosystem, text: &str) -> Option<Vec<Bound>> {
    let numbers = written(text);
    let Some(at) = numbers.len().checked_sub(1) else { return Some(Vec::new()) };
    let mut lower = numbers.clone();
    while lower.len() < 3 {
        lower.push(0);
    }
    let lower: Vec<String> = lower.iter().map(u64::to_string).collect();
    let lower = Version::of(ecosystem, &lower.join("."))?;
    Some(vec![Bound::new(Op::AtLeast, lower), Bound::new(Op::Below, behind(ecosystem, &numbers, at)?)])
}
