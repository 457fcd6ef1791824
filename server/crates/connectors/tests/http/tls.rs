//! Encrypted connections: who is trusted, and who must show a certificate.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use aspm_connectors::http::{HttpError, TlsFault};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;

use crate::support::{TestServer, client, get, put, whole};

/// A certificate authority of a test's own.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
}

/// A certificate and its key.
struct Identity {
    certificate: CertificateDer<'static>,
    pem: String,
    key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::named("ours")
    }

    fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate: certificate.der().clone(), pem: certificate.pem(), issuer: Issuer::new(params, key) }
    }

    fn issue(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { certificate: certificate.der().clone(), pem: certificate.pem(), key }
    }

    /// A server with a good certificate for `name`.
    pub(crate) fn server(&self, name: &str) -> Arc<ServerConfig> {
        self.server_with(&CertificateParams::new(vec![name.to_owned()]).unwrap())
    }

    fn server_with(&self, params: &CertificateParams) -> Arc<ServerConfig> {
        let identity = self.issue(params);
        let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
        Arc::new(
            ServerConfig::builder().with_no_client_auth().with_single_cert(vec![identity.certificate], key).unwrap(),
        )
    }

    /// The authority's certificate as a file.
    pub(crate) fn file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("ca.pem");
        std::fs::write(&path, format!("# ours\n{}", self.pem)).unwrap();
        path
    }
}

fn serving(tls: Arc<ServerConfig>) -> TestServer {
    TestServer::encrypted(tls, |_, wire| put(wire, whole("200 OK", "sealed")))
}

fn fault(server: &TestServer, ca: Option<&Path>) -> (TlsFault, String) {
    let ca = ca.map_or_else(String::new, |ca| format!("ca = '{}'\n", ca.display()));
    let client = client(&format!("[[server]]\nurl = '{}'\n{ca}", server.origin()));
    let error = get(&client, server.url("/?key=hunter2")).unwrap_err();
    let text = error.to_string();
    assert!(!text.contains("hunter2"), "{text}");
    let HttpError::Tls { fault, .. } = error else { panic!("{error:?}") };
    (fault, text)
}

#[test]
fn an_authority_of_ones_own_is_trusted_when_configured_and_only_then() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let ca = authority.file(folder.path());
    let server = serving(authority.server("localhost"));
    let (why, text) = fault(&server, None);
    assert_eq!(why, TlsFault::Untrusted);
    assert!(text.contains("ca = ") && text.contains("config.toml"), "{text}");
    let trusting = client(&format!("[[server]]\nurl = '{}'\nca = '{}'\n", server.origin(), ca.display()));
    assert_eq!(get(&trusting, server.url("/")).unwrap().body, b"sealed");
    // Trusted for that origin only.
    let other = serving(authority.server("localhost"));
    let both = client(&format!(
        "[[server]]\nurl = '{}'\nca = '{}'\n[[server]]\nurl = '{}'\n",
        server.origin(),
        ca.display(),
        other.origin()
    ));
    assert!(get(&both, server.url("/")).is_ok());
    assert!(matches!(get(&both, other.url("/")), Err(HttpError::Tls { fault: TlsFault::Untrusted, .. })));
}

#[test]
fn a_certificate_out_of_date_or_for_another_name_is_told_as_that() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let ca = authority.file(folder.path());
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2001, 1, 1);
    params.not_after = rcgen::date_time_ymd(2002, 1, 1);
    assert_eq!(fault(&serving(authority.server_with(&params)), Some(&ca)).0, TlsFault::Expired);
    params.not_before = rcgen::date_time_ymd(2901, 1, 1);
    params.not_after = rcgen::date_time_ymd(2902, 1, 1);
    assert_eq!(fault(&serving(authority.server_with(&params)), Some(&ca)).0, TlsFault::Expired);
    assert_eq!(fault(&serving(authority.server("other.example")), Some(&ca)).0, TlsFault::WrongName);
}

#[test]
fn what_speaks_no_tls_is_told_as_that() {
    for (answer, is_other_protocol) in [("HTTP/1.1 400 Bad Request\r\n\r\n", true), ("", false)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("https://{}", listener.local_addr().unwrap());
        let plain = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let hello = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            hello
        });
        let client = client(&format!("[[server]]\nurl = '{origin}'\n"));
        let error = get(&client, format!("{origin}/").parse().unwrap()).unwrap_err();
        assert!(plain.join().unwrap() > 0);
        if is_other_protocol {
            assert!(matches!(error, HttpError::Tls { fault: TlsFault::NotTls, .. }), "{error:?}");
        } else {
            assert!(matches!(error, HttpError::Unreachable { .. }), "{error:?}");
            assert!(error.to_string().contains("hung up at once") && !error.is_outcome_unknown(), "{error}");
        }
    }
}

#[test]
fn a_client_certificate_is_shown_where_one_is_configured() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let ca = authority.file(folder.path());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.certificate.clone()).unwrap();
    let identity = authority.issue(&CertificateParams::new(vec!["localhost".to_owned()]).unwrap());
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
    let config = ServerConfig::builder().with_client_cert_verifier(verifier);
    let server = serving(Arc::new(config.with_single_cert(vec![identity.certificate], key).unwrap()));

    let (why, text) = fault(&server, Some(&ca));
    assert!(matches!(why, TlsFault::ClientCertificate(_)), "{text}");
    assert!(text.contains("client_cert"), "{text}");

    let mine = authority.issue(&CertificateParams::new(vec!["me".to_owned()]).unwrap());
    std::fs::write(folder.path().join("me.pem"), &mine.pem).unwrap();
    std::fs::write(folder.path().join("me.key"), mine.key.serialize_pem()).unwrap();
    let with = |cert: &str| {
        client(&format!(
            "[[server]]\nurl = '{}'\nca = '{}'\nclient_cert = '{folder}/{cert}'\nclient_key = '{folder}/me.key'\n",
            server.origin(),
            ca.display(),
            folder = folder.path().display(),
        ))
    };
    assert_eq!(get(&with("me.pem"), server.url("/")).unwrap().body, b"sealed");

    // One from somebody else is refused by the server.
    let stranger = Authority::named("theirs").issue(&CertificateParams::new(vec!["me".to_owned()]).unwrap());
    std::fs::write(folder.path().join("me.pem"), &stranger.pem).unwrap();
    std::fs::write(folder.path().join("me.key"), stranger.key.serialize_pem()).unwrap();
    let error = get(&with("me.pem"), server.url("/")).unwrap_err();
    assert!(matches!(error, HttpError::Tls { fault: TlsFault::ClientCertificate(_), .. }), "{error:?}");
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.pem"), "nothing here").unwrap();
    for (keys, expected) in [
        ("ca = 'FOLDER/missing.pem'", "`ca` FOLDER/missing.pem cannot be read"),
        ("ca = 'FOLDER/empty.pem'", "`ca` FOLDER/empty.pem holds no certificate in PEM form"),
        (
            "client_cert = 'FOLDER/empty.pem'\nclient_key = 'FOLDER/empty.pem'",
            "are no certificate and unencrypted private key in PEM form",
        ),
    ] {
        let put = |text: &str| text.replace("FOLDER", &folder.path().display().to_string());
        let client = client(&format!("[[server]]\nurl = 'https://localhost:1'\n{}\n", put(keys)));
        let error = get(&client, "https://localhost:1/".parse().unwrap()).unwrap_err();
        assert!(matches!(error, HttpError::Setup { .. }), "{error:?}");
        assert!(error.to_string().contains(&put(expected)), "{error}");
    }
}
