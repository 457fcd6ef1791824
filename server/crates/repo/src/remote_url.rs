//! One spelling for all URLs of a repository, so that what is said about it elsewhere can be found by it.

const MAX_URL: usize = 2048;

/// Hosts that serve the repositories of another one, for networks that let nothing but port 443 out.
const ALIASES: [(&str, &str); 3] =
    [("ssh.github.com", "github.com"), ("altssh.gitlab.com", "gitlab.com"), ("altssh.bitbucket.org", "bitbucket.org")];

/// The repository a URL names as `host/path` in lower case, for comparing (`github.com/acme/shop`): of `https`, `http`,
/// `ssh`, `git` and `ftp` URLs, of `git@host:path`, and of what is in this form already. Scheme, user, password, port,
/// query, `.git` and slashes at the end do not count.
///
/// `None` for files, for transport helpers (`ext::…`), and for what cannot be told.
#[must_use]
pub fn normalise_url(url: &str) -> Option<String> {
    let url = url.trim();
    if url.len() > MAX_URL || url.contains("::/") || url.chars().any(|c| c.is_control() || matches!(c, ' ' | '\\')) {
        return None;
    }
    let (authority, path) = match url.split_once("://") {
        Some((scheme, rest)) => {
            let scheme = scheme.to_ascii_lowercase();
            let scheme = scheme.strip_prefix("git+").or(scheme.strip_suffix("+git")).unwrap_or(&scheme);
            if !matches!(scheme, "https" | "http" | "ssh" | "git" | "ftp" | "ftps") {
                return None;
            }
            rest.split_once('/')?
        }
        None => without_scheme(url)?,
    };
    let host = host(authority)?;
    let path = path.split(['?', '#']).next().unwrap_or("").to_lowercase();
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.iter().any(|part| matches!(*part, "." | "..")) {
        return None;
    }
    let last = parts.pop()?;
    match last.strip_suffix(".git").unwrap_or(last) {
        "" => {}
        last => parts.push(last),
    }
    if parts.is_empty() {
        return None;
    }
    // Azure DevOps has two forms of path.
    if host == "ssh.dev.azure.com" {
        return match parts[..] {
            ["v3", organisation, project, name] => Some(format!("dev.azure.com/{organisation}/{project}/_git/{name}")),
            _ => None,
        };
    }
    let host = ALIASES.iter().find(|(alias, _)| *alias == host).map_or(&*host, |(_, host)| *host);
    Some(format!("{host}/{}", parts.join("/")))
}

/// `[user@]host:path` as ssh knows it, or `host/path` as it is given here.
fn without_scheme(url: &str) -> Option<(&str, &str)> {
    let colon = match url.split_once(']') {
        Some((host, rest)) if rest.starts_with(':') => Some(host.len() + 1),
        _ => url.find(':'),
    };
    let slash = url.find('/').unwrap_or(url.len());
    match colon.filter(|colon| *colon < slash) {
        // `C:path` is a file of a drive.
        Some(1) => None,
        Some(colon) if url[colon..].starts_with("::") => None,
        Some(colon) => Some((&url[..colon], &url[colon + 1..])),
        None => {
            let (host, path) = url.split_once('/')?;
            let (_, ending) = host.rsplit_once('.')?;
            let is_host = !host.contains('@')
                && !host.starts_with('.')
                && ending != "git"
                && !ending.is_empty()
                && ending.bytes().all(|byte| byte.is_ascii_alphabetic());
            is_host.then_some((host, path))
        }
    }
}

/// The host of `[user[:password]@]host[:port]`.
fn host(authority: &str) -> Option<String> {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (name, port) = match host.rfind(']') {
        Some(end) => host.split_at(end + 1),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    // A password with a `/` in it leaves `user:pass` here.
    let port_is_plain = port.is_empty() || port.strip_prefix(':')?.bytes().all(|byte| byte.is_ascii_digit());
    let name = name.trim_end_matches('.').to_lowercase();
    let is_plain = if let Some(inner) = name.strip_prefix('[') {
        inner.strip_suffix(']')?.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
    } else {
        !name.is_empty() && !name.starts_with('-') && name.chars().all(|c| c.is_alphanumeric() || "-._".contains(c))
    };
    (port_is_plain && is_plain).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_urls_of_a_repository_have_one_form_which_stays_as_it_is() {
        for url in [
            "https://github.com/acme/shop",
            "https://github.com/acme/shop.git",
            "https://github.com/acme/shop.git/",
            "https://github.com/acme/shop//",
            "https://GitHub.com/Acme/Shop.GIT",
            "https://user:se%40cret@github.com/acme/shop?token=x#y",
            "https://github.com:443/acme/shop",
            "http://github.com./acme//shop",
            "ssh://git@github.com/acme/shop.git",
            "ssh://git@github.com:22/acme/shop.git",
            "ssh://git@ssh.github.com:443/acme/shop.git",
            "git+ssh://git@github.com/acme/shop.git",
            "git@github.com:acme/shop.git",
            "git@github.com:/acme/shop",
            "github.com:acme/shop",
            "git://github.com/acme/shop",
            "  https://github.com/acme/shop\n",
            "github.com/acme/shop",
        ] {
            assert_eq!(normalise_url(url).as_deref(), Some("github.com/acme/shop"), "{url}");
        }
    }

    #[test]
    fn nested_groups_ports_addresses_and_azure_keep_what_names_the_repository() {
        for (url, expected) in [
            ("https://gitlab.example.com:8443/a/b/c/d.git", "gitlab.example.com/a/b/c/d"),
            ("ssh://git@[2001:DB8::1]:7999/a/b.git", "[2001:db8::1]/a/b"),
            ("git@[::1]:a/b.git", "[::1]/a/b"),
            ("git@localhost:a.git", "localhost/a"),
            ("git@ssh.dev.azure.com:v3/org/project/name", "dev.azure.com/org/project/_git/name"),
            ("https://org@dev.azure.com/org/project/_git/name", "dev.azure.com/org/project/_git/name"),
            ("https://host/a/.git", "host/a"),
            ("https://host/~me/a.github", "host/~me/a.github"),
        ] {
            assert_eq!(normalise_url(url).as_deref(), Some(expected), "{url}");
            assert_eq!(
                normalise_url(expected).is_some(),
                expected.split('/').next().unwrap().contains(".com"),
                "{url}"
            );
        }
    }

    #[test]
    fn files_helpers_and_what_cannot_be_told_have_none() {
        for url in [
            "",
            "/srv/git/a.git",
            "./a",
            "../a/b",
            "a/b",
            "a.git/b",
            "file:///srv/git/a.git",
            r"C:\git\a",
            "C:/git/a",
            r"\\server\share\a",
            "ext::sh -c touch% /tmp/x",
            "ext::sh",
            "testgit::/srv/x",
            "https://",
            "https://host",
            "https://host/",
            "https://host/.git",
            "https:///a/b",
            "https://user:pa/ss@host/a",
            "https://github.com/acme/../evil/shop",
            "https://-oProxyCommand=x/a",
            "javascript://host/a",
            "https://host/a\nb",
            "git@ssh.dev.azure.com:v3/org/only",
            "https://[::1/a",
        ] {
            assert_eq!(normalise_url(url), None, "{url}");
        }
        assert_eq!(normalise_url(&format!("https://host/{}", "a".repeat(MAX_URL))), None);
    }
}
