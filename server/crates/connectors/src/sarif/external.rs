//! External property files: parts of a run that the tool wrote to files of their own, beside the log.

use std::fs::File;

use super::cursor::External;
use super::discover;
use super::pull::Pull;
use super::rules::web_address;
use super::run::RunFacts;
use super::schema::Holds;

/// External files of one log that are opened.
const MOST: usize = 1_000;

/// A part of run number `run`.
pub(super) struct Part {
    pub(super) run: usize,
    /// Relative to the root.
    pub(super) name: String,
    pub(super) file: File,
}

/// The parts that could be opened.
pub(super) struct Parts {
    pub(super) files: Vec<Part>,
    /// No part that holds results is missing or was refused.
    pub(super) is_complete: bool,
}

/// Opens the files that the runs of `log` refer to. Only plain names in the log's own folder are followed; every name
/// that was looked for goes into `seen`, so that its change is noticed.
pub(super) fn open(pull: &Pull<'_>, log: &str, runs: &[RunFacts], seen: &mut Vec<External>) -> Parts {
    let mut parts = Parts { files: Vec::new(), is_complete: true };
    let folder = log.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    for (run, facts) in runs.iter().enumerate() {
        for (reference, holds) in facts.external.all() {
            let place = format!("{log}: runs[{run}].externalPropertyFileReferences");
            let uri = reference.location.as_deref().and_then(|location| location.uri.as_deref());
            if holds == Holds::Taxonomy && uri.is_some_and(|uri| web_address(uri).is_some()) {
                // The published list of weaknesses, which is known without asking the network.
                continue;
            }
            let refuse = match uri.map(plain_name) {
                None if reference.guid.is_some() => {
                    Some("refers to properties inside the log, which are not read".to_owned())
                }
                None => Some("names no file".to_owned()),
                Some(None) => Some("names a file that is not in the log's own folder, which was not opened".to_owned()),
                Some(Some(_)) if parts.files.len() >= MOST => Some(format!("names more than {MOST} files")),
                Some(Some(_)) => None,
            };
            let (Some(name), None) = (uri.and_then(plain_name), &refuse) else {
                pull.problem(&place, refuse.unwrap_or_default());
                parts.is_complete &= holds != Holds::Results;
                continue;
            };
            let name = format!("{folder}{name}");
            let opened = discover::open(pull.root, &name);
            if !seen.iter().any(|(known, _)| *known == name) {
                seen.push((name.clone(), opened.as_ref().ok().map(|(_, stamp)| stamp.clone())));
            }
            match opened {
                Ok((file, _)) => parts.files.push(Part { run, name, file }),
                Err(error) => {
                    pull.problem(&place, format!("names `{name}`, which cannot be opened: {error}"));
                    parts.is_complete &= holds != Holds::Results;
                }
            }
        }
    }
    parts
}

/// `uri` as the name of a file in the same folder; `None` when it leads anywhere else.
fn plain_name(uri: &str) -> Option<String> {
    let name = percent_encoding::percent_decode_str(uri.trim()).decode_utf8().ok()?;
    let name = name.strip_prefix("./").unwrap_or(&name);
    let is_plain =
        !name.is_empty() && !name.starts_with("..") && name != "." && !name.contains(['/', '\\', ':', '\0', '\n']);
    is_plain.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn only_plain_names_are_followed() {
        for (uri, name) in [
            ("a.sarif-external-properties", Some("a.sarif-external-properties")),
            ("./a%20b", Some("a b")),
            ("../a", None),
            ("%2e%2e/a", None),
            ("..%2fa", None),
            ("sub/a", None),
            ("/etc/passwd", None),
            ("file:///etc/passwd", None),
            ("c:a", None),
            ("a%0ab", None),
            ("..", None),
            ("", None),
        ] {
            assert_eq!(plain_name(uri).as_deref(), name, "{uri}");
        }
    }
}
