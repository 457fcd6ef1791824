//! The sample reports: what passes, what does not, what nobody can say, and what strangers may write.

use finding::wire::{
    FindingInfo, GateChange, GateOutcome, GateScope, PlacementInfo, PolicyInfo, Position, Range, Scanned, ScopeKind,
    SourceState, SourceStatus, VERSION, Violation,
};
use finding::{
    Action, ChangeKind, Clause, Exception, ExceptionOrigin, ExceptionState, Factor, Finding, Fix, Kind, Severity,
    State, StatusValue, Verdict,
};

use crate::cli::check::format::{self, GateReport};

const LABELS: &str = "\
import subprocess

def print_label(order):
    # the printer's driver wants a shell
    command = f\"lp -d zebra {order.label}\"
    subprocess.call(command, shell=True)
    return eval(order.note)
";

/// The text of a file of the samples.
pub(super) fn text(path: &str) -> Option<String> {
    match path {
        "api/labels.py" => Some(LABELS.to_owned()),
        "api/hostile.py" => Some("x = 1  # \u{1b}[31m\u{202e}##[error]oops\n::error::no\n".to_owned()),
        "docs/caf\u{e9} 100%/a,b:c.py" => Some("\u{1F600}\u{e9} = eval(x)\n".to_owned()),
        _ => None,
    }
}

/// Whole findings are known of the first only.
pub(super) fn detail(id: &str) -> Option<Finding> {
    let known = violations().findings.into_iter().find(|info| info.id == id && info.rule == "B602")?;
    let mut finding = format::bare(&known);
    finding.tool.version = Some("1.8.3".to_owned());
    finding.rule.explanation = Some("A shell reads what it is **given**.".to_owned());
    finding.rule.remediation =
        Some("Pass a list of arguments, and leave `shell` out:\n\n    call([\"lp\"])".to_owned());
    finding.fixes =
        vec![Fix { title: "Pass a list".to_owned(), replacements: Vec::new(), safety: finding::Safety::Unknown }];
    Some(finding)
}

pub(super) fn position(line: u32, column: u32) -> Position {
    Position { line, column }
}

pub(super) fn range(start: (u32, u32), end: (u32, u32)) -> Range {
    Range { start: position(start.0, start.1), end: position(end.0, end.1) }
}

pub(super) fn verdict(action: Action, risk: u8, clause: &str, message: &str) -> Verdict {
    let factor = |name: &str, value: &str, weight| Factor { name: name.to_owned(), value: value.to_owned(), weight };
    Verdict {
        action,
        risk,
        due: Some("2026-04-01".to_owned()),
        factors: vec![
            factor("severity", "high", 50.0),
            factor("exposure", "internet", 22.5),
            factor("criticality", "low", -5.0),
        ],
        reasons: vec![Clause { clause: clause.to_owned(), message: message.to_owned(), url: None }],
    }
}

/// A finding of Bandit's that stands at `range` of `path` and was introduced.
pub(super) fn info(number: usize, rule: &str, path: &str, range: Option<Range>) -> FindingInfo<Range> {
    FindingInfo {
        id: format!("sarif:{number:06x}0123456789abcd"),
        source: "sarif".to_owned(),
        tool: "Bandit".to_owned(),
        rule: rule.to_owned(),
        rule_name: Some("subprocess_popen_with_shell_equals_true".to_owned()),
        kind: Kind::Code,
        severity: Severity::High,
        status: StatusValue::Open,
        message: "subprocess call with shell=True identified, security issue.".to_owned(),
        cwes: vec![78],
        help_url: Some("https://bandit.example/b602".to_owned()),
        scanned: Scanned { path: Some(path.to_owned()), line: Some(6), commit: None, at: None },
        placement: PlacementInfo {
            state: State::Exact,
            path: Some(path.to_owned()),
            range,
            confidence: 0.98,
            reason: "unchanged since the scan".to_owned(),
            suppressed_by: None,
        },
        change: Some(ChangeKind::Introduced),
        verdict: Some(verdict(Action::Block, 82, "introduced-high-risk", "Introduced with high risk (82 of 100).")),
        exception: None,
    }
}

/// Nothing stands against it: one finding that informs.
pub(super) fn pass() -> GateReport {
    let mut informs = info(0xd1, "B404", "api/labels.py", Some(range((1, 1), (1, 18))));
    informs.change = Some(ChangeKind::Existing);
    informs.severity = Severity::Low;
    informs.verdict = Some(verdict(Action::Inform, 10, "existing", "It stood there before."));
    GateReport {
        version: VERSION,
        outcome: GateOutcome::Pass,
        scope: GateScope {
            kind: ScopeKind::Staged,
            words: "3 staged files".to_owned(),
            files: 3,
            base: Some("9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c".to_owned()),
        },
        policies: vec![PolicyInfo {
            origin: "built in".to_owned(),
            revision: Some("1".to_owned()),
            signed_by: None,
            problems: Vec::new(),
        }],
        findings: vec![informs],
        violations: Vec::new(),
        undecided: Vec::new(),
        gate_changes: Vec::new(),
        sources: vec![SourceStatus {
            name: "sarif".to_owned(),
            kind: "sarif".to_owned(),
            state: SourceState::Ready,
            findings: 30,
            synced_at: Some("2026-03-10T10:00:00Z".to_owned()),
            scanned_at: Some("2026-03-07T10:00:00Z".to_owned()),
            scan_commit: Some("1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d".to_owned()),
            problems: Vec::new(),
        }],
        notices: Vec::new(),
    }
}

/// An empty scope.
pub(super) fn nothing() -> GateReport {
    let mut report = pass();
    report.outcome = GateOutcome::Nothing;
    report.scope.words = "the index does not differ from HEAD".to_owned();
    report.scope.files = 0;
    report.findings.clear();
    report
}

fn violation(info: &FindingInfo<Range>) -> Violation {
    let reason = &info.verdict.as_ref().expect("a verdict").reasons[0];
    Violation { finding: Some(info.id.clone()), clause: reason.clause.clone(), message: reason.message.clone() }
}

/// Two violations, one of them of the change as a whole, a warning with an exception, and one that informs.
pub(super) fn violations() -> GateReport {
    let shell = info(0xb602, "B602", "api/labels.py", Some(range((6, 5), (6, 41))));
    let mut eval = info(0xb307, "B307", "api/labels.py", Some(range((7, 12), (7, 28))));
    eval.rule_name = Some("blacklist".to_owned());
    eval.message = "Use of possibly insecure function - consider using safer ast.literal_eval.".to_owned();
    eval.severity = Severity::Medium;
    eval.change = Some(ChangeKind::Touched);
    eval.placement.state = State::Edited;
    eval.placement.reason = "the argument changed since the scan".to_owned();
    eval.verdict = Some(verdict(Action::Warn, 44, "touched", "The change edits code with a finding."));
    eval.exception = Some(Exception {
        id: "eval-note".to_owned(),
        origin: ExceptionOrigin::File,
        state: ExceptionState::Requested,
        status: StatusValue::RiskAccepted,
        reason: Some("the note is written by ourselves".to_owned()),
        requested_by: Some("ada@example.com".to_owned()),
        accepted_by: None,
        expires: Some("2026-06-30".to_owned()),
        ticket: Some("SEC-12".to_owned()),
    });
    let mut report = pass();
    report.outcome = GateOutcome::Violations;
    report.violations = vec![
        violation(&shell),
        Violation {
            finding: None,
            clause: "required-scanner".to_owned(),
            message: "No scan of Semgrep, which this application requires.".to_owned(),
        },
    ];
    report.findings.extend([eval, shell]);
    report.gate_changes = vec![GateChange { path: ".aspm/exceptions.yaml".to_owned(), what: "changed".to_owned() }];
    report.notices = vec!["1 exception is requested by this change.".to_owned()];
    report
}

/// No data, and a policy that failed.
pub(super) fn undecided() -> GateReport {
    let mut report = pass();
    report.outcome = GateOutcome::Undecided;
    report.findings.clear();
    report.undecided = vec![
        "Source dojo has no data.".to_owned(),
        "The policy could not decide: gate.rego:12: it took too long.".to_owned(),
        "Source sarif was last read 12 days ago, more than the 7 days that are allowed; run `aspm-lsp sync`."
            .to_owned(),
    ];
    report.sources.push(SourceStatus {
        name: "dojo".to_owned(),
        kind: "defectdojo".to_owned(),
        state: SourceState::NoData,
        findings: 0,
        synced_at: None,
        scanned_at: None,
        scan_commit: None,
        problems: vec!["https://dojo.example does not answer.".to_owned()],
    });
    report.policies[0].problems = vec!["bundle acme-8 was refused: it is not signed.".to_owned()];
    report
}

/// Findings without a line, without a file, gone, and at paths that need escaping.
pub(super) fn places() -> GateReport {
    let mut report = pass();
    report.outcome = GateOutcome::Violations;
    let whole_file = info(1, "B101", "api/labels.py", None);
    let mut nowhere = info(2, "CVE-2021-23337", "", None);
    nowhere.tool = "Trivy".to_owned();
    nowhere.kind = Kind::Container;
    nowhere.scanned = Scanned { path: None, line: None, commit: None, at: None };
    nowhere.placement.path = None;
    nowhere.placement.state = State::Unplaced;
    nowhere.placement.reason = "the finding names no file".to_owned();
    let mut elsewhere = info(3, "B102", "/builds/shop/api/old.py", None);
    elsewhere.placement.path = None;
    elsewhere.placement.state = State::Unplaced;
    elsewhere.placement.reason = "no such file below the root".to_owned();
    let odd = info(4, "B307", "docs/caf\u{e9} 100%/a,b:c.py", Some(range((1, 6), (1, 13))));
    let mut several_lines = info(5, "B608", "api/labels.py", Some(range((5, 5), (7, 28))));
    several_lines.cwes = Vec::new();
    let unread = info(6, "B105", "api/removed.py", Some(range((40, 3), (40, 9))));
    report.findings = vec![whole_file, nowhere, elsewhere, odd, several_lines, unread];
    report.violations = report.findings.iter().map(violation).collect();
    report
}

/// Everything strangers write is an attack on some reader.
pub(super) fn hostile() -> GateReport {
    let attack = "a\u{1b}[31mred\u{1b}]8;;https://evil.example\u{7}\u{202e}rtl\u{2066}\u{200b}\0\r\n::error::injected\n\
                  ##[error]legacy ##vso[task.complete]x ]]> <script>&amp;\"' | `tick` [link](https://evil.example) \
                  %0A::stop-commands::x \u{fffe}\u{ffff} {0} \u{1F600}";
    let long = format!("{} {attack}", "long ".repeat(20_000));
    let mut report = violations();
    let mut bad = info(0xbad, attack, "api/hostile.py", Some(range((1, 1), (1, 6))));
    bad.tool = attack.to_owned();
    bad.rule_name = Some(attack.to_owned());
    bad.message = long;
    bad.help_url = Some("javascript:alert(1)".to_owned());
    bad.placement.reason = attack.to_owned();
    bad.placement.suppressed_by = Some(attack.to_owned());
    bad.placement.state = State::Moved;
    bad.verdict = Some(verdict(Action::Block, 255, attack, attack));
    if let Some(verdict) = &mut bad.verdict {
        verdict.due = Some(attack.to_owned());
        verdict.factors[0] = Factor { name: attack.to_owned(), value: attack.to_owned(), weight: f64::NAN };
    }
    bad.exception = Some(Exception {
        id: attack.to_owned(),
        origin: ExceptionOrigin::Comment,
        state: ExceptionState::Unauthorized,
        status: StatusValue::FalsePositive,
        reason: Some(attack.to_owned()),
        requested_by: Some(attack.to_owned()),
        accepted_by: Some(attack.to_owned()),
        expires: Some(attack.to_owned()),
        ticket: Some(attack.to_owned()),
    });
    let mut path = info(0xbae, "B1", &format!("dir/{attack}.py"), None);
    path.verdict = None;
    report.violations.push(violation(&bad));
    report.violations.push(Violation { finding: None, clause: attack.to_owned(), message: attack.to_owned() });
    report.violations.push(Violation {
        finding: Some(attack.to_owned()),
        clause: String::new(),
        message: String::new(),
    });
    report.findings.extend([bad, path]);
    report.scope.words = attack.to_owned();
    report.scope.base = Some(attack.to_owned());
    report.undecided = vec![attack.to_owned()];
    report.notices = vec![attack.to_owned()];
    report.gate_changes = vec![GateChange { path: attack.to_owned(), what: attack.to_owned() }];
    report.policies[0] = PolicyInfo {
        origin: attack.to_owned(),
        revision: Some(attack.to_owned()),
        signed_by: Some(attack.to_owned()),
        problems: vec![attack.to_owned()],
    };
    report.sources[0].name = attack.to_owned();
    report.sources[0].problems = vec![attack.to_owned()];
    report.sources[0].scan_commit = Some(attack.to_owned());
    report.sources[0].scanned_at = Some(attack.to_owned());
    report
}

/// 200 violations of different risk.
pub(super) fn many() -> GateReport {
    let mut report = pass();
    report.outcome = GateOutcome::Violations;
    report.findings = (0..200)
        .map(|number| {
            let mut info = info(number, "B602", "api/labels.py", Some(range((6, 5), (6, 41))));
            let risk = u8::try_from(number % 100).expect("under 100");
            info.verdict = Some(verdict(Action::Block, risk, "introduced", &format!("Introduced with risk {risk}.")));
            info
        })
        .collect();
    report.violations = report.findings.iter().map(violation).collect();
    report
}

/// All of them with their names.
pub(super) fn all() -> Vec<(&'static str, GateReport)> {
    vec![
        ("pass", pass()),
        ("nothing", nothing()),
        ("violations", violations()),
        ("undecided", undecided()),
        ("places", places()),
        ("hostile", hostile()),
        ("many", many()),
    ]
}
