//! How each tool's comment is written: for the words of `markers`, the spelling, the place and where a reason may stand.
//!
//! A tool without a row here has no comment of its own, or none that its makers document; then nothing is offered.

use super::markers::{MARKERS, Marker, Tool};
use crate::Language::{self, C, CSharp, Cpp, Dockerfile, Go, Hcl, Html, Java, JavaScript, Php, Python, Ruby};
use crate::Language::{Bash, Json, Rust, Tsx, TypeScript, Yaml};

/// One way to write a tool's comment.
pub(super) struct Way {
    /// The word of the marker that reads it.
    pub(super) word: &'static str,
    pub(super) tool: Tool,
    /// What stands between the comment's sign and the first rule.
    pub(super) spelled: &'static str,
    /// What stands behind the last rule.
    pub(super) closed: &'static str,
    pub(super) list: List,
    pub(super) reason: Reason,
    pub(super) place: Place,
    /// Languages in which the tool reads it; empty is every language that has comments.
    pub(super) only: &'static [Language],
    /// It may stand behind other words in a comment.
    pub(super) joins: bool,
    /// The comment's sign that no blank stands behind.
    pub(super) tight: &'static str,
}

/// How several rules stand in one comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    /// It names no rule.
    None,
    /// Separated by this.
    By(&'static str),
    /// The whole word again for each, in the same comment.
    Words,
    /// A comment for each.
    Comments,
}

/// Where a reason stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// The tool would not understand it.
    Never,
    /// Behind the rules, after this.
    Behind(&'static str),
    /// Behind each rule, in round brackets.
    Brackets,
    /// The comment does not count without one, behind this.
    Required(&'static str),
}

/// Where the comment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind the code on the reported line.
    Same,
    /// The same; the tool takes the last line of a string or of a continued line for the whole.
    SameOrEnd,
    /// On a line of its own above the reported one.
    Above,
    /// The same, above the statement the line belongs to.
    AboveStatement,
    /// As the first line of the outermost block.
    Inside,
    /// On lines of their own above and below the reported one.
    Around,
}

const fn way(tool: Tool, word: &'static str, spelled: &'static str, place: Place) -> Way {
    Way {
        word,
        tool,
        spelled,
        closed: "",
        list: List::By(","),
        reason: Reason::Behind(" -- "),
        place,
        only: &[],
        joins: true,
        tight: "",
    }
}

impl Way {
    const fn list(self, list: List) -> Self {
        Self { list, ..self }
    }

    const fn reason(self, reason: Reason) -> Self {
        Self { reason, ..self }
    }

    const fn only(self, only: &'static [Language]) -> Self {
        Self { only, ..self }
    }

    const fn closed(self, closed: &'static str) -> Self {
        Self { closed, ..self }
    }

    /// It must be a comment's first word.
    const fn leads(self) -> Self {
        Self { joins: false, ..self }
    }

    const fn tight(self, sign: &'static str) -> Self {
        Self { tight: sign, ..self }
    }

    /// A comment up to its line's end.
    pub(super) fn behind(&self, sign: &str, words: &str) -> String {
        if sign == self.tight { format!("{sign}{words}") } else { format!("{sign} {words}") }
    }

    /// The row that reads it.
    pub(super) fn marker(&self) -> Option<&'static Marker> {
        MARKERS.iter().find(|marker| marker.word == self.word)
    }

    /// Its tool reads it in this language.
    pub(super) fn is_read_in(&self, language: Language) -> bool {
        let never = matches!(language, Json) || (matches!(language, Html) && self.tool == Tool::Sonar);
        !never && (self.only.is_empty() || self.only.contains(&language))
    }
}

use List::{By, Comments, Words};
use Place::{Above, AboveStatement, Around, Inside, Same, SameOrEnd};
use Reason::{Behind, Brackets, Never, Required};

const SCRIPTS: &[Language] = &[JavaScript, TypeScript, Tsx];
const CLOUD: &[Language] = &[Hcl, Dockerfile, Yaml];
const QUERIED: &[Language] = &[Java, JavaScript, TypeScript, Tsx, Python, Go, C, Cpp, CSharp, Ruby, Rust];
const INSPECTED: &[Language] = &[Java, JavaScript, TypeScript, Tsx, Python, Php, Go, CSharp];

/// In the order in which they are tried.
#[rustfmt::skip]
pub(super) static WAYS: &[Way] = &[
    way(Tool::Bandit, "nosec", "nosec ", SameOrEnd).list(By(", ")).reason(Behind(" # ")).only(&[Python]),
    way(Tool::Ruff, "noqa", "noqa: ", SameOrEnd).list(By(", ")).reason(Behind(" # ")).only(&[Python]),
    way(Tool::Pylint, "pylint: disable=", "pylint: disable=", Same).reason(Behind(" # ")).only(&[Python]),
    way(Tool::Pylint, "pylint: disable-next=", "pylint: disable-next=", Above).reason(Behind(" # ")).only(&[Python]),
    way(Tool::Semgrep, "nosemgrep", "nosemgrep: ", Above).list(By(", ")),
    way(Tool::Semgrep, "nosemgrep", "nosemgrep: ", Same).list(By(", ")),
    way(Tool::Sonar, "nosonar", "NOSONAR", Same).list(List::None).reason(Behind(" ")).tight("//"),
    way(Tool::Eslint, "eslint-disable-next-line", "eslint-disable-next-line ", Above).list(By(", ")).only(SCRIPTS).leads(),
    way(Tool::Eslint, "eslint-disable-line", "eslint-disable-line ", Same).list(By(", ")).only(SCRIPTS).leads(),
    way(Tool::Biome, "biome-ignore", "biome-ignore ", Above).list(Comments).reason(Required(": ")).only(SCRIPTS).leads(),
    way(Tool::Gosec, "nosec", "#nosec ", Same).list(By(" ")).only(&[Go]).leads(),
    way(Tool::Gosec, "nosec", "#nosec ", Above).list(By(" ")).only(&[Go]).leads(),
    way(Tool::Golangci, "nolint", "nolint:", Same).reason(Behind(" // ")).only(&[Go]).leads().tight("//"),
    way(Tool::CodeQl, "codeql", "codeql[", Above).closed("]").list(Comments).reason(Behind(" ")).only(QUERIED).leads(),
    way(Tool::Checkov, "checkov:skip=", "checkov:skip=", Inside).list(Comments).reason(Behind(":")).only(&[Hcl]).leads(),
    way(Tool::Checkov, "checkov:skip=", "checkov:skip=", AboveStatement).list(Comments).reason(Behind(":")).only(&[Dockerfile]).leads(),
    way(Tool::Trivy, "trivy:ignore:", "trivy:ignore:", Above).list(Words).reason(Behind(" ")).only(&[Hcl, Dockerfile]).tight("#"),
    way(Tool::Tfsec, "tfsec:ignore:", "tfsec:ignore:", Above).list(Words).reason(Behind(" ")).only(&[Hcl]).tight("#"),
    way(Tool::Terrascan, "ts:skip=", "ts:skip=", Inside).list(Comments).reason(Behind(" ")).only(&[Hcl]).leads().tight("#"),
    way(Tool::Kics, "kics-scan ignore-line", "kics-scan ignore-line", Above).list(List::None).reason(Behind(" - ")).only(CLOUD).leads(),
    way(Tool::Hadolint, "hadolint ignore=", "hadolint ignore=", AboveStatement).reason(Behind(" # ")).only(&[Dockerfile]).leads(),
    way(Tool::ShellCheck, "shellcheck disable=", "shellcheck disable=", AboveStatement).reason(Behind(" # ")).only(&[Bash]).leads(),
    way(Tool::RuboCop, "rubocop:disable", "rubocop:disable ", Same).list(By(", ")).only(&[Ruby]),
    way(Tool::ClangTidy, "nolint", "NOLINT(", Same).closed(")").reason(Behind(": ")).only(&[C, Cpp]),
    way(Tool::ClangTidy, "nolintnextline", "NOLINTNEXTLINE(", Above).closed(")").reason(Behind(": ")).only(&[C, Cpp]),
    way(Tool::Cppcheck, "cppcheck-suppress", "cppcheck-suppress ", Above).list(Comments).reason(Behind(" ; ")).only(&[C, Cpp]).leads(),
    way(Tool::Gitleaks, "gitleaks:allow", "gitleaks:allow", Same).list(List::None).reason(Behind(" ")),
    way(Tool::TruffleHog, "trufflehog:ignore", "trufflehog:ignore", Same).list(List::None).reason(Behind(" ")),
    way(Tool::DetectSecrets, "pragma: allowlist secret", "pragma: allowlist secret", Same).list(List::None),
    way(Tool::DetectSecrets, "pragma: allowlist nextline secret", "pragma: allowlist nextline secret", Above).list(List::None).leads(),
    way(Tool::PhpCodeSniffer, "phpcs:ignore", "phpcs:ignore ", Same).only(&[Php]).leads(),
    way(Tool::PhpCodeSniffer, "phpcs:ignore", "phpcs:ignore ", Above).only(&[Php]).leads(),
    way(Tool::PhpStan, "@phpstan-ignore", "@phpstan-ignore ", Above).list(By(", ")).reason(Brackets).only(&[Php]).leads(),
    way(Tool::Psalm, "@psalm-suppress", "@psalm-suppress ", AboveStatement).list(Comments).reason(Behind(" ")).only(&[Php]).leads(),
    way(Tool::DevSkim, "devskim: ignore", "DevSkim: ignore ", Same).reason(Never),
    way(Tool::Qodana, "noinspection", "noinspection ", AboveStatement).reason(Never).only(INSPECTED).leads().tight("//"),
    way(Tool::Zizmor, "zizmor: ignore", "zizmor: ignore[", Same).closed("]").reason(Behind(" ")).only(&[Yaml]).leads(),
    way(Tool::Njsscan, "njsscan-ignore", "njsscan-ignore: ", Same).list(By(", ")).only(SCRIPTS),
    way(Tool::Mobsfscan, "mobsf-ignore", "mobsf-ignore: ", Same).list(By(", ")).only(&[Java]),
    way(Tool::Pmd, "nopmd", "NOPMD", Same).list(List::None).reason(Behind(" - ")).only(&[Java, JavaScript]).leads(),
    way(Tool::TfLint, "tflint-ignore", "tflint-ignore: ", Above).list(By(", ")).reason(Behind(" # ")).only(&[Hcl]).leads(),
    way(Tool::Roslyn, super::markers::PRAGMA, super::markers::PRAGMA, Around).list(By(", ")).reason(Behind(" // ")).only(&[CSharp]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_is_read_by_a_marker() {
        for way in WAYS {
            assert!(way.marker().is_some(), "{}", way.spelled);
            let spelled = way.spelled.to_lowercase();
            assert!(spelled.contains(way.word), "{} is not written as {} is read", way.spelled, way.word);
        }
    }
}
