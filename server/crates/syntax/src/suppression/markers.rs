//! The table of suppression comments: the words, whose they are, how far they reach and how they name rules.

/// A tool with suppression comments of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the tools' names")]
pub enum Tool {
    Bandit,
    Ruff,
    Semgrep,
    Sonar,
    Eslint,
    Biome,
    Gosec,
    Golangci,
    CodeQl,
    Checkov,
    Trivy,
    Tfsec,
    Terrascan,
    Kics,
    Hadolint,
    ShellCheck,
    RuboCop,
    Pylint,
    ClangTidy,
    Cppcheck,
    Gitleaks,
    TruffleHog,
    DetectSecrets,
    PhpCodeSniffer,
    PhpStan,
    Psalm,
    DevSkim,
    Snyk,
    Qodana,
    Zizmor,
    Njsscan,
    Mobsfscan,
    Pmd,
    TfLint,
    Roslyn,
}

impl Tool {
    /// The name people know it by.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Bandit => "bandit",
            Self::Ruff => "ruff/flake8",
            Self::Semgrep => "semgrep",
            Self::Sonar => "sonar",
            Self::Eslint => "eslint",
            Self::Biome => "biome",
            Self::Gosec => "gosec",
            Self::Golangci => "golangci-lint",
            Self::CodeQl => "codeql",
            Self::Checkov => "checkov",
            Self::Trivy => "trivy",
            Self::Tfsec => "tfsec",
            Self::Terrascan => "terrascan",
            Self::Kics => "kics",
            Self::Hadolint => "hadolint",
            Self::ShellCheck => "shellcheck",
            Self::RuboCop => "rubocop",
            Self::Pylint => "pylint",
            Self::ClangTidy => "clang-tidy",
            Self::Cppcheck => "cppcheck",
            Self::Gitleaks => "gitleaks",
            Self::TruffleHog => "trufflehog",
            Self::DetectSecrets => "detect-secrets",
            Self::PhpCodeSniffer => "phpcs",
            Self::PhpStan => "phpstan",
            Self::Psalm => "psalm",
            Self::DevSkim => "devskim",
            Self::Snyk => "snyk",
            Self::Qodana => "qodana",
            Self::Zizmor => "zizmor",
            Self::Njsscan => "njsscan",
            Self::Mobsfscan => "mobsfscan",
            Self::Pmd => "pmd",
            Self::TfLint => "tflint",
            Self::Roslyn => "roslyn",
        }
    }

    /// A report or platform that writes this name means this tool: "Bandit Scan", "GitLab SAST (semgrep)".
    pub(super) fn is_named(self, reported: &str) -> bool {
        let reported = reported.to_lowercase();
        let starts_word = |at: usize| !reported[..at].ends_with(char::is_alphanumeric);
        self.known_as().iter().any(|name| reported.match_indices(name).any(|(at, _)| starts_word(at)))
    }

    /// Words that its name contains in reports and platforms, in lower case, each at the start of a word.
    fn known_as(self) -> &'static [&'static str] {
        match self {
            Self::Ruff => &["ruff", "flake8"],
            Self::Semgrep => &["semgrep", "opengrep"],
            Self::Eslint => &["eslint", "oxlint"],
            Self::Golangci => &["golangci"],
            Self::CodeQl => &["codeql", "lgtm", "github code scanning", "github advanced security"],
            Self::Checkov => &["checkov", "bridgecrew", "prisma"],
            // Its comments are read by both.
            Self::Tfsec => &["tfsec", "trivy"],
            Self::ClangTidy => &["clang-tidy", "clang tidy", "clangtidy"],
            Self::DetectSecrets => &["detect-secrets", "detect secrets"],
            Self::PhpCodeSniffer => &["phpcs", "codesniffer"],
            Self::Snyk => &["snyk", "deepcode"],
            Self::Qodana => &["qodana", "intellij", "jetbrains"],
            Self::Mobsfscan => &["mobsf"],
            Self::Roslyn => {
                &["roslyn", "dotnet", "security code scan", "securitycodescan", "microsoft (r) visual c# compiler"]
            }
            Self::Bandit => &["bandit"],
            Self::Sonar => &["sonar"],
            Self::Biome => &["biome"],
            Self::Gosec => &["gosec"],
            Self::Terrascan => &["terrascan"],
            Self::Kics => &["kics"],
            Self::Hadolint => &["hadolint"],
            Self::ShellCheck => &["shellcheck"],
            Self::RuboCop => &["rubocop"],
            Self::Pylint => &["pylint"],
            Self::Cppcheck => &["cppcheck"],
            Self::Gitleaks => &["gitleaks"],
            Self::TruffleHog => &["trufflehog"],
            Self::PhpStan => &["phpstan"],
            Self::Psalm => &["psalm"],
            Self::DevSkim => &["devskim"],
            Self::Zizmor => &["zizmor"],
            Self::Njsscan => &["njsscan"],
            Self::Trivy => &["trivy"],
            Self::Pmd => &["pmd"],
            Self::TfLint => &["tflint"],
        }
    }
}

/// How far a comment reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Its own line.
    Line,
    /// The next line of code.
    Next,
    /// Its own line; alone on it, the next line of code too.
    LineOrNext,
    /// To the word that ends it, or the end of the file.
    Until(&'static str),
    /// Its own line behind code; alone on a line, to the word that ends it or the end of the file.
    LineOrUntil(&'static str),
    /// Its own line behind code; alone on a line, the rest of the indented block it is in.
    LineOrScope,
    /// The block it is in, with the line that opens it.
    Inside,
    /// The whole file.
    File,
}

/// How a comment names rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// It names none.
    None,
    /// Directly behind the word, separated by commas or blanks; words of another shape are a reason.
    List(Shape),
    /// The same, after a colon only.
    Colon(Shape),
    /// In these brackets.
    Brackets(char, char),
    /// The one rule directly behind the word, up to a colon or blank.
    One,
}

/// What a rule's name looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Letters, then digits, as in `S101`.
    Code,
    /// Such a code, or words joined by `_`.
    CodeOrSnake,
    /// Anything without blanks; only commas separate.
    Name,
}

/// One word that suppresses.
pub(super) struct Marker {
    /// In lower case; found without regard to case.
    pub(super) word: &'static str,
    pub(super) tool: Tool,
    pub(super) reach: Reach,
    pub(super) rules: Rules,
    /// It counts only as the comment's first word.
    pub(super) leads: bool,
}

const fn first(word: &'static str, tool: Tool, reach: Reach, rules: Rules) -> Marker {
    Marker { word, tool, reach, rules, leads: true }
}

const fn anywhere(word: &'static str, tool: Tool, reach: Reach, rules: Rules) -> Marker {
    Marker { word, tool, reach, rules, leads: false }
}

use Reach::{File, Inside, Line, LineOrNext, LineOrScope, LineOrUntil, Next, Until};
use Shape::{Code, CodeOrSnake, Name};

/// C#'s directive stands without a comment sign.
pub(super) const PRAGMA: &str = "#pragma warning disable";

#[rustfmt::skip]
pub(super) static MARKERS: &[Marker] = &[
    first("nosec", Tool::Bandit, Line, Rules::List(CodeOrSnake)),
    first("noqa", Tool::Ruff, Line, Rules::Colon(Code)),
    first("ruff: noqa", Tool::Ruff, File, Rules::Colon(Code)),
    first("flake8: noqa", Tool::Ruff, File, Rules::Colon(Code)),
    anywhere("nosemgrep", Tool::Semgrep, LineOrNext, Rules::Colon(Name)),
    anywhere("nosem", Tool::Semgrep, LineOrNext, Rules::Colon(Name)),
    anywhere("nosonar", Tool::Sonar, Line, Rules::Brackets('(', ')')),
    first("eslint-disable-line", Tool::Eslint, Line, Rules::List(Name)),
    first("eslint-disable-next-line", Tool::Eslint, Next, Rules::List(Name)),
    first("eslint-disable", Tool::Eslint, Until("eslint-enable"), Rules::List(Name)),
    first("biome-ignore", Tool::Biome, Next, Rules::One),
    first("nolint", Tool::Golangci, LineOrNext, Rules::Colon(Name)),
    anywhere("lgtm", Tool::CodeQl, Line, Rules::Brackets('[', ']')),
    first("codeql", Tool::CodeQl, Next, Rules::Brackets('[', ']')),
    first("checkov:skip=", Tool::Checkov, Inside, Rules::One),
    first("bridgecrew:skip=", Tool::Checkov, Inside, Rules::One),
    anywhere("tfsec:ignore:", Tool::Tfsec, LineOrNext, Rules::One),
    anywhere("trivy:ignore:", Tool::Trivy, LineOrNext, Rules::One),
    first("ts:skip=", Tool::Terrascan, Inside, Rules::One),
    first("kics-scan ignore-line", Tool::Kics, Next, Rules::None),
    first("kics-scan disable=", Tool::Kics, File, Rules::List(Name)),
    first("hadolint ignore=", Tool::Hadolint, Next, Rules::List(Code)),
    first("hadolint global ignore=", Tool::Hadolint, File, Rules::List(Code)),
    first("shellcheck disable=", Tool::ShellCheck, Next, Rules::List(Code)),
    first("rubocop:disable", Tool::RuboCop, LineOrUntil("rubocop:enable"), Rules::List(Name)),
    first("rubocop:todo", Tool::RuboCop, LineOrUntil("rubocop:enable"), Rules::List(Name)),
    first("pylint: disable=", Tool::Pylint, LineOrScope, Rules::List(Name)),
    first("pylint:disable=", Tool::Pylint, LineOrScope, Rules::List(Name)),
    first("pylint: disable-next=", Tool::Pylint, Next, Rules::List(Name)),
    first("pylint: skip-file", Tool::Pylint, File, Rules::None),
    first("nolintnextline", Tool::ClangTidy, Next, Rules::Brackets('(', ')')),
    first("nolintbegin", Tool::ClangTidy, Until("nolintend"), Rules::Brackets('(', ')')),
    first("cppcheck-suppress", Tool::Cppcheck, LineOrNext, Rules::One),
    anywhere("gitleaks:allow", Tool::Gitleaks, Line, Rules::None),
    anywhere("trufflehog:ignore", Tool::TruffleHog, Line, Rules::None),
    anywhere("pragma: allowlist secret", Tool::DetectSecrets, Line, Rules::None),
    anywhere("pragma: whitelist secret", Tool::DetectSecrets, Line, Rules::None),
    anywhere("pragma: allowlist nextline secret", Tool::DetectSecrets, Next, Rules::None),
    first("phpcs:ignore", Tool::PhpCodeSniffer, LineOrNext, Rules::List(Name)),
    first("phpcs:disable", Tool::PhpCodeSniffer, Until("phpcs:enable"), Rules::List(Name)),
    first("phpcs:ignorefile", Tool::PhpCodeSniffer, File, Rules::None),
    first("@phpstan-ignore-line", Tool::PhpStan, Line, Rules::None),
    first("@phpstan-ignore-next-line", Tool::PhpStan, Next, Rules::None),
    first("@phpstan-ignore", Tool::PhpStan, LineOrNext, Rules::List(Name)),
    first("@psalm-suppress", Tool::Psalm, LineOrNext, Rules::List(Name)),
    first("devskim: ignore", Tool::DevSkim, Line, Rules::List(Code)),
    first("deepcode ignore", Tool::Snyk, Next, Rules::One),
    first("file deepcode ignore", Tool::Snyk, File, Rules::One),
    first("noinspection", Tool::Qodana, Next, Rules::List(Name)),
    first("zizmor: ignore", Tool::Zizmor, Line, Rules::Brackets('[', ']')),
    anywhere("njsscan-ignore", Tool::Njsscan, Line, Rules::Colon(Name)),
    anywhere("mobsf-ignore", Tool::Mobsfscan, Line, Rules::Colon(Name)),
    anywhere("nopmd", Tool::Pmd, Line, Rules::None),
    first("tflint-ignore", Tool::TfLint, LineOrNext, Rules::Colon(Name)),
    first(PRAGMA, Tool::Roslyn, Until("#pragma warning restore"), Rules::List(Code)),
];
