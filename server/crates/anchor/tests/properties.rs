//! What holds for any text: ranges stay valid, equal texts place exactly, live shifts follow the characters.

use std::ops::Range;
use std::sync::Arc;

use aspm_anchor::{Basis, Edit, Item, Scan, Source, Target, place, shift};
use finding::{Columns, Evidence, Placement, Region, State};
use proptest::prelude::*;

fn placed(scanned: Option<&str>, current: &str, evidence: &[Evidence], path: &str) -> Vec<Placement> {
    let never = || false;
    let source = scanned.map(|text| Arc::new(Source::new(path, text.into())));
    let basis = match &source {
        Some(_) => Basis::Commit("abc".to_owned()),
        None => Basis::Nothing("no commit".to_owned()),
    };
    let scans = [Scan { path: path.into(), basis, source }];
    let current = Source::new(path, current.into());
    let home = Target { path: path.into(), source: &current, before: None };
    let items: Vec<Item<'_>> =
        evidence.iter().map(|evidence| Item { evidence, tool: "t", rule: "r", scan: 0 }).collect();
    place(&items, &scans, Some(&home), std::slice::from_ref(&home), &never)
}

fn evidence(region: Region, snippet: Option<String>) -> Evidence {
    Evidence { path: Some("a.py".to_owned()), region: Some(region), snippet, ..Evidence::default() }
}

/// Texts with the shapes that matter: calls, repeated lines, broken syntax, odd characters and line ends.
fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("    eval(x)"),
        Just("def f(x):"),
        Just("y = md5(a, 'b')"),
        Just("  )"),
        Just("("),
        Just(""),
        Just("\u{e9}\u{1F600} = \"\u{e9}\""),
        Just("# nosec"),
        Just("'''"),
        Just("return [1, {2: x}]"),
    ];
    let end = prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\r")];
    prop::collection::vec((line, end), 0..14)
        .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end]).collect())
}

fn columns() -> impl Strategy<Value = Columns> {
    prop_oneof![Just(Columns::Characters), Just(Columns::Utf16), Just(Columns::Bytes)]
}

fn region() -> impl Strategy<Value = Region> {
    (0u32..16, prop::option::of(0u32..20), 0u32..4, prop::option::of(0u32..20), columns()).prop_map(
        |(line, column, more, end_column, columns)| Region { line, column, end_line: line + more, end_column, columns },
    )
}

fn is_inside(range: &Range<usize>, text: &str) -> bool {
    text.get(range.clone()).is_some()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_texts_and_regions_give_valid_placements(
        scanned in prop::option::of(text()), current in text(),
        told in prop::collection::vec((region(), prop::option::of("[a-z()\u{e9} ]{0,12}")), 0..6),
        path in prop_oneof![Just("a.py"), Just("a.js"), Just("a.unknown")],
    ) {
        let evidence: Vec<Evidence> = told.into_iter().map(|(region, snippet)| evidence(region, snippet)).collect();
        let placements = placed(scanned.as_deref(), &current, &evidence, path);
        prop_assert_eq!(placements.len(), evidence.len());
        for placement in placements {
            prop_assert!(placement.range.iter().all(|range| is_inside(range, &current)), "{:?}", placement);
            prop_assert_eq!(placement.range.is_some(), placement.state.is_on_code(), "{:?}", placement);
            prop_assert!((0.0..=1.0).contains(&placement.confidence));
            let reason = placement.reason.to_string();
            prop_assert!(!reason.is_empty() && reason.chars().count() <= 120 && !reason.contains('\n'), "{}", reason);
        }
    }

    #[test]
    fn in_an_unchanged_text_every_region_is_exact(text in text(), region in region()) {
        let source = Source::with_parsed(text.as_str().into(), None, None);
        let resolved = source.lines.resolve(&text, &region);
        let placement = &placed(Some(&text), &text, &[evidence(region, None)], "a.py")[0];
        match resolved {
            Some(range) => {
                prop_assert_eq!(placement.state, State::Exact);
                let now = placement.range.clone().expect("a range");
                prop_assert_eq!(text[now].trim_end(), text[range].trim_end());
            }
            None => prop_assert!(placement.state != State::Exact && placement.state != State::Moved),
        }
    }

    #[test]
    fn lines_put_above_move_every_region_by_as_much(text in text(), region in region(), above in 1usize..5) {
        let current = format!("{}{text}", "import os\n".repeat(above));
        let source = Source::with_parsed(text.as_str().into(), None, None);
        if let Some(range) = source.lines.resolve(&text, &region) {
            let placement = &placed(Some(&text), &current, &[evidence(region, None)], "a.py")[0];
            prop_assert_eq!(placement.state, State::Moved);
            let now = placement.range.clone().expect("a range");
            prop_assert_eq!(now.start.min(current.trim_end().len()), (range.start + above * 10).min(current.trim_end().len()));
            prop_assert_eq!(current[now].trim_end(), text[range].trim_end());
        }
    }

    #[test]
    fn a_place_goes_to_one_sibling_only(scanned in text(), current in text()) {
        let lines = u32::try_from(scanned.lines().count()).expect("few");
        let evidence: Vec<Evidence> = (1..=lines)
            .filter(|line| scanned.lines().nth(*line as usize - 1).is_some_and(|text| text.contains("eval")))
            .map(|line| evidence(Region::line(line), None))
            .collect();
        let mut ranges: Vec<(usize, usize)> = placed(Some(&scanned), &current, &evidence, "a.py")
            .into_iter()
            .filter(|placement| matches!(placement.state, State::Exact | State::Moved | State::Edited))
            .filter_map(|placement| placement.range.map(|range| (range.start, range.end)))
            .collect();
        let all = ranges.len();
        ranges.sort_unstable();
        ranges.dedup();
        prop_assert_eq!(ranges.len(), all);
    }

    #[test]
    fn a_shifted_range_is_valid_and_holds_the_same_text_when_the_edit_is_elsewhere(
        text in "[a-c\u{e9}\u{1F600}\n]{0,24}", a in 0usize..25, b in 0usize..25, c in 0usize..25, d in 0usize..25,
        inserted in "[x-z\u{ea}\n]{0,5}",
    ) {
        let edges: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let at = |n: usize| edges[n % edges.len()];
        let range = at(a).min(at(b))..at(a).max(at(b));
        let replaced = at(c).min(at(d))..at(c).max(at(d));
        let edit = Edit::replace(&text, replaced.clone(), &inserted);
        let mut new = text.clone();
        new.replace_range(replaced.clone(), &inserted);
        let shifted = shift(&range, &edit);
        prop_assert!(is_inside(&shifted, &new), "{:?}", shifted);
        // A marker on every character of the range: those the edit leaves alone must stay inside.
        let kept: String = text[range.clone()]
            .char_indices()
            .filter(|(at, _)| !replaced.contains(&(range.start + at)))
            .map(|(_, character)| character)
            .collect();
        let now: String = new[shifted.clone()].chars().filter(|c| !('x'..='z').contains(c) && *c != '\u{ea}').collect();
        if inserted.contains('\n') {
            let without_breaks = |text: &str| text.replace('\n', "");
            prop_assert_eq!(without_breaks(&now), without_breaks(&kept));
        } else {
            prop_assert_eq!(&now, &kept);
        }
        if range.end < replaced.start || replaced.end < range.start {
            prop_assert_eq!(&new[shifted], &text[range]);
        }
    }
}

#[test]
fn typing_over_the_whole_range_keeps_it_there_and_removing_it_leaves_a_point() {
    let text = "h = md5(x)\n";
    let over = Edit::replace(text, 4..10, "sha256(x)");
    assert_eq!(shift(&(4..10), &over), 4..13);
    let removed = Edit::replace(text, 4..10, "");
    assert_eq!(shift(&(4..10), &removed), 4..4);
    let covering = Edit::replace(text, 0..11, "new\n");
    assert_eq!(shift(&(4..10), &covering), 0..0);
}

#[test]
fn text_typed_at_an_edge_stays_outside_and_a_replaced_callee_inside() {
    let text = "h = md5(x)\n";
    assert_eq!(shift(&(4..10), &Edit::replace(text, 4..4, "a.")), 6..12);
    assert_eq!(shift(&(4..10), &Edit::replace(text, 10..10, ".hex()")), 4..10);
    assert_eq!(shift(&(4..10), &Edit::replace(text, 4..7, "sha1")), 4..11);
    assert_eq!(shift(&(4..10), &Edit::replace(text, 7..10, "")), 4..7);
}

#[test]
fn an_interrupted_call_says_so_for_what_it_did_not_reach() {
    let scanned = Arc::new(Source::with_parsed("eval(x)\n".into(), None, None));
    let scans = [Scan { path: "a.py".into(), basis: Basis::Commit("abc".to_owned()), source: Some(scanned.clone()) }];
    let home = Target { path: "a.py".into(), source: &scanned, before: None };
    let evidence = evidence(Region::line(1), None);
    let items = [Item { evidence: &evidence, tool: "t", rule: "r", scan: 0 }];
    let placements = place(&items, &scans, Some(&home), &[], &|| true);
    assert_eq!(placements[0].state, State::Unplaced);
    assert_eq!(placements[0].reason.to_string(), "placing was interrupted");
}

#[test]
fn in_a_minified_file_what_the_edit_leaves_alone_stays() {
    let functions: Vec<String> = (0..2_000).map(|n| format!("function f{n}(a){{return eval(a+{n})}};")).collect();
    let old = functions.concat();
    let at = old.find("eval(a+1500)").expect("there");
    let column = u32::try_from(at + 1).expect("small");
    let region = Region {
        line: 1,
        column: Some(column),
        end_line: 1,
        end_column: Some(column + 12),
        columns: Columns::Characters,
    };
    let new = old.replacen("return eval(a+700)", "return b(a)", 1);
    let placement = &placed(Some(&old), &new, &[evidence(region, None)], "a.min.js")[0];
    assert_eq!(placement.state, State::Exact);
    assert_eq!(&new[placement.range.clone().expect("a range")], "eval(a+1500)");
}

#[test]
fn nothing_is_gone_for_being_in_a_file_too_large_to_search() {
    let lines: Vec<String> = (0..60_000).map(|n| format!("run curl http://x/{n} -o file{n} --insecure\n")).collect();
    let old = lines.concat();
    let new = old.replace("run ", "sh ");
    let placement = &placed(Some(&old), &new, &[evidence(Region::line(30_000), None)], "jobs.list")[0];
    assert_eq!(placement.state, State::Uncertain, "{placement:?}");
    assert!(placement.reason.to_string().contains("about here"), "{placement:?}");
    let now = placement.range.clone().expect("a range");
    assert!(new[now].contains("http://x/29999 "), "{placement:?}");
}

#[test]
fn lines_that_another_file_had_when_scanned_are_nobodys_new_place() {
    let never = || false;
    let source = |path: &str, text: &str| Source::new(path, text.into());
    let scanned = Arc::new(source("a.py", "def f(c):\n    subprocess.call(c, shell=True)\n\nx = 1\n"));
    let current = source("a.py", "x = 1\n");
    let then = source("b.py", "def f(c):\n    subprocess.call(c, shell=True)\n");
    let scans = [Scan { path: "a.py".into(), basis: Basis::Commit("abc".to_owned()), source: Some(scanned) }];
    let evidence = evidence(Region::line(2), None);
    let items = [Item { evidence: &evidence, tool: "t", rule: "r", scan: 0 }];
    let home = Target { path: "a.py".into(), source: &current, before: None };
    let state_with = |before: Option<&Source>| {
        let other = Target { path: "b.py".into(), source: &then, before };
        place(&items, &scans, Some(&home), &[other], &never)[0].state
    };
    assert_eq!(state_with(Some(&then)), State::Gone);
    assert_eq!(state_with(None), State::Moved, "a file that is new since may hold it");
}
