//! Remotes and their URLs, which findings' platforms are matched by. A URL leaves here without credentials.

use gix::bstr::ByteSlice;

use crate::{Repo, normalise_url};

/// A configured remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// For example `origin`.
    pub name: String,
    /// The fetch URL as configured, less user, password and query of http(s), less the password of others.
    pub url: String,
}

pub(crate) fn read(repo: &gix::Repository) -> Vec<Remote> {
    let config = repo.config_snapshot();
    let mut remotes: Vec<Remote> = Vec::new();
    for section in config.plumbing().sections_by_name("remote").into_iter().flatten() {
        let Some(name) = section.header().subsection_name() else { continue };
        let name = name.to_str_lossy();
        // The first URL is the one git fetches from; further ones are pushed to.
        let url = section.values("url").into_iter().next();
        let Some(url) = url.and_then(|url| without_credentials(&url.to_str_lossy())) else { continue };
        if !remotes.iter().any(|known| known.name == name) {
            remotes.push(Remote { name: name.into_owned(), url });
        }
    }
    remotes
}

/// The names of all sections, also of remotes whose URL is not told.
fn names(repo: &gix::Repository) -> Vec<String> {
    let config = repo.config_snapshot();
    let sections = config.plumbing().sections_by_name("remote").into_iter().flatten();
    let mut names: Vec<String> = Vec::new();
    for name in sections.filter_map(|section| Some(section.header().subsection_name()?.to_str_lossy().into_owned())) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

impl Repo {
    /// The repositories that the remotes name, in the form of [`normalise_url`]: of `origin` first, then in the order
    /// of the configuration, each once.
    #[must_use]
    pub fn repository_urls(&self) -> Vec<String> {
        let mut remotes = self.remotes();
        remotes.sort_by_key(|remote| remote.name != "origin");
        let mut urls: Vec<String> = Vec::new();
        for url in remotes.iter().filter_map(|remote| normalise_url(&remote.url)) {
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
        urls
    }

    pub(crate) fn remote_names(&self) -> Vec<String> {
        self.with(names)
    }
}

/// `None` when the URL is so odd that what is a credential in it cannot be told.
fn without_credentials(url: &str) -> Option<String> {
    if url.is_empty() || url.chars().any(char::is_control) {
        return None;
    }
    let Some((scheme, rest)) = url.split_once("://") else { return Some(url.to_owned()) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    if !port_is_numeric(host) {
        return None;
    }
    let http = scheme.to_ascii_lowercase().contains("http");
    let tail = if http { tail.split(['?', '#']).next().unwrap_or("") } else { tail };
    let user = match user.map(|user| user.split(':').next().unwrap_or("")) {
        Some(user) if !http && !user.is_empty() => format!("{user}@"),
        _ => String::new(),
    };
    Some(format!("{scheme}://{user}{host}{tail}"))
}

/// A password with a `/` in it ends the authority early and leaves `user:pass` where host and port belong.
fn port_is_numeric(host: &str) -> bool {
    let after_ipv6 = host.rsplit_once(']').map_or(host, |(_, rest)| rest);
    after_ipv6.split_once(':').is_none_or(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_removed_and_the_rest_is_kept() {
        for (url, expected) in [
            ("https://github.com/a/b.git", Some("https://github.com/a/b.git")),
            ("https://user:secret@github.com/a/b.git", Some("https://github.com/a/b.git")),
            ("https://ghp_token@github.com/a/b", Some("https://github.com/a/b")),
            ("https://u:p@ss@host:8443/a", Some("https://host:8443/a")),
            ("https://host/a?private_token=x#y", Some("https://host/a")),
            ("https://host?token=x", Some("https://host")),
            ("ssh://git:secret@host:22/a", Some("ssh://git@host:22/a")),
            ("ssh://git@[::1]:22/a", Some("ssh://git@[::1]:22/a")),
            ("git@github.com:a/b.git", Some("git@github.com:a/b.git")),
            ("/srv/git/a.git", Some("/srv/git/a.git")),
            ("file:///srv/git/a.git", Some("file:///srv/git/a.git")),
            ("https://user:pa/ss@host/a", None),
            ("https://host/a\nsecret", None),
            ("", None),
        ] {
            assert_eq!(without_credentials(url).as_deref(), expected, "{url}");
        }
    }
}
