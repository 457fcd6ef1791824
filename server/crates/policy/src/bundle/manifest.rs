//! `.manifest`: which state of the policy this is, and which parts of `data` it may define.

use super::document::Document;
use super::{Error, Manifest};

/// Where it lies in a bundle.
pub(super) const PATH: &str = ".manifest";

/// Reads what we use of a manifest; other keys are for other readers.
pub(super) fn read(document: &Document) -> Result<Manifest, Error> {
    let wrong = |why: String| Err(Error::file(PATH, why));
    let Document::Map(members) = document else {
        return wrong(format!("it is {}, and an object is expected", document.kind()));
    };
    // OPA's reader does not mind the case of these keys; one that did would miss what OPA obeys.
    for key in members.keys() {
        for known in ["revision", "roots", "metadata", "rego_version", "file_rego_versions"] {
            if key != known && key.eq_ignore_ascii_case(known) {
                return wrong(format!("write the key {key:?} as {known:?}"));
            }
        }
    }
    let revision = match members.get("revision") {
        None | Some(Document::Null) => None,
        Some(Document::Text(text)) if text.is_empty() => None,
        Some(Document::Text(text)) => Some(text.clone()),
        Some(other) => return wrong(format!("revision is {}, and a text is expected", other.kind())),
    };
    check_rego_version(members.get("rego_version"), members.get("file_rego_versions"))?;
    Ok(Manifest { revision, roots: roots(members.get("roots"))?, sequence: sequence(members.get("metadata"))? })
}

fn roots(declared: Option<&Document>) -> Result<Vec<String>, Error> {
    let items = match declared {
        None | Some(Document::Null) => return Ok(Vec::new()),
        Some(Document::List(items)) => items,
        Some(other) => {
            return Err(Error::file(PATH, format!("roots is {}, and a list of texts is expected", other.kind())));
        }
    };
    let mut roots = Vec::new();
    for item in items {
        let Document::Text(root) = item else {
            return Err(Error::file(PATH, format!("roots holds {}, and texts are expected", item.kind())));
        };
        roots.push(root.trim_matches('/').to_owned());
    }
    checked_roots(roots)
}

/// Roots without outer slashes; the one that is empty, which permits all, gives none.
pub(super) fn checked_roots(roots: Vec<String>) -> Result<Vec<String>, Error> {
    if roots.is_empty() {
        return Err(Error::file(PATH, "roots is an empty list, which permits nothing; leave it out to permit all"));
    }
    for (at, root) in roots.iter().enumerate() {
        for other in &roots[at + 1..] {
            if covers(root, other) || covers(other, root) {
                return Err(Error::file(PATH, format!("the roots {root:?} and {other:?} overlap; keep the wider one")));
            }
        }
    }
    Ok(if roots.iter().any(String::is_empty) { Vec::new() } else { roots })
}

/// Whether a root covers a path in `data`, segment by segment.
pub(super) fn covers(root: &str, path: &str) -> bool {
    root.is_empty() || path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn sequence(metadata: Option<&Document>) -> Result<Option<u64>, Error> {
    let Some(stated) = metadata.and_then(|it| it.get("aspm")).and_then(|it| it.get("sequence")) else {
        return Ok(None);
    };
    match stated {
        Document::Number(spelled) if spelled.bytes().all(|byte| byte.is_ascii_digit()) => spelled.parse().ok(),
        _ => None,
    }
    .map_or_else(
        || Err(Error::file(PATH, "metadata.aspm.sequence must be a whole number from 0, below 2^64")),
        |sequence| Ok(Some(sequence)),
    )
}

/// Only Rego v1 is evaluated. A bundle made for v0 would mean something else.
fn check_rego_version(bundle: Option<&Document>, files: Option<&Document>) -> Result<(), Error> {
    let is_one = |version: &Document| matches!(version, Document::Number(spelled) if spelled == "1");
    let all_one = match files {
        Some(Document::Map(files)) => files.values().all(is_one),
        None | Some(Document::Null) => true,
        Some(_) => false,
    };
    if all_one && bundle.is_none_or(|version| is_one(version) || *version == Document::Null) {
        return Ok(());
    }
    Err(Error::file(
        PATH,
        "it asks for another Rego than v1; migrate with `opa fmt --rego-v1` and set rego_version to 1",
    ))
}
