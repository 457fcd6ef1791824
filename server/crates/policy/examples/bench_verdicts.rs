//! Ten thousand verdicts in one batch: `cargo run --release -p aspm-policy --example bench_verdicts`.
//!
//! Findings as a platform holds them: most of code, a quarter of dependencies with CVSS and EPSS, some secrets; a first
//! scan that found half of them, the rest spread over later scans. Prints the CPU time of the
//! process (Linux counts it in steps of 10 ms), and what one question on its own costs.

use std::time::Instant;

use aspm_policy::Policy;
use aspm_policy::input::VerdictInput;
use finding::{
    Application, ChangeKind, Component, Confidence, Evidence, Finding, FindingId, Kind, Rule, Severity, Status,
    StatusValue, Tool,
};

const FINDINGS: usize = 10_000;

/// Numbers that look like chance and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound
    }
}

fn day(dice: &mut Dice) -> String {
    let scan = if dice.below(100) < 55 { 0 } else { dice.below(60) };
    format!("2025-{:02}-{:02}T02:{:02}:{:02}Z", 1 + scan / 6, 1 + (scan % 6) * 4, dice.below(60), dice.below(60))
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn finding(number: usize, dice: &mut Dice) -> Finding {
    let kind = match dice.below(100) {
        0..70 => Kind::Code,
        70..95 => Kind::Dependency,
        _ => Kind::Secret,
    };
    // A vulnerability is found in many components, always with the same figures.
    let vulnerability = dice.below(600);
    let mut of = Dice(vulnerability as u64 + 1);
    let dependency = kind == Kind::Dependency;
    let severity = Severity::ALL[1 + if dependency { of.below(4) } else { dice.below(4) }];
    Finding {
        id: FindingId::from_stored(&format!("dojo:{number:020x}")),
        source: "dojo".to_owned(),
        kind,
        tool: Tool { name: "Semgrep".to_owned(), version: None },
        rule: Rule { id: format!("rule-{}", dice.below(300)), cwes: vec![79], ..Rule::default() },
        message: format!("Something is wrong in function number {number}."),
        severity,
        confidence: [None, Some(Confidence::Low), Some(Confidence::Medium), Some(Confidence::High)][dice.below(4)]
            .filter(|_| !dependency),
        cvss: dependency.then(|| of.below(100) as f32 / 10.0),
        epss: dependency.then(|| of.below(1000) as f32 / 10_000.0),
        known_exploited: dependency.then(|| of.below(50) == 0),
        vulnerability_ids: if dependency { vec![format!("CVE-2025-{vulnerability:04}")] } else { Vec::new() },
        evidence: Evidence {
            path: Some(format!("src/module{}/file{number}.py", dice.below(50))),
            ..Evidence::default()
        },
        related: Vec::new(),
        flow: Vec::new(),
        component: dependency.then(|| Component {
            name: format!("pkg:pypi/package{vulnerability}"),
            version: Some("1.0".to_owned()),
            fixed: if of.below(2) == 0 { vec!["1.1".to_owned()] } else { Vec::new() },
        }),
        status: match dice.below(20) {
            0 => Status { value: StatusValue::FalsePositive, by: Some("amy".to_owned()), ..Status::default() },
            1 => Status { value: StatusValue::RiskAccepted, by: Some("amy".to_owned()), ..Status::default() },
            _ => Status::default(),
        },
        first_seen: Some(day(dice)),
        last_seen: Some("2026-02-27T02:00:00Z".to_owned()),
        due: None,
        notes: Vec::new(),
        fixes: Vec::new(),
        link: None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "times for people")]
fn main() {
    let mut dice = Dice(42);
    let findings: Vec<Finding> = (0..FINDINGS).map(|number| finding(number, &mut dice)).collect();
    let application = Application {
        name: Some("shop".to_owned()),
        criticality: Some("high".to_owned()),
        exposure: Some("internet".to_owned()),
        sla: [("critical", 7), ("high", 30), ("medium", 90), ("low", 180)]
            .map(|(severity, days)| (severity.to_owned(), days))
            .into(),
        approvers: vec!["amy".to_owned()],
        ..Application::default()
    };
    let inputs: Vec<VerdictInput<'_>> = findings
        .iter()
        .enumerate()
        .map(|(number, finding)| VerdictInput {
            finding,
            path: None,
            application: &application,
            change: if number % 50 == 0 { ChangeKind::Introduced } else { ChangeKind::Existing },
            exception: None,
            now: "2026-03-01T10:00:00Z",
        })
        .collect();
    let loading = Instant::now();
    let policy = Policy::built_in();
    let loaded = loading.elapsed();
    let best = batch(&policy, &inputs);
    // None like another: what the policy reads of each is its own.
    let unlike: Vec<Finding> = findings
        .iter()
        .enumerate()
        .map(|(number, finding)| Finding { epss: Some(number as f32 / 20_000.0), ..finding.clone() })
        .collect();
    let unlike: Vec<VerdictInput<'_>> =
        inputs.iter().zip(&unlike).map(|(input, finding)| VerdictInput { finding, ..*input }).collect();
    let all_different = batch(&policy, &unlike);
    // One by one: nothing to share, and a thread for each.
    let alone = Instant::now();
    for input in inputs.iter().take(200) {
        assert!(policy.verdicts(std::slice::from_ref(input), &|| false)[0].is_ok());
    }
    let seen = |input: &VerdictInput<'_>| {
        let finding = input.finding;
        let day = finding.first_seen.as_ref().map(|seen| seen[..10].to_owned());
        let figures =
            (finding.cvss, finding.epss, finding.known_exploited, finding.component.as_ref().map(|c| c.fixed.len()));
        format!(
            "{:?}",
            (finding.kind, finding.severity, finding.confidence, figures, day, &finding.status, input.change)
        )
    };
    let different: std::collections::BTreeSet<String> = inputs.iter().map(seen).collect();
    let report = format!(
        "{} different inputs among {FINDINGS}\nbuilt-in policy loaded in {:.1} ms\n{FINDINGS} verdicts in one batch: {best:.0} ms CPU (best of 5)\nthe same with all inputs different: {all_different:.0} ms CPU\none by one: {:.0} µs each\n",
        different.len(),
        loaded.as_secs_f64() * 1e3,
        alone.elapsed().as_micros() as f64 / 200.0,
    );
    std::io::Write::write_all(&mut std::io::stdout(), report.as_bytes()).unwrap_or_default();
}

/// CPU time of judging all, in milliseconds; the best of five.
fn batch(policy: &Policy, inputs: &[VerdictInput<'_>]) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..5 {
        let before = cpu_ms();
        let verdicts = policy.verdicts(inputs, &|| false);
        best = best.min(cpu_ms() - before);
        assert!(verdicts.iter().all(Result::is_ok));
    }
    best
}

/// CPU time of the whole process, in milliseconds; wall-clock time where the system does not say.
fn cpu_ms() -> f64 {
    let times = std::fs::read_to_string("/proc/self/stat").ok().and_then(|stat| {
        let fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
        Some(fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0)
    });
    times.unwrap_or_else(|| {
        static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
        START.elapsed().as_secs_f64() * 1e3
    })
}
