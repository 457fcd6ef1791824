//! How one origin is reached: TLS, proxy, connection bounds. Made once and kept.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use config::{Origin, Server};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Certificate, ClientBuilder, Identity, Proxy};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use super::error::HttpError;

/// Longest time for a connection to come about, TLS included.
const CONNECT: Duration = Duration::from_secs(15);
/// How long an idle connection is kept; servers drop theirs after a minute or more.
const IDLE: Duration = Duration::from_secs(20);
/// Largest PEM file, in bytes.
const MAX_PEM: u64 = 4 << 20;

/// What asks one origin.
pub(super) struct Reach {
    pub(super) client: reqwest::Client,
    /// One exchange at a time.
    pub(super) turn: Arc<Semaphore>,
    /// The proxy in between, without its credential.
    pub(super) proxy: Option<String>,
}

impl Reach {
    /// `proxy_login` is the configured `user:password`.
    pub(super) fn new(server: &Server, proxy_login: Option<&SecretString>) -> Result<Self, HttpError> {
        let proxy = Way::of(server, proxy_login).map_err(|why| setup(&server.origin, why))?;
        // Plain http needs none of the platform's authorities, which a small container does not have.
        let built = match builder(server, proxy.as_ref())?.build() {
            Err(_) if !server.origin.is_encrypted() => builder(server, proxy.as_ref())?.tls_certs_only([]).build(),
            built => built,
        };
        let client = built.map_err(|error| {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(inner) = cause.source() {
                cause = inner;
            }
            let why = format!("{cause}; install the system's CA certificates, or set `ca` for it in your config.toml");
            setup(&server.origin, why)
        })?;
        Ok(Self { client, turn: Arc::new(Semaphore::new(1)), proxy: proxy.map(|way| way.shown) })
    }
}

/// What looks at an origin by `tls` of its own, through the same proxy as every request; and that proxy.
pub(super) fn looking(
    server: &Server,
    proxy_login: Option<&SecretString>,
    tls: Option<rustls::ClientConfig>,
) -> Result<(reqwest::Client, Option<String>), HttpError> {
    let way = Way::of(server, proxy_login).map_err(|why| setup(&server.origin, why))?;
    let mut builder = plain(way.as_ref());
    builder = match tls {
        Some(tls) => builder.tls_backend_preconfigured(tls),
        None => builder.tls_certs_only([]),
    };
    let client = builder.build().map_err(|error| setup(&server.origin, error.to_string()))?;
    Ok((client, way.map(|way| way.shown)))
}

fn setup(origin: &Origin, why: String) -> HttpError {
    HttpError::Setup { origin: origin.to_string(), why }
}

fn builder(server: &Server, way: Option<&Way>) -> Result<ClientBuilder, HttpError> {
    let failed = |why: String| setup(&server.origin, why);
    let mut builder = plain(way);
    if let Some(path) = &server.ca {
        let pem = read(path, "ca").map_err(failed)?;
        let certificates = Certificate::from_pem_bundle(&pem).unwrap_or_default();
        if certificates.is_empty() {
            return Err(failed(format!("`ca` {} holds no certificate in PEM form", path.display())));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    if let (Some(cert), Some(key)) = (&server.client_cert, &server.client_key) {
        let mut pem = read(key, "client_key").map_err(failed)?;
        pem.push(b'\n');
        pem.extend(read(cert, "client_cert").map_err(failed)?);
        let identity = Identity::from_pem(&pem).map_err(|_| {
            failed(format!(
                "`client_cert` {} and `client_key` {} are no certificate and unencrypted private key in PEM form",
                cert.display(),
                key.display()
            ))
        })?;
        builder = builder.identity(identity);
    }
    Ok(builder)
}

/// Without TLS of any kind said.
fn plain(way: Option<&Way>) -> ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("aspm-lsp/", env!("CARGO_PKG_VERSION")))
        // Redirects are followed by the caller, who knows which origins are allowed.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(1)
        .no_proxy();
    match way {
        Some(way) => builder.proxy(way.proxy.clone()),
        None => builder,
    }
}

/// The error reads on after the origin's.
fn read(path: &Path, key: &str) -> Result<Vec<u8>, String> {
    use std::io::Read as _;

    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_PEM).read_to_end(&mut bytes))
        .map_err(|error| format!("`{key}` {} cannot be read: {error}", path.display()))?;
    Ok(bytes)
}

/// The proxy of an origin.
struct Way {
    proxy: Proxy,
    /// Scheme, host and port.
    shown: String,
}

impl Way {
    fn of(server: &Server, login: Option<&SecretString>) -> Result<Option<Self>, String> {
        if let Some(url) = &server.proxy {
            let shown = Origin::of(url).map_or_else(|| url.to_string(), |origin| origin.to_string());
            let mut proxy = Proxy::all(url.clone()).map_err(|_| format!("`proxy` {shown} cannot be used"))?;
            if let Some(login) = login {
                let (user, password) = login
                    .expose_secret()
                    .split_once(':')
                    .ok_or_else(|| "what `proxy_auth` gives is not user:password".to_owned())?;
                proxy = proxy.basic_auth(user, password);
            }
            return Ok(Some(Self { proxy, shown }));
        }
        // What is meant for this machine must not leave it: a proxy would see a token sent by plain http.
        if server.origin.is_loopback() {
            return Ok(None);
        }
        let Ok(uri) = http::Uri::try_from(server.origin.to_string()) else { return Ok(None) };
        let Some(found) = Matcher::from_system().intercept(&uri) else { return Ok(None) };
        let address = found.uri();
        let shown = format!(
            "{}://{}",
            address.scheme_str().unwrap_or("http"),
            // Without user and password.
            address.authority().map_or("", |authority| authority.as_str().rsplit('@').next().unwrap_or_default())
        );
        if !matches!(address.scheme_str(), Some("http" | "https")) {
            return Err(format!("the system's proxy {shown} is no http proxy; set `proxy` for it in your config.toml"));
        }
        let mut proxy = Proxy::all(shown.as_str()).map_err(|_| format!("the system's proxy {shown} cannot be used"))?;
        if let Some(login) = found.basic_auth() {
            proxy = proxy.custom_http_auth(login.clone());
        }
        Ok(Some(Self { proxy, shown }))
    }
}
