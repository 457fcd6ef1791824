//! Findings to store: any at all, and plain ones by number.

use std::path::Path;

use aspm_store::{Key, SourceMeta, Store};
use finding::{
    Columns, Component, Confidence, Evidence, Finding, FindingId, Fix, FlowStep, Kind, Note, Region, Replacement, Rule,
    Severity, Status, StatusValue, Tool,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) fn key() -> Key {
    Key { origin: "https://central.example".into(), product: "shop".into(), account: "dev".into() }
}

/// Opens without a notice or fails.
pub(crate) fn open(folder: &Path) -> Store {
    let opened = Store::open(folder, &key());
    assert_eq!(opened.notices, [""; 0]);
    assert!(opened.store.path().is_some());
    opened.store
}

pub(crate) fn meta() -> SourceMeta {
    SourceMeta { synced_at: "2026-01-02T03:04:05Z".into(), ..SourceMeta::default() }
}

/// Replaces everything.
pub(crate) fn fill(store: &mut Store, findings: &[Finding]) -> SourceMeta {
    let mut replace = store.replace().expect("staged");
    for finding in findings {
        replace.push(finding.clone()).expect("pushed");
    }
    replace.commit(meta()).expect("committed")
}

/// A plain finding; `say` goes into its message.
pub(crate) fn plain(number: usize, say: &str) -> Finding {
    Finding {
        id: FindingId::from_stored(&format!("ci:{number:020x}")),
        source: "ci".into(),
        kind: Kind::Code,
        tool: Tool { name: "Tool".into(), version: None },
        rule: Rule { id: format!("R{}", number % 7), ..Rule::default() },
        message: format!("{say}: finding {number}"),
        severity: Severity::High,
        confidence: None,
        cvss: None,
        epss: None,
        known_exploited: None,
        due: None,
        vulnerability_ids: Vec::new(),
        evidence: Evidence {
            path: Some(format!("src/file{}.py", number % 11)),
            region: Some(Region::line(1)),
            ..Evidence::default()
        },
        related: Vec::new(),
        flow: Vec::new(),
        component: None,
        status: Status::default(),
        first_seen: None,
        last_seen: None,
        notes: Vec::new(),
        fixes: Vec::new(),
        link: None,
    }
}

pub(crate) fn plain_ones(count: usize, say: &str) -> Vec<Finding> {
    (0..count).map(|number| plain(number, say)).collect()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]{0,3}", "[ -~\n\t\u{e9}\u{1F600}\0']{0,40}"]
}

fn ids() -> impl Strategy<Value = String> {
    prop_oneof!["(ci|central|a:b):[0-9a-f]{20}", "ci:[0-9A-F]{20}", "[a-z:]{1,12}", "\u{e9}:[0-9a-f]{19}\u{e9}"]
}

fn columns() -> impl Strategy<Value = Columns> {
    prop_oneof![Just(Columns::Characters), Just(Columns::Utf16), Just(Columns::Bytes)]
}

fn region() -> impl Strategy<Value = Region> {
    (any::<u32>(), of(any::<u32>()), any::<u32>(), of(any::<u32>()), columns()).prop_map(
        |(line, column, end_line, end_column, columns)| Region { line, column, end_line, end_column, columns },
    )
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let path = of(prop_oneof!["[ab]/[cd]\\.py", "[ab]", "\\.\\./[a-z\u{e9}]{1,5}"]);
    (
        (path, of(region()), of(text()), of((any::<u32>(), text()))),
        (of("[0-9a-f]{40}"), of(text()), vec((text(), text()), 0..3), of(text())),
    )
        .prop_map(|((path, region, snippet, context), (commit, branch, fingerprints, symbol))| Evidence {
            path,
            region,
            snippet,
            context,
            commit,
            branch,
            fingerprints,
            symbol,
        })
}

fn rule() -> impl Strategy<Value = Rule> {
    (text(), of(text()), vec(any::<u32>(), 0..3), of(text()), of(text()), of(text()), vec(text(), 0..3)).prop_map(
        |(id, name, cwes, help_url, explanation, remediation, tags)| Rule {
            id,
            name,
            cwes,
            help_url,
            explanation,
            remediation,
            tags,
        },
    )
}

fn status() -> impl Strategy<Value = Status> {
    let value = select(vec![
        StatusValue::Open,
        StatusValue::FalsePositive,
        StatusValue::RiskAccepted,
        StatusValue::OutOfScope,
        StatusValue::Mitigated,
        StatusValue::Duplicate,
    ]);
    (value, of(text()), of(text()), of(text())).prop_map(|(value, by, reason, until)| Status {
        value,
        by,
        reason,
        until,
        ..Status::default()
    })
}

/// Any finding whatever.
pub(crate) fn finding() -> impl Strategy<Value = Finding> {
    let kind =
        select(vec![Kind::Code, Kind::Dependency, Kind::Secret, Kind::Infrastructure, Kind::Container, Kind::Endpoint]);
    let steps = || vec((evidence(), text()).prop_map(|(evidence, message)| FlowStep { evidence, message }), 0..2);
    let fixes = vec(
        (text(), text(), region(), text()).prop_map(|(title, path, region, text)| Fix {
            title,
            replacements: vec![Replacement { path, region, text }],
            safety: finding::Safety::Safe,
        }),
        0..2,
    );
    let notes = vec((of(text()), text()).prop_map(|(by, text)| Note { by, at: None, text }), 0..2);
    let component = of((text(), of(text()), vec(text(), 0..2)).prop_map(|(name, version, fixed)| Component {
        name,
        version,
        fixed,
    }));
    let confidence = of(select(vec![Confidence::Low, Confidence::Medium, Confidence::High]));
    (
        (ids(), text(), kind, text(), of(text()), rule(), text(), select(Severity::ALL.to_vec())),
        (confidence, of(0u16..101), vec(text(), 0..2), evidence(), steps(), steps(), component, status()),
        (of(text()), of(text()), notes, fixes, of(text())),
    )
        .prop_map(
            |(
                (id, source, kind, tool, version, rule, message, severity),
                (confidence, cvss, vulnerability_ids, evidence, related, flow, component, status),
                (first_seen, last_seen, notes, fixes, link),
            )| Finding {
                id: FindingId::from_stored(&id),
                source,
                kind,
                tool: Tool { name: tool, version },
                rule,
                message,
                severity,
                confidence,
                cvss: cvss.map(|tenths| f32::from(tenths) / 10.0),
                epss: None,
                known_exploited: None,
                due: None,
                vulnerability_ids,
                evidence,
                related,
                flow,
                component,
                status,
                first_seen,
                last_seen,
                notes,
                fixes,
                link,
            },
        )
}
