//! Before there is a source: whose a token is, and a token for a user and password. Used by `login` only.

use std::io::{self, Write};
use std::time::Duration;

use config::Origin;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::api::fault_of;
use super::base_of;
use super::schema::Profile;
use crate::ServerFault;
use crate::http::{Authorization, Client, HttpError, Method, Request, Response, Scheme, StatusError};
use crate::sarif::lenient::text;

/// Largest answer, in bytes.
const MOST: u64 = 64 << 10;
/// Longest time for an answer that is needed; a password is checked slowly on purpose.
const NEEDED: Duration = Duration::from_mins(1);
/// Longest time for the version, which is only nice to know and costs a server seconds to tell.
const NICE: Duration = Duration::from_secs(8);
/// The version stands at the very beginning of a description of megabytes.
const MOST_BEGINNING: usize = 2048;
/// Longest name or version shown, in characters.
const MOST_SHOWN: usize = 100;

/// Who a token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user's number at the server.
    pub id: i64,
    /// The user's name, fit to be shown.
    pub user: String,
    /// The server's version, where it told in time.
    pub version: Option<String>,
}

/// Why a token is not to be had or of no use. No text holds any part of a token or password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The token is not known or not valid any more.
    #[error(
        "{origin} does not accept this token: it is wrong, expired, or its account is switched off. Make a new one there \
         (user menu, \"API v2 Key\") and try again"
    )]
    BadToken {
        /// The server.
        origin: String,
    },
    /// User and password are not accepted.
    #[error(
        "{origin} does not accept this user and password. With single sign-on there is no password to be used here: make a \
         token there (user menu, \"API v2 Key\") and give that instead"
    )]
    BadPassword {
        /// The server.
        origin: String,
    },
    /// The token is not called wrong, and its account may not use the interface.
    #[error("{origin} refuses this account ({said}): ask an administrator of the server for access")]
    NoPermission {
        /// The server.
        origin: String,
        /// The server's reason, on one line.
        said: String,
    },
    /// The token did not arrive.
    #[error(
        "{origin} says that no token came along: something in between (a proxy, a sign-in page) takes it away; ask who runs it"
    )]
    Lost {
        /// The server.
        origin: String,
    },
    /// What answers is no DefectDojo.
    #[error("no DefectDojo answers at {at} ({why}); {advice}")]
    NotThisKind {
        /// The address asked.
        at: String,
        /// What came instead.
        why: String,
        /// What to do.
        advice: String,
    },
    /// It is a DefectDojo without what is needed.
    #[error("the DefectDojo at {origin} is too old: it does not say whose a token is; 2.0 is the oldest that may work")]
    TooOld {
        /// The server.
        origin: String,
    },
    /// The server is there and not well.
    #[error("{origin} does not answer as it should at the moment ({why}); try again later")]
    Unwell {
        /// The server.
        origin: String,
        /// What it did.
        why: String,
    },
    /// No answer at all.
    #[error(transparent)]
    Http(HttpError),
}

/// Asks the server at `url` whose `token` is. `client` must allow its origin.
pub fn account(
    client: &Client,
    url: &Url,
    token: &SecretString,
    cancelled: &dyn Fn() -> bool,
) -> Result<Account, AccountError> {
    let asked = Asked::new(url, "user_profile/")?;
    let request = Request {
        authorization: Authorization::Given(Scheme::Token, token.clone()),
        accept: Some("application/json".to_owned()),
        max_bytes: MOST,
        deadline: NEEDED,
        ..Request::get(asked.url.clone())
    };
    let response = client.send(&request, cancelled).map_err(|error| asked.token_error(error))?;
    let profile: Profile = asked.read(&response)?;
    let user =
        profile.user.and_then(|user| Some((user.id?, shown(&user.username?)))).filter(|(_, name)| !name.is_empty());
    let (id, user) = user.ok_or_else(|| asked.not_this_kind("the answer names no account".to_owned()))?;
    Ok(Account { id, user, version: version(client, &asked, &request, cancelled) })
}

/// A token of `user`, for the password. `client` must allow the origin of `url`; a redirect elsewhere is refused.
pub fn token(
    client: &Client,
    url: &Url,
    user: &str,
    password: &SecretString,
    cancelled: &dyn Fn() -> bool,
) -> Result<SecretString, AccountError> {
    use secrecy::ExposeSecret as _;

    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Answer {
        #[serde(deserialize_with = "text")]
        token: Option<String>,
    }
    let asked = Asked::new(url, "api-token-auth/")?;
    let body = serde_json::json!({ "username": user, "password": password.expose_secret() });
    let request = Request { max_bytes: MOST, deadline: NEEDED, ..Request::new(Method::Post, asked.url.clone()) };
    let request = request.json(&body).map_err(|error| asked.not_this_kind(error.to_string()))?;
    let response = client.send(&request, cancelled).map_err(|error| asked.password_error(error))?;
    let answer: Answer = asked.read(&response)?;
    let token = answer.token.filter(|token| !token.is_empty());
    token.map(SecretString::from).ok_or_else(|| asked.not_this_kind("the answer holds no token".to_owned()))
}

/// One question, and what its failures mean to a person who is signing in.
struct Asked {
    url: Url,
    base: Url,
    origin: String,
}

impl Asked {
    fn new(url: &Url, path: &str) -> Result<Self, AccountError> {
        let base = base_of(url);
        let origin = Origin::of(&base).map_or_else(|| base.scheme().to_owned(), |origin| origin.to_string());
        let at = base.as_str().to_owned();
        let url = base
            .join(&format!("api/v2/{path}"))
            .map_err(|error| AccountError::Http(HttpError::Malformed { at, why: error.to_string() }))?;
        Ok(Self { url, base, origin })
    }

    fn read<T: serde::de::DeserializeOwned>(&self, response: &Response) -> Result<T, AccountError> {
        if Origin::of(&response.url) != Origin::of(&self.url) {
            // The token did not go there, and what came says nothing of it.
            let other = Origin::of(&response.url).map_or_else(String::new, |origin| origin.to_string());
            return Err(self.not_this_kind(format!("it leads on to {other}")));
        }
        response.json().map_err(|error| self.error(error))
    }

    fn token_error(&self, error: HttpError) -> AccountError {
        let HttpError::Status(status) = &error else { return self.error(error) };
        let origin = self.origin.clone();
        match (status.status, fault_of(&status.body)) {
            (401 | 403, Some(ServerFault::BadToken)) => AccountError::BadToken { origin },
            (401 | 403, Some(ServerFault::NoToken)) => AccountError::Lost { origin },
            (401 | 403, Some(_)) => AccountError::NoPermission { origin, said: detail(&status.body) },
            (404, Some(_)) => AccountError::TooOld { origin },
            _ => self.status_error(status),
        }
    }

    fn password_error(&self, error: HttpError) -> AccountError {
        match &error {
            HttpError::Status(status) if status.status == 400 && is_object(&status.body) => {
                AccountError::BadPassword { origin: self.origin.clone() }
            }
            HttpError::Status(status) => self.status_error(status),
            _ => self.error(error),
        }
    }

    fn status_error(&self, status: &StatusError) -> AccountError {
        match status.status {
            408 | 425 | 429 | 500..=599 => {
                AccountError::Unwell { origin: self.origin.clone(), why: format!("status {}", status.status) }
            }
            401 | 403 if !is_object(&status.body) => self.not_this_kind(format!(
                "status {} and a page: a sign-in or a firewall may stand in between, or a VPN be needed",
                status.status
            )),
            number => self.not_this_kind(format!("status {number}")),
        }
    }

    fn error(&self, error: HttpError) -> AccountError {
        let unwell = |why: String| AccountError::Unwell { origin: self.origin.clone(), why };
        match error {
            HttpError::Unexpected { why, .. } => self.not_this_kind(why),
            HttpError::TooLarge { .. } => self.not_this_kind("the answer is far too large".to_owned()),
            HttpError::Redirect { to, .. } => self.not_this_kind(format!("it redirects to {to}")),
            HttpError::TimedOut { after, .. } => unwell(format!("no complete answer within {} s", after.as_secs())),
            HttpError::CutOff { .. } => unwell("the connection broke off".to_owned()),
            error => AccountError::Http(error),
        }
    }

    fn not_this_kind(&self, why: String) -> AccountError {
        let advice = if self.base.path() == "/" {
            "check the URL".to_owned()
        } else {
            format!("check the URL, or try it without what follows the host: {}", self.origin)
        };
        AccountError::NotThisKind { at: self.base.to_string(), why, advice }
    }
}

fn is_object(body: &str) -> bool {
    matches!(serde_json::from_str(body), Ok(serde_json::Value::Object(_)))
}

fn detail(body: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    shown(value.get("detail").and_then(serde_json::Value::as_str).unwrap_or_default())
}

/// A server's word on one line: a name must not be able to steer a terminal.
pub(super) fn shown(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.trim().chars().filter(|c| !is_hidden(*c)).take(MOST_SHOWN).collect()
}

/// What the server says of itself at the beginning of its interface's description; the rest is not read.
fn version(client: &Client, asked: &Asked, profile: &Request, cancelled: &dyn Fn() -> bool) -> Option<String> {
    let mut url = asked.base.join("api/v2/oa3/schema/").ok()?;
    url.set_query(Some("format=json"));
    let request = Request { url, deadline: NICE, max_bytes: 64 << 20, ..profile.clone() };
    let mut beginning = Beginning::default();
    // It ends in an error on purpose once enough has come.
    let _ = client.send_into(&request, &mut beginning, cancelled);
    version_in(&String::from_utf8_lossy(&beginning.0))
}

/// `{"openapi":"3.0.3","info":{"title":"DefectDojo API v2","version":"3.2.0",…`
fn version_in(beginning: &str) -> Option<String> {
    let info = beginning.split_once("\"info\"")?.1;
    let value = info.split_once("\"version\"")?.1.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let version = value.split_once('"')?.0;
    let is_version = version.len() <= 40
        && version.starts_with(|c: char| c.is_ascii_digit())
        && version.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b));
    is_version.then(|| version.to_owned())
}

/// Takes the first bytes and refuses more.
#[derive(Default)]
struct Beginning(Vec<u8>);

impl Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MOST_BEGINNING.saturating_sub(self.0.len());
        if room == 0 {
            return Err(io::Error::other("enough"));
        }
        let taken = room.min(bytes.len());
        self.0.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_beginning_of_the_description_or_not_at_all() {
        for (text, expected) in [
            (r#"{"openapi":"3.0.3","info":{"title":"DefectDojo API v2","version":"3.2.0","desc"#, Some("3.2.0")),
            (r#"{ "info" : { "version" : "2.45.1-dev" "#, Some("2.45.1-dev")),
            (r#"{"openapi":"3.0.3","paths":{}}"#, None),
            (r#"{"info":{"version":"3.2"#, None),
            (r#"{"info":{"version":"\u001b[31m3"}}"#, None),
            (r#"{"info":{"version":7}}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(version_in(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_name_cannot_steer_a_terminal() {
        assert_eq!(shown(" da\u{1b}[31mna\n\u{202e}x "), "da[31mnax");
        assert_eq!(shown(&"x".repeat(500)).len(), MOST_SHOWN);
    }
}
