//! npm: `package.json` and `package-lock.json` (versions 1 to 3).

use std::collections::HashMap;

use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation, Token};
use crate::read::json::{self, Text, Value};

/// The parts of a `package.json` that declare packages.
pub(super) const TABLES: [(&str, Relation); 4] = [
    ("dependencies", Relation::Direct),
    ("devDependencies", Relation::Development),
    ("optionalDependencies", Relation::Direct),
    ("peerDependencies", Relation::Direct),
];

pub(super) fn package_json(text: &str, manifest: &mut Manifest) {
    let (document, notice) = json::read(text);
    manifest.notices.extend(notice);
    for (table, relation) in TABLES {
        for (name, range) in document.get(table).map_or(&[][..], Value::members) {
            if let Some(range) = range.text() {
                manifest.push(declared(name, range, relation));
            }
        }
    }
    for table in ["overrides", "resolutions"] {
        let pnpm = document.get("pnpm").and_then(|pnpm| pnpm.get(table));
        for (name, range) in document.get(table).or(pnpm).map_or(&[][..], Value::members) {
            // What an override says of the package itself, below its own name or under a dot.
            if let Some(range) = range.text().or_else(|| range.get(".").and_then(Value::text)) {
                manifest.push(declared(name, range, Relation::Managed));
            }
        }
    }
}

/// `"name": "range"`, where the range may name another package: `npm:other@^1`.
fn declared(name: &Text<'_>, range: &Text<'_>, relation: Relation) -> Package {
    let format = Format::PackageJson;
    let is_plain = range.range.len() == range.text.len();
    if let Some(rest) = range.text.strip_prefix("npm:").filter(|_| is_plain)
        && let Some(at) = rest.rfind('@').filter(|at| *at > 0)
    {
        let start = range.range.start + "npm:".len();
        let name = Token::new(&rest[..at], start..start + at);
        let version = Token::new(&rest[at + 1..], start + at + 1..range.range.end);
        return Package::new(format, name, Some(version), relation);
    }
    let mut package = Package::new(format, token(name), Some(token(range)), relation);
    if range.text.contains([':', '/']) {
        package.pinned_by = Some("it is taken from a folder, a workspace or an address, not from the registry");
    }
    package
}

fn token(text: &Text<'_>) -> Token {
    Token::new(text.text.as_ref(), text.range.clone())
}

/// A package of a lock file before its needs are resolved.
struct Entry<'v, 't> {
    /// `node_modules/a/node_modules/b`
    path: String,
    at: u32,
    needs: Vec<&'v Text<'t>>,
}

pub(super) fn package_lock(text: &str, manifest: &mut Manifest) {
    let (document, notice) = json::read(text);
    manifest.notices.extend(notice);
    let mut entries = Vec::new();
    let mut links: HashMap<String, String> = HashMap::new();
    match document.get("packages").map(Value::members) {
        Some(packages) if !packages.is_empty() => {
            for (path, package) in packages {
                of_packages(path, package, manifest, &mut entries, &mut links);
            }
        }
        _ => {
            let tree = document.get("dependencies").map_or(&[][..], Value::members);
            of_tree("", tree, manifest, &mut entries, 0);
        }
    }
    let by_path: HashMap<&str, u32> = entries.iter().map(|entry| (entry.path.as_str(), entry.at)).collect();
    let mut wanted = String::new();
    for entry in &entries {
        let mut needs = Vec::new();
        for name in &entry.needs {
            needs.extend(resolve(&entry.path, &name.text, &by_path, &links, &mut wanted));
        }
        let is_project = !entry.path.starts_with("node_modules/") && !entry.path.contains("/node_modules/");
        if is_project {
            manifest.roots.extend(needs.iter().map(|need| (entry.path.clone(), *need)));
        }
        if let Some(package) = manifest.packages.get_mut(entry.at as usize) {
            package.needs = needs;
        }
    }
}

fn needs_of<'v, 't>(package: &'v Value<'t>, tables: &[&str]) -> Vec<&'v Text<'t>> {
    tables.iter().flat_map(|table| package.get(table).map_or(&[][..], Value::members)).map(|(name, _)| name).collect()
}

/// An entry of `packages`, as npm writes it since version 7.
fn of_packages<'v, 't>(
    path: &Text<'t>,
    package: &'v Value<'t>,
    manifest: &mut Manifest,
    entries: &mut Vec<Entry<'v, 't>>,
    links: &mut HashMap<String, String>,
) {
    if package.get("link").is_some_and(|link| *link == Value::True) {
        let target = package.get("resolved").and_then(Value::text);
        links.extend(target.map(|target| (path.text.to_string(), target.text.to_string())));
        return;
    }
    let folder = "node_modules/";
    let of_path = path.text.rfind(folder).map(|at| at + folder.len());
    let named = package.get("name").and_then(Value::text);
    let (name, relation) = match (named, of_path) {
        // Installed under another name than its own.
        (Some(name), Some(_)) => (token(name), Relation::Transitive),
        (None, Some(at)) if path.range.len() == path.text.len() => {
            (Token::new(&path.text[at..], path.range.start + at..path.range.end), Relation::Transitive)
        }
        (None, Some(at)) => (Token::new(&path.text[at..], path.range.clone()), Relation::Transitive),
        (Some(name), None) => (token(name), Relation::Own),
        (None, None) => (Token::new("(root)", path.range.clone()), Relation::Own),
    };
    let version = package.get("version").and_then(Value::text).map(token);
    let tables: &[&str] = if relation == Relation::Own {
        &["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]
    } else {
        &["dependencies", "optionalDependencies", "peerDependencies"]
    };
    if let Some(at) = manifest.push(Package::new(Format::PackageLock, name, version, relation)) {
        entries.push(Entry { path: path.text.to_string(), at, needs: needs_of(package, tables) });
    }
}

/// The nested `dependencies` of version 1, which does not say what the project itself needs.
fn of_tree<'v, 't>(
    above: &str,
    tree: &'v [(Text<'t>, Value<'t>)],
    manifest: &mut Manifest,
    entries: &mut Vec<Entry<'v, 't>>,
    depth: usize,
) {
    for (name, package) in tree {
        let path = if above.is_empty() {
            format!("node_modules/{}", name.text)
        } else {
            format!("{above}/node_modules/{}", name.text)
        };
        let version = package.get("version").and_then(Value::text).map(token);
        let found = Package::new(Format::PackageLock, token(name), version, Relation::Transitive);
        if let Some(at) = manifest.push(found) {
            entries.push(Entry { path: path.clone(), at, needs: needs_of(package, &["requires"]) });
        }
        if depth < 32 {
            of_tree(&path, package.get("dependencies").map_or(&[][..], Value::members), manifest, entries, depth + 1);
        }
    }
}

/// The package that `name` means for what lies at `path`: the nearest upwards, as Node looks.
fn resolve(
    path: &str,
    name: &str,
    by_path: &HashMap<&str, u32>,
    links: &HashMap<String, String>,
    wanted: &mut String,
) -> Option<u32> {
    let mut here = path;
    loop {
        if here != "node_modules" && !here.ends_with("/node_modules") {
            wanted.clear();
            wanted.push_str(here);
            if !here.is_empty() {
                wanted.push('/');
            }
            wanted.push_str("node_modules/");
            wanted.push_str(name);
            let target = links.get(wanted.as_str()).map_or(wanted.as_str(), String::as_str);
            if let Some(found) = by_path.get(target) {
                return Some(*found);
            }
        }
        if here.is_empty() {
            return None;
        }
        here = here.rsplit_once('/').map_or("", |(up, _)| up);
    }
}
