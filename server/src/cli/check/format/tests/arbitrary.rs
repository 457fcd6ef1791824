//! Any report at all: no format may panic, and what each promises of its shape holds.

use finding::wire::{
    GateChange, GateOutcome, GateReport as WireReport, GateScope, PlacementInfo, PolicyInfo, Position, Range, Scanned,
    ScopeKind, SourceState, SourceStatus, Violation,
};
use finding::{
    Action, ChangeKind, Clause, Exception, ExceptionOrigin, ExceptionState, Factor, Kind, Severity, State, StatusValue,
    Verdict,
};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::{github, gitlab, human_on, junit, reports, sarif, terminal, written};
use crate::cli::check::format::{FindingInfo, GateReport, json};

fn words() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "word",
        " ",
        "\n",
        "\r",
        "::",
        "##[",
        "]]>",
        "<",
        "&",
        "\"",
        "|",
        "`",
        "\\",
        "%",
        "/",
        ":",
        ",",
        "](",
        "\u{1b}[1m",
        "\u{202e}",
        "\u{0}",
        "\u{fffe}",
        "\u{e9}",
        "\u{1F600}",
        "api/labels.py",
        ".",
        "#",
        "sarif",
        "\t",
    ]);
    prop_oneof![
        2 => prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat()),
        1 => ".{0,40}",
        1 => Just("api/labels.py".to_owned()),
    ]
}

fn position() -> impl Strategy<Value = Position> {
    let number = prop_oneof![4 => 0u32..9, 1 => Just(u32::MAX), 1 => any::<u32>()];
    (number.clone(), number).prop_map(|(line, column)| Position { line, column })
}

fn range() -> impl Strategy<Value = Range> {
    (position(), position()).prop_map(|(start, end)| Range { start, end })
}

fn verdict() -> impl Strategy<Value = Verdict> {
    let actions = select(vec![Action::Hide, Action::Inform, Action::Warn, Action::Block]);
    let factor = (words(), words(), any::<f64>()).prop_map(|(name, value, weight)| Factor { name, value, weight });
    let clause = (words(), words(), of(words())).prop_map(|(clause, message, url)| Clause { clause, message, url });
    let lists = (prop::collection::vec(factor, 0..3), prop::collection::vec(clause, 0..3));
    (actions, any::<u8>(), of(words()), lists).prop_map(|(action, risk, due, (factors, reasons))| Verdict {
        action,
        risk,
        due,
        factors,
        reasons,
    })
}

fn exception() -> impl Strategy<Value = Exception> {
    let origin = select(vec![ExceptionOrigin::File, ExceptionOrigin::Source, ExceptionOrigin::Comment]);
    let states = vec![ExceptionState::Approved, ExceptionState::Requested, ExceptionState::Unauthorized];
    let decided = select(vec![StatusValue::Open, StatusValue::FalsePositive, StatusValue::Duplicate]);
    (words(), origin, select(states), decided, prop::collection::vec(of(words()), 5)).prop_map(
        |(id, origin, state, status, mut said)| {
            let mut next = || said.pop().flatten();
            Exception {
                id,
                origin,
                state,
                status,
                reason: next(),
                requested_by: next(),
                accepted_by: next(),
                expires: next(),
                ticket: next(),
            }
        },
    )
}

fn placement() -> impl Strategy<Value = PlacementInfo<Range>> {
    let states = [State::Exact, State::Moved, State::Edited, State::Uncertain, State::Gone, State::Unplaced];
    (select(states.to_vec()), of(words()), of(range()), any::<f32>(), words(), of(words())).prop_map(
        |(state, path, range, confidence, reason, suppressed_by)| PlacementInfo {
            state,
            path,
            range,
            confidence,
            reason,
            suppressed_by,
        },
    )
}

fn info() -> impl Strategy<Value = FindingInfo> {
    let ids = prop_oneof![3 => "sarif:[0-9a-f]{3}", 1 => words()];
    let said = (ids, words(), words(), words(), of(words()), words(), of(words()));
    let scanned = (of(words()), of(any::<u32>()), of(words()), of(words()))
        .prop_map(|(path, line, commit, at)| Scanned { path, line, commit, at });
    let change = of(select(vec![ChangeKind::Existing, ChangeKind::Touched, ChangeKind::Introduced]));
    let cwes = prop::collection::vec(any::<u32>(), 0..3);
    let severity = select(Severity::ALL.to_vec());
    (said, scanned, placement(), change, cwes, severity, of(verdict()), of(exception())).prop_map(
        |(said, scanned, placement, change, cwes, severity, verdict, exception)| {
            let (id, source, tool, rule, rule_name, message, help_url) = said;
            FindingInfo {
                id,
                source,
                tool,
                rule,
                rule_name,
                kind: Kind::Code,
                severity,
                status: StatusValue::Open,
                message,
                cwes,
                help_url,
                scanned,
                placement,
                change,
                verdict,
                exception,
            }
        },
    )
}

fn source() -> impl Strategy<Value = SourceStatus> {
    let state = select(vec![SourceState::Loading, SourceState::Ready, SourceState::Partial, SourceState::NoData]);
    let said = (words(), words(), of(words()), of(words()), of(words()));
    (said, state, any::<usize>(), prop::collection::vec(words(), 0..3)).prop_map(
        |((name, kind, synced_at, scanned_at, scan_commit), state, findings, problems)| SourceStatus {
            name,
            kind,
            state,
            findings,
            synced_at,
            scanned_at,
            scan_commit,
            problems,
        },
    )
}

pub(super) fn report() -> impl Strategy<Value = GateReport> {
    let outcomes = vec![GateOutcome::Pass, GateOutcome::Nothing, GateOutcome::Violations, GateOutcome::Undecided];
    let scope = (words(), 0usize..9, of(words())).prop_map(|(words, files, base)| GateScope {
        kind: ScopeKind::Staged,
        words,
        files,
        base,
    });
    let policy = (words(), of(words()), of(words()), prop::collection::vec(words(), 0..2))
        .prop_map(|(origin, revision, signed_by, problems)| PolicyInfo { origin, revision, signed_by, problems });
    let violation =
        (of(words()), words(), words()).prop_map(|(finding, clause, message)| Violation { finding, clause, message });
    let change = (words(), words()).prop_map(|(path, what)| GateChange { path, what });
    let sentences = || prop::collection::vec(words(), 0..3);
    (
        select(outcomes),
        scope,
        prop::collection::vec(policy, 0..3),
        prop::collection::vec(info(), 0..6),
        prop::collection::vec(violation, 0..4),
        prop::collection::vec(change, 0..3),
        prop::collection::vec(source(), 0..3),
        (sentences(), sentences(), any::<u8>()),
    )
        .prop_map(|(outcome, scope, policies, findings, mut violations, gate_changes, sources, rest)| {
            let (undecided, notices, blamed) = rest;
            for (at, info) in findings.iter().enumerate().filter(|(at, _)| blamed & (1 << at) != 0) {
                let clause = format!("clause-{at}");
                violations.push(Violation { finding: Some(info.id.clone()), clause, message: String::new() });
            }
            WireReport {
                version: 1,
                outcome,
                scope,
                policies,
                findings,
                violations,
                undecided,
                gate_changes,
                sources,
                notices,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_report_is_written_in_every_format(report in report(), width in 40usize..120, is_coloured: bool) {
        let text = human_on(&report, &terminal(width, is_coloured));
        prop_assert!(!text.lines().any(|line| line.trim_start().starts_with("::") || line.contains("##[")), "{text}");
        let (commands, _) = github(&report);
        prop_assert!(commands.lines().all(|line| line.starts_with("::")), "{commands}");
        let issues = gitlab(&report);
        prop_assert!(issues.iter().all(|issue| issue["location"]["lines"]["begin"].as_u64() > Some(0)));
        let tests = junit(&report);
        prop_assert!(tests.ends_with("</testsuites>\n"));
        let log = sarif(&report);
        prop_assert_eq!(&log["version"], "2.1.0");
        prop_assert!(!written(|out| json::write(&report, out)).is_empty());
    }

    #[test]
    fn nothing_looks_like_a_pass_that_is_none(mut report in report(), reason in words()) {
        report.outcome = GateOutcome::Undecided;
        report.undecided = vec![reason];
        prop_assert!(human_on(&report, &terminal(80, false)).contains("Undecided: "));
        prop_assert!(github(&report).0.starts_with("::error "));
        prop_assert!(!gitlab(&report).is_empty());
        prop_assert!(junit(&report).contains("<error "));
        prop_assert_eq!(&sarif(&report)["runs"][0]["invocations"][0]["executionSuccessful"], false);
    }

    #[test]
    fn every_finding_that_is_not_hidden_is_in_the_log_once(report in report()) {
        let log = sarif(&report);
        let runs = log["runs"].as_array().expect("runs");
        let results: usize = runs.iter().map(|run| run["results"].as_array().expect("results").len()).sum();
        let blamed = |info: &FindingInfo| report.violations.iter().any(|violation| violation.finding.as_ref() == Some(&info.id));
        let shown = |info: &&FindingInfo| {
            blamed(info) || info.verdict.as_ref().is_none_or(|verdict| verdict.action != Action::Hide)
        };
        prop_assert_eq!(results, report.findings.iter().filter(shown).count());
        prop_assert!(gitlab(&report).len() >= results);
    }
}

#[test]
fn the_samples_are_reports_too() {
    for (name, report) in reports::all() {
        assert!(!human_on(&report, &terminal(40, false)).is_empty(), "{name}");
    }
}
