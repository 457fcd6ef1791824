//! Bundles behind URLs, read anew. A newer one takes the place of the kept one only once it is known to be good.

use std::path::Path;

use config::{BundlePlace, UserConfig};
use connectors::http::{Client, HttpError, Request, Response, Scheme, Secrets, backoff, random};
use policy::bundle::{self, MAX_TOTAL_BYTES};

use super::{Kept, Place, digest, keys};
use crate::driver::Inner;
use crate::driver::law::inputs;

/// Attempts at a server that asks to come back.
const ATTEMPTS: u32 = 4;

/// Reads each bundle of a root that lies behind a URL: what is in force now, or why not, a sentence each.
pub(crate) fn pull(inner: &Inner, root: &Path) -> Vec<Result<String, String>> {
    let loaded = inner.config(root, true);
    let inputs = inputs::read(inner, root, &loaded.config, true);
    let places = inputs.bundles;
    let organisation = places.organisation.iter().map(|place| (place, None));
    let repository = places.repository.iter().map(|(place, tree)| (place, tree.as_ref()));
    let urls: Vec<_> =
        organisation.chain(repository).filter(|(place, _)| matches!(place, BundlePlace::Url(_))).collect();
    let client = Client::new(UserConfig::clone(&places.user), Secrets::of_process());
    let one = |(place, tree)| pulled(inner, &client, &Place { named: place, tree, root, known: &places });
    urls.into_iter().map(one).collect()
}

fn pulled(inner: &Inner, client: &Client, at: &Place<'_>) -> Result<String, String> {
    let BundlePlace::Url(url) = at.named else { return Err("a bundle on disk is read where it lies".to_owned()) };
    let kept = Kept::at(&inner.places.cache, &at.key());
    let known = kept.state();
    let mut request = Request::get(url.clone()).authorized(Scheme::Bearer);
    request.max_bytes = MAX_TOTAL_BYTES as u64;
    request.etag = known.etag.clone().filter(|_| kept.archive().is_ok());
    let response = asked(inner, client, &request).map_err(|error| format!("The policy {url} was not read: {error}"))?;
    let now = crate::clock::now().to_string();
    if response.is_unchanged() {
        kept.remember(|state| state.synced_at = Some(now));
        return Ok(format!("The policy {url} is unchanged."));
    }
    let refused = |why: &dyn std::fmt::Display| {
        format!("The policy {url} was refused: {}. The last good one stays.", why.to_string().trim_end_matches('.'))
    };
    let raw = bundle::unpack(&response.body).map_err(|error| refused(&error))?;
    let keys = keys(at).map_err(|why| refused(&why))?;
    let compiled = super::compile(url.as_str(), &raw, &keys, digest(&raw, &keys)).map_err(|why| refused(&why))?;
    super::check_replay(inner, at, compiled.sequence).map_err(|why| refused(&why))?;
    kept.keep(&response.body).map_err(|error| format!("The policy {url} was read and cannot be kept: {error}"))?;
    kept.remember(|state| {
        state.origin = url.to_string();
        state.etag = response.etag;
        state.synced_at = Some(now);
    });
    let revision = compiled.info.revision.map(|revision| format!(", revision {revision}")).unwrap_or_default();
    let signed = compiled.info.signed_by.map_or(", not signed".to_owned(), |key| format!(", signed by {key}"));
    Ok(format!("The policy {url} was read{revision}{signed}."))
}

/// Asks again where the server says so, or a gateway does.
fn asked(inner: &Inner, client: &Client, request: &Request) -> Result<Response, HttpError> {
    let mut attempt = 1;
    loop {
        match client.send(request, &|| inner.is_stopped()) {
            Err(error) if error.is_transient() && attempt < ATTEMPTS => {
                let wait = backoff(attempt, error.retry_after(), &mut random);
                attempt += 1;
                std::thread::sleep(wait);
            }
            answer => return answer,
        }
    }
}
