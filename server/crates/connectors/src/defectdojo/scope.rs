//! Which product and engagements hold this repository.

use std::collections::BTreeMap;

use super::api::Api;
use super::cursor::Scope;
use super::schema::{Engagement, Named, Page, Row};
use super::{Binding, Normalise};
use crate::http::HttpError;
use crate::{Error, Reads};

const PAGE: u64 = 100;
/// Engagements that are looked through.
const MOST_ENGAGEMENTS: usize = 20_000;
/// Products whose names are asked for.
const MOST_NAMES: usize = 50;
/// Engagements whose names are told.
const MOST_SHOWN: usize = 6;

/// A product that may hold this repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The product's name, for `product` in aspm.toml.
    pub product: String,
    /// Its number.
    pub number: i64,
    /// Its engagements by name.
    pub engagements: Vec<String>,
    /// The repositories that they name, normalised where they can be.
    pub repositories: Vec<String>,
    /// One of them is this repository.
    pub is_match: bool,
}

/// A product's engagements.
type ByProduct = BTreeMap<i64, Vec<Engagement>>;

impl Api<'_> {
    /// What `binding` stands for.
    pub(super) fn scope(&self, binding: &Binding, normalise: Normalise) -> Result<Scope, Error> {
        let (product, name) = match &binding.product {
            Some(name) => (self.product_named(name)?, name.clone()),
            None => self.product_of(&binding.repositories, normalise)?,
        };
        let filter = [("product", product.to_string())];
        let engagements = self.engagements(&filter)?.remove(&product).unwrap_or_default();
        let chosen: Vec<&Engagement> = if let Some(wanted) = &binding.engagement {
            engagements.iter().filter(|engagement| engagement.name.as_deref() == Some(wanted)).collect()
        } else {
            // An engagement that names another repository is not ours; one that names none may be.
            let is_ours = |engagement: &&Engagement| match repository(engagement, normalise) {
                Some(repository) => binding.repositories.contains(&repository) || binding.repositories.is_empty(),
                None => true,
            };
            let ours: Vec<&Engagement> = engagements.iter().filter(is_ours).collect();
            // The product was named: then its word counts.
            if ours.is_empty() { engagements.iter().collect() } else { ours }
        };
        if chosen.is_empty()
            && let Some(wanted) = &binding.engagement
        {
            let mut names: Vec<String> = engagements.iter().filter_map(|engagement| engagement.name.clone()).collect();
            names.dedup();
            let why = format!(
                "the product \"{name}\" has no engagement \"{wanted}\"; it has: {}; name one of them as `engagement` in aspm.toml",
                if names.is_empty() { "none".to_owned() } else { names.join(", ") }
            );
            return Err(Error::Server { name: self.source.to_owned(), fault: crate::ServerFault::NoPermission, why });
        }
        let all = chosen.len() == engagements.len();
        let engagements = if all { Vec::new() } else { chosen.iter().filter_map(|engagement| engagement.id).collect() };
        Ok(Scope { product, name, engagements })
    }

    /// Why `scope` is what `binding` stands for, for people.
    pub(super) fn reads(&self, scope: &Scope, binding: &Binding, normalise: Normalise) -> Result<Reads, Error> {
        let filter = [("product", scope.product.to_string())];
        let engagements = self.engagements(&filter)?.remove(&scope.product).unwrap_or_default();
        let ours = engagements.iter().find_map(|engagement| {
            let repository = repository(engagement, normalise).filter(|it| binding.repositories.contains(it))?;
            Some((engagement.name.clone().unwrap_or_default(), repository))
        });
        let why = match (&binding.product, ours) {
            (Some(_), None) => "which aspm.toml names".to_owned(),
            (Some(_), Some((name, repository))) => {
                format!("which aspm.toml names, and whose engagement \"{name}\" names this repository ({repository})")
            }
            (None, Some((name, repository))) => {
                format!("whose engagement \"{name}\" names this repository ({repository})")
            }
            // It did a moment ago.
            (None, None) => "which named this repository".to_owned(),
        };
        let is_read = |engagement: &&Engagement| {
            scope.engagements.is_empty() || engagement.id.is_some_and(|id| scope.engagements.contains(&id))
        };
        let read: Vec<&str> =
            engagements.iter().filter(is_read).map(|it| it.name.as_deref().unwrap_or("without a name")).collect();
        let mut shown = read.iter().take(MOST_SHOWN).copied().collect::<Vec<_>>().join(", ");
        if read.len() > MOST_SHOWN {
            shown = format!("{shown} and {} more", read.len() - MOST_SHOWN);
        }
        let parts = match (read.len(), engagements.len()) {
            (_, 0) => "it has no engagements yet".to_owned(),
            (1, 1) => format!("its one engagement: {shown}"),
            (some, all) if some == all => format!("all {all} engagements: {shown}"),
            (some, all) => format!("{some} of its {all} engagements: {shown}; the rest belongs to other repositories"),
        };
        let parts = match &binding.engagement {
            Some(_) => format!("the engagement that aspm.toml names: {shown}"),
            None => parts,
        };
        Ok(Reads { name: scope.name.clone(), why, parts })
    }

    /// All products that this account may see, those that match first.
    pub(super) fn candidates(&self, repositories: &[String], normalise: Normalise) -> Result<Vec<Candidate>, Error> {
        let mut candidates = Vec::new();
        for (number, engagements) in self.engagements(&[])? {
            let mut found: Vec<String> =
                engagements.iter().filter_map(|engagement| repository(engagement, normalise)).collect();
            found.sort();
            found.dedup();
            let is_match = found.iter().any(|repository| repositories.contains(repository));
            let mut names: Vec<String> = engagements.into_iter().filter_map(|engagement| engagement.name).collect();
            names.dedup();
            candidates.push(Candidate {
                product: String::new(),
                number,
                engagements: names,
                repositories: found,
                is_match,
            });
        }
        candidates.sort_by_key(|candidate| (!candidate.is_match, candidate.number));
        for candidate in candidates.iter_mut().take(MOST_NAMES) {
            candidate.product = self.product_name(candidate.number)?;
        }
        candidates.retain(|candidate| !candidate.product.is_empty());
        Ok(candidates)
    }

    fn product_of(&self, repositories: &[String], normalise: Normalise) -> Result<(i64, String), Error> {
        let of = self.engagements(&[])?;
        let is_ours = |engagement: &Engagement| {
            repository(engagement, normalise).is_some_and(|repository| repositories.contains(&repository))
        };
        let mut matching: Vec<i64> =
            of.iter().filter(|(_, engagements)| engagements.iter().any(is_ours)).map(|(product, _)| *product).collect();
        if let ([only], true) = (matching.as_slice(), matching.len() == 1) {
            return Ok((*only, self.product_name(*only)?));
        }
        if matching.is_empty() {
            return Err(Error::Product {
                name: self.source.to_owned(),
                is_several: false,
                candidates: self.names(of.into_keys().collect())?,
            });
        }
        matching.sort_unstable();
        Err(Error::Product { name: self.source.to_owned(), is_several: true, candidates: self.names(matching)? })
    }

    fn names(&self, products: Vec<i64>) -> Result<Vec<String>, Error> {
        products.into_iter().take(MOST_NAMES).map(|product| self.product_name(product)).collect()
    }

    /// The list of products would bring the numbers of all their findings, so one finding of it is asked for.
    fn product_name(&self, product: i64) -> Result<String, Error> {
        let query = [
            ("limit", "1".to_owned()),
            ("related_fields", "true".to_owned()),
            ("test__engagement__product", product.to_string()),
        ];
        let (page, _) = self.get::<Page<Row>>("findings/", &query).map_err(|error| self.error(error))?;
        if let Some(found) = page.results.first().and_then(product_of).filter(|found| found.id == Some(product)) {
            return Ok(found.name.clone().unwrap_or_default());
        }
        // A product without findings has a short list of them.
        let (found, _) = self.get::<Named>(&format!("products/{product}/"), &[]).map_err(|error| self.error(error))?;
        Ok(found.name.unwrap_or_default())
    }

    fn product_named(&self, name: &str) -> Result<i64, Error> {
        let query =
            [("limit", "1".to_owned()), ("related_fields", "true".to_owned()), ("product_name", name.to_owned())];
        let (page, _) = self.get::<Page<Row>>("findings/", &query).map_err(|error| self.error(error))?;
        let is_it = |product: &&Named| product.name.as_deref() == Some(name);
        if let Some(number) = page.results.first().and_then(product_of).filter(is_it).and_then(|product| product.id) {
            return Ok(number);
        }
        let query = [("limit", "2".to_owned()), ("name_exact", name.to_owned())];
        let (page, _) = self.get::<Page<Named>>("products/", &query).map_err(|error| self.error(error))?;
        if let Some(number) = page.results.iter().find(is_it).and_then(|product| product.id) {
            return Ok(number);
        }
        let all = self.names(self.engagements(&[])?.into_keys().collect())?;
        let why = format!(
            "no product is named \"{name}\", or this account may not see it; it may see: {}; name one of them as `product` in \
             aspm.toml, or ask for the product",
            if all.is_empty() { "none".to_owned() } else { all.join(", ") }
        );
        Err(Error::Server { name: self.source.to_owned(), fault: crate::ServerFault::NoPermission, why })
    }

    /// The engagements that this account may see, by product. Filters are checked here: the server ignores what it does
    /// not know.
    fn engagements(&self, filter: &[(&str, String)]) -> Result<ByProduct, Error> {
        let mut found: BTreeMap<i64, Engagement> = BTreeMap::new();
        let mut offset = 0;
        loop {
            let mut query =
                vec![("limit", PAGE.to_string()), ("offset", offset.to_string()), ("o", "created".to_owned())];
            query.extend_from_slice(filter);
            let (page, _) = self.get::<Page<Engagement>>("engagements/", &query).map_err(|error| self.error(error))?;
            let Some(total) = page.count.and_then(|count| usize::try_from(count).ok()) else {
                return Err(self.error(HttpError::Unexpected {
                    at: format!("{}api/v2/engagements/", self.base),
                    why: "a list without a count came".to_owned(),
                }));
            };
            let length = page.results.len();
            let wanted =
                filter.iter().find(|(name, _)| *name == "product").and_then(|(_, value)| value.parse::<i64>().ok());
            for engagement in page.results {
                let fits = wanted.is_none() || wanted == engagement.product;
                if let (Some(id), true) = (engagement.id, fits) {
                    found.insert(id, engagement);
                }
            }
            // One row of overlap, as everywhere; what is missed is found by the next full pull.
            if length < 2 || offset + length >= total || found.len() >= MOST_ENGAGEMENTS {
                break;
            }
            offset += length - 1;
        }
        let mut by_product = ByProduct::new();
        for engagement in found.into_values() {
            by_product.entry(engagement.product.unwrap_or_default()).or_default().push(engagement);
        }
        Ok(by_product)
    }
}

fn repository(engagement: &Engagement, normalise: Normalise) -> Option<String> {
    let written = engagement.source_code_management_uri.as_deref()?.trim();
    normalise(written).filter(|_| !written.is_empty())
}

/// The product that a row belongs to.
pub(super) fn product_of(row: &Row) -> Option<&Named> {
    row.related_fields.as_ref()?.test.as_ref()?.engagement.as_ref()?.product.as_deref()
}

/// The engagement that a row belongs to.
pub(super) fn engagement_of(row: &Row) -> Option<i64> {
    row.related_fields.as_ref()?.test.as_ref()?.engagement.as_ref()?.id
}
