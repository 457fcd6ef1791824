//! From a folder to the archive that is published: Rego as it is, all data in one file, code rules in data, signed.
//!
//! The same input gives the same bytes (but for signatures that are random by nature: PS256 to PS512 and ES512).

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::contents::{self, RULES_IN_DATA};
use super::document::Document;
use super::keys::SigningKey;
use super::{Error, Raw, manifest, signature};

/// What the built manifest says, where the folder's own says otherwise or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overrides {
    /// What the makers call this state, such as a commit.
    pub revision: Option<String>,
    /// The parts of `data` that the bundle may define.
    pub roots: Option<Vec<String>>,
    /// `metadata.aspm.sequence`: never lower than in the bundle before.
    pub sequence: Option<u64>,
}

/// Makes a `.tar.gz` of a folder. As `opa build` does, it keeps Rego (tests too) and data and drops all else, an old
/// signature included; code rules under `rules/` become data at `aspm.rules`, where every reader of the bundle finds
/// them.
pub fn build(folder: &Raw, overrides: &Overrides, key: Option<&SigningKey>) -> Result<Vec<u8>, Error> {
    let contents = contents::read(folder)?;
    let manifest = built_manifest(contents.manifest_document, overrides)?;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    files.push(("data.json".to_owned(), with_rules(contents.data, contents.rules)?.canonical()));
    files.push((manifest::PATH.to_owned(), manifest.canonical()));
    files.extend(contents.modules.into_iter().map(|module| (module.path, module.text.into_bytes())));
    let mut built = Raw::from_files(files)?;
    // What is published must be readable, and its roots permit what it holds.
    contents::read(&built)?;
    if let Some(key) = key {
        let signatures = signature::make(&built, key)?;
        built.add(signature::PATH.as_bytes(), signatures)?;
    }
    pack(&built)
}

fn built_manifest(own: Option<Document>, overrides: &Overrides) -> Result<Document, Error> {
    let mut members = match own {
        Some(Document::Map(members)) => members,
        _ => BTreeMap::new(),
    };
    if let Some(revision) = &overrides.revision {
        members.insert("revision".to_owned(), Document::Text(revision.clone()));
    }
    if let Some(roots) = &overrides.roots {
        manifest::checked_roots(roots.iter().map(|root| root.trim_matches('/').to_owned()).collect())?;
        let roots = roots.iter().cloned().map(Document::Text).collect();
        members.insert("roots".to_owned(), Document::List(roots));
    }
    if let Some(sequence) = overrides.sequence {
        let metadata = member(&mut members, "metadata")?;
        member(metadata, "aspm")?.insert("sequence".to_owned(), Document::Number(sequence.to_string()));
    }
    // OPA before version 1 takes Rego for v0 unless it is told.
    members.entry("rego_version".to_owned()).or_insert_with(|| Document::Number("1".to_owned()));
    Ok(Document::Map(members))
}

/// An object inside an object, made if it is not there.
fn member<'m>(
    members: &'m mut BTreeMap<String, Document>,
    name: &str,
) -> Result<&'m mut BTreeMap<String, Document>, Error> {
    match members.entry(name.to_owned()).or_insert_with(|| Document::Map(BTreeMap::new())) {
        Document::Map(inner) => Ok(inner),
        other => Err(Error::file(manifest::PATH, format!("{name} is {}, and an object is expected", other.kind()))),
    }
}

fn with_rules(mut data: Document, rules: BTreeMap<String, String>) -> Result<Document, Error> {
    if let (Document::Map(top), false) = (&mut data, rules.is_empty()) {
        let [outer, inner] = RULES_IN_DATA;
        let aspm = match top.entry(outer.to_owned()).or_insert_with(|| Document::Map(BTreeMap::new())) {
            Document::Map(aspm) => aspm,
            other => {
                let why = format!("it is {}, and the code rules of the folder go below it", other.kind());
                return Err(Error::file("data.aspm", why));
            }
        };
        let rules = rules.into_iter().map(|(path, text)| (path, Document::Text(text))).collect();
        aspm.insert(inner.to_owned(), Document::Map(rules));
    }
    Ok(data)
}

/// A gzipped tar archive without anything of the machine or the moment in it.
fn pack(raw: &Raw) -> Result<Vec<u8>, Error> {
    let failed = |error: std::io::Error| Error::Archive(format!("it could not be written ({error})"));
    let mut tar = Builder::new(Vec::new());
    for (path, content) in raw.iter() {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        tar.append_data(&mut header, path, content).map_err(failed)?;
    }
    let tar = tar.into_inner().map_err(failed)?;
    let mut gzip = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    gzip.write_all(&tar).map_err(failed)?;
    gzip.finish().map_err(failed)
}
