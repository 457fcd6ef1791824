//! Redirects are followed by rule, and carry a credential to nobody else.

use aspm_connectors::http::{Authorization, HttpError, Method, Request, Scheme};
use secrecy::SecretString;

use crate::support::{TestServer, client, client_of, get, never, put, whole};
use crate::tls::Authority;

fn redirecting(status: &'static str, to: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> TestServer {
    TestServer::new(move |received, wire| match to(received.path()) {
        Some(location) => put(wire, whole(&format!("{status}\r\nlocation: {location}"), "elsewhere")),
        None => put(wire, whole("200 OK", received.path())),
    })
}

#[test]
fn a_redirect_on_the_same_origin_keeps_credential_and_headers() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let server = redirecting(status, |path| (path == "/old").then(|| "new?page=2".to_owned()));
        let client = client(&format!("[[server]]\nurl = '{}'\nauth = {{ env = 'A' }}\n", server.origin()));
        let mut request = Request::get(server.url("/old")).authorized(Scheme::Token);
        request.headers = vec![("X-Own".to_owned(), "1".to_owned())];
        let response = client.send(&request, &never).unwrap();
        assert_eq!((response.url, response.body.as_slice()), (server.url("/new?page=2"), &b"/new?page=2"[..]));
        let second = &server.received()[1];
        assert_eq!((second.header("authorization"), second.header("x-own")), (Some("Token secret-of-A"), Some("1")));
    }
}

#[test]
fn another_origin_gets_only_its_own_credential() {
    for (auth, expected) in [("'none'", None), ("{ env = 'B' }", Some("Token secret-of-B"))] {
        let other = TestServer::saying(whole("200 OK", "there"));
        let to = other.url("/landed").to_string();
        let server = redirecting("302 Found", move |_| Some(to.clone()));
        let client = client(&format!(
            "[[server]]\nurl = '{}'\nauth = {{ env = 'A' }}\n[[server]]\nurl = '{}'\nauth = {auth}\n",
            server.origin(),
            other.origin()
        ));
        let mut request = Request::get(server.url("/")).authorized(Scheme::Token);
        request.headers = vec![("X-Api-Key".to_owned(), "hunter2".to_owned())];
        request.etag = Some("\"one\"".to_owned());
        assert_eq!(client.send(&request, &never).unwrap().body, b"there");
        let landed = &other.received()[0];
        assert_eq!(landed.header("authorization"), expected);
        assert_eq!(landed.header("x-api-key"), None);
        assert_eq!(landed.header("if-none-match"), Some("\"one\""));

        request.authorization = Authorization::Given(Scheme::Token, SecretString::from("typed"));
        client.send(&request, &never).unwrap();
        assert_eq!(server.received()[1].header("authorization"), Some("Token typed"));
        assert_eq!(other.received()[1].header("authorization"), None, "what was typed for one goes to one");
    }
}

#[test]
fn another_origin_that_is_not_listed_is_not_asked() {
    let other = TestServer::saying(whole("200 OK", "there"));
    let to = other.url("/?stolen=hunter2").to_string();
    let server = redirecting("302 Found", move |_| Some(to.clone()));
    let error = get(&client_of(&server), server.url("/a?key=hunter2")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}/a redirects to {other}, which is not a server you allow, so it was not followed: run `aspm-lsp login {other}` if you know it and it should be",
            server.origin(),
            other = other.origin()
        )
    );
    assert!(other.received().is_empty());
}

#[test]
fn what_is_no_web_address_is_not_followed() {
    for location in
        ["file:///etc/passwd", "javascript:alert(1)", "http://", "http://u:hunter2@127.0.0.1/", "ftp://127.0.0.1/"]
    {
        let server = redirecting("302 Found", move |_| Some(location.to_owned()));
        let error = get(&client_of(&server), server.url("/")).unwrap_err();
        assert!(matches!(error, HttpError::Redirect { .. }), "{location}: {error:?}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert_eq!(server.received().len(), 1);
    }
}

#[test]
fn a_circle_ends() {
    let server = redirecting("302 Found", |path| Some(format!("{path}x")));
    let error = get(&client_of(&server), server.url("/")).unwrap_err();
    assert!(matches!(error, HttpError::Redirect { .. }), "{error:?}");
    assert_eq!(server.received().len(), 6, "the request and five redirects");
    let five = redirecting("302 Found", |path| (path.len() < 6).then(|| format!("{path}x")));
    assert_eq!(get(&client_of(&five), five.url("/")).unwrap().body, b"/xxxxx");
}

#[test]
fn encrypted_never_leads_to_unencrypted() {
    let authority = Authority::new();
    let plain = TestServer::saying(whole("200 OK", ""));
    let to = plain.url("/").to_string();
    let server = TestServer::encrypted(authority.server("localhost"), move |_, wire| {
        put(wire, whole(&format!("302 Found\r\nlocation: {to}"), ""));
    });
    let folder = tempfile::tempdir().unwrap();
    let ca = authority.file(folder.path());
    let client = client(&format!(
        "[[server]]\nurl = '{}'\nca = '{}'\n[[server]]\nurl = '{}'\n",
        server.origin(),
        ca.display(),
        plain.origin()
    ));
    let error = get(&client, server.url("/")).unwrap_err();
    assert!(error.to_string().contains("not encrypted, so it was not followed"), "{error}");
    assert!(plain.received().is_empty());
}

#[test]
fn a_change_is_sent_on_only_within_the_origin_and_whole() {
    let post = |server: &TestServer| {
        let request = Request::new(Method::Post, server.url("/old")).json(&serde_json::json!({"p": "hunter2"}));
        client_of(server).send(&request.unwrap(), &never)
    };
    for status in ["307 Temporary", "308 Permanent"] {
        let server = redirecting(status, |path| (path == "/old").then(|| "/new".to_owned()));
        assert_eq!(post(&server).unwrap().body, b"/new");
        let second = &server.received()[1];
        assert!(second.line.starts_with("POST /new") && second.body == b"{\"p\":\"hunter2\"}", "{second:?}");
    }
    for status in ["301 Moved", "302 Found", "303 See Other"] {
        let server = redirecting(status, |path| (path == "/old").then(|| "/new".to_owned()));
        let error = post(&server).unwrap_err();
        assert!(matches!(error, HttpError::Redirect { .. }), "{error:?}");
        assert_eq!(server.received().len(), 1);
    }
    let other = TestServer::saying(whole("200 OK", ""));
    let to = other.url("/").to_string();
    let server = redirecting("307 Temporary", move |_| Some(to.clone()));
    assert!(matches!(post(&server), Err(HttpError::Redirect { .. })));
    assert!(other.received().is_empty());
}

#[test]
fn a_redirect_without_a_place_is_an_error() {
    let server = TestServer::saying(whole("302 Found", "gone"));
    let error = get(&client_of(&server), server.url("/")).unwrap_err();
    assert_eq!(error.status(), Some(302), "{error}");
}
