//! How long to wait before asking again: what the server says, else longer each time, never all clients at once.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::{rfc2822, strtime};

/// First pause without a word from the server.
const FIRST: Duration = Duration::from_secs(1);
/// Longest pause of our own.
const LONGEST: Duration = Duration::from_mins(5);
/// Longest pause that a server can impose.
const LONGEST_IMPOSED: Duration = Duration::from_hours(1);

/// The pause before the next attempt; `attempt` counts those that failed, from 1. Without `retry_after`, it doubles from
/// one second to five minutes, and a random half of it is left out; with it, it is at least that (an hour at most) and a
/// random tenth more, at least a second's worth. `random` gives numbers from 0 up to 1.
pub fn backoff(attempt: u32, retry_after: Option<Duration>, random: &mut dyn FnMut() -> f64) -> Duration {
    let share = random().clamp(0.0, 1.0);
    if let Some(asked) = retry_after {
        let asked = asked.min(LONGEST_IMPOSED);
        return asked + (asked / 10).max(FIRST).mul_f64(share);
    }
    let doubled = FIRST.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
    let whole = if attempt > 20 { LONGEST } else { doubled.min(LONGEST) };
    whole / 2 + (whole / 2).mul_f64(share)
}

/// A number from 0 up to 1, another each time; not for secrets.
#[must_use]
pub fn random() -> f64 {
    // A hasher's keys are random and differ each time.
    let bits = RandomState::new().hash_one(0_u8) >> 32;
    f64::from(u32::try_from(bits).unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
}

/// `Retry-After`: seconds, or a date, of which the server's own clock tells how far it is.
pub(super) fn retry_after(value: &str, server_now: Option<Timestamp>) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)).min(Duration::from_hours(24)));
    }
    let until = http_date(value)?;
    let now = server_now.unwrap_or_else(Timestamp::now);
    let seconds = u64::try_from(until.as_second().saturating_sub(now.as_second())).unwrap_or(0);
    Some(Duration::from_secs(seconds).min(Duration::from_hours(24)))
}

/// A date in a header, in any of the three forms that servers write.
pub(super) fn http_date(value: &str) -> Option<Timestamp> {
    let value = value.trim();
    if let Ok(timestamp) = rfc2822::DateTimeParser::new().parse_timestamp(value) {
        return Some(timestamp);
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"].iter().find_map(|form| {
        let parts = strtime::parse(form, value).ok()?;
        parts.to_datetime().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_date_is_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            " Sun, 06 Nov 1994 08:49:37 GMT ",
        ] {
            assert_eq!(http_date(text).map(Timestamp::as_second), Some(784_111_777), "{text}");
        }
        for text in ["", "tomorrow", "1994-11-06", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_server_asks_for_a_pause_in_seconds_or_by_its_own_clock() {
        let now = http_date("Sun, 06 Nov 1994 08:49:37 GMT");
        for (value, expected) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("99999999999999999999999", Some(86_400)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("Sat, 06 Nov 2094 08:49:00 GMT", Some(86_400)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(value, now).map(|pause| pause.as_secs()), expected, "{value}");
        }
    }

    #[test]
    fn pauses_grow_are_bounded_and_differ() {
        let at = |attempt, share| backoff(attempt, None, &mut || share);
        assert_eq!((at(1, 0.0), at(1, 1.0)), (Duration::from_millis(500), Duration::from_secs(1)));
        assert_eq!(at(4, 1.0), Duration::from_secs(8));
        for attempt in [10, 21, 32, 33, u32::MAX] {
            assert_eq!(at(attempt, 1.0), LONGEST, "{attempt}");
        }
        let asked = |secs, share| backoff(1, Some(Duration::from_secs(secs)), &mut || share);
        assert_eq!((asked(60, 0.0), asked(60, 1.0)), (Duration::from_mins(1), Duration::from_secs(66)));
        assert_eq!(asked(0, 1.0), Duration::from_secs(1), "many clients told 0 do not come at once");
        assert_eq!(asked(1_000_000, 0.0), LONGEST_IMPOSED);
        let drawn: Vec<f64> = (0..64).map(|_| random()).collect();
        assert!(drawn.iter().all(|share| (0.0..1.0).contains(share)));
        assert!(drawn.iter().any(|share| *share < 0.5) && drawn.iter().any(|share| *share >= 0.5));
    }
}
