//! Scheme, host and port: the unit of trust on the network. What is allowed for an origin is allowed for no other.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Longest URL that is taken, in bytes; servers commonly refuse more.
pub(crate) const MAX_URL: usize = 2000;

/// Scheme, host and port, normalised: lower case, punycode, the scheme's usual port where none is written.
/// Displayed as `https://host` or `https://host:8443`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    is_encrypted: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a URL; `None` unless it is `http` or `https` with a host.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        let is_encrypted = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let host = url.host_str().filter(|host| !host.is_empty())?.to_owned();
        Some(Self { is_encrypted, host, port: url.port_or_known_default()? })
    }

    /// Reads an origin as a person writes it: a URL with nothing behind the host and port but `/`. The error reads on
    /// after the key's or option's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = http_url(text)?;
        if url.path() != "/" || url.query().is_some() {
            let origin = Self::of(&url).map_or_else(String::new, |origin| format!(": write {origin}"));
            return Err(format!("must be scheme, host and port only, without a path{origin}"));
        }
        Self::of(&url).ok_or_else(|| "must name a host".to_owned())
    }

    /// `https`, not `http`.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.is_encrypted { "https" } else { "http" }
    }

    /// Host name or address; an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port, also where it is the usual one.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is this machine by its very name: `localhost`, 127.0.0.0/8 or `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        if self.host == "localhost" {
            return true;
        }
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            || bare.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.host)?;
        let usual = if self.is_encrypted { 443 } else { 80 };
        if self.port == usual { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// A URL that may be requested: `http(s)`, with a host, without user, password and fragment. The error reads on after
/// the key's name and never repeats the text, which may hold a password.
pub fn http_url(text: &str) -> Result<Url, String> {
    if text.len() > MAX_URL {
        return Err(format!("must have at most {MAX_URL} bytes"));
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err("must have no white space around it and no control characters in it".to_owned());
    }
    let url = Url::parse(text)
        .map_err(|error| format!("must be a URL such as https://dojo.example.com, and this is none: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must begin with https:// or http://".to_owned());
    }
    if matches!(url.host(), None | Some(Host::Domain(""))) {
        return Err("must name a host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must hold no user name or password: run `aspm-lsp login URL` instead".to_owned());
    }
    if url.fragment().is_some() {
        return Err("must have no # part".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_origin_is_written_in_one_way() {
        for (text, expected) in [
            ("https://Dojo.Example.com", "https://dojo.example.com"),
            ("HTTPS://dojo.example.com:443/", "https://dojo.example.com"),
            ("http://dojo.example.com:80", "http://dojo.example.com"),
            ("http://dojo.example.com:443", "http://dojo.example.com:443"),
            ("https://dojo.example.com:8443/", "https://dojo.example.com:8443"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://127.1:8080", "http://127.0.0.1:8080"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_origin_is_told_what_it_lacks() {
        for (text, expected) in [
            ("dojo.example.com", "must be a URL such as"),
            ("https://dojo.example.com/dojo", "without a path: write https://dojo.example.com"),
            ("https://dojo.example.com/?a=b", "without a path"),
            ("https://dojo.example.com/#a", "no # part"),
            ("https://u:secret@dojo.example.com", "no user name or password"),
            ("https://u@dojo.example.com", "no user name or password"),
            ("ftp://dojo.example.com", "must begin with https://"),
            ("file:///etc/passwd", "must begin with https://"),
            (" https://a", "white space"),
            ("https://a\n", "white space"),
        ] {
            let error = Origin::parse(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(Origin::parse(&format!("https://a/{}", "x".repeat(3000))).is_err());
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (text, expected) in [
            ("http://localhost", true),
            ("http://LOCALHOST:1", true),
            ("http://127.0.0.1", true),
            ("http://127.9.9.9", true),
            ("http://0x7f.1", true),
            ("http://[::1]", true),
            ("http://[::ffff:127.0.0.1]", false),
            ("http://localhost.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://0.0.0.0", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(Origin::parse(text).unwrap().is_loopback(), expected, "{text}");
        }
    }
}
