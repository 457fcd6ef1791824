//! DefectDojo: a central ASPM that findings come from and triage goes to. Measured on 3.2.0.
//!
//! A pull reads everything by number (`full`), or what changed since the last one (`changes`) where the sink can tell what
//! it stored. Each walks (`walk`) pages that overlap, checks that filter and order were heeded (`pages`), and moves the
//! watermark only when it completes. What the two times of the server do not show (tags, severity, duplicates, deadlines,
//! deletions) comes with the next reading of everything: once in 24 to 32 hours, and at once when the server's count is not
//! the one expected.
//!
//! Choices where the server leaves room:
//! - identity: `slots`; status, reasons and remarks: `state`; the flagged code and data flows: `code`; places: `place`.
//! - A "duplicate" at another place than its original is an open finding of its own.
//! - The reason of a triage is written as a note with a mark at its end (`mark`), by which a later attempt recognises it.
//! - The server has no conditional writes. State is compared right before a change is sent; who changes it in the same
//!   fraction of a second is overwritten, and that cannot be noticed.

pub mod account;
mod api;
mod changes;
mod code;
mod convert;
mod cursor;
mod full;
mod mark;
mod package;
mod pages;
mod place;
mod product;
mod pull;
mod push;
mod rule;
mod schema;
mod scope;
mod slots;
mod state;
mod walk;

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use finding::Finding;
use jiff::Timestamp;
use url::Url;

pub use scope::Candidate;

use crate::http::{Client, HttpError};
use crate::{
    Account, Capabilities, Connector, Error, Health, Outcome, Progress, Pushed, Refreshed, ServerFault, Sink, Triage,
};

use api::Api;
use convert::{Converter, number};
use schema::{Profile, Row, User};

/// Puts the URL of a repository into the one form in which they are compared; `None` for what is none.
pub type Normalise = fn(&str) -> Option<String>;

/// Waits that long, or until the second says that it is in vain.
type Wait = Arc<dyn Fn(Duration, &dyn Fn() -> bool) + Send + Sync>;

/// What of a server belongs to this repository, as configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Binding {
    /// The product's name; without it, it is the one whose engagements name one of `repositories`.
    pub product: Option<String>,
    /// The engagement's name; without it, all that do not name another repository.
    pub engagement: Option<String>,
    /// The URLs of this repository, normalised.
    pub repositories: Vec<String>,
}

/// How a server is asked.
#[derive(Clone)]
pub struct Options {
    /// Findings a page: 100 to 250 are best for a server of today.
    pub page: u64,
    /// Longest time for one answer; at least a minute for a server under load.
    pub deadline: Duration,
    /// How often a question is asked before it is given up for now.
    pub attempts: u32,
    /// Everything is read again after this time, by the server's clock, or up to a third later: see [`until_full`].
    pub full_every: Duration,
    /// How to wait between two attempts.
    wait: Wait,
}

impl Default for Options {
    fn default() -> Self {
        let wait: Wait = Arc::new(|pause, cancelled| {
            let until = Instant::now() + pause;
            while !cancelled() {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    break;
                }
                thread::sleep(left.min(Duration::from_millis(25)));
            }
        });
        Self { page: 200, deadline: Duration::from_mins(2), attempts: 4, full_every: Duration::from_hours(24), wait }
    }
}

impl Options {
    /// For somebody who waits: asked once, and not for long.
    #[must_use]
    pub fn impatient() -> Self {
        Self { attempts: 1, deadline: Duration::from_secs(20), ..Self::default() }
    }

    /// With another longest time for one answer.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// With another way to wait between two attempts.
    #[must_use]
    pub fn waiting(mut self, wait: impl Fn(Duration, &dyn Fn() -> bool) + Send + Sync + 'static) -> Self {
        self.wait = Arc::new(wait);
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("page", &self.page).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// When everything is read again after it was: `every`, and up to a third more as `share` (0 to 1) says. With a day, those
/// who began theirs at nine read everything some time before five.
#[must_use]
pub fn until_full(every: Duration, share: f64) -> Duration {
    every.saturating_add((every / 3).mul_f64(share.clamp(0.0, 1.0)))
}

/// One source on a DefectDojo server.
#[derive(Debug, Clone)]
pub struct DefectDojo {
    client: Client,
    base: Url,
    source: String,
    binding: Binding,
    normalise: Normalise,
    options: Options,
}

impl DefectDojo {
    /// The findings that `binding` stands for on the server at `url`, as findings of the source named `source`. Nothing
    /// is asked yet. `normalise` is what `binding.repositories` went through.
    #[must_use]
    pub fn new(client: Client, url: &Url, source: &str, binding: Binding, normalise: Normalise) -> Self {
        let base = base_of(url);
        Self { client, base, source: source.to_owned(), binding, normalise, options: Options::default() }
    }

    /// Asked in another way.
    #[must_use]
    pub fn with(mut self, options: Options) -> Self {
        self.options = Options {
            deadline: options.deadline.max(Duration::from_millis(1)),
            page: options.page.clamp(2, 1000),
            ..options
        };
        self
    }

    /// The products that the account may see, those that hold this repository first: for a person to choose from.
    pub fn candidates(&self, cancelled: &dyn Fn() -> bool) -> Result<Vec<Candidate>, Error> {
        self.api(cancelled).candidates(&self.binding.repositories, self.normalise)
    }

    fn api<'a>(&'a self, cancelled: &'a dyn Fn() -> bool) -> Api<'a> {
        Api { client: &self.client, base: &self.base, source: &self.source, options: &self.options, cancelled }
    }

    fn converter(&self) -> Converter<'_> {
        Converter { source: &self.source, base: &self.base }
    }

    /// What a cursor belongs to.
    fn binding_text(&self) -> String {
        let Binding { product, engagement, repositories } = &self.binding;
        format!("{} {product:?} {engagement:?} {repositories:?}", self.base)
    }

    /// Who the token belongs to, and the server's clock.
    fn profile(&self, api: &Api<'_>) -> Result<(User, Option<Timestamp>), Error> {
        let (profile, response) = match api.get::<Profile>("user_profile/", &[]) {
            Ok(answer) => answer,
            Err(error) if error.status() == Some(404) => return Err(self.no_profile(&error)),
            Err(error) => return Err(api.error(error)),
        };
        match profile.user {
            Some(user) if user.id.is_some() => Ok((*user, response.date)),
            _ => {
                let at = format!("{}api/v2/user_profile/", self.base);
                Err(api.error(HttpError::Unexpected { at, why: "no account came".to_owned() }))
            }
        }
    }

    /// An interface of this kind without the page is an old version; anything else is no DefectDojo.
    fn no_profile(&self, error: &HttpError) -> Error {
        let (fault, what) = if is_of_interface(error) {
            (
                ServerFault::WrongVersion,
                "its version is too old; 2.0 is the oldest that may work and 3.2 the one this was made for",
            )
        } else {
            (ServerFault::NotThisKind, "no DefectDojo answers there; check `url` of this source in aspm.toml")
        };
        Error::Server { name: self.source.clone(), fault, why: format!("{error}; {what}") }
    }

    /// The row of one finding; `None` when it is not there, or not for this account.
    fn row(api: &Api<'_>, number: i64) -> Result<Option<Row>, HttpError> {
        match api.get::<Row>(&format!("findings/{number}/"), &[("related_fields", "true".to_owned())]) {
            Ok((row, _)) if row.id == Some(number) => Ok(Some(row)),
            Ok((_, response)) => Err(HttpError::Unexpected {
                at: response.url.path().to_owned(),
                why: "another finding came".to_owned(),
            }),
            // A page comes from something that stands in between.
            Err(error) if error.status() == Some(404) && is_of_interface(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The finding of `row` under the identity, and with what it inherited, of `known`.
    fn dressed(&self, row: &Row, number: i64, known: &Finding) -> Finding {
        let is_duplicate = known.status.value == finding::StatusValue::Duplicate;
        let mut finding = self.converter().finding(row, number, is_duplicate);
        finding.id = known.id.clone();
        slots::keep_inheritance(&mut finding, row, known);
        finding
    }
}

/// Whether a refusal is the interface's own word.
fn is_of_interface(error: &HttpError) -> bool {
    matches!(error, HttpError::Status(status) if status.body.trim_start().starts_with('{'))
}

/// The server's address as others are joined to it: with a `/` at its end.
fn base_of(url: &Url) -> Url {
    let mut base = url.clone();
    base.set_query(None);
    base.set_fragment(None);
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    base
}

impl Connector for DefectDojo {
    fn kind(&self) -> &'static str {
        "defectdojo"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { reads_changes: true, refreshes: true, takes_triage: true, takes_expiry: true }
    }

    fn health(&self, cancelled: &dyn Fn() -> bool) -> Result<Health, Error> {
        let api = self.api(cancelled);
        let (user, date) = self.profile(&api)?;
        let reads = match api.scope(&self.binding, self.normalise) {
            Ok(scope) => api.reads(&scope, &self.binding, self.normalise).map(Some),
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => Err(error),
        };
        let clock_ahead = date.map(|date| date.as_second() - Timestamp::now().as_second());
        Ok(Health { account: user.username, reads, clock_ahead })
    }

    fn account(&self, cancelled: &dyn Fn() -> bool) -> Result<Option<Account>, Error> {
        let (user, _) = self.profile(&self.api(cancelled))?;
        Ok(user.id.map(|id| Account {
            id: id.to_string(),
            name: account::shown(user.username.as_deref().unwrap_or_default()),
        }))
    }

    fn pull(
        &self,
        previous: Option<&str>,
        sink: &mut dyn Sink,
        cancelled: &dyn Fn() -> bool,
        progress: &dyn Fn(Progress),
    ) -> Result<Outcome, Error> {
        self.pull_from(previous, sink, cancelled, progress)
    }

    fn refresh(&self, finding: &Finding, cancelled: &dyn Fn() -> bool) -> Result<Refreshed, Error> {
        let Some(number) = number(finding) else { return Ok(Refreshed::Unsupported) };
        let api = self.api(cancelled);
        let row = Self::row(&api, number).map_err(|error| api.error(error))?;
        Ok(row.map_or(Refreshed::Gone, |row| Refreshed::Now(Box::new(self.dressed(&row, number, finding)))))
    }

    fn push(&self, triage: &Triage, cancelled: &dyn Fn() -> bool) -> Result<Pushed, Error> {
        self.push_once(triage, cancelled)
    }
}
