//! A bundle keeps to the parts of `data` that it says are its own, and never to those of the built-in policy.

use serde_json::Value;

use super::syntax::Unit;
use super::{Error, Spot};
use crate::bundle::Module;

/// Where the built-in policy lives.
const BUILT_IN: [&str; 2] = ["aspm", "defaults"];

/// Modules and data lie under one of `roots` (`aspm/settings`, …); no roots, or an empty one: anywhere.
pub(crate) fn check_roots(origin: &str, units: &[Unit], data: &Value, roots: &[String]) -> Result<(), Error> {
    let roots: Vec<Vec<&str>> =
        roots.iter().map(|root| root.split('/').filter(|part| !part.is_empty()).collect()).collect();
    if roots.is_empty() || roots.iter().any(Vec::is_empty) {
        return Ok(());
    }
    let outside = |what: String| Error::Bundle {
        origin: origin.to_owned(),
        message: format!("{what} lies outside its manifest's roots: add the root, or move it"),
    };
    for unit in units {
        if !roots.iter().any(|root| starts_with(&unit.package, root)) {
            return Err(outside(format!("{}: package {}", unit.file, unit.package.join("."))));
        }
    }
    match stray(data, &mut Vec::new(), &roots) {
        None => Ok(()),
        Some(path) => Err(outside(format!("data.{path}"))),
    }
}

fn starts_with(path: &[String], start: &[&str]) -> bool {
    path.len() >= start.len() && path.iter().zip(start).all(|(part, wanted)| part == wanted)
}

/// The first path of `data` that is neither on the way to a root nor inside one.
fn stray<'a>(data: &'a Value, path: &mut Vec<&'a str>, roots: &[Vec<&str>]) -> Option<String> {
    if roots.iter().any(|root| path.len() >= root.len() && path[..root.len()] == root[..]) {
        return None;
    }
    let on_the_way = roots.iter().any(|root| root.len() > path.len() && root[..path.len()] == path[..]);
    match data {
        Value::Object(fields) if on_the_way => fields.iter().find_map(|(name, field)| {
            path.push(name);
            let found = stray(field, path, roots);
            path.pop();
            found
        }),
        Value::Null if path.is_empty() => None,
        _ => Some(path.join(".")),
    }
}

/// Nothing of the bundle takes the place of the built-in policy's building blocks.
pub(crate) fn check_shadowing(origin: &str, units: &[Unit], data: &Value, texts: &[Module]) -> Result<(), Error> {
    let message = "data.aspm.defaults is the built-in policy's: define data.aspm.verdict or data.aspm.gate instead, which may \
                   use it";
    for unit in units {
        let refused = |line: u32, rule: Option<String>| {
            let text = texts.iter().find(|module| module.path == unit.file).map_or("", |module| &module.text);
            let spot = Box::new(Spot::new(&unit.file, text, line, 1));
            Err(Error::Refused { origin: origin.to_owned(), spot, rule, message: message.to_owned() })
        };
        if starts_with(&unit.package, &BUILT_IN) {
            return refused(unit.line, None);
        }
        for rule in &unit.rules {
            let path = rule.path(unit);
            let within = starts_with(&path, &BUILT_IN)
                || (path.len() < 2 && path.iter().zip(BUILT_IN).all(|(part, own)| part == own));
            if within {
                return refused(rule.line, Some(path.join(".")));
            }
        }
    }
    if !data["aspm"]["defaults"].is_null() {
        return Err(Error::Bundle {
            origin: origin.to_owned(),
            message: format!("its data has aspm.defaults: {message}"),
        });
    }
    Ok(())
}

/// Data and rules do not give the same name two values: OPA refuses that, and neither side may win in silence.
pub(crate) fn check_data(origin: &str, units: &[Unit], data: &Value) -> Result<(), Error> {
    let conflict = |path: &[String], file: &str| Error::Bundle {
        origin: origin.to_owned(),
        message: format!("data.{} is defined both by its data and by {file}: remove one", path.join(".")),
    };
    if !(data["aspm"]["verdict"].is_null() && data["aspm"]["gate"].is_null()) {
        let message = "its data has aspm.verdict or aspm.gate, which are rules: remove them".to_owned();
        return Err(Error::Bundle { origin: origin.to_owned(), message });
    }
    for unit in units {
        for rule in &unit.rules {
            let path = rule.path(unit);
            let mut at = data;
            let covered = path.iter().all(|part| match at {
                Value::Object(fields) => fields.get(part).is_some_and(|field| {
                    at = field;
                    true
                }),
                // A value that is no object ends here: the rule would lie inside it.
                _ => true,
            });
            if covered && !at.is_null() {
                return Err(conflict(&path, &unit.file));
            }
        }
    }
    Ok(())
}
