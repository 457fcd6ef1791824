//! Maven: `pom.xml`, with its properties and its `dependencyManagement`.

use std::collections::HashMap;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation, Token};

/// Elements in each other that are followed.
const MOST_DEEP: usize = 64;

/// A `<dependency>` or `<parent>` while it is read.
#[derive(Default)]
struct Entry {
    group: Option<Token>,
    artifact: Option<Token>,
    version: Option<Token>,
    is_test: bool,
}

#[derive(Default)]
struct Pom {
    properties: HashMap<String, Token>,
    project: Entry,
    entries: Vec<(Entry, Relation)>,
}

pub(super) fn read(text: &str, manifest: &mut Manifest) {
    let pom = elements(text, manifest);
    for (entry, relation) in &pom.entries {
        if let Some(package) = package(text, entry, *relation, &pom) {
            manifest.push(package);
        }
    }
    manifest.definitions = pom.properties;
}

fn elements(text: &str, manifest: &mut Manifest) -> Pom {
    let mut pom = Pom::default();
    let mut path: Vec<String> = Vec::new();
    let mut entry = Entry::default();
    let mut said: Option<Range<usize>> = None;
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    loop {
        let start = position(&reader, text);
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let line = crate::read::line(text, start);
                manifest.notice(format!("line {line}: {error}; what comes behind is not read"));
                return pom;
            }
        };
        match event {
            Event::Start(element) => {
                let name = String::from_utf8_lossy(element.local_name().as_ref()).into_owned();
                if matches!(name.as_str(), "dependency" | "parent") {
                    entry = Entry::default();
                }
                if path.len() >= MOST_DEEP {
                    manifest.notice("elements lie too deep in each other");
                    return pom;
                }
                path.push(name);
                said = None;
            }
            Event::Text(_) | Event::CData(_) => {
                let end = position(&reader, text);
                said.get_or_insert(start..end).end = end;
            }
            Event::End(element) => {
                let name = String::from_utf8_lossy(element.local_name().as_ref()).into_owned();
                // A tag that somebody has not closed yet is closed by the one around it.
                while path.last().is_some_and(|last| *last != name) && path.contains(&name) {
                    path.pop();
                }
                let token = said.take().and_then(|range| trimmed(text, range));
                end(&path, token, &mut entry, &mut pom);
                if path.last() == Some(&name) {
                    path.pop();
                }
            }
            Event::Eof => {
                if !path.is_empty() {
                    manifest.notice(format!("<{}> does not end", path[path.len() - 1]));
                }
                return pom;
            }
            _ => {}
        }
    }
}

fn position(reader: &Reader<&[u8]>, text: &str) -> usize {
    usize::try_from(reader.buffer_position()).map_or(text.len(), |at| at.min(text.len()))
}

fn trimmed(text: &str, range: Range<usize>) -> Option<Token> {
    let raw = text.get(range.clone())?;
    let start = range.start + (raw.len() - raw.trim_start().len());
    let said = raw.trim();
    (!said.is_empty()).then(|| Token::new(said, start..start + said.len()))
}

/// What the end of the innermost element of `path` says.
fn end(path: &[String], token: Option<Token>, entry: &mut Entry, pom: &mut Pom) {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    match names.as_slice() {
        [.., "properties", name] => {
            pom.properties.extend(token.map(|token| ((*name).to_owned(), token)));
        }
        ["project", "groupId"] => pom.project.group = token,
        ["project", "artifactId"] => pom.project.artifact = token,
        ["project", "version"] => pom.project.version = token,
        [.., "dependency" | "parent", "groupId"] => entry.group = token,
        [.., "dependency" | "parent", "artifactId"] => entry.artifact = token,
        [.., "dependency" | "parent", "version"] => entry.version = token,
        [.., "dependency", "scope"] => entry.is_test = token.is_some_and(|token| token.text == "test"),
        [.., "dependencies", "dependency"] => {
            let relation = if names.contains(&"dependencyManagement") {
                Relation::Managed
            } else if entry.is_test || names.contains(&"plugin") {
                Relation::Development
            } else {
                Relation::Direct
            };
            pom.entries.push((std::mem::take(entry), relation));
        }
        ["project", "parent"] => {
            // A module has its parent's group where it names none of its own.
            let parent = std::mem::take(entry);
            pom.project.group = pom.project.group.take().or_else(|| parent.group.clone());
            pom.project.version = pom.project.version.take().or_else(|| parent.version.clone());
            pom.entries.push((parent, Relation::Direct));
        }
        _ => {}
    }
}

fn package(text: &str, entry: &Entry, relation: Relation, pom: &Pom) -> Option<Package> {
    let artifact = entry.artifact.as_ref()?;
    let group = entry.group.as_ref().map(|token| resolved(&token.text, pom)).unwrap_or_default();
    let name = Token::new(format!("{group}:{}", resolved(&artifact.text, pom)), artifact.range.clone());
    let mut package = Package::new(Format::Pom, name, entry.version.clone(), relation);
    match entry.version.as_ref().and_then(|token| property(&token.text)) {
        Some(name) => match definition(name, pom, 0) {
            Some(token) if text.get(token.range.clone()) == Some(token.text.as_str()) => {
                package.definition = Some(token);
            }
            _ => package.pinned_by = Some("its version is a property that another file defines"),
        },
        None if package.version.is_none() => {
            package.pinned_by = Some("its version comes from dependencyManagement or a parent");
        }
        None => {}
    }
    Some(package)
}

/// The name in `${name}`, when that is all.
pub(crate) fn property(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}').filter(|name| !name.contains(['$', '{', '}']))
}

/// Where a property is written at last; properties may name others.
fn definition(name: &str, pom: &Pom, depth: usize) -> Option<Token> {
    let found = match name {
        "project.version" | "version" | "pom.version" => pom.project.version.clone(),
        "project.parent.version" => None,
        name => pom.properties.get(name).cloned(),
    }?;
    match property(&found.text) {
        Some(next) if depth < 8 => definition(next, pom, depth + 1),
        Some(_) => None,
        None => Some(found),
    }
}

fn resolved(text: &str, pom: &Pom) -> String {
    let Some(name) = property(text) else { return text.to_owned() };
    let project = match name {
        "project.groupId" | "groupId" | "pom.groupId" => pom.project.group.clone(),
        "project.artifactId" => pom.project.artifact.clone(),
        name => definition(name, pom, 0),
    };
    project.map_or_else(|| text.to_owned(), |token| token.text)
}
