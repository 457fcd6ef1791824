//! Versions, compared as each ecosystem compares them. Two that cannot be compared are not: nobody guesses.

mod maven;
mod numbered;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::ecosystem::Ecosystem;

/// Characters of a version that is read.
const LONGEST: usize = 200;

/// A version of one ecosystem.
#[derive(Debug, Clone)]
pub struct Version {
    text: String,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// npm, Cargo and Go, by `semver`.
    Semantic(semver::Version),
    /// Python, by `pep440_rs`.
    Python(pep440_rs::Version),
    Maven(maven::Parts),
    /// Ruby's and Composer's: numbers and words.
    Numbered(numbered::Parts),
}

impl Version {
    /// Reads a version; `None` for what is none there.
    #[must_use]
    pub fn of(ecosystem: Ecosystem, text: &str) -> Option<Self> {
        let bare = ecosystem.bare_version(text);
        if bare.is_empty() || bare.len() > LONGEST || !bare.is_ascii() || bare.contains(char::is_whitespace) {
            return None;
        }
        let form = match ecosystem {
            Ecosystem::Npm | Ecosystem::Cargo | Ecosystem::Golang => Form::Semantic(semantic(&bare)?),
            Ecosystem::Pypi => Form::Python(pep440_rs::Version::from_str(&bare).ok()?),
            Ecosystem::Maven => Form::Maven(maven::parts(&bare)?),
            Ecosystem::Gem => Form::Numbered(numbered::ruby(&bare)?),
            Ecosystem::Composer => Form::Numbered(numbered::composer(&bare)?),
            // A tag of an image is a name, not a version.
            Ecosystem::Docker => return None,
        };
        Some(Self { text: bare.into_owned(), form })
    }

    /// As written, without a leading `v` where the ecosystem does not count it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is for trying out.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        match &self.form {
            Form::Semantic(version) => !version.pre.is_empty(),
            Form::Python(version) => version.any_prerelease(),
            Form::Maven(parts) => maven::is_prerelease(parts),
            Form::Numbered(parts) => numbered::is_prerelease(parts),
        }
    }

    /// The leading numbers: major, minor, patch and on.
    #[must_use]
    pub fn numbers(&self) -> Vec<u64> {
        match &self.form {
            Form::Semantic(version) => vec![version.major, version.minor, version.patch],
            Form::Python(version) => version.release().to_vec(),
            Form::Maven(parts) => maven::numbers(parts),
            Form::Numbered(parts) => numbered::numbers(parts),
        }
    }

    /// What stands before the numbers in Python: an epoch that outranks them.
    fn epoch(&self) -> u64 {
        match &self.form {
            Form::Python(version) => version.epoch(),
            _ => 0,
        }
    }

    /// Whether going from `self` to `other` may break what uses it: another major version, or below 1 another minor.
    #[must_use]
    pub fn is_breaking_to(&self, other: &Self) -> bool {
        let leading = |version: &Self| {
            let numbers = version.numbers();
            let first = numbers.first().copied().unwrap_or(0);
            (version.epoch(), first, if first == 0 { numbers.get(1).copied().unwrap_or(0) } else { 0 })
        };
        leading(self) != leading(other)
    }

    /// Whether both belong to one line of releases: the same major and minor number.
    #[must_use]
    pub fn is_in_line_of(&self, other: &Self) -> bool {
        let line = |version: &Self| {
            let numbers = version.numbers();
            (version.epoch(), numbers.first().copied(), numbers.get(1).copied().unwrap_or(0))
        };
        line(self) == line(other)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (&self.form, &other.form) {
            (Form::Semantic(a), Form::Semantic(b)) => Some(a.cmp_precedence(b)),
            (Form::Python(a), Form::Python(b)) => Some(a.cmp(b)),
            (Form::Maven(a), Form::Maven(b)) => Some(maven::compare(a, b)),
            (Form::Numbered(a), Form::Numbered(b)) => Some(numbered::compare(a, b)),
            _ => None,
        }
    }
}

/// A semantic version; missing numbers are zeros, as package managers read `1` and `1.2`.
fn semantic(text: &str) -> Option<semver::Version> {
    let text = text.strip_prefix('=').unwrap_or(text);
    if let Ok(version) = semver::Version::parse(text) {
        return Some(version);
    }
    let cut = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(cut);
    let missing = match numbers.split('.').count() {
        1 => ".0.0",
        2 => ".0",
        _ => return None,
    };
    semver::Version::parse(&format!("{numbers}{missing}{rest}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Ecosystem; 7] = [
        Ecosystem::Npm,
        Ecosystem::Pypi,
        Ecosystem::Cargo,
        Ecosystem::Golang,
        Ecosystem::Maven,
        Ecosystem::Composer,
        Ecosystem::Gem,
    ];

    #[test]
    fn each_ecosystem_orders_as_its_own_tools_do() {
        for (ecosystem, ordered) in [
            (Ecosystem::Npm, vec!["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.2", "1.10.0", "v2.0.0"]),
            (Ecosystem::Cargo, vec!["0.1", "0.1.1", "0.2.0-rc.1", "0.2.0", "1"]),
            (
                Ecosystem::Golang,
                vec!["v0.0.0-20200101000000-abcdefabcdef", "v0.0.0-20210101000000-abcdefabcdef", "v0.1.0", "v1.0.0"],
            ),
            (
                Ecosystem::Pypi,
                vec!["1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.1", "1.10", "2", "1!0.1"],
            ),
            (
                Ecosystem::Maven,
                vec![
                    "1.0-alpha-1",
                    "1.0-beta",
                    "1.0-milestone-2",
                    "1.0-rc1",
                    "1.0-SNAPSHOT",
                    "1.0",
                    "1.0-sp",
                    "1.0.1",
                    "1.0.2-jre",
                    "1.2",
                    "1.10",
                    "2.0.0.RELEASE-1",
                ],
            ),
            (Ecosystem::Gem, vec!["1.0.a", "1.0.rc1", "1.0", "1.0.1", "1.2", "1.10.0"]),
            (
                Ecosystem::Composer,
                vec!["1.0.0-dev", "1.0.0-alpha1", "1.0.0-beta2", "1.0.0-RC1", "1.0.0", "v1.0.1", "1.10"],
            ),
        ] {
            let versions: Vec<Version> = ordered.iter().map(|text| Version::of(ecosystem, text).expect(text)).collect();
            for (at, one) in versions.iter().enumerate() {
                for other in &versions[at + 1..] {
                    assert_eq!(one.partial_cmp(other), Some(Ordering::Less), "{ecosystem:?} {one} {other}");
                }
            }
        }
    }

    #[test]
    fn what_differs_in_writing_only_is_the_same() {
        for (ecosystem, one, other) in [
            (Ecosystem::Npm, "1.2", "1.2.0"),
            (Ecosystem::Npm, "v1.2.0", "1.2.0+build"),
            (Ecosystem::Pypi, "1.0", "1.0.0"),
            (Ecosystem::Pypi, "1.0-RC1", "1.0rc1"),
            (Ecosystem::Maven, "1", "1.0.0"),
            (Ecosystem::Maven, "1.0.Final", "1.0"),
            (Ecosystem::Maven, "1.0-GA", "1"),
            (Ecosystem::Gem, "1.0", "1"),
            (Ecosystem::Composer, "v1.0", "1.0.0"),
        ] {
            assert_eq!(Version::of(ecosystem, one), Version::of(ecosystem, other), "{ecosystem:?} {one} {other}");
            assert!(Version::of(ecosystem, one).is_some(), "{one}");
        }
    }

    #[test]
    fn names_are_no_versions() {
        for (ecosystem, text) in [
            (Ecosystem::Npm, "latest"),
            (Ecosystem::Npm, "file:../x"),
            (Ecosystem::Npm, "1.2.3.4"),
            (Ecosystem::Pypi, "*"),
            (Ecosystem::Composer, "dev-main"),
            (Ecosystem::Maven, "${version}"),
            (Ecosystem::Maven, "LATEST"),
            (Ecosystem::Docker, "3.18"),
            (Ecosystem::Gem, ">= 1"),
        ] {
            assert!(Version::of(ecosystem, text).is_none(), "{ecosystem:?} {text}");
        }
    }

    #[test]
    fn a_step_breaks_with_the_major_number_and_below_one_with_the_minor() {
        let of = |text| Version::of(Ecosystem::Npm, text).expect(text);
        for (from, to, is_breaking) in
            [("1.2.3", "1.9.0", false), ("1.2.3", "2.0.0", true), ("0.1.2", "0.1.9", false), ("0.1.2", "0.2.0", true)]
        {
            assert_eq!(of(from).is_breaking_to(&of(to)), is_breaking, "{from} {to}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_compared_without_panic_and_the_order_is_one(
            texts in prop::collection::vec(r"(v|=)?[0-9]{0,22}([.\-+_!]?([0-9]{1,3}|a|rc|final|sp|dev|x)){0,6}", 3),
        ) {
            for ecosystem in ALL {
                let versions: Vec<Version> = texts.iter().filter_map(|text| Version::of(ecosystem, text)).collect();
                for a in &versions {
                    prop_assert_eq!(a.partial_cmp(a), Some(Ordering::Equal));
                    for b in &versions {
                        prop_assert_eq!(a.partial_cmp(b), b.partial_cmp(a).map(Ordering::reverse));
                        for c in &versions {
                            if a <= b && b <= c {
                                prop_assert!(a <= c, "{} {} {}", a, b, c);
                            }
                        }
                    }
                }
            }
        }
    }
}
