//! `go.mod`: requirements, replacements, and who is needed by others only.

use std::collections::HashMap;
use std::ops::Range;

use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation, Token};

pub(super) fn read(text: &str, manifest: &mut Manifest) {
    let mut block: Option<&str> = None;
    let mut start = 0;
    let mut replaced: HashMap<String, Package> = HashMap::new();
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let code = line.split("//").next().unwrap_or(line);
        let words = words_of(code, at);
        let Some(first) = words.first() else { continue };
        let first = &text[first.clone()];
        let (directive, rest) = match block {
            Some(_) if first == ")" => {
                block = None;
                continue;
            }
            Some(directive) => (directive, &words[..]),
            None if words.get(1).is_some_and(|word| &text[word.clone()] == "(") => {
                block = Some(first);
                continue;
            }
            None => (first, &words[1..]),
        };
        match (directive, rest) {
            ("require", [name, version, ..]) => {
                let is_indirect = line.contains("// indirect");
                let relation = if is_indirect { Relation::Transitive } else { Relation::Direct };
                manifest.push(package(text, name, Some(version), relation));
            }
            // Since Go 1.17 what others need is listed as well.
            ("go", [version, ..]) => {
                let mut numbers = text[version.clone()].split('.').map(|number| number.parse::<u32>().unwrap_or(0));
                manifest.names_all = (numbers.next(), numbers.next()) >= (Some(1), Some(17));
            }
            ("tool" | "module" | "go" | "toolchain" | "exclude" | "retract" | "godebug", _) => {}
            ("replace", rest) => {
                if let Some((name, package)) = replacement(text, rest) {
                    replaced.insert(name, package);
                }
            }
            _ => manifest.notice(format!("`{}` is not understood", code.trim().chars().take(60).collect::<String>())),
        }
    }
    // What is built is the replacement; the requirement says only that it is needed.
    for package in &mut manifest.packages {
        let Some(other) = replaced.get(&package.name.text) else { continue };
        if other.version.is_some() {
            let relation = package.relation;
            *package = Package { relation, ..other.clone() };
        } else {
            package.pinned_by = Some("it is replaced by a folder");
            package.version = None;
        }
    }
}

fn words_of(code: &str, at: usize) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut rest = code;
    let mut start = at;
    loop {
        let trimmed = rest.trim_start();
        start += rest.len() - trimmed.len();
        if trimmed.is_empty() {
            return words;
        }
        let len = trimmed.find(char::is_whitespace).unwrap_or(trimmed.len());
        words.push(start..start + len);
        start += len;
        rest = &trimmed[len..];
    }
}

/// A path may be quoted.
fn token(text: &str, range: &Range<usize>) -> Token {
    let raw = &text[range.clone()];
    let is_quoted = raw.len() >= 2 && raw.starts_with(['"', '`']) && raw.ends_with(['"', '`']);
    Token::of(text, if is_quoted { range.start + 1..range.end - 1 } else { range.clone() })
}

fn package(text: &str, name: &Range<usize>, version: Option<&Range<usize>>, relation: Relation) -> Package {
    Package::new(Format::GoMod, token(text, name), version.map(|range| token(text, range)), relation)
}

/// `old [version] => new [version]`.
fn replacement(text: &str, words: &[Range<usize>]) -> Option<(String, Package)> {
    let arrow = words.iter().position(|word| &text[word.clone()] == "=>")?;
    let old = token(text, words.first().filter(|_| arrow > 0)?).text;
    let new = words.get(arrow + 1)?;
    Some((old, package(text, new, words.get(arrow + 2), Relation::Managed)))
}
