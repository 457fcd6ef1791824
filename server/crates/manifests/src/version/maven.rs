//! Maven's order of versions: <https://maven.apache.org/pom.html#version-order-specification>. Parts are numbers and
//! words; a change between digit and letter separates like a hyphen; trailing zeros and words for "released" do not
//! count; `alpha < beta < milestone < rc < snapshot < "" < sp < other words < numbers`.

use std::cmp::Ordering;

/// The parts with the sign before each.
pub(super) type Parts = Vec<(char, Part)>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Number(u128),
    Word(String),
}

const RANKED: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];

/// `None` for what is no version: names, properties, ranges.
pub(super) fn parts(text: &str) -> Option<Parts> {
    if !text.ends_with(|c: char| c.is_ascii_alphanumeric())
        || !text.starts_with(|c: char| c.is_ascii_digit())
        || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_+".contains(&b))
    {
        return None;
    }
    let mut parts: Parts = Vec::new();
    let mut sign = '.';
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if matches!(first, '.' | '-' | '_' | '+') {
            // An empty part is a zero.
            sign = if first == '.' { '.' } else { '-' };
            rest = &rest[1..];
            continue;
        }
        let is_digit = first.is_ascii_digit();
        let end =
            rest.find(|c: char| c.is_ascii_digit() != is_digit || !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let part = if is_digit {
            Part::Number(rest[..end].parse().ok()?)
        } else {
            Part::Word(word(&rest[..end], rest[end..].starts_with(|c: char| c.is_ascii_digit())))
        };
        parts.push((sign, part));
        rest = &rest[end..];
        sign = '-';
    }
    Some(trimmed(parts))
}

fn word(text: &str, is_before_number: bool) -> String {
    let text = text.to_ascii_lowercase();
    match text.as_str() {
        "a" if is_before_number => "alpha".to_owned(),
        "b" if is_before_number => "beta".to_owned(),
        "m" if is_before_number => "milestone".to_owned(),
        "cr" => "rc".to_owned(),
        "ga" | "final" | "release" => String::new(),
        _ => text,
    }
}

/// Without what does not count: zeros and empty words at the end, and before a hyphen.
fn trimmed(parts: Parts) -> Parts {
    let is_null = |part: &Part| match part {
        Part::Number(number) => *number == 0,
        Part::Word(word) => word.is_empty(),
    };
    let mut kept: Parts = Vec::new();
    for (sign, part) in parts {
        if sign == '-' {
            while kept.len() > 1 && kept.last().is_some_and(|(_, last)| is_null(last)) {
                kept.pop();
            }
        }
        kept.push((sign, part));
    }
    while kept.len() > 1 && kept.last().is_some_and(|(_, last)| is_null(last)) {
        kept.pop();
    }
    kept
}

pub(super) fn compare(a: &Parts, b: &Parts) -> Ordering {
    let longest = a.len().max(b.len());
    (0..longest)
        .map(|at| rank(a.get(at), b.get(at)).cmp(&rank(b.get(at), a.get(at))))
        .find(|o| o.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// How a part ranks; where one side has ended it is padded with what counts for nothing there.
fn rank(own: Option<&(char, Part)>, other: Option<&(char, Part)>) -> (usize, u128, String) {
    match own {
        Some((_, Part::Word(word))) => match RANKED.iter().position(|known| known == word) {
            Some(at) => (at, 0, String::new()),
            None => (RANKED.len(), 0, word.clone()),
        },
        Some(('-', Part::Number(number))) => (RANKED.len() + 1, *number, String::new()),
        Some((_, Part::Number(number))) => (RANKED.len() + 2, *number, String::new()),
        None => match other {
            Some(('-', Part::Number(_))) => (RANKED.len() + 1, 0, String::new()),
            Some((_, Part::Number(_))) => (RANKED.len() + 2, 0, String::new()),
            _ => (5, 0, String::new()),
        },
    }
}

pub(super) fn is_prerelease(parts: &Parts) -> bool {
    let is_before = |word: &str| RANKED[..5].contains(&word);
    parts.iter().any(|(_, part)| matches!(part, Part::Word(word) if is_before(word)))
}

pub(super) fn numbers(parts: &Parts) -> Vec<u64> {
    let leading = parts.iter().enumerate().map_while(|(at, (sign, part))| match part {
        Part::Number(number) if *sign == '.' || at == 0 => u64::try_from(*number).ok(),
        _ => None,
    });
    leading.collect()
}
