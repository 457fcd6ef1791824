//! Where the time of one verification goes: 12,000 lines, 200 findings, one line changed.
//!
//! `cargo run --release -p aspm-anchor --example bench_place`

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use aspm_anchor::{Basis, Item, Scan, Source, Target, place};
use finding::{Evidence, Region};
use syntax::Edit;

fn main() {
    let (text, lines) = sample(12_000, 200);
    let evidence: Vec<Evidence> = lines
        .iter()
        .map(|&line| Evidence {
            path: Some("big.py".into()),
            region: Some(Region::line(line)),
            snippet: text.lines().nth(line as usize - 1).map(|line| format!("{line}\n")),
            ..Evidence::default()
        })
        .collect();
    let then = Arc::new(Source::new("big.py", text.clone().into()));
    let scan = Scan { path: "big.py".into(), basis: Basis::Commit("0".repeat(40)), source: Some(then.clone()) };
    let items: Vec<Item<'_>> =
        evidence.iter().map(|evidence| Item { evidence, tool: "Bandit", rule: "B303", scan: 0 }).collect();
    let mut parsed = then.parsed().cloned();
    let mut now: String = text;
    let (mut index, mut parse, mut placing) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..40 {
        let at = now.find("compute(").expect("a call") + if round % 2 == 0 { 0 } else { 3 };
        let inserted = if round % 2 == 0 { " " } else { "" };
        let removed = if round % 2 == 0 { at..at } else { at - 3..at - 3 };
        let edit = Edit::replace(&now, removed.clone(), inserted);
        now.replace_range(removed, inserted);
        if let Some(parsed) = &mut parsed {
            parsed.edit(&edit);
        }
        let shared: Arc<str> = now.as_str().into();
        let begun = Instant::now();
        std::hint::black_box(finding::text::LineIndex::new(&shared));
        index.push(begun.elapsed());
        let begun = Instant::now();
        parsed = syntax::parse(syntax::Language::Python, &shared, parsed.as_ref(), &|| false);
        parse.push(begun.elapsed());
        let source = Source::with_parsed(shared, Some(syntax::Language::Python), parsed.clone());
        let begun = Instant::now();
        let home = Target { path: "big.py".into(), source: &source, before: Some(&then) };
        let placements = place(&items, std::slice::from_ref(&scan), Some(&home), &[], &|| false);
        placing.push(begun.elapsed());
        assert!(placements.iter().all(|placement| placement.state.is_on_code()));
    }
    let rewritten = rewritten(&items, &scan);
    let all =
        [("line index", index), ("incremental parse", parse), ("place", placing), ("all lines rewritten", rewritten)];
    for (what, mut took) in all {
        took.sort();
        println!("{what:20} median {:>9.2?}  p95 {:>9.2?}", took[took.len() / 2], took[took.len() * 95 / 100]);
    }
}

/// Every line of the file is another one: the most that one edit can ask for.
fn rewritten(items: &[Item<'_>], scan: &Scan) -> Vec<std::time::Duration> {
    let Some(then) = &scan.source else { return Vec::new() };
    let text = then.text.replace("payload", "request").replace("    ", "  ");
    let mut took = Vec::new();
    for _ in 0..10 {
        let source = Source::new("big.py", text.as_str().into());
        let _ = source.parsed();
        let begun = Instant::now();
        let home = Target { path: "big.py".into(), source: &source, before: Some(then) };
        std::hint::black_box(place(items, std::slice::from_ref(scan), Some(&home), &[], &|| false));
        took.push(begun.elapsed());
    }
    took
}

fn sample(lines: usize, findings: usize) -> (String, Vec<u32>) {
    let (mut text, mut flagged, mut at) = (String::new(), Vec::new(), 0_u32);
    let step = lines / findings;
    for function in 0..findings {
        let _ = writeln!(text, "def handle_{function}(payload):");
        at += 1;
        for line in 0..step - 2 {
            at += 1;
            if line == step / 2 {
                flagged.push(at);
                let _ = writeln!(text, "    digest_{function} = hashlib.md5(payload).hexdigest()");
            } else {
                let _ = writeln!(text, "    value_{line} = compute(payload, {line}) + {function}");
            }
        }
        text.push('\n');
        at += 1;
    }
    (text, flagged)
}
