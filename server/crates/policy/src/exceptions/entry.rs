//! One exception of the file, as it was meant.

use finding::{Evidence, Exception, ExceptionOrigin, ExceptionState, Region, StatusValue};
use jiff::civil::Date;

/// The finding that an exception is about: what is known of it, to find it again. Never a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Name of the source, if only findings of that source are meant.
    pub source: Option<String>,
    /// The finding's id, with or without its source.
    pub id: Option<String>,
    /// Rule id.
    pub rule: String,
    /// File, `/`-separated, without a leading `./`.
    pub path: String,
    /// First line of the flagged code at `commit`, from 1.
    pub line: Option<u32>,
    /// Enclosing symbol.
    pub symbol: Option<String>,
    /// The flagged code.
    pub text: Option<String>,
    /// Commit that `line` and `text` are of, full hexadecimal id.
    pub commit: Option<String>,
}

/// Until when an exception counts; ordered, the shortest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expiry {
    /// Something was written that is no date: treated as long past.
    Unreadable(String),
    /// Its last day.
    On(Date),
    /// Nothing was written.
    Never,
}

/// One exception of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Unique in the file.
    pub id: String,
    /// Line of the file where it starts, from 1.
    pub line: u32,
    /// The finding it is about.
    pub finding: About,
    /// What it makes of the finding: `FalsePositive`, `RiskAccepted` or `OutOfScope`.
    pub status: StatusValue,
    /// Why; never empty; untrusted text.
    pub reason: String,
    /// Who says to have asked for it: a claim.
    pub requested_by: Option<String>,
    /// Until when.
    pub expires: Expiry,
    /// Where it is tracked.
    pub ticket: Option<String>,
}

/// What a date that nobody can read is given on as, so that any policy takes it for past.
pub(crate) const LONG_PAST: &str = "0001-01-01";

impl Entry {
    /// Whether it no longer counts on a day. Its last day still counts; a date that cannot be read never does.
    #[must_use]
    pub fn is_expired(&self, today: Date) -> bool {
        match self.expires {
            Expiry::Never => false,
            Expiry::On(last) => last < today,
            Expiry::Unreadable(_) => true,
        }
    }

    /// What it says of its finding's place, for the anchor.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let about = &self.finding;
        let region = about.line.map(|line| {
            let more = about.text.as_deref().map_or(0, |text| text.lines().count().saturating_sub(1));
            let more = u32::try_from(more).unwrap_or(u32::MAX);
            Region { end_line: line.saturating_add(more), ..Region::line(line) }
        });
        Evidence {
            path: Some(about.path.clone()),
            region,
            snippet: about.text.clone(),
            commit: about.commit.clone(),
            symbol: about.symbol.clone(),
            ..Evidence::default()
        }
    }

    /// As policy sees it. `accepted_by` stays empty: a file cannot accept itself.
    #[must_use]
    pub fn exception(&self, state: ExceptionState) -> Exception {
        Exception {
            id: self.id.clone(),
            origin: ExceptionOrigin::File,
            state,
            status: self.status,
            reason: Some(self.reason.clone()),
            requested_by: self.requested_by.clone(),
            accepted_by: None,
            expires: match &self.expires {
                Expiry::Never => None,
                Expiry::On(date) => Some(date.to_string()),
                Expiry::Unreadable(_) => Some(LONG_PAST.to_owned()),
            },
            ticket: self.ticket.clone(),
        }
    }
}

/// The word of a status that an exception may have.
pub(crate) fn status_word(status: StatusValue) -> Option<&'static str> {
    STATUSES.iter().find(|(_, known)| *known == status).map(|(word, _)| *word)
}

/// The statuses that an exception may have, by their words.
pub(crate) const STATUSES: [(&str, StatusValue); 3] = [
    ("false_positive", StatusValue::FalsePositive),
    ("risk_accepted", StatusValue::RiskAccepted),
    ("out_of_scope", StatusValue::OutOfScope),
];

/// A date as `YYYY-MM-DD`, nothing else.
pub(crate) fn date(text: &str) -> Option<Date> {
    let shape = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    (shape && text.len() == 10).then(|| text.parse().ok()).flatten()
}
