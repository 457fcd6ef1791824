//! Who may grant an exception, and which one applies.

use aspm_policy::exceptions::{comment, is_expired, status_at_source, strongest};
use finding::ExceptionOrigin::{Comment, File, Source};
use finding::ExceptionState::{Approved, Requested, Unauthorized};
use finding::{Exception, ExceptionOrigin, ExceptionState, Status, StatusValue};
use proptest::prelude::*;

use crate::today;

fn status(value: StatusValue, by: Option<&str>, accepted_by: Option<&str>) -> Status {
    Status { value, by: by.map(str::to_owned), accepted_by: accepted_by.map(str::to_owned), ..Status::default() }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn an_open_finding_has_no_exception() {
    assert_eq!(status_at_source(&Status::default(), &names(&["ciso"])), None);
}

#[test]
fn a_status_counts_when_an_approver_set_it_or_policy_names_none() {
    for (by, accepted_by, approvers, expected) in [
        (Some("dana"), None, &[][..], Approved),
        (None, None, &[], Approved),
        (Some("ciso"), None, &["ciso"], Approved),
        (Some("CISO"), None, &["ciso"], Approved),
        (Some("@ciso"), None, &["ciso"], Approved),
        (Some("ciso "), None, &["@ciso"], Approved),
        (Some("dana"), Some("ciso"), &["ciso"], Approved),
        (Some("ciso@acme.example"), None, &["CISO@acme.example"], Approved),
        // The one who accepted decides, not the one who asked.
        (Some("ciso"), Some("dana"), &["ciso"], Unauthorized),
        (Some("dana"), None, &["ciso"], Unauthorized),
        (None, None, &["ciso"], Unauthorized),
        (Some(""), Some(" "), &["ciso"], Unauthorized),
        (Some("@"), None, &["ciso"], Unauthorized),
        (Some("ciso"), None, &["ciso@acme.example"], Unauthorized),
        (Some("ciso@evil.example"), None, &["ciso"], Unauthorized),
        (Some("ciso <mallory@evil.example>"), None, &["ciso"], Unauthorized),
        (Some("ciso, mallory"), None, &["ciso"], Unauthorized),
        // Look-alikes: a Cyrillic letter, and the Kelvin sign, whose lower case is k.
        (Some("c\u{456}so"), None, &["ciso"], Unauthorized),
        (Some("mi\u{212a}e"), None, &["mike"], Unauthorized),
        // What stands for approvers that could not be read.
        (Some("ciso"), None, &[""], Unauthorized),
        (Some(""), None, &[""], Unauthorized),
    ] {
        let found = status_at_source(&status(StatusValue::RiskAccepted, by, accepted_by), &names(approvers)).unwrap();
        assert_eq!((found.state, found.origin), (expected, Source), "{by:?} {accepted_by:?} {approvers:?}");
    }
}

#[test]
fn what_nobody_set_counts_only_where_scanners_set_it() {
    for (value, expected) in [
        (StatusValue::FalsePositive, Unauthorized),
        (StatusValue::RiskAccepted, Unauthorized),
        (StatusValue::OutOfScope, Unauthorized),
        (StatusValue::Mitigated, Approved),
        (StatusValue::Duplicate, Approved),
    ] {
        assert_eq!(
            status_at_source(&status(value, None, None), &names(&["ciso"])).unwrap().state,
            expected,
            "{value:?}"
        );
        assert_eq!(
            status_at_source(&status(value, Some("dana"), None), &names(&["ciso"])).unwrap().state,
            Unauthorized,
            "{value:?}"
        );
    }
}

#[test]
fn an_acceptance_at_the_source_ends_on_its_day_and_at_once_where_that_cannot_be_read() {
    for (until, expired) in [
        (None, false),
        (Some("2026-11-23"), false),
        (Some("2026-11-22"), true),
        (Some("2026-11-23T23:59:59Z"), false),
        (Some("2026-11-22T23:59:59Z"), true),
        (Some("whenever"), true),
        (Some("9999-99-99"), true),
        (Some("2099-01-01x"), true),
        (Some(""), true),
    ] {
        let status = Status { until: until.map(str::to_owned), ..status(StatusValue::RiskAccepted, Some("a"), None) };
        let exception = status_at_source(&status, &[]).unwrap();
        assert_eq!(is_expired(&exception, today()), expired, "{until:?}");
    }
}

#[test]
fn a_comment_that_the_change_itself_wrote_is_only_a_request() {
    assert_eq!(comment("# nosec B303", true).state, Requested);
    let before = comment("# nosec B303\n# more", false);
    assert_eq!((before.state, before.origin, before.reason.as_deref()), (Approved, Comment, Some("# nosec B303")));
}

fn exception(state: ExceptionState, origin: ExceptionOrigin, id: &str, expires: Option<&str>) -> Exception {
    Exception { id: id.to_owned(), state, origin, expires: expires.map(str::to_owned), ..comment("x", false) }
}

/// From the strongest to the weakest.
fn ladder() -> Vec<Exception> {
    vec![
        exception(Approved, File, "a", None),
        exception(Approved, File, "b", None),
        exception(Approved, Source, "", None),
        exception(Approved, File, "c", Some("2028-01-01")),
        exception(Approved, Source, "", Some("2027-01-01")),
        exception(Approved, Comment, "", None),
        exception(Requested, File, "d", None),
        exception(Requested, Comment, "", None),
        exception(Unauthorized, Source, "", None),
    ]
}

#[test]
fn of_several_the_reviewed_one_applies_and_a_comment_last() {
    let ladder = ladder();
    for from in 0..ladder.len() {
        assert_eq!(strongest(ladder[from..].to_vec(), today()).as_ref(), ladder.get(from));
    }
    assert_eq!(strongest([], today()), None);
}

#[test]
fn what_has_expired_neither_applies_nor_hides_another() {
    let expired = exception(Approved, File, "a", Some("2026-11-22"));
    assert_eq!(strongest([expired.clone()], today()), None);
    let request = exception(Requested, File, "b", None);
    assert_eq!(strongest([expired, request.clone()], today()), Some(request));
}

proptest! {
    #[test]
    fn the_order_of_asking_does_not_matter(order in Just((0..ladder().len()).collect::<Vec<_>>()).prop_shuffle(), some in 1usize..9) {
        let ladder = ladder();
        let chosen: Vec<usize> = order.into_iter().take(some).collect();
        let first = chosen.iter().min().map(|&at| ladder[at].clone());
        prop_assert_eq!(strongest(chosen.iter().map(|&at| ladder[at].clone()), today()), first);
    }
}
