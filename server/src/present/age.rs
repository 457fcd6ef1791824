//! How long ago something was, in words.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// "3 days ago", for an RFC 3339 time or a bare date (then "today" and "yesterday", in UTC). A time without an offset
/// is taken as UTC. `None` when `when` is no time. A time ahead of `now` by more than a day is given as its date: a
/// clock is wrong somewhere, and guessing which one helps nobody.
#[must_use]
pub fn age(now: Timestamp, when: &str) -> Option<String> {
    let when = when.trim();
    if let Some(date) = when.parse::<Date>().ok().filter(|_| when.len() == 10) {
        let today = TimeZone::UTC.to_datetime(now).date();
        let days = today.since(date).ok()?.get_days();
        return Some(match days {
            0 | -1 => "today".to_owned(),
            1 => "yesterday".to_owned(),
            days if days < 0 => format!("on {date}"),
            days => in_days(i64::from(days)),
        });
    }
    let at = timestamp(when)?;
    let passed = now.duration_since(at);
    if passed < SignedDuration::from_hours(-24) {
        return Some(format!("on {}", TimeZone::UTC.to_datetime(at).date()));
    }
    let minutes = passed.as_mins();
    Some(match minutes {
        ..1 => "just now".to_owned(),
        1..60 => ago(minutes, "minute"),
        60..1440 => ago(minutes / 60, "hour"),
        1440..2880 => "yesterday".to_owned(),
        _ => in_days(minutes / 1440),
    })
}

fn timestamp(when: &str) -> Option<Timestamp> {
    when.parse().ok().or_else(|| TimeZone::UTC.to_timestamp(when.parse::<DateTime>().ok()?).ok())
}

fn in_days(days: i64) -> String {
    match days {
        ..14 => ago(days, "day"),
        14..60 => ago(days / 7, "week"),
        60..730 => ago(days / 30, "month"),
        _ => ago(days / 365, "year"),
    }
}

fn ago(count: i64, unit: &str) -> String {
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_the_unit_people_use() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().expect("a time");
        for (when, words) in [
            ("2026-03-10T11:59:40Z", Some("just now")),
            ("2026-03-10T12:30:00Z", Some("just now")),
            ("2026-03-10T11:58:30Z", Some("1 minute ago")),
            ("2026-03-10T13:00:00+02:00", Some("1 hour ago")),
            ("2026-03-10T07:00:00", Some("5 hours ago")),
            ("2026-03-09T11:00:00Z", Some("yesterday")),
            ("2026-03-07T11:00:00Z", Some("3 days ago")),
            ("2026-02-20T12:00:00Z", Some("2 weeks ago")),
            ("2025-12-10T12:00:00Z", Some("3 months ago")),
            ("2021-03-10T12:00:00Z", Some("5 years ago")),
            ("2026-03-10", Some("today")),
            ("2026-03-09", Some("yesterday")),
            ("2026-03-01", Some("9 days ago")),
            ("2031-01-01T00:00:00Z", Some("on 2031-01-01")),
            ("2031-01-01", Some("on 2031-01-01")),
            ("last Tuesday", None),
            ("", None),
        ] {
            assert_eq!(age(now, when).as_deref(), words, "{when}");
        }
    }
}
