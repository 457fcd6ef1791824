//! What the files of a bundle say: modules, data, manifest and code rules, each held to the manifest's roots.

mod data;
mod rules;

use std::collections::BTreeMap;

pub(super) use rules::RULES_IN_DATA;

use super::document::{Document, from_json, from_yaml};
use super::{Error, Manifest, Module, Raw, manifest, package, signature};

/// A bundle as parsed, its data still in the spelling of the files.
pub(super) struct Contents {
    /// Rego, in order of path.
    pub(super) modules: Vec<Module>,
    /// All data files merged, without the code rules.
    pub(super) data: Document,
    /// What we use of the manifest.
    pub(super) manifest: Manifest,
    /// The manifest whole.
    pub(super) manifest_document: Option<Document>,
    /// Code rules, path to text.
    pub(super) rules: BTreeMap<String, String>,
}

/// Reads every file. Files of no known kind mean nothing here (a signature covers them all the same).
pub(super) fn read(raw: &Raw) -> Result<Contents, Error> {
    let mut modules = Vec::new();
    let mut tree = data::Tree::default();
    let mut manifest_document = None;
    let mut rule_files = BTreeMap::new();
    for (path, content) in raw.iter() {
        match kind(path)? {
            Kind::Manifest => manifest_document = Some(from_json(content).map_err(|why| Error::file(path, why))?),
            Kind::Rego => modules.push(Module { path: path.to_owned(), text: text(path, content)? }),
            Kind::Json => tree.add(path, from_json(content).map_err(|why| Error::file(path, why))?)?,
            Kind::Yaml => tree.add(path, from_yaml(content).map_err(|why| Error::file(path, why))?)?,
            Kind::Rule => drop(rule_files.insert(path.to_owned(), text(path, content)?)),
            Kind::Signatures | Kind::Other => {}
        }
    }
    let manifest = manifest_document.as_ref().map_or(Ok(Manifest::default()), manifest::read)?;
    tree.hold_to(&manifest.roots)?;
    for module in &modules {
        hold_module_to(&manifest.roots, module)?;
    }
    let mut data = tree.into_document();
    let rules = rules::collect(rule_files, &mut data)?;
    Ok(Contents { modules, data, manifest, manifest_document, rules })
}

/// What a file is, by its name.
enum Kind {
    Manifest,
    Signatures,
    Rego,
    Json,
    Yaml,
    Rule,
    Other,
}

fn kind(path: &str) -> Result<Kind, Error> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Ok(match name {
        _ if path == manifest::PATH => Kind::Manifest,
        _ if path == signature::PATH => Kind::Signatures,
        // OPA takes files of such names for the manifest or the signatures wherever they are, and so would see another
        // bundle than we do.
        _ if path.ends_with(".manifest") => return Err(Error::file(path, "a bundle has one manifest, at its top")),
        _ if path.ends_with("signatures.json") => {
            return Err(Error::file(
                path,
                "a bundle has one .signatures.json, at its top; give this file another name",
            ));
        }
        "patch.json" => return Err(Error::file(path, "delta bundles are not understood; publish the whole bundle")),
        "data.json" => Kind::Json,
        "data.yaml" | "data.yml" => Kind::Yaml,
        _ if name.strip_suffix(".rego").is_some() => Kind::Rego,
        _ if rules::is_rule_path(path) => Kind::Rule,
        _ => Kind::Other,
    })
}

fn text(path: &str, content: &[u8]) -> Result<String, Error> {
    match std::str::from_utf8(content) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(Error::file(path, format!("it is not UTF-8 (byte {})", error.valid_up_to()))),
    }
}

fn hold_module_to(roots: &[String], module: &Module) -> Result<(), Error> {
    if roots.is_empty() {
        return Ok(());
    }
    let Some(package) = package::path(&module.text) else {
        return Err(Error::file(&module.path, "it has no package clause that can be held to the roots of .manifest"));
    };
    if roots.iter().any(|root| manifest::covers(root, &package)) {
        return Ok(());
    }
    let what = format!("the package {}", package.replace('/', "."));
    Err(Error::OutsideRoots { path: module.path.clone(), what, roots: roots.join(", ") })
}
