//! Through a proxy: the configured one, the system's, with and without a login.

use std::net::TcpStream;
use std::process::Command;
use std::thread;

use aspm_connectors::http::HttpError;

use crate::support::{TestServer, Wire, client, get, put, whole};
use crate::tls::Authority;

/// What `Proxy-Authorization` holds for the variable `P`, which is no user:password without the colon.
const LOGIN: &str = "Basic c2VjcmV0LW9mLVA6cHc=";

fn secrets_with_login() -> aspm_connectors::http::Secrets {
    use aspm_connectors::http::{Secrets, secrets::SystemKeyring};

    Secrets::new(|name| Some(format!("secret-of-{name}:pw").into()), None, std::sync::Arc::new(SystemKeyring))
}

fn through(proxy: &TestServer, origin: &str, more: &str) -> aspm_connectors::http::Client {
    let text = format!("[[server]]\nurl = '{origin}'\nallow_http = true\nproxy = '{}'\n{more}", proxy.origin());
    aspm_connectors::http::Client::new(crate::support::config(&text), secrets_with_login())
}

#[test]
fn plain_http_goes_through_the_configured_proxy_with_its_login() {
    let proxy = TestServer::saying(whole("200 OK", "by proxy"));
    let client = through(&proxy, "http://shop.invalid", "proxy_auth = { env = 'P' }\n");
    assert_eq!(get(&client, "http://shop.invalid/a?b".parse().unwrap()).unwrap().body, b"by proxy");
    let asked = &proxy.received()[0];
    assert_eq!(asked.line, "GET http://shop.invalid/a?b HTTP/1.1");
    assert_eq!(asked.header("proxy-authorization"), Some(LOGIN));
}

/// Joins the client to `to`, as a proxy does once it agreed.
fn tunnel(wire: &mut dyn Wire, to: &TestServer) {
    put(wire, "HTTP/1.1 200 Connection established\r\n\r\n");
    let mut there = TcpStream::connect(to.address).unwrap();
    // One flight of the client's, one of the server's, in turn, is all that TLS 1.3 and one request need.
    let mut bytes = [0; 16 << 10];
    let mut back = there.try_clone().unwrap();
    there.set_nonblocking(false).unwrap();
    back.set_read_timeout(Some(std::time::Duration::from_millis(50))).unwrap();
    while let Ok(read @ 1..) = wire.read(&mut bytes) {
        if std::io::Write::write_all(&mut there, &bytes[..read]).is_err() {
            return;
        }
        loop {
            match std::io::Read::read(&mut back, &mut bytes) {
                Ok(0) => return,
                Ok(read) => put(wire, &bytes[..read]),
                Err(_) => break,
            }
        }
    }
}

#[test]
fn an_encrypted_connection_goes_through_the_proxy_sealed() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let ca = authority.file(folder.path());
    let server = std::sync::Arc::new(TestServer::encrypted(authority.server("shop.invalid"), |_, wire| {
        put(wire, whole("200 OK", "sealed"));
    }));
    let behind = server.clone();
    let proxy = TestServer::new(move |received, wire| {
        if received.header("proxy-authorization") == Some(LOGIN) {
            tunnel(wire, &behind);
        } else {
            put(wire, whole("407 Proxy Authentication Required", "who are you?"));
        }
    });
    let ca = format!("ca = '{}'\n", ca.display());
    let knocking = through(&proxy, "https://shop.invalid", &ca);
    let error = get(&knocking, "https://shop.invalid/".parse().unwrap()).unwrap_err();
    assert!(matches!(&error, HttpError::Proxy { proxy: shown, .. } if *shown == proxy.origin()), "{error:?}");
    assert!(error.to_string().contains("proxy_auth"), "{error}");

    let welcome = through(&proxy, "https://shop.invalid", &format!("{ca}proxy_auth = {{ env = 'P' }}\n"));
    assert_eq!(get(&welcome, "https://shop.invalid/".parse().unwrap()).unwrap().body, b"sealed");
    let asked = proxy.received();
    assert!(asked.iter().all(|request| request.line == "CONNECT shop.invalid:443 HTTP/1.1"), "{asked:?}");
    assert_eq!(server.received()[0].header("proxy-authorization"), None, "the login is for the proxy alone");
}

#[test]
fn a_proxy_that_is_not_there_or_refuses_is_told_as_that() {
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let client = client(&format!("[[server]]\nurl = 'https://shop.invalid'\nproxy = 'http://{gone}'\n"));
    let error = get(&client, "https://shop.invalid/".parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains(&format!("the proxy http://{gone} refused the connection")), "{error}");

    let refusing = TestServer::saying(whole("403 Forbidden", "no"));
    let client = through(&refusing, "https://shop.invalid", "");
    let error = get(&client, "https://shop.invalid/".parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains("did not connect to the server"), "{error}");
    assert!(matches!(error, HttpError::Proxy { .. }), "{error:?}");
}

/// Set for a process of this test's own, since the environment of this one is everybody's.
const ROLE: &str = "ASPM_TEST_BEHIND_PROXY";

#[test]
fn the_systems_proxy_is_used_for_others_and_never_for_this_machine() {
    if let Ok(local) = std::env::var(ROLE) {
        let client = client(&format!(
            "[[server]]\nurl = 'http://shop.invalid'\nallow_http = true\n[[server]]\nurl = '{local}'\n"
        ));
        assert_eq!(get(&client, "http://shop.invalid/a".parse().unwrap()).unwrap().body, b"by proxy");
        assert_eq!(get(&client, format!("{local}/b").parse().unwrap()).unwrap().body, b"direct");
        return;
    }
    let proxy = TestServer::saying(whole("200 OK", "by proxy"));
    let local = TestServer::saying(whole("200 OK", "direct"));
    let name = thread::current().name().unwrap().to_owned();
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(ROLE, local.origin())
        .env("HTTP_PROXY", proxy.origin().replace("http://", "http://user:pw@"))
        .env("http_proxy", proxy.origin().replace("http://", "http://user:pw@"))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env_remove("REQUEST_METHOD")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    let asked = proxy.received();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0].line, "GET http://shop.invalid/a HTTP/1.1");
    assert_eq!(asked[0].header("proxy-authorization"), Some("Basic dXNlcjpwdw=="));
    assert_eq!(local.received()[0].line, "GET /b HTTP/1.1");
}
