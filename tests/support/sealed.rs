//! A server that speaks TLS and shows a certificate of an authority that nobody trusts, as a company's proxy does.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A running server; its thread ends with the process.
pub(crate) struct Sealed {
    pub(crate) url: String,
    /// Bytes that came through the encryption.
    received: Arc<AtomicUsize>,
}

impl Sealed {
    /// `authority` is the common name of who signs.
    pub(crate) fn start(authority: &str) -> Self {
        Self::with(config(authority))
    }

    /// With a certificate that expired long ago, of an authority whose own is good and written to `authority`.
    pub(crate) fn expired(authority: &Path) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        std::fs::write(authority, params.self_signed(&key).expect("signed").pem()).expect("written");
        let mut leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        leaf.not_before = rcgen::date_time_ymd(2019, 1, 1);
        leaf.not_after = rcgen::date_time_ymd(2020, 1, 1);
        Self::with(signed(&leaf, &Issuer::new(params, key)))
    }

    fn with(config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("https://localhost:{}", listener.local_addr().expect("bound").port());
        let received = Arc::new(AtomicUsize::new(0));
        let counter = received.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (config, counter) = (config.clone(), counter.clone());
                std::thread::spawn(move || count(stream, config, &counter));
            }
        });
        Self { url, received }
    }

    pub(crate) fn received(&self) -> usize {
        self.received.load(Ordering::SeqCst)
    }
}

fn count(stream: TcpStream, config: Arc<ServerConfig>, counter: &AtomicUsize) {
    let mut stream = StreamOwned::new(ServerConnection::new(config).expect("a good configuration"), stream);
    let mut bytes = [0; 1024];
    while let Ok(read @ 1..) = stream.read(&mut bytes) {
        counter.fetch_add(read, Ordering::SeqCst);
    }
}

fn config(authority: &str) -> Arc<ServerConfig> {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(DnType::CommonName, authority);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = Issuer::new(params, KeyPair::generate().expect("a key"));
    signed(&CertificateParams::new(vec!["localhost".to_owned()]).expect("a name"), &issuer)
}

fn signed(params: &CertificateParams, issuer: &Issuer<'_, KeyPair>) -> Arc<ServerConfig> {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("signed").der().clone();
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key);
    Arc::new(config.expect("they fit"))
}
