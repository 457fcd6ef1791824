//! Inputs and what the built-in policy makes of them, one JSON object a line: what tests/policy/differential.py gives to
//! another implementation of Rego. The same every time.

use std::io::Write;

use aspm_policy::Policy;
use aspm_policy::bundle::Bundle;
use aspm_policy::input::{GateFinding, GateInput, GatePlace, GateSource, VerdictInput};
use finding::{
    Application, ChangeKind, Component, Confidence, Evidence, Exception, ExceptionOrigin, ExceptionState, Finding,
    FindingId, Kind, Placement, Reason, Rule, Severity, State, Status, StatusValue, Tool, Verdict,
};
use serde_json::{Value, json};

const NOW: &str = "2026-03-01T10:00:00+00:00";
const CASES: usize = 600;
const DATES: [&str; 10] = [
    "2026-02-28",
    "2026-03-01",
    "2026-03-07",
    "2026-03-09",
    "2025-01-31",
    "2024-02-29",
    "9999-12-31",
    "2026-02-30",
    "soon",
    "2027-06-30",
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn maybe<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if self.below(2) == 0 { None } else { Some(self.one(of)) }
    }

    fn date(&mut self) -> Option<String> {
        self.maybe(&DATES).map(str::to_owned)
    }

    fn person(&mut self) -> Option<String> {
        self.maybe(&["amy", "bob", "eve"]).map(str::to_owned)
    }
}

const STATUSES: [StatusValue; 6] = [
    StatusValue::Open,
    StatusValue::FalsePositive,
    StatusValue::RiskAccepted,
    StatusValue::OutOfScope,
    StatusValue::Mitigated,
    StatusValue::Duplicate,
];

fn finding(number: usize, dice: &mut Dice) -> Finding {
    let status = if dice.below(3) > 0 { StatusValue::Open } else { dice.one(&STATUSES) };
    Finding {
        id: FindingId::from_stored(&format!("dojo:{number:020x}")),
        source: "dojo".to_owned(),
        kind: dice.one(&[Kind::Code, Kind::Dependency, Kind::Secret, Kind::Infrastructure]),
        tool: Tool { name: "Semgrep".to_owned(), version: None },
        rule: Rule { id: "rule".to_owned(), name: Some("a rule".to_owned()), cwes: vec![79, 80], ..Rule::default() },
        message: "Something is wrong.".to_owned(),
        severity: dice.one(&Severity::ALL),
        confidence: dice.maybe(&[Confidence::Low, Confidence::Medium, Confidence::High]),
        cvss: dice.maybe(&[0.0, 3.9, 4.0, 7.5, 8.9, 9.0, 9.8, 10.0]),
        epss: dice.maybe(&[0.0, 0.01, 0.05, 0.25, 0.5, 0.97]),
        known_exploited: dice.maybe(&[false, false, false, true]),
        vulnerability_ids: vec!["CVE-2025-0001".to_owned()],
        evidence: Evidence { path: Some("src/app.py".to_owned()), ..Evidence::default() },
        related: Vec::new(),
        flow: Vec::new(),
        component: dice.maybe(&[Vec::new(), vec!["2.0".to_owned()]]).map(|fixed| Component {
            name: "pkg:pypi/flask".to_owned(),
            version: None,
            fixed,
        }),
        status: Status {
            value: status,
            by: dice.person(),
            until: dice.date(),
            accepted_by: dice.person(),
            ..Status::default()
        },
        first_seen: dice.date(),
        last_seen: None,
        due: if dice.below(3) == 0 { dice.date() } else { None },
        notes: Vec::new(),
        fixes: Vec::new(),
        link: None,
    }
}

fn application(dice: &mut Dice) -> Application {
    let word = |word: &str| word.to_owned();
    Application {
        name: Some(word("shop")),
        criticality: dice.maybe(&["critical", "high", "medium", "low", "unheard of"]).map(word),
        exposure: dice.maybe(&["internet", "partner", "internal", "isolated", "unheard of"]).map(word),
        sla: if dice.below(2) == 0 {
            [("critical", 7), ("high", 30), ("medium", 400)].map(|(severity, days)| (word(severity), days)).into()
        } else {
            std::collections::BTreeMap::new()
        },
        approvers: dice.maybe(&[vec![word("amy"), word("bob")]]).unwrap_or_default(),
        required_scanners: dice
            .maybe(&[vec![word("Semgrep")], vec![word("Trivy"), word("semgrep")]])
            .unwrap_or_default(),
        ..Application::default()
    }
}

fn exception(dice: &mut Dice) -> Option<Exception> {
    if dice.below(2) == 0 {
        return None;
    }
    Some(Exception {
        id: "EX-1".to_owned(),
        origin: dice.one(&[ExceptionOrigin::File, ExceptionOrigin::Source, ExceptionOrigin::Comment]),
        state: dice.one(&[ExceptionState::Approved, ExceptionState::Requested, ExceptionState::Unauthorized]),
        status: dice.one(&STATUSES[1..]),
        reason: None,
        requested_by: None,
        accepted_by: dice.person(),
        expires: dice.date(),
        ticket: None,
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut dice = Dice(7);
    let mut out = std::io::stdout().lock();
    let settings = [
        Value::Null,
        json!({"block_at": 40, "warn_at": 20, "due_soon_days": 30, "requested_passes_ci": true}),
        json!({"secrets_block": false, "overdue_blocks": false, "known_exploited_blocks": false, "required_scanners": ["Bandit"]}),
    ];
    for given in settings {
        let data = if given.is_null() { json!({}) } else { json!({"aspm": {"settings": given}}) };
        let policy = Policy::of_bundle(&Bundle { data: data.clone(), ..Bundle::default() })?;
        let mut judged: Vec<(Finding, Option<Exception>, ChangeKind, Verdict)> = Vec::new();
        for number in 0..CASES / 3 {
            let (finding, application, exception) =
                (finding(number, &mut dice), application(&mut dice), exception(&mut dice));
            let change = dice.one(&[ChangeKind::Introduced, ChangeKind::Touched, ChangeKind::Existing]);
            let input = VerdictInput {
                finding: &finding,
                path: None,
                application: &application,
                change,
                exception: exception.as_ref(),
                now: NOW,
            };
            let verdict = policy.verdicts(&[input], &|| false).remove(0)?;
            writeln!(
                out,
                "{}",
                json!({"rule": "verdict", "data": data, "input": input.to_json()?, "answer": verdict})
            )?;
            judged.push((finding, exception, change, verdict));
        }
        for batch in judged.chunks(4) {
            let places: Vec<Placement> = batch.iter().map(|_| placement(&mut dice)).collect();
            let findings: Vec<GateFinding<'_>> = batch
                .iter()
                .zip(&places)
                .map(|((finding, exception, change, verdict), placement)| GateFinding {
                    finding,
                    path: None,
                    placement,
                    change: *change,
                    verdict,
                    exception: exception.as_ref(),
                })
                .collect();
            let application = application(&mut dice);
            let sources =
                [GateSource { id: "dojo".to_owned(), tools: vec!["SEMGREP".to_owned()], ..GateSource::default() }];
            let undecided: Vec<String> =
                dice.maybe(&["no data".to_owned()]).into_iter().filter(|_| dice.below(3) == 0).collect();
            let input = GateInput {
                findings: &findings,
                undecided: &undecided,
                sources: &sources,
                gate_changes: &[],
                application: &application,
                place: dice.one(&[GatePlace::Editor, GatePlace::Hook, GatePlace::Ci]),
                branch: Some("main"),
            };
            let gate = policy.gate(&input)?;
            let answer = json!({"pass": gate.pass, "violations": gate.violations});
            writeln!(out, "{}", json!({"rule": "gate", "data": data, "input": input.to_json()?, "answer": answer}))?;
        }
    }
    Ok(())
}

fn placement(dice: &mut Dice) -> Placement {
    Placement {
        state: dice.one(&[State::Exact, State::Moved, State::Edited, State::Uncertain, State::Gone, State::Unplaced]),
        path: Some("src/app.py".into()),
        range: None,
        confidence: 1.0,
        reason: Reason::new("same text"),
        suppressed_by: None,
    }
}
