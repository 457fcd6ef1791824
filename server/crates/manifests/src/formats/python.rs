//! Python's TOML: `pyproject.toml` (PEP 621, dependency groups, Poetry, uv), `poetry.lock`, `uv.lock`.

use std::collections::HashMap;

use super::requirements::pep508;
use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation, Token};
use crate::read::table::{self, Table, Value};

const FORMAT: Format = Format::Pyproject;

pub(super) fn pyproject(text: &str, manifest: &mut Manifest) {
    let (document, notice) = table::read(text);
    manifest.notices.extend(notice);
    let Some(document) = document else { return };
    let root = document.root();
    if let Some(project) = root.table("project") {
        list(text, project.get("dependencies"), Relation::Direct, manifest);
        for (_, extra) in project.table("optional-dependencies").into_iter().flat_map(Table::members) {
            list(text, Some(extra), Relation::Direct, manifest);
        }
    }
    for (_, group) in root.table("dependency-groups").into_iter().flat_map(Table::members) {
        list(text, Some(group), Relation::Development, manifest);
    }
    list(text, root.below(&["build-system"]).and_then(|t| t.get("requires")), Relation::Development, manifest);
    if let Some(uv) = root.below(&["tool", "uv"]) {
        list(text, uv.get("dev-dependencies"), Relation::Development, manifest);
        list(text, uv.get("constraint-dependencies"), Relation::Managed, manifest);
        list(text, uv.get("override-dependencies"), Relation::Managed, manifest);
    }
    if let Some(poetry) = root.below(&["tool", "poetry"]) {
        poetry_table(poetry.table("dependencies"), Relation::Direct, manifest);
        poetry_table(poetry.table("dev-dependencies"), Relation::Development, manifest);
        for (_, group) in poetry.table("group").into_iter().flat_map(Table::members) {
            let dependencies = group.table().and_then(|group| group.table("dependencies"));
            poetry_table(dependencies, Relation::Development, manifest);
        }
    }
    manifest.packages.sort_by_key(|package| package.name.range.start);
}

/// A list of requirements by PEP 508.
fn list(text: &str, value: Option<Value<'_, '_>>, relation: Relation, manifest: &mut Manifest) {
    for token in value.into_iter().flat_map(Value::items).filter_map(Value::token) {
        // With escapes the places would not be those of the text.
        if token.range.len() == token.text.len()
            && let Some(package) = pep508(text, token.range, FORMAT)
        {
            manifest.push(Package { relation, ..package });
        }
    }
}

fn poetry_table(table: Option<Table<'_, '_>>, relation: Relation, manifest: &mut Manifest) {
    for (name, value) in table.into_iter().flat_map(Table::members) {
        if name.text == "python" {
            continue;
        }
        // Several entries for several Pythons: the first with a version stands for all.
        let first = value.items().next().unwrap_or(value);
        let version = first.token().or_else(|| first.table()?.get("version")?.token());
        let mut package = Package::new(FORMAT, name, version, relation);
        if package.version.is_none() {
            package.pinned_by = Some("it is taken from a folder, a repository or an address, not from the index");
        } else if value.items().nth(1).is_some() {
            package.pinned_by = Some("it is declared several times for several Pythons; change them by hand");
        }
        manifest.push(package);
    }
}

/// The key of a package, and its version where several are locked.
type Need = (String, Option<String>);

pub(super) fn lock(format: Format, text: &str, manifest: &mut Manifest) {
    let (document, notice) = table::read(text);
    manifest.notices.extend(notice);
    let Some(document) = document else { return };
    let ecosystem = format.ecosystem();
    let mut wanted: Vec<(u32, Vec<Need>)> = Vec::new();
    for package in document.root().get("package").into_iter().flat_map(Value::items).filter_map(Value::table) {
        let token = |name: &str| package.get(name).and_then(Value::token);
        let Some(name) = token("name") else { continue };
        let source = package.table("source");
        let is_own = format == Format::UvLock
            && source
                .is_some_and(|source| ["virtual", "editable", "directory"].iter().any(|k| source.get(k).is_some()));
        let relation = if is_own { Relation::Own } else { Relation::Transitive };
        let mut needs = Vec::new();
        if format == Format::PoetryLock {
            let table = package.table("dependencies");
            needs.extend(table.into_iter().flat_map(Table::members).map(|(name, _)| (ecosystem.key(&name.text), None)));
        } else {
            needs.extend(uv_needs(package.get("dependencies"), format));
            for group in ["optional-dependencies", "dev-dependencies"] {
                for (_, list) in package.table(group).into_iter().flat_map(Table::members).filter(|_| is_own) {
                    needs.extend(uv_needs(Some(list), format));
                }
            }
        }
        if let Some(at) = manifest.push(Package::new(format, name, token("version"), relation)) {
            wanted.push((at, needs));
        }
    }
    let mut by_key: HashMap<String, Vec<u32>> = HashMap::new();
    for (at, package) in (0..).zip(&manifest.packages) {
        by_key.entry(package.key.clone()).or_default().push(at);
    }
    for (at, needs) in wanted {
        let mut resolved = Vec::new();
        for (key, version) in needs {
            for need in by_key.get(&key).into_iter().flatten() {
                let said = manifest.packages[*need as usize].version.as_ref().map(|token: &Token| token.text.as_str());
                if version.is_none() || version.as_deref() == said {
                    resolved.push(*need);
                }
            }
        }
        if manifest.packages[at as usize].relation == Relation::Own {
            manifest.roots.extend(resolved.iter().map(|need| (String::new(), *need)));
        }
        manifest.packages[at as usize].needs = resolved;
    }
}

/// `{ name = "x", version = "1" }`: the version where several are locked.
fn uv_needs(list: Option<Value<'_, '_>>, format: Format) -> Vec<Need> {
    let need = |value: Value<'_, '_>| {
        let table = value.table()?;
        let text = |name: &str| table.get(name).and_then(Value::token).map(|token| token.text);
        Some((format.ecosystem().key(&text("name")?), text("version")))
    };
    list.into_iter().flat_map(Value::items).filter_map(need).collect()
}
