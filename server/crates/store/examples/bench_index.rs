//! Writes 100,000 findings into a cache in a temporary folder, loads their index, and prints what that cost.
//!
//! `cargo run --release -p aspm-store --example bench_index [COUNT]`. Linux only for the memory figures.
#![expect(clippy::print_stdout, reason = "a benchmark reports to the terminal")]

use std::path::Path;
use std::time::Instant;

use aspm_store::{Error, Key, SourceMeta, Store};
use finding::{
    Columns, Evidence, Finding, FindingId, Index, IndexBuilder, Kind, Region, RowFacts, Rule, Severity, Status,
    StatusValue, Tool,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some("load") {
        let folder = std::env::args().nth(2).ok_or("load needs a folder")?;
        return load(Path::new(&folder));
    }
    let count = argument.map_or(Ok(100_000), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    write(folder.path(), count)?;
    // In a process of its own, so that memory is that of loading alone.
    let load = std::process::Command::new(std::env::current_exe()?).arg("load").arg(folder.path()).status()?;
    if load.success() { Ok(()) } else { Err("loading failed".into()) }
}

fn write(folder: &Path, count: u32) -> Result<(), Error> {
    let mut store = Store::open(folder, &key()).store;
    for what in ["first time", "again, nothing new"] {
        let start = Instant::now();
        let mut replace = store.replace()?;
        for number in 0..count {
            replace.push(sample(number))?;
        }
        let pushed = Instant::now();
        let meta = replace.commit(SourceMeta { synced_at: "2026-01-01T00:00:00Z".into(), ..SourceMeta::default() })?;
        println!(
            "replace, {what}: {} findings in {:.2?} (of that {:.2?} in commit)",
            meta.findings,
            start.elapsed(),
            pushed.elapsed()
        );
    }
    let size = store.path().and_then(|path| path.metadata().ok()).map_or(0, |facts| facts.len());
    println!("database: {} MB", size >> 20);
    Ok(())
}

fn load(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let before = resident();
    let start = Instant::now();
    let opened = Store::open(folder, &key());
    println!("open: {:.2?} {}", start.elapsed(), opened.notices.join(" "));
    let mut kept = None;
    for _ in 0..5 {
        drop(kept.take());
        let start = Instant::now();
        kept = Some(opened.store.load_index()?);
        println!("load_index: {:.2?}", start.elapsed());
    }
    let (meta, index) = kept.ok_or("nothing loaded")?;
    println!("rows: {}; resident memory {} KB before, {} KB with one index", meta.findings, before, resident());

    let rebuilt = rebuild(&index);
    println!("IndexBuilder alone, same rows: {rebuilt:.2?}");

    let path = index.path(&index.rows()[index.rows().len() / 2]).to_owned();
    let start = Instant::now();
    let details = opened.store.findings_at(&[&path])?;
    println!("findings_at, one file with {} findings: {:.2?}", details.len(), start.elapsed());
    Ok(())
}

fn rebuild(index: &Index) -> std::time::Duration {
    let start = Instant::now();
    let mut builder = IndexBuilder::default();
    for row in index.rows() {
        builder.push(RowFacts {
            id: row.id.as_str(),
            rule: index.rule(row),
            path: index.path(row),
            message: index.message(row),
            tool: index.tool(row),
            line: row.line,
            severity: row.severity,
            status: row.status,
            kind: row.kind,
        });
    }
    assert_eq!(builder.finish().rows().len(), index.rows().len());
    start.elapsed()
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse().ok()).unwrap_or(0)
}

fn key() -> Key {
    Key { origin: "https://central.example".into(), product: "shop".into(), account: "dev".into() }
}

/// 2,000 files, 300 rules, every fourth message of its own.
fn sample(number: u32) -> Finding {
    let (file, rule) = (number.wrapping_mul(7919) % 2000, number % 300);
    let digits = u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let line = number % 900 + 1;
    let message = if number.is_multiple_of(4) {
        format!("User input from `request.args` reaches `execute` in statement {number} without being bound")
    } else {
        format!("Use of a weak hash for security, rule {rule}: consider a stronger one")
    };
    Finding {
        id: FindingId::from_stored(&format!("central:{digits:016x}{:04x}", number & 0xFFFF)),
        source: "central".into(),
        kind: Kind::Code,
        tool: Tool { name: "Analyser".into(), version: Some("1.2.3".into()) },
        rule: Rule {
            id: format!("language.security.rule-{rule:03}"),
            name: Some(format!("rule {rule}")),
            cwes: vec![89],
            help_url: Some(format!("https://rules.example/{rule}")),
            explanation: Some("What is wrong and why it matters, at some length. ".repeat(30)),
            remediation: Some("What to do instead, with an example. ".repeat(20)),
            tags: vec!["security".into()],
        },
        message,
        severity: Severity::ALL[(number % 5) as usize],
        confidence: None,
        cvss: None,
        epss: None,
        known_exploited: None,
        due: None,
        vulnerability_ids: Vec::new(),
        evidence: Evidence {
            path: Some(format!("services/component-{:02}/src/package/module_{file:04}.py", file % 40)),
            region: Some(Region {
                line,
                column: Some(5),
                end_line: line,
                end_column: Some(40),
                columns: Columns::Bytes,
            }),
            snippet: Some(format!("    cursor.execute(\"SELECT * FROM t WHERE id = \" + value_{number})")),
            context: Some((line, "def handler(request):\n    value = request.args\n".repeat(4))),
            commit: Some("0123456789abcdef0123456789abcdef01234567".into()),
            branch: Some("main".into()),
            fingerprints: vec![("primaryLocationLineHash".into(), format!("{digits:016x}:1"))],
            symbol: Some("handler".into()),
        },
        related: Vec::new(),
        flow: Vec::new(),
        component: None,
        status: Status { value: StatusValue::Open, ..Status::default() },
        first_seen: Some("2025-12-01T00:00:00Z".into()),
        last_seen: Some("2026-01-01T00:00:00Z".into()),
        notes: Vec::new(),
        fixes: Vec::new(),
        link: Some(format!("https://central.example/finding/{number}")),
    }
}
