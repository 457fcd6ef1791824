//! What was answered.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use url::Url;

use super::error::{HttpError, excerpt, place};

/// A complete answer with a status of 200 to 299, or 304 where the request named what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Where the answer came from, after redirects.
    pub url: Url,
    /// The server's clock (`Date`).
    pub date: Option<Timestamp>,
    /// To ask next time whether it changed.
    pub etag: Option<String>,
    /// Likewise, as the server wrote it.
    pub last_modified: Option<String>,
    /// The media type in lower case, without parameters.
    pub content_type: Option<String>,
    /// The body, decompressed; empty when it was written elsewhere.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether what is known is still so (status 304).
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.status == 304
    }

    /// The body read as JSON. The error tells a web page (a sign-in, a wrong address) from broken JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let is_page =
                self.content_type.as_deref() == Some("text/html") || self.body.trim_ascii_start().starts_with(b"<");
            let why = if is_page {
                "a web page came instead of data; the address may be wrong, or a sign-in page stands in between"
                    .to_owned()
            } else {
                let shown = excerpt(&String::from_utf8_lossy(&self.body[..self.body.len().min(1024)]), 80);
                format!("the data could not be understood ({error}); it begins with: {shown}")
            };
            HttpError::Unexpected { at: place(&self.url), why }
        })
    }
}
