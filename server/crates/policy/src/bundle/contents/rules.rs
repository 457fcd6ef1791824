//! Code rules: files under `rules/` in a folder, texts under `data.aspm.rules` in a built bundle, one list either way.
//!
//! `opa build` keeps only Rego and data, so [`super::super::build`] moves the files into data, as an object of path to
//! text.

use std::collections::BTreeMap;

use super::super::Error;
use super::super::document::Document;

/// Where the rules lie in data.
pub(in super::super) const RULES_IN_DATA: [&str; 2] = ["aspm", "rules"];

/// Whether a file is a code rule, by its name. Data files are data wherever they are.
pub(super) fn is_rule_path(path: &str) -> bool {
    let is_kind = [".yml", ".yaml", ".toml"].iter().any(|end| path.ends_with(end));
    path.starts_with("rules/") && is_kind && !matches!(path.rsplit('/').next(), Some("data.yml" | "data.yaml"))
}

/// The rules of both forms. Those in data are taken out of it, so that Rego sees the same data either way.
pub(super) fn collect(files: BTreeMap<String, String>, data: &mut Document) -> Result<BTreeMap<String, String>, Error> {
    let mut rules = files;
    for (path, rule) in take(data)? {
        let Document::Text(text) = rule else {
            return Err(wrong(&format!("{path:?} is {}, and the text of a rule is expected", rule.kind())));
        };
        if !is_rule_path(&path) || super::super::raw::clean(path.as_bytes()).ok().as_ref() != Some(&path) {
            return Err(wrong(&format!("{path:?} is no path of a rule, such as rules/python/eval.yml")));
        }
        if rules.insert(path.clone(), text).is_some() {
            let first = path.clone();
            return Err(Error::Conflict { first, second: "data.aspm.rules".to_owned(), at: format!("/{path}") });
        }
    }
    Ok(rules)
}

fn take(data: &mut Document) -> Result<BTreeMap<String, Document>, Error> {
    let [outer, inner] = RULES_IN_DATA;
    let Document::Map(top) = data else { return Ok(BTreeMap::new()) };
    let Some(Document::Map(aspm)) = top.get_mut(outer) else { return Ok(BTreeMap::new()) };
    let Some(rules) = aspm.remove(inner) else { return Ok(BTreeMap::new()) };
    if aspm.is_empty() {
        top.remove(outer);
    }
    match rules {
        Document::Map(rules) => Ok(rules),
        other => Err(wrong(&format!("it is {}, and an object of path to text is expected", other.kind()))),
    }
}

fn wrong(why: &str) -> Error {
    Error::file("data.aspm.rules", why)
}
