//! The server's HTTP interface: addresses, patience, and what its refusals mean.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::Options;
use crate::http::{Client, HttpError, Method, Request, Response, Scheme, backoff, random};
use crate::{Error, ServerFault};

/// Longest pause within a pull; whoever asks for more is asked again at the next one.
const LONGEST_PAUSE: Duration = Duration::from_secs(90);
/// Most of a refusal that is shown, in characters.
const MOST_SHOWN: usize = 400;

/// One server, as one source sees it.
pub(super) struct Api<'a> {
    pub(super) client: &'a Client,
    /// The server's address, with a `/` at its end.
    pub(super) base: &'a Url,
    pub(super) source: &'a str,
    pub(super) options: &'a Options,
    pub(super) cancelled: &'a dyn Fn() -> bool,
}

impl Api<'_> {
    /// Reads JSON, asking again where that may help.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<(T, Response), HttpError> {
        let url = self.url(path, query)?;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let request = Request { deadline: self.options.deadline, ..Request::get(url.clone()) };
            let request = Request { accept: Some("application/json".to_owned()), ..request.authorized(Scheme::Token) };
            let error = match self.client.send(&request, self.cancelled) {
                Ok(response) => return response.json().map(|read| (read, response)),
                Err(error) => error,
            };
            let pause = backoff(attempt, error.retry_after(), &mut random);
            // A page that takes too long takes as long again: whoever asked may ask for less.
            let is_worth_it = error.is_transient() && !matches!(error, HttpError::TimedOut { .. });
            if !is_worth_it || attempt >= self.options.attempts || pause > LONGEST_PAUSE {
                return Err(error);
            }
            tracing::debug!("{error}; asking again in {} ms", pause.as_millis());
            (self.options.wait)(pause, self.cancelled);
            if (self.cancelled)() {
                return Err(HttpError::Cancelled);
            }
        }
    }

    /// Changes something; asked once, since only the caller can tell whether it may be asked twice.
    pub(super) fn change(&self, method: Method, path: &str, body: &impl Serialize) -> Result<Response, HttpError> {
        let url = self.url(path, &[])?;
        let at = url.path().to_owned();
        let request =
            Request { deadline: self.options.deadline, ..Request::new(method, url) }.authorized(Scheme::Token);
        let request = request.json(body).map_err(|error| HttpError::Malformed { at, why: error.to_string() })?;
        self.client.send(&request, self.cancelled)
    }

    fn url(&self, path: &str, query: &[(&str, String)]) -> Result<Url, HttpError> {
        let malformed = |why: String| HttpError::Malformed { at: self.base.to_string(), why };
        let mut url = self.base.join(&format!("api/v2/{path}")).map_err(|error| malformed(error.to_string()))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// What `error` means for the source.
    pub(super) fn error(&self, error: HttpError) -> Error {
        let fault = match &error {
            HttpError::Cancelled => return Error::Cancelled,
            HttpError::Status(status) if matches!(status.status, 401 | 403) => fault_of(&status.body),
            HttpError::Unexpected { .. } => Some(ServerFault::NotThisKind),
            _ => None,
        };
        let name = self.source.to_owned();
        let Some(fault) = fault else { return Error::Http { name, error } };
        let origin = self.base.origin().ascii_serialization();
        let why = match fault {
            ServerFault::BadToken => format!(
                "{origin} does not know the API token that is configured for it, or it expired: make a new one there (API v2 \
                 key) and run `aspm-lsp login {origin}`"
            ),
            ServerFault::NoToken => {
                format!("{origin} wants an API token and none is configured for it: run `aspm-lsp login {origin}`")
            }
            ServerFault::NoPermission => format!(
                "{error}. The token is good, but its account may not do this: ask an administrator of {origin} for the product"
            ),
            _ => {
                format!("{error}. {origin} does not answer like a DefectDojo: check `url` of this source in aspm.toml")
            }
        };
        Error::Server { name, fault, why }
    }

    /// The server contradicts itself or ignores what it was asked.
    pub(super) fn unsound(&self, what: &str) -> Error {
        let origin = self.base.origin().ascii_serialization();
        Error::Server {
            name: self.source.to_owned(),
            fault: ServerFault::Unsound,
            why: format!("{origin} {what}; nothing was taken for complete, and it is tried again later"),
        }
    }
}

/// The server answers 403 for everything; only the text tells which.
pub(super) fn fault_of(body: &str) -> Option<ServerFault> {
    let detail: Option<Value> = serde_json::from_str(body).ok();
    // A page or nothing comes from something that stands in between.
    let detail = detail?.get("detail")?.as_str()?.to_ascii_lowercase();
    Some(if detail.contains("not provided") {
        ServerFault::NoToken
    } else if detail.contains("invalid token") || detail.contains("inactive") || detail.contains("expired") {
        ServerFault::BadToken
    } else {
        ServerFault::NoPermission
    })
}

/// Whether a 403 says that the account may not do this, rather than that it is not known.
pub(super) fn is_permission(body: &str) -> bool {
    fault_of(body) == Some(ServerFault::NoPermission)
}

/// The server's own reason for refusing a change, in plain words: of fields what is wrong with each.
pub(super) fn reason(body: &str) -> Option<String> {
    let Ok(value) = serde_json::from_str::<Value>(body.trim()) else { return None };
    let mut said: Vec<String> = Vec::new();
    match &value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let texts = texts(value);
                // Advertisement; and `message` repeats the fields in Python's writing.
                if texts.is_empty() || key == "pro" || (key == "message" && fields.len() > 2) {
                    continue;
                }
                let plain = matches!(key.as_str(), "non_field_errors" | "detail" | "message" | "error" | "errors");
                said.push(if plain {
                    texts.join(" ")
                } else {
                    format!("{}: {}", key.replace('_', " "), texts.join(" "))
                });
            }
        }
        other => said.extend(texts(other)),
    }
    let text = said.join("; ").split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = text.chars().filter(|c| !c.is_control()).take(MOST_SHOWN).collect();
    (!text.is_empty()).then_some(text)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| texts(value).into_iter().map(move |text| format!("{key}: {text}")))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_in_the_servers_words() {
        for (body, expected) in [
            (
                r#"{"non_field_errors":["False positive findings cannot be verified."],"message":"{'non_field_errors': [ErrorDetail(string='False positive findings cannot be verified.', code='invalid')]}","pro":["Pro comes with support."]}"#,
                Some("False positive findings cannot be verified."),
            ),
            (
                r#"{"severity":["Severity must be one of the following: ['Info']"],"message":"{'severity': x}","pro":["Pro"]}"#,
                Some("severity: Severity must be one of the following: ['Info']"),
            ),
            (
                r#"{"found_by":["This field is required."],"title":["This field is required."],"message":"{}","pro":[]}"#,
                Some("found by: This field is required.; title: This field is required."),
            ),
            (r#"{"message":"The finding is locked"}"#, Some("The finding is locked")),
            (r#"{"detail":"No Finding matches the given query."}"#, Some("No Finding matches the given query.")),
            (r#"["One thing","and another"]"#, Some("One thing; and another")),
            (r#""just text""#, Some("just text")),
            ("{}", None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(reason(body).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn the_text_tells_why_403_was_answered() {
        for (body, expected) in [
            (r#"{"detail":"Invalid token."}"#, Some(ServerFault::BadToken)),
            (r#"{"detail":"User inactive or deleted."}"#, Some(ServerFault::BadToken)),
            (r#"{"detail":"Authentication credentials were not provided."}"#, Some(ServerFault::NoToken)),
            (r#"{"detail":"You do not have permission to perform this action."}"#, Some(ServerFault::NoPermission)),
            ("<html>Forbidden</html>", None),
            ("{}", None),
        ] {
            assert_eq!(fault_of(body), expected, "{body}");
        }
    }
}
