//! Ruby: `Gemfile` and `Gemfile.lock`. A Gemfile is a program; only plain `gem "name", "range"` lines are read.

use std::collections::HashMap;
use std::ops::Range;

use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation, Token};

pub(super) fn gemfile(text: &str, manifest: &mut Manifest) {
    let mut start = 0;
    // Groups that are open, and whether each is for development only.
    let mut blocks: Vec<bool> = Vec::new();
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let said = line.trim_start();
        let is_block = said.trim_end().ends_with(" do") || said.contains(" do |");
        if said.starts_with('#') {
            continue;
        }
        if said.split_whitespace().next() == Some("end") {
            blocks.pop();
        } else if is_block {
            blocks.push(is_development(said) && said.starts_with("group"));
        } else if let Some(rest) = said.strip_prefix("gem").filter(|rest| rest.starts_with([' ', '(', '\t'])) {
            let from = at + (line.len() - said.len()) + (said.len() - rest.len());
            let is_development = blocks.contains(&true) || (rest.contains("group") && is_development(rest));
            let relation = if is_development { Relation::Development } else { Relation::Direct };
            if let Some(package) = gem(text, from..from + rest.trim_end().len(), relation) {
                manifest.push(package);
            }
        }
    }
}

fn is_development(said: &str) -> bool {
    (said.contains(":development") || said.contains(":test"))
        && !said.contains(":production")
        && !said.contains(":default")
}

/// `"name", "~> 1.2", ">= 1.2.3", require: false`
fn gem(text: &str, range: Range<usize>, relation: Relation) -> Option<Package> {
    let mut strings = quoted(text, range.clone());
    // A name that is computed is nobody's to read.
    let name = strings.next().filter(|name| text[range.start..name.start - 1].trim().trim_matches('(').is_empty())?;
    let mut versions: Option<Range<usize>> = None;
    let mut end = name.end;
    for string in strings {
        // Only what follows with nothing but a comma between is a version.
        let between = text.get(end + 1..string.start.checked_sub(1)?)?;
        let is_version = text[string.clone()].trim_start().starts_with(['~', '>', '<', '=', '!'])
            || text[string.clone()].starts_with(|c: char| c.is_ascii_digit());
        if !between.chars().all(|c| c == ',' || c == '[' || c.is_whitespace()) || !is_version {
            break;
        }
        end = string.end;
        versions = Some(versions.map_or(string.clone(), |known| known.start..string.end));
    }
    let rest = text.get(end..range.end).unwrap_or_default();
    let version = versions.map(|range| Token::of(text, range));
    let mut package = Package::new(Format::Gemfile, Token::of(text, name), version, relation);
    if ["git:", "github:", "path:", ":git ", ":path ", ":github "].iter().any(|word| rest.contains(word)) {
        package.pinned_by = Some("it is taken from a folder or a repository, not from the index");
    } else if package.version.is_none() {
        package.pinned_by = Some("no version is declared; `bundle update` chooses the newest");
    }
    Some(package)
}

/// Insides of the quoted texts, up to a comment.
fn quoted(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let rest = text.get(at..range.end)?;
        let open = rest.find(['"', '\'', '#'])?;
        let quote = rest[open..].chars().next().filter(|quote| *quote != '#')?;
        let start = at + open + 1;
        let len = text.get(start..range.end)?.find(quote)?;
        at = start + len + 1;
        Some(start..start + len)
    })
}

pub(super) fn lock(text: &str, manifest: &mut Manifest) {
    let mut section = "";
    let mut start = 0;
    let mut current = None;
    let mut wanted: Vec<(u32, &str)> = Vec::new();
    let mut declared: Vec<&str> = Vec::new();
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let said = line.trim();
        let indent = line.len() - line.trim_start_matches(' ').len();
        let name = said.split([' ', '(', '!']).next().unwrap_or("");
        match indent {
            0 => section = said,
            2 if section == "DEPENDENCIES" => declared.push(name),
            4 if matches!(section, "GEM" | "GIT" | "PATH") => {
                let from = at + indent;
                let version = said.find('(').zip(said.rfind(')')).filter(|(open, close)| open < close);
                let version = version.map(|(open, close)| Token::of(text, from + open + 1..from + close));
                let relation = if section == "PATH" { Relation::Own } else { Relation::Transitive };
                let token = Token::of(text, from..from + name.len());
                current = manifest.push(Package::new(Format::GemfileLock, token, version, relation));
            }
            6 => wanted.extend(current.map(|at| (at, name))),
            _ => {}
        }
    }
    let by_name: HashMap<String, u32> =
        (0..).zip(&manifest.packages).map(|(at, package)| (package.name.text.clone(), at)).collect();
    for (at, name) in wanted {
        manifest.packages[at as usize].needs.extend(by_name.get(name));
    }
    manifest.roots = declared.iter().filter_map(|name| Some((String::new(), *by_name.get(*name)?))).collect();
}
