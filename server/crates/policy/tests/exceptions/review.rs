//! A change cannot review itself: what counts is what was there before it.

use aspm_policy::exceptions::{Expiry, Parsed, parse, states};
use finding::ExceptionState::{self, Approved, Requested};
use finding::StatusValue;

use crate::{GOOD, file, good, today, with};

/// The states as (id, state, reason).
fn told(at_base: Option<&str>, now: &str) -> Vec<(String, ExceptionState, String)> {
    let base = at_base.map(parse);
    states(base.as_ref(), &parse(now)).into_iter().map(|(entry, state)| (entry.id, state, entry.reason)).collect()
}

fn plain(id: &str, state: ExceptionState, reason: &str) -> (String, ExceptionState, String) {
    (id.to_owned(), state, reason.to_owned())
}

#[test]
fn what_was_there_is_approved_and_what_is_new_is_requested() {
    let base = file(&[GOOD]);
    let now = file(&[&with("id: a", "id: b"), GOOD]);
    assert_eq!(told(Some(&base), &now), [plain("b", Requested, "legacy"), plain("a", Approved, "legacy")]);
}

#[test]
fn without_an_earlier_state_all_are_requested() {
    for base in [None, Some(""), Some("version: 1\n"), Some("<<<<<<< a\n"), Some("version: 9\n")] {
        assert_eq!(told(base, &file(&[GOOD])), [plain("a", Requested, "legacy")], "{base:?}");
    }
}

#[test]
fn what_weighs_nothing_may_change() {
    let now = format!(
        "# why\nversion: 1\nexceptions:\n\n  - {}\n    requested_by: dana\n    ticket: SEC-1\n",
        GOOD.replace('\n', "\n    ")
    );
    assert_eq!(told(Some(&file(&[GOOD])), &now), [plain("a", Approved, "legacy")]);
}

#[test]
fn every_alteration_is_requested_while_the_reviewed_version_goes_on_counting() {
    let base = good(&file(&[GOOD]));
    for (replaced, by) in [
        ("2027-01-31", "2027-02-01"),
        ("2027-01-31", "2099-01-01"),
        ("\nexpires: 2027-01-31", ""),
        ("risk_accepted", "false_positive"),
        ("risk_accepted", "out_of_scope"),
        ("B303", "B304"),
        ("app/views.py", "app/other.py"),
        ("line: 41", "line: 42"),
        ("md5(x)", "eval(x)"),
        ("  line: 41", "  line: 41\n  id: ci:0123456789abcdef0123"),
        ("  line: 41", "  line: 41\n  symbol: other"),
        ("  line: 41", "  line: 41\n  commit: 3f2a9c0d5e6f708192a3b4c5d6e7f8091a2b3c4d"),
        ("legacy", "anything"),
    ] {
        let now = parse(&file(&[&with(replaced, by)]));
        let states = states(Some(&base), &now);
        assert_eq!(states.len(), 2, "{by}");
        assert_eq!(states[0], (base.entries[0].clone(), Approved), "{by}");
        assert_eq!(states[1], (now.entries[0].clone(), Requested), "{by}");
    }
}

#[test]
fn a_source_taken_off_an_entry_widens_it_and_is_requested() {
    let base = good(&file(&[&with("  line: 41", "  line: 41\n  source: ci")]));
    let states = states(Some(&base), &good(&file(&[GOOD])));
    assert_eq!(
        states.iter().map(|(entry, state)| (entry.finding.source.as_deref(), *state)).collect::<Vec<_>>(),
        [(Some("ci"), Approved), (None, Requested)]
    );
}

#[test]
fn an_earlier_end_needs_no_review_and_holds_for_both_versions() {
    let base = good(&file(&[GOOD]));
    let earlier = good(&file(&[&with("2027-01-31", "2026-12-31")]));
    assert_eq!(states(Some(&base), &earlier), [(earlier.entries[0].clone(), Approved)]);
    let also_other = good(&file(&[&with("2027-01-31", "2026-12-31").replace("md5(x)", "eval(x)")]));
    let both = states(Some(&base), &also_other);
    assert_eq!(both[0].0.expires, Expiry::On(jiff::civil::date(2026, 12, 31)));
    assert_eq!((both[0].1, both[1].1), (Approved, Requested));
}

#[test]
fn an_expired_entry_is_not_revived_by_the_change_that_extends_it() {
    let base = good(&file(&[&with("2027-01-31", "2026-11-01")]));
    let counting: Vec<_> = states(Some(&base), &good(&file(&[GOOD])))
        .into_iter()
        .filter(|(entry, _)| !entry.is_expired(today()))
        .collect();
    assert_eq!(counting.iter().map(|(_, state)| *state).collect::<Vec<_>>(), [Requested]);
}

#[test]
fn what_is_taken_out_applies_no_more_at_once() {
    for now in ["", "version: 1\nexceptions: []\n", &file(&[&with("id: a", "id: b")])] {
        assert!(told(Some(&file(&[GOOD])), now).iter().all(|(id, state, _)| id != "a" && *state == Requested), "{now}");
    }
}

#[test]
fn another_id_for_the_same_words_is_another_entry() {
    assert_eq!(told(Some(&file(&[GOOD])), &file(&[&with("id: a", "id: z")])), [plain("z", Requested, "legacy")]);
}

#[test]
fn an_entry_that_the_base_refused_is_not_reviewed_by_being_corrected() {
    for broken in [with("reason: legacy", "reason:"), with("B303", "'*'"), with("status", "staus")] {
        assert_eq!(told(Some(&file(&[&broken])), &file(&[GOOD])), [plain("a", Requested, "legacy")], "{broken}");
    }
    let twins = file(&[GOOD, &with("B303", "B304")]);
    assert_eq!(told(Some(&twins), &file(&[GOOD])), [plain("a", Requested, "legacy")], "one of two of one id");
}

#[test]
fn a_claim_of_approval_changes_no_state() {
    let claimed = format!("{GOOD}\nrequested_by: dana\napproved_by: ciso\nstate: approved");
    assert_eq!(told(None, &file(&[&claimed])), [plain("a", Requested, "legacy")]);
    assert_eq!(told(Some("version: 1\n"), &file(&[&claimed])), [plain("a", Requested, "legacy")]);
}

#[test]
fn a_change_that_breaks_the_file_gains_nothing_and_the_reviewed_ones_hold() {
    let now = file(&[GOOD, &with("id: a", "id: new")]) + "<<<<<<< HEAD\n";
    assert_eq!(told(Some(&file(&[GOOD])), &now), [plain("a", Approved, "legacy")]);
    assert_eq!(told(None, &now), []);
}

#[test]
fn widening_a_status_leaves_the_reviewed_one() {
    let base = good(&file(&[GOOD]));
    let now: Parsed = good(&file(&[&with("risk_accepted", "false_positive")]));
    let approved: Vec<StatusValue> = states(Some(&base), &now)
        .iter()
        .filter(|(_, state)| *state == Approved)
        .map(|(entry, _)| entry.status)
        .collect();
    assert_eq!(approved, [StatusValue::RiskAccepted]);
}
