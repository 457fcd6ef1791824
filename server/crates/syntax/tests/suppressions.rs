//! Which comment silences which tool, where.

use aspm_syntax::Language::{self, *};
use aspm_syntax::suppression::{Suppressions, suppressions_at};

struct Case {
    language: Option<Language>,
    /// The finding's line holds `HERE`.
    text: &'static str,
    tool: &'static str,
    rule: &'static str,
    silent: bool,
}

const fn case(language: Language, text: &'static str, tool: &'static str, rule: &'static str, silent: bool) -> Case {
    Case { language: Some(language), text, tool, rule, silent }
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    case(Python, "HERE()  # nosec\n", "Bandit Scan", "B602", true),
    case(Python, "HERE()  # nosec B602, B607\n", "bandit", "B607", true),
    case(Python, "HERE()  # nosec: B602\n", "bandit", "B602:subprocess_popen", true),
    case(Python, "HERE()  # nosec B602\n", "bandit", "B101", false),
    case(Python, "HERE()  # nosec assert_used\n", "bandit", "B101:assert_used", true),
    case(Python, "HERE()  # nosec because it is a test\n", "bandit", "B101", true),
    case(Python, "HERE()  # nosec\n", "Semgrep JSON Report", "B101", false),
    case(Python, "HERE()  #nosec\n", "bandit", "B101", true),
    case(Python, "HERE()  # nosecurity\n", "bandit", "B101", false),
    case(Python, "HERE('# nosec')\n", "bandit", "B101", false),
    case(Python, "HERE('#')  # nosec\n", "bandit", "B101", true),
    case(Python, "HERE()  # see #12 nosec\n", "bandit", "B101", false),
    case(Python, "# nosec\nHERE()\n", "bandit", "B101", false),
    case(Python, "x = \"\"\"a\nHERE\"\"\" % x  # nosec B608\n", "bandit", "B608", true),
    case(Python, "HERE = \"\"\"a # nosec B608\n\"\"\"\n", "bandit", "B608", false),
    case(Python, "HERE(a, \\\n  b)  # nosec B602\n", "bandit", "B602", true),
    case(Bash, "# shellcheck disable=SC2086\na \\\n  HERE $x\n", "shellcheck", "SC2086", true),
    case(Bash, "# shellcheck disable=SC2086\na\nHERE $x\n", "shellcheck", "SC2086", false),
    case(Php, "HERE(); // NOPMD\n", "PHPMD", "x", false),
    case(Java, "HERE(); // NOPMD\n", "PMD Scan", "x", true),
    case(JavaScript, "// njsscan-ignore: eval_nodejs\nHERE();\n", "njsscan", "eval_nodejs", false),
    case(Java, "HERE(); // mobsf-ignore: hardcoded\n", "Mobsfscan Scan", "hardcoded", true),
    case(Hcl, "# tflint-ignore: aws_x # why\nHERE = 1\n", "TFLint", "aws_x", true),
    case(Python, "HERE()  # noqa\n", "ruff", "S101", true),
    case(Python, "HERE()  # noqa: E501,S101\n", "Ruff", "S101", true),
    case(Python, "HERE()  # NOQA: S1\n", "flake8", "S101", true),
    case(Python, "HERE()  # noqa: E501\n", "ruff", "S101", false),
    case(Python, "HERE()  # noqa: E501 # nosec\n", "bandit", "B101", true),
    case(Python, "# ruff: noqa: S101\nx\nHERE()\n", "ruff", "S101", true),
    case(Python, "# flake8: noqa\nx\nHERE()\n", "ruff", "S102", true),
    case(Python, "HERE()  # nosemgrep\n", "Semgrep", "a.b.c", true),
    case(Python, "# nosemgrep: python.lang.eval\nHERE()\n", "semgrep", "python.lang.eval", true),
    case(Python, "# nosemgrep: eval\nHERE()\n", "semgrep", "python.lang.eval", true),
    case(Python, "# nosemgrep: eval\nHERE()\n", "semgrep", "python.lang.not-eval", false),
    case(Python, "x()  # nosemgrep\nHERE()\n", "semgrep", "a.b", false),
    case(Python, "def f():\n    # pylint: disable=eval-used\n    x\n    HERE()\ny\n", "pylint", "eval-used", true),
    case(Python, "def f():\n    # pylint: disable=eval-used\n    x\nHERE()\n", "pylint", "eval-used", false),
    case(Python, "HERE()  # pylint: disable=eval-used, W0123\n", "pylint", "W0123", true),
    case(Python, "# pylint: disable-next=eval-used\nHERE()\n", "pylint", "eval-used", true),
    case(Python, "HERE = 'x'  # pragma: allowlist secret\n", "detect-secrets", "Secret Keyword", true),
    case(Python, "HERE = 'x'  # demo gitleaks:allow\n", "Gitleaks Scan", "generic-api-key", true),
    case(JavaScript, "HERE(); // NOSONAR\n", "SonarQube Scan", "javascript:S1523", true),
    case(JavaScript, "HERE(); // eslint-disable-line no-eval, security/detect-eval -- fine\n", "ESLint", "no-eval", true),
    case(JavaScript, "HERE(); // eslint-disable-line security/detect-eval\n", "eslint", "no-eval", false),
    case(JavaScript, "// eslint-disable-next-line no-eval\nHERE();\n", "eslint", "no-eval", true),
    case(JavaScript, "// eslint-disable-next-line no-eval\n\n// why\nHERE();\n", "eslint", "no-eval", true),
    case(JavaScript, "// eslint-disable-next-line no-eval\nx();\nHERE();\n", "eslint", "no-eval", false),
    case(JavaScript, "/* eslint-disable no-eval */\nx();\nHERE();\n", "eslint", "no-eval", true),
    case(JavaScript, "/* eslint-disable */\nx();\nHERE();\n", "eslint", "anything", true),
    case(JavaScript, "/* eslint-disable\n   no-eval */\nHERE();\n", "eslint", "no-eval", true),
    case(JavaScript, "/*\n * eslint-disable no-eval\n */\nHERE();\n", "eslint", "no-eval", true),
    case(JavaScript, "/* eslint-disable no-eval */\nx();\n/* eslint-enable */\nHERE();\n", "eslint", "no-eval", false),
    case(JavaScript, "const s = \"// eslint-disable-line\"; HERE();\n", "eslint", "no-eval", false),
    case(Tsx, "<a>\n  {/* eslint-disable-next-line react/no-danger */}\n  <HERE />\n</a>\n", "eslint", "react/no-danger", true),
    case(TypeScript, "// biome-ignore lint/security/noGlobalEval: fine\nHERE();\n", "biome", "lint/security/noGlobalEval", true),
    case(Go, "HERE() // #nosec G204 -- checked\n", "Gosec Scanner", "G204", true),
    case(Go, "HERE() // #nosec G204 -- checked\n", "gosec", "G101", false),
    case(Go, "// #nosec\nHERE()\n", "gosec", "G101", true),
    case(Go, "HERE() //nolint:gosec // checked\n", "gosec", "G101", true),
    case(Go, "HERE() //nolint:errcheck\n", "gosec", "G101", false),
    case(Go, "HERE() //nolint\n", "golangci-lint", "gosec", true),
    case(Java, "HERE(); // lgtm[java/sql-injection]\n", "CodeQL", "java/sql-injection", true),
    case(Java, "// codeql[java/sql-injection]\nHERE();\n", "CodeQL", "java/sql-injection", true),
    case(Java, "// codeql[java/xss]\nHERE();\n", "CodeQL", "java/sql-injection", false),
    case(Java, "// codeql says so\nHERE();\n", "CodeQL", "java/sql-injection", false),
    case(C, "HERE(); // NOLINT(cert-env33-c)\n", "clang-tidy", "cert-env33-c", true),
    case(C, "// NOLINTNEXTLINE(cert-*)\nHERE();\n", "clang-tidy", "cert-env33-c", true),
    case(Cpp, "// cppcheck-suppress nullPointer\nHERE();\n", "Cppcheck", "nullPointer", true),
    case(CSharp, "#pragma warning disable CA3001\nHERE();\n", "Roslyn analyzers", "CA3001", true),
    case(CSharp, "#pragma warning disable CA3001\n#pragma warning restore CA3001\nHERE();\n", "roslyn", "CA3001", false),
    case(Ruby, "HERE() # rubocop:disable Security/Eval\n", "Rubocop Scan", "Security/Eval", true),
    case(Ruby, "# rubocop:disable Security\nx\nHERE()\n# rubocop:enable Security\n", "rubocop", "Security/Eval", true),
    case(Ruby, "# rubocop:disable Security\nx\n# rubocop:enable Security\nHERE()\n", "rubocop", "Security/Eval", false),
    case(Php, "HERE(); // phpcs:ignore WordPress.Security.EscapeOutput -- fine\n", "PHP_CodeSniffer", "WordPress.Security.EscapeOutput.Printed", true),
    case(Php, "/** @psalm-suppress TaintedHtml */\nHERE();\n", "psalm", "TaintedHtml", true),
    case(Bash, "# shellcheck disable=SC2086,SC2046\nHERE $x\n", "ShellCheck", "SC2086", true),
    case(Bash, "# shellcheck disable=SC2046\nHERE $x\n", "shellcheck", "SC2086", false),
    case(Hcl, "resource \"a\" \"b\" {\n  # checkov:skip=CKV_AWS_20:public site\n  HERE = 1\n}\n", "Checkov Scan", "CKV_AWS_20", true),
    case(Hcl, "resource \"HERE\" \"b\" {\n  x = 1\n  # checkov:skip=CKV_AWS_20:public site\n}\n", "checkov", "CKV_AWS_20", true),
    case(Hcl, "a \"b\" {\n  # checkov:skip=CKV_AWS_20:x\n}\nresource \"HERE\" \"b\" {\n}\n", "checkov", "CKV_AWS_20", false),
    case(Hcl, "#tfsec:ignore:aws-s3-x tfsec:ignore:aws-s3-y\nHERE = 1\n", "tfsec", "aws-s3-y", true),
    case(Hcl, "HERE = 1 #trivy:ignore:AVD-AWS-0086\n", "Trivy Scan", "AWS-0086", true),
    case(Dockerfile, "# hadolint ignore=DL3006,DL3008\nHERE x\n", "Hadolint Dockerfile check", "DL3008", true),
    case(Dockerfile, "# hadolint global ignore=DL3006\nx\nHERE x\n", "hadolint", "DL3006", true),
    case(Yaml, "x:\n  HERE: y # zizmor: ignore[template-injection]\n", "zizmor", "template-injection", true),
    case(Html, "<!-- nosemgrep: a.b -->\n<HERE>\n", "semgrep", "a.b", true),
    Case { language: None, text: "; nosemgrep\nHERE\n", tool: "semgrep", rule: "a.b", silent: true },
    Case { language: None, text: "-- nosonar\nHERE -- NOSONAR\n", tool: "sonar", rule: "a.b", silent: true },
];

#[test]
fn comments_silence_their_own_tool_where_it_reads_them() {
    let mut wrong = Vec::new();
    for case in CASES {
        let at = case.text.find("HERE").expect("a place");
        let found = suppressions_at(case.language, case.text, at..at + 4);
        let silent = found.iter().any(|one| one.applies_to(case.tool, case.rule));
        if silent != case.silent {
            wrong.push(format!("{:?} for {} {}: {silent}, found {found:?}", case.text, case.tool, case.rule));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_suppression_says_where_it_stands_and_what_it_says() {
    let text = "a()\nb()  # nosec B602 # why\n";
    let all = Suppressions::of(Some(Python), text);
    let [one] = all.all() else { panic!("one directive: {all:?}") };
    assert_eq!((one.tool.label(), one.rules.as_slice()), ("bandit", &["B602".to_owned()][..]));
    assert_eq!((one.text.as_str(), &text[one.range.clone()]), ("nosec B602 # why", "nosec B602 # why"));
    assert_eq!(&text[one.covers.clone()], "b()  # nosec B602 # why\n");
    assert_eq!(all.at(text, 0..3).count(), 0);
}

#[test]
fn a_comment_on_any_line_of_a_longer_range_counts() {
    let text = "run(\n    a,  # nosec\n    b,\n)\n";
    assert_eq!(suppressions_at(Some(Python), text, 0..text.len() - 1).len(), 1);
    assert_eq!(suppressions_at(Some(Python), text, 0..3).len(), 0);
}
