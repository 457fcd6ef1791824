//! Whether a version that is in use now is still the affected one.

use crate::ecosystem::Ecosystem;
use crate::format::Format;
use crate::requirement::Requirement;
use crate::version::Version;

/// Versions that fix a weakness which are looked at.
const MOST_FIXED: usize = 64;

/// What is known of a version or range; ordered, the worst first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// The version that was reported.
    Same,
    /// Another one, below what fixes it.
    Below,
    /// Another one, and nobody can say; in words.
    Unknown(String),
    /// One that is not affected; in words.
    Fixed(String),
}

/// What a tool said of a package's versions.
#[derive(Debug)]
pub(crate) struct Claim {
    ecosystem: Ecosystem,
    /// As reported.
    text: Option<String>,
    version: Option<Version>,
    /// Ascending.
    fixed: Vec<Version>,
    /// Whether something was named as fixing that is no version.
    is_unclear: bool,
}

impl Claim {
    pub(crate) fn new(ecosystem: Ecosystem, reported: Option<&str>, fixed: &[String]) -> Self {
        let mut is_unclear = false;
        let mut versions: Vec<Version> = Vec::new();
        for text in
            fixed.iter().flat_map(|text| text.split([',', ' '])).filter(|text| !text.is_empty()).take(MOST_FIXED)
        {
            match Version::of(ecosystem, text.trim_start_matches(['>', '=', '~', '^'])) {
                Some(version) => versions.push(version),
                None => is_unclear |= text.contains(|c: char| c.is_ascii_digit()),
            }
        }
        versions.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        let text = reported.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let version = text.as_deref().and_then(|text| Version::of(ecosystem, text));
        // A tool that calls a later version affected means something else by "fixed".
        if let (Some(version), Some(last)) = (&version, versions.last())
            && version >= last
        {
            versions.clear();
        }
        Self { ecosystem, text, version, fixed: versions, is_unclear }
    }

    /// The version as reported.
    pub(crate) fn reported(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The first version after `current` that fixes it.
    pub(crate) fn first_fix_after(&self, current: Option<&str>) -> Option<&Version> {
        let current = current.and_then(|text| Version::of(self.ecosystem, text)).or_else(|| self.version.clone());
        match current {
            Some(current) => self.fixed.iter().find(|fix| **fix > current),
            None => self.fixed.first(),
        }
    }

    /// Of a version in use.
    pub(crate) fn of_version(&self, text: &str) -> Standing {
        let version = Version::of(self.ecosystem, text);
        let is_same_text = self
            .text
            .as_deref()
            .is_some_and(|reported| self.ecosystem.bare_version(reported) == self.ecosystem.bare_version(text));
        if is_same_text || (version.is_some() && version == self.version) {
            return Standing::Same;
        }
        let Some(version) = version else {
            return match &self.text {
                None => Standing::Same,
                Some(reported) => Standing::Unknown(format!("{text} and {reported} cannot be compared")),
            };
        };
        if let Some(fix) = self.fix_of(&version) {
            return Standing::Fixed(format!("fixed since {fix}"));
        }
        match (self.fixed.first(), &self.version) {
            (Some(first), _) if version < *first => {
                if self.text.is_none() {
                    Standing::Same
                } else {
                    Standing::Below
                }
            }
            (None, None) if self.text.is_none() => Standing::Same,
            (None, Some(reported)) if version < *reported => Standing::Below,
            (None, _) => Standing::Unknown("no version is known that fixes it".to_owned()),
            (Some(_), _) => {
                let fixes: Vec<&str> = self.fixed.iter().take(4).map(Version::text).collect();
                Standing::Unknown(format!("it is fixed in {}, which does not say whether {text} is", fixes.join(", ")))
            }
        }
    }

    /// The fixing version that `version` has: the one of its line of releases, or the last of all.
    fn fix_of(&self, version: &Version) -> Option<&Version> {
        let of_line = self.fixed.iter().find(|fix| fix.is_in_line_of(version));
        match of_line {
            Some(fix) => (*version >= *fix).then_some(fix),
            None => self.fixed.last().filter(|last| *version >= **last && !self.is_unclear),
        }
    }

    /// Of a declared range, where no lock file says what is chosen.
    pub(crate) fn of_range(&self, format: Format, text: &str) -> Standing {
        let Some(range) = Requirement::of(format, text) else {
            return if self.text.as_deref().is_some_and(|reported| text.contains(reported)) {
                Standing::Same
            } else {
                Standing::Unknown(format!("the declared version `{text}` is not understood"))
            };
        };
        if let Some(exact) = range.exact() {
            return self.of_version(exact.text());
        }
        if self.version.as_ref().is_some_and(|reported| range.admits(reported)) {
            return Standing::Same;
        }
        match range.lower() {
            // What is declared begins behind the fix.
            Some(lower) => match self.of_version(lower.text()) {
                Standing::Fixed(why) => Standing::Fixed(why),
                Standing::Same if self.text.is_none() => Standing::Same,
                Standing::Same | Standing::Below => Standing::Below,
                Standing::Unknown(why) => Standing::Unknown(why),
            },
            None if self.text.is_none() => Standing::Same,
            None => Standing::Unknown(format!("`{text}` leaves open which version is installed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(reported: &str, fixed: &[&str]) -> Claim {
        let fixed: Vec<String> = fixed.iter().map(|&text| text.to_owned()).collect();
        Claim::new(Ecosystem::Pypi, Some(reported).filter(|text| !text.is_empty()), &fixed)
    }

    fn word(standing: &Standing) -> &'static str {
        match standing {
            Standing::Same => "same",
            Standing::Below => "below",
            Standing::Unknown(_) => "unknown",
            Standing::Fixed(_) => "fixed",
        }
    }

    #[test]
    fn a_version_is_fixed_from_the_fix_of_its_own_line_on() {
        let lines = ["2.2.25", "3.1.14", "3.2.10"];
        for (reported, fixed, now, expected) in [
            ("2.2.1", &lines[..], "2.2.1", "same"),
            ("2.2.1", &lines[..], "2.2.2", "below"),
            ("2.2.1", &lines[..], "2.2.25", "fixed"),
            ("2.2.1", &lines[..], "3.1.2", "unknown"),
            ("2.2.1", &lines[..], "3.1.14", "fixed"),
            ("2.2.1", &lines[..], "3.0.5", "unknown"),
            ("2.2.1", &lines[..], "4.0", "fixed"),
            ("2.2.1", &[], "2.2.2", "unknown"),
            ("2.2.1", &[], "2.2.0", "below"),
            ("", &lines[..], "2.0", "same"),
            ("", &[], "2.0", "same"),
            ("2.2.1", &["a later one"], "2.2.2", "unknown"),
            // Backported by a distribution: what "fixed" means there is not known here.
            ("2.2.1", &["1.0"], "2.2.2", "unknown"),
        ] {
            assert_eq!(word(&claim(reported, fixed).of_version(now)), expected, "{reported} {fixed:?} {now}");
        }
    }

    #[test]
    fn a_range_is_fixed_when_it_begins_behind_the_fix() {
        for (range, expected) in [
            (">=1.0", "same"),
            ("==1.2", "same"),
            (">=1.5", "fixed"),
            (">=1.3,<2", "below"),
            ("<1.1", "unknown"),
            ("@ file:///x", "unknown"),
            ("==1.4", "below"),
            ("==1.6", "fixed"),
        ] {
            assert_eq!(word(&claim("1.2", &["1.5"]).of_range(Format::Requirements, range)), expected, "{range}");
        }
    }

    #[test]
    fn the_first_fix_is_the_next_one_above() {
        let first =
            |now: &str| claim("2.2.1", &["3.1.14", "2.2.25"]).first_fix_after(Some(now)).map(ToString::to_string);
        assert_eq!(first("2.2.1").as_deref(), Some("2.2.25"));
        assert_eq!(first("3.0").as_deref(), Some("3.1.14"));
        assert_eq!(first("4"), None);
    }
}
