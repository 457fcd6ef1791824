//! What a certificate says of itself, read only to be shown: nothing is decided by it.
//!
//! It comes from whoever answered, so every length is checked and every text is short and on one line.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::error::one_line;

/// Longest name shown, in characters.
const MAX_NAME: usize = 120;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`, which holds the version.
const VERSION: u8 = 0xa0;
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const ORGANISATION: [u8; 3] = [0x55, 0x04, 0x0a];

/// Whose certificate it is, who signed it, and how long it holds, as it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is, one line; may be empty.
    pub subject: String,
    /// Who signed it, one line; may be empty.
    pub issuer: String,
    /// Who signed the last certificate that came along, where that is another: the authority to be trusted.
    pub authority: Option<String>,
    /// From when it holds.
    pub not_before: Option<Timestamp>,
    /// Until when it holds.
    pub not_after: Option<Timestamp>,
}

impl Certificate {
    /// The first of a chain; `None` for what is none.
    pub(super) fn of(chain: &[Vec<u8>]) -> Option<Self> {
        let mut first = read(chain.first()?)?;
        let authority = chain.last().and_then(|last| read(last)).map(|last| last.issuer);
        first.authority = authority.filter(|name| !name.is_empty() && *name != first.issuer);
        Some(first)
    }
}

fn read(bytes: &[u8]) -> Option<Certificate> {
    let mut certificate = Reader(Reader(bytes).take(SEQUENCE)?);
    let mut fields = Reader(certificate.take(SEQUENCE)?);
    if fields.0.first() == Some(&VERSION) {
        fields.any()?;
    }
    // Number and algorithm.
    fields.any()?;
    fields.take(SEQUENCE)?;
    let issuer = name(fields.take(SEQUENCE)?);
    let mut validity = Reader(fields.take(SEQUENCE)?);
    let not_before = validity.any().and_then(|(tag, text)| time(tag, text));
    let not_after = validity.any().and_then(|(tag, text)| time(tag, text));
    let subject = name(fields.take(SEQUENCE)?);
    Some(Certificate { subject, issuer, authority: None, not_before, not_after })
}

/// The common name, else the organisation; both where they differ.
fn name(bytes: &[u8]) -> String {
    let (mut common, mut organisation) = (None, None);
    let mut sets = Reader(bytes);
    while let Some(set) = sets.take(SET) {
        let mut pairs = Reader(set);
        while let Some(pair) = pairs.take(SEQUENCE) {
            let mut pair = Reader(pair);
            let Some(kind) = pair.take(OBJECT_ID) else { continue };
            let Some((tag, value)) = pair.any() else { continue };
            if kind == COMMON_NAME {
                common = Some(text(tag, value));
            } else if kind == ORGANISATION {
                organisation = Some(text(tag, value));
            }
        }
    }
    match (common, organisation) {
        (Some(common), Some(organisation)) if !organisation.is_empty() && common != organisation => {
            format!("{common} ({organisation})")
        }
        (Some(name), _) | (None, Some(name)) => name,
        (None, None) => String::new(),
    }
}

fn text(tag: u8, value: &[u8]) -> String {
    const TWO_BYTES: u8 = 0x1e;
    let text = if tag == TWO_BYTES {
        let units: Vec<u16> = value.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
        String::from_utf16_lossy(&units)
    } else {
        String::from_utf8_lossy(value).into_owned()
    };
    one_line(&text, MAX_NAME)
}

fn time(tag: u8, value: &[u8]) -> Option<Timestamp> {
    let digits = std::str::from_utf8(value).ok()?.strip_suffix('Z')?;
    let whole = match tag {
        // Two digits of a year: from 1950 to 2049.
        UTC_TIME => format!("{}{digits}", if digits.get(..2)? < "50" { "20" } else { "19" }),
        GENERALIZED_TIME => digits.to_owned(),
        _ => return None,
    };
    let moment = DateTime::strptime("%Y%m%d%H%M%S", &whole).ok()?;
    moment.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// What is left to be read: tag, length, value, again and again.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&short, mut rest) = rest.split_first()?;
        let length = if short < 0x80 {
            usize::from(short)
        } else {
            let count = usize::from(short & 0x7f);
            let bytes = rest.get(..count).filter(|_| (1..=4).contains(&count))?;
            rest = &rest[count..];
            bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        };
        let value = rest.get(..length)?;
        self.0 = &rest[length..];
        Some((tag, value))
    }

    /// The next value if it is of this kind; nothing is skipped.
    fn take(&mut self, wanted: u8) -> Option<&'a [u8]> {
        if self.0.first() != Some(&wanted) {
            return None;
        }
        self.any().map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    fn made(names: &[(DnType, &str)]) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["dojo.example.com".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, value) in names {
            params.distinguished_name.push(kind.clone(), *value);
        }
        params.not_before = rcgen::date_time_ymd(2026, 3, 1);
        params.not_after = rcgen::date_time_ymd(2061, 4, 2);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn names_and_dates_are_read_and_fit_to_be_shown() {
        for (names, expected) in [
            (vec![(DnType::CommonName, "Corp Root"), (DnType::OrganizationName, "Corp")], "Corp Root (Corp)"),
            (vec![(DnType::CommonName, "Corp")], "Corp"),
            (vec![(DnType::OrganizationName, "Corp Ltd")], "Corp Ltd"),
            (vec![(DnType::CommonName, "a\u{1b}[31m\nb\u{202e}c")], "a [31m b c"),
            (vec![], ""),
        ] {
            let read = Certificate::of(&[made(&names)]).unwrap();
            assert_eq!((read.subject.as_str(), read.issuer.as_str()), (expected, expected));
            assert_eq!(read.authority, None);
            // The one is written with two digits of a year, the other with four.
            assert_eq!(read.not_before.unwrap().to_string(), "2026-03-01T00:00:00Z");
            assert_eq!(read.not_after.unwrap().to_string(), "2061-04-02T00:00:00Z");
        }
    }

    #[test]
    fn the_authority_is_who_signed_the_last_of_the_chain() {
        let chain = [made(&[(DnType::CommonName, "leaf")]), made(&[(DnType::CommonName, "root")])];
        assert_eq!(Certificate::of(&chain).unwrap().authority.as_deref(), Some("root"));
        assert_eq!(Certificate::of(&[]), None);
    }

    proptest! {
        #[test]
        fn what_is_no_certificate_does_no_harm(at in 0_usize..400, byte: u8, length in 0_usize..400) {
            let mut bytes = made(&[(DnType::CommonName, "x")]);
            let at = at.min(bytes.len() - 1);
            bytes[at] = byte;
            bytes.truncate(length);
            let _ = Certificate::of(&[bytes]);
        }
    }
}
