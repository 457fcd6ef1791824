//! Findings page by page, as the walks ask for them; what comes is checked against what was asked.

use super::api::Api;
use super::cursor::Scope;
use super::schema::{Page, Row};
use super::scope::{engagement_of, product_of};
use super::walk::{Order, Pages, Part};
use crate::Error;
use crate::http::HttpError;

/// A page is asked for in smaller parts down to this many rows before a slow server is given up.
const FEWEST: u64 = 10;
/// Engagements that one address can name: one over 8 KB is refused.
const MOST_ENGAGEMENTS: usize = 500;

/// The findings of a scope.
pub(super) struct Findings<'a> {
    pub(super) api: &'a Api<'a>,
    pub(super) scope: &'a Scope,
    /// Requests that were answered.
    pub(super) requests: usize,
    /// What the server managed in time, once it did not manage all.
    most: u64,
}

impl<'a> Findings<'a> {
    pub(super) fn new(api: &'a Api<'a>, scope: &'a Scope) -> Self {
        Self { api, scope, requests: 0, most: u64::MAX }
    }

    /// The filter, if it fits into an address; what it leaves through is sorted out here.
    fn filter(&self) -> (&'static str, String) {
        let engagements = &self.scope.engagements;
        if engagements.is_empty() || engagements.len() > MOST_ENGAGEMENTS {
            return ("test__engagement__product", self.scope.product.to_string());
        }
        ("test__engagement", engagements.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    }

    /// Unknown parameters are ignored without a word: then findings of others come.
    fn is_filtered(&self, row: &Row) -> bool {
        let is_product = product_of(row).is_some_and(|product| product.id == Some(self.scope.product));
        let engagements = &self.scope.engagements;
        let is_chosen = engagements.is_empty()
            || engagements.len() > MOST_ENGAGEMENTS
            || engagement_of(row).is_some_and(|engagement| engagements.contains(&engagement));
        is_product && is_chosen
    }
}

impl Pages for Findings<'_> {
    type Error = Error;

    fn page(&mut self, order: Order, offset: u64, limit: u64) -> Result<Part, Error> {
        let (name, value) = self.filter();
        loop {
            let limit = limit.min(self.most);
            let query = [
                (name, value.clone()),
                ("related_fields", "true".to_owned()),
                ("o", order.parameter().to_owned()),
                ("limit", limit.to_string()),
                ("offset", offset.to_string()),
            ];
            let (page, response) = match self.api.get::<Page<Row>>("findings/", &query) {
                Ok(answer) => answer,
                Err(HttpError::TimedOut { .. }) if limit > FEWEST => {
                    self.most = (limit / 2).max(FEWEST);
                    continue;
                }
                Err(error) => return Err(self.api.error(error)),
            };
            self.requests += 1;
            let Some(count) = page.count.and_then(|count| u64::try_from(count).ok()) else {
                let why = "a list without a count came".to_owned();
                return Err(self
                    .api
                    .error(HttpError::Unexpected { at: format!("{}api/v2/findings/", self.api.base), why }));
            };
            if page.results.len() as u64 > limit.saturating_mul(2).max(100) {
                return Err(self.api.unsound("ignores how many findings were asked for"));
            }
            if let Some(stray) = page.results.iter().find(|row| row.id.is_some() && !self.is_filtered(row)) {
                let what = format!(
                    "ignores the filter `{name}`, or leaves out `related_fields` (finding {} does not belong to the product \"{}\")",
                    stray.id.unwrap_or_default(),
                    self.scope.name
                );
                return Err(self.api.unsound(&what));
            }
            return Ok(Part { count, rows: page.results, date: response.date });
        }
    }
}
