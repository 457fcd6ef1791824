//! One spelling for the URLs of a repository.

/// `host/path` in lower case, without scheme, credentials, port, query, `.git` and slashes at the end; `None` for what is
/// no repository's URL. What is in this form stays as it is.
pub(super) fn normalised(url: &str) -> Option<String> {
    let url = url.trim();
    if url.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '*')) {
        return None;
    }
    let (authority, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        None => match (url.find(':'), url.find('/')) {
            // git@host:path
            (Some(colon), slash) if slash.is_none_or(|slash| colon < slash) && !is_port(&url[colon + 1..]) => {
                (&url[..colon], &url[colon + 1..])
            }
            _ => url.split_once('/')?,
        },
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let host = host.trim_end_matches('.').to_lowercase();
    let path = path.split(['?', '#']).next().unwrap_or_default().to_lowercase();
    let path = path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    let path = path.strip_suffix(".git").unwrap_or(&path).trim_end_matches('/');
    let is_odd = host.is_empty() || path.is_empty() || path.split('/').any(|part| matches!(part, "." | ".."));
    (!is_odd).then(|| format!("{host}/{path}"))
}

/// `443/path` behind a host's colon.
fn is_port(rest: &str) -> bool {
    rest.split_once('/').is_some_and(|(port, _)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::normalised;

    #[test]
    fn all_spellings_of_a_repository_are_one() {
        for url in [
            "github.com/acme/shop",
            "https://github.com/acme/shop",
            "https://GitHub.com/Acme/Shop.git/",
            "https://user:pass@github.com:443/acme/shop?x#y",
            "git@github.com:acme/shop.git",
            "git@github.com:/acme/shop",
            "ssh://git@github.com:22/acme/shop.git",
            "github.com:443/acme//shop/",
            " github.com./acme/shop ",
        ] {
            assert_eq!(normalised(url).as_deref(), Some("github.com/acme/shop"), "{url}");
        }
    }

    #[test]
    fn what_names_no_repository_is_none() {
        for url in [
            "",
            "shop",
            "https://github.com",
            "https://github.com/",
            "github.com/.git",
            "github.com/acme/*",
            "a/../b",
            "/a",
        ] {
            assert_eq!(normalised(url), None, "{url}");
        }
    }
}
