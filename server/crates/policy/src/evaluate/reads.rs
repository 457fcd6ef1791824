//! Which parts of the input a policy looks at: what it never looks at need not be built, and inputs that differ only
//! there have the same verdict.

use std::collections::BTreeMap;

/// A part of the input: looked at as a whole, or only some fields of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reads {
    /// The whole of it.
    All,
    /// These fields of it; none: nothing.
    Fields(BTreeMap<String, Reads>),
}

impl Reads {
    /// Nothing.
    pub(crate) fn nothing() -> Self {
        Self::Fields(BTreeMap::new())
    }

    /// Adds what a reference such as `input.finding.severity` reads.
    pub(crate) fn add<'a>(&mut self, mut path: impl Iterator<Item = &'a str>) {
        let Self::Fields(fields) = self else { return };
        match path.next() {
            None => *self = Self::All,
            Some(name) => fields.entry(name.to_owned()).or_insert_with(Self::nothing).add(path),
        }
    }

    /// Adds everything that `other` reads.
    pub(crate) fn extend(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::All, _) => {}
            (_, Self::All) => *self = Self::All,
            (Self::Fields(mine), Self::Fields(theirs)) => {
                for (name, reads) in theirs {
                    mine.entry(name.clone()).or_insert_with(Self::nothing).extend(reads);
                }
            }
        }
    }

    /// What is read of field `name`; `None`: nothing.
    pub(crate) fn of(&self, name: &str) -> Option<&Self> {
        match self {
            Self::All => Some(&Self::All),
            Self::Fields(fields) => fields.get(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(paths: &[&str]) -> Reads {
        let mut reads = Reads::nothing();
        for path in paths {
            reads.add(path.split('.').filter(|part| !part.is_empty()));
        }
        reads
    }

    #[test]
    fn a_whole_read_swallows_its_parts_in_any_order() {
        assert_eq!(reads(&["finding.rule.id", "finding"]), reads(&["finding", "finding.rule.id"]));
        assert_eq!(reads(&["finding"]).of("finding"), Some(&Reads::All));
        assert_eq!(reads(&["finding.id", ""]), Reads::All);
        assert_eq!(reads(&["finding.id"]).of("change"), None);
    }

    #[test]
    fn extending_is_the_union() {
        let mut both = reads(&["finding.id", "change"]);
        both.extend(&reads(&["finding.rule.id", "now"]));
        assert_eq!(both, reads(&["finding.id", "change", "finding.rule.id", "now"]));
        both.extend(&Reads::All);
        assert_eq!(both, Reads::All);
    }
}
