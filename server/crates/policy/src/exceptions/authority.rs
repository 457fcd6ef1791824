//! Exceptions that are not in the file, who may grant them, and which one applies where there are several.

use std::cmp::Reverse;

use finding::{Exception, ExceptionOrigin, ExceptionState, Status, StatusValue};
use jiff::civil::Date;

use super::entry::{LONG_PAST, date};

/// A status that is not open, as an exception; `None` for an open one.
///
/// Where `approvers` names nobody, any status of the source counts. Else it must have been set by one of them: by
/// `accepted_by`, or by `by` where the source tells of no acceptance. A name is compared as a whole, but for ASCII case,
/// white space around it and one leading `@`: `alice` is not `alice@example.com`, and a look-alike letter is another
/// letter. What nobody is known to have set counts only for `Mitigated` and `Duplicate`, which scanners and platforms
/// set by themselves.
#[must_use]
pub fn status_at_source(status: &Status, approvers: &[String]) -> Option<Exception> {
    if status.value == StatusValue::Open {
        return None;
    }
    let setter =
        [&status.accepted_by, &status.by].into_iter().flatten().map(|name| bare(name)).find(|name| !name.is_empty());
    let may = match setter {
        _ if approvers.is_empty() => true,
        Some(setter) => approvers.iter().map(|name| bare(name)).any(|name| name.eq_ignore_ascii_case(setter)),
        None => matches!(status.value, StatusValue::Mitigated | StatusValue::Duplicate),
    };
    Some(Exception {
        id: String::new(),
        origin: ExceptionOrigin::Source,
        state: if may { ExceptionState::Approved } else { ExceptionState::Unauthorized },
        status: status.value,
        reason: status.reason.clone(),
        requested_by: status.by.clone(),
        accepted_by: status.accepted_by.clone(),
        expires: status
            .until
            .as_deref()
            .map(|until| day(until).map_or_else(|| LONG_PAST.to_owned(), |day| day.to_string())),
        ticket: None,
    })
}

fn bare(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix('@').unwrap_or(name)
}

/// The day of a date or of a date and time.
fn day(text: &str) -> Option<Date> {
    let (day, rest) = text.split_at_checked(10)?;
    if rest.is_empty() || rest.starts_with(['T', 't', ' ']) { date(day) } else { None }
}

/// A suppression comment, as an exception: somebody chose to live with the finding, and nobody said that it is wrong.
/// Requested when the change at hand wrote it, approved when it was there before.
#[must_use]
pub fn comment(suppressed_by: &str, is_in_change: bool) -> Exception {
    Exception {
        id: String::new(),
        origin: ExceptionOrigin::Comment,
        state: if is_in_change { ExceptionState::Requested } else { ExceptionState::Approved },
        status: StatusValue::RiskAccepted,
        reason: Some(finding::text::first_line(suppressed_by).to_owned()),
        requested_by: None,
        accepted_by: None,
        expires: None,
        ticket: None,
    }
}

/// Whether an exception no longer counts on a day. Its last day still counts; a date that cannot be read never does.
#[must_use]
pub fn is_expired(exception: &Exception, today: Date) -> bool {
    exception.expires.as_deref().is_some_and(|last| date(last).is_none_or(|last| last < today))
}

/// The one that applies to a finding, of all that are about it: what has expired never; approved before requested before
/// unauthorized; then the file and the source before a comment; then what lasts longer; then the file before the
/// source, then the first id. So a request never hides what was approved, and the answer does not hang on the order.
#[must_use]
pub fn strongest(exceptions: impl IntoIterator<Item = Exception>, today: Date) -> Option<Exception> {
    exceptions.into_iter().filter(|exception| !is_expired(exception, today)).min_by_key(|exception| {
        let state = match exception.state {
            ExceptionState::Approved => 0,
            ExceptionState::Requested => 1,
            ExceptionState::Unauthorized => 2,
        };
        let origin = match exception.origin {
            ExceptionOrigin::File => 0,
            ExceptionOrigin::Source => 1,
            ExceptionOrigin::Comment => 2,
        };
        let last = exception.expires.as_deref().and_then(date).unwrap_or(Date::MAX);
        (state, origin == 2, Reverse(last), origin, exception.id.clone())
    })
}
