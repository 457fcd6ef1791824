//! The real tools heed the comments that are written for them. Tools that are not on the `PATH` (or in the folders of
//! `ASPM_TEST_TOOLS`) are named on standard error and left out.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use aspm_syntax::Language;
use aspm_syntax::suppression::{Wish, suppress};

struct Case {
    /// The program, and its arguments before the file's name.
    program: &'static str,
    arguments: &'static [&'static str],
    /// Written beside the file: the tool's configuration.
    beside: Option<(&'static str, &'static str)>,
    /// As the tool's report is named on a platform.
    tool: &'static str,
    rule: &'static str,
    path: &'static str,
    /// The findings stand where `«` and `»` do.
    text: &'static str,
    /// What the tool prints of a finding, once for each.
    sign: &'static str,
}

const PYTHON_RULE: &str =
    "rules:\n- id: no-eval\n  languages: [python]\n  severity: ERROR\n  message: HIT\n  pattern: eval(...)\n";
const SCRIPT_RULE: &str =
    "rules:\n- id: no-eval\n  languages: [javascript]\n  severity: ERROR\n  message: HIT\n  pattern: eval(...)\n";

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { program: "bandit", arguments: &["-q", "-t", "B602,B307", "-f", "custom", "--msg-template", "HIT {test_id}"], beside: None,
        tool: "Bandit Scan", rule: "B602", path: "a.py", sign: "HIT B602",
        text: "import subprocess\n«subprocess.call(a, shell=True)»\n«subprocess.call(b, shell=True)»  # note\n\
               «subprocess.call(eval(c), shell=True)»  # nosec B307\n«subprocess.call(\n    d,\n    shell=True,\n)»\n\
               x = «subprocess.call(e, \\\n    shell=True)»\n«subprocess.call(\"\"\"a\nb\"\"\", shell=True)»\n\
               «subprocess.call(f, shell=True)»  # noqa: S602\n" },
    Case { program: "ruff", arguments: &["check", "--isolated", "--no-cache", "--select", "S602", "--output-format", "concise"], beside: None,
        tool: "Ruff", rule: "S602", path: "a.py", sign: " S602 ",
        text: "import subprocess\n«subprocess.call(a, shell=True)»\n«subprocess.call(b, shell=True)»  # noqa: E501\n\
               «subprocess.call(c, shell=True)»  # type: ignore\nx = «subprocess.call(e, \\\n    shell=True)»\n\
               «subprocess.call(\"\"\"a\nb\"\"\", shell=True)»\n" },
    Case { program: "flake8", arguments: &["--isolated", "--select", "E702"], beside: None,
        tool: "flake8", rule: "E702", path: "a.py", sign: " E702 ",
        text: "«a = 1; b = 2»\n«a = 1; b = 2»  # noqa: E501\n" },
    Case { program: "pylint", arguments: &["--disable=all", "--enable=eval-used", "--score=n"], beside: None,
        tool: "Pylint", rule: "eval-used", path: "a.py", sign: "eval-used",
        text: "«eval(a)»\nx = «eval(\"\"\"a\nb\"\"\")»\n«eval(b)»  # pylint: disable=exec-used\n" },
    Case { program: "semgrep", arguments: &["scan", "--config", "rules.yml", "--metrics", "off", "--disable-version-check", "--emacs", "--quiet"],
        beside: Some(("rules.yml", PYTHON_RULE)),
        tool: "Semgrep JSON Report", rule: "no-eval", path: "a.py", sign: "HIT",
        text: "«eval(a)»\ndef f():\n    x = [\n        «eval(b)»,\n    ]\n«eval(c)»  # nosemgrep: other\n# nosemgrep: other\n«eval(d)»\n\
               «eval(\n    e)»\n" },
    Case { program: "semgrep", arguments: &["scan", "--config", "rules.yml", "--metrics", "off", "--disable-version-check", "--emacs", "--quiet"],
        beside: Some(("rules.yml", SCRIPT_RULE)),
        tool: "semgrep", rule: "no-eval", path: "a.jsx", sign: "HIT",
        text: "const a = (\n  <p>\n    «{eval(x)}»\n  </p>\n);\n// eslint-disable-next-line no-eval\n«eval(y)»;\n" },
    Case { program: "detect-secrets", arguments: &["scan"], beside: None,
        tool: "Detect-secrets Scan", rule: "Secret Keyword", path: "a.py", sign: "\"line_number\"",
        text: "password = «\"hunter2secretX1\"»\npassword = «\"hunter2secretX3\"»  # note\n" },
    Case { program: "detect-secrets", arguments: &["scan"], beside: None,
        tool: "detect-secrets", rule: "Secret Keyword", path: "a.js", sign: "\"line_number\"",
        text: "const password = «\"hunter2secretX1\"»;\nconst b = [\n  { password: «\"hunter2secretX4\"» },\n];\n" },
    Case { program: "detect-secrets", arguments: &["scan"], beside: None,
        tool: "detect-secrets", rule: "Secret Keyword", path: "a.yaml", sign: "\"line_number\"",
        text: "a:\n  password: «hunter2secretX1»\n" },
    Case { program: "njsscan", arguments: &["--json"], beside: None,
        tool: "njsscan", rule: "eval_nodejs", path: "a.js", sign: "\"eval_nodejs\"",
        text: "function f(req, res) {\n  «eval(req.query.a)»;\n}\n" },
    Case { program: "zizmor", arguments: &["--offline", "--no-progress", "--format", "plain"], beside: None,
        tool: "zizmor", rule: "dangerous-triggers", path: ".github/workflows/a.yml", sign: "error[dangerous-triggers]",
        text: "name: a\n«on: pull_request_target»\npermissions: {}\njobs:\n  b:\n    runs-on: ubuntu-latest\n    steps: []\n" },
    Case { program: "eslint", arguments: &["--no-config-lookup", "--parser-options=ecmaFeatures:{jsx:true}", "--rule", "no-eval: error", "--rule", "no-alert: error"], beside: None,
        tool: "ESLint", rule: "no-eval", path: "a.js", sign: "no-eval\n",
        text: "«eval(a)»;\nx\n  .y(«eval(b)»)\n  .z();\n// eslint-disable-next-line no-alert\nalert(«eval(c)»);\n\
               alert(«eval(d)»); // eslint-disable-line no-alert -- why\nconst a = (\n  <p>\n    <b>{«eval(e)»}</b>\n    <b\n      c={«eval(f)»}\n    />\n  </p>\n);\n\
               // biome-ignore lint/a/b: c\n«eval(g)»;\n" },
    Case { program: "biome", arguments: &["lint", "--only=lint/security/noGlobalEval"], beside: None,
        tool: "Biome", rule: "lint/security/noGlobalEval", path: "a.jsx", sign: "lint/security/noGlobalEval ━",
        text: "«eval(a)»;\nconst b = (\n  <p>\n    <b>{«eval(c)»}</b>\n  </p>\n);\n" },
    Case { program: "shellcheck", arguments: &["--norc", "-s", "bash", "-f", "gcc", "-i", "SC2086,SC2046"], beside: None,
        tool: "ShellCheck", rule: "SC2086", path: "a.sh", sign: "[SC2086]",
        text: "«echo $a»\nf() {\n  cat b |\n    «grep $c»\n}\necho d \\\n  «$e»\n# shellcheck disable=SC2046 # why\n«echo $g $(h)»\n\
               case $1 in\n  a)\n    «echo $i»\n    ;;\nesac\nif true; then\n  «echo $j»\nfi\n" },
    Case { program: "cppcheck", arguments: &["--inline-suppr", "--quiet", "--enable=style", "--template={id}"], beside: None,
        tool: "Cppcheck", rule: "unreadVariable", path: "a.c", sign: "unreadVariable",
        text: "void f(void) {\n  int «a = 1»;\n}\n" },
    Case { program: "checkov", arguments: &["--skip-download", "--quiet", "--compact", "--framework", "terraform", "-c", "CKV_AWS_21,CKV_AWS_18", "-f"], beside: None,
        tool: "Checkov Scan", rule: "CKV_AWS_21", path: "main.tf", sign: "Check: CKV_AWS_21",
        text: "«resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"x\"\n}»\n«resource \"aws_s3_bucket\" \"c\" {\n  #checkov:skip=CKV_AWS_18:known\n  bucket = \"x\"\n}»\n" },
    Case { program: "checkov", arguments: &["--skip-download", "--quiet", "--compact", "--framework", "dockerfile", "-c", "CKV_DOCKER_3", "-f"], beside: None,
        tool: "checkov", rule: "CKV_DOCKER_3", path: "Dockerfile", sign: "Check: CKV_DOCKER_3",
        text: "«FROM a:1\nRUN x»\n" },
];

/// The findings, in the order of the text without their marks.
fn findings(marked: &str) -> (String, Vec<std::ops::Range<usize>>) {
    let (mut text, mut found, mut start) = (String::new(), Vec::new(), 0);
    for c in marked.chars() {
        match c {
            '«' => start = text.len(),
            '»' => found.push(start..text.len()),
            c => text.push(c),
        }
    }
    (text, found)
}

fn found(program: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for name in ["ASPM_TEST_TOOLS", "PATH"] {
        folders.extend(std::env::var_os(name).iter().flat_map(std::env::split_paths));
    }
    folders.into_iter().map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn hits(case: &Case, program: &PathBuf, text: &str) -> (usize, String) {
    let folder = std::env::temp_dir().join(format!("aspm-honoured-{}-{}", std::process::id(), case.program));
    let file = folder.join(case.path);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("created");
    std::fs::write(&file, text).expect("written");
    if let Some((name, text)) = case.beside {
        std::fs::write(folder.join(name), text).expect("written");
    }
    let mut folders = vec![program.parent().expect("a folder").to_path_buf()];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let path = std::env::join_paths(folders).expect("a path");
    let output =
        Command::new(program).args(case.arguments).arg(case.path).current_dir(&folder).env("PATH", path).output();
    let output = output.expect("it runs");
    std::fs::remove_dir_all(&folder).expect("removed");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (said.matches(case.sign).count(), said)
}

#[test]
fn each_tool_heeds_the_comment_that_is_written_for_it() {
    let mut wrong = Vec::new();
    for case in CASES {
        let Some(program) = found(case.program) else {
            let _ = writeln!(std::io::stderr(), "skipped: {} is not installed", case.program);
            continue;
        };
        let (text, places) = findings(case.text);
        let (before, said) = hits(case, &program, &text);
        if before != places.len() {
            wrong.push(format!(
                "{} finds {before} of {} before anything is written\n{said}",
                case.program,
                places.len()
            ));
            continue;
        }
        let mut written = text.clone();
        // From the last to the first, so that places stay.
        for range in places.iter().rev() {
            let wish = Wish {
                tool: case.tool,
                rule: case.rule,
                range: range.clone(),
                reason: "The input is trusted: no outsider can set it.",
            };
            match suppress(Language::of_path(case.path), &written, None, &wish) {
                Ok(edits) => {
                    for (range, new) in edits.into_iter().rev() {
                        written.replace_range(range, &new);
                    }
                }
                Err(refused) => wrong.push(format!("{}: {refused} at {:?}", case.program, &text[range.clone()])),
            }
        }
        let (after, said) = hits(case, &program, &written);
        if after != 0 {
            wrong.push(format!("{} still finds {after} in\n{written}\n{said}", case.program));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
