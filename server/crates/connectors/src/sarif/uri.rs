//! From SARIF's artifact locations to the path a tool meant.

use percent_encoding::percent_decode_str;

use super::run::RunFacts;
use super::schema::{ArtifactLocation, at};

/// Links of a chain of bases that are followed; more is a cycle or nonsense.
const LONGEST_CHAIN: usize = 32;
/// Longest path, in bytes, that any system opens.
const LONGEST_PATH: usize = 32 << 10;

/// What an artifact location names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A file: `/`-separated, percent-decoded, without a leading `./`; relative or absolute, `..` kept.
    File(String),
    /// Something that is no file: an `http(s)` address or another kind of URI.
    Elsewhere(String),
    /// Nothing.
    Nothing,
}

/// Resolves `location` within its run. A base without a known place leaves the path relative to it.
pub(super) fn target(location: &ArtifactLocation, run: &RunFacts) -> Target {
    let location = match &location.uri {
        Some(_) => location,
        None => at(&run.artifacts, location.index).map_or(location, |artifact| &artifact.location),
    };
    let Some(uri) = location.uri.as_deref().map(str::trim).filter(|uri| !uri.is_empty()) else {
        return Target::Nothing;
    };
    let mut joined = uri.to_owned();
    let mut base = location.uri_base_id.as_deref();
    for _ in 0..LONGEST_CHAIN {
        if has_scheme(&joined) || is_absolute(&joined) {
            break;
        }
        let Some(entry) = base.and_then(|name| run.bases.get(name)) else { break };
        match entry.uri.as_deref().map(str::trim) {
            // The file system's root as a base (Trivy's ROOTPATH) tells nothing.
            None | Some("" | "/" | "." | "./" | "file:///" | "file://" | "file:/") => {}
            Some(prefix) => {
                let start = joined.len() - joined.trim_start_matches("./").len();
                joined = format!("{}/{}", prefix.trim_end_matches('/'), &joined[start..]);
            }
        }
        base = entry.uri_base_id.as_deref();
        if joined.len() > LONGEST_PATH {
            break;
        }
    }
    if joined.len() > LONGEST_PATH {
        return Target::Nothing;
    }
    classify(&joined, &run.roots)
}

/// Whether a cleaned path is absolute on any system.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || has_drive(path)
}

fn has_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'/' | b'\\')
}

fn scheme(uri: &str) -> Option<&str> {
    let (scheme, _) = uri.split_once(':')?;
    let mut letters = scheme.bytes();
    let starts = letters.next().is_some_and(|first| first.is_ascii_alphabetic());
    // One letter is a drive.
    (starts && scheme.len() > 1 && letters.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))).then_some(scheme)
}

fn has_scheme(uri: &str) -> bool {
    scheme(uri).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file") || is_elsewhere(scheme, uri))
}

/// A colon alone does not make a scheme: `a:b.py` is a file name that a tool did not escape.
fn is_elsewhere(scheme: &str, uri: &str) -> bool {
    uri[scheme.len()..].starts_with("://")
        || ["pkg", "docker", "oci", "urn", "data", "mailto", "jar"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
}

fn classify(uri: &str, roots: &[String]) -> Target {
    let path = match scheme(uri) {
        Some(file) if file.eq_ignore_ascii_case("file") => from_file_uri(&uri[file.len() + 1..]),
        Some(other) if is_elsewhere(other, uri) => return Target::Elsewhere(uri.to_owned()),
        _ => uri.to_owned(),
    };
    let slashed = path.replace('\\', "/");
    // A tool that does not encode may write a `%` of its own; what does not decode to UTF-8 is left alone.
    let decoded =
        percent_decode_str(&slashed).decode_utf8().map_or_else(|_| slashed.clone(), std::borrow::Cow::into_owned);
    let mut path = decoded.as_str();
    if let Some(drive) = path.strip_prefix('/').filter(|rest| has_drive(rest)) {
        path = drive;
    }
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    for root in roots {
        if let Some(rest) = path.strip_prefix(root.as_str()).and_then(|rest| rest.strip_prefix('/')) {
            path = rest;
            break;
        }
    }
    if path.is_empty() || path == "." { Target::Nothing } else { Target::File(path.to_owned()) }
}

/// What follows `file:`. An empty host and `localhost` are this machine; another host is a share.
fn from_file_uri(rest: &str) -> String {
    let Some(after) = rest.strip_prefix("//") else { return rest.to_owned() };
    if after.starts_with(['/', '\\']) || has_drive(after) {
        return after.to_owned();
    }
    match after.split_once('/') {
        Some((host, path)) if host.is_empty() || host.eq_ignore_ascii_case("localhost") => format!("/{path}"),
        _ => format!("//{after}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(uri: &str, base: Option<&str>) -> ArtifactLocation {
        ArtifactLocation { uri: Some(uri.to_owned()), uri_base_id: base.map(str::to_owned), index: None }
    }

    fn run(bases: &[(&str, Option<&str>, Option<&str>)]) -> RunFacts {
        let bases = bases.iter().map(|&(name, uri, base)| {
            let entry =
                ArtifactLocation { uri: uri.map(str::to_owned), uri_base_id: base.map(str::to_owned), index: None };
            (name.to_owned(), entry)
        });
        RunFacts { bases: bases.collect(), ..RunFacts::default() }
    }

    #[test]
    fn a_uri_becomes_the_path_a_person_would_write() {
        for (uri, path) in [
            ("src/a.py", "src/a.py"),
            ("./src/a.py", "src/a.py"),
            (".//./a.py", "a.py"),
            ("src/my%20file.py", "src/my file.py"),
            ("src/na%C3%AFve.py", "src/na\u{ef}ve.py"),
            ("100%.py", "100%.py"),
            ("bad%ff.py", "bad%ff.py"),
            ("src\\deep\\a.cs", "src/deep/a.cs"),
            ("C:\\src\\a.cs", "C:/src/a.cs"),
            ("C:/src/a.cs", "C:/src/a.cs"),
            ("file:///C:/src/a.cs", "C:/src/a.cs"),
            ("file:///c%3A/src/a.cs", "c:/src/a.cs"),
            ("file://C:/src/a.cs", "C:/src/a.cs"),
            ("file:///home/ci/a.py", "/home/ci/a.py"),
            ("file://localhost/home/ci/a.py", "/home/ci/a.py"),
            ("file://server/share/a.py", "//server/share/a.py"),
            ("file:/home/ci/a.py", "/home/ci/a.py"),
            ("../outside.py", "../outside.py"),
            ("src/../../outside.py", "src/../../outside.py"),
            ("odd:name.py", "odd:name.py"),
            ("C#/a.cs", "C#/a.cs"),
        ] {
            assert_eq!(target(&location(uri, None), &run(&[])), Target::File(path.to_owned()), "{uri}");
        }
    }

    #[test]
    fn what_is_no_file_is_told_apart() {
        for uri in ["https://shop.example/login", "pkg:npm/lodash@4.17.15", "docker://alpine"] {
            assert_eq!(
                target(&location(uri, Some("B")), &run(&[("B", Some("src/"), None)])),
                Target::Elsewhere(uri.into())
            );
        }
        for uri in ["", " ", ".", "./"] {
            assert_eq!(target(&location(uri, None), &run(&[])), Target::Nothing, "{uri:?}");
        }
    }

    #[test]
    fn bases_are_followed_to_their_end() {
        let bases = run(&[
            ("%SRCROOT%", None, None),
            ("SRC", Some("services/api/"), Some("%SRCROOT%")),
            ("ABS", Some("file:///home/ci/shop"), None),
            ("SUB", Some("./web/"), Some("ABS")),
            ("ROOTPATH", Some("file:///"), None),
            ("A", Some("a/"), Some("B")),
            ("B", Some("b/"), Some("A")),
        ]);
        for (base, path) in [
            ("%SRCROOT%", "x.py"),
            ("SRC", "services/api/x.py"),
            ("ABS", "/home/ci/shop/x.py"),
            ("SUB", "/home/ci/shop/web/x.py"),
            ("ROOTPATH", "x.py"),
            ("UNKNOWN", "x.py"),
        ] {
            assert_eq!(target(&location("./x.py", Some(base)), &bases), Target::File(path.into()), "{base}");
        }
        let Target::File(cycle) = target(&location("x.py", Some("A")), &bases) else { panic!("a path") };
        assert!(cycle.len() < 100, "a cycle is cut: {cycle}");
    }

    #[test]
    fn what_lies_in_the_root_named_by_provenance_is_relative_to_it() {
        let run = RunFacts { roots: vec!["/home/ci/shop".to_owned()], ..RunFacts::default() };
        assert_eq!(target(&location("file:///home/ci/shop/a.py", None), &run), Target::File("a.py".into()));
        assert_eq!(
            target(&location("/home/ci/shopping/a.py", None), &run),
            Target::File("/home/ci/shopping/a.py".into())
        );
    }
}
