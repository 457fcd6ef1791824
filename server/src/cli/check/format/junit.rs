//! `JUnit` XML, for build systems that only know tests.
//!
//! One suite for the gate's outcome, so that no report is empty (an empty one reads as "no tests were run"), then one
//! per tool. A violation is a failing test, a warning a passing one that says something, "undecided" an error. Names
//! hold no line numbers: they stay the same while code moves.

use std::io::{self, Write};

use finding::wire::GateOutcome;

use super::judged::{Judged, Judgement, Standing};
use super::{GateReport, Material, words};
use crate::present::{page, safe};

/// Writes `report` as one XML document.
pub(in crate::cli::check) fn write(
    report: &GateReport,
    material: &Material<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let judgement = Judgement::of(report);
    let mut suites = vec![gate(report, &judgement)];
    for standing in [Standing::Violates, Standing::Warns] {
        for judged in judgement.standing(standing) {
            let name = format!("{}: {}", words::NAME, safe::line(&judged.info.tool));
            let case = case(judged, material);
            match suites.iter_mut().skip(1).find(|suite| suite.name == name) {
                Some(suite) => suite.cases.push(case),
                None => suites.push(Suite { name, cases: vec![case] }),
            }
        }
    }
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="{}" tests="{}" failures="{}" errors="{}" time="0">"#,
        words::NAME,
        sum(|suite| suite.cases.len()),
        sum(|suite| suite.count("failure")),
        sum(|suite| suite.count("error")),
    )?;
    for suite in &suites {
        suite.write(out)?;
    }
    writeln!(out, "</testsuites>")
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    class: String,
    name: String,
    /// Nothing for a test that passes; else `failure`, `error` or `skipped`, and why in a line.
    result: Option<(&'static str, String)>,
    /// What else there is to say; several lines.
    text: String,
}

impl Suite {
    fn count(&self, result: &str) -> usize {
        self.cases.iter().filter(|case| case.result.as_ref().is_some_and(|(name, _)| *name == result)).count()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            r#"  <testsuite name="{}" tests="{}" failures="{}" errors="{}" skipped="{}" time="0">"#,
            escape(&self.name),
            self.cases.len(),
            self.count("failure"),
            self.count("error"),
            self.count("skipped"),
        )?;
        for Case { class, name, result, text } in &self.cases {
            writeln!(out, r#"    <testcase classname="{}" name="{}" time="0">"#, escape(class), escape(name))?;
            match result {
                Some((result, why)) => {
                    let kind = if *result == "failure" { r#" type="violation""# } else { "" };
                    writeln!(out, r#"      <{result}{kind} message="{}">{}</{result}>"#, escape(why), escape(text))?;
                }
                None if text.is_empty() => {}
                None => writeln!(out, "      <system-out>{}</system-out>", escape(text))?,
            }
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")
    }
}

fn gate(report: &GateReport, judgement: &Judgement<'_>) -> Suite {
    let headline = words::headline(report, judgement);
    let class = format!("{}.gate", words::NAME);
    let case = |name: &str, result, text: &str| Case {
        class: class.clone(),
        name: name.to_owned(),
        result,
        text: text.to_owned(),
    };
    let mut cases = Vec::new();
    for reason in &report.undecided {
        let way = words::way_on(reason, report).unwrap_or_default();
        cases.push(case(&safe::line(reason), Some(("error", headline.clone())), &way));
    }
    for violation in &judgement.of_change {
        let name = Some(safe::line(&violation.clause)).filter(|name| !name.is_empty());
        let words = words::violation(violation);
        cases.push(case(name.as_deref().unwrap_or("violation"), Some(("failure", words)), ""));
    }
    let mut told = vec![headline.clone()];
    told.extend(words::informs(judgement));
    told.extend(report.policies.iter().map(|policy| format!("policy: {}", words::policy(policy))));
    told.extend(report.gate_changes.iter().map(|change| format!("gate: {}", words::gate_change(change))));
    told.extend(words::problems(report));
    told.extend(report.notices.iter().map(|notice| safe::line(notice)));
    let result = match report.outcome {
        GateOutcome::Pass => None,
        GateOutcome::Nothing => Some(("skipped", headline)),
        // What violates is a failing test of its own, unless nothing of the report says what it is.
        GateOutcome::Violations if judgement.violating() > 0 => None,
        GateOutcome::Violations => Some(("failure", headline)),
        GateOutcome::Undecided if !report.undecided.is_empty() => None,
        GateOutcome::Undecided => Some(("error", headline)),
    };
    cases.push(case("summary", result, &told.join("\n")));
    Suite { name: format!("{}: gate", words::NAME), cases }
}

fn case(judged: &Judged<'_>, material: &Material<'_>) -> Case {
    let info = judged.info;
    let path = info.placement.path.as_deref().or(info.scanned.path.as_deref()).map(safe::line);
    let title = page::title(&material.finding(info));
    let verdict = words::verdict_lines(judged);
    let why = verdict.first().cloned().unwrap_or_else(|| words::said(info));
    let mut lines =
        vec![format!("{}: {}: {}", words::place(info), words::label(judged), words::said(info)), words::facts(judged)];
    lines.extend(verdict);
    lines.extend(info.verdict.as_ref().map(|verdict| format!("why: {}", words::factors(verdict))));
    lines.extend(info.exception.as_ref().map(|exception| format!("exception: {}", words::exception(exception))));
    lines.push(format!("Fix it, or ask for an exception: {}", words::triage(info)));
    Case {
        class: path.filter(|path| !path.is_empty()).unwrap_or_else(|| "no file".to_owned()),
        name: format!("{}: {title} ({})", safe::line(&info.rule), words::short_id(info)),
        result: (judged.standing == Standing::Violates).then_some(("failure", why)),
        text: lines.join("\n"),
    }
}

/// Text for an attribute or an element; what XML 1.0 cannot carry at all is left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' => out.push(character),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if character.is_control() => {}
            _ => out.push(character),
        }
    }
    out
}
