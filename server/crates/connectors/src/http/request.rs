//! What is asked: method, URL, headers, and the bounds of the answer.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;
use serde::Serialize;
use url::Url;

/// Largest answer unless the request says otherwise, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// Longest exchange unless the request says otherwise.
const DEADLINE: Duration = Duration::from_mins(1);

/// What is to be done at the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Read.
    Get,
    /// Create, or do.
    Post,
    /// Replace.
    Put,
    /// Change in part.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    pub(super) fn as_http(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
        }
    }
}

/// How a credential is written into the `Authorization` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `Token <secret>`, as DefectDojo has it.
    Token,
    /// `Bearer <secret>`.
    Bearer,
    /// `Basic`, of a secret `user:password`.
    Basic,
}

/// Which credential goes along.
#[derive(Clone, Default)]
pub enum Authorization {
    /// None, even where one is configured.
    #[default]
    None,
    /// The one that the user's configuration has for the origin, if any.
    Configured(Scheme),
    /// This one, to the request's own origin only: for a login that is not stored yet.
    Given(Scheme, SecretString),
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Configured(scheme) => write!(f, "Configured({scheme:?})"),
            Self::Given(scheme, _) => write!(f, "Given({scheme:?}, …)"),
        }
    }
}

/// A request. Its `Debug` shows neither query nor body, which can hold secrets.
#[derive(Clone)]
pub struct Request {
    /// What is to be done.
    pub method: Method,
    /// Where. A fragment is not sent; a user name or password is refused.
    pub url: Url,
    /// Which credential goes along.
    pub authorization: Authorization,
    /// The `Accept` header.
    pub accept: Option<String>,
    /// Further headers; they do not follow a redirect to another origin. Those that HTTP itself or this module needs are
    /// refused, as are line breaks.
    pub headers: Vec<(String, String)>,
    /// The `ETag` of what is known: unchanged is then answered by status 304 and no body. Ignored where it cannot be a
    /// header.
    pub etag: Option<String>,
    /// The `Last-Modified` of what is known, likewise.
    pub if_modified_since: Option<String>,
    /// JSON to send.
    pub json: Option<Vec<u8>>,
    /// Largest answer, in bytes after decompression.
    pub max_bytes: u64,
    /// The head of a successful answer is all that is wanted: its body is not waited for, and the connection given up.
    pub head_only: bool,
    /// Longest time from the first byte sent (or the attempt to connect) to the last one received, redirects included;
    /// waiting for other requests to the same origin does not count.
    pub deadline: Duration,
}

impl Request {
    /// A request without credential, headers and body; at most 64 MiB and one minute.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            authorization: Authorization::None,
            accept: None,
            headers: Vec::new(),
            etag: None,
            if_modified_since: None,
            json: None,
            max_bytes: MAX_BYTES,
            head_only: false,
            deadline: DEADLINE,
        }
    }

    /// [`Method::Get`].
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self::new(Method::Get, url)
    }

    /// With the credential that the user's configuration has for the origin, if any.
    #[must_use]
    pub fn authorized(mut self, scheme: Scheme) -> Self {
        self.authorization = Authorization::Configured(scheme);
        self
    }

    /// With `body` as JSON, and JSON as the answer wanted. The error is a body that is none, such as a map whose keys
    /// are no text.
    pub fn json(mut self, body: &impl Serialize) -> Result<Self, serde_json::Error> {
        self.json = Some(serde_json::to_vec(body)?);
        self.accept.get_or_insert_with(|| "application/json".to_owned());
        Ok(self)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("at", &super::error::place(&self.url))
            .field("authorization", &self.authorization)
            .field("max_bytes", &self.max_bytes)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
