//! Sources behind the network: who speaks to them, and under which name their findings are kept.

use std::path::Path;
use std::time::Duration;

use config::{Origin, SourceConfig, SourceKind, UserConfig};
use connectors::Connector;
use connectors::defectdojo::{Binding, DefectDojo, Options};
use connectors::http::{Client, Secrets};
use store::Key;

use super::{Inner, lock};

/// Longest time for the answer to one question; what somebody sees waits less.
const BRIEF: Duration = Duration::from_secs(10);

mod examine;
mod log;
mod whose;

pub(crate) use examine::{Credential, Examined, examine};
pub(super) use whose::{Identified, identify, is_still, whose, whose_at};

/// The connector of a source; an error is a sentence for people.
pub(super) fn connector(inner: &Inner, root: &Path, source: &SourceConfig) -> Result<Box<dyn Connector>, String> {
    let turns = inner.turns.clone();
    let options = Options::default().waiting(move |pause, cancelled| turns.pause(pause, cancelled));
    with(inner, root, source, options)
}

/// The same for one question of somebody who looks at a finding: asked once, and not for long.
pub(super) fn brief(inner: &Inner, root: &Path, source: &SourceConfig) -> Result<Box<dyn Connector>, String> {
    with(inner, root, source, Options::impatient().within(BRIEF))
}

fn with(inner: &Inner, root: &Path, source: &SourceConfig, options: Options) -> Result<Box<dyn Connector>, String> {
    let Some(url) = &source.url else { return Err(format!("Source \"{}\" names no server.", source.name)) };
    let client = inner.client()?;
    Ok(match source.kind {
        SourceKind::Sarif => Box::new(log::RemoteLog::new(client, url, &source.name)),
        SourceKind::DefectDojo => {
            let binding = binding(inner, root, source);
            Box::new(DefectDojo::new(client, url, &source.name, binding, repo::normalise_url).with(options))
        }
    })
}

fn binding(inner: &Inner, root: &Path, source: &SourceConfig) -> Binding {
    Binding {
        product: source.product.clone(),
        engagement: source.engagement.clone(),
        repositories: inner.repo(root).map(|repo| repo.repository_urls()).unwrap_or_default(),
    }
}

/// What a source's findings are kept under: the same for every checkout of the repository, another for each account.
pub(super) fn key(inner: &Inner, root: &Path, source: &SourceConfig) -> Option<Key> {
    let url = source.url.as_ref()?;
    let origin = Origin::of(url).map_or_else(|| url.to_string(), |origin| origin.to_string());
    let Binding { product, engagement, repositories } = binding(inner, root, source);
    // A product that is named needs no repository to be found by.
    let by = if product.is_some() { Vec::new() } else { repositories };
    let product = format!("{} {} {product:?} {engagement:?} {by:?}", source.name, url.path());
    Some(Key { origin, product, account: whose(inner, source).key() })
}

impl Inner {
    /// The one client of this process, made anew when the user's configuration changed.
    pub(super) fn client(&self) -> Result<Client, String> {
        let loaded = UserConfig::load(&config::dirs::process_env);
        if let Some(problem) = loaded.problems.first() {
            return Err(format!("No server is asked while the user's configuration is broken: {problem}"));
        }
        let mut known = lock(&self.client);
        match &*known {
            Some(client) if *client.config() == loaded.config => Ok(client.clone()),
            _ => {
                let client = Client::new(loaded.config, Secrets::of_process());
                *known = Some(client.clone());
                Ok(client)
            }
        }
    }
}
