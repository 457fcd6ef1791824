//! The many shapes of `file_path`.

use finding::ScanPath;
use percent_encoding::percent_decode_str;

/// Longest path, in bytes, that any system opens.
const LONGEST: usize = 32 << 10;

/// What a `file_path` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A file, `/`-separated, without a leading `./`; may be absolute.
    File(ScanPath),
    /// A container image or a part of one.
    Image,
    /// An address.
    Endpoint,
    /// Nothing.
    Nowhere,
}

/// Reads a `file_path`.
pub(super) fn place(written: Option<&str>) -> Place {
    let Some(written) = written.map(str::trim).filter(|path| !path.is_empty() && path.len() <= LONGEST) else {
        return Place::Nowhere;
    };
    let lower = written.to_ascii_lowercase();
    if lower.starts_with("docker-image|") || lower.starts_with("docker-image:") {
        return Place::Image;
    }
    // Snyk: a package's way through the dependencies, beginning with the manifest where it knows one.
    let path = match written.split_once(" > ") {
        Some((first, _)) if first.contains('.') && !first.contains(['|', '@']) => first.trim(),
        Some(_) => return Place::Nowhere,
        None => written,
    };
    if let Some(rest) = lower.strip_prefix("file://") {
        let path = &path[path.len() - rest.len()..];
        // `file:///C:/a` names `C:/a`.
        let is_drive = |path: &str| path.as_bytes().get(2) == Some(&b':') && path.starts_with('/');
        return file(if is_drive(path) { &path[1..] } else { path });
    }
    if let Some((scheme, _)) = lower.split_once("://")
        && !scheme.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        return Place::Endpoint;
    }
    file(path)
}

fn file(path: &str) -> Place {
    let mut path = path.replace('\\', "/");
    if is_escaped(&path) {
        path = percent_decode_str(&path).decode_utf8_lossy().into_owned();
    }
    let mut rest = path.as_str();
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter.trim_start_matches('/');
    }
    let rest = rest.trim_end_matches('/');
    let is_none = rest.is_empty() || rest == "." || rest.contains(['\0', '\n']) || rest.eq_ignore_ascii_case("none");
    if is_none { Place::Nowhere } else { Place::File(rest.to_owned()) }
}

/// Whether every `%` begins an escape, so that the path is one of a URI.
fn is_escaped(path: &str) -> bool {
    let mut parts = path.split('%').skip(1).peekable();
    let is_escape = |part: &str| part.len() >= 2 && part.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
    parts.peek().is_some() && parts.all(is_escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_a_path_is_read() {
        for (written, expected) in [
            ("./challenge/views.py", "challenge/views.py"),
            ("././a.py", "a.py"),
            (".bashrc", ".bashrc"),
            ("Dockerfile", "Dockerfile"),
            ("../a.py", "../a.py"),
            ("/src/helpers/Constants.ts", "/src/helpers/Constants.ts"),
            ("/tmp/api/composer.lock", "/tmp/api/composer.lock"),
            ("src\\main\\App.cs", "src/main/App.cs"),
            ("C:\\build\\App.cs", "C:/build/App.cs"),
            ("file:///C:/build/a.c", "C:/build/a.c"),
            ("file:///src/a%20b.c", "/src/a b.c"),
            ("src/a%20b.py", "src/a b.py"),
            ("src/100%.py", "src/100%.py"),
            ("  a.py ", "a.py"),
            ("package.json > lodash", "package.json"),
            ("a > b.py", ""),
            ("src/\u{e9}.py", "src/\u{e9}.py"),
        ] {
            let expected = if expected.is_empty() { Place::Nowhere } else { Place::File(expected.to_owned()) };
            assert_eq!(place(Some(written)), expected, "{written}");
        }
        assert_eq!(place(Some("docker-image|sarim04/juiceshop > gcc-10/libgcc-s1")), Place::Image);
        assert_eq!(place(Some("https://shop.example/login")), Place::Endpoint);
        assert_eq!(place(Some("goof@1.0 > express@4")), Place::Nowhere);
        for nothing in [None, Some(""), Some(" "), Some("./"), Some("."), Some("None"), Some("a\0b")] {
            assert_eq!(place(nothing), Place::Nowhere, "{nothing:?}");
        }
        assert_eq!(place(Some(&"a".repeat(LONGEST + 1))), Place::Nowhere);
    }
}
