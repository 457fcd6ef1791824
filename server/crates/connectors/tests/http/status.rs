//! What a status means: unchanged, refused, asked to wait; and that the text is for people.

use std::net::TcpListener;
use std::time::Duration;

use aspm_connectors::http::{HttpError, Request, Scheme, StatusError};
use url::Url;

use crate::support::{TestServer, client, client_of, get, never, put, whole};

fn refused(head: &str, body: &str) -> (StatusError, String) {
    let server = TestServer::saying(whole(head, body));
    let error = get(&client_of(&server), server.url("/api/?key=hunter2")).unwrap_err();
    let text = error.to_string().replace(&server.origin(), "ORIGIN");
    let HttpError::Status(error) = error else { panic!("{error:?}") };
    (*error, text)
}

#[test]
fn an_unchanged_answer_has_no_body() {
    let server = TestServer::new(|received, wire| {
        let known = received.header("if-none-match") == Some("\"v1\"")
            || received.header("if-modified-since") == Some("Sun, 06 Nov 1994 08:49:37 GMT");
        if known {
            put(wire, "HTTP/1.1 304 Not Modified\r\netag: \"v1\"\r\nconnection: close\r\n\r\n");
        } else {
            let head = "200 OK\r\netag: \"v1\"\r\nlast-modified: Sun, 06 Nov 1994 08:49:37 GMT\r\ndate: Sun, 06 Nov 1994 09:00:00 GMT";
            put(wire, whole(head, "data"));
        }
    });
    let client = client_of(&server);
    let first = get(&client, server.url("/")).unwrap();
    assert_eq!((first.etag.as_deref(), first.body.as_slice()), (Some("\"v1\""), &b"data"[..]));
    assert_eq!(first.date.unwrap().to_string(), "1994-11-06T09:00:00Z");
    let by_tag = Request { etag: first.etag, ..Request::get(server.url("/")) };
    let by_date = Request { if_modified_since: first.last_modified, ..Request::get(server.url("/")) };
    for request in [by_tag, by_date] {
        let second = client.send(&request, &never).unwrap();
        assert!(second.is_unchanged() && second.body.is_empty(), "{second:?}");
    }
}

#[test]
fn each_refusal_says_what_to_do() {
    for (head, body, expected) in [
        (
            "401 Unauthorized",
            "{\"detail\": \"Invalid token.\"}",
            "ORIGIN/api/ answered 401: the credential is missing, wrong or expired; run `aspm-lsp login ORIGIN`. It says: Invalid token.",
        ),
        (
            "403 Forbidden",
            "{\"detail\":\"You do not have permission\"}",
            "ORIGIN/api/ answered 403: the credential is wrong or lacks the permission; ask for the permission, or run `aspm-lsp login ORIGIN`. It says: You do not have permission",
        ),
        (
            "404 Not Found",
            "<html><head><style>b{}</style><script>if (a<b) x()</script></head><body><h1>Not\r\n\tFound</h1></body></html>",
            "ORIGIN/api/ answered 404: nothing is there, or the account may not see it; check the URL and the account. It says: Not Found",
        ),
        ("414 Too Long", "", "ORIGIN/api/ answered 414: the request is too large for it"),
        ("429 Slow Down\r\nretry-after: 30", "", "ORIGIN/api/ answered 429: it asks for fewer requests (in 30 s)"),
        (
            "400 Bad",
            "{\"title\":[\"too long\"]}",
            "ORIGIN/api/ answered 400: it refused the request. It says: {\"title\":[\"too long\"]}",
        ),
        (
            "502 Bad Gateway",
            "a\u{1b}[31m\u{202e}b",
            "ORIGIN/api/ answered 502: the server failed; it is tried again later. It says: a [31m b",
        ),
    ] {
        assert_eq!(refused(head, body).1, expected);
    }
}

#[test]
fn a_refusal_keeps_the_facts_for_programs() {
    let head = "503 Busy\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 1994 08:51:37 GMT";
    let (error, _) = refused(head, "{\"non_field_errors\":[\"a\"]}");
    assert_eq!(error.retry_after, Some(Duration::from_mins(2)));
    assert_eq!(error.date.unwrap().as_second(), 784_111_777);
    assert_eq!(error.body, "{\"non_field_errors\":[\"a\"]}");
    for (status, transient, unknown) in
        [(400, false, false), (403, false, false), (408, true, false), (429, true, false), (500, true, true)]
    {
        let error = HttpError::Status(Box::new(StatusError { status, ..error.clone() }));
        assert_eq!((error.is_transient(), error.is_outcome_unknown()), (transient, unknown), "{status}");
        assert_eq!(error.retry_after(), Some(Duration::from_mins(2)));
    }
}

#[test]
fn a_refusals_text_is_bounded_and_never_repeats_the_credential() {
    let (error, text) = refused("500 Broken", &"é".repeat(100_000));
    assert!(error.body.len() <= (16 << 10) + 3, "{}", error.body.len());
    assert!(text.chars().count() < 500, "{}", text.len());

    let server = TestServer::new(|received, wire| {
        put(wire, whole("400 Bad", format!("you sent {}", received.header("authorization").unwrap())));
    });
    let client = client(&format!("[[server]]\nurl = '{}'\nauth = {{ env = 'A' }}\n", server.origin()));
    let error = client.send(&Request::get(server.url("/")).authorized(Scheme::Token), &never).unwrap_err();
    assert!(error.to_string().ends_with("It says: you sent Token [credential]"), "{error}");
    assert!(!format!("{error:?}").contains("secret-of-A"), "{error:?}");
}

#[test]
fn a_refusal_that_breaks_off_still_counts_by_its_status() {
    let server = TestServer::saying("HTTP/1.1 403 Forbidden\r\ncontent-length: 100\r\n\r\npart");
    assert_eq!(get(&client_of(&server), server.url("/")).unwrap_err().status(), Some(403));
}

#[test]
fn a_web_page_is_not_mistaken_for_data() {
    for (head, body, expected) in [
        ("200 OK\r\ncontent-type: text/html", "<html>sign in</html>", "a web page came instead of data"),
        ("200 OK", "\n <!doctype html>", "a web page came instead of data"),
        ("200 OK\r\ncontent-type: application/json", "{\"a\": ", "it begins with: {\"a\":"),
    ] {
        let server = TestServer::saying(whole(head, body));
        let response = get(&client_of(&server), server.url("/")).unwrap();
        let error = response.json::<serde_json::Value>().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn where_nobody_listens_is_told_without_the_query() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let client = client(&format!("[[server]]\nurl = 'http://{address}'\n"));
    let error = get(&client, Url::parse(&format!("http://{address}/a?key=hunter2")).unwrap()).unwrap_err();
    assert_eq!(error, HttpError::Refused { at: format!("http://{address}/a") });
    assert_eq!(
        error.to_string(),
        format!("http://{address}/a: the connection was refused; check host and port, and that the server runs")
    );
    assert!(error.is_transient() && !error.is_outcome_unknown());
}

#[test]
fn a_name_that_nobody_knows_is_told() {
    // `.invalid` exists nowhere; a proxy of this machine would be asked in its place.
    if ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].iter().any(|name| std::env::var_os(name).is_some()) {
        eprintln!("skipped: this machine reaches others through a proxy");
        return;
    }
    let client = client("[[server]]\nurl = 'https://aspm-test.invalid'\n");
    let error = get(&client, Url::parse("https://aspm-test.invalid/a").unwrap()).unwrap_err();
    let expected =
        HttpError::Dns { at: "https://aspm-test.invalid/a".to_owned(), host: "aspm-test.invalid".to_owned() };
    assert_eq!(error, expected, "{error}");
}

#[test]
fn a_refused_credential_is_looked_up_anew() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aspm_connectors::http::{Client, Secrets, secrets::SystemKeyring};

    let server = TestServer::new(|received, wire| {
        let is_good = received.header("authorization") == Some("Token 3");
        put(wire, whole(if is_good { "200 OK" } else { "401 Unauthorized" }, ""));
    });
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let next = move |_: &str| Some((count.fetch_add(1, Ordering::SeqCst) + 1).to_string().into());
    let config = crate::support::config(&format!("[[server]]\nurl = '{}'\nauth = {{ env = 'A' }}\n", server.origin()));
    let client = Client::new(config, Secrets::new(next, None, Arc::new(SystemKeyring)));
    let request = Request::get(server.url("/")).authorized(Scheme::Token);
    let statuses: Vec<_> =
        (0..5).map(|_| client.send(&request, &never).map_or_else(|e| e.status(), |r| Some(r.status))).collect();
    assert_eq!(statuses, [Some(401), Some(401), Some(200), Some(200), Some(200)]);
    assert_eq!(asked.load(Ordering::SeqCst), 3, "a good one is kept");
    client.forget(&config::Origin::of(&server.url("/")).unwrap());
    assert_eq!(client.send(&request, &never).unwrap_err().status(), Some(401), "forgotten on request");
}
