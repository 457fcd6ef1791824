//! Cargo: `Cargo.toml` and `Cargo.lock`.

use std::collections::HashMap;

use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation, Token};
use crate::read::table::{self, Table, Value};

const TABLES: [(&str, Relation); 6] = [
    ("dependencies", Relation::Direct),
    ("dev-dependencies", Relation::Development),
    ("dev_dependencies", Relation::Development),
    ("build-dependencies", Relation::Development),
    ("build_dependencies", Relation::Development),
    ("replace", Relation::Managed),
];

pub(super) fn manifest(text: &str, manifest: &mut Manifest) {
    let (document, notice) = table::read(text);
    manifest.notices.extend(notice);
    let Some(document) = document else { return };
    let root = document.root();
    tables(root, manifest);
    if let Some(targets) = root.table("target") {
        for (_, target) in targets.members() {
            if let Some(target) = target.table() {
                tables(target, manifest);
            }
        }
    }
    if let Some(shared) = root.below(&["workspace", "dependencies"]) {
        for (name, value) in shared.members() {
            manifest.push(declared(name, value, Relation::Managed));
        }
    }
    manifest.packages.sort_by_key(|package| package.name.range.start);
}

fn tables(table: Table<'_, '_>, manifest: &mut Manifest) {
    for (name, relation) in TABLES {
        for (name, value) in table.table(name).into_iter().flat_map(Table::members) {
            manifest.push(declared(name, value, relation));
        }
    }
}

fn declared(name: Token, value: Value<'_, '_>, relation: Relation) -> Package {
    let of = |name, version| Package::new(Format::CargoToml, name, version, relation);
    if let Some(version) = value.token() {
        return of(name, Some(version));
    }
    let Some(table) = value.table() else { return of(name, None) };
    let token = |name: &str| table.get(name).and_then(Value::token);
    let mut package = of(token("package").unwrap_or(name), token("version"));
    if package.version.is_none() {
        package.pinned_by = Some(if table.get("workspace").is_some_and(Value::is_true) {
            "its version is the workspace's"
        } else {
            "it is taken from a folder or a repository, not from the registry"
        });
    }
    package
}

pub(super) fn lock(text: &str, manifest: &mut Manifest) {
    let (document, notice) = table::read(text);
    manifest.notices.extend(notice);
    let Some(document) = document else { return };
    let mut wanted: Vec<(u32, Vec<String>)> = Vec::new();
    for package in document.root().get("package").into_iter().flat_map(Value::items).filter_map(Value::table) {
        let token = |name: &str| package.get(name).and_then(Value::token);
        let Some(name) = token("name") else { continue };
        let relation = if package.get("source").is_some() { Relation::Transitive } else { Relation::Own };
        let found = Package::new(Format::CargoLock, name, token("version"), relation);
        let needs = package.get("dependencies").into_iter().flat_map(Value::items);
        if let Some(at) = manifest.push(found) {
            wanted.push((at, needs.filter_map(Value::token).map(|need| need.text).collect()));
        }
    }
    let mut by_name: HashMap<&str, Vec<u32>> = HashMap::new();
    for (at, package) in (0..).zip(&manifest.packages) {
        by_name.entry(&package.name.text).or_default().push(at);
    }
    let version = |at: u32| manifest.packages[at as usize].stated();
    let resolve = |need: &String| -> Option<u32> {
        let mut words = need.split(' ');
        let of_name = by_name.get(words.next()?)?;
        match words.next() {
            None => of_name.first().copied(),
            Some(wanted) => of_name.iter().copied().find(|at| version(*at) == Some(wanted)),
        }
    };
    let resolved: Vec<(u32, Vec<u32>)> =
        wanted.iter().map(|(at, needs)| (*at, needs.iter().filter_map(resolve).collect())).collect();
    for (at, needs) in resolved {
        if let Some(package) = manifest.packages.get_mut(at as usize) {
            if package.relation == Relation::Own {
                manifest.roots.extend(needs.iter().map(|need| (String::new(), *need)));
            }
            package.needs = needs;
        }
    }
}
