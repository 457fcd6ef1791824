//! What callers hold: asks, follows redirects by the rules, and gives up when told to.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use config::{Auth, Origin, Server, UserConfig};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;
use url::Url;

use super::error::{HttpError, StatusError, place};
use super::exchange::{Event, Exchange, Head, MAX_REFUSAL, PIECES};
use super::reach::Reach;
use super::request::{Authorization, Method, Request, Scheme};
use super::response::Response;
use super::runtime::Runtime;
use super::secrets::{SecretError, Secrets, mark};

/// Most redirects that are followed.
const MOST_REDIRECTS: usize = 5;
/// How often the caller is asked whether it still wants the answer.
pub(super) const POLL: Duration = Duration::from_millis(25);
/// Headers that callers may not set: HTTP's own, and those with a meaning here.
const OURS: [&str; 16] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "if-modified-since",
    "if-none-match",
    "range",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Asks the servers that the user's configuration lists. Cheap to clone; clones share connections and credentials. Its
/// calls block and may come from any thread.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    config: UserConfig,
    secrets: Secrets,
    /// Started by the first request.
    runtime: Mutex<Option<Arc<Runtime>>>,
    reaches: Mutex<HashMap<Origin, Arc<Reach>>>,
    /// Credentials that were looked up, until a server refuses one.
    known: Mutex<HashMap<Origin, SecretString>>,
    /// Held while a credential is looked up, so that nobody is asked for it twice.
    looking_up: Mutex<()>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// What answered, and where.
struct Answer {
    head: Head,
    url: Url,
}

impl Client {
    /// Does nothing yet: no thread, no file, no name lookup.
    #[must_use]
    pub fn new(config: UserConfig, secrets: Secrets) -> Self {
        Self(Arc::new(Shared {
            config,
            secrets,
            runtime: Mutex::default(),
            reaches: Mutex::default(),
            known: Mutex::default(),
            looking_up: Mutex::default(),
        }))
    }

    /// What the user allows.
    #[must_use]
    pub fn config(&self) -> &UserConfig {
        &self.0.config
    }

    /// Asks, and gives the answer with its body. `cancelled` is asked at least every 50 ms.
    pub fn send(&self, request: &Request, cancelled: &dyn Fn() -> bool) -> Result<Response, HttpError> {
        let mut body = Vec::new();
        let response = self.send_into(request, &mut body, cancelled)?;
        Ok(Response { body, ..response })
    }

    /// Asks, and writes the body of a successful answer to `sink` as it comes, so that it need not fit into memory. What
    /// was written before an error is to be thrown away.
    pub fn send_into(
        &self,
        request: &Request,
        sink: &mut dyn Write,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Response, HttpError> {
        let mut url = clean(&request.url)?;
        let mut left = request.deadline;
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.hop(request, url.clone(), &mut left, sink, cancelled)?;
            if answer.head.is_redirect() {
                url = self.next(request, &answer)?;
            } else {
                let Answer { head, url } = answer;
                return Ok(Response {
                    status: head.status,
                    url,
                    date: head.date,
                    etag: head.etag,
                    last_modified: head.last_modified,
                    content_type: head.content_type,
                    body: Vec::new(),
                });
            }
        }
        let why = format!("for the {MOST_REDIRECTS}th time in a row; check the URL");
        Err(HttpError::Redirect { at: place(&request.url), to: place(&url), why })
    }

    /// Forgets the credential of an origin, so that the next request looks it up anew: after a login, a logout, or an
    /// answer that says it is wrong (status 401 does so by itself).
    pub fn forget(&self, origin: &Origin) {
        lock(&self.0.known).remove(origin);
    }

    /// What tells the credential that requests to `url` carry from others ([`super::mark`]); it is looked up where that
    /// was not done yet. `None`: none is configured, or nothing may be asked there.
    pub fn mark(&self, url: &Url, cancelled: &dyn Fn() -> bool) -> Result<Option<String>, HttpError> {
        let Ok(server) = self.allowed(url) else { return Ok(None) };
        Ok(self.credential(server, cancelled)?.map(|secret| mark(&server.origin, &secret)))
    }

    /// The same where that costs nothing: no command is run and no keyring opened for it.
    #[must_use]
    pub fn mark_at_hand(&self, url: &Url) -> Option<String> {
        let server = self.allowed(url).ok()?;
        self.0.secrets.at_hand(server).map(|secret| mark(&server.origin, &secret))
    }

    /// The server of `url`, once all that forbids a request to it has been ruled out.
    pub(super) fn allowed(&self, url: &Url) -> Result<&Server, HttpError> {
        let origin = || Origin::of(url).map_or_else(|| url.scheme().to_owned(), |origin| origin.to_string());
        let server = self.0.config.server_for(url).ok_or_else(|| HttpError::NotAllowed { origin: origin() })?;
        if server.origin.is_encrypted() || server.origin.is_loopback() || server.allow_http {
            Ok(server)
        } else {
            Err(HttpError::PlainHttp { origin: origin() })
        }
    }

    /// One exchange. Only a successful body is written to `sink`.
    fn hop(
        &self,
        request: &Request,
        url: Url,
        left: &mut Duration,
        sink: &mut dyn Write,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Answer, HttpError> {
        let server = self.allowed(&url)?;
        let is_own = Origin::of(&url) == Origin::of(&request.url);
        let (scheme, secret) = match &request.authorization {
            Authorization::None => (None, None),
            Authorization::Configured(scheme) => (Some(*scheme), self.credential(server, cancelled)?),
            Authorization::Given(scheme, secret) => (Some(*scheme), is_own.then(|| secret.clone())),
        };
        let reach = self.reach(server, cancelled)?;
        let built = build(&reach, request, &url, is_own, scheme.zip(secret.as_ref()), &server.origin)?;
        let (events, received) = channel();
        let room = Arc::new(Semaphore::new(PIECES));
        let at = place(&url);
        let exchange = Exchange {
            reach,
            request: built,
            at: at.clone(),
            host: server.origin.host().to_owned(),
            max_bytes: request.max_bytes,
            left: *left,
            deadline: request.deadline,
            events,
            room: room.clone(),
        };
        // Given up when this function returns.
        let runtime = self.runtime().map_err(|error| HttpError::Setup {
            origin: server.origin.to_string(),
            why: format!("no thread for it can be started: {error}"),
        })?;
        let _running = runtime.spawn(exchange.run());
        let mut begun = None;
        let mut head: Option<Head> = None;
        let mut refusal = Vec::new();
        loop {
            if cancelled() {
                return Err(HttpError::Cancelled);
            }
            match received.recv_timeout(POLL) {
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(HttpError::Unexpected { at, why: "the request ended without a word".to_owned() });
                }
                Ok(Event::Turn) => begun = Some(Instant::now()),
                Ok(Event::Head(came)) => {
                    let is_enough = request.head_only && came.is_success();
                    head = Some(*came);
                    if is_enough {
                        break;
                    }
                }
                Ok(Event::Piece(piece)) => {
                    room.add_permits(1);
                    if head.as_ref().is_some_and(Head::is_success) {
                        sink.write_all(&piece)
                            .map_err(|error| HttpError::Sink { at: at.clone(), why: error.to_string() })?;
                    } else {
                        refusal.extend(piece);
                    }
                }
                Ok(Event::Failed(error)) => return Err(error),
                Ok(Event::Done) => break,
            }
        }
        *left = left.saturating_sub(begun.map_or(Duration::ZERO, |begun: Instant| begun.elapsed()));
        let Some(head) = head else {
            return Err(HttpError::Unexpected { at, why: "the answer has no status".to_owned() });
        };
        if head.is_success() || head.is_redirect() {
            return Ok(Answer { head, url });
        }
        if head.status == 401 {
            self.forget(&server.origin);
        }
        Err(HttpError::Status(Box::new(StatusError {
            at,
            origin: server.origin.to_string(),
            status: head.status,
            retry_after: head.retry_after,
            date: head.date,
            body: blacked_out(&refusal, secret.as_ref()),
        })))
    }

    /// Where a redirect leads, if it may be followed.
    fn next(&self, request: &Request, answer: &Answer) -> Result<Url, HttpError> {
        let at = place(&answer.url);
        let location = answer.head.location.as_deref().unwrap_or_default();
        let refused = |to: String, why: &str| HttpError::Redirect { at: at.clone(), to, why: why.to_owned() };
        let url = answer.url.join(location).ok();
        let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https") && location.len() < 8192) else {
            return Err(refused("something that is no web address".to_owned(), "so it was not followed"));
        };
        let url = clean(&url)
            .map_err(|_| refused(place(&url), "with a user name or password in it, so it was not followed"))?;
        let is_same = Origin::of(&url) == Origin::of(&answer.url);
        if request.method != Method::Get && !(is_same && matches!(answer.head.status, 307 | 308)) {
            let why =
                "and a change is not sent on to where it was not meant to go; correct the URL in your configuration";
            return Err(refused(place(&url), why));
        }
        if answer.url.scheme() == "https" && url.scheme() == "http" {
            return Err(refused(place(&url), "which is not encrypted, so it was not followed"));
        }
        match self.allowed(&url) {
            Err(HttpError::NotAllowed { origin }) => Err(HttpError::RedirectNotAllowed { at, origin }),
            Err(error) => Err(error),
            Ok(_) => Ok(url),
        }
    }

    fn credential(&self, server: &Server, cancelled: &dyn Fn() -> bool) -> Result<Option<SecretString>, HttpError> {
        let known = || lock(&self.0.known).get(&server.origin).cloned();
        if server.auth == Auth::None {
            return Ok(None);
        }
        if let Some(known) = known() {
            return Ok(Some(known));
        }
        let _alone = self.alone(cancelled)?;
        if let Some(known) = known() {
            return Ok(Some(known));
        }
        let secret = self.0.secrets.credential(server, cancelled).map_err(not_to_be_had)?;
        if let Some(secret) = &secret {
            lock(&self.0.known).insert(server.origin.clone(), secret.clone());
        }
        Ok(secret)
    }

    fn alone(&self, cancelled: &dyn Fn() -> bool) -> Result<MutexGuard<'_, ()>, HttpError> {
        loop {
            match self.0.looking_up.try_lock() {
                Ok(guard) => return Ok(guard),
                Err(std::sync::TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
                Err(std::sync::TryLockError::WouldBlock) if cancelled() => return Err(HttpError::Cancelled),
                Err(std::sync::TryLockError::WouldBlock) => std::thread::sleep(POLL),
            }
        }
    }

    fn reach(&self, server: &Server, cancelled: &dyn Fn() -> bool) -> Result<Arc<Reach>, HttpError> {
        let known = lock(&self.0.reaches).get(&server.origin).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let login = self.proxy_login(server, cancelled)?;
        let made = Arc::new(Reach::new(server, login.as_ref())?);
        // Another thread may have been quicker; one origin has one way, or there would be two connections.
        Ok(lock(&self.0.reaches).entry(server.origin.clone()).or_insert(made).clone())
    }

    pub(super) fn proxy_login(
        &self,
        server: &Server,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Option<SecretString>, HttpError> {
        self.0.secrets.proxy_login(server, cancelled).map_err(not_to_be_had)
    }

    pub(super) fn runtime(&self) -> std::io::Result<Arc<Runtime>> {
        let mut slot = lock(&self.0.runtime);
        if let Some(runtime) = &*slot {
            return Ok(runtime.clone());
        }
        Ok(slot.insert(Arc::new(Runtime::start()?)).clone())
    }
}

fn not_to_be_had(error: SecretError) -> HttpError {
    if error == SecretError::Cancelled { HttpError::Cancelled } else { HttpError::Credential(error) }
}

/// A thread that panicked while it held the lock left nothing half done.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Without a fragment; a user name or password is refused.
fn clean(url: &Url) -> Result<Url, HttpError> {
    if !url.username().is_empty() || url.password().is_some() {
        let why = "its URL holds a user name or password; run `aspm-lsp login URL` instead".to_owned();
        return Err(HttpError::Malformed { at: place(url), why });
    }
    let mut url = url.clone();
    url.set_fragment(None);
    Ok(url)
}

fn build(
    reach: &Reach,
    request: &Request,
    url: &Url,
    is_own: bool,
    credential: Option<(Scheme, &SecretString)>,
    origin: &Origin,
) -> Result<reqwest::Request, HttpError> {
    let malformed = |why: String| HttpError::Malformed { at: place(url), why };
    let mut headers = HeaderMap::new();
    if is_own {
        for (name, value) in &request.headers {
            let lower = name.to_ascii_lowercase();
            if OURS.contains(&lower.as_str()) || lower.starts_with("proxy-") {
                return Err(malformed(format!("the header {lower} is not for callers to set")));
            }
            let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) else {
                return Err(malformed(format!("the header {name:?} holds characters that no header can")));
            };
            headers.append(name, value);
        }
    }
    let accept = request.accept.as_deref().unwrap_or("*/*");
    let accept =
        HeaderValue::from_str(accept).map_err(|_| malformed("what it accepts cannot be a header".to_owned()))?;
    headers.insert(header::ACCEPT, accept);
    // Only hints: what a damaged cache kept is left out.
    for (name, hint) in
        [(header::IF_NONE_MATCH, &request.etag), (header::IF_MODIFIED_SINCE, &request.if_modified_since)]
    {
        if let Some(value) = hint.as_deref().and_then(|hint| HeaderValue::from_str(hint).ok()) {
            headers.insert(name, value);
        }
    }
    let mut builder = reach.client.request(request.method.as_http(), url.clone()).headers(headers);
    if let Some((scheme, secret)) = credential {
        let unusable = || HttpError::Credential(SecretError::Unusable { origin: origin.to_string() });
        let secret = secret.expose_secret();
        let word = match scheme {
            Scheme::Token => "Token",
            Scheme::Bearer => "Bearer",
            Scheme::Basic => "Basic",
        };
        builder = if scheme == Scheme::Basic {
            let (user, password) = secret.split_once(':').ok_or_else(unusable)?;
            builder.basic_auth(user, Some(password))
        } else {
            let mut value = HeaderValue::from_str(&format!("{word} {secret}")).map_err(|_| unusable())?;
            value.set_sensitive(true);
            builder.header(header::AUTHORIZATION, value)
        };
    }
    if let Some(json) = &request.json {
        builder = builder.header(header::CONTENT_TYPE, "application/json").body(json.clone());
    }
    builder.build().map_err(|error| malformed(error.without_url().to_string()))
}

/// A refusal's text, without the credential should the server repeat it.
fn blacked_out(body: &[u8], secret: Option<&SecretString>) -> String {
    let most = usize::try_from(MAX_REFUSAL).unwrap_or(usize::MAX);
    let text = String::from_utf8_lossy(&body[..body.len().min(most)]).into_owned();
    match secret.map(SecretString::expose_secret).filter(|secret| !secret.is_empty()) {
        Some(secret) => text.replace(secret, "[credential]"),
        None => text,
    }
}
