//! Pages as people see them.

use finding::{
    Component, Confidence, Evidence, FindingId, Fix, FlowStep, Note, Reason, Region, Rule, Severity, Status,
    StatusValue, Tool,
};
use proptest::prelude::*;

use super::*;
use crate::present::safe::tests::{danger, hostile};

fn finding(tool: &str, rule: Rule, message: &str, severity: Severity) -> Finding {
    Finding {
        id: FindingId::from_stored("ci:3f2a9c0011223344aabb"),
        source: "ci".into(),
        kind: Kind::Code,
        tool: Tool { name: tool.into(), version: None },
        rule,
        message: message.into(),
        severity,
        confidence: None,
        cvss: None,
        epss: None,
        known_exploited: None,
        due: None,
        vulnerability_ids: Vec::new(),
        evidence: Evidence::default(),
        related: Vec::new(),
        flow: Vec::new(),
        component: None,
        status: Status::default(),
        first_seen: None,
        last_seen: Some("2026-03-07T09:00:00Z".into()),
        notes: Vec::new(),
        fixes: Vec::new(),
        link: None,
    }
}

fn placement(state: State, confidence: f32, reason: &str) -> Placement {
    Placement {
        state,
        path: Some("api/orders.py".into()),
        range: Some(10..20),
        confidence,
        reason: Reason::new(reason),
        suppressed_by: None,
    }
}

fn subject<'a>(finding: &'a Finding, placement: &'a Placement) -> Subject<'a> {
    Subject {
        steps: None,
        finding,
        placement,
        scanned_line: finding.evidence.region.map(|region| region.line),
        path_note: None,
        synced_at: Some("2026-03-10T11:00:00Z"),
        assumed_commit: None,
        package: None,
        judged: None,
        asked: None,
        now: "2026-03-10T12:00:00Z".parse().expect("a time"),
    }
}

fn at(path: &str, line: u32) -> Evidence {
    Evidence { path: Some(path.into()), region: Some(Region::line(line)), ..Evidence::default() }
}

/// Bandit: a single-word rule name, a snippet, a suppression comment; no help text at all.
fn weak_hash() -> Finding {
    let rule = Rule {
        id: "B324".into(),
        name: Some("hashlib".into()),
        cwes: vec![327],
        help_url: Some("https://bandit.readthedocs.io/en/1.9.4/plugins/b324_hashlib.html".into()),
        ..Rule::default()
    };
    let message = "Use of weak MD5 hash for security. Consider usedforsecurity=False";
    Finding {
        evidence: Evidence {
            snippet: Some("    digest = hashlib.md5(body).hexdigest()\n".into()),
            commit: Some("1a2b3c4d5e6f708192a3b4c5d6e7f80912345678".into()),
            branch: Some("main".into()),
            ..at("api/orders.py", 41)
        },
        ..finding("Bandit", rule, message, Severity::High)
    }
}

/// Semgrep: the message is repeated in explanation and help, references in HTML and Markdown, a long flow.
fn sql_injection() -> Finding {
    let message = "Detected SQL built from user input.\nUse a parameterized query.";
    let rule = Rule {
        id: "python.flask.security.injection.tainted-sql-string".into(),
        name: Some("python.flask.security.injection.tainted-sql-string".into()),
        cwes: vec![89],
        help_url: Some("https://semgrep.dev/r/tainted-sql-string".into()),
        explanation: Some(message.into()),
        remediation: Some(format!(
            "{message}\n\nPass values as parameters:\n\n```python\ncursor.execute(\"SELECT * FROM t WHERE id = %s\", (id,))\n```\n\n\
             <b>References:</b>\n - [OWASP](https://owasp.org/www-community/attacks/SQL_Injection)\n"
        )),
        ..Rule::default()
    };
    let step = |line: u32, said: &str| FlowStep { evidence: at("api/app.py", line), message: said.into() };
    let flow = vec![
        step(64, "Source: 'request.args.get(\"van\")' @ 'api/app.py:64'"),
        step(65, "Propagator : 'name' @ 'api/app.py:65'"),
        step(66, ""),
        step(70, "Propagator : 'clause' @ 'api/app.py:70'"),
        step(71, "Propagator : 'clause' @ 'api/app.py:71'"),
        step(72, "Propagator : 'query' @ 'api/app.py:72'"),
        step(73, "Sink: 'cursor.execute(query)' @ 'api/app.py:73'"),
    ];
    Finding {
        evidence: Evidence { snippet: Some("cursor.execute(query)".into()), ..at("api/app.py", 73) },
        flow,
        ..finding("Semgrep OSS", rule, message, Severity::Critical)
    }
}

/// A package: no place in a file, versions that fix it, an accepted risk.
fn package() -> Finding {
    let rule = Rule { id: "CVE-2021-23337".into(), cwes: vec![77], ..Rule::default() };
    Finding {
        kind: Kind::Dependency,
        cvss: Some(7.2),
        epss: None,
        known_exploited: None,
        due: None,
        vulnerability_ids: vec!["CVE-2021-23337".into(), "GHSA-35jh-r3h4-6jhm".into(), "SNYK-JS-1".into()],
        component: Some(Component {
            name: "pkg:npm/lodash".into(),
            version: Some("4.17.20".into()),
            fixed: vec!["4.17.21".into(), "5.0.0".into()],
        }),
        status: Status {
            value: StatusValue::RiskAccepted,
            by: Some("alice".into()),
            at: Some("2026-03-01".into()),
            reason: Some("only templates of our own".into()),
            until: Some("2026-06-01".into()),
            accepted_by: Some("bob".into()),
        },
        notes: vec![Note { by: Some("bob".into()), at: Some("2026-03-01".into()), text: "See *ticket* 12".into() }],
        link: Some("https://dojo.example.com/finding/7".into()),
        ..finding("Trivy", rule, "lodash: command injection via template", Severity::High)
    }
}

#[test]
fn a_hover_says_what_is_wrong_where_it_went_and_no_more() {
    let finding = weak_hash();
    let moved = placement(State::Moved, 0.98, "moved from line 41: 12 lines inserted above");
    assert_eq!(
        markdown(&[subject(&finding, &moved)], Depth::Hover),
        "\
**Use of a Broken or Risky Cryptographic Algorithm** \u{b7} high \u{b7} Bandit `B324`

Moved from line 41: 12 lines inserted above \u{b7} scanned 3 days ago at `1a2b3c4d` on main

Use of weak MD5 hash for security. Consider usedforsecurity=False

[CWE-327](https://cwe.mitre.org/data/definitions/327.html) \u{b7} \
[About the rule](https://bandit.readthedocs.io/en/1.9.4/plugins/b324_hashlib.html)

`aspm-lsp show 3f2a9c`"
    );
}

#[test]
fn a_hover_tells_a_repeated_text_once_and_keeps_both_ends_of_a_long_flow() {
    let finding = sql_injection();
    let exact = placement(State::Exact, 0.99, "the scanned text is unchanged");
    assert_eq!(
        markdown(&[subject(&finding, &exact)], Depth::Hover),
        "\
**SQL Injection** \u{b7} critical \u{b7} Semgrep OSS `python.flask.security.injection.tainted-sql-string`

Scanned 3 days ago

Detected SQL built from user input.  \n\
Use a parameterized query.

**How to fix:** Pass values as parameters:

```python
cursor.execute(\"SELECT * FROM t WHERE id = %s\", (id,))
```

**Data flow**

1. `api/app.py:64` Source: 'request.args.get(\"van\")'
2. `api/app.py:65` Propagator : 'name'
3. `api/app.py:66`

\u{2026} 2 more

6. `api/app.py:72` Propagator : 'query'
7. `api/app.py:73` Sink: 'cursor.execute(query)'

[CWE-89](https://cwe.mitre.org/data/definitions/89.html) \u{b7} \
[About the rule](https://semgrep.dev/r/tainted-sql-string)

`aspm-lsp show 3f2a9c`"
    );
}

#[test]
fn a_page_has_room_for_everything() {
    let (leader, twin) = (sql_injection(), weak_hash());
    let edited = Placement {
        suppressed_by: Some("# nosemgrep".into()),
        ..placement(State::Edited, 0.8, "argument changed since the scan: `execute(\u{2026})`")
    };
    let subjects = [subject(&leader, &edited), subject(&twin, &edited)];
    assert_eq!(
        plain(&subjects, Depth::Page),
        "\
SQL Injection
=============
critical \u{b7} Semgrep OSS python.flask.security.injection.tainted-sql-string

Edited since the scan: verify (line 73 when scanned): argument changed: `execute(\u{2026})` \u{b7} scanned 3 days ago
Suppressed in the code by # nosemgrep
Read from ci 1 hour ago

Detected SQL built from user input.
Use a parameterized query.

Code as scanned
    cursor.execute(query)

How to fix
  Pass values as parameters:

    cursor.execute(\"SELECT * FROM t WHERE id = %s\", (id,))

References
  - OWASP (https://owasp.org/www-community/attacks/SQL_Injection)

Data flow (lines as scanned)
  1. api/app.py:64 Source: 'request.args.get(\"van\")'
  2. api/app.py:65 Propagator : 'name'
  3. api/app.py:66
  4. api/app.py:70 Propagator : 'clause'
  5. api/app.py:71 Propagator : 'clause'
  6. api/app.py:72 Propagator : 'query'
  7. api/app.py:73 Sink: 'cursor.execute(query)'

Also reported by
  - Bandit B324: Use of weak MD5 hash for security. Consider usedforsecurity=False

More
  - CWE-89 (https://cwe.mitre.org/data/definitions/89.html) Improper Neutralization of Special Elements used in an \
SQL Command ('SQL Injection')
  - About the rule (https://semgrep.dev/r/tainted-sql-string)
  - aspm-lsp show 3f2a9c"
    );
    let page = markdown(&subjects, Depth::Page);
    assert!(page.starts_with("# SQL Injection\n\ncritical"), "{page}");
    assert!(page.contains("\n\n## How to fix\n\nPass values as parameters:\n\n```python\n"), "{page}");
}

#[test]
fn a_dependency_is_told_by_package_upgrade_and_decision() {
    let finding = package();
    let unplaced = Placement::unplaced("the finding names no file");
    let subjects = [subject(&finding, &unplaced)];
    assert_eq!(
        markdown(&subjects, Depth::Hover),
        "\
**lodash 4.17.20: Command Injection** \u{b7} high \u{b7} CVSS 7.2 \u{b7} Trivy `CVE-2021-23337`

Not on a line of this workspace: the finding names no file \u{b7} scanned 3 days ago

lodash: command injection via template

**How to fix:** Upgrade `lodash` to `4.17.21`, `5.0.0` or later.

**Status:** risk accepted until 2026-06-01 by alice, 9 days ago, approved by bob: only templates of our own

[CVE-2021-23337](https://nvd.nist.gov/vuln/detail/CVE-2021-23337) \u{b7} \
[GHSA-35jh-r3h4-6jhm](https://github.com/advisories/GHSA-35jh-r3h4-6jhm) \u{b7} `SNYK-JS-1` \u{b7} \
[CWE-77](https://cwe.mitre.org/data/definitions/77.html) \u{b7} [Open in ci](https://dojo.example.com/finding/7)

`aspm-lsp show 3f2a9c`"
    );
    assert_eq!(
        plain(&subjects, Depth::Hover),
        "\
lodash 4.17.20: Command Injection \u{b7} high \u{b7} CVSS 7.2 \u{b7} Trivy CVE-2021-23337

Not on a line of this workspace: the finding names no file \u{b7} scanned 3 days ago

lodash: command injection via template

How to fix
  Upgrade lodash to 4.17.21, 5.0.0 or later.

Status
  risk accepted until 2026-06-01 by alice, 9 days ago, approved by bob: only templates of our own

More
  - CVE-2021-23337 (https://nvd.nist.gov/vuln/detail/CVE-2021-23337)
  - GHSA-35jh-r3h4-6jhm (https://github.com/advisories/GHSA-35jh-r3h4-6jhm)
  - SNYK-JS-1
  - CWE-77 (https://cwe.mitre.org/data/definitions/77.html)
  - Open in ci (https://dojo.example.com/finding/7)
  - aspm-lsp show 3f2a9c"
    );
    assert!(plain(&subjects, Depth::Page).contains("\n\nNotes\n  - bob, 9 days ago: See *ticket* 12\n\n"));
}

#[test]
fn the_second_line_tells_how_the_place_is_known() {
    let mut finding = weak_hash();
    finding.evidence.commit = None;
    finding.evidence.branch = None;
    for (state, confidence, reason, line) in [
        (State::Exact, 0.9, "the scanned text is unchanged", "Scanned 3 days ago"),
        (
            State::Moved,
            0.9,
            "file renamed from __a__.py",
            "File renamed from \\_\\_a\\_\\_.py (line 41 when scanned) \u{b7} scanned",
        ),
        (
            State::Edited,
            0.8,
            "the flagged code changed since the scan",
            "**Edited since the scan: verify** (line 41 when scanned): the flagged code changed \u{b7} scanned",
        ),
        (
            State::Uncertain,
            0.4,
            "several places look the same",
            "**Best guess (40 %)** (line 41 when scanned): several places look the same \u{b7} scanned",
        ),
        (
            State::Gone,
            1.0,
            "line 41 was deleted",
            "**Gone from the code, fixed here pending a scan**: line 41 was deleted \u{b7} scanned",
        ),
        (State::Uncertain, f32::NAN, "`odd", "**Best guess (0 %)** (line 41 when scanned): \\`odd \u{b7} scanned"),
    ] {
        let placement = placement(state, confidence, reason);
        let hover = markdown(&[subject(&finding, &placement)], Depth::Hover);
        let second = hover.lines().nth(2).expect("a second line");
        assert!(second.starts_with(line), "{second}");
    }
}

#[test]
fn freshness_is_as_good_as_what_the_scan_told() {
    let exact = placement(State::Moved, 0.9, "moved from line 41; assuming the scan saw commit 99887766");
    let mut finding = weak_hash();
    let line = |finding: &Finding, assumed| {
        let subject = Subject { assumed_commit: assumed, ..subject(finding, &exact) };
        plain(&[subject], Depth::Hover).lines().nth(2).expect("a second line").to_owned()
    };
    assert_eq!(
        line(&finding, None),
        "Moved from line 41; assuming the scan saw commit 99887766 \u{b7} scanned 3 days ago at 1a2b3c4d on main"
    );
    finding.evidence.commit = None;
    let assumed = Some("99887766554433");
    assert_eq!(line(&finding, assumed), "Moved from line 41 \u{b7} scanned 3 days ago, probably at 99887766 on main");
    finding.last_seen = None;
    assert_eq!(
        line(&finding, assumed),
        "Moved from line 41 \u{b7} scanned, probably at 99887766 on main, read from the source 1 hour ago"
    );
    finding.evidence.branch = None;
    assert_eq!(
        line(&finding, None),
        "Moved from line 41; assuming the scan saw commit 99887766 \u{b7} read from the source 1 hour ago"
    );
}

#[test]
fn titles_are_words_for_people() {
    let named = |id: &str, name: Option<&str>, cwes: &[u32]| {
        let rule = Rule { id: id.into(), name: name.map(Into::into), cwes: cwes.into(), ..Rule::default() };
        title(&finding("T", rule, "m", Severity::Low))
    };
    assert_eq!(named("B104", Some("hardcoded_bind_all_interfaces"), &[605]), "Hardcoded bind all interfaces");
    assert_eq!(
        named("js/sqli", Some("Database query built from user input"), &[89]),
        "Database query built from user input"
    );
    assert_eq!(named("B303", Some("blacklist"), &[327]), "Use of a Broken or Risky Cryptographic Algorithm");
    assert_eq!(named("a.b.raw-query", Some("a.b.raw-query"), &[]), "Raw query");
    assert_eq!(named("X1", None, &[74, 79]), "Cross-site Scripting");
    assert_eq!(named("X1", None, &[]), "X1");
    assert_eq!(named(" ", None, &[]), "Finding without a name");
}

#[test]
fn the_text_of_a_secret_is_not_copied() {
    let mut finding = weak_hash();
    finding.kind = Kind::Secret;
    let edited = placement(State::Edited, 0.8, "the flagged code changed since the scan");
    assert!(!markdown(&[subject(&finding, &edited)], Depth::Page).contains("hashlib.md5"));
}

#[test]
fn no_subject_is_no_text() {
    assert_eq!(markdown(&[], Depth::Hover), "");
    assert_eq!(plain(&[], Depth::Page), "");
}

/// A finding with a stranger's text in every field that holds one.
fn hostile_finding() -> impl Strategy<Value = Finding> {
    prop::collection::vec(hostile(), 12).prop_map(|texts| {
        let some = |index: usize| Some(texts[index].clone());
        let rule = Rule {
            id: texts[0].clone(),
            name: some(1),
            cwes: vec![79, 4_000_000],
            help_url: some(2),
            explanation: some(3),
            remediation: some(4),
            tags: Vec::new(),
        };
        let evidence = Evidence {
            path: some(5),
            region: Some(Region::line(7)),
            snippet: some(6),
            commit: some(7),
            branch: some(8),
            ..Evidence::default()
        };
        let step = FlowStep { evidence: evidence.clone(), message: texts[9].clone() };
        let fixed = vec![texts[8].clone(), texts[1].clone()];
        Finding {
            kind: if texts[0].len().is_multiple_of(2) { Kind::Code } else { Kind::Dependency },
            id: FindingId::from_stored(&texts[10]),
            source: texts[11].clone(),
            confidence: Some(Confidence::Low),
            cvss: Some(f32::INFINITY),
            epss: None,
            known_exploited: None,
            due: None,
            vulnerability_ids: vec![texts[2].clone(), "CVE-2021-1".into()],
            flow: vec![step.clone(); 9],
            related: vec![step],
            evidence,
            component: Some(Component { name: texts[3].clone(), version: some(4), fixed }),
            status: Status {
                value: StatusValue::FalsePositive,
                by: some(5),
                at: some(6),
                reason: some(7),
                until: some(8),
                accepted_by: some(9),
            },
            notes: vec![Note { by: some(10), at: None, text: texts[11].clone() }],
            fixes: vec![Fix { title: texts[1].clone(), replacements: Vec::new(), safety: finding::Safety::Unknown }; 4],
            link: some(2),
            ..finding(&texts[0], rule, &texts[1], Severity::High)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_finding_makes_a_dangerous_or_endless_page(
        finding in hostile_finding(), reason in hostile(), comment in hostile(), note in hostile(),
    ) {
        let placement = Placement {
            suppressed_by: Some(comment.as_str().into()),
            ..placement(State::Edited, 0.5, &reason)
        };
        let leader = Subject { path_note: Some(&note), ..subject(&finding, &placement) };
        let subjects = [leader; 6];
        for depth in [Depth::Hover, Depth::Page] {
            let shown = markdown(&subjects, depth);
            prop_assert_eq!(danger(&shown), None, "{}", shown);
            let plain = plain(&subjects, depth);
            let visible = plain.chars().all(|character| character == '\n' || character == '\t' || !character.is_control());
            prop_assert!(visible, "{plain:?}");
        }
        let hover = markdown(&subjects, Depth::Hover);
        let lines = hover.lines().filter(|line| !line.trim().is_empty()).count();
        prop_assert!(lines <= HOVER_LINES, "{lines} lines:\n{hover}");
    }
}
