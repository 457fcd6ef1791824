//! What can go wrong, for people: what failed, where, what to do. Never a query, which can hold a secret.

use std::fmt;
use std::time::Duration;

use config::Origin;
use jiff::Timestamp;
use url::Url;

use super::secrets::SecretError;

/// Longest place shown, in characters.
const MAX_PLACE: usize = 200;
/// Most of an answer's body that is shown, in characters.
const MAX_EXCERPT: usize = 300;

/// Why there is no answer to rely on. `at` is origin and path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The user's configuration does not list the origin; nothing was sent and no name looked up.
    #[error(
        "{origin} is not a server you allow, so nothing was asked of it: run `aspm-lsp login {origin}` if it should be"
    )]
    NotAllowed {
        /// The origin.
        origin: String,
    },
    /// A redirect leads to an origin that the user's configuration does not list.
    #[error(
        "{at} redirects to {origin}, which is not a server you allow, so it was not followed: run \
         `aspm-lsp login {origin}` if you know it and it should be"
    )]
    RedirectNotAllowed {
        /// Who redirects.
        at: String,
        /// Where to.
        origin: String,
    },
    /// Plain http to another computer.
    #[error(
        "{origin} is plain http, which everybody on the way can read: use https, or set `allow_http = true` for it in \
         your config.toml"
    )]
    PlainHttp {
        /// The origin.
        origin: String,
    },
    /// The request cannot be sent as it is.
    #[error("the request to {at} was not sent: {why}")]
    Malformed {
        /// Where to.
        at: String,
        /// What is wrong with it.
        why: String,
    },
    /// The configured credential is not to be had.
    #[error("{0}")]
    Credential(#[from] SecretError),
    /// The configuration of the server cannot be used.
    #[error("{origin} cannot be asked: {why}")]
    Setup {
        /// The server.
        origin: String,
        /// What is wrong and what to do.
        why: String,
    },
    /// The host's name is not known.
    #[error("{at}: the name {host} could not be looked up; check the URL, and that you are online (or in the VPN)")]
    Dns {
        /// Where to.
        at: String,
        /// The name.
        host: String,
    },
    /// Nobody listens there.
    #[error("{at}: the connection was refused; check host and port, and that the server runs")]
    Refused {
        /// Where to.
        at: String,
    },
    /// There is no way there, or the connection did not come about in time.
    #[error("{at}: no connection: {why}")]
    Unreachable {
        /// Where to.
        at: String,
        /// Why.
        why: String,
    },
    /// The proxy failed or refused.
    #[error("{at}: the proxy {proxy} {why}")]
    Proxy {
        /// Where to.
        at: String,
        /// The proxy, without its credential.
        proxy: String,
        /// What it did and what to do.
        why: String,
    },
    /// The encrypted connection did not come about.
    #[error("{at}: {fault}")]
    Tls {
        /// Where to.
        at: String,
        /// What is wrong and what to do.
        fault: TlsFault,
    },
    /// The deadline passed; whether the server acted is unknown.
    #[error("{at}: no complete answer within {} s; the server may be busy, it is tried again later", .after.as_secs_f32())]
    TimedOut {
        /// Where to.
        at: String,
        /// The deadline.
        after: Duration,
    },
    /// The connection ended before the answer did; whether the server acted is unknown.
    #[error("{at}: the connection broke off before the answer was complete; it is tried again later")]
    CutOff {
        /// Where to.
        at: String,
    },
    /// The answer is larger than the request allows.
    #[error("{at}: the answer is larger than {} and was not read", size(*.limit))]
    TooLarge {
        /// Where to.
        at: String,
        /// The bound, in bytes.
        limit: u64,
    },
    /// A redirect that is not followed.
    #[error("{at} redirects to {to}, {why}")]
    Redirect {
        /// Who redirects.
        at: String,
        /// Where to, or what stands there.
        to: String,
        /// Why it is not followed and what to do.
        why: String,
    },
    /// What came is no HTTP, or not what was asked for.
    #[error("{at}: {why}")]
    Unexpected {
        /// Where to.
        at: String,
        /// What came.
        why: String,
    },
    /// The server refused or failed.
    #[error("{0}")]
    Status(Box<StatusError>),
    /// What takes the body failed.
    #[error("{at}: the answer could not be kept: {why}")]
    Sink {
        /// Where to.
        at: String,
        /// Why.
        why: String,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl HttpError {
    /// Whether the same request may well succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Dns { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::Proxy { .. }
            | Self::TimedOut { .. }
            | Self::CutOff { .. } => true,
            Self::Status(error) => matches!(error.status, 408 | 425 | 429 | 500..=599),
            _ => false,
        }
    }

    /// Whether it has nothing to do with what was asked: any other request to this server would fare the same now.
    #[must_use]
    pub fn is_of_server(&self) -> bool {
        match self {
            Self::TooLarge { .. }
            | Self::Unexpected { .. }
            | Self::CutOff { .. }
            | Self::Malformed { .. }
            | Self::Sink { .. }
            | Self::Cancelled => false,
            // A permission may be of one finding; see the connector for what its server says.
            Self::Status(error) => matches!(error.status, 401 | 407 | 429 | 502..=504),
            _ => true,
        }
    }

    /// Whether the server may have done what was asked although there is no answer: look before asking again.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        match self {
            Self::TimedOut { .. }
            | Self::CutOff { .. }
            | Self::TooLarge { .. }
            | Self::Unexpected { .. }
            | Self::Sink { .. }
            | Self::Cancelled => true,
            Self::Status(error) => error.status >= 500,
            _ => false,
        }
    }

    /// How long the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        if let Self::Status(error) = self { error.retry_after } else { None }
    }

    /// The status that was answered, where one was.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        if let Self::Status(error) = self { Some(error.status) } else { None }
    }
}

/// A status that is neither success nor a redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusError {
    /// Origin and path.
    pub at: String,
    /// The server.
    pub origin: String,
    /// The status.
    pub status: u16,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
    /// The server's clock (`Date`).
    pub date: Option<Timestamp>,
    /// The beginning of the body (16 KiB), with the credential that was sent blacked out.
    pub body: String,
}

impl fmt::Display for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, origin, status, .. } = self;
        write!(f, "{at} answered {status}: ")?;
        if matches!(status, 401 | 403) {
            let why = if *status == 401 {
                "the credential is missing, wrong or expired;"
            } else {
                "the credential is wrong or lacks the permission; ask for the permission, or"
            };
            write!(f, "{why} run `aspm-lsp login {origin}`")?;
        } else {
            f.write_str(refusal(*status))?;
        }
        if let Some(pause) = self.retry_after {
            write!(f, " (in {} s)", pause.as_secs())?;
        }
        let said = excerpt(&self.body, MAX_EXCERPT);
        if said.is_empty() { Ok(()) } else { write!(f, ". It says: {said}") }
    }
}

/// What a status means, and what to do.
fn refusal(status: u16) -> &'static str {
    match status {
        404 | 410 => "nothing is there, or the account may not see it; check the URL and the account",
        405 => "it does not take this kind of request; check the URL",
        407 => "the proxy wants a user and password; set `proxy_auth` in your config.toml",
        413 | 414 => "the request is too large for it",
        429 => "it asks for fewer requests",
        300..=399 => "it redirects without saying where to; check the URL",
        400..=499 => "it refused the request",
        _ => "the server failed; it is tried again later",
    }
}

/// Why an encrypted connection did not come about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// No known authority vouches for the certificate.
    #[error(
        "its certificate is not from an authority that this computer trusts; if it is your organisation's own (or a \
         proxy's that looks into encrypted traffic), set `ca = \"…/ca.pem\"` for this server in your config.toml"
    )]
    Untrusted,
    /// It is out of date, or not valid yet.
    #[error(
        "its certificate is not valid at this time: it expired or is not valid yet; check this computer's clock, or tell who runs it"
    )]
    Expired,
    /// It is for another host.
    #[error("its certificate is for another name; check the host in the URL, or tell who runs it")]
    WrongName,
    /// Otherwise not to be relied on.
    #[error("its certificate cannot be relied on: {0}")]
    BadCertificate(String),
    /// The server wants this computer to show a certificate, or does not take the one shown.
    #[error(
        "it wants a certificate from this computer: set `client_cert` and `client_key` for it in your config.toml, or renew them ({0})"
    )]
    ClientCertificate(String),
    /// What answers speaks no TLS.
    #[error("what answers there does not speak TLS; check the port, or whether the URL should begin with http://")]
    NotTls,
    /// Anything else.
    #[error("no encrypted connection: {0}")]
    Other(String),
}

/// Origin and path of a URL, never its query, user or password.
pub(super) fn place(url: &Url) -> String {
    let origin = Origin::of(url).map_or_else(|| url.scheme().to_owned(), |origin| origin.to_string());
    shortened(&format!("{origin}{}", url.path()), MAX_PLACE)
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A server's text on one line: of JSON what it says, of a web page its words, no control characters.
pub(super) fn excerpt(text: &str, most: usize) -> String {
    let trimmed = text.trim();
    if let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(trimmed) {
        let said = ["detail", "message", "error"].iter().find_map(|key| fields.get(*key)?.as_str());
        if let Some(said) = said {
            return one_line(said, most);
        }
    }
    if trimmed.starts_with('<') { one_line(&without_tags(trimmed), most) } else { one_line(trimmed, most) }
}

pub(super) fn one_line(text: &str, most: usize) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let clean: String = text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    shortened(&clean.split_whitespace().collect::<Vec<_>>().join(" "), most)
}

fn without_tags(page: &str) -> String {
    let mut words = String::new();
    let mut rest = page;
    while let Some(open) = rest.find('<') {
        words.extend([&rest[..open], " "]);
        let tag = &rest[open..];
        // What stands in these is no text for a reader.
        let closing = ["script", "style"].iter().find_map(|name| {
            let is_it = tag.get(1..=name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
            is_it.then(|| tag.find(&format!("</{name}"))).flatten()
        });
        let tag = &tag[closing.unwrap_or(0)..];
        rest = tag.find('>').map_or("", |end| &tag[end + 1..]);
    }
    words + rest
}

fn size(bytes: u64) -> String {
    match bytes {
        0..=10_239 => format!("{bytes} bytes"),
        10_240..=10_485_759 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}
