//! Ruby's and Composer's order of versions: numbers compare as numbers, a word is before the release it stands at, and
//! missing numbers are zeros.

use std::cmp::Ordering;

pub(super) type Parts = Vec<Part>;

/// Ordered: words come before numbers, the release itself (`Number(0)` padding) after every word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// A stage by its rank, and for stages without one their letters.
    Word(u8, String),
    Number(u128),
}

/// `Gem::Version`: runs of digits and of letters, whatever stands between.
pub(super) fn ruby(text: &str) -> Option<Parts> {
    let is_sound = text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    // A platform behind a hyphen (`1.2-x86_64-linux`) is no part of the version; Ruby reads `1.0-1` as a prerelease.
    let text = text.split('-').next().filter(|_| is_sound)?;
    split(text, |word| (0, word))
}

/// Composer's: `1.2.3`, with a stage behind it: dev, alpha, beta, RC, (stable), patch.
pub(super) fn composer(text: &str) -> Option<Parts> {
    let text = text.split('+').next().unwrap_or(text);
    let is_sound = text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if !is_sound {
        return None;
    }
    let is_known =
        |word: &str| matches!(word, "dev" | "alpha" | "a" | "beta" | "b" | "rc" | "stable" | "patch" | "pl" | "p");
    let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    if !words.into_iter().all(|word| is_known(&word.to_ascii_lowercase())) {
        return None;
    }
    split(text, |word| match word.to_ascii_lowercase().as_str() {
        "dev" => (1, String::new()),
        "alpha" | "a" => (2, String::new()),
        "beta" | "b" => (3, String::new()),
        "rc" => (4, String::new()),
        "stable" => (u8::MAX - 1, String::new()),
        // A patch comes behind the release.
        _ => (u8::MAX, String::new()),
    })
}

fn split(text: &str, rank: impl Fn(String) -> (u8, String)) -> Option<Parts> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if !first.is_ascii_alphanumeric() {
            rest = &rest[1..];
            continue;
        }
        let is_digit = first.is_ascii_digit();
        let end =
            rest.find(|c: char| !c.is_ascii_alphanumeric() || c.is_ascii_digit() != is_digit).unwrap_or(rest.len());
        if is_digit {
            parts.push(Part::Number(rest[..end].parse().ok()?));
        } else {
            let (rank, word) = rank(rest[..end].to_owned());
            match rank {
                u8::MAX => parts.push(Part::Number(1)),
                rank if rank == u8::MAX - 1 => {}
                _ => {
                    // The stage of `1.0-rc1` stands where `1.0.0.0` has its next number.
                    while parts.last() == Some(&Part::Number(0)) && parts.len() > 1 {
                        parts.pop();
                    }
                    parts.push(Part::Word(rank, word));
                }
            }
        }
        rest = &rest[end..];
    }
    while parts.len() > 1 && parts.last() == Some(&Part::Number(0)) {
        parts.pop();
    }
    Some(parts)
}

pub(super) fn compare(a: &Parts, b: &Parts) -> Ordering {
    let zero = Part::Number(0);
    let longest = a.len().max(b.len());
    (0..longest)
        .map(|at| a.get(at).unwrap_or(&zero).cmp(b.get(at).unwrap_or(&zero)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

pub(super) fn is_prerelease(parts: &Parts) -> bool {
    parts.iter().any(|part| matches!(part, Part::Word(..)))
}

pub(super) fn numbers(parts: &Parts) -> Vec<u64> {
    let leading = parts.iter().map_while(|part| match part {
        Part::Number(number) => u64::try_from(*number).ok(),
        Part::Word(..) => None,
    });
    leading.collect()
}
