//! `yarn.lock` of both formats, and `pnpm-lock.yaml`: written line by line by their tools.

use std::collections::HashMap;

use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation, Token};
use crate::read::indented::{self, Line};

/// Names of one head that are kept.
const MOST_NAMES: usize = 200;

/// A package's block while it is read.
struct Block {
    name: Token,
    version: Option<Token>,
    relation: Relation,
    /// What it is found by: `name@range`.
    descriptors: Vec<String>,
    needs: Vec<String>,
}

pub(super) fn lock(text: &str, manifest: &mut Manifest) {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_listing = false;
    for line in indented::lines(text) {
        if line.indent == 0 {
            is_listing = false;
            blocks.extend(head(&line));
            continue;
        }
        let Some(block) = blocks.last_mut() else { continue };
        match (line.indent, line.key) {
            (2, "version") if block.version.is_none() => {
                block.version = Some(Token::new(line.value, line.value_range));
            }
            (2, key) => is_listing = matches!(key, "dependencies" | "optionalDependencies" | "peerDependencies"),
            (4, name) if is_listing && !line.value.is_empty() => block.needs.push(format!("{name}@{}", line.value)),
            _ => {}
        }
    }
    let mut by_descriptor: HashMap<String, u32> = HashMap::new();
    let mut wanted = Vec::new();
    for block in blocks {
        if block.version.is_none() {
            manifest.notice(format!("{} has no version", block.name.text));
        }
        let package = Package::new(Format::YarnLock, block.name, block.version, block.relation);
        if let Some(at) = manifest.push(package) {
            for descriptor in block.descriptors {
                by_descriptor.insert(descriptor, at);
            }
            wanted.push((at, block.needs));
        }
    }
    for (at, needs) in wanted {
        let resolve = |need: &String| {
            // The second format writes `npm:` before a range.
            let bare = || need.split_once('@').map(|_| need.replacen("@npm:", "@", 1));
            by_descriptor.get(need).copied().or_else(|| by_descriptor.get(&bare()?).copied())
        };
        let needs: Vec<u32> = needs.iter().filter_map(resolve).collect();
        if manifest.packages[at as usize].relation == Relation::Own {
            manifest.roots.extend(needs.iter().map(|need| (String::new(), *need)));
        }
        manifest.packages[at as usize].needs = needs;
    }
}

/// `"a@^1", a@~1.2:` or `"a@npm:^1, a@npm:~1.2":`.
fn head(line: &Line<'_>) -> Option<Block> {
    if line.key == "__metadata" || !line.key.contains('@') {
        return None;
    }
    let descriptors: Vec<&str> = line
        .key
        .split(',')
        .map(|part| part.trim().trim_matches('"'))
        .filter(|part| !part.is_empty())
        .take(MOST_NAMES)
        .collect();
    let first = descriptors.first()?;
    let (name, range) = split(first)?;
    // An alias (`a@npm:other@^1`) is found by its own name and is another package.
    let (real, from) = match range.strip_prefix("npm:").and_then(split) {
        Some((other, _)) => (other, first.len() - range.len() + "npm:".len()),
        None => (name, 0),
    };
    let offset = line.key.find(first)? + from;
    let start = line.key_range.start + offset;
    let own = ["@workspace:", "@link:", "@portal:"].iter().any(|sign| first.contains(sign));
    Some(Block {
        name: Token::new(real, start..start + real.len()),
        version: None,
        relation: if own { Relation::Own } else { Relation::Transitive },
        descriptors: descriptors.iter().map(|text| text.replacen("@npm:", "@", 1)).collect(),
        needs: Vec::new(),
    })
}

/// Name and what stands behind the `@` that is not a scope's.
fn split(descriptor: &str) -> Option<(&str, &str)> {
    let at = descriptor.get(1..)?.find('@')? + 1;
    Some((&descriptor[..at], &descriptor[at + 1..]))
}

/// What part of a pnpm lock file a line is in.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Importers,
    Packages,
    Snapshots,
    Other,
}

/// A package of pnpm's: `name@version`, with what was chosen for its peers behind.
#[derive(Default)]
struct Needs {
    by_id: HashMap<String, u32>,
    of: Vec<(u32, String)>,
    roots: Vec<(String, String)>,
}

pub(super) fn pnpm(text: &str, manifest: &mut Manifest) {
    let mut found = Needs::default();
    let mut part = Part::Other;
    let mut importer = String::new();
    let mut current: Option<u32> = None;
    let (mut is_listing, mut listing_at) = (false, 0);
    let mut declared = String::new();
    for line in indented::lines(text) {
        if line.indent == 0 {
            part = match line.key {
                "importers" => Part::Importers,
                "packages" => Part::Packages,
                "snapshots" => Part::Snapshots,
                // Of a single project, before there were importers.
                "dependencies" | "devDependencies" | "optionalDependencies" => {
                    (is_listing, listing_at) = (true, 0);
                    Part::Importers
                }
                _ => Part::Other,
            };
            importer.clear();
            continue;
        }
        match part {
            Part::Importers => {
                if line.indent == 2 && listing_at == 0 && !is_listing {
                    folder(line.key).clone_into(&mut importer);
                } else if is_table(line.key) && line.value.is_empty() {
                    (is_listing, listing_at) = (true, line.indent);
                } else if line.indent <= listing_at && line.indent == 2 {
                    (is_listing, listing_at) = (false, 0);
                    folder(line.key).clone_into(&mut importer);
                } else if is_listing && line.indent == listing_at + 2 {
                    line.key.clone_into(&mut declared);
                    if !line.value.is_empty() {
                        found.roots.push((importer.clone(), id(line.key, line.value)));
                    }
                } else if is_listing && line.key == "version" {
                    found.roots.push((importer.clone(), id(&declared, line.value)));
                }
            }
            Part::Packages | Part::Snapshots if line.indent == 2 => {
                is_listing = false;
                current = package(&line, manifest, &mut found);
            }
            Part::Packages | Part::Snapshots if line.indent == 4 => is_listing = is_table(line.key),
            Part::Packages | Part::Snapshots if line.indent == 6 && is_listing => {
                if let Some(at) = current {
                    found.of.push((at, id(line.key, line.value)));
                }
            }
            _ => {}
        }
    }
    for (at, need) in &found.of {
        if let Some(need) = found.by_id.get(need) {
            manifest.packages[*at as usize].needs.push(*need);
        }
    }
    let roots = found.roots.into_iter().filter_map(|(importer, id)| Some((importer, *found.by_id.get(&id)?)));
    manifest.roots = roots.collect();
}

/// A project's folder; `.` is the lock file's own.
fn folder(key: &str) -> &str {
    key.trim_start_matches("./").trim_matches('.')
}

fn is_table(key: &str) -> bool {
    matches!(key, "dependencies" | "devDependencies" | "optionalDependencies")
}

/// `name@version` of a declared name and a version, which may name another package (`other@1.0`, `/other@1.0`).
fn id(name: &str, version: &str) -> String {
    let bare = without_peers(version);
    let path = bare.trim_start_matches('/');
    match split(path) {
        Some((other, version)) => format!("{other}@{version}"),
        // `/name/1.0.0`, as version 5 wrote it.
        None if bare.starts_with('/') => path.rsplit_once('/').map_or_else(String::new, |(n, v)| format!("{n}@{v}")),
        None => format!("{name}@{bare}"),
    }
}

/// `1.0.0(react@18.0.0)` and `1.0.0_react@18.0.0`: what was chosen for peers does not count.
fn without_peers(version: &str) -> &str {
    let version = version.split('(').next().unwrap_or(version);
    match version.split_once('_') {
        Some((bare, _))
            if bare.rsplit(['/', '@']).next().is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit())) =>
        {
            bare
        }
        _ => version,
    }
}

fn package(line: &Line<'_>, manifest: &mut Manifest, found: &mut Needs) -> Option<u32> {
    let whole = without_peers(line.key);
    let path = whole.trim_start_matches('/');
    let slash = whole.len() - path.len();
    let cut = split(path).map(|(name, _)| name.len()).or_else(|| path.rfind('/').filter(|_| slash > 0))?;
    let (name, version) = (&path[..cut], &path[cut + 1..]);
    let id = format!("{name}@{version}");
    if let Some(known) = found.by_id.get(&id) {
        return Some(*known);
    }
    // A snapshot of a package that the list above does not have is one all the same.
    let start = line.key_range.start + slash;
    let name = Token::new(name, start..start + cut);
    let version = Token::new(version, start + cut + 1..start + path.len());
    let at = manifest.push(Package::new(Format::PnpmLock, name, Some(version), Relation::Transitive))?;
    found.by_id.insert(id, at);
    Some(at)
}
