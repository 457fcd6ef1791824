//! Live equals from scratch: after any edits, a parse that followed them places like a fresh one; what history found is
//! kept through edits that are undone.

use std::sync::Arc;

use aspm_anchor::{Basis, Edit, Item, Scan, Source, Target, Version, carry, follow, place};
use finding::{Evidence, Placement, Region, State};
use proptest::prelude::*;
use syntax::Language;

const SCANNED: &str = "import hashlib\n\n\ndef one(x):\n    a = eval(x)\n    return a\n\n\ndef two(y, z):\n    b = eval(y)\n    if b:\n        c = eval(z + 1)\n        return hashlib.md5(c)\n    return eval(y)\n";

fn evidence() -> Vec<Evidence> {
    [5, 10, 12, 13, 14]
        .map(|line| Evidence { path: Some("a.py".to_owned()), region: Some(Region::line(line)), ..Evidence::default() })
        .to_vec()
}

fn scan() -> Scan {
    let source = Arc::new(Source::new("a.py", SCANNED.into()));
    Scan { path: "a.py".into(), basis: Basis::Commit("abc".to_owned()), source: Some(source) }
}

fn items(evidence: &[Evidence]) -> Vec<Item<'_>> {
    let rule = |at: usize| if at == 3 { "md5" } else { "eval" };
    evidence.iter().enumerate().map(|(at, evidence)| Item { evidence, tool: "t", rule: rule(at), scan: 0 }).collect()
}

fn placed(source: &Source) -> Vec<Placement> {
    let (evidence, scan) = (evidence(), scan());
    let home = Target { path: "a.py".into(), source, before: scan.source.as_deref() };
    place(&items(&evidence), std::slice::from_ref(&scan), Some(&home), &[], &|| false)
}

/// Where, how many characters go, what comes.
fn edits() -> impl Strategy<Value = Vec<(usize, usize, &'static str)>> {
    let inserted = prop_oneof![
        Just(""),
        Just("x"),
        Just("\n"),
        Just("import os\n"),
        Just("    d = eval(x)\n"),
        Just("("),
        Just(")"),
        Just("'"),
        Just("if y:\n    "),
        Just("def new():\n    pass\n"),
    ];
    prop::collection::vec((0usize..400, 0usize..30, inserted), 1..8)
}

fn edited(text: &mut String, (at, length, inserted): (usize, usize, &str)) -> Edit {
    let start = at.min(text.len());
    let range = start..(start + length).min(text.len());
    let edit = Edit::replace(text, range.clone(), inserted);
    text.replace_range(range, inserted);
    edit
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn after_any_edits_a_parse_that_followed_them_places_like_a_fresh_one(edits in edits()) {
        let mut text = SCANNED.to_owned();
        let mut parsed = syntax::parse(Language::Python, &text, None, &|| false);
        for edit in edits {
            let edit = edited(&mut text, edit);
            if let Some(parsed) = &mut parsed {
                parsed.edit(&edit);
            }
            parsed = syntax::parse(Language::Python, &text, parsed.as_ref(), &|| false);
        }
        let fresh = Source::new("a.py", text.as_str().into());
        // Where the syntax is broken, two parses may recover differently.
        let is_whole = |parsed: Option<&syntax::Parsed>| parsed.is_some_and(|parsed| !parsed.has_error_near(0..text.len()));
        if is_whole(fresh.parsed()) && is_whole(parsed.as_ref()) {
            let live = Source::with_parsed(text.as_str().into(), Some(Language::Python), parsed);
            prop_assert_eq!(placed(&live), placed(&fresh));
        }
    }

    #[test]
    fn what_was_carried_is_unchanged_in_the_committed_text_and_comes_back_when_edits_are_undone(
        first in edits(), second in edits(),
    ) {
        let (evidence, scan) = (evidence(), scan());
        let items = items(&evidence);
        let mut text = SCANNED.to_owned();
        let mut versions = Vec::new();
        for edits in [first, second] {
            for edit in edits {
                edited(&mut text, edit);
            }
            versions.push(Version { path: "a.py".into(), source: Arc::new(Source::new("a.py", text.as_str().into())) });
        }
        let carried: Vec<Option<Placement>> =
            carry(&items, &scan, &versions, &[], &|| false).into_iter().map(Some).collect();
        let head = versions.last().expect("two");
        for placement in carried.iter().flatten() {
            prop_assert!(placement.range.iter().all(|range| text.get(range.clone()).is_some()));
            prop_assert!((0.0..=1.0).contains(&placement.confidence));
        }
        let undone = Source::new("a.py", text.as_str().into());
        let home = Target { path: "a.py".into(), source: &undone, before: scan.source.as_deref() };
        let again = follow(&items, (head, &carried), std::slice::from_ref(&scan), Some(&home), &[], &|| false);
        prop_assert_eq!(again.into_iter().map(Some).collect::<Vec<_>>(), carried);
    }

    #[test]
    fn lines_typed_above_move_what_was_carried_by_as_much(edits in edits(), above in 1usize..4) {
        let (evidence, scan) = (evidence(), scan());
        let items = items(&evidence);
        let mut text = SCANNED.to_owned();
        for edit in edits {
            edited(&mut text, edit);
        }
        let version = |text: &str| Version { path: "a.py".into(), source: Arc::new(Source::new("a.py", text.into())) };
        let versions = [version(&format!("{SCANNED}#\n")), version(&text)];
        let carried: Vec<Option<Placement>> =
            carry(&items, &scan, &versions, &[], &|| false).into_iter().map(Some).collect();
        let buffer = Source::new("a.py", format!("{}{text}", "# typed\n".repeat(above)).into());
        let home = Target { path: "a.py".into(), source: &buffer, before: scan.source.as_deref() };
        let now = follow(&items, (&versions[1], &carried), std::slice::from_ref(&scan), Some(&home), &[], &|| false);
        for (now, then) in now.iter().zip(carried.iter().flatten()) {
            let Some(range) = &then.range else { continue };
            let moved = range.start + above * 8;
            prop_assert_eq!(now.range.as_ref().map(|range| range.start), Some(moved), "{:?} {:?}", then, now);
            prop_assert_eq!(now.state == State::Edited, then.state == State::Edited, "{:?} {:?}", then, now);
        }
    }
}
