//! What lies between this computer and a server, layer by layer, for a person who asks why it cannot be reached.
//!
//! Only origins that the user allows are looked at, and nothing is sent: names are looked up, and an encrypted connection
//! is given up as soon as the other side has shown its certificate.

use std::net::IpAddr;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use url::Url;

use super::certificate::Certificate;
use super::client::{Client, POLL, lock};
use super::error::HttpError;
use super::reach;

/// Longest time for all of it.
const LIMIT: Duration = Duration::from_secs(20);
/// Most addresses of one name that are told.
const MOST_ADDRESSES: usize = 4;

/// What was seen on the way to a server. What was not seen is empty; why, a request tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Way {
    /// The proxy in between, without its credential.
    pub proxy: Option<String>,
    /// What the host's name stands for; empty behind a proxy, which looks it up itself.
    pub addresses: Vec<IpAddr>,
    /// What the other side showed, trusted or not; `None` for plain http.
    pub certificate: Option<Certificate>,
}

impl Client {
    /// Looks at the way to the server of `url`. The error is what forbids to look, or a proxy that cannot be used.
    pub fn examine(&self, url: &Url, cancelled: &dyn Fn() -> bool) -> Result<Way, HttpError> {
        let server = self.allowed(url)?.clone();
        let login = self.proxy_login(&server, cancelled)?;
        let chain = Arc::new(Mutex::new(Vec::new()));
        let (client, proxy) = reach::looking(&server, login.as_ref(), only_looking(&chain))?;
        let is_direct = proxy.is_none();
        let (host, port) = (server.origin.host().to_owned(), server.origin.port());
        let (origin, is_encrypted) = (server.origin.to_string(), server.origin.is_encrypted());
        let (done, waiting) = channel();
        let look = async move {
            let mut addresses: Vec<IpAddr> = Vec::new();
            if is_direct {
                let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
                if let Ok(found) = tokio::net::lookup_host((bare, port)).await {
                    addresses.extend(found.map(|address| address.ip()));
                }
            }
            addresses.dedup();
            addresses.truncate(MOST_ADDRESSES);
            // A name without an address has no certificate.
            if is_encrypted && (!is_direct || !addresses.is_empty()) {
                // Ends in an error on purpose, before anything is sent.
                let _ = client.get(format!("{origin}/")).send().await;
            }
            let _ = done.send(addresses);
        };
        let runtime = self.runtime().map_err(|error| HttpError::Setup {
            origin: server.origin.to_string(),
            why: format!("no thread for it can be started: {error}"),
        })?;
        let _running = runtime.spawn(async move {
            let _ = tokio::time::timeout(LIMIT, look).await;
        });
        let addresses = loop {
            if cancelled() {
                return Err(HttpError::Cancelled);
            }
            match waiting.recv_timeout(POLL) {
                Ok(addresses) => break addresses,
                Err(RecvTimeoutError::Timeout) => {}
                // Out of time: what was seen until then counts.
                Err(RecvTimeoutError::Disconnected) => break Vec::new(),
            }
        };
        let certificate = Certificate::of(&lock(&chain));
        Ok(Way { proxy, addresses, certificate })
    }
}

/// TLS that keeps what the other side shows and trusts nobody.
fn only_looking(seen: &Arc<Mutex<Vec<Vec<u8>>>>) -> Option<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let looker = Looker { seen: seen.clone(), provider: provider.clone() };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    Some(builder.dangerous().with_custom_certificate_verifier(Arc::new(looker)).with_no_client_auth())
}

/// Accepts no certificate at all, so that no connection ever comes of it.
#[derive(Debug)]
struct Looker {
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Looker {
    fn verify_server_cert(
        &self,
        first: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *lock(&self.seen) = std::iter::once(first).chain(others).map(|one| one.to_vec()).collect();
        Err(rustls::Error::General("only looked at".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("only looked at".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("only looked at".to_owned()))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
