//! The only clock.

use jiff::Timestamp;

/// Now.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}
