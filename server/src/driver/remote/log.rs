//! A SARIF log behind `http(s)`: fetched when it changed, then read like one on disk.

use std::io::Write as _;

use connectors::http::{Client, HttpError, Request, Scheme};
use connectors::sarif::{Limits, SarifFiles};
use connectors::{Capabilities, Connector, Coverage, Error, Health, Outcome, Progress, Sink};
use serde::{Deserialize, Serialize};
use url::Url;

/// The largest log that is fetched, in bytes after decompression.
const MOST_BYTES: u64 = 512 << 20;

/// One log on a server.
pub(super) struct RemoteLog {
    client: Client,
    url: Url,
    source: String,
}

/// What is remembered between two pulls.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Cursor {
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
}

impl RemoteLog {
    pub(super) fn new(client: Client, url: &Url, source: &str) -> Self {
        Self { client, url: url.clone(), source: source.to_owned() }
    }
}

impl Connector for RemoteLog {
    fn kind(&self) -> &'static str {
        "sarif"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn health(&self, cancelled: &dyn Fn() -> bool) -> Result<Health, Error> {
        let request = Request { head_only: true, ..Request::get(self.url.clone()).authorized(Scheme::Bearer) };
        let http = |error: HttpError| Error::Http { name: self.source.clone(), error };
        let response = self.client.send(&request, cancelled).map_err(http)?;
        let clock_ahead = response.date.map(|date| date.as_second() - crate::clock::now().as_second());
        Ok(Health { clock_ahead, ..Health::default() })
    }

    fn pull(
        &self,
        previous: Option<&str>,
        sink: &mut dyn Sink,
        cancelled: &dyn Fn() -> bool,
        progress: &dyn Fn(Progress),
    ) -> Result<Outcome, Error> {
        let known: Option<Cursor> = previous.and_then(|text| serde_json::from_str(text).ok());
        let known = known.filter(|known| known.url == self.url.as_str());
        let mut request = Request::get(self.url.clone()).authorized(Scheme::Bearer);
        request.max_bytes = MOST_BYTES;
        request.etag = known.as_ref().and_then(|known| known.etag.clone());
        request.if_modified_since = known.as_ref().and_then(|known| known.last_modified.clone());
        let failed =
            |error: std::io::Error| Error::Sink(format!("the fetched log cannot be kept for reading: {error}"));
        let folder = tempfile::tempdir().map_err(failed)?;
        let is_packed =
            std::path::Path::new(self.url.path()).extension().is_some_and(|it| it.eq_ignore_ascii_case("gz"));
        let name = if is_packed { "log.sarif.gz" } else { "log.sarif" };
        let mut file = std::fs::File::create(folder.path().join(name)).map_err(failed)?;
        let http = |error: HttpError| Error::Http { name: self.source.clone(), error };
        let response = self.client.send_into(&request, &mut file, cancelled).map_err(http)?;
        file.flush().map_err(failed)?;
        drop(file);
        if response.is_unchanged() {
            return Ok(Outcome {
                cursor: previous.unwrap_or_default().to_owned(),
                unchanged: true,
                ..Outcome::default()
            });
        }
        let files = SarifFiles::new(folder.path(), &self.source, name, Limits::default())?;
        let mut outcome = files.pull(None, sink, cancelled, progress)?;
        let cursor = Cursor { url: self.url.to_string(), etag: response.etag, last_modified: response.last_modified };
        outcome.cursor = serde_json::to_string(&cursor).unwrap_or_default();
        outcome.coverage = Coverage::Whole;
        Ok(outcome)
    }
}
