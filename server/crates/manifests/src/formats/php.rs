//! PHP: `composer.json` and `composer.lock`.

use std::collections::HashMap;

use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation, Token};
use crate::read::json::{self, Text, Value};

fn token(text: &Text<'_>) -> Token {
    Token::new(text.text.as_ref(), text.range.clone())
}

/// What the machine has to have is no package.
fn is_platform(name: &str) -> bool {
    !name.contains('/')
}

pub(super) fn json(text: &str, manifest: &mut Manifest) {
    let (document, notice) = json::read(text);
    manifest.notices.extend(notice);
    for (table, relation) in [("require", Relation::Direct), ("require-dev", Relation::Development)] {
        for (name, range) in document.get(table).map_or(&[][..], Value::members) {
            if let Some(range) = range.text().filter(|_| !is_platform(&name.text)) {
                manifest.push(Package::new(Format::ComposerJson, token(name), Some(token(range)), relation));
            }
        }
    }
}

pub(super) fn lock(text: &str, manifest: &mut Manifest) {
    let (document, notice) = json::read(text);
    manifest.notices.extend(notice);
    let mut wanted: Vec<(u32, Vec<String>)> = Vec::new();
    let ecosystem = Format::ComposerLock.ecosystem();
    for table in ["packages", "packages-dev"] {
        for package in document.get(table).map_or(&[][..], Value::items) {
            let text = |name: &str| package.get(name).and_then(Value::text);
            let Some(name) = text("name") else { continue };
            let needs = package.get("require").map_or(&[][..], Value::members);
            let needs = needs.iter().map(|(name, _)| ecosystem.key(&name.text)).collect();
            let version = text("version").map(token);
            let found = Package::new(Format::ComposerLock, token(name), version, Relation::Transitive);
            wanted.extend(manifest.push(found).map(|at| (at, needs)));
        }
    }
    let by_key: HashMap<String, u32> =
        (0..).zip(&manifest.packages).map(|(at, package)| (package.key.clone(), at)).collect();
    for (at, needs) in wanted {
        manifest.packages[at as usize].needs = needs.iter().filter_map(|need| by_key.get(need).copied()).collect();
    }
}
