//! Whose findings a source gives: the account that this process, or the last one, used at its server.

use std::path::Path;

use config::{Origin, SourceConfig, SourceKind};
use connectors::{Account, Connector};
use store::{Key, Store};
use url::Url;

use crate::account::{self, Whose};
use crate::driver::{Inner, lock};

/// Who a credential was found to belong to.
#[derive(Debug, Clone)]
pub(in crate::driver) struct Identified {
    mark: String,
    pub(in crate::driver) account: Account,
}

/// As far as it is known without asking anybody, running a command or opening a keyring.
pub(in crate::driver) fn whose(inner: &Inner, source: &SourceConfig) -> Whose {
    match (&source.url, source.kind) {
        (Some(url), SourceKind::DefectDojo) => whose_at(inner, url),
        _ => Whose::Nobodys,
    }
}

/// The same by an address of the server.
pub(in crate::driver) fn whose_at(inner: &Inner, url: &Url) -> Whose {
    let Some(origin) = Origin::of(url) else { return Whose::Nobodys };
    let mark = inner.client().ok().and_then(|client| client.mark_at_hand(url));
    match account::whose(&inner.places.cache, &origin, mark.as_deref()) {
        // Where nothing can be written down, this process still knows.
        Whose::Nobodys => {
            let known = lock(&inner.identified).get(&origin).map(|known| known.account.clone());
            known.map_or(Whose::Nobodys, Whose::Known)
        }
        whose => whose,
    }
}

/// Finds out whose the credential is that requests carry now, and remembers it: what is read and sent from here on is
/// theirs. Asks the server only where the credential was never used. `None`: there is no credential, or no account.
pub(in crate::driver) fn identify(
    inner: &Inner,
    root: &Path,
    source: &SourceConfig,
    connector: &dyn Connector,
) -> Result<Option<Identified>, String> {
    let (Some(url), SourceKind::DefectDojo) = (&source.url, source.kind) else { return Ok(None) };
    let Some(origin) = Origin::of(url) else { return Ok(None) };
    let (cache, client) = (&inner.places.cache, inner.client()?);
    let failed = |error| connectors::Error::Http { name: source.name.clone(), error }.to_string();
    let cancelled = || inner.is_stopped();
    // Somebody signed in elsewhere since: what this process holds is of before.
    let last = account::last(cache, &origin);
    let seen = lock(&inner.identified).get(&origin).map(|known| known.mark.clone());
    if seen.is_some() && last.is_some() && seen != last {
        client.forget(&origin);
    }
    let Some(mark) = client.mark(url, &cancelled).map_err(failed)? else { return Ok(None) };
    let account = match account::whose(cache, &origin, Some(&mark)) {
        Whose::Known(account) => Some(account),
        Whose::Nobodys | Whose::Strangers(_) => connector.account(&cancelled).map_err(|error| error.to_string())?,
    };
    let Some(account) = account else { return Ok(None) };
    if last.is_none()
        && let Some(key) = super::key(inner, root, source)
    {
        // Kept before accounts were told apart: nobody knows whose it is.
        Store::discard(cache, &Key { account: String::new(), ..key });
    }
    if let Err(why) = account::remember(cache, &origin, &mark, &account) {
        tracing::warn!("{why}");
    }
    let identified = Identified { mark, account };
    lock(&inner.identified).insert(origin, identified.clone());
    Ok(Some(identified))
}

/// Whether requests still carry the credential that was identified.
pub(in crate::driver) fn is_still(inner: &Inner, source: &SourceConfig, identified: Option<&Identified>) -> bool {
    let (Some(identified), Some(url)) = (identified, &source.url) else { return true };
    let now = inner.client().ok().and_then(|client| client.mark(url, &|| inner.is_stopped()).ok().flatten());
    now.as_ref() == Some(&identified.mark)
}
