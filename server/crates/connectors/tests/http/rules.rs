//! Who is asked, and what goes along.

use std::io::ErrorKind;
use std::net::TcpListener;

use aspm_connectors::http::{Authorization, HttpError, Method, Request, Scheme};
use config::{Origin, Server, UserConfig};
use secrecy::SecretString;
use url::Url;

use crate::support::{TestServer, client, client_of, config, get, never, secrets, whole};

#[test]
fn an_origin_that_is_not_listed_is_not_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = Url::parse(&format!("http://{address}/x?token=hunter2")).unwrap();
    let client = client("[[server]]\nurl = 'https://dojo.example.com'\n");
    for method in [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete] {
        let mut request = Request::new(method, url.clone());
        request.authorization = Authorization::Given(Scheme::Token, SecretString::from("hunter2"));
        let error = client.send(&request, &never).unwrap_err();
        assert_eq!(error, HttpError::NotAllowed { origin: format!("http://{address}") });
        assert_eq!(
            error.to_string(),
            format!(
                "http://{address} is not a server you allow, so nothing was asked of it: run `aspm-lsp login http://{address}` if it should be"
            )
        );
    }
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "nobody connected");
    // A name that cannot be looked up gives the same answer: it never was.
    let unknown = Url::parse("https://aspm-test.invalid/").unwrap();
    assert!(matches!(get(&client, unknown), Err(HttpError::NotAllowed { .. })));
    let file = Url::parse("file:///etc/passwd").unwrap();
    assert!(matches!(get(&client, file), Err(HttpError::NotAllowed { .. })));
}

#[test]
fn plain_http_goes_to_this_machine_only_unless_allowed() {
    // An address for documentation, which nobody has: to try it would take until the time-out.
    let origin = Origin::parse("http://192.0.2.1").unwrap();
    let config = UserConfig { servers: vec![Server::new(origin)], ..UserConfig::default() };
    let client = aspm_connectors::http::Client::new(config, secrets());
    let error = get(&client, Url::parse("http://192.0.2.1/").unwrap()).unwrap_err();
    assert_eq!(error, HttpError::PlainHttp { origin: "http://192.0.2.1".to_owned() });
    assert!(error.to_string().contains("allow_http = true"), "{error}");
}

#[test]
fn a_request_says_what_it_wants_and_who_asks() {
    let server =
        TestServer::saying(whole("200 OK\r\ncontent-type: Application/JSON; charset=utf-8", "{\"a\": [1, 2]}"));
    let request = Request {
        accept: Some("application/json".to_owned()),
        headers: vec![("X-Request".to_owned(), "one".to_owned())],
        ..Request::get(server.url("/api/v2/findings/?limit=100#part"))
    };
    let response = client_of(&server).send(&request, &never).unwrap();
    assert_eq!((response.status, response.is_unchanged()), (200, false));
    assert_eq!(response.content_type.as_deref(), Some("application/json"));
    assert_eq!(response.json::<serde_json::Value>().unwrap(), serde_json::json!({"a": [1, 2]}));
    let received = &server.received()[0];
    assert_eq!(received.line, "GET /api/v2/findings/?limit=100 HTTP/1.1");
    assert_eq!(received.header("accept"), Some("application/json"));
    assert_eq!(received.header("x-request"), Some("one"));
    assert_eq!(received.header("user-agent"), Some(concat!("aspm-lsp/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(received.header("authorization"), None);
    assert_eq!(received.header("referer"), None);
}

#[test]
fn a_change_carries_its_json() {
    let server = TestServer::saying(whole("201 Created", "{}"));
    let client = client_of(&server);
    for (method, word) in
        [(Method::Post, "POST"), (Method::Put, "PUT"), (Method::Patch, "PATCH"), (Method::Delete, "DELETE")]
    {
        let request = Request::new(method, server.url("/findings/1/"));
        let request = request.json(&serde_json::json!({"note": "ü"})).unwrap();
        assert_eq!(client.send(&request, &never).unwrap().status, 201);
        let received = server.received().pop().unwrap();
        assert_eq!(received.line, format!("{word} /findings/1/ HTTP/1.1"));
        assert_eq!(received.header("content-type"), Some("application/json"));
        assert_eq!(received.body, "{\"note\":\"ü\"}".as_bytes());
    }
}

#[test]
fn a_credential_is_written_as_its_server_wants_it() {
    let server = TestServer::saying(whole("200 OK", ""));
    let text = format!("[[server]]\nurl = '{}'\nauth = {{ env = 'A' }}\n", server.origin());
    let client = client(&text);
    let given = || SecretString::from("user:pass");
    for (authorization, expected) in [
        (Authorization::None, None),
        (Authorization::Configured(Scheme::Token), Some("Token secret-of-A")),
        (Authorization::Configured(Scheme::Bearer), Some("Bearer secret-of-A")),
        (Authorization::Given(Scheme::Token, given()), Some("Token user:pass")),
        (Authorization::Given(Scheme::Basic, given()), Some("Basic dXNlcjpwYXNz")),
    ] {
        let request = Request { authorization, ..Request::get(server.url("/")) };
        client.send(&request, &never).unwrap();
        assert_eq!(server.received().pop().unwrap().header("authorization"), expected);
        assert!(!format!("{request:?}").contains("pass"), "{request:?}");
    }
    let none = config(&format!("[[server]]\nurl = '{}'\n", server.origin()));
    let client = aspm_connectors::http::Client::new(none, secrets());
    client.send(&Request::get(server.url("/")).authorized(Scheme::Token), &never).unwrap();
    assert_eq!(server.received().pop().unwrap().header("authorization"), None, "none is configured");
}

#[test]
fn debug_output_holds_no_secret() {
    let url = Url::parse("https://dojo.example.com/a?token=hunter2").unwrap();
    let mut request = Request::get(url).json(&serde_json::json!({"password": "hunter2"})).unwrap();
    request.authorization = Authorization::Given(Scheme::Token, SecretString::from("hunter2"));
    let client = client("[[server]]\nurl = 'https://dojo.example.com'\nauth = { env = 'hunter2' }\n");
    for text in [format!("{request:?}"), format!("{client:?}"), format!("{:?}", secrets())] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert!(format!("{request:?}").contains("https://dojo.example.com/a"), "{request:?}");
}

#[test]
fn nothing_can_be_smuggled_into_a_request() {
    let server = TestServer::saying(whole("200 OK", ""));
    let client = client_of(&server);
    let cases = [
        ("X-A", "b\r\nAuthorization: Token x"),
        ("X-A", "b\nX: y"),
        ("X-A\r\nX-B", "c"),
        ("X A", "b"),
        ("", "b"),
        ("Authorization", "Token x"),
        ("AUTHORIZATION", "Token x"),
        ("Proxy-Authorization", "Basic x"),
        ("Cookie", "a=b"),
        ("Host", "evil.example"),
        ("Content-Length", "5"),
        ("Transfer-Encoding", "chunked"),
    ];
    for (name, value) in cases {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let request = Request { headers, ..Request::get(server.url("/")) };
        let error = client.send(&request, &never).unwrap_err();
        assert!(matches!(error, HttpError::Malformed { .. }), "{name}: {error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    for secret in ["a\r\nX-Evil: 1", "a\nb", "a\0b"] {
        let authorization = Authorization::Given(Scheme::Token, SecretString::from(secret));
        let error = client.send(&Request { authorization, ..Request::get(server.url("/")) }, &never).unwrap_err();
        assert!(matches!(error, HttpError::Credential(_)), "{error}");
        assert!(!error.to_string().contains("Evil"), "{error}");
    }
    let with_user = server.origin().replace("http://", "http://user:hunter2@");
    let error = get(&client, Url::parse(&with_user).unwrap()).unwrap_err();
    assert!(matches!(error, HttpError::Malformed { .. }) && !error.to_string().contains("hunter2"), "{error}");
    let accept = Some("a\r\nb: c".to_owned());
    assert!(client.send(&Request { accept, ..Request::get(server.url("/")) }, &never).is_err());
    assert!(server.received().is_empty(), "nothing was sent");
    // Hints from a damaged cache are left out.
    let hints = Request {
        etag: Some("\"a\"\r\nX-Evil: 1".to_owned()),
        if_modified_since: Some("x\ny".to_owned()),
        ..Request::get(server.url("/"))
    };
    client.send(&hints, &never).unwrap();
    let received = server.received().pop().unwrap();
    assert_eq!((received.header("if-none-match"), received.header("x-evil")), (None, None));
}
