//! Exceptions: reasoned, time-limited acceptances of findings, and which of them count.
//!
//! They are written in three places: `.aspm/exceptions.yaml` in the repository ([`parse`], [`add`], [`remove`]), a status
//! at the source ([`status_at_source`]), and the tools' own suppression comments ([`comment`]). What a file says of its
//! own approval is a claim; an exception of the file is approved by having been reviewed, which means that it was there
//! before the change at hand ([`states`]). Which finding an entry is about is decided by evidence ([`matches`],
//! [`assign`]), one finding each, and [`strongest`] says which exception applies where there are several.
//!
//! ```yaml
//! version: 1
//! exceptions:
//!   - id: b303-app-views-3f2a9c
//!     finding:
//!       source: ci                       # optional: only findings of this source
//!       id: ci:0123456789abcdef0123      # optional, with `line` or `text` beside it or instead
//!       rule: B303
//!       path: app/views.py
//!       line: 41
//!       symbol: login
//!       text: "digest = md5(password)"
//!       commit: 3f2a9c0d5e6f708192a3b4c5d6e7f8091a2b3c4d
//!     status: risk_accepted              # or false_positive, out_of_scope
//!     reason: legacy clients until the v3 API is out
//!     requested_by: dana
//!     expires: 2027-01-31                # the last day it counts
//!     ticket: SEC-112
//! ```

mod authority;
mod claims;
mod edit;
mod entry;
mod matching;
mod naming;
mod read;
mod scalar;
mod state;
mod write;
mod yaml;

pub use authority::{comment, is_expired, status_at_source, strongest};
pub use entry::{About, Entry, Expiry};
pub use matching::{Candidate, Subject, assign, matches};
pub use read::{MAX_BYTES, MAX_ENTRIES, Parsed, Problem, Weight, parse};
pub use state::states;
pub use write::{Added, NewEntry, WriteError, add, remove};
