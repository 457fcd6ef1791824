//! What a failed exchange means to a person, told from the chain of errors below it.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, Error as TlsError};

use super::error::{HttpError, TlsFault};

/// What is known of an exchange while it fails.
pub(super) struct Scene<'a> {
    pub(super) at: &'a str,
    pub(super) host: &'a str,
    /// The proxy in between, without its credential.
    pub(super) proxy: Option<&'a str>,
    pub(super) deadline: Duration,
}

/// What `error` means.
pub(super) fn of(error: &reqwest::Error, scene: &Scene<'_>) -> HttpError {
    let at = scene.at.to_owned();
    let chain: Vec<&(dyn StdError + 'static)> = chain(error);
    if let Some(fault) = chain.iter().find_map(|link| tls(*link)) {
        return HttpError::Tls { at, fault };
    }
    let io = chain.iter().rev().find_map(|link| link.downcast_ref::<io::Error>()).map(io::Error::kind);
    // The innermost says what happened; the outer ones only where.
    let innermost = chain.last().map_or_else(String::new, ToString::to_string);
    if error.is_connect() {
        if let Some(proxy) = scene.proxy {
            let why = proxy_fault(error.is_timeout(), io, &innermost, is_dns(&chain));
            return HttpError::Proxy { at, proxy: proxy.to_owned(), why };
        }
        if error.is_timeout() {
            return HttpError::Unreachable { at, why: "nobody answered in time; check host and port".to_owned() };
        }
        if is_dns(&chain) {
            return HttpError::Dns { at, host: scene.host.to_owned() };
        }
        return match io {
            Some(io::ErrorKind::ConnectionRefused) => HttpError::Refused { at },
            Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
                let why = "what listens there hung up at once; check the port, and http or https in the URL".to_owned();
                HttpError::Unreachable { at, why }
            }
            _ => HttpError::Unreachable { at, why: innermost },
        };
    }
    if error.is_timeout() {
        return HttpError::TimedOut { at, after: scene.deadline };
    }
    if is_cut_off(&chain, io) {
        return HttpError::CutOff { at };
    }
    let why = if error.is_decode() {
        format!("the compressed answer is damaged ({innermost})")
    } else {
        format!("what answers there does not speak HTTP as it should ({innermost}); check host and port")
    };
    HttpError::Unexpected { at, why }
}

fn chain<'e>(error: &'e (dyn StdError + 'static)) -> Vec<&'e (dyn StdError + 'static)> {
    let mut links = vec![error];
    let mut next = error.source();
    while let Some(link) = next {
        links.push(link);
        // An error of the system can carry another inside that it does not name as its source.
        let inner = link.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => link.source(),
        };
        if links.len() > 32 {
            break;
        }
    }
    links
}

fn is_dns(chain: &[&(dyn StdError + 'static)]) -> bool {
    chain.iter().any(|link| link.to_string().starts_with("dns error"))
}

/// A body that ends early, whatever noticed it: HTTP's framing, gzip's, TLS's or the socket.
fn is_cut_off(chain: &[&(dyn StdError + 'static)], io: Option<io::ErrorKind>) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};

    let said = |words: &str| chain.iter().any(|link| link.to_string().contains(words));
    matches!(io, Some(UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe))
        || said("connection closed before message completed")
        || said("end of file before message length reached")
        || said("unexpected end of file")
        || said("unexpected EOF")
}

fn proxy_fault(is_timeout: bool, io: Option<io::ErrorKind>, innermost: &str, is_dns: bool) -> String {
    if innermost.contains("authorization required") || innermost.contains("authentication required") {
        return "wants a user and password: set `proxy_auth = { env = \"NAME\" }` (user:password) for this server in your \
                config.toml, or correct them"
            .to_owned();
    }
    if is_timeout {
        return "did not answer in time; check its address".to_owned();
    }
    if is_dns {
        return "is not known by that name; check `proxy` in your config.toml, or HTTPS_PROXY".to_owned();
    }
    match io {
        Some(io::ErrorKind::ConnectionRefused) => {
            "refused the connection; check `proxy` in your config.toml, or HTTPS_PROXY".to_owned()
        }
        _ => format!("did not connect to the server ({innermost}); ask who runs it whether the server is allowed"),
    }
}

fn tls(link: &(dyn StdError + 'static)) -> Option<TlsFault> {
    let error = link.downcast_ref::<TlsError>()?;
    Some(match error {
        TlsError::InvalidCertificate(certificate) => match certificate {
            CertificateError::UnknownIssuer => TlsFault::Untrusted,
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TlsFault::Expired,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => TlsFault::WrongName,
            other => TlsFault::BadCertificate(other.to_string()),
        },
        TlsError::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRevoked
            | AlertDescription::AccessDenied => TlsFault::ClientCertificate(format!("it says {alert:?}")),
            other => TlsFault::Other(format!("the server says {other:?}")),
        },
        TlsError::InvalidMessage(_) => TlsFault::NotTls,
        other => TlsFault::Other(other.to_string()),
    })
}
