//! The way to a server, looked at without asking it anything.

use std::net::{IpAddr, Ipv4Addr};

use aspm_connectors::http::{HttpError, Request};

use crate::support::{TestServer, client, client_of, never, put, until_closed, whole};
use crate::tls::Authority;

#[test]
fn a_certificate_that_nobody_trusts_is_told_by_its_issuer_and_nothing_is_sent() {
    let authority = Authority::new();
    let server = TestServer::encrypted(authority.server("localhost"), |_, wire| put(wire, whole("200 OK", "sealed")));
    let way = client_of(&server).examine(&server.url("/"), &never).unwrap();
    let certificate = way.certificate.expect("it was shown");
    assert_eq!(certificate.issuer, "ours");
    assert!(certificate.not_after > certificate.not_before);
    assert_eq!(way.proxy, None);
    assert!(way.addresses.contains(&IpAddr::V4(Ipv4Addr::LOCALHOST)), "{:?}", way.addresses);
    assert_eq!(server.received().len(), 0, "no request came");
}

#[test]
fn a_trusted_certificate_is_told_as_well() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let ca = authority.file(folder.path());
    let server = TestServer::encrypted(authority.server("localhost"), |_, wire| put(wire, whole("200 OK", "sealed")));
    let client = client(&format!("[[server]]\nurl = '{}'\nca = '{}'\n", server.origin(), ca.display()));
    let way = client.examine(&server.url("/"), &never).unwrap();
    assert_eq!(way.certificate.expect("it was shown").issuer, "ours");
    assert_eq!(server.received().len(), 0, "no request came");
}

#[test]
fn an_origin_that_is_not_allowed_is_not_looked_at() {
    let server = TestServer::new(|_, wire| put(wire, whole("200 OK", "")));
    let client = client("[[server]]\nurl = 'https://dojo.example.com'\n");
    let error = client.examine(&server.url("/"), &never).unwrap_err();
    assert!(matches!(error, HttpError::NotAllowed { .. }), "{error}");
    assert_eq!(server.received().len(), 0);
}

#[test]
fn a_server_behind_a_proxy_is_looked_at_through_it_and_its_name_is_not_looked_up_here() {
    let proxy = TestServer::new(|_, wire| put(wire, whole("403 Forbidden", "")));
    let config = format!("[[server]]\nurl = 'https://dojo.invalid'\nproxy = '{}'\n", proxy.origin());
    let way = client(&config).examine(&"https://dojo.invalid/".parse().unwrap(), &never).unwrap();
    assert_eq!((way.proxy.as_deref(), way.addresses.len()), (Some(proxy.origin().as_str()), 0));
    assert_eq!(way.certificate, None);
    let asked: Vec<String> = proxy.received().into_iter().map(|received| received.line).collect();
    assert_eq!(asked, ["CONNECT dojo.invalid:443 HTTP/1.1"]);
}

#[test]
fn of_a_request_for_the_head_alone_the_body_is_not_waited_for() {
    let server = TestServer::new(|_, wire| {
        put(wire, "HTTP/1.1 200 OK\r\netag: \"7\"\r\ncontent-length: 1000000\r\n\r\nbeginning");
        // Without an end until the client hangs up.
        until_closed(wire);
    });
    let request = Request { head_only: true, ..Request::get(server.url("/log")) };
    let response = client_of(&server).send(&request, &never).unwrap();
    assert_eq!((response.status, response.etag.as_deref(), response.body.len()), (200, Some("\"7\""), 0));
}
