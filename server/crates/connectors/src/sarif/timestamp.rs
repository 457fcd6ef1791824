//! Reads the times a log gives.

use jiff::Timestamp;
use jiff::civil::DateTime;

/// `written` as RFC 3339 in UTC; a time without an offset counts as UTC, as the properties' names say. `None` for
/// anything that is no time.
pub(super) fn read(written: &str) -> Option<String> {
    let written = written.trim();
    let at = written.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = written.parse().ok()?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    });
    at.map(|at| at.to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_come_out_in_one_form() {
        for (written, read) in [
            ("2026-11-23T12:09:45Z", Some("2026-11-23T12:09:45Z")),
            ("2026-11-23T13:09:45+01:00", Some("2026-11-23T12:09:45Z")),
            ("2026-11-23T12:09:45", Some("2026-11-23T12:09:45Z")),
            ("2026-11-23T12:09:45.5Z", Some("2026-11-23T12:09:45.5Z")),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(super::read(written).as_deref(), read, "{written}");
        }
    }
}
