//! Which addresses may be links, and how they are written so that they stay what they look like.

use url::Url;

/// Longest address that becomes a link, in bytes.
const LONGEST: usize = 2_000;

/// `address` as a link may carry it: absolute, `http` or `https`, a host, no user or password, only characters that mean
/// nothing in Markdown. `None` for anything else. Stable: a safe address is returned as it is.
pub(super) fn safe(address: &str) -> Option<String> {
    let address = address.trim();
    if address.len() > LONGEST {
        return None;
    }
    let url = Url::parse(address).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
    if !web || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    // An entity ends with a semicolon: without one, no `&name` of a query is read as one.
    let entities = url.as_str().contains('&');
    let mut out = String::with_capacity(url.as_str().len());
    for byte in url.as_str().bytes() {
        let kept =
            byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'*+,=%".contains(&byte) || (byte == b';' && !entities);
        if kept {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])));
        }
    }
    (out.len() <= LONGEST).then_some(out)
}

/// What a link's visible text promises.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// Words.
    Words,
    /// The address itself.
    Same,
    /// Another address, or what may be taken for one.
    Another,
}

/// What `label` promises about `url`, which is [`safe`].
pub(super) fn promise(label: &str, url: &str) -> Promise {
    let label = label.trim();
    if label.is_empty() || label == url || safe(label).is_some_and(|same| same == url) {
        return Promise::Same;
    }
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let misleads = label
        .split(|character: char| character.is_whitespace() || "()[]{}<>\"'`,;".contains(character))
        .filter_map(host_in)
        .any(|named| without_www(&named) != without_www(&host));
    if misleads || label.contains("://") { Promise::Another } else { Promise::Words }
}

/// The host that a word names, if it looks like an address.
fn host_in(word: &str) -> Option<String> {
    let after_scheme = word.split_once(':').map_or(word, |(_, rest)| if rest.starts_with("//") { rest } else { word });
    let rest = after_scheme.trim_start_matches(['/', '\\']);
    let host = rest.split(['/', '?', '#', ':', '\\']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or(host).trim_end_matches(['.', '!', '?']);
    let (before, last) = host.rsplit_once('.')?;
    let looks = !before.is_empty()
        && host.chars().all(|character| character.is_alphanumeric() || character == '-' || character == '.')
        && last.chars().count() >= 2
        && last.chars().all(char::is_alphabetic);
    looks.then(|| host.to_lowercase())
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

/// The first bare `http(s)` address in `text` that may be a link: its place and its safe form.
pub(super) fn find(text: &str) -> Option<(std::ops::Range<usize>, String)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("http").map(|at| from + at) {
        from = at + "http".len();
        let starts_word = !text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let rest = &text[at..];
        if !starts_word || !(rest.starts_with("http://") || rest.starts_with("https://")) {
            continue;
        }
        let stop = |character: char| character.is_whitespace() || "<>\"'`\\|{}[]()".contains(character);
        let end = rest.find(stop).unwrap_or(rest.len());
        // What begins inside an address is part of it, link or not.
        from = at + end;
        let address = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '~', '\u{2026}']);
        if let Some(url) = safe(address) {
            return Some((at..at + address.len(), url));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_without_a_user_become_links() {
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "command:workbench.action",
            "file:///etc",
            "vscode://x",
            "ftp://a.example",
            "//a.example",
            "/local",
            "#top",
            "https://",
            "https://u:p@a.example/",
            "https://github.com@evil.example/",
            "mailto:a@b.example",
            "",
        ] {
            assert_eq!(safe(address), None, "{address}");
        }
    }

    #[test]
    fn a_safe_address_has_no_character_of_markdown_and_is_stable() {
        for (address, written) in [
            ("https://a.example/x_(y)?q=a b", "https://a.example/x_%28y%29?q=a%20b"),
            ("https://a.example/?x&copy;", "https://a.example/?x&copy%3B"),
            ("https://a.example\\b", "https://a.example/b"),
            ("https://\u{430}pple.example/", "https://xn--pple-43d.example/"),
            ("https://a.example/`|^{}\u{202e}", "https://a.example/%60%7C%5E%7B%7D%E2%80%AE"),
        ] {
            let safe_form = safe(address).expect("safe");
            assert_eq!(safe_form, written);
            assert_eq!(safe(&safe_form).as_deref(), Some(written));
        }
    }

    #[test]
    fn a_label_that_names_another_place_is_told_from_words() {
        let url = "https://evil.example/x";
        for (label, promised) in [
            ("the manual", Promise::Words),
            ("e.g. version 1.2.3", Promise::Words),
            ("https://evil.example/x", Promise::Same),
            ("", Promise::Same),
            ("evil.example", Promise::Words),
            ("https://good.example/", Promise::Another),
            ("see good.example now", Promise::Another),
            ("www.good.example", Promise::Another),
            ("https://evil.example/other", Promise::Another),
            ("evil.example@good.example", Promise::Another),
        ] {
            assert_eq!(promise(label, url), promised, "{label}");
        }
    }

    #[test]
    fn bare_addresses_end_where_a_reader_ends_them() {
        let found = |text: &str| find(text).map(|(range, url)| (text[range].to_owned(), url));
        let link = ("https://a.example/b".to_owned(), "https://a.example/b".to_owned());
        assert_eq!(found("see https://a.example/b."), Some(link.clone()));
        assert_eq!(found("(https://a.example/b), x"), Some(link));
        assert_eq!(found("xhttps://a.example"), None);
        assert_eq!(found("https://u:p@a.example/ http://"), None);
    }
}
