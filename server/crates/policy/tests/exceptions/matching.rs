//! Which finding an entry is about, and no other.

use aspm_policy::exceptions::{Candidate, Entry, Subject, assign, matches};
use finding::ExceptionState::{self, Approved, Requested};
use finding::{FindingId, Placement, State};
use proptest::prelude::*;

use crate::{entry, with};

const ID: &str = "ci:0123456789abcdef0123";

/// An entry about rule B303 in app/views.py with an id.
fn with_id(id: &str) -> Entry {
    entry(&with("  line: 41", &format!("  id: {id}\n  line: 41")))
}

fn placed(state: State, path: &str, range: std::ops::Range<usize>) -> Placement {
    Placement { state, path: Some(path.into()), range: Some(range), ..Placement::unplaced("for a test") }
}

fn at(range: std::ops::Range<usize>) -> Placement {
    placed(State::Exact, "app/views.py", range)
}

/// A finding of B303 scanned in app/views.py.
struct Found {
    id: FindingId,
    source: &'static str,
    rule: &'static str,
    path: Option<&'static str>,
    text: Option<&'static str>,
    placement: Placement,
}

fn found(id: &str, placement: Placement) -> Found {
    Found {
        id: FindingId::from_stored(id),
        source: "ci",
        rule: "B303",
        path: Some("app/views.py"),
        text: None,
        placement,
    }
}

impl Found {
    fn subject(&self) -> Subject<'_> {
        let Self { id, source, rule, path, text, placement } = self;
        Subject { id, source, rule, path: *path, text: *text, placement }
    }
}

#[test]
fn an_id_counts_with_its_rule_and_its_path_only() {
    let entry = with_id(ID);
    let right = || found(ID, at(10..20));
    assert!(matches(&entry, &right().subject(), None));
    for (what, wrong) in [
        ("another rule", Found { rule: "B304", ..right() }),
        ("another case of the rule", Found { rule: "b303", ..right() }),
        ("another id", found("ci:ffffffffffffffffffff", at(10..20))),
        ("the beginning of the id", found("ci:0123", at(10..20))),
        (
            "another path",
            Found { path: Some("app/other.py"), placement: placed(State::Exact, "app/other.py", 10..20), ..right() },
        ),
        (
            "a longer path",
            Found {
                path: Some("x/app/views.py"),
                placement: placed(State::Exact, "x/app/views.py", 10..20),
                ..right()
            },
        ),
        ("no path", Found { path: None, placement: Placement::unplaced("an image"), ..right() }),
    ] {
        assert!(!matches(&entry, &wrong.subject(), None), "{what}");
    }
    assert!(matches(&entry, &Found { path: Some("./app/views.py"), ..right() }.subject(), None), "a leading ./");
    let mapped = Found { path: Some("/src/app/views.py"), ..right() };
    assert!(matches(&entry, &mapped.subject(), None), "a container's path that is mapped onto the entry's");
}

#[test]
fn the_digits_alone_are_an_id_only_beside_their_source() {
    let finding = found(ID, at(10..20));
    assert!(!matches(&with_id("0123456789abcdef0123"), &finding.subject(), None));
    let named = entry(&with("  line: 41", "  source: ci\n  id: 0123456789abcdef0123\n  line: 41"));
    assert!(matches(&named, &finding.subject(), None));
    assert!(!matches(&with_id("0123"), &finding.subject(), None));
}

#[test]
fn an_entry_for_one_source_is_not_about_anothers_findings() {
    let entry = entry(&with("  line: 41", "  source: central\n  line: 41"));
    assert!(!matches(&entry, &found(ID, at(10..20)).subject(), Some(&at(10..20))));
    assert!(matches(&entry, &Found { source: "central", ..found(ID, at(10..20)) }.subject(), Some(&at(10..20))));
}

#[test]
fn a_place_counts_where_the_anchor_is_sure_and_the_ranges_meet() {
    let entry = with_id("ci:ffffffffffffffffffff");
    let there = |placement: Placement| matches(&entry, &found(ID, at(10..20)).subject(), Some(&placement));
    for state in [State::Exact, State::Moved, State::Edited] {
        assert!(there(placed(state, "app/views.py", 5..11)), "{state:?}");
    }
    for state in [State::Uncertain, State::Gone, State::Unplaced] {
        assert!(!there(placed(state, "app/views.py", 10..20)), "{state:?}");
    }
    assert!(there(at(15..15)), "an empty range inside");
    assert!(!there(at(20..30)), "the next thing on the line");
    assert!(!there(at(0..10)), "the thing before it");
    assert!(!there(placed(State::Exact, "app/other.py", 10..20)), "another file");
    assert!(!there(Placement { range: None, ..at(0..0) }), "a whole file");
}

#[test]
fn a_finding_whose_own_place_is_a_guess_is_not_matched_by_place() {
    let finding = found("ci:ffff", placed(State::Uncertain, "app/views.py", 10..20));
    assert!(!matches(&with_id(ID), &finding.subject(), Some(&at(10..20))));
}

#[test]
fn a_place_does_not_excuse_another_rule() {
    let finding = Found { rule: "B602", ..found(ID, at(10..20)) };
    assert!(!matches(&with_id(ID), &finding.subject(), Some(&at(10..20))));
}

#[test]
fn an_id_that_a_twin_took_over_does_not_carry_the_exception_to_it() {
    let entry = with_id(ID);
    let twin = found(ID, at(100..110));
    assert!(!matches(&entry, &twin.subject(), Some(&at(10..20))), "the code it was written for stands elsewhere");
    let gone = Placement::gone("app/views.py".into(), 0.9, "deleted");
    assert!(!matches(&entry, &twin.subject(), Some(&gone)), "the code it was written for is gone");
    let unsure = placed(State::Uncertain, "app/views.py", 10..20);
    assert!(matches(&entry, &twin.subject(), Some(&unsure)), "a guess does not outweigh the id");
}

fn assigned(entries: &[(&Entry, ExceptionState, Option<Placement>)], findings: &[Found]) -> Vec<Option<usize>> {
    let entries: Vec<Candidate<'_>> = entries
        .iter()
        .map(|(entry, state, placement)| Candidate { entry, state: *state, placement: placement.as_ref() })
        .collect();
    let findings: Vec<Subject<'_>> = findings.iter().map(Found::subject).collect();
    assign(&entries, &findings)
}

#[test]
fn an_entry_excuses_one_finding_however_many_stand_there() {
    let entry = with_id("ci:ffff");
    let findings = [found("ci:a", at(0..40)), found("ci:b", at(10..20)), found("ci:c", at(12..14))];
    assert_eq!(assigned(&[(&entry, Approved, Some(at(10..20)))], &findings), [Some(1)]);
}

#[test]
fn the_best_match_wins_id_before_text_before_place() {
    let entry = with_id(ID);
    let by_place = || found("ci:a", at(10..20));
    let by_text = || Found { text: Some("md5( x )".trim()), ..found("ci:b", at(10..20)) };
    let same_text = || Found { text: Some("md5(x)"), ..found("ci:c", at(12..22)) };
    let by_id = || found(ID, at(14..24));
    let place = Some(at(10..20));
    assert_eq!(assigned(&[(&entry, Approved, place.clone())], &[by_place(), same_text(), by_id()]), [Some(2)]);
    assert_eq!(assigned(&[(&entry, Approved, place.clone())], &[by_place(), same_text()]), [Some(1)]);
    assert_eq!(
        assigned(&[(&entry, Approved, place)], &[found("ci:z", at(19..29)), by_text()]),
        [Some(1)],
        "the same range"
    );
}

#[test]
fn two_entries_share_out_two_twins_on_one_line() {
    let (one, two) = (with_id("ci:ffff"), entry(&with("id: a", "id: b")));
    let findings = [found("ci:a", at(10..20)), found("ci:b", at(10..20))];
    let line = Some(at(0..40));
    assert_eq!(assigned(&[(&one, Approved, line.clone()), (&two, Approved, line)], &findings), [Some(0), Some(1)]);
}

#[test]
fn a_new_entry_cannot_push_a_reviewed_one_onto_a_new_finding() {
    // `old` was reviewed for the finding at 10..20; the change adds a second one beside it, and an entry that fits the old
    // finding better than the reviewed one does.
    let reviewed = entry(&with("id: a", "id: z"));
    let added = with_id("ci:old");
    let findings = [found("ci:old", at(10..20)), found("ci:new", at(16..26))];
    let entries = [(&added, Requested, Some(at(10..20))), (&reviewed, Approved, Some(at(10..20)))];
    assert_eq!(assigned(&entries, &findings), [Some(0), Some(0)], "the new finding has no reviewed exception");
}

#[test]
fn both_versions_of_an_altered_entry_are_about_the_same_finding() {
    let base = with_id(ID);
    let now = Entry { reason: "another".to_owned(), ..base.clone() };
    let findings = [found(ID, at(10..20)), found("ci:b", at(10..20))];
    let place = Some(at(10..20));
    assert_eq!(assigned(&[(&base, Approved, place.clone()), (&now, Requested, place)], &findings), [Some(0), Some(0)]);
}

#[test]
fn an_entry_whose_code_is_gone_excuses_nothing() {
    let gone = Placement::gone("app/views.py".into(), 0.9, "deleted");
    assert_eq!(assigned(&[(&with_id("ci:ffff"), Approved, Some(gone))], &[found(ID, at(10..20))]), [None]);
}

#[test]
fn ten_thousand_entries_on_one_place_are_bounded() {
    let one = with_id("ci:ffff");
    let entries: Vec<Entry> = (0..2_000).map(|number| Entry { id: format!("e{number}"), ..one.clone() }).collect();
    let entries: Vec<_> = entries.iter().map(|entry| (entry, Approved, Some(at(0..1000)))).collect();
    let findings: Vec<Found> = (0..200).map(|number| found(&format!("ci:{number}"), at(number..number + 10))).collect();
    let assigned = assigned(&entries, &findings);
    assert!(assigned.iter().all(Option::is_some));
}

proptest! {
    #[test]
    fn what_is_assigned_matches_and_the_order_of_findings_does_not_matter(
        places in prop::collection::vec((0usize..60, 1usize..20), 1..8),
        own in prop::collection::vec((0usize..60, 1usize..20, any::<bool>()), 1..6),
        shuffled in Just((0usize..8).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let findings: Vec<Found> = places.iter().enumerate().map(|(number, (start, len))| found(&format!("ci:{number:020}"), at(*start..start + len))).collect();
        let entries: Vec<(Entry, ExceptionState, Placement)> = own.iter().enumerate().map(|(number, (start, len, approved))| {
            let entry = Entry { id: format!("e{number}"), ..with_id("ci:ffff") };
            (entry, if *approved { Approved } else { Requested }, at(*start..start + len))
        }).collect();
        let given: Vec<_> = entries.iter().map(|(entry, state, placement)| (entry, *state, Some(placement.clone()))).collect();
        let chosen = assigned(&given, &findings);
        for (number, chosen) in chosen.iter().enumerate() {
            let (entry, _, placement) = &entries[number];
            let fits = |finding: &Found| matches(entry, &finding.subject(), Some(placement));
            match chosen {
                Some(finding) => prop_assert!(fits(&findings[*finding])),
                None => prop_assert!(!findings.iter().any(fits)),
            }
        }
        // An approved entry gets the same with and without requests around.
        let alone: Vec<_> = given.iter().filter(|(_, state, _)| *state == Approved).cloned().collect();
        let of_approved: Vec<_> = chosen.iter().zip(&given).filter(|(_, given)| given.1 == Approved).map(|(chosen, _)| *chosen).collect();
        prop_assert_eq!(assigned(&alone, &findings), of_approved);
        // Twins aside, the order in which findings are given does not matter.
        let distinct: std::collections::HashSet<_> = places.iter().collect();
        if distinct.len() == places.len() && own.len() == 1 {
            let order: Vec<usize> = shuffled.into_iter().filter(|at| *at < findings.len()).collect();
            let turned: Vec<Found> = order.iter().map(|&at| found(findings[at].id.as_str(), findings[at].placement.clone())).collect();
            let again = assigned(&given, &turned)[0].map(|at| turned[at].placement.range.clone());
            let first = chosen[0].map(|at| findings[at].placement.range.clone());
            let distance = |range: &Option<Option<std::ops::Range<usize>>>| range.clone().flatten().map(|range| range.start.abs_diff(own[0].0));
            prop_assert_eq!(distance(&again), distance(&first));
        }
    }
}
